"""The command compare: two files, their redline and flags, without an archive."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from archive.changes import Pending, Verdict, outlined
from archive.errors import SmallprintError
from archive.languages import marked
from archive.places import RULES
from archive.recording import text_hash, word_count
from archive.severity import severity
from archive.words import Edit, Passage, Reading
from smallprint.commands.options import FILE, json_option
from smallprint.terminal import console, print_edit, safe

SERVICE = "The service"  # files do not tell whose they are
TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".md": "text/markdown",
    ".txt": "text/plain",
    ".pdf": "application/pdf",
}


@click.command("compare")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@json_option
def compare_command(old: Path, new: Path, as_json: bool) -> None:
    """Compare two files (html, md, txt, pdf): what changed from OLD to NEW, and what of it is flagged.

    Needs no archive and no settings.
    """
    from diffing import rules, run
    from diffing.readings import Readings

    readings = Readings(rules.load(RULES))
    verdict = run.judge(_pending(_read(old), _read(new)), readings)
    not_read = readings.not_read(verdict.language or "")
    if as_json:
        click.echo(json.dumps(_as_json(verdict) | {"not_read": not_read}, ensure_ascii=False, indent=2))
    else:
        _print(verdict, not_read)


def _read(path: Path) -> list[Passage]:
    from crawler.declaration import Source
    from crawler.extraction import extract

    if path.suffix.lower() not in TYPES:
        raise SmallprintError(f"{path}: this kind of file cannot be compared; known are {', '.join(TYPES)}")
    try:
        return extract(path.read_bytes(), TYPES[path.suffix.lower()], Source(""))
    except OSError as error:
        raise SmallprintError(f"{path}: cannot be read ({error.strerror})") from error
    except SmallprintError as error:
        raise SmallprintError(f"{path}: {error}") from error


def _pending(before: list[Passage], after: list[Passage]) -> Pending:
    """The two files as if they were two versions of one document, the second seen today."""
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    words = word_count(before), word_count(after)
    return Pending(0, 1, 2, today, False, before, after, words, text_hash(after), frozenset())


def _print(verdict: Verdict, not_read: str) -> None:
    out = console()
    told = outlined(SERVICE, verdict)
    if told["line"]:
        out.print(safe(f"{told['severity']}: {told['line']}"), style="bold")
    out.print(f"{verdict.decision}: {verdict.reason}\n", style="bold")
    if not_read and marked(not_read) not in verdict.reason:
        out.print(safe(f"{marked(not_read)}\n"))
    for edit, reading in sorted(verdict.edits, key=lambda pair: not pair[1].flags):
        print_edit(out, edit, reading)
    if not verdict.edits:
        out.print(safe("The texts are the same."))


def _as_json(verdict: Verdict) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    passages = [_passage(edit, reading, facts) for edit, reading in verdict.edits]
    told = {"decision": str(verdict.decision), "reason": verdict.reason, **outlined(SERVICE, verdict)}
    return told | {"passages": passages, "facts": facts}


def _passage(edit: Edit, reading: Reading, facts: dict[str, Any]) -> dict[str, Any]:
    """One edit; its facts are added to those of the whole, the first of a kind standing."""
    from diffing import flags

    flagged = flags.as_json("", reading)
    for kind, value in flagged["facts"].items():
        facts.setdefault(kind, value)
    found = [
        {"topic": str(f.topic), "effect": str(f.effect), "mechanisms": [str(m) for m in f.mechanisms], "quote": f.quote}
        | {"side": f.side, "rule": f.rule, "score": f.score}
        | {"severity": str(severity(f, edit, reading)), "why": f.why}
        for f in reading.flags
    ]
    texts = {"op": str(edit.kind), "heading": edit.heading, "before": edit.before, "after": edit.after}
    return texts | {"flags": found}
