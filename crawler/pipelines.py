"""Records each visit: first the bytes as they came, then what can be read in them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Self

from scrapy.crawler import Crawler
from sqlite_utils import Database

from archive import store
from archive.recording import record_document, record_fetch
from archive.words import Outcome
from crawler import reading
from crawler.declaration import Declaration
from crawler.spiders.documents import DocumentsSpider
from crawler.visit import Visit


class Record:
    """The one pipeline. What leaves it is a plain summary, fit for Scrapy's feed exports."""

    def __init__(self, crawler: Crawler):
        self.crawler = crawler
        self.closing = ExitStack()

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
            prepare(self.db, declaration)

    def close_spider(self) -> None:
        """Closes the archive if it was opened here."""
        self.closing.close()

    def process_item(self, visit: Visit) -> dict[str, Any]:
        """Keeps the visit, reads the document, tells the caller, and gives the summary."""
        done = record(self.db, visit)
        if self.spider.told:
            self.spider.told(done)
        document = done.declaration.document
        return {
            "service": document.service,
            "document": document.type,
            "url": done.fetch.url,
            "fetched_at": done.fetch.at,
            "outcome": str(done.fetch.outcome),
            "detail": done.fetch.detail,
            "status": done.fetch.status,
        }


def prepare(db: Database, declaration: Declaration) -> int:
    """The document's id, with pages that were stored but not read, or read by older rules, brought up to date."""
    document = record_document(db, declaration.document, repr(declaration.sources))
    reading.reread(db, document, declaration)
    reading.read(db, document, declaration)
    return document


def record(db: Database, visit: Visit) -> Visit:
    """Stores a visit and reads its document; the visit given back says how it ended."""
    document = record_document(db, visit.declaration.document, repr(visit.declaration.sources))
    record_fetch(db, document, visit.part, visit.fetch, visit.snapshot)
    if visit.fetch.outcome is not Outcome.FETCHED:
        return visit
    read = reading.read(db, document, visit.declaration)
    if read is None:
        return visit
    return replace(visit, fetch=replace(visit.fetch, outcome=read.outcome, detail=read.detail))
