"""Turns phrases a lawyer can write ("{company} may .. use ... {train}") into places where they stand among words.

A phrase is words in order. `a/b` is either word, `train*` any ending, `{name}` any phrase of that word group, `..` up
to three words between, `...` up to twelve, `^` the beginning of the sentence. Matching goes once over the words and
never backtracks, so a hostile text costs no more than an honest one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

from diffing.sentences import Remembered, fold

GAPS = {"..": 3, "...": 12}
ITEM = re.compile(r"\{([a-z][a-z-]*)\}|(\.{2,3})|(\^)|([^\s{}.^]+)")
Span = tuple[int, int]
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


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of a phrase: a literal or a group (by name), and how many words may stand before it."""

    name: str
    gap: int = 0
    is_group: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A compiled phrase; `at_start` binds it to the beginning of the sentence."""

    steps: tuple[Step, ...]
    at_start: bool = False

    @property
    def groups(self) -> set[str]:
        """The word groups it names."""
        return {step.name for step in self.steps if step.is_group}


class Phrases:
    """Several phrases, any of which will do; told apart by who they are."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self.all = tuple(phrases)


def compile_phrase(text: str) -> Phrase:
    """A phrase from its written form; ValueError says what is wrong with it."""
    steps: list[Step] = []
    gap, at_start, place = 0, False, 0
    for found in ITEM.finditer(text):
        if text[place : found.start()].strip():
            break
        place = found.end()
        group, dots, caret, words = found.groups()
        if dots:
            gap = GAPS[dots]
        elif caret:
            at_start = True
        else:
            steps.extend(_steps(group, words, gap))
            gap = 0
    if text[place:].strip() or not steps or gap:
        raise ValueError(f'phrase "{text}" is not understood')
    return Phrase(tuple(steps), at_start)


def _steps(group: str | None, words: str, gap: int) -> list[Step]:
    """The steps of one written piece; "don't" and "opt-out" are two words for us."""
    if group:
        return [Step(group, gap, is_group=True)]
    if "/" in words:
        return [Step(words.lower(), gap)]
    parts = [part for bit in words.split("-") for part in fold(bit)]
    return [Step(part, 0 if number else gap) for number, part in enumerate(parts)]


@dataclass(frozen=True, slots=True)
class Table:
    """Phrases made ready, in bits: their own, their one-word phrases, and the others, by sign, with what each needs.

    Any match of a phrase holds one of its give-away literals: where no `signs` stand, nothing needs a look; where none
    of `several`, only the `ones` do. Words that are `plain` have phrases of one word only, so that a word by itself
    tells their own bit.
    """

    own: int
    ones: int
    more: dict[int, list[tuple[int, Phrase]]]
    several: int
    give_away: frozenset[str]
    signs: int
    plain: bool


class Lexicon:
    """All literals of all phrases, and all sets of phrases, as bits; a word answers the bits of its literals."""

    def __init__(self, groups: Mapping[str, Phrases], others: Sequence[Phrases]) -> None:
        self.groups = dict(groups)
        self.tables: dict[Phrases, Table] = {}
        self.words = Remembered(self._of_word)
        self.single: dict[str, str] = {}  # literals of one form and that word
        self._bits: dict[str | Phrases, int] = {}
        self._exact: dict[str, int] = {}
        self._begin: dict[str, int] = {}
        for phrases in [*self.groups.values(), *others]:
            self._table(phrases)
        self._plain = [(table.ones, table.own) for table in self.tables.values() if table.plain]

    def bit(self, what: str | Phrases) -> int:
        """The bit of a literal or of a set of phrases."""
        if what not in self._bits:
            self._bits[what] = 1 << len(self._bits)
            if isinstance(what, str):
                self._know(what)
        return self._bits[what]

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
            ones = sum({self._one(phrase) for phrase in phrases.all})
            more: dict[int, list[tuple[int, Phrase]]] = {}
            for phrase in phrases.all:
                for literal in self.give_away(phrase) if not self._one(phrase) else ():
                    more.setdefault(self.bit(literal), []).append((self._needs(phrase), phrase))
            signs = sum(self.bit(literal) for literal in give_away)
            self.tables[phrases] = Table(self.bit(phrases), ones, more, sum(more), give_away, signs, not more)
        return self.tables[phrases]

    def _one(self, phrase: Phrase) -> int:
        """The bit of a phrase that is a literal and no more; 0 for any other."""
        step = phrase.steps[0]
        return 0 if len(phrase.steps) > 1 or phrase.at_start or step.is_group else self.bit(step.name)

    def _needs(self, phrase: Phrase) -> int:
        """What stands wherever the phrase does: its literals, and its groups as far as a word by itself tells them."""
        told = [s for s in phrase.steps if not s.is_group or self._table(self.groups[s.name]).plain]
        return reduce(or_, (self.bit(self.named(step)) for step in told), 0)

    def _know(self, literal: str) -> None:
        """Know a literal by each of its forms."""
        for form in literal.split("/"):
            known, key = (self._begin, form[:-1]) if form.endswith("*") else (self._exact, fold(form)[0])
            known[key] = known.get(key, 0) | self._bits[literal]
            if known is self._exact and form == literal:
                self.single[literal] = key

    def _of_word(self, word: str) -> int:
        begun = (self._begin.get(word[:length], 0) for length in range(1, len(word) + 1))
        bits: int = reduce(or_, begun, self._exact.get(word, 0))
        told: int = reduce(or_, (own for ones, own in self._plain if ones & bits), bits)
        return told


