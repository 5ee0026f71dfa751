"""Turns a change into its page: the edits as redlines, flagged ones first, what was decided, and the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from archive import browse, decisions, feeds, reports
from archive.redline import segments
from archive.severity import severity
from archive.words import Edit, EditKind, Fact, Reading, Run, Segment
from pages.serving import Asked, MissingError, Page
from pages.words import Quoted, quotes


@dataclass(frozen=True, slots=True)
class Entry:
    """An edit as the page shows it: `severities` has one for each flag of each quote, in their order."""

    edit: Edit
    segments: Sequence[Segment]
    quotes: list[Quoted]
    facts: tuple[Fact, ...]
    severities: list[list[str]]
    not_told: int | None  # why it is no news, as its mark says; None where it is, or nobody knows


def page(db: Database, asked: Asked) -> Page:
    """One change. `asked` has its id."""
    number = int(asked["id"])
    values = _values(db, number)
    if values is None:
        raise MissingError(f"There is no change {number} in this archive.")
    return Page("change.html", values)


def _values(db: Database, number: int) -> dict[str, Any] | None:
    """What change.html shows, None for an unknown change."""
    report, decided = reports.change(db, number), decisions.of_change(db, number)
    if report is None or decided is None:
        return None
    first = report.before_seen_at is None  # where all is new, nothing is marked as new
    marks = {edit.place: edit.news for edit in decided.flagged if edit.news != decisions.NEWS and decided.told_apart}
    entries = [_entry(*pair, marks.get(place), unmarked=first) for place, pair in enumerate(report.edits)]
    quiet = [entry for entry in entries if not entry.quotes]
    return {
        "change": report,
        "decided": decided,
        "document": browse.document_of(db, number),
        "flagged": [entry for entry in entries if entry.quotes and entry.not_told is None],
        "known": [entry for entry in entries if entry.quotes and entry.not_told is not None],
        "reworded": [entry for entry in quiet if not _is_cosmetic(entry.edit)],
        "cosmetic": [entry for entry in quiet if _is_cosmetic(entry.edit)],
        "evidence": browse.evidence(db, number),
        "neighbours": browse.neighbours(db, number),
        "own_feeds": feeds.of_services(db, number),
    }


def _entry(edit: Edit, reading: Reading, not_told: int | None, *, unmarked: bool) -> Entry:
    runs = (Segment(Run.KEPT, edit.after),) if unmarked else segments(edit)
    quoted = quotes((edit.heading, flag) for flag in reading.flags)
    weights = [[str(severity(flag, edit, reading)) for flag in one.flags] for one in quoted]
    return Entry(edit, runs, quoted, reading.facts, weights, not_told)


def _is_cosmetic(edit: Edit) -> bool:
    return edit.same_words or edit.kind is EditKind.MOVED
