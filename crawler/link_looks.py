"""Looks at the links by which people can refuse, in the crawl that fetches their documents, and keeps each look."""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import urlsplit

import scrapy
from scrapy.http import HtmlResponse, Response
from sqlite_utils import Database
from twisted.python.failure import Failure

from archive import links, looks, recording
from archive.links import WayOut
from archive.ways_out import page
from crawler import link_verdicts, outcome, schedule
from crawler.declaration import Declaration, Source
from crawler.judging import read_page
from crawler.link_verdicts import Verdict
from crawler.walls import Answer, Wall

AFTER_DOCUMENTS = -10  # a request's priority


class LinkLooks:
    """The looks of one crawl: at the links of the documents that it fetches, as far as they are due.

    A look is kept as soon as it has ended. A host that wants to be left alone is not asked: its links stay due.
    """

    def __init__(self, db: Database, declarations: Sequence[Declaration], interval: timedelta):
        self.db, now = db, datetime.now(UTC)
        crawled = {recording.document_id(db, one.document) for one in declarations}
        resting = schedule.resting(looks.newest(db), interval, now)
        self.ways = defaultdict[str, list[WayOut]](list)  # what several documents give is looked at once
        for way in links.due(db, now):
            if way.document_id in crawled and schedule.Page(way.url).host not in resting:
                self.ways[page(way.url)].append(way)

    def requests(self) -> Iterator[scrapy.Request]:
        """One for each page that a link leads to, after those for documents."""
        for url in self.ways:
            yield scrapy.Request(
                url,
                callback=self.answered,
                errback=self.failed,
                dont_filter=True,
                priority=AFTER_DOCUMENTS,
                meta={"cookiejar": url},
                cb_kwargs={"url": url},
            )

    def answered(self, response: Response, url: str) -> None:
        """An answer, whatever its status."""
        headers = {
            name.decode("latin-1").lower(): values[0].decode("latin-1") for name, values in response.headers.items()
        }
        self._keep(url, link_verdicts.of_answer(response.status, headers, _wall(response, url)), response.status)

    async def failed(self, failure: Failure) -> None:
        """No answer. A name that does not exist is told from one that cannot be looked up now, as without a network."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        verdict = link_verdicts.of_failure(cast(BaseException, failure.value))
        host = urlsplit(request.url).hostname or ""
        if verdict[1].startswith(outcome.NAMELESS) and not await _exists(host):
            verdict = link_verdicts.of_name(host)
        self._keep(request.cb_kwargs["url"], verdict)

    def _keep(self, url: str, verdict: Verdict, status: int | None = None) -> None:
        result, detail = verdict
        line = " ".join("".join(char if char.isprintable() else " " for char in detail).split())
        for way in self.ways[url]:
            links.keep(self.db, way, recording.now(), result, line, status)


def _wall(response: Response, url: str) -> Wall | None:
    """What a web page is instead of what was looked for; None where nothing speaks against it."""
    if not isinstance(response, HtmlResponse) or not link_verdicts.is_to_be_read(response.status):
        return None
    answer = Answer(response.body, "text/html", response.encoding, url, response.url)
    found = read_page(answer, Source(url), response.url)
    return found if isinstance(found, Wall) else None


async def _exists(host: str) -> bool:
    """Whether a name may exist: False only where those who know say that it does not."""
    with suppress(UnicodeError):  # not even a name
        try:
            await asyncio.get_running_loop().getaddrinfo(host, None)
        except socket.gaierror as error:
            return error.errno != socket.EAI_NONAME
    return True
