"""Writes the history of documents as a git repository in the form of Open Terms Archive's versions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from archive.errors import ArchiveError
from archive.git_folder import VERSION_TRAILER, Commit, append, exported, open_folder, paths
from archive.markdown_text import markdown
from archive.placements import text_of
from archive.rows import Row
from archive.snapshots import body

OURS = "Smallprint"  # whose record it is, where we fetched the pages ourselves
FIRST, CHANGED, TECHNICAL = "First record of", "Record new changes of", "Apply technical or declaration upgrade on"
SOURCE = "This version was recorded after extracting from"
# In a name that becomes part of a path: what would lead elsewhere, hide it, or be read as a page's number.
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\]|^[.]|^(?i:git)(?=~)|(?<= )#")
LONGEST_NAME = 180  # bytes, without the ending

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Document:
    """A document with the file it is written to."""

    id: int
    service: str  # the key
    type: str
    path: str


def export(
    db: Database,
    folder: Path,
    service: str,
    document: str | None,
    engine: str,
    origin: str | None = None,
    told: Told = lambda done, total: None,
) -> int:
    """Adds the versions that `folder` does not hold yet to its git repository, one commit each, and gives their number.

    `service` is a name or key in any case; `document` a type in any case, all if None; `origin` whose record it is, to
    be named where there are several. `engine` names the program in every commit. A version that would leave the file
    as it is makes no commit. Raises ArchiveError, and then nothing was added.
    """
    documents = {row.id: row for row in _documents(db, service, document, origin)}
    open_folder(folder)
    done = _done(db, folder)
    _expect_free_paths(folder, [row for row in documents.values() if row.id not in done])
    todo = [row for row in _versions(db, documents) if row["id"] > done.get(row["document_id"], 0)]
    return append(folder, _commits(db, documents, done, _counted(todo, told), engine))


def _documents(db: Database, service: str, document: str | None, origin: str | None) -> list[_Document]:
    rows = list(db.query(_DOCUMENTS, {"service": service, "document": document}))
    origins = sorted({row["origin"] or OURS for row in rows})
    if origin is not None:
        rows = [row for row in rows if (row["origin"] or OURS).casefold() == origin.casefold()]
    elif len(origins) > 1:
        raise ArchiveError(f"{service}: there are records of {' and of '.join(origins)}: name one with --origin")
    if not rows:
        what = ", ".join(name for name in (service, document, origin) if name)
        raise ArchiveError(f"nothing is recorded of {what!r}: `smallprint history` and `smallprint serve` show what is")
    return [_Document(row["id"], row["key"], row["type"], _path(row)) for row in rows]


def _path(row: Row) -> str:
    region = f" ({row['region']})" if row["region"] else ""
    return f"{file_name(row['key'])}/{file_name(row['type'] + region)}.md"


def file_name(name: str) -> str:
    """The name as part of a path: itself, where it leads nowhere else; else altered, with a piece of its hash."""
    safe = UNSAFE.sub("_", name)
    short = safe.encode()[:LONGEST_NAME].decode(errors="ignore")
    if name and short == name:
        return name
    return f"{short}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _done(db: Database, folder: Path) -> dict[int, int]:
    """The newest version of each document that the folder holds. It has to be this archive's export."""
    held, newest = exported(folder), dict[int, int]()
    for row in db.query("SELECT id, document_id, seen_at FROM versions ORDER BY id") if held else ():
        if held.get(row["id"]) == _seconds(row["seen_at"]):
            del held[row["id"]]
            newest[row["document_id"]] = row["id"]
    if held:
        raise ArchiveError(f"{folder}: holds an export of another archive, or of a newer one: name a new folder")
    return newest


def _expect_free_paths(folder: Path, documents: Iterable[_Document]) -> None:
    taken = paths(folder)
    for document in documents:
        if document.path in taken:
            raise ArchiveError(f"{folder}: holds another record of {document.path}: name a new folder")
        taken.add(document.path)


def _versions(db: Database, documents: Iterable[int]) -> list[Row]:
    """The versions of all the documents in the order of time, and each document's own in theirs."""
    marks = ", ".join(str(int(identity)) for identity in documents)
    return list(db.query(_VERSIONS.format(marks)))


def _counted(rows: list[Row], told: Told) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        yield row
        told(number, len(rows))


def _commits(
    db: Database, documents: dict[int, _Document], done: dict[int, int], rows: Iterable[Row], engine: str
) -> Iterator[Commit]:
    """One commit for each version whose text differs from the file's."""
    written = dict[int, bytes]()
    for row in rows:
        document, version = documents[row["document_id"]], row["id"]
        if document.id in done and document.id not in written:
            written[document.id] = _content(db, done[document.id])
        content = _content(db, version)
        if written.get(document.id) != content:
            subject = f"{_prefix(row, document.id in written)} {document.service} {document.type}"
            message = _message(subject, list(db.query(_PAGES, (version,))), version, engine)
            yield Commit(document.path, content, message, _seconds(row["seen_at"]))
        written[document.id] = content


def _content(db: Database, version_id: int) -> bytes:
    """What others have recorded, byte for byte; what we have read, as Markdown."""
    pages = list(db.query(_PAGES, (version_id,)))
    if len(pages) == 1 and pages[0]["origin_id"] and pages[0]["media_type"] == "text/markdown":
        return body(db, pages[0]["snapshot_id"])
    return markdown(text_of(db, version_id)).encode()


def _prefix(row: Row, known: bool) -> str:
    if not known:
        return FIRST
    return TECHNICAL if row["technical"] else CHANGED


def _message(subject: str, pages: list[Row], version_id: int, engine: str) -> str:
    """The words of a commit. The id has a letter before it: Open Terms Archive takes bare numbers for snapshots."""
    digests = [page["sha256"] for page in pages if page["sha256"]]
    addresses = ["".join(page["url"].split()) for page in pages]
    source = f"{SOURCE} snapshot {''.join(digests)}"
    if len(digests) > 1:
        count = f"{SOURCE} and assembling the following snapshots from {len(digests)} source documents:"
        source = "\n- ".join([count, *digests])
    trailers = [f"X-engine-version: {engine}"]
    trailers += [f"X-source-document-location: {address}" for address in addresses if address]
    trailers += [f"{VERSION_TRAILER}: v{version_id}"]
    return "\n\n".join([" ".join(subject.split()), source, "\n".join(trailers)]) + "\n"


def _seconds(time: str) -> int:
    """Seconds since 1970; git knows no time before."""
    return max(0, int(datetime.fromisoformat(time).timestamp()))


_DOCUMENTS = """
SELECT documents.id, services.key, documents.type, documents.region, documents.origin
FROM documents JOIN services ON services.id = service_id
WHERE (services.name = :service COLLATE NOCASE OR services.key = :service COLLATE NOCASE)
  AND (:document IS NULL OR documents.type = :document COLLATE NOCASE)
  AND EXISTS (SELECT 1 FROM versions WHERE document_id = documents.id)
ORDER BY documents.id"""
_VERSIONS = """
SELECT id, document_id, technical, seen_at FROM versions WHERE document_id IN ({})
ORDER BY max(seen_at) OVER (PARTITION BY document_id ORDER BY id), id"""
_PAGES = """
SELECT snapshots.id AS snapshot_id, sha256, media_type, origin_id, coalesce(nullif(final_url, ''), url) AS url
FROM version_fetches
JOIN fetches ON fetches.id = fetch_id
LEFT JOIN snapshots ON snapshots.id = fetches.snapshot_id
WHERE version_id = ? ORDER BY part, fetches.id"""
