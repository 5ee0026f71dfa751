"""Aligns two sequences: which items of one are the items of the other, in order. Bounded on any input."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

Pair = tuple[int, int]
Gap = tuple[int, int, int, int]


def align(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Pair]:
    """The pairs of places that hold equal items, rising on both sides.

    What both begin and end with comes first; of the rest, items that stand once on each side, and repeated ones are
    fitted in between, so that a line which a page repeats never tears apart what it separates. Time is n log n: a page
    of repeated lines costs no more than another, and what has not changed costs one look.
    """
    top, end = _borders(old, new)
    inner = _aligned(old[top : len(old) - end], new[top : len(new) - end])
    pairs = [(n, n) for n in range(top)] + [(a + top, b + top) for a, b in inner]
    return pairs + [(len(old) - n, len(new) - n) for n in range(end, 0, -1)]


def _borders(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[int, int]:
    """How many items both begin with, and how many of the others they end with."""
    top = _shared(old, new)
    most = min(len(old), len(new)) - top
    return top, min(most, _shared(old[::-1], new[::-1])) if most else 0


def _aligned(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Pair]:
    if not old or not new:
        return []
    pairs = list[Pair]()
    anchors = _rising(_once(old), _once(new))
    for i, j, k, m in gaps(anchors, len(old), len(new)):
        pairs += [(i + a, k + b) for a, b in _filled(old[i:j], new[k:m])]
    return sorted(anchors + pairs)


def gaps(pairs: Sequence[Pair], old: int, new: int) -> Iterator[Gap]:
    """What lies between the pairs of sequences of these lengths: `old[i:j]` and `new[k:m]`, at least one not empty."""
    i = k = 0
    for j, m in [*pairs, (old, new)]:
        if i < j or k < m:
            yield i, j, k, m
        i, k = j + 1, m + 1


def _filled(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Pair]:
    """The pairs of a gap: what its borders share, then the first with the first of each repeated item, and so on."""
    top, end = _borders(old, new)
    inner = _rising(_numbered(old[top : len(old) - end]), _numbered(new[top : len(new) - end]))
    pairs = [(n, n) for n in range(top)] + [(a + top, b + top) for a, b in inner]
    return pairs + [(len(old) - n, len(new) - n) for n in range(end, 0, -1)]


def _shared(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """How many items both begin with."""
    for place, (one, other) in enumerate(zip(old, new, strict=False)):
        if one != other:
            return place
    return min(len(old), len(new))


def _once(items: Sequence[Hashable]) -> dict[Hashable, int]:
    """The places of the items that stand only once."""
    counts = Counter(items)
    return {item: place for place, item in enumerate(items) if counts[item] == 1}


def _numbered(items: Sequence[Hashable]) -> dict[Hashable, int]:
    """The places of all items, each told from its equals by a number."""
    seen, places = Counter[Hashable](), dict[Hashable, int]()
    for place, item in enumerate(items):
        seen[item] += 1
        places[item, seen[item]] = place
    return places


def _rising(old: dict[Hashable, int], new: dict[Hashable, int]) -> list[Pair]:
    """The most pairs of equal items whose places rise on both sides: the longest rising subsequence, by patience."""
    pairs = [(place, new[item]) for item, place in old.items() if item in new]
    tops, ends, before = list[int](), list[int](), list[int | None]()
    for number, (_, place) in enumerate(pairs):
        pile = bisect_left(tops, place)
        tops[pile : pile + 1] = [place]
        ends[pile : pile + 1] = [number]
        before.append(ends[pile - 1] if pile else None)
    return _chain(pairs, before, ends[-1] if ends else None)


def _chain(pairs: Sequence[Pair], before: Sequence[int | None], last: int | None) -> list[Pair]:
    found = list[Pair]()
    while last is not None:
        found.append(pairs[last])
        last = before[last]
    return found[::-1]
