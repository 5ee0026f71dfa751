"""Turns all phrases of the rules into bits, kinds of words and plans, made ready for matching."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import NamedTuple

from diffing.phrases import Phrase, Phrases, Step
from diffing.sentences import Remembered, fold

# How many of a thousand passages of real policies hold the word, at least; all other words stand in fewer than ten.
COMMON = {
    100: "the to and of or you in for your a that with we information may on use as our by data services not any are"
    " be other if is this personal such",
    50: "will from have including service us can content privacy about an at it these which all third do access also"
    " com",
    20: "users user party rights products please more through using its time legal right collect how section only"
    " purposes where out limited their parties provided no customer make process used device those processing"
    " business share based without request de agreement must shall platform security required subject features"
    " order they agree following consent apply set cookies website part settings software site",
    10: "payment create does means necessary company number whether receive interest support product purpose than"
    " marketing permitted into collected unless allow providers after responsible one partners contract basis uses"
    " them control choose person here improve been providing except own transfer what review before learn form"
    " change opt directly material requirements subsidiaries subscription should delete prohibited provider prior"
    " age customers extent network phone safety individual consumer collection enable technologies develop way"
    " option options identify",
}
SHARE = {word: share for share, words in COMMON.items() for word in words.split()}


class Look(NamedTuple):
    """What a step looks for: words by their key, or a group of longer phrases; and its gap."""

    key: int
    group: Phrases | None
    gap: int


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A phrase made ready: its set, the bits of all that has to stand somewhere, and what to look for in order."""

    phrases: Phrases
    own: int
    needs: int
    at_start: bool
    looks: tuple[Look, ...]
    fixed: int  # its number of words, where that is always the same; 0 where it is not


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A set of phrases made ready, in bits: its own, and its one-word phrases, of which all are if it is `plain`.

    Any match of a phrase holds one of its give-away literals.
    """

    own: int
    ones: int
    give_away: frozenset[str]
    plain: bool


class Lexicon:
    """All literals of all phrases, and all sets of phrases, as bits; a word is of a kind, which answers the bits.

    There are as many kinds as ways to answer, and they are known from the beginning: a word answers what its own form
    and its longest known beginning do. It also answers the bits of sets that it belongs to by itself.
    """

    def __init__(self, groups: Mapping[str, Phrases], others: Sequence[Phrases]) -> None:
        self.groups = dict(groups)
        self.tables: dict[Phrases, Table] = {}
        self.words = Remembered(self._of_word)
        self.kinds = [0]  # the bits that each kind of word answers
        self._kind = {0: 0}
        self._bits: dict[str | Phrases, int] = {}
        self._exact: dict[str, int] = {}
        self._begin: dict[str, int] = {}
        for phrases in [*self.groups.values(), *others]:
            self._table(phrases)
        for word in [*self._exact, *(f"{begin}*" for begin in self._begin)]:
            self.words[word]
        self.having = self._having()
        self.all = (1 << len(self._bits)) - 1
        longer = [(one, phrases) for phrases in self.tables for one in phrases.all if not self._one(one)]
        self.plans = [self._plan(*one) for one in longer]  # those of groups before those of sets that name them
        self.telling = self._telling([phrase for phrase, _ in longer])

    def bit(self, what: str | Phrases) -> int:
        """The bit of a literal or of a set of phrases."""
        if what not in self._bits:
            self._bits[what] = 1 << len(self._bits)
            if isinstance(what, str):
                self._know(what)
        return self._bits[what]

    def key(self, what: str | Phrases) -> int:
        """What the places of words are called that answer a literal or belong to a set: their kind, if there is one.

        Otherwise it is below zero, and `having` tells the kinds.
        """
        number = _number(self.bit(what))
        kinds = self.having[number]
        return kinds[0] if len(kinds) == 1 else ~number

    def named(self, step: Step) -> str | Phrases:
        """What a step names: a literal or a group's phrases."""
        return self.groups[step.name] if step.is_group else step.name

    def give_away(self, phrase: Phrase) -> frozenset[str]:
        """Literals of which any match of the phrase holds one, those least common."""
        return min((self._literals(step) for step in phrase.steps), key=_commonness)

    def _literals(self, step: Step) -> frozenset[str]:
        return self._table(self.groups[step.name]).give_away if step.is_group else frozenset({step.name})

    def _table(self, phrases: Phrases) -> Table:
        """The phrases made ready, the groups that they name before them."""
        if phrases not in self.tables:
            give_away = frozenset[str]().union(*map(self.give_away, phrases.all))
            ones = [self._one(phrase) for phrase in phrases.all]
            for step in (step for phrase in phrases.all for step in phrase.steps):
                self.bit(self.named(step))
            self.tables[phrases] = Table(self.bit(phrases), sum(set(ones)), give_away, all(ones))
        return self.tables[phrases]

    def _one(self, phrase: Phrase) -> int:
        """The bit of a phrase that is a literal and no more; 0 for any other."""
        step = phrase.steps[0]
        return 0 if len(phrase.steps) > 1 or phrase.at_start or step.is_group else self.bit(step.name)

    def _plan(self, phrase: Phrase, phrases: Phrases) -> Plan:
        """The phrase made ready."""
        looks = [self._look(step, step.gap if number else 0) for number, step in enumerate(phrase.steps)]
        needs = reduce(or_, (self.bit(self.named(step)) for step in phrase.steps))
        loose = any(look.group or look.gap for look in looks)
        return Plan(phrases, self.bit(phrases), needs, phrase.at_start, tuple(looks), 0 if loose else len(looks))

    def _look(self, step: Step, gap: int) -> Look:
        """What a step looks for; a plain group is looked for as a literal is."""
        named = self.named(step)
        group = named if isinstance(named, Phrases) and not self._table(named).plain else None
        return Look(0 if group else self.key(named), group, gap)

    def _know(self, literal: str) -> None:
        """Know a literal by each of its forms."""
        for form in literal.split("/"):
            known, key = (self._begin, form[:-1]) if form.endswith("*") else (self._exact, fold(form)[0])
            known[key] = known.get(key, 0) | self._bits[literal]

    def _having(self) -> list[tuple[int, ...]]:
        """By number: the kinds of words that answer a literal, or that a set has by themselves."""
        found: list[list[int]] = [[] for _ in self._bits]
        for kind, bits in enumerate(self.kinds):
            for bit in each(bits):
                found[_number(bit)].append(kind)
        return [tuple(kinds) for kinds in found]

    def _telling(self, planned: Sequence[Phrase]) -> list[tuple[int, ...]]:
        """By kind: which of the planned phrases to look for where such a word stands."""
        found: list[set[int]] = [set() for _ in self.kinds]
        for place, phrase in enumerate(planned):
            for literal in self.give_away(phrase):
                for kind in self.having[_number(self.bit(literal))]:
                    found[kind].add(place)
        return [tuple(places) for places in found]

    def _of_word(self, word: str) -> int:
        """The kind of a word; 0 for one that answers nothing."""
        begun = (self._begin.get(word[:length], 0) for length in range(1, len(word) + 1))
        literals: int = reduce(or_, begun, self._exact.get(word, 0))
        if not literals:
            return 0
        bits: int = reduce(or_, (t.own for t in self.tables.values() if t.ones & literals), literals)
        if bits not in self._kind:
            self._kind[bits] = len(self.kinds)
            self.kinds.append(bits)
        return self._kind[bits]


def _commonness(literals: Iterable[str]) -> int:
    """How often one of the literals is likely to stand in a passage, roughly."""
    return sum(_share(form) for literal in literals for form in literal.split("/"))


@cache
def _share(form: str) -> int:
    """The share of one form; short beginnings are common."""
    if not form.endswith("*"):
        return SHARE.get(form, 1)
    return (256 >> min(8, len(form))) + sum(share for word, share in SHARE.items() if word.startswith(form[:-1]))


def each(bits: int) -> Iterator[int]:
    """Bits, one at a time."""
    while bits:
        lowest = bits & -bits
        yield lowest
        bits ^= lowest


def _number(bit: int) -> int:
    """Which bit it is, counted from 0."""
    return bit.bit_length() - 1
