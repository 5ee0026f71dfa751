"""Waits where a host asks for it: for a short while in the crawl, else the host's other pages are left for later."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from archive.looks import PROMPTS, RETRY
from crawler import outcome
from crawler.outcome import Stopped, Verdict
from crawler.schedule import Host, retry_after

LONGEST = timedelta(seconds=120)  # that a crawl waits for a host
WAITED = "smallprint_waited"


@dataclass
class _Host:
    """One host during a crawl: whose turn it is, and what it asked for."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    asking: Request | None = None  # the request that has the turn
    quiet_until: float = 0.0  # by the monotonic clock
    closed: Verdict | None = None  # why nothing more is asked of it in this crawl


class Patience:
    """The downloader middleware that stands nearest to the downloader: it lets one request to a host through at a time.

    An answer 429 or 503 with Retry-After is waited for where that is short, and the page asked for once again; the
    host's other pages wait as well. Where it is long, they are not asked for in this crawl. Other second tries, which
    Scrapy makes, wait RETRY_PAUSE seconds, doubled for each.
    """

    def __init__(self, crawler: Crawler):
        self.pause = crawler.settings.getfloat("RETRY_PAUSE")
        self.hosts = defaultdict[Host, _Host](_Host)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Returns when it is the request's turn. Raises Stopped where the host wants to be left alone for long."""
        tries = request.meta.get("retry_times", 0)
        if tries:
            await asyncio.sleep(self.pause * 2 ** (tries - 1))
        host = self._host(request)
        await host.turn.acquire()
        host.asking = request
        await asyncio.sleep(max(0.0, host.quiet_until - monotonic()))
        if host.closed:
            raise Stopped(*host.closed)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Hands the answer on, or asks again later."""
        host, wait = self._host(request), asked_for(response, datetime.now(UTC))
        if wait > LONGEST:
            host.closed = _not_asked(response, wait)
        elif wait:
            host.quiet_until = monotonic() + wait.total_seconds()
        self._pass_on(host, request)
        if not wait:
            return response
        if wait > LONGEST or request.meta.get(WAITED):
            request.meta["dont_retry"] = True  # what the host said counts more than Scrapy's second try
            return response
        return request.replace(dont_filter=True, meta=request.meta | {WAITED: True})

    def process_exception(self, request: Request, exception: Exception) -> None:
        """The turn passes on."""
        self._pass_on(self._host(request), request)

    def _host(self, request: Request) -> _Host:
        return self.hosts[urlparse_cached(request).hostname or "", request.meta.get("proxy") or ""]

    def _pass_on(self, host: _Host, request: Request) -> None:
        """Only who has the turn can: a request that another middleware has stopped never had it."""
        if host.asking is request:
            host.asking = None
            host.turn.release()


def asked_for(response: Response, now: datetime) -> timedelta:
    """How long an answer asks us to wait; zero where it does not."""
    header = response.headers.get(RETRY)
    if response.status not in PROMPTS or header is None:
        return timedelta()
    return retry_after(header.decode("latin-1"), now)


def told(verdict: Verdict, response: Response) -> Verdict:
    """The verdict on an answer, with the time until which the host wants to be left alone, where that is long."""
    wait = asked_for(response, datetime.now(UTC))
    if wait <= LONGEST:
        return verdict
    result, detail = verdict
    return result, f"{detail}; it asks to come back after {_written(wait)}"


def _not_asked(response: Response, wait: timedelta) -> Verdict:
    """Of the other pages of the host."""
    result, detail = outcome.of_answer(response.status, {})
    return result, f"not asked for: {detail} and wants to be left alone until {_written(wait)}"


def _written(wait: timedelta) -> str:
    """When a wait that begins now is over."""
    return f"{datetime.now(UTC) + wait:%Y-%m-%d %H:%M} UTC"
