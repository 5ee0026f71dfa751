"""The outbox: queues pushed changes and digests for targets, hands out what is due, and keeps how deliveries went."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from sqlite_utils import Database

from archive.digest import Span
from archive.recording import now
from archive.rows import insert, value

DUE = """SELECT notifications.id, change_id, digest_id, targets.name AS target, attempts FROM notifications
         JOIN targets ON targets.id = target_id WHERE state IN ('pending', 'failed')
         AND (next_try_at IS NULL OR next_try_at <= ?) ORDER BY notifications.id"""


@dataclass(frozen=True, slots=True)
class Due:
    """A notification of a change or of a digest, to deliver now. `attempts` counts the earlier tries."""

    id: int
    change_id: int | None
    digest_id: int | None
    target: str
    attempts: int


def unqueued(db: Database, origin: str = "", since: str = "") -> list[int]:
    """The ids of pushed changes whose notifications were not queued yet, oldest first.

    Those of documents with this origin, seen at that time or later: what others have recorded is told only on request.
    Those that the message of another change tells come last.
    """
    sql = """SELECT changes.id FROM changes JOIN documents ON documents.id = changes.document_id
             JOIN versions ON versions.id = after_version_id
             WHERE decision = 'push' AND queued_at IS NULL AND told_in IS NOT NULL AND origin = ? AND seen_at >= ?
             ORDER BY told_in != changes.id, changes.id"""
    return [row["id"] for row in db.query(sql, (origin, since))]


def told(db: Database, change_id: int) -> set[str]:
    """The names of the targets for which a change was queued."""
    sql = "SELECT name FROM targets JOIN notifications ON target_id = targets.id WHERE change_id = ?"
    return {row["name"] for row in db.query(sql, (change_id,))}


def queue(db: Database, change_id: int, targets: Iterable[str]) -> None:
    """Queues one notification for each target; a change is queued once, so a target added later gets later changes."""
    with db.atomic():
        if value(db, "SELECT queued_at FROM changes WHERE id = ?", change_id):
            return
        db.table("changes").update(change_id, {"queued_at": now()})
        for target in dict.fromkeys(targets):
            row = {"change_id": change_id, "target_id": _target(db, target), "queued_at": now()}
            insert(db, "notifications", row)


def queue_digest(db: Database, span: Span, targets: Iterable[str]) -> int:
    """The id of the digest of a span, kept with one notification for each target: none where it tells nothing."""
    with db.atomic():
        digest = insert(db, "digests", asdict(span) | {"queued_at": now()})
        for target in targets:
            row = {"digest_id": digest, "target_id": _target(db, target), "queued_at": now()}
            insert(db, "notifications", row)
    return digest


def due(db: Database) -> list[Due]:
    """What is to be delivered now, oldest first."""
    return [Due(**row) for row in db.query(DUE, (now(),))]


def deliver(db: Database, item: Due, send: Callable[[], None], failures: type[Exception], later: str | None) -> str:
    """Sends one notification and keeps the outcome: "" if sent, else the error. `later` is when to try again.

    The attempt is counted before the message leaves, so that a process that dies in between is seen as one that
    tried. `later` None means that this was the last try.
    """
    table = db.table("notifications")
    table.update(item.id, {"attempts": item.attempts + 1})
    try:
        send()
    except failures as error:
        state = "failed" if later else "dead"
        table.update(item.id, {"state": state, "last_error": str(error), "next_try_at": later})
        return str(error)
    table.update(item.id, {"state": "sent", "sent_at": now(), "last_error": "", "next_try_at": None})
    return ""


def _target(db: Database, name: str) -> int:
    known = value(db, "SELECT id FROM targets WHERE name = ?", name)
    return int(known) if known else insert(db, "targets", {"name": name})
