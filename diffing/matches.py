"""Turns the words of one sentence into the places where phrases stand among them.

Places are the bits of a number, so that a step of a phrase is a few operations however long the sentence is. Matching
goes once over the steps and never backtracks: a hostile text costs no more than an honest one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from diffing.lexicon import Lexicon, Look, Plan
from diffing.phrases import Phrases

SHIFTS = {0: (), 3: (1, 2), 12: (1, 2, 4, 5)}  # what to shift places by to have them and as many behind each
Span = tuple[int, int]
Places = dict[int, int]  # by their number of words: where matches begin


class Matches:
    """Where the phrases of a lexicon stand among the words of one sentence; each set is looked for once, when asked."""

    def __init__(self, lexicon: Lexicon, words: Sequence[str]) -> None:
        self._lexicon = lexicon
        self._words = _places(map(lexicon.words.__getitem__, words))  # by kind, and by other keys of the lexicon
        self._found: dict[Phrases, Places] = {}
        self._spans: dict[Phrases, list[Span]] = {}
        self._bits: int = reduce(or_, map(lexicon.kinds.__getitem__, self._words), 0)
        self._worth = self._to_look_for()

    def _to_look_for(self) -> dict[Phrases, list[Plan]]:
        """The phrases of more than a word of which each word and group may stand there, in whatever order."""
        lexicon, found = self._lexicon, dict[Phrases, list[Plan]]()
        missing = lexicon.all ^ self._bits
        numbers: list[int] = []
        for kind in self._words:
            numbers += lexicon.telling[kind]
        for number in sorted(set(numbers)):
            plan = lexicon.plans[number]
            if not plan.needs & missing:
                found.setdefault(plan.phrases, []).append(plan)
                missing &= ~plan.own
        return found

    def group(self, name: str) -> list[Span]:
        """The places of a word group, in order."""
        return self.any(self._lexicon.groups[name])

    def holds(self, phrases: Phrases) -> bool:
        """Whether any of the phrases stands there."""
        if self._bits & self._lexicon.tables[phrases].own:
            return True
        return any(map(self._ends, self._worth.get(phrases, ())))

    def any(self, phrases: Phrases) -> list[Span]:
        """The places of any of the phrases, in order."""
        spans = self._spans.get(phrases)
        if spans is None:
            found = self._of_set(phrases).items()
            spans = [(start, start + length) for length, starts in found for start in _numbers(starts)]
            if len(found) > 1:
                spans.sort()
            self._spans[phrases] = spans
        return spans

    def _of_set(self, phrases: Phrases) -> Places:
        """Where any of the phrases stands."""
        found = self._found.get(phrases)
        if found is None:
            found = self._found[phrases] = {}
            if self._bits & self._lexicon.tables[phrases].own:
                found[1] = self._of_words(self._lexicon.key(phrases))
            for plan in self._worth.get(phrases, ()):
                if ends := self._ends(plan):
                    for length, starts in self._starts(plan, ends).items():
                        found[length] = found.get(length, 0) | starts
        return found

    def _of_words(self, key: int) -> int:
        """The places of words by a key of the lexicon."""
        found = self._words.get(key)
        if found is None:
            words, found = self._words, 0
            for kind in self._lexicon.having[~key] if key < 0 else ():
                if kind in words:
                    found |= words[kind]
            words[key] = found
        return found

    def _ends(self, plan: Plan) -> list[int]:
        """Where each step of a phrase ends, in a match as far as this step; nothing where the phrase does not stand."""
        ends: list[int] = []
        starts = 1 if plan.at_start else -1
        for key, group, gap in plan.looks:
            if gap:
                for shift in SHIFTS[gap]:
                    starts |= starts << shift
            if group is None:
                starts = (starts & (self._words.get(key) or self._of_words(key))) << 1
            else:
                places = self._of_set(group).items()
                starts = reduce(or_, [(starts & begun) << length for length, begun in places], 0)
            if not starts:
                return []
            ends.append(starts)
        return ends

    def _starts(self, plan: Plan, ends: list[int]) -> Places:
        """Where a phrase stands: for each end of its last step, the match whose steps are nearest to each other."""
        if plan.fixed:
            return {plan.fixed: ends[-1] >> plan.fixed}
        if len(ends) == 1:
            only = 1 if plan.at_start else -1
            return {n: begun & only for n, begun in self._of_look(plan.looks[0]) if begun & only}
        found: Places = {}
        known: dict[Span, int] = {}
        for end in _numbers(ends[-1]):
            start = self._start(plan, ends, len(ends) - 1, end, known)
            found[end - start] = found.get(end - start, 0) | 1 << start
        return found

    def _start(self, plan: Plan, ends: list[int], step: int, end: int, known: dict[Span, int]) -> int:
        """Where a match begins whose step with this number ends there; the last such place, where there are several."""
        for number in range(step, 0, -1):
            begins = self._begins(plan.looks[number], end)
            if len(begins) > 1:
                return self._last(plan, ends, number, end, known)
            end = _nearest(ends[number - 1], begins[0])
        return 0 if plan.at_start else max(self._begins(plan.looks[0], end))

    def _last(self, plan: Plan, ends: list[int], step: int, end: int, known: dict[Span, int]) -> int:
        """The same, where the step itself may begin at several places; each is looked at once."""
        if (step, end) not in known:
            pairs = [(begin, _nearest(ends[step - 1], begin)) for begin in self._begins(plan.looks[step], end)]
            near = [place for begin, place in pairs if place >= 0 and begin - place <= plan.looks[step].gap]
            known[step, end] = max([self._start(plan, ends, step - 1, place, known) for place in near])
        return known[step, end]

    def _begins(self, look: Look, end: int) -> list[int]:
        """Where a step begins that ends there."""
        if look.group is None:
            return [end - 1]
        places = self._of_set(look.group).items()
        return [end - length for length, begun in places if end >= length and begun >> end - length & 1]

    def _of_look(self, look: Look) -> Iterable[Span]:
        return self._of_set(look.group).items() if look.group else [(1, self._of_words(look.key))]


def _places(kinds: Iterable[int]) -> dict[int, int]:
    """Where words of each kind stand; those of kind 0 say nothing."""
    found: dict[int, int] = {}
    place = 1
    for kind in kinds:
        if kind:
            found[kind] = found.get(kind, 0) | place
        place <<= 1
    return found


def _nearest(ends: int, begin: int) -> int:
    """The last of some places that is not behind another; -1 for none."""
    return (ends & (2 << begin) - 1).bit_length() - 1


def _numbers(places: int) -> list[int]:
    """Places given as bits, as numbers."""
    found = []
    while places:
        lowest = places & -places
        found.append(lowest.bit_length() - 1)
        places ^= lowest
    return found
