"""Reads stored snapshots into versions: after each fetch, and again when the rules of reading have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive import evidence
from archive.errors import ExtractionError
from archive.recording import latest_version, record_version, set_outcome
from archive.words import Outcome, Passage
from crawler import extraction
from crawler.declaration import Declaration, Source


@dataclass(frozen=True, slots=True)
class Read:
    """How the reading of a document's newest pages ended."""

    outcome: Outcome
    detail: str = ""
    version_id: int | None = None


def read(db: Database, document_id: int, declaration: Declaration) -> Read | None:
    """Makes a version of a document's newest pages if its text is new.

    None where no page waits to be read, or one was never fetched.
    """
    pages = _newest(db, document_id, declaration)
    if not any(page.outcome is Outcome.FETCHED for page in pages):
        return None
    rules = extractor(declaration)
    before = _standing(db, document_id)
    same_bytes = [page.snapshot_id for page in pages] == [page.snapshot_id for page in before]
    same_rules = evidence.extractor_of(db, document_id) == rules
    if same_bytes and same_rules:
        return _settle(db, pages, Read(Outcome.UNCHANGED))
    try:
        passages = _passages(db, pages, declaration.sources)
    except ExtractionError as error:
        return _settle(db, pages, Read(Outcome.UNEXTRACTABLE, str(error)))
    # Newer rules explain a difference only in a page that is the same. Where the host changed it as well (a redesign,
    # and a selector that follows), the change is the host's and must be able to speak.
    technical = bool(before) and not same_rules and (same_bytes or len(pages) != len(before))
    fetches = [page.fetch_id for page in pages]
    version = record_version(db, document_id, fetches, passages, rules, technical=technical)
    return _settle(db, pages, Read(Outcome.RECORDED if version else Outcome.UNCHANGED, version_id=version))


def catch_up(db: Database, document_id: int, declaration: Declaration) -> None:
    """Reads again what was read with older rules, then what an interrupted crawl stored and did not read.

    A document of several pages is read only where all of them wait: otherwise they would be of different days.
    """
    reread(db, document_id, declaration)
    pages = _newest(db, document_id, declaration)
    if all(page.outcome is Outcome.FETCHED for page in pages):
        read(db, document_id, declaration)


def reread(db: Database, document_id: int, declaration: Declaration) -> int | None:
    """Reads the newest version's own pages again if the rules have changed: a technical version, or None.

    Pages that the new rules cannot read are left as they are; the next fetch tells.
    """
    rules, latest = extractor(declaration), latest_version(db, document_id)
    if latest is None or evidence.extractor_of(db, document_id) == rules:
        return None
    pages = evidence.pages_of(db, latest["id"])
    if [page.part for page in pages] != list(range(len(declaration.sources))):
        return None
    try:
        passages = _passages(db, pages, declaration.sources)
    except ExtractionError:
        return None
    return record_version(db, document_id, [page.fetch_id for page in pages], passages, rules, technical=True)


def extractor(declaration: Declaration) -> str:
    """What a document is read with: the extraction's revision, and a hash of the selectors if there are any."""
    chosen = [(s.select, s.remove, s.remove_query_params) for s in declaration.sources]
    automatic = not any(part for source in chosen for part in source)
    return f"{extraction.REVISION}:{'auto' if automatic else hashlib.sha256(repr(chosen).encode()).hexdigest()[:12]}"


def _passages(db: Database, pages: Sequence[evidence.Page], sources: Sequence[Source]) -> list[Passage]:
    return [
        passage
        for page, source in zip(pages, sources, strict=True)
        for passage in extraction.extract(page.body(db), page.media_type, source, page.url, page.encoding)
    ]


def _newest(db: Database, document_id: int, declaration: Declaration) -> list[evidence.Page]:
    """The newest page of each part, or none at all while a part has never been fetched."""
    pages = [evidence.newest_page(db, document_id, part) for part in range(len(declaration.sources))]
    present = [page for page in pages if page is not None]
    return present if len(present) == len(pages) else []


def _standing(db: Database, document_id: int) -> list[evidence.Page]:
    """The pages that the newest version was read from."""
    latest = latest_version(db, document_id)
    return evidence.pages_of(db, latest["id"]) if latest else []


def _settle(db: Database, pages: Sequence[evidence.Page], read: Read) -> Read:
    """Writes the outcome on the fetches that were still waiting to be read."""
    for page in pages:
        if page.outcome is Outcome.FETCHED:
            set_outcome(db, page.fetch_id, read.outcome, read.detail)
    return read
