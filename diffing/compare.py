"""Turns two lists of passages into the edits between them: what came, went, changed, moved or links elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from archive.words import Edit, EditKind, Link, Passage, Run, Segment, heading_paths
from diffing.redline import redline

ALIKE_HERE = 0.5  # share of words from which two passages at the same place are one passage that changed
ALIKE_ELSEWHERE = 0.75  # the same at different places, where a wrong pair would confuse more
MANY = 250_000  # pairs beyond which a rewritten document is told as removed and added passages
NUMBERING = re.compile(
    r"^\s*(?:(?:section|article|clause)\s+)?(?:\(?(?:\d+(?:\.\d+)*|[a-z]|[ivxl]+)[.)](?=\s|$)|\d+(?:\.\d+)+(?=\s))\s*",
    re.IGNORECASE,
)
AGO = re.compile(r"\b(?:\d+|an?|one|few) (?:second|minute|hour|day|week|month|year)s? ago\b", re.IGNORECASE)
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Place:
    """A passage with where it stands: its index, the headings above it, and its words."""

    index: int
    heading: str
    passage: Passage
    words: frozenset[str] = field(compare=False)


@dataclass(slots=True)
class _Open:
    """What is not explained yet, from both sides; `anchor` maps an old index to its place among the new ones."""

    old: list[_Place] = field(default_factory=list)
    new: list[_Place] = field(default_factory=list)
    anchor: dict[int, float] = field(default_factory=dict)


def compare(before: Sequence[Passage], after: Sequence[Passage]) -> list[Edit]:
    """The edits that turn `before` into `after`, in the order of `after`; removed passages where they stood."""
    old, new = _places(before), _places(after)
    left, found = _Open(), list[tuple[float, Edit]]()
    for op, i, j, k, m in SequenceMatcher(None, *_texts(before, after), autojunk=False).get_opcodes():
        if op == "equal":
            found += _relinked(old[i:j], new[k:m])
        else:
            block = _Open(old[i:j], new[k:m], {place.index: k + n / (j - i + 1) for n, place in enumerate(old[i:j])})
            found += _changed(block, ALIKE_HERE)
            left.old += block.old
            left.new += block.new
            left.anchor |= block.anchor
    found += _moved(left)
    found += _changed(left, ALIKE_ELSEWHERE)
    found += [(left.anchor[place.index], _edit(EditKind.REMOVED, place, None)) for place in left.old]
    found += [(place.index, _edit(EditKind.ADDED, None, place)) for place in left.new]
    return [edit for _, edit in sorted(found, key=lambda item: item[0])]


def same_words(before: str, after: str) -> bool:
    """Whether two texts differ in punctuation, case, spacing, leading numbering or "3 days ago" at most.

    All other digits are words.
    """
    return _plain_words(before) == _plain_words(after)


def _plain_words(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(AGO.sub("ago", NUMBERING.sub("", text)).casefold()))


def _texts(before: Sequence[Passage], after: Sequence[Passage]) -> tuple[list[str], list[str]]:
    return [p.text for p in before], [p.text for p in after]


def _places(passages: Sequence[Passage]) -> list[_Place]:
    paths = heading_paths(passages)
    return [_Place(n, paths[n], p, frozenset(WORD.findall(p.text.casefold()))) for n, p in enumerate(passages)]


def _changed(block: _Open, alike: float) -> Iterator[tuple[float, Edit]]:
    """Takes the most alike pairs out of a block, each passage once."""
    if len(block.old) * len(block.new) > MANY:
        return
    scored = [(_alikeness(a, b), -abs(a.index - b.index), a, b) for a in block.old for b in block.new]
    pairs = sorted((pair for pair in scored if pair[0] >= alike), key=lambda pair: pair[:2], reverse=True)
    taken_old, taken_new = set[int](), set[int]()
    for _, _, a, b in pairs:
        if a.index not in taken_old and b.index not in taken_new:
            taken_old.add(a.index)
            taken_new.add(b.index)
            yield b.index, _edit(EditKind.CHANGED, a, b)
    block.old = [place for place in block.old if place.index not in taken_old]
    block.new = [place for place in block.new if place.index not in taken_new]


def _moved(left: _Open) -> Iterator[tuple[float, Edit]]:
    """Takes out passages that stand elsewhere with the same words, under another number perhaps."""
    waiting: dict[tuple[str, ...], list[_Place]] = {}
    for place in left.old:
        waiting.setdefault(_plain_words(place.passage.text), []).append(place)
    stays = []
    for place in left.new:
        found = waiting.get(_plain_words(place.passage.text))
        if found:
            old = found.pop(0)
            left.old.remove(old)
            yield place.index, _edit(EditKind.MOVED, old, place)
        else:
            stays.append(place)
    left.new = stays


def _relinked(old: Sequence[_Place], new: Sequence[_Place]) -> Iterator[tuple[float, Edit]]:
    """Passages with the same text whose links go elsewhere."""
    for a, b in zip(old, new, strict=True):
        if a.passage.links != b.passage.links:
            segments = tuple(_link_segments(a.passage.links, b.passage.links))
            yield b.index, Edit(EditKind.LINKS, b.heading, a.passage.text, b.passage.text, segments, same_words=True)


def _link_segments(old: Sequence[Link], new: Sequence[Link]) -> Iterator[Segment]:
    gone, come = [link for link in old if link not in new], [link for link in new if link not in old]
    for number in range(max(len(gone), len(come))):
        a, b = _at(gone, number), _at(come, number)
        yield Segment(Run.KEPT, f"{(b or a or Link('', '')).text}: ")
        if a:
            yield Segment(Run.REMOVED, f"{a.url} ")
        if b:
            yield Segment(Run.ADDED, f"{b.url} ")


def _at(links: Sequence[Link], number: int) -> Link | None:
    return links[number] if number < len(links) else None


def _edit(kind: EditKind, old: _Place | None, new: _Place | None) -> Edit:
    before, after = (old.passage.text if old else ""), (new.passage.text if new else "")
    place = new or old
    assert place is not None  # noqa: S101  (an edit has at least one side)
    segments = tuple(redline(before, after))
    return Edit(kind, place.heading, before, after, segments, bool(old and new) and same_words(before, after))


def _alikeness(a: _Place, b: _Place) -> float:
    """Dice's coefficient of the two sets of words: 0 for nothing, 1 for all in common."""
    total = len(a.words) + len(b.words)
    return 2 * len(a.words & b.words) / total if total else 0.0
