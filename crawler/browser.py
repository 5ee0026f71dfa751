"""Turns a request that asks for a browser into the page as its scripts have built it; all others are fetched as ever.

Chromium is started for the first such request and closed with the crawl. It opens one page at a time, and reaches the
network through crawler.browser_gate only.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError
from scrapy.http import HtmlResponse, Response

from archive.words import Outcome
from crawler import options
from crawler.browser_gate import BrowserGate
from crawler.browser_page import BrowserPage, NoPageError
from crawler.outcome import Stopped

if TYPE_CHECKING:
    from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

WANTED = "playwright"  # in a request's meta: it is for the browser
KEY = "smallprint_browser"  # in the meta of an answer: the browser that read it
GRACE = 10.0  # seconds for what needs no network: taking a page's text, closing it

FLAGS = (  # nothing leaves but through the gate
    "--disable-quic",
    "--dns-prefetch-disable",
    "--no-pings",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # as older versions call it
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # the gate looks names up
    "--disable-gpu",
)
ENVIRONMENT = ("PATH", "HOME", "LANG", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")  # no secrets
LEFT_OUT = (  # of our own request's headers: what a browser says for itself
    b"Accept", b"Accept-Encoding", b"Connection", b"Content-Length", b"Cookie", b"Host", b"If-Modified-Since",
    b"If-None-Match", b"Referer", b"User-Agent",
)  # fmt: skip


class PlainOrBrowser(HTTP11DownloadHandler):
    """Scrapy's download handler for http and https, with a browser beside it."""

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self.browser = Browser.of(crawler)

    async def download_request(self, request: Request) -> Response:
        """Where the browser finds no page to build, as in a PDF, the bytes are what counts, and they are fetched."""
        request.meta.pop(KEY, None)  # of the page that led here
        if request.meta.get(WANTED) and not request.meta.get("proxy"):
            with suppress(NoPageError):
                return await self.browser.fetch(request)
        return await super().download_request(request)

    async def close(self) -> None:
        """Ends the browser too."""
        await self.browser.close()
        await super().close()


