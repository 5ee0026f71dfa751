"""Turns the lives of found passages into facets: how many passages there are by service, document, topic and time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archive.finding import Life, Place
from archive.labels import TOPICS
from archive.words import Topic

NAMES = {"topic": "Flagged on", "stands": "Today", "service": "Service", "type": "Document", "year": "First seen"}
STANDS = {"now": "Still there", "gone": "Gone"}
MOST = 100  # values of a facet
Asked = dict[str, str]  # a search: its query's parameters


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet: of how many passages it is true, and the search for these alone."""

    label: str
    count: int
    asked: Asked


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow an answer. `key` is the query's parameter; the values go from many passages to few."""

    key: str
    name: str
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an answer is narrowed by, and the search without it."""

    key: str
    name: str
    label: str
    without: Asked


def facets(
    asked: Asked,
    lives: Iterable[Life],
    places: Mapping[int, Place],
    topics: Mapping[int, Iterable[Topic]],
    slugs: Mapping[str, str],
) -> list[Facet]:
    """Those that tell passages apart and are not chosen yet. `topics` are those that a passage was flagged on."""
    passages = defaultdict[tuple[str, str, str], set[int]](set)
    for life in lives:
        for value in _of_life(life, places[life.document_id], slugs):
            passages[value].add(life.passage_id)
    for passage, flagged in topics.items():
        for topic in flagged:
            passages["topic", topic, topic_name(topic)].add(passage)
    found = [_facet(asked, key, Counter({value: len(ids) for value, ids in passages.items()})) for key in NAMES]
    return [facet for facet in found if facet.values]


def chosen(asked: Asked, labels: Mapping[str, str]) -> list[Chosen]:
    """What a search is narrowed by. `labels` has what each value is called, by its parameter, in their order."""
    return [Chosen(key, {**NAMES, "on": "Stood on"}[key], label, without(asked, key)) for key, label in labels.items()]


def without(asked: Asked, *keys: str) -> Asked:
    """The same search without some of its parameters."""
    return {name: value for name, value in asked.items() if name not in keys}


def topic_name(topic: Topic) -> str:
    """ "AI training"."""
    return TOPICS[topic][:1].upper() + TOPICS[topic][1:]


def _of_life(life: Life, place: Place, slugs: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Which values of which facets a life has: the parameter, its value, and what that is called."""
    stands, year = "gone" if life.gone else "now", life.first_seen[:4]
    return [
        ("stands", stands, STANDS[stands]),
        ("service", slugs[place.service], place.service_name),
        ("type", place.type, place.type),
        ("year", year, year),
    ]


def _facet(asked: Asked, key: str, counts: Counter[tuple[str, str, str]]) -> Facet:
    """Years come in their order, the newest first. One value that all share tells nothing, unless it is a topic."""
    mine = [(value, label, count) for (name, value, label), count in counts.items() if name == key]
    if key in asked or (len(mine) < 2 and key != "topic"):
        return Facet(key, NAMES[key], ())
    ordered = sorted(mine, key=lambda one: one[0], reverse=True) if key == "year" else sorted(mine, key=_by_count)
    values = [Value(label, count, asked | {key: value}) for value, label, count in ordered[:MOST]]
    return Facet(key, NAMES[key], values)


def _by_count(one: tuple[str, str, int]) -> tuple[int, str]:
    return -one[2], one[1].casefold()
