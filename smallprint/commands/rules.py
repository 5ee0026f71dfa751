"""The command rules."""

from __future__ import annotations

import click

from archive.places import RULES


@click.command("rules")
def rules_command() -> None:
    """Print what is looked for, as Markdown: each rule with its phrases and examples, and the word groups.

    docs/rules.md is what this prints.
    """
    from diffing import rule_page, rules

    rules.load(RULES)
    click.echo(rule_page.page(RULES), nl=False)
