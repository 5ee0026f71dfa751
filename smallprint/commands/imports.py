"""The command import: takes in what Open Terms Archive has published."""

from __future__ import annotations

from pathlib import Path

import click

from smallprint.commands.options import config_option, settings_of
from smallprint.terminal import console, safe

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group("import")
def import_command() -> None:
    """Take in declarations of Open Terms Archive."""


@import_command.command("ota-declarations")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--into", type=FOLDER, help="Folder to write to.  [default: the first of 'declarations' in the settings]")
@config_option
def import_declarations(path: Path, into: Path | None, config: Path | None) -> None:
    """Turn the service declarations in PATH (a declarations repository or a folder of JSON files) into ours.

    What cannot be taken over is named, document by document. Your own files are never overwritten.
    """
    from crawler.ota_declarations import import_folder

    report = import_folder(path, into or _own_folder(config))
    out = console()
    for words, lines in (
        ("not taken", report.refused),
        ("taken without its filter, which is JavaScript", report.without_filter),
        ("yours kept, it differs", report.kept),
    ):
        for line in lines:
            out.print(safe(f"{words}: {line}"))
    out.print(f"{len(report.written)} services written, {len(report.unchanged)} already there.")


def _own_folder(config: Path | None) -> Path:
    """Where the operator's declarations lie."""
    own = settings_of(config, None)
    if not own.declarations:
        raise click.UsageError(
            "name a folder: --into FOLDER, or 'declarations = [\"declarations\"]' in smallprint.toml"
        )
    return own.declarations[0]
