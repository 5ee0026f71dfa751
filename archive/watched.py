"""Reads one document for people: what is known of it, how it was last seen, its versions and its changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive.placements import Texts
from archive.rows import Row, one, value
from archive.words import Decision, Passage


@dataclass(frozen=True, slots=True)
class Watched:
    """A document with its life and health: times are None where it was never looked at, or never seen."""

    id: int
    name: str
    service: str
    service_key: str
    type: str
    region: str
    language: str
    origin: str  # whose record it is, where others have read it
    url: str
    declaration: str  # JSON
    versions: int
    newest: int | None  # the id of its last version
    first_seen: str | None
    last_seen: str | None
    last_looked: str | None
    outcome: str | None  # of the last look
    detail: str | None  # why, where it was not seen


@dataclass(frozen=True, slots=True)
class Version:
    """A text of a document: since when and until when it stood (None: still), and what the gate made of it.

    `previous` and `following` are versions of the same document; `change` is None while it is not compared yet.
    """

    id: int
    document_id: int
    seen_at: str
    until: str | None
    passages: int
    words: int
    technical: int
    previous: int | None
    following: int | None
    change: int | None
    decision: str
    reason: str
    severity: str
    line: str
    origin: str


@dataclass(frozen=True, slots=True)
class Made:
    """A change of a document in short."""

    id: int
    version: int
    seen_at: str
    decision: str
    severity: str  # "" where nothing is flagged
    line: str
    origin: str

    @property
    def stands_out(self) -> bool:
        """Whether something in it is flagged, and not only an earlier text that returned."""
        return bool(self.severity) and self.decision != Decision.RETURNED


def document(db: Database, document_id: int) -> Watched | None:
    """The document with this id, or None."""
    row = one(db, _DOCUMENT, document_id)
    return Watched(**row) if row else None


def siblings(db: Database, document_id: int) -> list[Row]:
    """The document's variants: others of the same service and type. Each with id, name, region, language, url."""
    sql = """SELECT other.id, other.name, other.region, other.language, other.url FROM documents this
             JOIN documents other USING (service_id, type, origin)
             WHERE this.id = ? AND other.id != this.id ORDER BY other.region"""
    return list(db.query(sql, (document_id,)))


def version(db: Database, version_id: int) -> Version | None:
    """The version with this id, or None."""
    row = one(db, _VERSION, version_id)
    return Version(**row) if row else None


def changes(db: Database, document_id: int, after: int = 0, until: int | None = None) -> list[Made]:
    """The changes of a document, the newest first: all, or those of the versions after one up to another."""
    asked = {"document": document_id, "after": after, "until": until}
    return [Made(**row) for row in db.query(_CHANGES, asked)]


def times(db: Database, document_id: int, most: int) -> list[str]:
    """When a document's versions were seen, each time once, the newest first; empty if there are more than that."""
    found = [row["seen_at"] for row in db.query(_TIMES, (document_id, most + 1))]
    return found if len(found) <= most else []


def evidence(db: Database, version_id: int) -> list[Row]:
    """The fetches that a version was read from: fetched_at, status, final_url, sha256, size, media_type."""
    return list(db.query(_EVIDENCE, (version_id,)))


def texts(db: Database, document_id: int, *version_ids: int) -> list[Sequence[Passage]]:
    """The texts of versions of one document; what they share is read once, and is the same object."""
    shared = Texts(db, document_id)
    contents = [value(db, "SELECT content FROM versions WHERE id = ?", one_of_them) for one_of_them in version_ids]
    return [shared.passages(content) for content in contents]


_DOCUMENT = """
SELECT documents.id, documents.name, services.name AS service, services.key AS service_key, documents.type,
       documents.region, documents.language, documents.origin, documents.url, documents.declaration,
       (SELECT count(*) FROM versions WHERE document_id = documents.id) AS versions,
       (SELECT max(id) FROM versions WHERE document_id = documents.id) AS newest,
       (SELECT seen_at FROM versions WHERE document_id = documents.id ORDER BY id LIMIT 1) AS first_seen,
       (SELECT max(fetched_at) FROM fetches WHERE document_id = documents.id
        AND outcome IN ('recorded', 'unchanged', 'not modified')) AS last_seen,
       last.fetched_at AS last_looked, last.outcome, last.detail
FROM documents
JOIN services ON services.id = service_id
LEFT JOIN fetches last ON last.id = (SELECT max(id) FROM fetches WHERE document_id = documents.id)
WHERE documents.id = ?"""
_VERSION = """
SELECT this.id, this.document_id, this.seen_at, next.seen_at AS until, this.passages, this.words, this.technical,
       (SELECT max(id) FROM versions WHERE document_id = this.document_id AND id < this.id) AS previous,
       next.id AS following, changes.id AS change, coalesce(decision, '') AS decision, coalesce(reason, '') AS reason,
       coalesce(severity, '') AS severity, coalesce(line, '') AS line, documents.origin
FROM versions this
JOIN documents ON documents.id = this.document_id
LEFT JOIN versions next ON next.id = (SELECT min(id) FROM versions
                                      WHERE document_id = this.document_id AND id > this.id)
LEFT JOIN changes ON after_version_id = this.id WHERE this.id = ?"""
_CHANGES = """
SELECT changes.id, versions.id AS version, versions.seen_at, decision, severity, line, documents.origin
FROM changes
JOIN versions ON versions.id = after_version_id
JOIN documents ON documents.id = changes.document_id
WHERE changes.document_id = :document AND versions.id > :after AND (:until IS NULL OR versions.id <= :until)
ORDER BY versions.id DESC"""
_TIMES = "SELECT DISTINCT seen_at FROM versions WHERE document_id = ? ORDER BY seen_at DESC LIMIT ?"
_EVIDENCE = """
SELECT fetches.fetched_at, fetches.status, coalesce(nullif(fetches.final_url, ''), fetches.url) AS final_url,
       snapshots.sha256, snapshots.size, snapshots.media_type
FROM version_fetches
JOIN fetches ON fetches.id = fetch_id
LEFT JOIN snapshots ON snapshots.id = snapshot_id
WHERE version_id = ? ORDER BY part"""
