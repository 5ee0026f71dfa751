"""Turns the sentences of a flagged passage into the facts they state: dates, ways to refuse, who is exempt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from archive.words import Fact, Flag
from diffing.claims import Reader, headed
from diffing.delta import Turn, turns
from diffing.rules import FactRule
from diffing.sentences import Sentence

LINK = re.compile(r"\[([^\[\]]{0,300})\]\([^()\s]{0,1000}\)")
MARKS = re.compile(r"\*{1,3}|\\(?=[^\w\s])|<[^<>]{1,300}>")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t|tember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_DAY = r"[0-9]{1,2})(?:st|nd|rd|th)?"
DATE = re.compile(
    rf"(?:(?P<month>{_NAME}) (?P<day>{_DAY},? |(?P<number>{_DAY} (?:of )?(?P<name>{_NAME}),? )(?P<year>[0-9]{{4}})"
    "|(?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2})",
    re.IGNORECASE | re.ASCII,
)
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
EDGES = " \t\r\n,:*_"


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


def facts(flags: Sequence[Flag], text: Text, reader: Reader, year: int | None) -> tuple[Fact, ...]:
    """One fact of each kind that is stated; the quoted sentences are asked first."""
    quotes = {flag.quote for flag in flags}
    ordered = sorted(text.now, key=lambda sentence: sentence.text not in quotes)
    found: dict[str, Fact] = {}
    for rule in reader.rules.facts:
        if rule.kind in found or not _asked(rule, flags, reader):
            continue
        asked = _newly(rule, text.turns, reader, year) if rule.fresh else ordered
        if fact := _first(rule, asked, reader, year):
            found[rule.kind] = fact
    return tuple(found.values())


def states(rule: FactRule, sentences: Sequence[Sentence], reader: Reader, year: int | None) -> bool:
    """Whether any of the sentences states the fact."""
    return _first(rule, sentences, reader, year) is not None


def _newly(rule: FactRule, changed: Sequence[Turn], reader: Reader, year: int | None) -> list[Sentence]:
    """The sentences that came, or that state the fact only since they were reworded."""
    return [t.new for t in changed if t.new and not (t.old and _first(rule, [t.old], reader, year))]


def _asked(rule: FactRule, flags: Sequence[Flag], reader: Reader) -> bool:
    """Whether the rule's fact means something beside these flags, or under a heading that speaks of its topic."""
    if rule.topic is not None:
        return any(flag.topic is rule.topic for flag in flags) or rule.topic in headed(reader.rules, reader.title)
    return bool(flags) or not rule.flagged


def _first(rule: FactRule, sentences: Sequence[Sentence], reader: Reader, year: int | None) -> Fact | None:
    """The first statement of the fact, patterns in the order of the rule."""
    near = [s for s in sentences if not rule.near.all or reader.stands(rule.near, s)]
    for pattern in rule.patterns:
        for sentence in near:
            for value in _values(pattern, sentence):
                if settled := _settle(rule.kind, value, year):
                    return Fact(rule.kind, settled, sentence.text)
    return None


def _values(pattern: re.Pattern[str], sentence: Sentence) -> Iterator[str]:
    for found in pattern.finditer(_plain(sentence.text)):
        yield found["value"].strip(EDGES)


@lru_cache(maxsize=200)
def _plain(text: str) -> str:
    """A sentence without Markdown: a fact is told to people."""
    return MARKS.sub("", LINK.sub(r"\1", text))


def _settle(kind: str, value: str, year: int | None) -> str:
    """The value as we keep it: an ISO date, "true", or the words as written; empty where it cannot be told."""
    if kind == "effective":
        return _iso(value, year)
    return "true" if kind == "not_retroactive" else value


def _iso(value: str, year: int | None) -> str:
    """A written date as YYYY-MM-DD; a date without a year takes the given one."""
    if not YEAR.search(value):
        if year is None:
            return ""
        value = f"{value} {year}"
    return _plain_date(value) or _other_date(value)


def _plain_date(value: str) -> str:
    """A date in a common form; empty for any other and for a day that is none."""
    found = DATE.fullmatch(value)
    if not found:
        return ""
    try:
        if found["iso"]:
            return date.fromisoformat(value).isoformat()
        month = MONTHS.index((found["month"] or found["name"])[:3].lower()) + 1
        return date(int(found["year"]), month, int(found["day"] or found["number"])).isoformat()
    except ValueError:
        return ""


@lru_cache(maxsize=200)
def _other_date(value: str) -> str:
    import dateparser  # slow to import, and few passages state a date in another form

    moment = dateparser.parse(value, languages=["en"], settings={"REQUIRE_PARTS": ["day", "month", "year"]})
    return moment.date().isoformat() if moment else ""
