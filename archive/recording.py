"""Records what a crawl brings: documents, fetches with their snapshots, and versions."""

from __future__ import annotations

import gc
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from sqlite_utils import Database

from archive.placements import Standing
from archive.rows import Row, insert, insert_all, one, value
from archive.snapshots import Packer, record_snapshot
from archive.words import Document, Fetch, Outcome, Passage, Snapshot

SEEN_WITH_BODY = "('recorded', 'unchanged')"


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave us to ask "has it changed?" with."""

    etag: str = ""
    last_modified: str = ""


def now() -> str:
    """The time as the archive writes it: ISO-8601, UTC, to the second."""
    return written(datetime.now(UTC))


def written(at: datetime) -> str:
    """A time in UTC as the archive writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def record_document(db: Database, document: Document, declaration: str = "") -> int:
    """The id of the document, made or brought up to the given declaration (JSON). Idempotent.

    A language that was detected stays, unless one is declared; a declared one is kept in the declaration too.
    """
    if document.language:
        declaration = _with_language(declaration, document.language)
    row = {"name": document.label, "language": document.language, "url": document.url, "declaration": declaration}
    key = {"type": document.type, "region": document.region, "origin": document.origin}
    known = one(db, _DOCUMENT, document.service, *key.values())
    if known and not known["declared"] and not document.language:
        row["language"] = known["language"]
    if known and not _service_changes(document, known) and row.items() <= known.items():
        return int(known["id"])  # as nearly always: nothing is written
    with db.atomic():
        service = _service(db, document)
        if known is None:
            return insert(db, "documents", {"service_id": service, **key, **row})
        db.table("documents").update(known["id"], row)
    return int(known["id"])


def language_of(db: Database, document_id: int) -> tuple[str, str]:
    """The language that was declared for a document, and the one it goes by, as codes; "" for none."""
    sql = """SELECT coalesce(json_extract(nullif(declaration, ''), '$.language'), '') AS declared, language
             FROM documents WHERE id = ?"""
    row = one(db, sql, document_id)
    return (row["declared"], row["language"]) if row else ("", "")


def set_language(db: Database, document_id: int, language: str) -> None:
    """Keeps which language a document was found to be in."""
    db.execute("UPDATE documents SET language = ? WHERE id = ? AND language != ?", (language, document_id, language))


def without_language(db: Database) -> dict[int, int]:
    """Of the documents whose language nobody knows, each with its newest version that was believed."""
    sql = """SELECT document_id, max(after_version_id) AS version FROM changes WHERE decision != 'quarantined'
             AND document_id IN (SELECT id FROM documents WHERE language = '') GROUP BY document_id"""
    return {row["document_id"]: row["version"] for row in db.query(sql)}


def document_id(db: Database, document: Document) -> int | None:
    """The id of a document, None if it was never recorded."""
    sql = """SELECT documents.id FROM documents JOIN services ON services.id = service_id
             WHERE key = ? AND type = ? AND region = ? AND origin = ?"""
    values = (document.service, document.type, document.region, document.origin)
    return value(db, sql, *values)  # type: ignore[no-any-return]


def record_fetch(db: Database, document_id: int, part: int, fetch: Fetch, snapshot: Snapshot | None = None) -> int:
    """The id of the new fetch, stored with its snapshot in one transaction."""
    with db.atomic():
        identity = record_snapshot(db, snapshot, document_id) if snapshot else None
        return _insert_fetch(db, document_id, part, fetch, identity)


def set_outcome(db: Database, fetch_id: int, outcome: Outcome, detail: str = "") -> None:
    """Says how the reading of a stored fetch ended."""
    with db.atomic():
        db.execute("UPDATE fetches SET outcome = ?, detail = ? WHERE id = ?", (str(outcome), detail, fetch_id))


