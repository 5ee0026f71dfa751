"""Turns a passage into its page: where it stands and stood, what was flagged in it, its earlier and later wordings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from archive import blame, lives
from archive.blame import Cause
from archive.lives import Held, Wording
from archive.redline import redline
from archive.words import Segment
from pages.serving import Asked, MissingError, Page
from pages.wordings import clipped, shortened, telling_words

MOST_SHOWN = 50_000  # characters of the passage
MOST_DOCUMENTS = 50
MOST_FLAGS = 20
MOST_WORDINGS = 10  # before it, and as many after it
THINNEST = 0.6  # hundredths of the picture that a span takes, at least
MOST_COMPARED = 24_000  # characters that are compared word by word on one page


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands or stood: `left` and `width` are its span, in hundredths of the time of all spans."""

    held: Held
    heading: str
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Step:
    """A wording beside the next one: `segments` lead from it to that; none, where there is too much to compare."""

    before: int
    after: int
    cause: Cause
    documents: int
    segments: list[Segment]


def page(db: Database, asked: Asked) -> Page:
    """One passage, by its id."""
    number = int(asked["id"])
    text = lives.text(db, number)
    if text is None:
        raise MissingError(f"There is no passage {number} in this archive.")
    documents = lives.documents(db, number)
    few = list(documents)[:MOST_DOCUMENTS]
    held = lives.held(db, number, few)
    earlier = lives.earlier(db, number, few, MOST_WORDINGS)
    later = lives.later(db, number, few, MOST_WORDINGS)
    flags = lives.flags(db, number, few)
    values = {
        "passage": number,
        "text": clipped(text, MOST_SHOWN),
        "left_out": max(0, len(text) - MOST_SHOWN),
        "places": list(placed(held, [lives.heading(db, number, one) for one in held])),
        "axis": axis(held),
        "documents": len(documents),
        "stands": sum(documents.values()),
        "flags": flags[:MOST_FLAGS],
        "more_flags": max(0, len(flags) - MOST_FLAGS),
        "like": telling_words(text),
    }
    return Page("passage.html", values | _wordings(db, earlier, later))


def placed(held: Sequence[Held], headings: Sequence[str]) -> Iterator[Place]:
    """Each document with its span in the time of all."""
    begin, end = map(_second, axis(held))
    share = 100 / (end - begin) if end > begin else 0
    for one, heading in zip(held, headings, strict=True):
        since, until = _second(one.first_seen), _second(one.gone or one.last_seen)
        width = max(THINNEST, (until - since) * share) if share else 100
        yield Place(one, heading, round(min((since - begin) * share, 100 - width), 2), round(width, 2))


def axis(held: Iterable[Held]) -> tuple[str, str]:
    """When the time of all spans begins and ends; "" where there is none."""
    spans = [(one.first_seen, one.gone or one.last_seen) for one in held]
    return min((since for since, _ in spans), default=""), max((until for _, until in spans), default="")


def steps(wordings: Iterable[Wording], causes: Mapping[int, Cause], texts: Mapping[int, str]) -> Iterator[Step]:
    """Wordings with their redlines, as long as there is not too much to compare."""
    left = MOST_COMPARED
    for one in wordings:
        before, after = texts[one.before], texts[one.after]
        left -= len(before) + len(after)
        runs = shortened(redline(before, after)) if left >= 0 else []
        yield Step(one.before, one.after, causes[one.version], len(one.documents), runs)


def _wordings(db: Database, earlier: Sequence[Wording], later: Sequence[Wording]) -> dict[str, list[Step]]:
    both = [*earlier, *later]
    causes = blame.causes(db, {one.version for one in both})
    texts = lives.texts(db, {number for one in both for number in (one.before, one.after)})
    return {"earlier": list(steps(earlier, causes, texts)), "later": list(steps(later, causes, texts))}


def _second(time: str) -> float:
    return datetime.fromisoformat(time).timestamp() if time else 0
