"""The command schema."""

from __future__ import annotations

import click

from archive.described import schema


@click.command("schema")
def schema_command() -> None:
    """Print the archive's schema as Markdown: each table and view with its comment and its SQL.

    docs/schema.md is what this prints.
    """
    click.echo(schema(), nl=False)
