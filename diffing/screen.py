"""Turns a text into the sets of phrases that may stand in it: cheap, and never too few.

Only the words are looked at, not their order. What this lets through is then read closely; what it stops cannot say
anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, reduce
from operator import or_

from diffing.lexicon import Lexicon, each
from diffing.phrases import Phrases
from diffing.sentences import LONGEST, WORDS, Remembered, pieces, with_all_words


class Screen:
    """Tells by bits which of some sets of phrases may stand in a text; the bits are its own, not the lexicon's."""

    def __init__(self, lexicon: Lexicon, wanted: Iterable[Phrases]) -> None:
        self._lexicon = lexicon
        self._bits: dict[str | Phrases, int] = {}
        self._told: dict[int, int] = {}
        self._steps: list[tuple[int, int]] = []
        self._by_sign: dict[int, list[int]] = {}
        self._pieces = Remembered(self._of_piece)
        self.sentence = lru_cache(maxsize=500)(self._sentence)  # what may stand in a sentence, given without addresses
        self.steps = lru_cache(maxsize=2000)(self._of_signs)
        self._enough = 0
        self._known: set[Phrases] = set()
        self.wanted: dict[Phrases, int] = {}
        for phrases in wanted:
            self._learn(phrases)
            self.wanted[phrases] = self.bit(phrases)
            self._enough |= self.bits({phrases, *lexicon.tables[phrases].give_away})
        self._signs = sum(self._by_sign)

    def text(self, text: str) -> int:
        """What may stand in a text; in one that is longer than a sentence may be, anything."""
        if not text:
            return 0
        return -1 if len(text) > LONGEST else self.sentence(with_all_words(text))

    def _sentence(self, masked: str) -> int:
        answers, bits = self._pieces, 0
        for piece in pieces(masked):
            if answer := answers[piece]:
                bits |= answer
        return self._grown(bits) if bits & self._enough else 0

    def _grown(self, bits: int) -> int:
        """The bits, and those of the sets of which each step of a phrase may be there."""
        for needs, gives in self.steps(bits & self._signs):
            if bits & needs == needs:
                bits |= gives
        return bits

    def _of_signs(self, signs: int) -> list[tuple[int, int]]:
        """What phrases with these signs need and give; those of groups before those that name them."""
        numbers = {number for sign in each(signs) for number in self._by_sign[sign]}
        return [self._steps[number] for number in sorted(numbers)]

    def _learn(self, phrases: Phrases) -> None:
        """Each phrase gives the bit of its set where the bits of its steps are; the groups it names come before."""
        if phrases in self._known or self._lexicon.tables[phrases].plain:
            return
        self._known.add(phrases)
        for name in {name for phrase in phrases.all for name in phrase.groups}:
            self._learn(self._lexicon.groups[name])
        for phrase in phrases.all:
            for literal in self._lexicon.give_away(phrase):
                self._by_sign.setdefault(self.bit(literal), []).append(len(self._steps))
            self._steps.append((self.bits(map(self._lexicon.named, phrase.steps)), self.bit(phrases)))

    def bit(self, what: str | Phrases) -> int:
        """Our bit of a literal or a set; where a word tells it by the lexicon's bit, it is translated."""
        if what not in self._bits:
            self._bits[what] = self._told[self._lexicon.bit(what)] = 1 << len(self._bits)
        return self._bits[what]

    def bits(self, several: Iterable[str | Phrases]) -> int:
        """Our bits of several of them."""
        return reduce(or_, map(self.bit, several), 0)

    def _of_piece(self, piece: bytes) -> int:
        kinds = map(self._lexicon.words.__getitem__, WORDS[piece])
        answers = reduce(or_, map(self._lexicon.kinds.__getitem__, kinds), 0)
        return sum(self._told.get(bit, 0) for bit in each(answers))
