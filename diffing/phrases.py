"""Turns phrases a lawyer can write ("{company} may .. use ... {train}") into steps: words and groups, in order.

A phrase is words in order. `a/b` is either word, `train*` any ending, `{name}` any phrase of that word group, `..` up
to three words between, `...` up to twelve, `^` the beginning of the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from diffing.sentences import fold

GAPS = {"..": 3, "...": 12}
ITEM = re.compile(r"\{([a-z][a-z-]*)\}|(\.{2,3})|(\^)|([^\s{}.^]+)")


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
