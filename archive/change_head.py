"""Reads what the page of a change says around its edits: whose, when and what, from which pages, what came before."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlite_utils import Database

from archive import languages
from archive.rows import Row, one, value
from archive.snapshots import body


@dataclass(frozen=True, slots=True)
class Head:
    """A change without its edits. `text_hash` is the SHA-256 of the words of the text after it."""

    id: int
    document_id: int
    name: str  # the document's, as people say it: "LinkedIn, Privacy Policy (EU)"
    service: str
    service_key: str
    document: str  # its type
    region: str
    language: str
    origin: str  # whose record it is, where others have read the document
    url: str
    seen_at: str
    before_seen_at: str | None
    decision: str
    reason: str
    severity: str
    line: str
    before_version_id: int | None
    after_version_id: int
    text_hash: str
    not_read: str  # the name of the document's language, if no rule reads it


@dataclass(frozen=True, slots=True)
class Source:
    """A page that a text was read from. `side` says which: "before" or "after".

    `url` is what was asked for, `final_url` where the answer came from. `sha256` is None where no bytes are kept.
    """

    side: str
    part: int
    fetched_at: str
    status: int | None
    url: str
    final_url: str
    headers: list[tuple[str, str]]
    origin_id: str | None  # what others call this record
    sha256: str | None
    size: int | None  # bytes
    media_type: str | None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The changes of the same document just before and after one, and those in which something is flagged."""

    previous: int | None
    following: int | None
    previous_flagged: int | None
    following_flagged: int | None


def head(db: Database, change_id: int) -> Head | None:
    """The change with this id, or None."""
    row = one(db, _HEAD, change_id)
    return Head(**row, not_read=languages.ours().not_read(row["language"])) if row else None


def sources(db: Database, change_id: int) -> list[Source]:
    """The pages that both texts of a change were read from."""
    return [_source(row) for row in db.query(_SOURCES, (change_id,))]


def neighbours(db: Database, change_id: int) -> Neighbours:
    """The ids of the document's changes before and after this one."""
    row = one(db, _NEIGHBOURS, change_id)
    return Neighbours(**row) if row else Neighbours(None, None, None, None)


def is_stored(db: Database, sha256: str) -> bool:
    """Whether there are bytes with this SHA-256."""
    return value(db, "SELECT 1 FROM snapshots WHERE sha256 = ?", sha256) is not None


def snapshot(db: Database, sha256: str) -> bytes | None:
    """The stored bytes with this SHA-256, None if there are none."""
    identity = value(db, "SELECT id FROM snapshots WHERE sha256 = ?", sha256)
    return body(db, identity) if identity else None


def _source(row: Row) -> Source:
    return Source(**row | {"headers": [(str(name), str(text)) for name, text in json.loads(row["headers"])]})


_HEAD = """
SELECT changes.id, changes.document_id, documents.name, services.name AS service, services.key AS service_key,
       documents.type AS document, documents.region, documents.language, documents.origin, documents.url,
       after.seen_at, before.seen_at AS before_seen_at, changes.decision, changes.reason, changes.severity,
       changes.line, changes.before_version_id, changes.after_version_id, after.text_hash
FROM changes
JOIN documents ON documents.id = changes.document_id
JOIN services ON services.id = documents.service_id
JOIN versions after ON after.id = changes.after_version_id
LEFT JOIN versions before ON before.id = changes.before_version_id
WHERE changes.id = ?"""
_SOURCES = """
SELECT CASE versions.id WHEN changes.after_version_id THEN 'after' ELSE 'before' END AS side,
       fetches.part, fetches.fetched_at, fetches.status, fetches.url,
       coalesce(nullif(fetches.final_url, ''), fetches.url) AS final_url, fetches.headers, fetches.origin_id,
       snapshots.sha256, snapshots.size, snapshots.media_type
FROM changes
JOIN versions ON versions.id IN (changes.after_version_id, changes.before_version_id)
JOIN version_fetches ON version_fetches.version_id = versions.id
JOIN fetches ON fetches.id = version_fetches.fetch_id
LEFT JOIN snapshots ON snapshots.id = fetches.snapshot_id
WHERE changes.id = ? ORDER BY side, fetches.part"""
_NEIGHBOURS = """
SELECT (SELECT max(id) FROM changes WHERE document_id = this.document_id AND id < this.id) AS previous,
       (SELECT min(id) FROM changes WHERE document_id = this.document_id AND id > this.id) AS following,
       (SELECT id FROM changes WHERE document_id = this.document_id AND id < this.id AND severity != ''
        ORDER BY id DESC LIMIT 1) AS previous_flagged,
       (SELECT id FROM changes WHERE document_id = this.document_id AND id > this.id AND severity != ''
        ORDER BY id LIMIT 1) AS following_flagged
FROM changes this WHERE this.id = ?"""
