"""Turns the passages of a text and what brought them into what a page shows: runs of the same change, in parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from math import ceil

from archive import labels
from archive.blame import Cause, Placed
from archive.words import Flag, Kind
from pages.wordings import instead, linked

STEPS = 4  # of tint, from what came later to what came last
FIRST_LEVEL, LAST_LEVEL = 3, 6  # of headings below those of the page
MOST_SHOWN = 20_000  # characters of one passage among others
MOST_ENTRIES = 60  # headings in a table of contents
AROUND = 150  # bytes of HTML around a passage, about
BESIDE = 420  # the same beside those that came together


@dataclass(frozen=True, slots=True)
class Said:
    """A passage as a page shows it: `level` is an HTML heading's, or the depth of a list item.

    `chips` say what is flagged in it. `before` is the passage whose place it took, None if it took none, `instead` the
    words of that one which it does not have.
    """

    passage: int
    kind: str
    level: int
    text: str
    links: tuple[tuple[str, str], ...]
    chips: list[str]
    before: int | None
    instead: str
    anchored: bool  # whether it stands here for the first time in this part

    @property
    def pieces(self) -> Iterator[tuple[str, str]]:
        """The text as it is shown, in pieces with the addresses that they link to."""
        return linked(self.text[:MOST_SHOWN], self.links)

    @property
    def left_out(self) -> int:
        """How many characters are not shown."""
        return max(0, len(self.text) - MOST_SHOWN)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Passages that stand together and came together: what brought them, and how late in the document's life (0-4)."""

    cause: Cause
    age: int
    said: list[Said]

    @property
    def blocks(self) -> Iterator[tuple[str, Iterator[Said]]]:
        """What follows one another and is of the same kind, by kind."""
        return groupby(self.said, key=lambda one: one.kind)


@dataclass(frozen=True, slots=True)
class Entry:
    """A heading in the table of contents: `depth` counts from 1, `part` is where it stands."""

    text: str
    depth: int
    passage: int
    part: int


def costs(passages: Sequence[Placed]) -> list[int]:
    """How many bytes of HTML each passage takes, about."""
    news = [True, *(one.since != before.since for before, one in pairwise(passages))]
    return [_cost(one) + (BESIDE if new else 0) for one, new in zip(passages, news, strict=False)]


def breaks(passages: Iterable[Placed]) -> set[int]:
    """Where a text may well be cut: before its headings."""
    return {place for place, one in enumerate(passages) if one.kind == Kind.HEADING}


def stretches(
    passages: Sequence[Placed],
    causes: Mapping[int, Cause],
    flags: Mapping[int, Sequence[Flag]],
    replaced: Mapping[int, tuple[int, str]],
    life: tuple[str, str],
) -> list[Stretch]:
    """The passages of a part, those side by side together that the same version brought.

    `causes` are by version, `flags` and `replaced` (id and text of what it took the place of) by passage; `life` is
    when the document's first and last text were seen.
    """
    seen, found = set[int](), list[Stretch]()
    levels = heading_levels([one.level if one.kind == Kind.HEADING else 0 for one in passages])
    leveled = zip(passages, levels, strict=True)
    for version, run in groupby(leveled, key=lambda pair: pair[0].since):
        said = [_said(one, level, flags, replaced, seen) for one, level in run]
        cause = causes[version]
        found.append(Stretch(cause, age(cause.seen_at, *life), said))
    return found


def heading_levels(levels: Iterable[int]) -> list[int]:
    """The levels at which headings are written, so that none is left out between them; 0 where there is no heading."""
    stack, found = list[int](), list[int]()
    for level in levels:
        if level:
            stack = [above for above in stack if above < level] + [level]
        found.append(min(LAST_LEVEL, FIRST_LEVEL - 1 + len(stack)) if level else 0)
    return found


def age(seen_at: str, first: str, last: str) -> int:
    """0 for what was there from the first, else 1 to STEPS, the higher the later in that span of time."""
    begin, now, end = (datetime.fromisoformat(time) for time in (first, seen_at, last))
    if now <= begin or end <= begin:
        return 0
    return min(STEPS, ceil(STEPS * ((now - begin) / (end - begin))))


def contents(passages: Sequence[Placed], spans: Sequence[tuple[int, int]], most: int = MOST_ENTRIES) -> list[Entry]:
    """The headings of the whole text, without the deepest if they are too many, and at last the first of them."""
    levels = heading_levels([one.level if one.kind == Kind.HEADING else 0 for one in passages])
    headings = [(place, level) for place, level in enumerate(levels) if level]
    depth = max(FIRST_LEVEL, _fitting([level for _, level in headings], most))
    chosen = [(place, level) for place, level in headings if level <= depth][:most]
    parts = {place: number for number, (start, end) in enumerate(spans, 1) for place in range(start, end)}
    return [
        Entry(passages[place].text, level - FIRST_LEVEL + 1, passages[place].passage, parts[place])
        for place, level in chosen
    ]


def _fitting(levels: Collection[int], most: int) -> int:
    """The deepest level of which, with those above it, there are not too many; 0 if there is none."""
    fitting = (level for level in set(levels) if sum(other <= level for other in levels) <= most)
    return max(fitting, default=0)


def _said(
    one: Placed,
    level: int,
    flags: Mapping[int, Sequence[Flag]],
    replaced: Mapping[int, tuple[int, str]],
    seen: set[int],
) -> Said:
    before, text = replaced.get(one.passage, (None, ""))
    anchored = one.passage not in seen
    seen.add(one.passage)
    return Said(
        passage=one.passage,
        kind=one.kind,
        level=level or one.level,
        text=one.text,
        links=one.links,
        chips=labels.chips(flags.get(one.passage, ())),
        before=before,
        instead=instead(text, one.text) if before else "",
        anchored=anchored,
    )


def _cost(one: Placed) -> int:
    links = sum(len(target) + 45 for _, target in one.links)
    return len(one.text[:MOST_SHOWN].encode()) + AROUND + links
