"""The outbox: queues pushed changes, digests and bulletins for targets, and hands them out until they have arrived."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlite_utils import Database

from archive.digest import Span
from archive.recording import now
from archive.rows import Row, insert, one, value

TRIES = 8  # failed ones; then it is dead


@dataclass(frozen=True, slots=True)
class Due:
    """A notification of a change, a digest or a bulletin, to deliver now.

    `attempts` counts the earlier tries; `uncertain` says that one of them may have arrived; `receipts` are what the
    target has said of the parts that have.
    """

    id: int
    change_id: int | None
    digest_id: int | None
    bulletin_id: int | None
    target: str
    reference: str
    attempts: int
    uncertain: bool
    receipts: tuple[str, ...]


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
        if not value(db, "SELECT queued_at FROM changes WHERE id = ?", change_id):
            db.table("changes").update(change_id, {"queued_at": now()})
            _queue(db, "change_id", change_id, targets)


def queue_digest(db: Database, span: Span, targets: Iterable[str]) -> int:
    """The id of the digest of a span, kept with one notification for each target: none where it tells nothing."""
    with db.atomic():
        digest = insert(db, "digests", asdict(span) | {"queued_at": now()})
        _queue(db, "digest_id", digest, targets)
    return digest


def queue_bulletin(
    db: Database, kind: str, key: str, told: Row, targets: Iterable[str], change_id: int | None = None
) -> int:
    """The id of a bulletin, kept with one notification for each target; of one queued before, nothing is changed."""
    with db.atomic():
        known = value(db, "SELECT id FROM bulletins WHERE kind = ? AND key = ?", kind, key)
        if known:
            return int(known)
        row = {"kind": kind, "key": key, "change_id": change_id, "told": json.dumps(told, ensure_ascii=False)}
        bulletin = insert(db, "bulletins", row | {"queued_at": now()})
        _queue(db, "bulletin_id", bulletin, targets)
    return bulletin


def is_told(db: Database, kind: str, key: str) -> bool:
    """Whether a bulletin was queued."""
    return bool(value(db, "SELECT 1 FROM bulletins WHERE kind = ? AND key = ?", kind, key))


def bulletin(db: Database, identity: int) -> Row:
    """A bulletin's row: kind, key, change_id, told (JSON)."""
    return one(db, "SELECT * FROM bulletins WHERE id = ?", identity) or {}


def due(db: Database) -> list[Due]:
    """What is to be delivered now, to whatever target, oldest first."""
    return [_due(row) for row in db.query(f"{_DUE} ORDER BY notifications.id", {"now": now()})]


def next_due(db: Database, target: str, after: int = 0) -> Due | None:
    """The oldest that is to be delivered to a target now and whose id is higher than `after`."""
    row = next(db.query(_NEXT, {"now": now(), "target": target, "after": after}), None)
    return _due(row) if row else None


def leaves(db: Database, item: Due) -> None:
    """Counts the try before the message leaves: of a process that dies then, nobody knows how it ended."""
    _update(db, item, {"attempts": item.attempts + 1, "uncertain": 1})


def confirm(db: Database, item: Due, receipt: str) -> None:
    """Keeps what the target has said of a further part that it has taken."""
    with db.atomic():
        sql = "UPDATE notifications SET receipts = json_insert(receipts, '$[#]', ?) WHERE id = ?"
        db.execute(sql, (receipt, item.id))


def arrives(db: Database, item: Due) -> None:
    """The target has taken all of it. What was given up for this target, as it could not be reached, is due again."""
    with db.atomic():
        sent = {"state": "sent", "sent_at": now(), "last_error": "", "next_try_at": None, "uncertain": 0}
        _update(db, item, sent)
        db.execute(_REVIVED, {"item": item.id, "tries": TRIES})


def fails(db: Database, item: Due, error: str, later: str, unknown: bool, final: bool) -> bool:
    """Keeps how a try ended, and when the next may be; whether it was the last one.

    `unknown`: it may have arrived. `final`: no other try would go better.
    """
    state = "dead" if final or item.attempts + 1 >= TRIES else "failed"
    row = {"state": state, "last_error": error, "next_try_at": later, "uncertain": int(unknown or item.uncertain)}
    _update(db, item, row | ({"next_try_at": None} if state == "dead" else {}))
    return state == "dead"


def put_off(db: Database, item: Due, error: str, later: str) -> int:
    """Counts a failed try of all that is due to the same target, as nothing gets through; how many are dead by it."""
    with db.atomic():
        values = {"item": item.id, "now": now(), "later": later, "error": error, "tries": TRIES}
        return sum(row[0] for row in db.execute(_PUT_OFF, values).fetchall())


def given_up(db: Database, target: str) -> tuple[int, str]:
    """How many notifications to a target were given up, and when something reached it last, "" for never.

    The second stays the same as long as nothing reaches the target: by it one outage is told from the next.
    """
    row = one(db, _GIVEN_UP, target) or {}
    return int(row["dead"] or 0), str(row["last_sent"] or "")


def _queue(db: Database, key: str, identity: int, targets: Iterable[str]) -> None:
    for target in dict.fromkeys(targets):
        insert(db, "notifications", {key: identity, "target_id": _target(db, target), "queued_at": now()})


def _update(db: Database, item: Due, values: Row) -> None:
    db.table("notifications").update(item.id, values)


def _due(row: Row) -> Due:
    return Due(**row | {"uncertain": bool(row["uncertain"]), "receipts": tuple(json.loads(row["receipts"]))})


def _target(db: Database, name: str) -> int:
    known = value(db, "SELECT id FROM targets WHERE name = ?", name)
    return int(known) if known else insert(db, "targets", {"name": name})


_DUE = """
SELECT notifications.id, change_id, digest_id, bulletin_id, targets.name AS target, reference, attempts, uncertain,
       receipts
FROM notifications JOIN targets ON targets.id = target_id
WHERE state IN ('pending', 'failed') AND (next_try_at IS NULL OR next_try_at <= :now)"""

_NEXT = f"""{_DUE} AND target_id = (SELECT id FROM targets WHERE name = :target)
AND notifications.id > :after ORDER BY notifications.id LIMIT 1"""  # noqa: S608  (no value is in it)

# What was refused by itself was tried less often.
_REVIVED = """
UPDATE notifications SET state = 'failed', attempts = 0, next_try_at = NULL
WHERE state = 'dead' AND attempts >= :tries AND queued_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-30 days')
AND target_id = (SELECT target_id FROM notifications WHERE id = :item)"""

_PUT_OFF = """
UPDATE notifications SET attempts = attempts + 1, last_error = :error,
       state = CASE WHEN attempts + 1 >= :tries THEN 'dead' ELSE 'failed' END,
       next_try_at = CASE WHEN attempts + 1 >= :tries THEN NULL ELSE :later END
WHERE id != :item AND target_id = (SELECT target_id FROM notifications WHERE id = :item)
AND state IN ('pending', 'failed') AND (next_try_at IS NULL OR next_try_at <= :now)
RETURNING state = 'dead'"""

_GIVEN_UP = """
SELECT count(*) FILTER (WHERE state = 'dead') AS dead, max(sent_at) AS last_sent
FROM notifications WHERE target_id = (SELECT id FROM targets WHERE name = ?)"""
