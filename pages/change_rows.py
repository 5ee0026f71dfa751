"""Turns one part of a change into the rows that its page shows: edits with their notes, and what stayed, folded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from sqlite_utils import Database

from archive import outlines
from archive.change_head import Head
from archive.decisions import NEWS
from archive.outlines import Outlined, Spotted, Standing, Told
from archive.redline import segments
from archive.words import Edit, EditKind, Fact, Flag, Run, Segment, Severity
from pages import folds, marks
from pages.folds import Item, Parts
from pages.marks import Mark, Piece

MOST = 60_000  # bytes of a part, roughly
FEW = 1_500  # bytes of passages that stayed which are there to be unfolded; more of them are elsewhere
A_FLAG, A_FACT = 900, 150  # bytes that they take on the page
WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Flagged:
    """A quote with its flags. `number` counts them from 1; `start` is where it begins in the text of its side, or -1.

    `part` is that of the page which has it, `at` the place there.
    """

    number: int
    place: int
    words: str
    side: str
    start: int
    flags: tuple[Flag, ...]
    severities: tuple[str, ...]  # one for each flag
    severity: str  # the highest of them
    not_told: int | None  # why it is no news, as its mark says; None where it is, or nobody knows
    part: int
    at: str


@dataclass(frozen=True, slots=True)
class Stay:
    """A passage that stayed, by its number in the text after; `standing` is heading, paragraph, item or row."""

    number: int
    passage_id: int
    standing: str
    text: str
    row: str = "kept"


@dataclass(frozen=True, slots=True)
class Fold:
    """Passages that stayed, from `first` up to `end`: to be unfolded where they are few, else to be found elsewhere."""

    first: int
    end: int
    few: list[Stay]
    part: int | None  # of the whole text
    row: str = "fold"


@dataclass(frozen=True, slots=True)
class Entry:
    """An edit. `pieces` are its redline; `moved_from` the path that a moved passage stood under."""

    place: int
    edit: Edit
    standing: str
    passage_id: int | None
    is_cosmetic: bool
    pieces: list[Piece]
    flagged: list[Flagged]
    facts: tuple[Fact, ...]
    moved_from: str | None
    slice: int
    slices: int
    part: int | None  # of the whole text, where something is folded here
    row: str = "edit"


@dataclass(frozen=True, slots=True)
class Quiet:
    """What stands between two edits that matter: what stayed, and cosmetic edits, each so many."""

    kept: int
    cosmetic: int
    rows: list[Fold | Entry]
    row: str = "quiet"


Row = Entry | Stay | Quiet


class Arranged:
    """A change in outline, cut into parts. Its texts are read when a part is asked for."""

    def __init__(self, db: Database, change: Head, view: str, *, told_apart: bool) -> None:
        """`told_apart` says whether marks on edits tell what is news. `view` is "whole", or another."""
        self.is_whole, self._told_apart = view == WHOLE, told_apart
        self._db, self._change = db, change
        self.edits = outlines.outline(db, change.id)
        self.told = outlines.told(db, change.id)
        self._before = outlines.standing(db, change.before_version_id) if self.edits else []
        self._after = outlines.standing(db, change.after_version_id) if self.edits or self.is_whole else []
        self._stands = folds.stood(self.edits, _ids(self._before), _ids(self._after))
        self._items = folds.items(self._stands, self.edits, len(self._after))
        self._notes = {place: _size(told) for place, told in self.told.items()}
        self._plan = self._whole if self.is_whole else self._parts(self._items, FEW)
        self.parts = len(self._plan.parts)

    @cached_property
    def flagged(self) -> list[Flagged]:
        """All quotes that set off flags, in the order of the text."""
        quotes = [
            (item.place, list(same))
            for item in self._items
            if item.place is not None and item.place in self.told
            for _, same in groupby(self.told[item.place].flags, key=_quote)
        ]
        return [self._flagged(number, *quote) for number, quote in enumerate(quotes, 1)]

    def rows(self, part: int) -> list[Row]:
        """What a part shows, by its number from 1."""
        shown = self._plan.parts[part - 1]
        places = [item.place for item in shown if item.place is not None]
        edits = outlines.edits_at(self._db, self._change.id, min(places), max(places)) if places else {}
        texts = outlines.texts(self._db, [one.passage_id for item in shown for one in self._few(item)])
        if self.is_whole:
            return [self._stay(item, texts) if item.place is None else self._entry(item, edits) for item in shown]
        return list(self._folded(shown, edits, texts))

    def is_cosmetic(self, edit: Outlined) -> bool:
        """Whether no word differs, and nothing is flagged."""
        return bool(edit.same_words) and edit.kind != EditKind.MOVED and edit.place not in self._quoting

    @cached_property
    def all_cosmetic(self) -> bool:
        """Whether there is nothing else to show."""
        return all(map(self.is_cosmetic, self.edits))

    @cached_property
    def _quoting(self) -> set[int]:
        return {place for place, told in self.told.items() if told.flags}

    @cached_property
    def _whole(self) -> Parts:
        return self._parts(folds.singly(self._items), MOST * len(self._after))

    @cached_property
    def _paths_before(self) -> list[str]:
        return folds.paths(self._before)

    def _parts(self, items: Iterable[Item], most_kept: int) -> Parts:
        return Parts(items, folds.costs(self.edits, self._after, self._notes, most_kept), MOST)

    def _few(self, item: Item) -> Sequence[Standing]:
        """The passages of an item that are shown, or are there to be unfolded."""
        text = self._after[item.first : item.end] if item.place is None else []
        return text if self.is_whole or sum(one.size for one in text) <= FEW else []

    def _flagged(self, number: int, place: int, spots: list[Spotted]) -> Flagged:
        (flag, _, start), edit = spots[0], self.edits[place]
        part = self._plan.of_edit(place)
        is_marked = start >= 0 and edit.kind != EditKind.LINKS and not self._plan.has_slices(place)
        news = edit.news if edit.news != NEWS and self._told_apart else None
        weights = tuple(spot.severity for spot in spots)
        highest = next((str(one) for one in Severity if one in weights), "")
        flags = tuple(spot.flag for spot in spots)
        at = f"{'f' if is_marked else 'n'}{number}"
        return Flagged(number, place, flag.quote, flag.side, start, flags, weights, highest, news, part, at)

    @cached_property
    def _flagged_at(self) -> Mapping[int, list[Flagged]]:
        return {place: list(same) for place, same in groupby(self.flagged, key=lambda one: one.place)}

    def _folded(self, shown: Iterable[Item], edits: Mapping[int, Edit], texts: Mapping[int, str]) -> Iterator[Row]:
        for is_quiet, same in groupby(shown, key=self._is_quiet):
            if not is_quiet:
                yield from (self._entry(item, edits) for item in same)
                continue
            rows = [self._fold(item, texts) if item.place is None else self._entry(item, edits) for item in same]
            kept = sum(row.end - row.first for row in rows if isinstance(row, Fold))
            yield Quiet(kept, sum(isinstance(row, Entry) for row in rows), rows)

    def _is_quiet(self, item: Item) -> bool:
        return item.place is None or self.is_cosmetic(self.edits[item.place])

    def _fold(self, item: Item, texts: Mapping[int, str]) -> Fold:
        few = [
            self._stay(Item(None, number, number + 1), texts)
            for number, _ in enumerate(self._few(item), item.first)
        ]  # fmt: skip
        return Fold(item.first, item.end, few, None if few else self._whole.of_passage(item.first))

    def _stay(self, item: Item, texts: Mapping[int, str]) -> Stay:
        one = self._after[item.first]
        (piece,) = marks.sliced([Piece(Run.KEPT, texts[one.passage_id])], item.slice, item.slices)
        return Stay(item.first, one.passage_id, one.kind, piece.text)

    def _entry(self, item: Item, edits: Mapping[int, Edit]) -> Entry:
        outlined = self.edits[item.place or 0]
        edit, told = edits[outlined.place], self.told.get(outlined.place)
        flagged = self._flagged_at.get(outlined.place, [])
        at, _, was = self._stands[outlined.place]
        pieces = self._pieces(edit, flagged, item)
        return Entry(
            outlined.place,
            edit,
            self._standing(outlined, at, was),
            outlined.after_id or outlined.before_id,
            self.is_cosmetic(outlined),
            pieces,
            flagged if item.slice == 0 else [],
            told.facts if told and item.slice == 0 else (),
            self._paths_before[was] if edit.kind is EditKind.MOVED and was is not None else None,
            item.slice,
            item.slices,
            self._whole.of_edit(outlined.place) if any(piece.folded for piece in pieces) else None,
        )

    def _pieces(self, edit: Edit, flagged: Sequence[Flagged], item: Item) -> list[Piece]:
        unmarked = self._change.before_seen_at is None  # where all is new, nothing is marked as new
        runs = (Segment(Run.KEPT, edit.after),) if unmarked else segments(edit)
        spots = () if edit.kind is EditKind.LINKS else flagged
        found = marks.pieces(runs, [_mark(one) for one in spots if one.start >= 0])
        if item.slices > 1 or self.is_whole:
            return marks.sliced(found, item.slice, item.slices)
        return marks.folded(found)

    def _standing(self, edit: Outlined, at: int, was: int | None) -> str:
        """What its passage is on the page."""
        after = self._after[at] if at < len(self._after) else None
        if after and after.passage_id == edit.after_id:
            return after.kind
        return self._before[was].kind if was is not None else "paragraph"


def facts(told: Mapping[int, Told], shown: Callable[[int], bool], kinds: Sequence[str]) -> list[Fact]:
    """The facts of these kinds, in their order, each once, from the edits whose places are to be shown."""
    stated = [fact for place, one in told.items() if shown(place) for fact in one.facts]
    found = {(fact.kind, fact.value): fact for kind in kinds for fact in stated if fact.kind == kind}
    return list(found.values())


def _ids(text: Sequence[Standing]) -> list[int]:
    return [one.passage_id for one in text]


def _quote(spot: Spotted) -> tuple[str, int, str]:
    return spot.flag.side, spot.start, spot.flag.quote


def _size(told: Told) -> int:
    """What the notes take in bytes."""
    quoted = sum(A_FACT + len(fact.value.encode()) + len(fact.quote.encode()) for fact in told.facts)
    return A_FLAG * len(told.flags) + quoted


def _mark(one: Flagged) -> Mark:
    run = Run.ADDED if one.side == "after" else Run.REMOVED
    return Mark(one.number, run, one.start, one.start + len(one.words))
