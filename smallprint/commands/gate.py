"""The command gate: what was decided, about a document over time or about all of them, and what waits."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from archive import decisions, store
from archive.decisions import Decided
from archive.rows import Row
from smallprint.commands.options import archive_of, archive_option, config_option, json_option
from smallprint.explained import folded, short, told
from smallprint.terminal import console, print_indented, print_table, safe

History = list[tuple[Row, list[Decided]]]


@click.command("gate")
@click.option("--explain", metavar="DOCUMENT", help='Tell each decision about "SERVICE, TYPE", or a document\'s id.')
@click.option("--all", "everything", is_flag=True, help="With --explain: fold nothing.")
@config_option
@archive_option
@json_option
def gate_command(
    explain: str | None, everything: bool, config: Path | None, archive: Path | None, as_json: bool
) -> None:
    """Tell what was decided about changes, and what waits to be looked at again.

    With --explain "LinkedIn, Privacy Policy", list every decision about this document, oldest first: when, why, what
    the new text was compared with, and what of it was news. Times are UTC.
    """
    with store.reading(archive_of(config, archive)) as db:
        if explain is None:
            summary = {"decisions": decisions.counts(db), "waiting": decisions.waiting(db)}
        else:
            history = [(row, decisions.of_document(db, row["document_id"])) for row in decisions.records(db, explain)]
    if as_json:
        data = summary if explain is None else _as_data(history)
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    elif explain is None:
        _print_summary(summary)
    else:
        _print_history(history, everything)


def _as_data(history: History) -> list[Row]:
    return [record | {"changes": [asdict(one) for one in changes]} for record, changes in history]


def _print_history(history: History, everything: bool) -> None:
    """Each record of the document under a line of its own."""
    out = console()
    for record, changes in history:
        source = f"recorded by {record['origin']}" if record["origin"] else "fetched by us"
        number = f"{len(changes)} change{'' if len(changes) == 1 else 's'}"
        out.print(safe(f"{record['document']} (document {record['document_id']}, {source}): {number}"), style="bold")
        out.print()
        for alike in [[one] for one in changes] if everything else folded(changes):
            head, *lines = told(alike)
            out.print(safe(head), style="bold")
            for line in lines:
                print_indented(out, 4, Text(safe(line)))
            out.print()


def _print_summary(summary: dict[str, Any]) -> None:
    out, waiting = console(), summary["waiting"]
    if not summary["decisions"]:
        out.print("Nothing is decided yet.")
        return
    print_table([{"decision": name, "changes": n} for name, n in summary["decisions"].items()], ("decision", "changes"))
    out.print()
    if waiting:
        rows = [row | {"waits_until": short(row["held_until"]), "change": row["change_id"]} for row in waiting]
        print_table(rows, ("waits_until", "decision", "change", "document"))
    else:
        out.print("No change waits.")
