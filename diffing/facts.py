"""Turns the sentences of a flagged passage into the facts they state: dates, ways to refuse, who is exempt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from archive.words import Fact, Flag
from diffing.claims import Reader, headed
from diffing.delta import Turn, turns
from diffing.fact_values import exempted, path, plain, settle, trimmed
from diffing.rules import FactRule
from diffing.sentences import Sentence

MOST = {"exempt": 5}  # facts of one kind beside a flag; of every other kind one, the first


@dataclass(frozen=True, eq=False)
class Text:
    """The sentences before and after."""

    old: Sequence[Sentence]
    new: Sequence[Sentence]

    @property
    def now(self) -> Sequence[Sentence]:
        """The sentences that stand now; of a removed passage, those that stood."""
        return self.new or self.old

    @cached_property
    def turns(self) -> list[Turn]:
        """How they came about: the changed sentences."""
        return turns(self.old, self.new)


def facts(flags: Sequence[Flag], text: Text, reader: Reader, seen: date | None) -> tuple[Fact, ...]:
    """The facts that are stated, regions and groups that are exempt each by itself; quoted sentences are asked first.

    `seen` is the document's date: it completes a day and month.
    """
    quotes = {flag.quote for flag in flags}
    ordered = sorted(text.now, key=lambda sentence: sentence.text not in quotes)
    found: list[Fact] = []
    for rule in reader.rules.facts:
        if not _room(rule, found) or not _asked(rule, flags, reader):
            continue
        asked = _newly(rule, text.turns, reader, seen) if rule.fresh else ordered
        for fact in _told(rule, asked, reader, seen):
            if not any(_says_both(fact, known) for known in found):
                found.append(fact)
            if not _room(rule, found):
                break
    return tuple(found)


def states(rule: FactRule, sentences: Sequence[Sentence], reader: Reader, seen: date | None) -> bool:
    """Whether any of the sentences states the fact."""
    return any(True for _ in _told(rule, sentences, reader, seen))


def _room(rule: FactRule, found: Sequence[Fact]) -> bool:
    """Whether another fact of the rule's kind may be told."""
    return sum(fact.kind == rule.kind for fact in found) < MOST.get(rule.kind, 1)


def _says_both(fact: Fact, known: Fact) -> bool:
    """Whether what is known says all that the fact says: the same regions, or its words."""
    if fact.kind != known.kind:
        return False
    if fact.codes and set(fact.codes) <= set(known.codes):
        return True
    words, others = set(fact.value.lower().split()), set(known.value.lower().split())
    return words <= others or (others <= words and fact.codes == known.codes)


def _newly(rule: FactRule, changed: Sequence[Turn], reader: Reader, seen: date | None) -> list[Sentence]:
    """The sentences that came, or that state the fact only since they were reworded."""
    return [t.new for t in changed if t.new and not (t.old and states(rule, [t.old], reader, seen))]


def _asked(rule: FactRule, flags: Sequence[Flag], reader: Reader) -> bool:
    """Whether the rule's fact means something beside these flags, or under a heading that speaks of its topic."""
    if rule.topic is not None:
        return any(flag.topic is rule.topic for flag in flags) or rule.topic in headed(reader.rules, reader.title)
    return bool(flags) or not rule.flagged


def _told(rule: FactRule, sentences: Sequence[Sentence], reader: Reader, seen: date | None) -> Iterator[Fact]:
    """Every statement of the fact, patterns in the order of the rule."""
    signed = [s for s in sentences if not rule.signs or _holds(s.text.lower(), rule.signs)]
    near = [s for s in signed if not rule.near.all or reader.stands(rule.near, s)]
    for pattern in rule.patterns:
        for sentence in near:
            for found in pattern.finditer(plain(sentence.text, rule.kind == "optout")):
                value = trimmed(found["value"])
                if "as_path" in pattern.groupindex:
                    value = path(value)
                yield from _facts(rule.kind, value, sentence.text, seen)


def _holds(text: str, signs: Sequence[str]) -> bool:
    return any(sign in text for sign in signs)


def _facts(kind: str, value: str, quote: str, seen: date | None) -> list[Fact]:
    """What a value says: nothing where it cannot be told, regions and groups each by itself."""
    if kind == "exempt":
        return [Fact(kind, words, quote, codes) for words, codes in exempted(value)]
    settled = settle(kind, value, seen)
    return [Fact(kind, settled, quote)] if settled else []
