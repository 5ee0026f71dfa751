"""Reads what the site shows beside a change: the newest pushed ones, counts, evidence, neighbours, stored pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive.decisions import Sibling
from archive.edits import flag_of
from archive.reports import not_read
from archive.rows import Row, one, value
from archive.snapshots import body
from archive.words import Flag, Outcome

COUNTED = ("services", "documents", "versions", "changes", "flags")


@dataclass(frozen=True, slots=True)
class Pushed:
    """A pushed change in short: of its flags the news, each with the headings above its quote, AI training first.

    `others` are the documents whose like changes are told with it.
    """

    id: int
    name: str  # the document's, as people say it: "LinkedIn, Privacy Policy"
    seen_at: str
    before_seen_at: str | None
    decision: str
    severity: str
    line: str
    origin: str  # whose record it is, where others have read the document: nobody is told
    others: Sequence[Sibling]
    flags: Sequence[tuple[str, Flag]]


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there is, by table, and of how many documents the last look failed, or was never taken.

    `not_read` counts the documents in languages that no rule reads.
    """

    counts: dict[str, int]
    seen: int
    unseen: int
    never_looked: int
    not_read: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The changes of the same document just before and after one."""

    previous: int | None
    following: int | None


def pushed(db: Database, most: int) -> list[Pushed]:
    """The newest pushed changes, the last seen first; of those that are told together the one whose message it is."""
    rows = db.query(_PUSHED, (most,))
    return [Pushed(**row, others=_others(db, row["id"]), flags=_flags(db, row["id"])) for row in rows]


def totals(db: Database) -> Totals:
    """What the archive holds, and how well its documents are being seen."""
    counts = {table: int(value(db, f"SELECT count(*) FROM {table}")) for table in COUNTED}  # noqa: S608
    looks = [row["last_outcome"] for row in db.query("SELECT last_outcome FROM document_health")]
    seen = sum(outcome is not None and _seen(outcome) for outcome in looks)
    never = looks.count(None)
    return Totals(counts, seen, len(looks) - seen - never, never, len(not_read(db)))


def document_of(db: Database, change_id: int) -> Row | None:
    """The name, region and language of a change's document."""
    sql = """SELECT name, region, language FROM documents
             WHERE id = (SELECT document_id FROM changes WHERE id = ?)"""
    return one(db, sql, change_id)


def siblings(db: Database, document_id: int) -> list[Row]:
    """The document's variants: others of the same service and type. Each with id, name, region, language, url."""
    sql = """SELECT other.id, other.name, other.region, other.language, other.url FROM documents this
             JOIN documents other USING (service_id, type, origin)
             WHERE this.id = ? AND other.id != this.id ORDER BY other.region"""
    return list(db.query(sql, (document_id,)))


def evidence(db: Database, change_id: int) -> list[Row]:
    """The fetches that both versions of a change were read from: side ("before" or "after"), what was asked and got."""
    return list(db.query(_EVIDENCE, (change_id,)))


def neighbours(db: Database, change_id: int) -> Neighbours:
    """The ids of the document's changes before and after this one."""
    row = one(db, _NEIGHBOURS, change_id)
    return Neighbours(**row) if row else Neighbours(None, None)


def snapshot(db: Database, sha256: str) -> bytes | None:
    """The stored bytes with this SHA-256, None if there are none."""
    identity = value(db, "SELECT id FROM snapshots WHERE sha256 = ?", sha256)
    return body(db, identity) if identity else None


def _seen(outcome: str) -> bool:
    """A stored page that nobody has read yet was seen as well: its reading follows."""
    return outcome == Outcome.FETCHED or Outcome(outcome).seen


def _others(db: Database, change_id: int) -> list[Sibling]:
    return [Sibling(**row) for row in db.query(_OTHERS, {"change": change_id})]


def _flags(db: Database, change_id: int) -> list[tuple[str, Flag]]:
    """Those that are news; all, where nothing is marked as news."""
    return [(row["heading"], flag_of(row)) for row in db.query(_FLAGS, {"change": change_id})]


_PUSHED = """
SELECT changes.id, documents.name, after.seen_at, before.seen_at AS before_seen_at, changes.decision,
       changes.severity, changes.line, documents.origin
FROM changes
JOIN documents ON documents.id = changes.document_id
JOIN versions after ON after.id = changes.after_version_id
LEFT JOIN versions before ON before.id = changes.before_version_id
WHERE changes.decision = 'push' AND (changes.told_in IS NULL OR changes.told_in = changes.id)
ORDER BY after.seen_at DESC, changes.id DESC LIMIT ?"""
_OTHERS = """
SELECT changes.id AS change_id, documents.name AS document FROM changes
JOIN documents ON documents.id = changes.document_id
WHERE told_in = :change AND changes.id != :change ORDER BY changes.id"""
_FLAGS = """
SELECT headings.path AS heading, flags.* FROM change_edits
JOIN edits ON edits.id = change_edits.edit_id
JOIN headings ON headings.id = edits.heading_id
JOIN flags ON flags.edit_id = edits.id
WHERE change_id = :change
  AND (news = 1 OR NOT EXISTS (SELECT 1 FROM change_edits WHERE change_id = :change AND news = 1))
ORDER BY flags.topic, flags.score DESC, change_edits.place, flags.id"""
_EVIDENCE = """
SELECT CASE versions.id WHEN changes.after_version_id THEN 'after' ELSE 'before' END AS side,
       fetches.part, fetches.fetched_at, fetches.status, fetches.url,
       coalesce(nullif(fetches.final_url, ''), fetches.url) AS final_url,
       snapshots.sha256, snapshots.size, snapshots.media_type
FROM changes
JOIN versions ON versions.id IN (changes.after_version_id, changes.before_version_id)
JOIN version_fetches ON version_fetches.version_id = versions.id
JOIN fetches ON fetches.id = version_fetches.fetch_id
LEFT JOIN snapshots ON snapshots.id = fetches.snapshot_id
WHERE changes.id = ? ORDER BY side, fetches.part"""
_NEIGHBOURS = """
SELECT (SELECT max(id) FROM changes WHERE document_id = this.document_id AND id < this.id) AS previous,
       (SELECT min(id) FROM changes WHERE document_id = this.document_id AND id > this.id) AS following
FROM changes this WHERE this.id = ?"""