def validators(db: Database, document_id: int, part: int, url: str) -> Validators:
    """Those of the last response for this address that was read; empty where a conditional request would be wrong."""
    sql = f"""SELECT headers FROM fetches WHERE document_id = ? AND part = ? AND url = ?
              AND outcome IN {SEEN_WITH_BODY} ORDER BY id DESC LIMIT 1"""  # noqa: S608
    row = one(db, sql, document_id, part, url)
    headers = {name.lower(): text for name, text in json.loads(row["headers"])} if row else {}
    return Validators(headers.get("etag", ""), headers.get("last-modified", ""))


def record_version(
    db: Database,
    document_id: int,
    fetch_ids: Sequence[int],
    passages: Sequence[Passage],
    extractor: str,
    *,
    technical: bool = False,
) -> int | None:
    """The id of the new version, or None where the text is the newest version's. One transaction."""
    if not fetch_ids:
        raise ValueError("a version is read from at least one fetch")
    line = Line(db, document_id, extractor)
    with line.storing():
        return line.add_version(fetch_ids, passages, technical=technical)


class Line:
    """The versions of one document in their order, for recording many of them without reading back each.

    Nobody else may write to the document while it is in use, and everything is added within `storing`.
    """

    def __init__(self, db: Database, document_id: int, extractor: str) -> None:
        """`extractor` names the reading rules under which the newest version is current."""
        self._db, self._document, self._extractor = db, document_id, extractor
        latest = latest_version(db, document_id)
        self._is_first = latest is None
        self.seen_at = str(latest["seen_at"]) if latest else ""  # when the newest version was seen; "" before the first
        self._standing = Standing(db, document_id)
        self._packer = Packer(db, document_id)

    @contextmanager
    def storing(self) -> Iterator[None]:
        """One transaction. If it fails, what the line knows is wrong and it must not be used again."""
        with self._db.atomic():
            self._now = now()
            self._db.execute("UPDATE documents SET extractor = ? WHERE id = ?", (self._extractor, self._document))
            yield
            self._standing.settle()

    def add_snapshot(self, snapshot: Snapshot) -> int:
        """The id of the snapshot, stored if its bytes are new."""
        return record_snapshot(self._db, snapshot, self._document, self._packer)

    def add_fetch(self, fetch: Fetch, snapshot: Snapshot | int | None = None, part: int = 0) -> int:
        """The id of the new fetch, stored with its snapshot, or with that of a stored one."""
        identity = self.add_snapshot(snapshot) if isinstance(snapshot, Snapshot) else snapshot
        return _insert_fetch(self._db, self._document, part, fetch, identity)

    def add_version(
        self, fetch_ids: Sequence[int], passages: Sequence[Passage], *, technical: bool = False
    ) -> int | None:
        """The id of the new version, or None where the text is the newest version's."""
        if not self._is_first and self._standing.passages == tuple(passages):
            return None
        self._is_first, self.seen_at = False, _last_fetched(self._db, fetch_ids)
        row: Row = {"document_id": self._document, "seen_at": self.seen_at, "recorded_at": self._now}
        row |= {"extractor": self._extractor, "technical": int(technical), "text_hash": text_hash(passages)}
        row |= {"passages": len(passages), "words": word_count(passages)}
        version = insert(self._db, "versions", row)
        insert_all(self._db, "version_fetches", ("version_id", "fetch_id"), [(version, fetch) for fetch in fetch_ids])
        self._standing.become(version, passages)
        return version


def word_count(passages: Iterable[Passage]) -> int:
    """How many words passages have; each text is counted once, as versions share most of theirs."""
    return sum([_words(passage.text) for passage in passages])


@lru_cache(maxsize=2**14)
def _words(text: str) -> int:
    return len(text.split())


def expect_much(db: Database) -> None:
    """Prepares for an import: SQLite may keep 32 MB in memory, as the same indexes come again and again."""
    db.execute("PRAGMA cache_size = -32768")
    db.execute("PRAGMA wal_autocheckpoint = 8000")  # pages: the log may grow to 64 MB meanwhile
    collect_seldom()


