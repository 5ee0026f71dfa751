"""Turns two texts of a document into a page: what was edited between them, in the order of the text, as redlines."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive import watched
from archive.alignment import align
from archive.redline import segments
from archive.watched import Made, Version
from archive.words import Edit, EditKind, Passage, Segment
from pages import document
from pages.addresses import BARE
from pages.parts import Part, cuts, part
from pages.serving import Asked, Elsewhere, MissingError, Page
from pages.wordings import LONGEST, shortened

PART = 40_000  # characters of edits on one page, about
MOST_LISTED = 50  # changes in between that are flagged

Compare = Callable[[Sequence[Passage], Sequence[Passage]], list[Edit]]


@dataclass(frozen=True, slots=True)
class Shown:
    """An edit with its redline, and how many passages stand unchanged between the edit before it and this one."""

    edit: Edit
    segments: list[Segment]
    unchanged: int


def page(db: Database, asked: Asked, compare: Compare) -> Page:
    """Two versions of one document, by their ids, in any order; or a part of what differs."""
    before, after = _pair(db, int(asked["before"]), int(asked["after"]))
    old, new = watched.texts(db, after.document_id, before.id, after.id)
    edits = compare(old, new)
    gaps = unchanged(old, new, edits)
    shown = part(asked, cuts([_cost(edit) for edit in edits], most=PART))
    made = watched.changes(db, after.document_id, before.id, after.id)
    values = {
        "document": watched.document(db, after.document_id),
        "before": before,
        "after": after,
        "part": shown,
        "edits": _shown(edits, gaps, shown),
        "count": len(edits),
        "unchanged_after": gaps[-1] if shown.number == shown.of else 0,
        "times": watched.times(db, after.document_id, document.FEW),
    }
    return Page("between.html", values | _in_between(made))


def on_dates(db: Database, asked: Asked) -> Elsewhere:
    """The versions that stood on two dates: `from`, the first text by default, and `to`, by default the newest."""
    known = document.known(db, int(asked["id"]))
    first = asked.get("from") or known.first_seen or ""
    versions = [document.stood(db, known, date) for date in (first, asked.get("to", ""))]
    return Elsewhere(BARE.between(min(versions), max(versions)))


def unchanged(old: Sequence[Passage], new: Sequence[Passage], edits: Sequence[Edit]) -> list[int]:
    """How many passages of the new text no edit tells of: before the first edit, between edits, after the last."""
    kept = dict(align([p.text for p in old], [p.text for p in new]))
    places = _places(old, new, kept, edits)
    told = {place for place, edit in zip(places, edits, strict=True) if edit.after}
    found, at = list[int](), 0
    for place, edit in zip(places, edits, strict=True):
        found.append(sum(n not in told for n in range(at, place)))
        at = max(at, place + bool(edit.after))
    return [*found, sum(n not in told for n in range(at, len(new)))]


def _places(old: Sequence[Passage], new: Sequence[Passage], kept: dict[int, int], edits: Sequence[Edit]) -> list[int]:
    """Where in the new text each edit stands; what was removed, before what follows it."""
    waiting = {True: defaultdict[str, deque[int]](deque), False: defaultdict[str, deque[int]](deque)}
    stays = set(kept.values())
    for n, passage in enumerate(new):
        waiting[n in stays][passage.text].append(n)
    gone, following = defaultdict[str, deque[int]](deque), 0
    for n, passage in enumerate(old):
        if n in kept:
            following = kept[n] + 1
        else:
            gone[passage.text].append(following)
    places = list[int]()
    for edit in edits:
        same = waiting[edit.kind is EditKind.LINKS][edit.after] if edit.after else gone[edit.before]
        places.append(same.popleft() if same else max(places, default=0))
    return places


def _pair(db: Database, one: int, other: int) -> tuple[Version, Version]:
    """Both versions, the earlier first. Raises MissingError."""
    found = [watched.version(db, number) for number in sorted((one, other))]
    before, after = found
    if before is None or after is None or before.document_id != after.document_id:
        raise MissingError(f"Versions {one} and {other} are not two texts of one document.")
    return before, after


def _shown(edits: Sequence[Edit], gaps: Sequence[int], shown: Part) -> list[Shown]:
    """The edits of a part."""
    mine = range(shown.start, shown.end)
    return [Shown(edits[n], shortened(segments(edits[n])), gaps[n]) for n in mine]


def _in_between(made: Sequence[Made]) -> dict[str, object]:
    """How many changes there are, and those that stand out."""
    flagged = [one for one in made if one.stands_out]
    return {"changes": len(made), "flagged": flagged[:MOST_LISTED], "more_flagged": max(0, len(flagged) - MOST_LISTED)}


def _cost(edit: Edit) -> int:
    return min(LONGEST, len(edit.before)) + min(LONGEST, len(edit.after)) + 400
