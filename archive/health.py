"""Reads what may have been missed: documents that cannot be read, changes that wait, messages not delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive import decisions, reports, silences
from archive.rows import Row
from archive.silences import Sight
from archive.words import Decision, Outcome


@dataclass(frozen=True, slots=True)
class Watched:
    """A document of ours. `sight` tells how the looks at it went, None where there was none; `last_seen` is the last
    look that read it, None where none has."""

    document_id: int
    name: str
    url: str
    sight: Sight | None
    last_seen: str | None

    @property
    def is_read(self) -> bool:
        """Whether the last look read all of it; a page that is stored and not read yet counts, its reading follows."""
        return self.sight is not None and (not self.sight.since or self.sight.outcome is Outcome.FETCHED)


@dataclass(frozen=True, slots=True)
class Import:
    """What others have recorded: whose record, how many documents, when the newest text or look of them was."""

    origin: str
    documents: int
    last: str | None


@dataclass(frozen=True, slots=True)
class Queue:
    """The messages for a target that did not arrive yet: `state` is pending, failed (tried again later) or dead."""

    target: str  # its name
    state: str
    messages: int
    oldest: str
    next_try: str | None


def watched(db: Database) -> list[Watched]:
    """All documents of ours, by service and type."""
    sights = {sight.document_id: sight for sight in silences.sights(db)}
    rows = db.conn.execute(_WATCHED)
    return [Watched(one, name, url, sights.get(one), last_seen) for one, name, url, last_seen in rows]


def imports(db: Database) -> list[Import]:
    """What others have recorded, by whose record it is."""
    return [Import(*row) for row in db.conn.execute(_IMPORTS)]


def waiting(db: Database) -> tuple[Sequence[Row], Sequence[Row]]:
    """Changes of our documents that are held, as `decisions.waiting` gives them; and those in quarantine that are the
    newest of their document, as `reports.quarantined` gives them, with held_until, None where no look is to come."""
    rows = decisions.waiting(db)
    until = {row["change_id"]: row["held_until"] for row in rows}
    held = [row for row in rows if row["decision"] == Decision.HELD]
    return held, [row | {"held_until": until.get(row["change_id"])} for row in reports.quarantined(db)]


def queue(db: Database) -> list[Queue]:
    """What is not delivered, by target and state. Errors are left out: they may tell addresses."""
    return [Queue(*row) for row in db.conn.execute(_QUEUE)]


# Each subquery takes one step in an index, however long the history of a document is.
_SEEN = """(SELECT max(fetched_at) FROM fetches WHERE document_id = documents.id
            AND outcome IN ('recorded', 'unchanged', 'not modified'))"""
_WATCHED = f"""
SELECT documents.id, documents.name, documents.url, {_SEEN} AS last_seen
FROM documents JOIN services ON services.id = service_id
WHERE origin = '' ORDER BY services.name, type, region"""  # noqa: S608
_IMPORTS = f"""
SELECT origin, count(*), max(last_seen) FROM (SELECT origin, {_SEEN} AS last_seen FROM documents WHERE origin != '')
GROUP BY origin ORDER BY origin"""  # noqa: S608
_QUEUE = """
SELECT targets.name, state, count(*), min(queued_at), min(next_try_at) FROM (
    SELECT target_id, state, queued_at, next_try_at FROM notifications WHERE state IN ('pending', 'failed')
    UNION ALL SELECT target_id, state, queued_at, NULL FROM notifications WHERE state = 'dead')
JOIN targets ON targets.id = target_id GROUP BY targets.name, state ORDER BY targets.name, state"""
