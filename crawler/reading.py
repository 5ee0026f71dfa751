"""Reads stored snapshots into versions: after each fetch, and again when the rules of reading have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive import evidence
from archive.errors import ExtractionError
from archive.recording import latest_version, record_version, set_outcome
from archive.words import Outcome, Passage
from crawler import extraction
from crawler.declaration import Declaration
from crawler.judging import Standing, extracted, judge
from crawler.outcome import Verdict
from crawler.walls import Wall

INCOMPLETE = "stored, but not read: another page of this document could not be fetched or read"


@dataclass(frozen=True, slots=True)
class Look:
    """A document's newest pages and what was made of each: its passages, or a wall. None where they are unchanged."""

    document_id: int
    pages: Sequence[evidence.Page]
    rules: str
    technical: bool = False
    found: Sequence[list[Passage] | Wall] | None = None

    @property
    def walls(self) -> dict[int, Wall]:
        """The pages that are no document, by part."""
        found = zip(self.pages, self.found or (), strict=False)
        return {page.part: wall for page, wall in found if isinstance(wall, Wall)}


def read(db: Database, document_id: int, declaration: Declaration) -> Mapping[int, Verdict]:
    """Makes a version of a document's newest pages if its text is new: how each fetch that waited ended, by its id.

    Empty where no page waits to be read, or one was never fetched.
    """
    look = look_at(db, document_id, declaration)
    return settle(db, look) if look else {}


def look_at(db: Database, document_id: int, declaration: Declaration) -> Look | None:
    """What the newest pages hold; nothing is recorded. None where `read` would do nothing."""
    pages = _newest(db, document_id, declaration)
    if not any(page.outcome is Outcome.FETCHED for page in pages):
        return None
    rules, standing = extractor(declaration), Standing(db, document_id, declaration.sources)
    before = standing.pages
    same_bytes = [page.snapshot_id for page in pages] == [page.snapshot_id for page in before]
    same_rules = evidence.extractor_of(db, document_id) == rules
    if same_rules and len(pages) == len(before) and all(standing.has_read(page, rules) for page in pages):
        return Look(document_id, pages, rules)
    found = [judge(db, standing, page, source) for page, source in zip(pages, declaration.sources, strict=True)]
    # Newer rules explain a difference only in a page that is the same. Where the host changed it as well (a redesign,
    # and a selector that follows), the change is the host's and must be able to speak.
    technical = bool(before) and not same_rules and (same_bytes or len(pages) != len(before))
    return Look(document_id, pages, rules, technical, found)


def settle(db: Database, look: Look) -> dict[int, Verdict]:
    """Records the version if there is one, and how each fetch that waited ended."""
    if look.walls:
        ends = [_verdict(look.walls.get(page.part)) for page in look.pages]
    elif look.found is None:
        ends = [(Outcome.UNCHANGED, "")] * len(look.pages)
    else:
        passages = [passage for found in look.found if not isinstance(found, Wall) for passage in found]
        fetches = [page.fetch_id for page in look.pages]
        version = record_version(db, look.document_id, fetches, passages, look.rules, technical=look.technical)
        ends = [(Outcome.RECORDED if version else Outcome.UNCHANGED, "")] * len(look.pages)
    return _settle(db, look.pages, ends)


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
        passages = [
            passage
            for page, source in zip(pages, declaration.sources, strict=True)
            for passage in extracted(db, page, source)
        ]
    except ExtractionError:
        return None
    return record_version(db, document_id, [page.fetch_id for page in pages], passages, rules, technical=True)


def extractor(declaration: Declaration) -> str:
    """What a document is read with: the extraction's revision, and a hash of the selectors if there are any."""
    chosen = [(s.select, s.remove, s.remove_query_params) for s in declaration.sources]
    automatic = not any(part for source in chosen for part in source)
    return f"{extraction.REVISION}:{'auto' if automatic else hashlib.sha256(repr(chosen).encode()).hexdigest()[:12]}"


def _verdict(wall: Wall | None) -> Verdict:
    """How a page of a document ends that has a bad one."""
    return (wall.outcome, wall.detail) if wall else (Outcome.FETCHED, INCOMPLETE)


def _newest(db: Database, document_id: int, declaration: Declaration) -> list[evidence.Page]:
    """The newest page of each part, or none at all while a part has never been fetched."""
    pages = [evidence.newest_page(db, document_id, part) for part in range(len(declaration.sources))]
    present = [page for page in pages if page is not None]
    return present if len(present) == len(pages) else []


def _settle(db: Database, pages: Sequence[evidence.Page], ends: Sequence[Verdict]) -> dict[int, Verdict]:
    """Writes the outcomes on the fetches that were still waiting to be read, and gives those."""
    waited = {page.fetch_id: end for page, end in zip(pages, ends, strict=True) if page.outcome is Outcome.FETCHED}
    for fetch, end in waited.items():
        set_outcome(db, fetch, *end)
    return waited