class Browser:
    """The one browser of a crawl, started when it is needed."""

    _known: ClassVar[dict[Crawler, Browser]] = {}  # there is one crawl a process

    def __init__(self, crawler: Crawler):
        self.crawler, self.settings = crawler, crawler.settings
        self.gate = BrowserGate(options.own(crawler.settings).allow_addresses)
        self.turn = asyncio.Lock()
        self.numbers = itertools.count()
        self.leaving = False
        self.trouble: Stopped | None = None
        self._handler: ScrapyPlaywrightDownloadHandler | None = None

    @classmethod
    def of(cls, crawler: Crawler) -> Browser:
        """The browser of a crawl: the same for http and https."""
        if crawler not in cls._known:
            cls._known[crawler] = cls(crawler)
        return cls._known[crawler]

    async def fetch(self, request: Request) -> Response:
        """The page as UTF-8, with the status and headers of the answer it was built from.

        Raises Scrapy's exceptions for failed downloads, Stopped where the gate refused the page itself, NoPageError.
        After `leave` what goes wrong is never told.
        """
        async with self.turn:
            try:
                return await self._fetch(request)
            except Exception:
                if self.leaving:
                    await asyncio.Event().wait()
                raise

    def leave(self) -> None:
        """Says that the crawl is being interrupted: the browser may vanish at any time."""
        self.leaving = True

    async def close(self) -> None:
        """Ends Chromium, its driver and the gate, if they were started."""
        handler, self._handler = self._handler, None
        if handler:
            with suppress(Exception):  # they end in any case, at the latest with this process
                await asyncio.wait_for(handler.close(), GRACE)
        await self.gate.close()

    async def _fetch(self, request: Request) -> Response:
        handler = await self._started()
        self.gate.begin(self.settings.getint("BROWSER_MAXSIZE"))
        name = f"page {next(self.numbers)}"
        page = BrowserPage(request, self.gate)
        handler.abort_request = page.is_unwanted
        inner = request.replace(meta=self._inner(request, name, page))
        loading, settling = self.settings.getfloat("DOWNLOAD_TIMEOUT"), self.settings.getfloat("BROWSER_SETTLE")
        try:
            async with asyncio.timeout(loading + settling + GRACE):
                await self._go(handler, inner)
                text = await page.text(loading, settling, self.settings.getint("DOWNLOAD_MAXSIZE"))
                return await self._answer(request, page, text, handler)
        except TimeoutError as error:
            raise DownloadTimeoutError(request.url) from error
        except Exception as error:
            raise page.reason(error) from None  # what Playwright says of it is no reason
        finally:
            await self._end(handler, name)

    async def _go(self, handler: ScrapyPlaywrightDownloadHandler, inner: Request) -> None:
        """Opens the page. That it goes elsewhere at once is no fault: it is waited for until it stays."""
        try:
            await handler.download_request(inner)
        except Exception as error:
            if "page is navigating" not in str(error):
                raise

    async def _started(self) -> ScrapyPlaywrightDownloadHandler:
        if self.trouble:
            raise self.trouble
        if self._handler:
            return self._handler
        from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

        try:
            await self.gate.start()
            self._handler = handler = ScrapyPlaywrightDownloadHandler(self.crawler)
            handler.config.launch_options = self._launch_options()
            handler.config.target_closed_max_retries = 0
            handler.process_request_headers = None
            await handler._launch()  # the signal it waits for has passed
            await handler._maybe_launch_browser()
        except Exception as error:
            told = " ".join(str(error).split())[:200]
            self.trouble = Stopped(Outcome.UNREACHABLE, f"the browser does not start: {told}")
            await self.close()
            raise self.trouble from error
        return handler

    def _launch_options(self) -> dict[str, Any]:
        """`<-loopback>` sends what is on this machine through the gate as well."""
        gate = {"server": self.gate.url, "username": self.gate.user, "password": self.gate.password}
        return {
            "executable_path": self.settings["BROWSER"],
            "args": [*FLAGS, f"--user-agent={self.settings['USER_AGENT']}"],  # by flag: the rest it says stays true
            "chromium_sandbox": os.geteuid() != 0,  # Chromium refuses to start with it as root
            "proxy": gate | {"bypass": "<-loopback>"},
            "env": {name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            "handle_sigint": False,
            "handle_sigterm": False,
            "handle_sighup": False,
        }

    def _inner(self, request: Request, name: str, page: BrowserPage) -> dict[str, Any]:
        """What scrapy-playwright is told: a context of its own for the page, and no waiting for it."""
        headers = {
            n.decode("latin-1"): b", ".join(v).decode("latin-1")
            for n, v in request.headers.items()
            if n not in LEFT_OUT
        }
        language = headers.get("Accept-Language", "en").partition(",")[0].partition(";")[0].strip()
        context = {
            "locale": language if language.replace("-", "").isalnum() else "en",
            "extra_http_headers": headers,
            "service_workers": "block",
            "accept_downloads": False,
        }
        return {
            "playwright": True,
            "playwright_context": name,
            "playwright_context_kwargs": context,
            "playwright_include_page": True,
            "playwright_page_init_callback": page.begin,
            "playwright_page_goto_kwargs": {
                "wait_until": "commit",
                "timeout": 1000 * self.settings.getfloat("DOWNLOAD_TIMEOUT"),
            },
        }

    async def _answer(
        self, request: Request, page: BrowserPage, text: str, handler: ScrapyPlaywrightDownloadHandler
    ) -> Response:
        body = text.encode("utf-8", "replace")
        if len(body) > self.settings.getint("DOWNLOAD_MAXSIZE"):
            raise DownloadCancelledError(f"{len(body)} bytes")
        request.meta[KEY] = f"Chromium {handler.browser.version}"
        if page.latency is not None:
            request.meta["download_latency"] = page.latency
        return HtmlResponse(page.url, page.status, await page.headers(), body, request=request, encoding="utf-8")

    async def _end(self, handler: ScrapyPlaywrightDownloadHandler, name: str) -> None:
        """Closes a page with all it has opened; where it hangs, ends the browser, which starts again when needed."""
        self.gate.begin(0)
        wrapper = handler.context_wrappers.get(name)
        if wrapper is None:
            return
        try:
            await asyncio.wait_for(wrapper.context.close(), GRACE)
        except Exception:
            with suppress(Exception):
                await asyncio.wait_for(handler.browser.close(), GRACE)
