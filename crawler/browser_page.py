"""Watches one page in the browser: turns what happens on it into its text once it stands still, or into what failed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from OpenSSL import SSL
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from twisted.internet.error import ConnectionLost

from archive.words import Outcome
from crawler.address_gate import refusal
from crawler.browser_gate import BrowserGate, place_of
from crawler.outcome import Stopped

if TYPE_CHECKING:
    from playwright.async_api import Page
    from playwright.async_api import Request as Asked
    from playwright.async_api import Response as Answered

HTML = ("text/html", "application/xhtml+xml")
NO_TEXT = ("image", "media", "font")  # kinds of what a page loads that say nothing
# Headers of the answer that speak of other bytes than the page's text, or that would make us ask "has it changed?" of
# the page as it was before its scripts ran.
OF_OTHER_BYTES = ("content-encoding", "content-length", "content-type", "etag", "last-modified", "transfer-encoding")
NO_PAGE = ("ERR_HTTP_RESPONSE_CODE_FAILURE", "ERR_INVALID_AUTH_CREDENTIALS")  # an error without a word, a log-in
MOVES = 10  # times that a page may lead elsewhere, or to itself
LOOK = 0.25  # seconds between two looks at a page
LETTERS = "() => document.body ? document.body.innerText.length : 0"
SIZE = "() => document.documentElement ? document.documentElement.outerHTML.length : 0"
FAILURES: dict[str, Callable[[str], Exception]] = {  # what Chromium calls it
    "ERR_CERT_": lambda told: DownloadFailedError(f"certificate verify failed: {told}"),
    "ERR_SSL_": SSL.Error,
    "TIMED_OUT": DownloadTimeoutError,
    "ERR_NAME_": CannotResolveHostError,
    "ERR_CONNECTION_REFUSED": DownloadConnectionRefusedError,
    "ERR_CONNECTION_": ConnectionLost,
    "ERR_EMPTY_RESPONSE": ConnectionLost,
}


class NoPageError(Exception):
    """Raised where a browser has nothing to build a page of: a file such as a PDF, an error without a word."""


def patience(letters: int, quiet: bool) -> float:
    """How many seconds a text of so many letters must have stood still before the page is taken as built.

    A short text may be a mere "Loading…"; where the page still loads something (`quiet` is False), more may come.
    """
    return 1.0 + (2.0 if letters < 1000 else 0.0) + (0.0 if quiet else 2.0)


class BrowserPage:
    """One page from its first request on: where its main frame is, what it still loads, what went wrong."""

    def __init__(self, request: Request, gate: BrowserGate):
        self.gate = gate
        self.asked_url = request.url  # of the main frame, wherever it was led to
        self.page: Page | None = None
        self.main: Asked | None = None
        self.answer: Answered | None = None
        self.failure = ""
        self.moves = -1
        self.refused = ""
        self.loading: set[Asked] = set()

    async def begin(self, page: Page, request: Request) -> None:
        """Called with the empty page, before it goes anywhere."""
        self.page = page
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._failed)
        page.on("popup", _close)

    def is_unwanted(self, asked: Asked) -> bool:
        """Whether something is not to be loaded at all."""
        inside = asked.url.startswith(("data:", "blob:", "about:"))
        refused = asked.resource_type in NO_TEXT or (not inside and bool(refusal(asked.url)))
        return refused or (self.moves > MOVES and self._is_main(asked))

    @property
    def url(self) -> str:
        """Where the page is now."""
        assert self.page is not None  # noqa: S101  (begin comes first)
        return self.page.url.partition("#")[0]

    @property
    def status(self) -> int:
        """The status of the answer that the page was built from."""
        return self.answer.status if self.answer else 200

    async def headers(self) -> list[tuple[str, str]]:
        """Those of that answer, but for what they say of its bytes."""
        sent = await self.answer.headers_array() if self.answer else []
        kept = [(one["name"], one["value"]) for one in sent if one["name"].lower() not in OF_OTHER_BYTES]
        return [*kept, ("Content-Type", "text/html; charset=utf-8")]

    async def text(self, loading: float, settling: float, most: int) -> str:
        """The page as HTML, `settling` seconds after it was loaded at the latest. At most `most` letters."""
        assert self.page is not None  # noqa: S101  (begin comes first)
        self._check()
        await self.page.wait_for_load_state("domcontentloaded", timeout=1000 * loading)
        with suppress(TimeoutError):
            async with asyncio.timeout(settling):
                await self._still()
        self._check()
        if await self.page.evaluate(SIZE) > most:
            raise DownloadCancelledError(f"more than {most} letters")
        text = await self.page.content()
        self._check()
        return text

    @property
    def latency(self) -> float | None:
        """Seconds from the first request of the main frame's address to the first byte of its answer."""
        begun = self.main.timing["responseStart"] if self.main else -1
        return begun / 1000 if begun >= 0 else None

    def reason(self, error: Exception) -> Exception:
        """What truly went wrong, as Scrapy's own handler would say it, if something happened on the page."""
        if isinstance(error, NoPageError | Stopped | DownloadCancelledError):
            return error
        if self.gate.overflowed:
            return DownloadCancelledError("more bytes than a page may have")
        if self.refused:
            return Stopped(Outcome.REFUSED, self.refused)
        if self.moves > MOVES:
            return Stopped(Outcome.UNREACHABLE, "redirected too many times")
        told = _named(self.failure or str(error))
        if self._is_file() or told in NO_PAGE:
            return NoPageError()
        with suppress(ValueError):
            if self.asked_url and (trouble := self.gate.troubles.get(place_of(self.asked_url))):
                return trouble
        if "Timeout" in told:
            return DownloadTimeoutError(told)
        return next((made(told) for name, made in FAILURES.items() if name in told), DownloadFailedError(told))

    def _check(self) -> None:
        """Raises what has gone wrong with the page itself."""
        if not self.failure:  # else the page is Chromium's own
            self.refused = self.refused or refusal(self.url)
        if self.refused or self._is_over() or self._is_file():
            raise self.reason(DownloadFailedError(self.failure))

    def _is_over(self) -> bool:
        """Whether nothing more is to be expected of the page."""
        return bool(self.failure) or self.gate.overflowed or self.moves > MOVES

    def _is_file(self) -> bool:
        if self.answer is None:
            return False
        return self.answer.headers.get("content-type", "").partition(";")[0].strip().lower() not in HTML

    async def _still(self) -> None:
        """Returns when the text has stood still for long enough."""
        from playwright.async_api import Error

        assert self.page is not None  # noqa: S101  (begin comes first)
        most, still = -1, 0.0
        while not self._is_over():
            try:
                letters = await self.page.evaluate(LETTERS)
            except Error:  # the page goes elsewhere: what was there is gone
                letters, most = 0, -1
            still = 0.0 if letters > most or self.answer is None else still + LOOK
            most = max(most, letters)
            if still >= patience(letters, not self.loading):
                return
            await asyncio.sleep(LOOK)

    def _asked(self, asked: Asked) -> None:
        self.loading.add(asked)
        if self._is_main(asked):
            self.main, self.answer, self.failure, self.asked_url = asked, None, "", asked.url
            self.moves += 1
            self.refused = self.refused or refusal(asked.url)

    def _answered(self, answered: Answered) -> None:
        if answered.request is not self.main:
            return
        place = answered.headers.get("location", "")
        if 300 <= answered.status < 400 and place:
            self.refused = self.refused or refusal(urljoin(answered.url, place))
        else:
            self.answer = answered

    def _ended(self, asked: Asked) -> None:
        self.loading.discard(asked)

    def _failed(self, asked: Asked) -> None:
        self.loading.discard(asked)
        if asked is self.main:
            self.failure = asked.failure or "the page cannot be loaded"

    def _is_main(self, asked: Asked) -> bool:
        if self.page is None or not asked.is_navigation_request():
            return False
        with suppress(Exception):  # a frame that is gone already
            return asked.frame == self.page.main_frame
        return False


def _named(told: str) -> str:
    """Chromium's name for what failed, if there is one in what Playwright says."""
    found = re.search(r"net::(ERR_\w+)", told)
    return found[1] if found else told


async def _close(popup: Page) -> None:
    with suppress(Exception):  # it may have closed itself
        await popup.close()