def _commonness(literals: Iterable[str]) -> int:
    """How often one of the literals is likely to stand in a passage, roughly."""
    return sum(_share(form) for literal in literals for form in literal.split("/"))


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


class Matches:
    """Where the phrases of a lexicon stand among the words of one sentence; each group is looked for once."""

    def __init__(self, lexicon: Lexicon, words: Sequence[str]) -> None:
        self._lexicon = lexicon
        self._written = words
        self._words = [*map(lexicon.words.__getitem__, words)]
        self._groups: dict[str, list[Span]] = {}
        self._literals: dict[str, list[Span]] = {}
        self.bits = reduce(or_, self._words, 0)

    def group(self, name: str) -> list[Span]:
        """The places of a word group, in order."""
        found = self._groups.get(name)
        if found is None:
            found = self._groups[name] = self.any(self._lexicon.groups[name])
        return found

    def any(self, phrases: Phrases) -> list[Span]:
        """The places of any of the phrases, in order."""
        table, bits = self._lexicon.tables[phrases], self.bits
        if not bits & table.signs:
            return []
        ones = self._places(table.ones)
        some = {phrase: needs for sign in each(bits & table.several) for needs, phrase in table.more[sign]}
        more = [span for phrase, needs in some.items() if bits & needs == needs for span in self._phrase(phrase)]
        return sorted({*ones, *more}) if more else ones

    def _literal(self, name: str) -> list[Span]:
        """The places of a literal."""
        found = self._literals.get(name)
        if found is None:
            form = self._lexicon.single.get(name)
            found = self._places(self._lexicon.bit(name)) if form is None else self._where.get(form, [])
            self._literals[name] = found
        return found

    @cached_property
    def _where(self) -> dict[str, list[Span]]:
        """The places of each word."""
        where: dict[str, list[Span]] = {}
        for place, word in enumerate(self._written):
            where.setdefault(word, []).append((place, place + 1))
        return where

    def _places(self, literals: int) -> list[Span]:
        """Where any of the literals stands."""
        if not self.bits & literals:
            return []
        return [(place, place + 1) for place, word in enumerate(self._words) if word & literals]

    def _phrase(self, phrase: Phrase) -> list[Span]:
        """The places of a phrase; the tightest for each end."""
        spans: list[Span] = []
        for number, step in enumerate(phrase.steps):
            hits = self.group(step.name) if step.is_group else self._literal(step.name)
            if number:
                hits = _join(spans, hits, step.gap) if hits else []
            elif phrase.at_start:
                hits = [span for span in hits if span[0] == 0]
            if not hits:
                return []
            spans = hits
        return spans


def _join(left: list[Span], right: list[Span], gap: int) -> list[Span]:
    """Each of `right` that begins at most `gap` words after one of `left`, joined to the nearest such one."""
    latest: dict[int, int] = {}
    for start, end in left:
        latest[end] = max(start, latest.get(end, 0))
    ends = sorted(latest)
    joined: dict[int, int] = {}
    for start, end in right:
        place = bisect_right(ends, start) - 1
        if place >= 0 and start - ends[place] <= gap:
            joined[end] = max(latest[ends[place]], joined.get(end, 0))
    return [(start, end) for end, start in joined.items()]
