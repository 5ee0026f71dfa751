"""Reads what the site shows beside a change: its document and the variants, evidence, neighbours, stored pages."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from archive.rows import Row, one, value
from archive.snapshots import body


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The changes of the same document just before and after one."""

    previous: int | None
    following: int | None


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
