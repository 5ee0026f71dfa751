"""Turns how the looks at documents went, what waits and what is not delivered into the page of the archive's health."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from archive import health, links, reports, silences
from archive.health import Watched
from archive.rows import Row
from archive.words import Outcome
from pages.serving import Asked, Page

SHOWN = 100  # documents, links or changes in a list
ENDED = 10  # silences that are over
WHY = {
    Outcome.UNREACHABLE: "Could not be reached",
    Outcome.REFUSED: "Robots are asked to stay away",
    Outcome.BLOCKED: "Blocked: a wall instead of the document",
    Outcome.UNEXTRACTABLE: "No text could be found on the page",
    Outcome.SUSPECT: "The page does not look like the document",
}


@dataclass(frozen=True, slots=True)
class Silent:
    """A document that cannot be read: `last_seen` is the last look that read it, None where none has."""

    document_id: int
    name: str
    url: str
    since: str
    last_seen: str | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Documents that cannot be read for the same reason: why, in words, their host if they share it, else "", and the
    first look that failed."""

    host: str
    outcome: str
    why: str
    detail: str
    since: str
    documents: Sequence[Silent]


def page(db: Database, asked: Asked) -> Page:
    """What may have been missed, and why."""
    del asked
    watched, dead = health.watched(db), links.dead(db)
    unread = [one for one in watched if not one.is_read and one.sight]
    never = [_silent(one) for one in watched if one.sight is None]
    held, quarantined = health.waiting(db)
    values = {
        "documents": len(watched),
        "read": len(watched) - len(unread) - len(never),
        "last_look": max((one.sight.at for one in watched if one.sight), default=""),
        "last_read": max((one.last_seen for one in watched if one.last_seen), default=""),
        "unread": len(unread),
        "troubles": first(troubles(unread), SHOWN),
        "never": never[:SHOWN],
        "never_looked": len(never),
        "dead_links": dead[:SHOWN],
        "held": held[:SHOWN],
        "quarantined": quarantined[:SHOWN],
        "many": {"dead_links": len(dead), "held": len(held), "quarantined": len(quarantined)},
        "languages": languages(reports.not_read(db)),
        "imports": health.imports(db),
        "silences": silences.recent(db, ENDED),
        "queue": health.queue(db),
        "most": SHOWN,
    }
    return Page("health.html", values)


def troubles(unread: Iterable[Watched]) -> list[Trouble]:
    """Documents that cannot be read, by reason: those that last longest first."""
    groups = defaultdict[tuple[Outcome, str], list[Watched]](list)
    for one in unread:
        if one.sight:
            groups[one.sight.outcome, one.sight.detail].append(one)
    return sorted((_trouble(*why, same) for why, same in groups.items()), key=lambda one: (one.since, one.detail))


def first(all_troubles: Sequence[Trouble], most: int) -> list[Trouble]:
    """The first troubles, with so many documents in all."""
    found = list[Trouble]()
    for one in all_troubles:
        if most > 0:
            found.append(Trouble(one.host, one.outcome, one.why, one.detail, one.since, one.documents[:most]))
        most -= len(one.documents)
    return found


def languages(rows: Iterable[Row]) -> dict[str, dict[str, Any]]:
    """Documents in languages that no rule reads, by language: how many, and the first of them by name."""
    found = defaultdict[str, list[Row]](list)
    for row in rows:
        found[row["not_read"]].append(row)
    return {name: {"documents": len(same), "first": same[:3]} for name, same in sorted(found.items())}


def _trouble(outcome: Outcome, detail: str, same: Sequence[Watched]) -> Trouble:
    hosts = {one.sight.host for one in same if one.sight}
    documents = sorted(map(_silent, same), key=lambda one: (one.since, one.name))
    why = WHY.get(outcome, str(outcome))
    return Trouble(hosts.pop() if len(hosts) == 1 else "", outcome, why, detail, documents[0].since, documents)


def _silent(one: Watched) -> Silent:
    return Silent(one.document_id, one.name, one.url, one.sight.since if one.sight else "", one.last_seen)
