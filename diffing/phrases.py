"""Turns phrases a lawyer can write ("{company} may .. use ... {train}") into places where they stand among words.

A phrase is words in order. `a/b` is either word, `train*` any ending, `{name}` any phrase of that word group, `..` up
to three words between, `...` up to twelve, `^` the beginning of the sentence. Matching goes once over the words and
never backtracks, so a hostile text costs no more than an honest one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from diffing.sentences import fold

GAPS = {"..": 3, "...": 12}
ITEM = re.compile(r"\{([a-z][a-z-]*)\}|(\.{2,3})|(\^)|([^\s{}.^]+)")
Span = tuple[int, int]
COMMON = re.compile(
    r"(?:a|and|are|as|at|be|by|can|do|for|from|if|in|is|it|may|not|of|on|or|our|that|the|this|to|us|use|we|will|with|your?)$"
)
MOST_WORDS = 20_000  # different words whose literals are remembered


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of a phrase: a literal or a group (by name), and how many words may stand before it."""

    name: str
    gap: int = 0
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """A compiled phrase; `at_start` binds it to the beginning of the sentence."""

    steps: tuple[Step, ...]
    at_start: bool = False
    literals: frozenset[str] = frozenset()

    @property
    def groups(self) -> set[str]:
        """The word groups it names."""
        return {step.name for step in self.steps if step.is_group}


class Phrases:
    """Several phrases, any of which will do."""

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
    return Phrase(tuple(steps), at_start, frozenset(step.name for step in steps if not step.is_group))


def _steps(group: str | None, words: str, gap: int) -> list[Step]:
    """The steps of one written piece; "don't" and "opt-out" are two words for us."""
    if group:
        return [Step(group, gap, is_group=True)]
    if "/" in words:
        return [Step(words.lower(), gap)]
    parts = [part for bit in words.split("-") for part in fold(bit)]
    return [Step(part, 0 if number else gap) for number, part in enumerate(parts)]


class Remembered(dict[str, frozenset[str]]):
    """The literals that a word answers, looked up once a word."""

    def __init__(self) -> None:
        super().__init__()
        self.exact: dict[str, set[str]] = {}
        self.begin: dict[str, set[str]] = {}

    def __missing__(self, word: str) -> frozenset[str]:
        if len(self) > MOST_WORDS:
            self.clear()
        begun = (self.begin.get(word[:length], ()) for length in range(1, len(word) + 1))
        found = self[word] = frozenset(self.exact.get(word, ())).union(*begun)
        return found

    def add(self, literal: str) -> None:
        """Know a literal by each of its forms."""
        for form in literal.split("/"):
            if form.endswith("*"):
                self.begin.setdefault(form[:-1], set()).add(literal)
            else:
                self.exact.setdefault(fold(form)[0], set()).add(literal)


class Lexicon:
    """All literals of all phrases, looked up by word; for each set of phrases, the literals that give it away.

    Any match of a phrase holds one of its give-away literals: where none of them stands, nothing needs a look.
    """

    def __init__(self, groups: Mapping[str, Phrases], others: Sequence[Phrases]) -> None:
        self.groups = dict(groups)
        self.literals = Remembered()
        self.by_literal: dict[Phrases, dict[str, list[Phrase]]] = {}
        for phrases in [*self.groups.values(), *others]:
            self._sort(phrases)
            for literal in {step.name for phrase in phrases.all for step in phrase.steps if not step.is_group}:
                self.literals.add(literal)

    def _sort(self, phrases: Phrases) -> dict[str, list[Phrase]]:
        """The phrases under each of their give-away literals."""
        if phrases not in self.by_literal:
            found: dict[str, list[Phrase]] = {}
            for phrase in phrases.all:
                for literal in min((self._literals(step) for step in phrase.steps), key=_commonness):
                    found.setdefault(literal, []).append(phrase)
            self.by_literal[phrases] = found
        return self.by_literal[phrases]

    def _literals(self, step: Step) -> set[str]:
        return set(self._sort(self.groups[step.name])) if step.is_group else {step.name}


def _commonness(literals: set[str]) -> int:
    """How often one of the literals is likely to stand in a sentence, roughly: short words are common."""
    forms = [form for literal in literals for form in literal.split("/")]
    return sum(64 if COMMON.match(form) else max(3, 2 ** (6 - len(form.rstrip("*")))) for form in forms)


class Matches:
    """Where the phrases of a lexicon stand among the words of one sentence; each group is looked for once."""

    def __init__(self, lexicon: Lexicon, words: Sequence[str]) -> None:
        self._lexicon = lexicon
        self._words = words
        self._groups: dict[str, list[Span]] = {}
        self.literals = frozenset[str]().union(*map(lexicon.literals.__getitem__, words))

    @cached_property
    def _places(self) -> dict[str, list[Span]]:
        """Where each literal stands."""
        places: dict[str, list[Span]] = {literal: [] for literal in self.literals}
        answers = self._lexicon.literals
        for place, word in enumerate(self._words):
            for literal in answers[word]:
                places[literal].append((place, place + 1))
        return places

    def group(self, name: str) -> list[Span]:
        """The places of a word group, in order."""
        found = self._groups.get(name)
        if found is None:
            found = self._groups[name] = self.any(self._lexicon.groups[name])
        return found

    def any(self, phrases: Phrases) -> list[Span]:
        """The places of any of the phrases, in order."""
        by_literal = self._lexicon.by_literal[phrases]
        spans: set[Span] = set()
        for literal in by_literal.keys() & self.literals:
            for phrase in by_literal[literal]:
                if phrase.literals <= self.literals:
                    spans.update(self._phrase(phrase))
        return sorted(spans)

    def _phrase(self, phrase: Phrase) -> list[Span]:
        """The places of a phrase; the tightest for each end."""
        if len(phrase.steps) == 1 and not phrase.at_start and not phrase.steps[0].is_group:
            return self._places[phrase.steps[0].name]
        spans: list[Span] = []
        for number, step in enumerate(phrase.steps):
            hits = self.group(step.name) if step.is_group else self._places.get(step.name, [])
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
