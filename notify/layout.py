"""Lays out what is told of a change as a letter, in the words of the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archive.frames import Frame, frame
from archive.targets import ENGLISH, Target
from archive.words import Flag, Segment
from notify.letter import Block, Fact, Item, Letter, Line, Quote
from notify.message import Message, Place, Quoted

FIRST = ("optout", "effective")  # facts that everyone must read


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom it is written: the words of the language, where the archive can be browsed, and who may know of it."""

    frame: Frame
    site: str = ""
    public: bool = False
    hashtags: tuple[str, ...] = ()


def reader_of(target: Target, site: str) -> Reader:
    """For whom the messages to a target are written."""
    return Reader(frame(target.language), site, target.public, target.hashtags)


def letter(message: Message, reader: Reader) -> Letter:
    """The letter about a change."""
    own = message.places[0]
    return Letter(
        kind="change",
        title=reader.frame.say("change", "title", who=_who(message, reader.frame), topics=_topics(message, reader)),
        lead=tuple(_lead(message, reader)),
        frame=reader.frame,
        quotes=tuple(_quote(quote, reader.frame) for quote in message.quotes),
        rest=tuple(_rest(message, reader)),
        severity=message.severity,
        url=change_page(own.change_id, reader.site) or own.page,
        thread=message.service,
        hashtags=reader.hashtags,
        data=_data(message, reader),
    )


def trial(target: Target) -> Letter:
    """A letter that says that it arrived."""
    words = frame(target.language)
    return Letter("test", words.say("message", "test_title"), (Line(words.say("message", "test")),), words)


def change_page(change_id: int, site: str) -> str:
    """Where a change can be read in a browser; "" where the archive cannot be browsed."""
    return f"{site}/-/change/{change_id}" if site else ""


def _who(message: Message, frame: Frame) -> str:
    count = len(message.places)
    return message.who if count == 1 else frame.say("change", "documents", who=message.who, count=count)


def _topics(message: Message, reader: Reader) -> str:
    return reader.frame.say("change", "and").join(reader.frame.name("topics", topic) for topic in message.topics)


def _lead(message: Message, reader: Reader) -> Iterator[Block]:
    """What it does, how much that matters, how to refuse and from when."""
    frame = reader.frame
    if message.line:
        yield Line(_line(message, frame), strong=True)
        yield Line(frame.say("change", "severity", severity=frame.name("severity", message.severity)))
    if len(message.places) > 1:
        names = "; ".join(place.name for place in message.places)
        yield Line(frame.say("change", "same_edit", documents=names))
    yield from _facts(message, frame, first=True)


def _line(message: Message, frame: Frame) -> str:
    """The plain line is English; in other languages it is what the flags are called."""
    if frame.language == ENGLISH:
        return message.line
    return frame.labels(flag for quote in message.quotes for flag in quote.flags)


def _quote(quote: Quoted, frame: Frame) -> Quote:
    name = ("now" if quote.stands else "gone") + "_under" * bool(quote.heading)
    intro = frame.say("change", name, heading=quote.heading, labels=frame.labels(quote.flags))
    return Quote(intro, quote.runs)


def _rest(message: Message, reader: Reader) -> Iterator[Block]:
    frame = reader.frame
    if message.left_out:
        yield Line(frame.say("change", "more", count=message.left_out))
    if message.also:
        yield Line(frame.say("change", "also"))
        yield from (Item(f"“{words}”") for words in message.also)
    yield from _facts(message, frame, first=False)
    yield from (block for place in message.places for block in _place(place, message, reader))
    seen = "seen" if message.before else "seen_first"
    yield Line(frame.say("change", seen, seen=message.seen, before=message.before))
    if message.origin:
        yield Line(frame.say("change", "recorded_by", origin=message.origin))
    yield from (Line(frame.say("change", "evidence", digest=digest)) for digest in message.evidence)


def _facts(message: Message, frame: Frame, first: bool) -> Iterator[Fact]:
    for kind, values in message.facts:
        if (kind in FIRST) is first:
            told = [frame.say("change", "looking_back")] if kind == "not_retroactive" else values
            yield Fact(frame.name("facts", kind), "; ".join(told))


def _place(place: Place, message: Message, reader: Reader) -> Iterator[Block]:
    """The company's page, and the change with all its edits: on our site, or by a command on our own machine."""
    alone = len(message.places) == 1
    if place.page or not alone:  # a record of others may not say where it was
        yield Fact(reader.frame.say("change", "page") if alone else place.name, place.page, place.page)
    name, page = reader.frame.say("change", "all_edits"), change_page(place.change_id, reader.site)
    if page:
        yield Fact(name, page, page)
    elif not reader.public:
        yield Fact(name, f"smallprint show {place.change_id}")


def _data(message: Message, reader: Reader) -> dict[str, object]:
    """The message as plain values for JSON: docs/webhook.md describes them."""
    return {
        "id": message.change_id,
        "who": message.who,
        "services": [{"key": key, "name": name} for key, name in message.services],
        "documents": [_document_data(place, reader) for place in message.places],
        "topics": [str(topic) for topic in message.topics],
        "severity": message.severity,
        "line": message.line,
        "quotes": [_quote_data(quote) for quote in message.quotes],
        "left_out": message.left_out,
        "also": list(message.also),
        "facts": {kind: list(values) for kind, values in message.facts},
        "seen": message.seen,
        "before": message.before,
        "evidence": list(message.evidence),
        "origin": message.origin,
    }


def _document_data(place: Place, reader: Reader) -> dict[str, object]:
    change = {"change_id": place.change_id, "change_page": change_page(place.change_id, reader.site)}
    return {"name": place.name, "page": place.page, **change}


def _quote_data(quote: Quoted) -> dict[str, object]:
    return {
        "words": quote.words,
        "heading": quote.heading,
        "stands": quote.stands,
        "flags": [_flag_data(flag) for flag in quote.flags],
        "runs": [_run(segment) for segment in quote.runs],
    }


def _flag_data(flag: Flag) -> dict[str, object]:
    mechanisms = [str(mechanism) for mechanism in flag.mechanisms]
    return {"topic": str(flag.topic), "effect": str(flag.effect), "mechanisms": mechanisms}


def _run(segment: Segment) -> dict[str, str]:
    return {"run": str(segment.run), "text": segment.text}
