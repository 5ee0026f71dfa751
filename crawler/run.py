"""Runs one crawl in this process, which can do so once: a Twisted reactor starts a single time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings as ScrapySettings
from sqlite_utils import Database

from archive.settings import Settings
from crawler.declaration import Declaration
from crawler.spiders.documents import DocumentsSpider
from crawler.visit import Visit


def crawl(own: Settings, db: Database, declarations: Sequence[Declaration], told: Callable[[Visit], None]) -> None:
    """Fetches the declared documents into an archive that is open for writing; `told` hears how each visit ended.

    Returns when the last page is recorded. An interrupt (Ctrl-C, SIGTERM) ends it early; what was recorded stays.
    """
    settings = ScrapySettings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("SMALLPRINT", own)
    settings.set("LOG_ENABLED", False)
    process = AsyncCrawlerProcess(settings)
    logging.getLogger().addHandler(logging.NullHandler())
    process.crawl(DocumentsSpider, db=db, declarations=declarations, told=told)
    process.start()
