"""Turns two lists of passages into the edits between them: what came, went, changed, moved or links elsewhere."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain, zip_longest
from operator import itemgetter
from typing import overload

from archive.alignment import align, gaps
from archive.words import Edit, EditKind, Kind, Link, Passage, Relink, heading_paths
from diffing.plain_words import plain_words

ALIKE_HERE = 0.5  # share of words from which two passages at the same place are one passage that changed
ALIKE_ELSEWHERE = 0.75  # the same at different places, where a wrong pair would confuse more
NO_LINK = Link("", "")
MOST_WORK = 10_000_000  # words to look up beyond which a rewritten document is told as removed and added passages


@dataclass(frozen=True, slots=True)
class _Place:
    """A passage with where it stands: its index and the headings above it."""

    index: int
    heading: str
    passage: Passage

    @property
    def plain(self) -> tuple[str, ...]:
        """Its plain words in order."""
        return _words(self.passage.text)[0]

    @property
    def words(self) -> frozenset[str]:
        """Its plain words as a set."""
        return _words(self.passage.text)[1]


@dataclass(slots=True)
class _Open:
    """What is not explained yet, from both sides; `anchor` maps an old index to its place among the new ones."""

    old: list[_Place] = field(default_factory=list)
    new: list[_Place] = field(default_factory=list)
    anchor: dict[int, float] = field(default_factory=dict)

    def leave(self, old: Set[int], new: Set[int]) -> None:
        """Takes out what has been explained, by index."""
        self.old = [place for place in self.old if place.index not in old]
        self.new = [place for place in self.new if place.index not in new]


Found = tuple[float, Edit]  # an edit with the place where it is told


def compare(before: Sequence[Passage], after: Sequence[Passage]) -> list[Edit]:
    """The edits that turn `before` into `after`, in the order of `after`; removed passages where they stood."""
    same = align([p.text for p in before], [p.text for p in after])
    old, new = _Places(before), _Places(after)
    relinked = [(i, k) for i, k in same if before[i] is not after[k] and before[i].links != after[k].links]
    found = list(_relinked((old[i], new[k]) for i, k in relinked))
    blocks = [_block(old[i:j], new[k:m], k) for i, j, k, m in gaps(same, len(before), len(after))]
    found += _moved(blocks, lambda place: place.passage.text)
    for block in blocks:
        found += _changed(block, ALIKE_HERE)
    found += _moved(blocks, lambda place: place.plain)
    left = _joined(blocks)
    found += _changed(left, ALIKE_ELSEWHERE)
    found += [(left.anchor[place.index], _edit(EditKind.REMOVED, place, None)) for place in left.old]
    found += [(place.index, _edit(EditKind.ADDED, None, place)) for place in left.new]
    return [edit for _, edit in sorted(found, key=lambda item: item[0])]


def same_words(before: str, after: str) -> bool:
    """Whether two texts differ in punctuation, case, spacing, leading numbering or "updated 3 days ago" at most.

    All other digits are words.
    """
    return plain_words(before) == plain_words(after)


def closest(text: str, texts: Iterable[str]) -> str | None:
    """The one of these passages that is most like this one, alike enough to be the same wherever it stands, or None."""
    words = _words(text)[1]
    alike = ((_dice(words, _words(other)[1]), other) for other in texts)
    score, other = max(alike, default=(0.0, ""))
    return other if score >= ALIKE_ELSEWHERE else None


def _dice(one: Set[str], other: Set[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


class _Places:
    """The places of a text, each made when it is asked for: a long text changes at few of them."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages

    @cached_property
    def _headings(self) -> tuple[list[int], list[str], list[str]]:
        """Where the headings stand, the path above each, and the path of what stands under it."""
        places = [n for n, p in enumerate(self._passages) if p.kind is Kind.HEADING]
        # A text below each heading tells its path, as a heading's own ends above itself.
        below = Passage(Kind.PARAGRAPH, "")
        paths = heading_paths(chain.from_iterable((self._passages[n], below) for n in places))
        return places, paths[::2], paths[1::2]

    def _path(self, index: int) -> str:
        places, above, below = self._headings
        last = bisect_right(places, index) - 1
        if last < 0:
            return ""
        return above[last] if places[last] == index else below[last]

    @overload
    def __getitem__(self, index: int) -> _Place: ...
    @overload
    def __getitem__(self, index: slice) -> list[_Place]: ...
    def __getitem__(self, index: int | slice) -> _Place | list[_Place]:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self._passages)))]
        return _Place(index, self._path(index), self._passages[index])


