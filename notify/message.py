"""Gathers the news of a change for a reader: who, what it does, in which words, how to refuse, what is the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.labels import FACTS
from archive.plain_line import line
from archive.redline import around, segments
from archive.reports import ChangeReport
from archive.severity import highest
from archive.words import Edit, Fact, Flag, Run, Segment, Topic

MOST = 8  # quotes in a message; the rest is named and stays in the archive
BESIDE = 3  # sentences told beside the flagged ones: no flag, but who gets people's data
TELLING = 4  # words from which a quote says something by itself; shorter ones are mostly headings


@dataclass(frozen=True, slots=True)
class Quoted:
    """One sentence that set off flags: the words, where they stand, and whether the page says them now.

    `runs` are the words with what came into them and what went.
    """

    words: str
    heading: str
    stands: bool  # False: the page no longer says it
    flags: tuple[Flag, ...]
    runs: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A document in which the edit was made: its name, its page, its own change."""

    name: str
    page: str
    change_id: int


@dataclass(frozen=True, slots=True)
class Message:
    """What is told of a change, in no language but the page's, and the line. All texts are plain."""

    who: str  # the document, or of several the service or the company
    service: str  # the service's key
    topics: tuple[Topic, ...]
    line: str  # what the change does, in plain English words
    severity: str  # high, medium or low
    quotes: tuple[Quoted, ...]
    left_out: int
    also: tuple[str, ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]  # of each kind its values
    seen: str  # a day
    before: str  # a day, "" where there was nothing before
    evidence: tuple[str, ...]
    origin: str  # whose record it is, where others have fetched the page
    places: tuple[Place, ...]  # the change's own document, then those in which the same edit was made
    services: tuple[tuple[str, str], ...]  # key and name of each service that has one of them

    @property
    def change_id(self) -> int:
        """The change itself."""
        return self.places[0].change_id


def compose(report: ChangeReport, topics: Iterable[Topic] = tuple(Topic)) -> Message:
    """The message about a change for a reader of these topics: what was known before is not told."""
    wanted = set(topics) & report.topics or report.topics  # settings may have changed since it was queued
    quotes = _quotes(report, wanted)
    facts = [fact for _, reading in report.told for fact in reading.facts if fact.kind != "sharing"]
    own = Place(report.title, report.url, report.id)
    return Message(
        who=report.title if not report.together else _who(report),
        service=report.service_key,
        topics=tuple(topic for topic in Topic if topic in wanted),
        line=_line(report, wanted),
        severity=str(highest(report.told, wanted) or ""),
        quotes=tuple(quotes[:MOST]),
        left_out=max(0, len(quotes) - MOST),
        also=_also(report, quotes),
        facts=tuple(_facts(facts)),
        seen=report.seen_at[:10],
        before=(report.before_seen_at or "")[:10],
        evidence=tuple(report.snapshots),
        origin=report.origin,
        places=(own, *(Place(one.label, one.url, one.change_id) for one in report.together)),
        services=tuple(report.services.items()),
    )


def _who(report: ChangeReport) -> str:
    """The service; of several the company they belong to, or their names."""
    names = report.services.values()
    return report.service if len(names) == 1 else report.owner or ", ".join(names)


def _line(report: ChangeReport, topics: set[Topic]) -> str:
    """The change's own line, if it says neither too much nor too little; "" of one from before there were lines."""
    everything = len(report.told) == len(report.edits) and topics == report.topics
    if not report.line or (everything and _who(report) == report.service):
        return report.line
    return line(_who(report), report.told, report.seen_at, topics)


def _quotes(report: ChangeReport, topics: set[Topic]) -> list[Quoted]:
    """Each flagged sentence once, with all its flags; AI training first; headings only if alone."""
    flags, edits = dict[tuple[str, str, bool], list[Flag]](), dict[tuple[str, str, bool], Edit]()
    found = [(edit, flag) for edit, reading in report.told for flag in reading.flags if flag.topic in topics]
    for edit, flag in sorted(found, key=lambda pair: pair[1].topic is not Topic.AI_TRAINING):
        key = (flag.quote, edit.heading.split(" › ")[-1], flag.side == "after")
        flags.setdefault(key, []).append(flag)
        edits.setdefault(key, edit)
    quotes = [Quoted(*key, tuple(dict.fromkeys(some)), _runs(edits[key], *key)) for key, some in flags.items()]
    return [quote for quote in quotes if len(quote.words.split()) >= TELLING] or quotes


def _runs(edit: Edit, words: str, heading: str, stands: bool) -> tuple[Segment, ...]:
    """The redline of a sentence of an edit."""
    run, text = (Run.ADDED, edit.after) if stands else (Run.REMOVED, edit.before)
    start = text.find(words)
    if start < 0:  # a rule quotes what it reads; where that is not the text's own words, they stand alone
        return (Segment(run, words),)
    return around(segments(edit), run, start, start + len(words)) or (Segment(run, words),)


def _also(report: ChangeReport, quotes: Sequence[Quoted]) -> tuple[str, ...]:
    """Sentences of the same change that newly share people's data with others, where no flag quotes them."""
    told = {quote.words for quote in quotes}
    facts = [fact for _, reading in report.told for fact in reading.facts if fact.kind == "sharing"]
    return tuple(dict.fromkeys(fact.quote for fact in facts if fact.quote not in told))[:BESIDE]


def _facts(facts: Sequence[Fact]) -> list[tuple[str, tuple[str, ...]]]:
    """Each kind of fact once, in the order that matters to a reader, with its values."""
    found: dict[str, list[str]] = {}
    for fact in facts:
        found.setdefault(fact.kind, []).append(fact.value)
    return [(kind, tuple(dict.fromkeys(found[kind]))) for kind in FACTS if kind in found]
