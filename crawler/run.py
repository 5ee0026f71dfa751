"""Runs one crawl in this process, which can do so once: a Twisted reactor starts a single time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings as ScrapySettings
from sqlite_utils import Database
from twisted.internet.error import ReactorNotRunning
from twisted.python.failure import Failure

from archive.recording import collect_seldom
from archive.settings import Settings
from crawler.browser import Browser
from crawler.declaration import Declaration
from crawler.spiders.documents import DocumentsSpider
from crawler.visit import Visit

GRACE = 5.0  # seconds that requests under way may take after an interrupt


def crawl(
    own: Settings,
    db: Database,
    declarations: Sequence[Declaration],
    told: Callable[[Visit], None],
    scrapy_settings: Mapping[str, Any] | None = None,
) -> bool:
    """Fetches the declared documents into an archive that is open for writing; `told` hears how each visit ended.

    Returns when the last page is recorded: True. An interrupt (Ctrl-C, SIGTERM) ends it early, with False; what was
    recorded stays. A fault in our own code is raised when the other documents are done; an archive that cannot be
    written any more (a full disk) ends the crawl. `scrapy_settings` override those of `crawler.settings`.
    """
    collect_seldom()
    process = AsyncCrawlerProcess(_settings(own, scrapy_settings or {}))
    logging.getLogger().addHandler(logging.NullHandler())
    crawler = process.create_crawler(DocumentsSpider)
    watch = _Watch(process, crawler)
    crawler.signals.connect(watch.failed, signals.item_error)
    crawler.signals.connect(watch.failed, signals.spider_error)
    task = process.crawl(crawler, db=db, declarations=declarations, told=told)
    with watch.interrupts():
        process.start(install_signal_handlers=False)
    fault = watch.error or (task.exception() if task.done() and not task.cancelled() else None)
    if fault:
        raise fault
    return not watch.interrupted


def _settings(own: Settings, overrides: Mapping[str, Any]) -> ScrapySettings:
    settings = ScrapySettings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("SMALLPRINT", own)
    settings.set("LOG_ENABLED", False)
    settings.setdict(dict(overrides), priority="cmdline")
    return settings


class _Watch:
    """Keeps the first fault, which Scrapy would only log, and ends the crawl at an interrupt."""

    def __init__(self, process: AsyncCrawlerProcess, crawler: Crawler):
        self.process, self.crawler = process, crawler
        self.error: BaseException | None = None
        self.interrupted = False
        self.ending: asyncio.Task[None] | None = None  # held, or it could be collected before it is done

    def failed(self, failure: Failure) -> None:
        """Hears of an exception in the spider or the pipeline."""
        self.error = self.error or failure.value
        if isinstance(failure.value, sqlite3.OperationalError):
            self._end()  # nothing that came would be kept

    @contextlib.contextmanager
    def interrupts(self) -> Iterator[None]:
        """Takes the interrupts, and gives them back to the caller's handlers afterwards."""
        loop, numbers = asyncio.get_event_loop(), (signal.SIGINT, signal.SIGTERM)
        before = [signal.getsignal(number) for number in numbers]
        for number in numbers:
            loop.add_signal_handler(number, self._interrupt)
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                loop.remove_signal_handler(number)
                signal.signal(number, handler or signal.SIG_DFL)

    def _interrupt(self) -> None:
        """Lets the requests under way end; at the second interrupt, or when they take too long, leaves them."""
        if self.interrupted:
            _stop()
        self.interrupted = True
        Browser.of(self.crawler).leave()
        self._end()

    def _end(self) -> None:
        if self.ending is None:
            self.ending = asyncio.get_event_loop().create_task(self._ended())

    async def _ended(self) -> None:
        stopping = asyncio.ensure_future(self.process.stop())
        await asyncio.wait([stopping], timeout=GRACE)
        await Browser.of(self.crawler).close()
        _stop()


def _stop() -> None:
    from twisted.internet import reactor

    with contextlib.suppress(ReactorNotRunning):
        reactor.stop()  # type: ignore[misc]