@lru_cache(maxsize=2**11)
def _words(text: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The plain words of a text in order, and as a set: a passage that comes and goes is read once."""
    plain = plain_words(text)
    return plain, frozenset(plain)


def _block(old: list[_Place], new: list[_Place], start: int) -> _Open:
    """Old passages that go stand before the new passage at `start`, in their order."""
    return _Open(old, new, {place.index: start - 1 + (n + 1) / (len(old) + 1) for n, place in enumerate(old)})


def _joined(blocks: Iterable[_Open]) -> _Open:
    left = _Open()
    for block in blocks:
        left.old += block.old
        left.new += block.new
        left.anchor |= block.anchor
    return left


def _changed(block: _Open, alike: float) -> Iterator[Found]:
    """Takes the most alike pairs out of a block, each passage once."""
    if not block.old or not block.new or sum(len(a.words) for a in block.old) * len(block.new) > MOST_WORK:
        return
    pairs = sorted(_alike(block, alike), key=lambda pair: pair[:2], reverse=True)
    taken_old, taken_new = set[int](), set[int]()
    for _, _, a, b in pairs:
        if a.index not in taken_old and b.index not in taken_new:
            taken_old.add(a.index)
            taken_new.add(b.index)
            yield b.index, _edit(EditKind.CHANGED, a, b)
    block.leave(taken_old, taken_new)


def _moved(blocks: Sequence[_Open], key: Callable[[_Place], Hashable]) -> list[Found]:
    """Takes out passages that stand elsewhere with the same text or words, the first with the first."""
    waiting: dict[Hashable, deque[_Place]] = {}
    for block in blocks:
        for place in block.old:
            waiting.setdefault(key(place), deque()).append(place)
    places = [place for block in blocks for place in block.new] if waiting else []
    pairs = [(same.popleft(), place) for place in places if (same := waiting.get(key(place)))]
    taken_old, taken_new = {a.index for a, _ in pairs}, {b.index for _, b in pairs}
    for block in blocks:
        block.leave(taken_old, taken_new)
    return [(b.index, _edit(EditKind.MOVED, a, b)) for a, b in pairs]


def _relinked(same: Iterable[tuple[_Place, _Place]]) -> Iterator[Found]:
    """Passages with the same text whose links go elsewhere."""
    for a, b in same:
        links = tuple(_moved_links(a.passage.links, b.passage.links))
        yield b.index, Edit(EditKind.LINKS, b.heading, a.passage.text, b.passage.text, links, same_words=True)


def _moved_links(old: Sequence[Link], new: Sequence[Link]) -> Iterator[Relink]:
    """The links that only one side has, the first with the first."""
    gone, come = [link for link in old if link not in new], [link for link in new if link not in old]
    for a, b in zip_longest(gone, come, fillvalue=NO_LINK):
        yield Relink(b.text or a.text, a.url, b.url)


def _edit(kind: EditKind, old: _Place | None, new: _Place | None) -> Edit:
    before, after = (old.passage.text if old else ""), (new.passage.text if new else "")
    place = new or old
    assert place is not None  # noqa: S101  (an edit has at least one side)
    same = bool(old and new and old.plain == new.plain)
    return Edit(kind, place.heading, before, after, same_words=same)


def _alike(block: _Open, alike: float) -> Iterator[tuple[float, int, _Place, _Place]]:
    """The pairs that share enough words, by Dice's coefficient: 0 for nothing, 1 for all in common."""
    bits: dict[str, int] = {}
    new = sorted(((len(b.words), _mask(b.words, bits), b) for b in block.new), key=itemgetter(0))
    sizes = [size for size, _, _ in new]
    for a in block.old:
        size, mask = len(a.words), _mask(a.words, bits)
        # The smaller of both bounds what they can share, so that most pairs are told apart by their sizes alone.
        least, most = size * alike / (2 - alike), size * (2 - alike) / alike
        for other, others, b in new[bisect_left(sizes, least) : bisect_right(sizes, most)]:
            total, shared = size + other, (mask & others).bit_count()
            if 2 * shared >= alike * total:
                score = 2 * shared / total if total else float(a.plain == b.plain)
                if score >= alike:
                    yield score, -abs(a.index - b.index), a, b


def _mask(words: Set[str], bits: dict[str, int]) -> int:
    """The words as one number, a bit for each: what two share is counted in one step."""
    mask = 0
    for word in words:
        mask |= 1 << bits.setdefault(word, len(bits))
    return mask