def collect_seldom() -> None:
    """Lets Python look for circles of dead objects less often: much is made here, and nearly nothing in circles."""
    gc.set_threshold(100_000, 20, 20)


def known_origins(db: Database) -> set[str]:
    """What the records of others that are here are called by those."""
    return {name for (name,) in db.conn.execute("SELECT origin_id FROM fetches WHERE origin_id IS NOT NULL")}


def is_taken(db: Database, origin: str, head: str) -> bool:
    """Whether everything up to this commit of an origin's repository was taken in."""
    sql = "SELECT 1 FROM documents WHERE origin = ? AND json_extract(nullif(declaration, ''), '$.head') = ? LIMIT 1"
    return value(db, sql, origin, head) is not None


def set_taken(db: Database, origin: str, head: str) -> None:
    """Keeps that everything up to this commit was taken in, all documents at once."""
    with db.atomic():
        sql = "UPDATE documents SET declaration = json_set(coalesce(nullif(declaration, ''), '{}'), '$.head', ?)"
        db.execute(f"{sql} WHERE origin = ?", (head, origin))


def text_hash(passages: Sequence[Passage]) -> str:
    """SHA-256 of the words of all passages in order, in hexadecimal; links do not count."""
    return hashlib.sha256("\n".join([p.text for p in passages]).encode()).hexdigest()


def latest_version(db: Database, document_id: int) -> Row | None:
    """The newest version of a document."""
    return one(db, "SELECT * FROM versions WHERE document_id = ? ORDER BY id DESC LIMIT 1", document_id)


def _insert_fetch(db: Database, document_id: int, part: int, fetch: Fetch, snapshot_id: int | None) -> int:
    row: Row = {"document_id": document_id, "part": part, "fetched_at": fetch.at, "outcome": str(fetch.outcome)}
    row |= {"detail": fetch.detail, "status": fetch.status, "url": fetch.url, "final_url": fetch.final_url}
    row |= {"headers": json.dumps(fetch.headers), "seconds": fetch.seconds, "snapshot_id": snapshot_id}
    return insert(db, "fetches", row | {"origin_id": fetch.origin_id})


def _with_language(declaration: str, language: str) -> str:
    return json.dumps(json.loads(declaration or "{}") | {"language": language}, ensure_ascii=False)


def _service(db: Database, document: Document) -> int:
    """Its name follows the document's, where that has one, and its owner what is declared of a document of ours."""
    known = one(db, "SELECT id, name AS service_name, owner FROM services WHERE key = ?", document.service)
    if known is None:
        owner = "" if document.origin else document.owner
        name = document.service_name or document.service
        return insert(db, "services", {"key": document.service, "name": name, "owner": owner})
    if changes := _service_changes(document, known):
        db.table("services").update(known["id"], changes)
    return int(known["id"])


def _service_changes(document: Document, known: Row) -> Row:
    """What a document's service is to be called, and whose it is to be, where that differs from what is known."""
    changes: Row = {}
    if document.service_name not in ("", known["service_name"]):
        changes["name"] = document.service_name
    if not document.origin and document.owner != known["owner"]:
        changes["owner"] = document.owner
    return changes


def _last_fetched(db: Database, fetch_ids: Sequence[int]) -> str:
    marks = ", ".join("?" * len(fetch_ids))
    return str(value(db, f"SELECT max(fetched_at) FROM fetches WHERE id IN ({marks})", *fetch_ids))  # noqa: S608


_DOCUMENT = """SELECT documents.id, services.name AS service_name, owner, documents.name, language, documents.url,
               declaration, coalesce(json_extract(nullif(declaration, ''), '$.language'), '') AS declared
               FROM documents JOIN services ON services.id = service_id
               WHERE key = ? AND type = ? AND region = ? AND origin = ?"""
