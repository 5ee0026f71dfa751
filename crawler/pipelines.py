"""Records each visit: first the bytes as they came, then what can be read in them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from sqlite_utils import Database
from twisted.python.failure import Failure

from archive import store
from archive.recording import record_document, record_fetch, set_outcome
from archive.words import Document, Outcome
from crawler import reading
from crawler.declaration import Declaration
from crawler.spiders.documents import DocumentsSpider
from crawler.visit import Visit

logger = logging.getLogger(__name__)

INCOMPLETE = "stored, but not read: another page of this document could not be fetched"

Kept = tuple[int, Visit]  # a visit with the id of its fetch


class Record:
    """The one pipeline. What leaves it is a plain summary, fit for Scrapy's feed exports."""

    def __init__(self, crawler: Crawler):
        self.crawler = crawler
        self.closing = ExitStack()
        self.looks: dict[Document, list[Kept]] = {}  # of documents with pages still to come

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy."""
        return cls(crawler)

    @property
    def spider(self) -> DocumentsSpider:
        """The running spider."""
        spider = self.crawler.spider
        assert isinstance(spider, DocumentsSpider)  # noqa: S101  (there is no other)
        return spider

    @property
    def db(self) -> Database:
        """The archive, open for writing while the spider runs."""
        assert self.spider.db is not None  # noqa: S101  (open_spider has set it)
        return self.spider.db

    def open_spider(self) -> None:
        """Opens the archive if the spider came without one, and reads what newer rules read differently."""
        if self.spider.db is None:
            self.spider.db = self.closing.enter_context(store.writing(self.spider.archive_path))
        for declaration in self.spider.declarations or ():
            try:
                prepare(self.db, declaration)
            except Exception:  # one document must not keep the others from being fetched
                logger.exception("Error while reading stored pages of %s", declaration.document.label)
                self._tell_fault(Failure())  # type: ignore[no-untyped-call]

    def close_spider(self) -> None:
        """Closes the archive if it was opened here."""
        self.closing.close()

    def process_item(self, visit: Visit) -> dict[str, Any]:
        """Keeps the visit; after the document's last page reads it, tells the caller, and gives the summary."""
        document = visit.declaration.document
        look = self.looks.setdefault(document, [])
        look.append((keep(self.db, visit), visit))
        if len(look) < len(visit.declaration.sources):
            return _summary(visit)
        done = conclude(self.db, self.looks.pop(document))
        for ended in done:
            if self.spider.told:
                self.spider.told(ended)
        return _summary(done[-1])

    def _tell_fault(self, failure: Failure) -> None:
        self.crawler.signals.send_catch_log(
            signals.spider_error, failure=failure, response=None, spider=self.crawler.spider
        )


def prepare(db: Database, declaration: Declaration) -> int:
    """The document's id, with pages that were stored but not read, or read by older rules, brought up to date."""
    document = record_document(db, declaration.document, declaration.as_json())
    reading.catch_up(db, document, declaration)
    return document


def keep(db: Database, visit: Visit) -> int:
    """The id of the fetch, stored with its bytes before anything is made of them."""
    document = record_document(db, visit.declaration.document, visit.declaration.as_json())
    return record_fetch(db, document, visit.part, visit.fetch, visit.snapshot)


def conclude(db: Database, look: Sequence[Kept]) -> list[Visit]:
    """Reads a document after a look at all its pages; the visits given back say how they ended.

    Where one page is missing nothing is read: half of a document would look as if the other half were gone.
    """
    outcomes = {visit.fetch.outcome for _, visit in look}
    if Outcome.FETCHED not in outcomes:
        return [visit for _, visit in look]
    if outcomes - {Outcome.FETCHED, Outcome.NOT_MODIFIED}:
        return [_left(db, fetch, visit) for fetch, visit in look]
    declaration = look[0][1].declaration
    document = record_document(db, declaration.document, declaration.as_json())
    read = reading.read(db, document, declaration)
    return [visit.ended(read.outcome, read.detail) if read and _waits(visit) else visit for _, visit in look]


def _left(db: Database, fetch: int, visit: Visit) -> Visit:
    if not _waits(visit):
        return visit
    set_outcome(db, fetch, Outcome.FETCHED, INCOMPLETE)
    return visit.ended(Outcome.FETCHED, INCOMPLETE)


def _waits(visit: Visit) -> bool:
    return visit.fetch.outcome is Outcome.FETCHED


def _summary(visit: Visit) -> dict[str, Any]:
    document, fetch = visit.declaration.document, visit.fetch
    return {
        "service": document.service,
        "document": document.type,
        "url": fetch.url,
        "fetched_at": fetch.at,
        "outcome": str(fetch.outcome),
        "detail": fetch.detail,
        "status": fetch.status,
    }
