"""Reads the pushes that are not told yet, and those of the same owner that were told of late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.recording import written
from archive.rows import Row


@dataclass(frozen=True, slots=True)
class Push:
    """A push with its news: the passages before and after, by their ids, None where there is none."""

    change_id: int
    decided_at: str
    news: frozenset[tuple[int | None, int | None]]


def untold(db: Database) -> list[Push]:
    """The pushes of which nobody has said whose message tells them, in the order in which they were decided."""
    rows = db.query(f"{_PUSHES} WHERE decision = 'push' AND told_in IS NULL ORDER BY decided_at, changes.id")
    return [_push(db, row) for row in list(rows)]


def near(db: Database, push: Push, within: timedelta) -> list[Push]:
    """The pushes before, so far back at most, of the same service or owner and origin, that have their own message."""
    since = written(datetime.fromisoformat(push.decided_at) - within)
    rows = db.query(_NEAR, {"change": push.change_id, "since": since, "until": push.decided_at})
    return [_push(db, row) for row in list(rows)]


def tell_in(db: Database, change_id: int, other: int) -> None:
    """Keeps whose message tells a push."""
    with db.atomic():
        db.execute("UPDATE changes SET told_in = ? WHERE id = ? AND told_in IS NULL", (other, change_id))


def _push(db: Database, row: Row) -> Push:
    news = frozenset(db.conn.execute(_NEWS, (row["id"],)).fetchall())
    return Push(row["id"], row["decided_at"], news)


_PUSHES = "SELECT changes.id, decided_at FROM changes"
_NEAR = """
WITH this AS (
    SELECT service_id, owner, origin FROM changes JOIN documents ON documents.id = document_id
    JOIN services ON services.id = service_id WHERE changes.id = :change
)
SELECT changes.id, decided_at FROM this
JOIN services ON services.id = this.service_id OR (services.owner != '' AND services.owner = this.owner)
JOIN documents ON documents.service_id = services.id AND documents.origin = this.origin
JOIN changes ON changes.document_id = documents.id
WHERE decision = 'push' AND told_in = changes.id AND decided_at BETWEEN :since AND :until AND changes.id != :change
ORDER BY decided_at, changes.id"""
_NEWS = """SELECT before_passage_id, after_passage_id FROM change_edits JOIN edits ON edits.id = edit_id
           WHERE change_id = ? AND news = 1"""
