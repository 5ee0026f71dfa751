"""Turns one stored page into its passages, or says that it is no document or may not be believed yet, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlite_utils import Database

from archive import evidence, languages
from archive.errors import ExtractionError
from archive.language import detector
from archive.placements import text_of
from archive.recording import language_of, latest_version, text_hash, word_count
from archive.words import Outcome, Passage
from crawler import doubts, extraction, walls
from crawler.declaration import Source
from crawler.walls import Answer, Wall


class Standing:
    """What stands of a document: the newest version's pages, and its text page by page."""

    def __init__(self, db: Database, document_id: int, sources: Sequence[Source]) -> None:
        self.document_id = document_id
        self._db, self._sources = db, sources
        latest = latest_version(db, document_id)
        self._version = int(latest["id"]) if latest else None
        self._rules = str(latest["extractor"]) if latest else ""
        self.pages = evidence.pages_of(db, self._version) if self._version else []

    def page(self, page: evidence.Page) -> evidence.Page | None:
        """The page of the same part, from the same address."""
        return next((one for one in self.pages if (one.part, one.asked) == (page.part, page.asked)), None)

    def has_read(self, page: evidence.Page, rules: str) -> bool:
        """Whether these very bytes are those of the version, or were read since with the same rules as nothing new."""
        if any((one.part, one.snapshot_id) == (page.part, page.snapshot_id) for one in self.pages):
            return True
        last = max((one.fetch_id for one in self.pages), default=0)
        return self._rules == rules and evidence.was_read(self._db, self.document_id, page, last)

    def text(self, page: evidence.Page) -> list[Passage]:
        """The text of one of the pages; [] where newer rules cannot read it."""
        if self._version and len(self.pages) == 1:
            return text_of(self._db, self._version)
        try:
            return extracted(self._db, page, self._sources[page.part])
        except ExtractionError:
            return []


def extracted(db: Database, page: evidence.Page, source: Source) -> list[Passage]:
    """The passages of a stored page. Raises ExtractionError where there are none."""
    return extraction.extract(page.body(db), page.media_type, source, page.url, page.encoding)


def read_page(answer: Answer, source: Source, url: str) -> list[Passage] | Wall:
    """The passages of a page that answered at `url`, or what it is instead, as far as the page alone tells."""
    found: list[Passage] | ExtractionError
    try:
        found = extraction.extract(answer.body, answer.media_type, source, url, answer.encoding)
    except ExtractionError as error:
        found = error
    wall = walls.of_page(answer, found)
    if wall or isinstance(found, ExtractionError):
        return wall or Wall(Outcome.UNEXTRACTABLE, str(found))
    return found


def judge(db: Database, standing: Standing, page: evidence.Page, source: Source) -> list[Passage] | Wall:
    """The passages of a page, or what came instead of the document, or why its text is not believed yet."""
    before = standing.page(page)
    if before and before.snapshot_id == page.snapshot_id:
        try:
            return extracted(db, page, source)
        except ExtractionError as error:
            return Wall(Outcome.UNEXTRACTABLE, str(error))
    found = read_page(Answer(page.body(db), page.media_type, page.encoding, page.asked, page.url), source, page.url)
    doubt = "" if isinstance(found, Wall) else _doubt(db, standing, page, found)
    if isinstance(found, Wall) or not doubt:
        return found
    seen = _seen_before(db, standing.document_id, page, source)
    return found if doubts.is_believed(_seen(page, found), seen) else Wall(Outcome.SUSPECT, doubt)


def _doubt(db: Database, standing: Standing, page: evidence.Page, found: Sequence[Passage]) -> str:
    """Why a text may be none of the document's; "" where nothing speaks against it."""
    before = standing.page(page)
    text = standing.text(before) if before else []
    if before and text_hash(text) == text_hash(found):
        return ""
    doubt = doubts.shrunk(word_count(found), word_count(text))
    if before and not doubt:
        doubt = doubts.elsewhere(page.asked, page.url, before.url)
    return doubt or _foreign(db, standing.document_id, found, text)


def _foreign(db: Database, document_id: int, found: Sequence[Passage], text: Sequence[Passage]) -> str:
    known = languages.ours()
    language_in = detector(known).of
    declared, recorded = language_of(db, document_id)
    expected = (declared, recorded, language_in(text)) if text else (declared,)
    return doubts.foreign(language_in(found), expected, known)


def _seen_before(db: Database, document_id: int, page: evidence.Page, source: Source) -> Iterator[doubts.Seen]:
    """The doubted texts before this one; the same bytes are read once."""
    known = dict[int, list[Passage]]()
    for one in evidence.doubted(db, document_id, page):
        if one.snapshot_id not in known:
            try:
                known[one.snapshot_id] = extracted(db, one, source)
            except ExtractionError:
                known[one.snapshot_id] = []
        yield _seen(one, known[one.snapshot_id])


def _seen(page: evidence.Page, found: Sequence[Passage]) -> doubts.Seen:
    return doubts.Seen(page.at, text_hash(found), word_count(found))
