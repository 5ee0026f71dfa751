"""Records what a crawl brings: documents, fetches with their snapshots, and versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlite_utils import Database

from archive.placements import place, text_of
from archive.rows import Row, insert, one, value
from archive.snapshots import record_snapshot
from archive.words import Document, Fetch, Outcome, Passage, Snapshot

SEEN_WITH_BODY = "('recorded', 'unchanged')"


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave us to ask "has it changed?" with."""

    etag: str = ""
    last_modified: str = ""


def now() -> str:
    """The time as the archive writes it: ISO-8601, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def record_document(db: Database, document: Document, declaration: str = "") -> int:
    """The id of the document, made or brought up to the given declaration (JSON). Idempotent."""
    with db.atomic():
        service = _service(db, document)
        row = {"name": document.label, "language": document.language, "url": document.url, "declaration": declaration}
        key = {"service_id": service, "type": document.type, "region": document.region}
        sql = "SELECT id FROM documents WHERE service_id = ? AND type = ? AND region = ?"
        known = value(db, sql, *key.values())
        if known is None:
            return insert(db, "documents", {**key, **row})
        db.table("documents").update(known, row)
    return int(known)


def document_id(db: Database, document: Document) -> int | None:
    """The id of a document, None if it was never recorded."""
    sql = """SELECT documents.id FROM documents JOIN services ON services.id = service_id
             WHERE key = ? AND type = ? AND region = ?"""
    return value(db, sql, document.service, document.type, document.region)  # type: ignore[no-any-return]


def record_fetch(db: Database, document_id: int, part: int, fetch: Fetch, snapshot: Snapshot | None = None) -> int:
    """The id of the new fetch, stored with its snapshot in one transaction."""
    with db.atomic():
        identity = record_snapshot(db, snapshot, document_id) if snapshot else None
        row: Row = {"document_id": document_id, "part": part, "fetched_at": fetch.at, "outcome": str(fetch.outcome)}
        row |= {"detail": fetch.detail, "status": fetch.status, "url": fetch.url, "final_url": fetch.final_url}
        row |= {"headers": json.dumps(fetch.headers), "seconds": fetch.seconds, "snapshot_id": identity}
        return insert(db, "fetches", row)


def set_outcome(db: Database, fetch_id: int, outcome: Outcome, detail: str = "") -> None:
    """Says how the reading of a stored fetch ended."""
    db.table("fetches").update(fetch_id, {"outcome": str(outcome), "detail": detail})


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
    with db.atomic():
        db.table("documents").update(document_id, {"extractor": extractor})
        if _is_standing(db, document_id, passages):
            return None
        row = {"document_id": document_id, "seen_at": _last_fetched(db, fetch_ids), "recorded_at": now()}
        row |= {"extractor": extractor, "technical": int(technical), "text_hash": text_hash(passages)}
        row |= {"passages": len(passages), "words": sum(len(p.text.split()) for p in passages)}
        version = insert(db, "versions", row)
        for fetch in fetch_ids:
            insert(db, "version_fetches", {"version_id": version, "fetch_id": fetch})
        place(db, document_id, version, passages)
    return version


def text_hash(passages: Sequence[Passage]) -> str:
    """SHA-256 of the words of all passages in order, in hexadecimal; links do not count."""
    return hashlib.sha256("\n".join(p.text for p in passages).encode()).hexdigest()


def latest_version(db: Database, document_id: int) -> Row | None:
    """The newest version of a document."""
    return one(db, "SELECT * FROM versions WHERE document_id = ? ORDER BY id DESC LIMIT 1", document_id)


def _service(db: Database, document: Document) -> int:
    name = document.service_name or document.service
    known = one(db, "SELECT id, name FROM services WHERE key = ?", document.service)
    if known is None:
        return insert(db, "services", {"key": document.service, "name": name})
    if known["name"] != name:
        db.table("services").update(known["id"], {"name": name})
    return int(known["id"])


def _is_standing(db: Database, document_id: int, passages: Sequence[Passage]) -> bool:
    latest = latest_version(db, document_id)
    return latest is not None and text_of(db, document_id, latest["id"]) == list(passages)


def _last_fetched(db: Database, fetch_ids: Sequence[int]) -> str:
    marks = ", ".join("?" * len(fetch_ids))
    return str(value(db, f"SELECT max(fetched_at) FROM fetches WHERE id IN ({marks})", *fetch_ids))  # noqa: S608
