"""Turns a change in outline into what its page shows in order: edits, and between them runs of passages that stayed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from archive.alignment import Pair, align
from archive.outlines import Outlined, Standing
from archive.words import EditKind, Kind, Passage, heading_paths

AROUND_EDIT, AROUND_KEPT = 320, 80  # bytes of the page that stand around the words


class Stood(NamedTuple):
    """Where an edit stands in the text after: from one passage up to another; a removed one takes up none.

    `was` is the number of its passage in the text before, None where it had none.
    """

    at: int
    end: int
    was: int | None


class Item(NamedTuple):
    """An edit by its place; or, where that is None, the passages of the text after from `first` up to `end`.

    What is too long for one page is cut: then it is the slice with this number, from 0, of so many.
    """

    place: int | None
    first: int
    end: int
    slice: int = 0
    slices: int = 1


def stood(edits: Sequence[Outlined], before: Sequence[int], after: Sequence[int]) -> list[Stood]:
    """Where each edit of a change stands, by the ids of the passages of both texts.

    Edits are told in the order of the text, so that one walk finds them, and of a passage that stands twice the right
    place. One that is not found stands where the last one ended.
    """
    pairs = align(before, after)
    old = _Places(before, {was for was, _ in pairs})
    new, kept = (
        _Places(after, {at for _, at in pairs}),
        _Places(after, set(range(len(after))) - {at for _, at in pairs}),
    )
    found, end = list[Stood](), 0
    for edit in edits:
        where = kept if edit.kind == EditKind.LINKS else new
        was = old.take(edit.before_id, 0)
        at = where.take(edit.after_id, end)
        if edit.after_id is None and was is not None:
            at = _below(pairs, was)
        takes = edit.after_id is not None and at is not None
        at = end if at is None else at
        end = at + takes
        found.append(Stood(at, end, was))
    return found


def items(stands: Sequence[Stood], edits: Sequence[Outlined], count: int) -> list[Item]:
    """All that a text of so many passages shows, in order: each edit, and what stayed around them."""
    shown, end = list[Item](), 0
    for (at, below, _), edit in sorted(zip(stands, edits, strict=True), key=lambda one: (one[0].at, one[1].place)):
        if at > end:
            shown.append(Item(None, end, at))
        shown.append(Item(edit.place, at, at))
        end = max(end, below)
    return [*shown, Item(None, end, count)] if end < count else shown


def singly(shown: Iterable[Item]) -> Iterator[Item]:
    """The same with each passage that stayed for itself, where all of them are to be read."""
    for item in shown:
        if item.place is None:
            yield from (Item(None, number, number + 1) for number in range(item.first, item.end))
        else:
            yield item


class Parts:
    """What is shown, in parts that are not too large for a page."""

    def __init__(self, shown: Iterable[Item], cost: Callable[[Item], int], most: int) -> None:
        """`cost` says how much an item takes, `most` how much a part may hold; larger items are sliced."""
        self.parts: list[list[Item]] = [[]]
        room = most
        for item in shown:
            size = cost(item)
            slices = -(-size // most)
            for number in range(slices):
                if self.parts[-1] and size // slices > room:
                    self.parts.append([])
                    room = most
                self.parts[-1].append(item._replace(slice=number, slices=slices))
                room -= size // slices
        self._edits = {item.place: (number, item.slices) for number, part in self._backwards() for item in part}
        self._ends = [max((item.end for item in part), default=0) for part in self.parts]

    def of_edit(self, place: int) -> int:
        """The number, from 1, of the part in which an edit begins."""
        return self._edits[place][0]

    def has_slices(self, place: int) -> bool:
        """Whether an edit is too long for one part."""
        return self._edits[place][1] > 1

    def of_passage(self, number: int) -> int:
        """The number, from 1, of the part with this passage of the text after."""
        return min(bisect_right(self._ends, number), len(self.parts) - 1) + 1

    def _backwards(self) -> Iterator[tuple[int, list[Item]]]:
        """The parts from the last to the first, so that what is sliced is found where it begins."""
        return zip(range(len(self.parts), 0, -1), reversed(self.parts), strict=True)


def paths(text: Sequence[Standing]) -> list[str]:
    """The path of headings above each passage of a text."""
    return heading_paths(Passage(Kind(one.kind), one.title, one.level) for one in text)


def costs(
    edits: Sequence[Outlined], text: Sequence[Standing], notes: Mapping[int, int], most_kept: int
) -> Callable[[Item], int]:
    """What an item takes in bytes, roughly: `notes` are those of what is noted at an edit.

    Passages that stayed are counted where they are shown: up to so many bytes of them together.
    """

    def cost(item: Item) -> int:
        if item.place is not None:
            edit = edits[item.place]
            return AROUND_EDIT + edit.before_size + edit.after_size + notes.get(item.place, 0)
        size = sum(one.size for one in text[item.first : item.end])
        return AROUND_KEPT * (item.end - item.first) + size if size <= most_kept else AROUND_EDIT

    return cost


class _Places:
    """Where passages stand in a text, each place to be taken once."""

    def __init__(self, ids: Sequence[int], without: set[int]) -> None:
        self._places = defaultdict[int, list[int]](list)
        for place, identity in enumerate(ids):
            if place not in without:
                self._places[identity].append(place)

    def take(self, identity: int | None, least: int) -> int | None:
        """The first place of a passage from `least` on, else one above it; None if there is none left."""
        places = self._places.get(identity) if identity is not None else None
        if not places:
            return None
        below = bisect_left(places, least)
        return places.pop(below if below < len(places) else 0)


def _below(pairs: Sequence[Pair], was: int) -> int:
    """The number in the text after of what follows the last passage that stayed above an old one."""
    above = bisect_left(pairs, (was, 0))
    return pairs[above - 1][1] + 1 if above else 0
