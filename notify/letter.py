"""What every channel is given: a message in plain pieces, which the channel escapes and fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from archive.frames import Frame
from archive.words import Run, Segment


@dataclass(frozen=True, slots=True)
class Line:
    """A line of our own words; where `url` is set, the line leads there."""

    text: str
    url: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what is to be said of it; where `url` is set, it leads there."""

    name: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the page under a line of ours that says where they stand. `runs` is their redline."""

    intro: str
    runs: tuple[Segment, ...]

    @property
    def is_whole(self) -> bool:
        """Whether all of the words came, or all went: nothing in them needs a mark."""
        return len({segment.run for segment in self.runs}) == 1


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list, below the line above it."""

    text: str
    url: str = ""


Block = Line | Fact | Quote | Item


@dataclass(frozen=True, slots=True)
class Letter:
    """A message for one target. All texts are plain text, of the page's author too: the channel escapes them, last.

    `lead` is what everyone must read: what happened, how to refuse, from when. `quotes` are the page's words. `rest` is
    what else is known. `url` is where to read on, "" for nowhere. `thread` is the same for all messages on one service.
    `data` is the same message as JSON values. A letter that is `repeated` may have arrived before.
    """

    kind: str  # change, digest, reminder, silence, heard, dead, watching, test
    title: str
    lead: tuple[Block, ...]
    frame: Frame
    quotes: tuple[Quote, ...] = ()
    rest: tuple[Block, ...] = ()
    severity: str = ""
    url: str = ""
    thread: str = ""
    hashtags: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    reference: str = ""
    repeated: bool = False

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All of it, in order; with what says that it may have arrived before, and by what it is known."""
        mark = (Line(self.frame.say("message", "repeated")),) if self.repeated else ()
        name = (Fact(self.frame.say("message", "reference"), self.reference),) if self.reference else ()
        return (*mark, *self.lead, *self.quotes, *self.rest, *name)

    def addressed(self, reference: str, repeated: bool) -> Letter:
        """The same with its name at this target."""
        return replace(self, reference=reference, repeated=repeated)


def marked(quote: Quote, frame: Frame) -> str:
    """The words of a quote for channels without formatting; what came into them, and what went, in brackets."""
    if quote.is_whole:
        return "".join(segment.text for segment in quote.runs)
    names = {Run.ADDED: "added", Run.REMOVED: "removed"}
    return "".join(
        segment.text if segment.run is Run.KEPT else _bracketed(segment.text, names[segment.run], frame)
        for segment in quote.runs
    )


def _bracketed(text: str, name: str, frame: Frame) -> str:
    """Spaces at the ends stay outside."""
    bare = text.strip()
    said = f"[{frame.say('redline', name, words=bare)}]" if bare else ""
    return text.replace(bare, said, 1) if bare else text
