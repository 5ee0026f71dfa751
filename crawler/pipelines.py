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
from crawler import outcome, reading
from crawler.declaration import Declaration
from crawler.reading import INCOMPLETE, Look
from crawler.spiders.documents import DocumentsSpider
from crawler.visit import Visit

logger = logging.getLogger(__name__)

Kept = tuple[int, Visit]  # a visit with the id of its fetch


class Record:
    """The one pipeline. What leaves it is a plain summary, fit for Scrapy's feed exports."""

    def __init__(self, crawler: Crawler):
        self.crawler = crawler
        self.closing = ExitStack()
        self.looks: dict[Document, dict[int, Kept]] = {}  # the visits of documents with pages still to come, by part
        self.awaited = set[tuple[Document, int]]()  # the parts of those that a browser is asked for

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
        """Keeps the visit; after the document's last page reads it, tells the caller, and gives the summary.

        Where a browser may bring what came as a wall, it is asked first, and the document is read with its answer.
        """
        document = visit.declaration.document
        kept = self.looks.setdefault(document, {})
        kept[visit.part] = keep(self.db, visit), visit
        self.awaited.discard((document, visit.part))
        if len(kept) < len(visit.declaration.sources) or any(waits == document for waits, _ in self.awaited):
            return _summary(visit)
        visits = list(self.looks.pop(document).values())
        look = look_at(self.db, visits)
        if self._asks_a_browser(visits, look):
            self.looks[document] = kept
            return _summary(visit)
        done = conclude(self.db, visits, look)
        return self._tell([self._advised(fetch, ended) for (fetch, _), ended in zip(visits, done, strict=True)])

    def _asks_a_browser(self, visits: Sequence[Kept], look: Look | None) -> bool:
        """Whether a second answer is on its way. What came first keeps its outcome, and is told to nobody."""
        crawled = False
        for fetch, bad in walled(visits, look):
            request = self.spider.with_browser(bad)
            if request is not None:
                set_outcome(self.db, fetch, bad.fetch.outcome, bad.fetch.detail)
                assert self.crawler.engine is not None  # noqa: S101  (it runs)
                self.crawler.engine.crawl(request)
                self.awaited.add((bad.declaration.document, bad.part))
                crawled = True
        return crawled

    def _tell(self, done: Sequence[Visit]) -> dict[str, Any]:
        for ended in done:
            if self.spider.told:
                self.spider.told(ended)
        return _summary(done[-1])

    def _advised(self, fetch: int, visit: Visit) -> Visit:
        """Beside the reason why a page could not be read stands what it needs, where that is known."""
        advice, told = self.spider.advice(visit), visit.fetch
        if not advice or told.outcome not in (Outcome.UNEXTRACTABLE, Outcome.BLOCKED):
            return visit
        ended = visit.ended(told.outcome, f"{told.detail}; {advice}")
        set_outcome(self.db, fetch, ended.fetch.outcome, ended.fetch.detail)
        return ended

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


def look_at(db: Database, visits: Sequence[Kept]) -> Look | None:
    """What stands in the pages of a look; None where one is missing, or none has to be read.

    Half of a document would look as if the other half were gone.
    """
    outcomes = {visit.fetch.outcome for _, visit in visits}
    if Outcome.FETCHED not in outcomes or outcomes - {Outcome.FETCHED, Outcome.NOT_MODIFIED}:
        return None
    declaration = visits[0][1].declaration
    document = record_document(db, declaration.document, declaration.as_json())
    return reading.look_at(db, document, declaration)


def walled(visits: Sequence[Kept], look: Look | None) -> list[Kept]:
    """The visits that brought no document, as they would end; none unless a browser might bring all of them."""
    walls = look.walls if look else {}
    bad = [(fetch, visit, walls.get(visit.part) if _waits(visit) else None) for fetch, visit in visits]
    bad = [one for one in bad if one[2] or one[1].fetch.outcome not in (Outcome.FETCHED, Outcome.NOT_MODIFIED)]
    if not all(wall.browser if wall else outcome.browser_may_pass(visit.fetch) for _, visit, wall in bad):
        return []
    return [(fetch, visit.ended(wall.outcome, wall.detail) if wall else visit) for fetch, visit, wall in bad]


def conclude(db: Database, visits: Sequence[Kept], look: Look | None) -> list[Visit]:
    """Records what a look at all pages brought; the visits given back say how they ended."""
    if look is None:
        return [_left(db, fetch, visit) for fetch, visit in visits]
    ends = reading.settle(db, look)
    return [visit.ended(*ends[fetch]) if fetch in ends else visit for fetch, visit in visits]


def _left(db: Database, fetch: int, visit: Visit) -> Visit:
    """A visit whose page is not read, as another one is missing."""
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
