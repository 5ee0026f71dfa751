"""Writes the news of a change as a message: who, what it does, in which words, how to refuse, where the evidence is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.labels import FACTS, TOPICS, label, told
from archive.plain_line import line
from archive.reports import ChangeReport
from archive.severity import highest
from archive.words import Fact, Topic

MOST = 8  # quotes in a message; the rest is named and stays in the archive
BESIDE = 3  # sentences told beside the flagged ones: no flag, but who gets people's data
TELLING = 4  # words from which a quote says something by itself; shorter ones are mostly headings


@dataclass(frozen=True, slots=True)
class Quoted:
    """One sentence that set off a flag: the words, where they stand, and whether the page says them now."""

    words: str
    heading: str
    stands: bool  # False: the page no longer says it
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """A document in which the same edit was made: its name, its page, its own change."""

    name: str
    page: str
    change_id: int


@dataclass(frozen=True, slots=True)
class Message:
    """A notification before it is fitted to a channel. All texts are plain: the channel escapes them."""

    title: str
    document: str
    line: str  # what the change does, in plain words
    severity: str  # high, medium or low
    quotes: tuple[Quoted, ...]
    left_out: int
    also: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    page: str
    seen: str
    before: str
    change_id: int
    evidence: tuple[str, ...]
    origin: str = ""  # whose record it is, where others have fetched the page
    others: tuple[Other, ...] = ()  # documents in which the same edit was made


def compose(report: ChangeReport, topics: Iterable[Topic] = tuple(Topic)) -> Message:
    """The message about a change for a reader of these topics: what was known before is not told."""
    wanted = set(topics) & report.topics or report.topics  # settings may have changed since it was queued
    quotes = _quotes(report, wanted)
    facts = [fact for _, reading in report.told for fact in reading.facts if fact.kind != "sharing"]
    return Message(
        title=f"{_titled(report)}: {' and '.join(TOPICS[t] for t in Topic if t in wanted)}",
        document=report.title,
        line=_line(report, wanted),
        severity=str(highest(report.told, wanted) or ""),
        quotes=tuple(quotes[:MOST]),
        left_out=max(0, len(quotes) - MOST),
        also=_also(report, quotes),
        facts=tuple(_facts(facts)),
        page=report.url,
        seen=report.seen_at[:10],
        before=(report.before_seen_at or "")[:10],
        change_id=report.id,
        evidence=tuple(report.snapshots),
        origin=report.origin,
        others=tuple(Other(one.label, one.url, one.change_id) for one in report.together),
    )


def as_text(message: Message) -> str:
    """The body as plain text."""
    lines = [message.line, f"Severity: {message.severity}"] if message.line else []
    lines += [f"The same edit in: {'; '.join(_named(message))}"] * bool(message.others)
    lines += [""] * bool(lines)
    lines += [line for quote in message.quotes for line in _quote_lines(quote)]
    if message.left_out:
        lines += [f"… and {message.left_out} more flagged passages.", ""]
    lines += [line for words in message.also for line in ("Also new:", f"  “{words}”", "")]
    lines += [f"{name}: {text}" for name, text in message.facts] + [""] * bool(message.facts)
    lines += [*_pages(message), f"Seen {message.seen}; the text before was seen {message.before}."]
    lines += [f"Recorded by {message.origin}."] * bool(message.origin)
    lines += [f"All edits: smallprint show {message.change_id}"] if not message.others else []
    lines += [f"Evidence: SHA-256 {digest}" for digest in message.evidence]
    return "\n".join(lines)


def _named(message: Message) -> list[str]:
    """All documents in which the edit was made."""
    return [message.document, *(other.name for other in message.others)]


def _pages(message: Message) -> list[str]:
    """Where to read it: of several documents a page each, and the change with all its edits."""
    if not message.others:
        return [f"Page: {message.page}"]
    pages = [Other(message.document, message.page, message.change_id), *message.others]
    return [f"{one.name}: {one.page} (all edits: smallprint show {one.change_id})" for one in pages]


def _titled(report: ChangeReport) -> str:
    """The document, or who has made the edit in how many: "Meta (4 documents)"."""
    number = 1 + len(report.together)
    return report.title if number == 1 else f"{_who(report)} ({number} documents)"


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


def _quote_lines(quote: Quoted) -> list[str]:
    says = "It now says" if quote.stands else "It no longer says"
    where = f" under “{quote.heading}”" if quote.heading else ""
    return [f"{says}{where} ({'; '.join(quote.labels)}):", f"  “{quote.words}”", ""]


def _quotes(report: ChangeReport, topics: set[Topic]) -> list[Quoted]:
    """Each flagged sentence once, with the labels of all its flags; AI training first; headings only if alone."""
    labels: dict[tuple[str, str, bool], list[str]] = {}
    found = [(edit, flag) for edit, reading in report.told for flag in reading.flags if flag.topic in topics]
    for edit, flag in sorted(found, key=lambda pair: pair[1].topic is not Topic.AI_TRAINING):
        key = (flag.quote, edit.heading.split(" › ")[-1], flag.side == "after")
        labels.setdefault(key, []).append(label(flag))
    quotes = [Quoted(*key, tuple(dict.fromkeys(names))) for key, names in labels.items()]
    return [quote for quote in quotes if len(quote.words.split()) >= TELLING] or quotes


def _also(report: ChangeReport, quotes: Sequence[Quoted]) -> tuple[str, ...]:
    """Sentences of the same change that newly share people's data with others, where no flag quotes them."""
    told = {quote.words for quote in quotes}
    facts = [fact for _, reading in report.told for fact in reading.facts if fact.kind == "sharing"]
    return tuple(dict.fromkeys(fact.quote for fact in facts if fact.quote not in told))[:BESIDE]


def _facts(facts: Sequence[Fact]) -> list[tuple[str, str]]:
    """Each kind of fact once, in the order that matters to a reader, its values joined."""
    found: dict[str, list[str]] = {}
    for fact in facts:
        found.setdefault(fact.kind, []).append(told(fact.kind, fact.value))
    return [(name, "; ".join(dict.fromkeys(found[kind]))) for kind, name in FACTS.items() if kind in found]
