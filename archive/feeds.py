"""Reads for feeds what was told: which feeds there are, what each of them has, and what names a message for ever."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlite_utils import Database

from archive.labels import TOPICS
from archive.migrations import migrations
from archive.recording import written
from archive.rows import value
from archive.words import Severity, Topic

LONGEST = 60  # characters of a name that stand for a service


class Kind(StrEnum):
    """What the messages of a feed have in common."""

    ALL = "all"
    SERVICE = "service"
    TOPIC = "topic"
    SEVERITY = "severity"


@dataclass(frozen=True, slots=True)
class Feed:
    """All that is told, or what is told of a service, on a topic, of a severity: `key` says which one.

    `name` is the same for ever: small letters, digits and "-", below the kind: "all", "service/booking-com". `title` is
    for people.
    """

    kind: Kind
    key: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Told:
    """A message: the change that it tells, when it was first told, and when it last got another document to tell of."""

    change_id: int
    published: str
    updated: str


ALL = Feed(Kind.ALL, "", "all", "All changes")
GENERAL = (
    ALL,
    *(Feed(Kind.TOPIC, topic, f"topic/{topic}", TOPICS[topic][:1].upper() + TOPICS[topic][1:]) for topic in Topic),
    *(Feed(Kind.SEVERITY, one, f"severity/{one}", f"{one} severity".capitalize()) for one in Severity),
)


def feeds(db: Database) -> list[Feed]:
    """All feeds: the general ones, then one for each service that we watch or that something was told of, by name."""
    rows = list(db.query(_SERVICES))
    keys = {row["key"] for row in rows if row["watched"]}
    own = [feed for feed in _of_services([(row["key"], row["name"]) for row in rows]) if feed.key in keys]
    return [*GENERAL, *sorted(own, key=lambda feed: (feed.title.casefold(), feed.name))]


def feed(db: Database, name: str) -> Feed | None:
    """The feed with this name, or None."""
    return next((one for one in (GENERAL if name in _GENERAL else feeds(db)) if one.name == name), None)


def slugs(db: Database) -> dict[str, str]:
    """What each service is called in addresses, by its key: the same for ever, and that of its feed."""
    named = _of_services([(row["key"], row["name"]) for row in db.query(_SERVICES)])
    return {one.key: one.name.removeprefix(f"{Kind.SERVICE}/") for one in named}


def of_services(db: Database, change_id: int) -> list[Feed]:
    """The feeds of the services that the message which tells a change is about."""
    keys = {row["key"] for row in db.query(_SERVICES_OF, {"change": change_id})}
    return [one for one in feeds(db) if one.kind is Kind.SERVICE and one.key in keys]


def told(db: Database, wanted: Feed, most: int) -> list[Told]:
    """The messages of a feed, at most so many, the newest first.

    What was told is what was queued for targets: with no target in the settings the console is one. What others have
    recorded is told only where that was asked for.
    """
    found = dict[int, None]()
    for (change_id,) in db.conn.execute(_TOLD.format(_ONLY[wanted.kind]), {"key": wanted.key}):
        found[change_id] = None
        if len(found) == most:
            break
    times = [Told(one, *db.conn.execute(_TIMES, {"change": one}).fetchone()) for one in found]
    return sorted(times, key=lambda one: one.updated, reverse=True)


def teller(db: Database, change_id: int) -> int:
    """The change whose message tells a pushed one: its own, or that of another."""
    return int(value(db, "SELECT coalesce(told_in, id) FROM changes WHERE id = ?", change_id))


def name_of(db: Database, change_id: int) -> tuple[str, ...]:
    """What tells a change from all others, and is the same in another archive with the same records."""
    row = db.conn.execute(_NAME, (change_id,)).fetchone()
    return tuple(str(part) for part in row)


def born(db: Database) -> str:
    """When the archive was made, to the microsecond: no two were made at the same time."""
    return migrations.applied(db)[0].applied_at


def since(db: Database) -> str:
    """The same as the archive writes times."""
    return written(datetime.fromisoformat(born(db)))


def _of_services(services: list[tuple[str, str]]) -> Iterator[Feed]:
    """A feed for each service, given by key and name in the order in which they were first recorded.

    Their names differ for file systems that do not tell "A" from "a" too. The first of several that would have the same
    keeps it, so that no feed moves when a service is added.
    """
    taken = set[str]()
    for key, title in services:
        name = next(name for name in _names(key) if name and name not in taken)
        taken.add(name)
        yield Feed(Kind.SERVICE, key, f"{Kind.SERVICE}/{name}", title)


def _names(key: str) -> Iterator[str]:
    """What a service may be called in addresses, the best name first, the last one its own."""
    slug = _slug(key)
    yield slug
    digest = hashlib.sha256(key.encode()).hexdigest()
    yield f"{slug}-{digest[:8]}".strip("-")
    yield f"{slug}-{digest}"


def _slug(key: str) -> str:
    """A service's key in letters that every file system and address can hold: "Booking.com" as "booking-com"."""
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")


_GENERAL = {one.name for one in GENERAL}
_SERVICES = """
SELECT services.key, services.name, services.id IN (SELECT service_id FROM documents WHERE origin = '') OR
       services.id IN (SELECT service_id FROM changes JOIN documents ON documents.id = document_id
                       WHERE decision = 'push' AND queued_at IS NOT NULL) AS watched
FROM services ORDER BY services.id"""
_SERVICES_OF = """
SELECT DISTINCT services.key FROM changes this
JOIN changes ON changes.id = this.id OR changes.told_in = this.told_in
JOIN documents ON documents.id = changes.document_id
JOIN services ON services.id = documents.service_id WHERE this.id = :change"""

# The index changes_to_queue gives what was queued in the order of time, so that a feed reads little more than it shows.
_TOLD = """
SELECT coalesce(told_in, changes.id) AS teller FROM changes
WHERE decision = 'push' AND queued_at IS NOT NULL {} ORDER BY queued_at DESC, changes.id DESC"""
_TIMES = "SELECT min(queued_at), max(queued_at) FROM changes WHERE id = :change OR told_in = :change"
_FLAGS = """
FROM change_edits JOIN flags ON flags.edit_id = change_edits.edit_id
WHERE change_id = coalesce(changes.told_in, changes.id) AND telling = 1 AND (news = 1 OR NOT EXISTS (
    SELECT 1 FROM change_edits WHERE change_id = coalesce(changes.told_in, changes.id) AND news = 1))"""
_ONLY = {
    Kind.ALL: "",
    Kind.SERVICE: """AND document_id IN (SELECT documents.id FROM documents
                     JOIN services ON services.id = service_id WHERE key = :key)""",
    Kind.TOPIC: f"AND EXISTS (SELECT 1 {_FLAGS} AND topic = :key)",
    Kind.SEVERITY: f"""AND :key = (SELECT flags.severity {_FLAGS} AND flags.severity != ''
        ORDER BY instr('high medium low', flags.severity) LIMIT 1)""",
}
_NAME = """
SELECT services.key, documents.type, documents.region, documents.origin, versions.seen_at, versions.text_hash
FROM changes
JOIN versions ON versions.id = after_version_id
JOIN documents ON documents.id = changes.document_id
JOIN services ON services.id = documents.service_id WHERE changes.id = ?"""
