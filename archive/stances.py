"""Tells where each service stands on a topic, from the words that its documents say now; and how people can refuse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from archive import languages, refusals, sayings
from archive.positions import Position, on_consent, on_training
from archive.refusals import WayOut
from archive.words import Topic

__all__ = [
    "NAMES",
    "POSITIONS",
    "Position",
    "Saying",
    "Stance",
    "WayOut",
    "Whose",
    "of_all",
    "of_service",
    "services",
    "ways_out",
]

POSITIONS: Mapping[Topic, tuple[Position, ...]] = {  # in the order of importance to a reader
    Topic.AI_TRAINING: (Position.TRAINS, Position.OPT_OUT, Position.OPT_IN, Position.NO),
    Topic.CONSENT: (Position.DEEMED, Position.DEFAULT, Position.OPT_OUT, Position.OPT_IN, Position.WITHDRAW),
}
NAMES: dict[str, str] = {
    Position.TRAINS: "Says it trains AI on data",
    Position.OPT_OUT: "Lets you opt out",
    Position.OPT_IN: "Asks you first",
    Position.NO: "Says it does not train",
    Position.DEEMED: "Takes use as consent",
    Position.DEFAULT: "On by default",
    Position.WITHDRAW: "Lets you withdraw consent",
}

MOST = 8  # stances of whole archives that are remembered


@dataclass(frozen=True, slots=True)
class Saying:
    """Words of a document that stand now. `since` is when it first said so, as ISO-8601 UTC; `language` is its code.

    `change_id` is the change that brought them, None where that is not known.
    """

    quote: str
    passage_id: int
    document_id: int
    document: str
    since: str
    language: str
    change_id: int | None


@dataclass(frozen=True, slots=True)
class Stance:
    """Of one service on one topic: what its documents say for each position, in the order of importance.

    Empty where they do not say it: unstated. A service may hold several, for different people or data.
    """

    topic: Topic
    positions: dict[str, list[Saying]]


@dataclass(frozen=True, slots=True)
class Whose:
    """A service, and how well its documents are known.

    `seen` is the last look that saw one of them, as ISO-8601 UTC, "" for none. `not_read` names the languages of its
    documents where no rule reads any of them: what it says is not known, which is not the same as unstated.
    """

    id: int
    key: str
    name: str
    seen: str
    not_read: str


def services(db: Database) -> list[Whose]:
    """All of them, by name."""
    known: dict[int, list[sayings.Text]] = {}
    for text in sayings.texts(db).values():
        known.setdefault(text.service_id, []).append(text)
    rows = db.conn.execute("SELECT id, key, name FROM services").fetchall()
    found = [_whose(one, key, name, known.get(one, [])) for one, key, name in rows]
    return sorted(found, key=lambda one: one.name.casefold())


def of_service(db: Database, service_id: int) -> list[Stance]:
    """One for each topic, AI training first."""
    return [of_all(db, topic).get(service_id) or Stance(topic, {}) for topic in POSITIONS]


def of_all(db: Database, topic: Topic) -> dict[int, Stance]:
    """Of every service with a text that counts, by its id. For readers only: it is the same until something is new."""
    key, state = (sayings.place(db), topic), sayings.state(db)
    if key not in _LAST or _LAST[key][0] != state:
        if len(_LAST) >= MOST:
            _LAST.clear()
        _LAST[key] = state, _of_all(db, topic)
    return _LAST[key][1]


def _of_all(db: Database, topic: Topic) -> dict[int, Stance]:
    known = sayings.texts(db)
    grouped = {text.service_id: list[sayings.Found]() for text in known.values()}
    for one in sayings.found(db, topic, known):
        grouped[one.text.service_id].append(one)
    return {service: _stance(topic, found) for service, found in grouped.items()}


def ways_out(db: Database, service_id: int) -> list[WayOut]:
    """How to refuse, each way once: AI training first, then the newest."""
    return refusals.of_service(db, sayings.texts(db, service_id), service_id)


def positions(topic: Topic, one: sayings.Found) -> Iterator[tuple[Position, str]]:
    """What flagged words that stand now say, with the very words: theirs, or those of the sentence behind them."""
    if topic is Topic.AI_TRAINING:
        yield from on_training(one.quote, one.passage, policy=_is_policy(one))
    else:
        yield from ((position, one.quote) for position in on_consent(one.quote, one.mechanisms))


_LAST: dict[tuple[str, Topic], tuple[tuple[object, ...], dict[int, Stance]]] = {}


def _whose(service: int, key: str, name: str, texts: list[sayings.Text]) -> Whose:
    unread = [languages.ours().not_read(text.language) for text in texts]
    not_read = ", ".join(sorted(set(unread))) if all(unread) else ""
    return Whose(service, key, name, max((text.seen for text in texts), default=""), not_read)


def _stance(topic: Topic, found: Iterable[sayings.Found]) -> Stance:
    """The same words in several documents are told once."""
    said: dict[Position, dict[str, Saying]] = {position: {} for position in POSITIONS[topic]}
    for one in sorted(found, key=_plainness) if topic is Topic.CONSENT else found:
        for position, words in positions(topic, one):
            said[position].setdefault(words.casefold(), _saying(words, one))
    return Stance(topic, {str(position): list(those.values()) for position, those in said.items() if those})


def _plainness(one: sayings.Found) -> tuple[int, bool]:
    """Words on consent that do one thing go before those that do several, and policies before terms."""
    return one.mechanisms.count(","), not _is_policy(one)


def _is_policy(one: sayings.Found) -> bool:
    """Whether a document is about people's data."""
    return "Privacy" in one.text.type


def _saying(words: str, one: sayings.Found) -> Saying:
    text = one.text
    return Saying(words, one.passage_id, text.document_id, text.document, one.since, text.language, one.change_id)
