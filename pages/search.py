"""Turns words into the passages that hold them, with where and how long each stands or stood, and ways to narrow."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from archive import feeds, finding, labels, past
from archive.errors import SmallprintError
from archive.finding import BEST, RANKED, Life, Narrowing, Part, Place
from archive.search import expression
from archive.words import Flag, Topic
from pages.facets import STANDS, chosen, facets, topic_name
from pages.serving import Asked, Page
from pages.words import day

SHOWN = 20  # passages on a page
PLACES = 3  # documents named beside a passage
LONGEST, MOST_WORDS, MOST_BEGINNINGS = 200, 16, 3  # of a question: what more would cost answers nobody
NARROWED = ("service", "type", "topic", "stands", "year", "on")  # the parameters beside q and page
WORD = re.compile(r"[^\W_]+")
BEGINNING = re.compile(r'"([^"]*)"\*')  # in the language of the index of words
EXAMPLES = ("train", '"machine learning"', "opt out", "consent", "arbitrat*", '"third parties" share')


@dataclass(frozen=True, slots=True)
class Stay:
    """A document in which a passage stands or stood. `at_least`: it stood there already in the first text on record."""

    document_id: int
    document: str
    origin: str
    first_seen: str
    gone: str | None
    at_least: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A found passage: its words in pieces, what it was flagged for, where it stands, and how many documents more."""

    passage_id: int
    parts: Sequence[Part]
    chips: Sequence[str]
    stays: Sequence[Stay]
    more: int


def page(db: Database, asked: Asked) -> Page:
    """The answer to a question; without one, what can be asked.

    `asked` has q, the words, and what narrows: service (a slug), type, topic, stands ("now" or "gone"), year, on
    (a day), and page, from 1. Raises SmallprintError where one of them makes no sense.
    """
    given = {name: asked[name].strip() for name in ("q", *NARROWED) if asked.get(name, "").strip()}
    start = {"q": given.get("q", ""), "asked": given, "examples": EXAMPLES, "answer": None}
    if "q" not in given:
        return Page("search.html", start)
    check(given["q"])
    slugs = feeds.slugs(db)
    places = finding.places(db)
    narrowing, names = _narrowed(given, slugs, places)
    answer = _answer(db, given, narrowing, _number(asked), places, slugs)
    return Page("search.html", start | {"answer": answer, "chosen": chosen(given, names)})


def check(words: str) -> None:
    """Raises SmallprintError for a question that says nothing, or would take too long."""
    asked = expression(words)
    beginnings = [WORD.findall(phrase)[-1:] for phrase in BEGINNING.findall(asked)]
    if not WORD.search(words):
        raise SmallprintError("There is no word in this question: write one with letters or digits.")
    if len(words) > LONGEST or len(WORD.findall(asked)) > MOST_WORDS:
        raise SmallprintError(f"This question is too long: {MOST_WORDS} words or {LONGEST} characters are the most.")
    if any(len(word) < 2 for beginning in beginnings for word in beginning):
        raise SmallprintError("A beginning needs two letters or more before the *.")
    if len(beginnings) > MOST_BEGINNINGS:
        raise SmallprintError(f"{MOST_BEGINNINGS} beginnings (opt*) in a question are the most.")


def _narrowed(
    given: dict[str, str], slugs: Mapping[str, str], places: Mapping[int, Place]
) -> tuple[Narrowing, dict[str, str]]:
    """What was asked for besides words, and what each of it is called."""
    keys = {slug: key for key, slug in slugs.items()}
    service, topic, stands = (given.get(name, "") for name in ("service", "topic", "stands"))
    if service and service not in keys:
        raise SmallprintError("There is no service of this name in the archive.")
    if (topic and topic not in list(Topic)) or (stands and stands not in STANDS):
        raise SmallprintError("This cannot be narrowed so: topic and stands have values of their own.")
    titles = {place.service: place.service_name for place in places.values()}
    on = past.moment(given["on"]) if "on" in given else ""
    known = {
        "service": titles.get(keys.get(service, ""), service),
        "topic": topic_name(Topic(topic)) if topic else "",
        "stands": STANDS.get(stands, ""),
        "on": day(on),
    }
    narrowing = Narrowing(
        keys.get(service, ""),
        given.get("type", ""),
        Topic(topic) if topic else None,
        stands == "now" if stands else None,
        given.get("year", ""),
        on,
    )
    return narrowing, {name: known.get(name, given[name]) for name in NARROWED if name in given}


def _number(asked: Asked) -> int:
    """Which page of the answer."""
    number = asked.get("page", "") or "1"
    if not re.fullmatch("[0-9]{1,4}", number) or not 1 <= int(number) <= BEST // SHOWN:
        raise SmallprintError(f"There are no pages but those from 1 to {BEST // SHOWN}.")
    return int(number)


def _answer(
    db: Database,
    given: dict[str, str],
    narrowing: Narrowing,
    number: int,
    places: Mapping[int, Place],
    slugs: Mapping[str, str],
) -> dict[str, Any]:
    """What is shown of an answer: `counted` passages are those that facets count; `total` is None for "too many"."""
    found = finding.matches(db, given["q"], narrowing)
    lives, flags = finding.lives(db, found.best, narrowing), finding.flags(db, found.best)
    shown = found.best[(number - 1) * SHOWN : number * SHOWN]
    topics = {passage: {flag.topic for flag in mine} for passage, mine in flags.items()}
    pages = -(-len(found.best) // SHOWN)
    return {
        "total": found.total if found.total <= RANKED else None,
        "most": RANKED,
        "counted": len(found.best),
        "page": number,
        "pages": pages,
        "previous": given | {"page": str(number - 1)} if number > 1 else None,
        "following": given | {"page": str(number + 1)} if number < pages else None,
        "hits": _hits(db, given["q"], shown, lives, flags, places),
        "origin": _shared({places[life.document_id].origin for life in lives}),
        "facets": facets(given, lives, places, topics, slugs),
        "unquoted": given | {"q": given["q"].replace('"', " ").strip()} if '"' in given["q"] else None,
    }


def _hits(
    db: Database,
    words: str,
    shown: Sequence[int],
    lives: Sequence[Life],
    flags: Mapping[int, list[Flag]],
    places: Mapping[int, Place],
) -> list[Hit]:
    """Documents where a passage stands go before those where it stood, each from the first seen on."""
    snippets, documents = finding.snippets(db, words, shown), finding.documents(db, shown)
    stays = defaultdict[int, list[Stay]](list)
    for life in sorted(lives, key=lambda life: life.gone is not None):
        if life.passage_id in snippets:
            stays[life.passage_id].append(_stay(life, places[life.document_id]))
    return [
        Hit(
            one,
            snippets[one],
            chips(flags.get(one, ())),
            stays[one][:PLACES],
            documents[one] - len(stays[one][:PLACES]),
        )
        for one in shown
    ]


def _shared(origins: set[str]) -> str:
    """Whose record all of it is, "" where that differs."""
    return origins.pop() if len(origins) == 1 else ""


def _stay(life: Life, place: Place) -> Stay:
    at_least = life.first_seen == place.since
    return Stay(life.document_id, place.name, place.origin, life.first_seen, life.gone, at_least)


def chips(flags: Sequence[Flag]) -> list[str]:
    """What a passage was flagged for when it came; where it was flagged only when it went, on what."""
    came = labels.chips(flag for flag in flags if flag.side == "after")
    return came or list(dict.fromkeys(topic_name(flag.topic) for flag in flags))
