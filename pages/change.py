"""Turns a change into its page: what changed as a redline, what is flagged there, what was decided, the evidence."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from archive import change_head, decisions, feeds
from archive.change_head import Head
from archive.decisions import Decided
from archive.words import EditKind
from pages.change_rows import WHOLE, Arranged, facts
from pages.citation import citation
from pages.serving import Asked, MissingError, Page

SIDES = "side-by-side"
VIEWS = ("", SIDES, WHOLE)  # as the address names them; the first is the change itself
AT_THE_TOP = ("effective", "optout", "exempt", "not_retroactive")  # facts that a reader asks for first
MOST_FACTS = 6


def page(db: Database, asked: Asked) -> Page:
    """One change. `asked` has its id, and may have a view and the number of a part."""
    number, view, part = int(asked["id"]), asked.get("view") or "", int(asked.get("part") or "1")
    change, decided = change_head.head(db, number), decisions.of_change(db, number)
    if change is None or decided is None:
        raise MissingError(f"There is no change {number} in this archive.")
    if view not in VIEWS:
        raise MissingError(f"There is no view {view} of a change.")
    arranged = Arranged(db, change, view, told_apart=decided.told_apart)
    if not 1 <= part <= arranged.parts:
        raise MissingError(f"Change {number} has no part {part}: the last is {arranged.parts}.")
    values = _course(arranged, view, part) | {"change": change, "neighbours": change_head.neighbours(db, number)}
    values["slug"] = feeds.slugs(db)[change.service_key]
    return Page("change.html", values | (_around(db, change, decided, arranged) if part == 1 else {}))


def _course(arranged: Arranged, view: str, part: int) -> dict[str, Any]:
    """The part that is shown, and where the others are."""
    return {
        "view": view,
        "part": part,
        "parts": arranged.parts,
        "edits": len(arranged.edits),
        "all_cosmetic": arranged.all_cosmetic,
        "flagged": arranged.flagged,
        "rows": arranged.rows(part),
    }


def _around(db: Database, change: Head, decided: Decided, arranged: Arranged) -> dict[str, Any]:
    """What stands beside the first part."""
    known = {one.place for one in arranged.flagged if one.not_told is not None}
    gone = {edit.place for edit in arranged.edits if edit.kind == EditKind.REMOVED}
    stated = facts(arranged.told, lambda place: place not in known | gone, AT_THE_TOP)
    evidence = change_head.sources(db, change.id)
    return {
        "decided": decided,
        "facts": stated[:MOST_FACTS],
        "evidence": evidence,
        "citation": citation(change, evidence),
        "own_feeds": feeds.of_services(db, change.id),
    }
