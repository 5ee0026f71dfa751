"""Turns the sentences before and after into turns: which sentence became which, and which of its words changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import accumulate

from diffing.sentences import Sentence

ALIKE = 0.45  # share of common words from which two sentences are one sentence, reworded
WINDOW = 60  # sentences to look back and ahead for the other half, so that time stays bounded
Run = tuple[int, int, int, int]  # words that changed: from and to in the old sentence, from and to in the new one


@dataclass(frozen=True, eq=False)
class Turn:
    """A changed sentence: as it was, as it is, and the places of the words that changed on each side."""

    old: Sentence | None
    new: Sentence | None

    @property
    def removed(self) -> frozenset[int]:
        """The places of the words of `old` that changed."""
        return self._changed[0]

    @property
    def added(self) -> frozenset[int]:
        """The places of the words of `new` that changed."""
        return self._changed[1]

    @cached_property
    def _changed(self) -> tuple[frozenset[int], frozenset[int]]:
        """Both."""
        removed, added = set[int](), set[int]()
        for a, b, c, d in self.runs:
            removed.update(range(a, b))
            added.update(range(c, d))
        return frozenset(removed), frozenset(added)

    @cached_property
    def runs(self) -> list[Run]:
        """The runs of words that came, went or were replaced, in order; most turns are never asked."""
        old, new = (s.words if s else () for s in (self.old, self.new))
        if not old or not new:
            return [(0, len(old), 0, len(new))]
        compared = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        return [(a, b, c, d) for tag, a, b, c, d in compared if tag != "equal"]


def turns(before: Sequence[Sentence], after: Sequence[Sentence]) -> list[Turn]:
    """The changed sentences, those added or reworded in the order of `after`, then those removed.

    A sentence that stands on both sides, wherever, has not changed.
    """
    old, new = _without(before, after), _without(after, before)
    old, new = _unjoined(old, new)
    new, old = _unjoined(new, old)
    partner = _pairs(old, new)
    made = [Turn(old[partner[place]] if place in partner else None, s) for place, s in enumerate(new)]
    gone = set(range(len(old))) - set(partner.values())
    return made + [Turn(old[place], None) for place in sorted(gone)]


def _without(these: Sequence[Sentence], those: Sequence[Sentence]) -> list[Sentence]:
    """The sentences of `these` that have no twin among `those`."""
    if not those:
        return list(these)
    left = Counter(s.words for s in those)
    kept = []
    for sentence in these:
        if left[sentence.words]:
            left[sentence.words] -= 1
        else:
            kept.append(sentence)
    return kept


def _unjoined(these: list[Sentence], those: list[Sentence]) -> tuple[list[Sentence], list[Sentence]]:
    """Both lists without what is one sentence among `these` and several, with the same words, among `those`."""
    if not these or len(those) < 2:
        return these, those
    texts = [f"{' '.join(s.words)} " for s in those]
    starts = dict(zip(accumulate(map(len, texts), initial=0), range(len(texts) + 1), strict=True))
    running = "".join(texts)
    kept, joined = [], set[int]()
    for sentence in these:
        text = f"{' '.join(sentence.words)} "
        at = running.find(text)
        if at in starts and at + len(text) in starts:
            joined.update(range(starts[at], starts[at + len(text)]))
        else:
            kept.append(sentence)
    return kept, [s for place, s in enumerate(those) if place not in joined]


def _pairs(old: Sequence[Sentence], new: Sequence[Sentence]) -> dict[int, int]:
    """The old sentence for each new one that rewords it, the most alike first."""
    if not old or not new:
        return {}
    bags = [set(s.words) for s in old]
    scored = [
        (-score, place, other)
        for place, bag in enumerate(set(s.words) for s in new)
        for other in range(max(0, place - WINDOW), min(len(old), place + WINDOW))
        if (score := _alike(bag, bags[other])) >= ALIKE
    ]
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, place, other in sorted(scored):
        if place not in partner and other not in taken:
            partner[place] = other
            taken.add(other)
    return partner


def _alike(one: set[str], two: set[str]) -> float:
    """How much two bags of words share; a sentence that only grew shares all of the smaller one."""
    common = len(one & two)
    smaller = min(len(one), len(two))
    inside = 0.8 * common / smaller if smaller >= 6 else 0.0
    return max(2 * common / (len(one) + len(two)), inside if inside >= 0.64 else 0.0)
