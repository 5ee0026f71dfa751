"""Sends the pages of some documents by the proxy that they name, and only to public addresses as far as we can tell.

A proxy resolves names itself, past our address gate, so it is trusted: the target's name is resolved here too and
refused where it is not public, but a proxy may see another address under it. Nothing else sends anything by a proxy.
"""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote, urlsplit

from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, IgnoreRequest
from twisted.internet.interfaces import IResolutionReceiver
from zope.interface import implementer

from archive.words import Outcome
from crawler import options, outcome
from crawler.outcome import Stopped

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

KEY = "smallprint_proxy"  # of a request's meta: the proxy's name
CREDENTIALS = "Proxy-Authorization"
TELLING = ("the host was not found", "the host refuses connections", "the fetch failed")  # of the proxy, not the page


class Proxies:
    """The downloader middleware. Addresses and passwords of proxies stand in requests under way and nowhere else."""

    def __init__(self, crawler: Crawler):
        known = options.own(crawler.settings).proxies
        self.ways = {proxy.name: _way(proxy.url) for proxy in known}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Sets the way, on every hop. Raises Stopped where the page's host is not public, or the proxy not known."""
        for left in ("proxy", CREDENTIALS):
            request.meta.pop(left, None)
            request.headers.pop(left, None)
        name = request.meta.get(KEY)
        if not name:
            return
        if name not in self.ways:
            raise Stopped(Outcome.REFUSED, f"the proxy {name!r} is not in the settings")
        await _check_public(urlsplit(request.url).hostname or "")
        request.meta["proxy"], credentials = self.ways[name]
        if credentials:
            request.headers[CREDENTIALS] = credentials

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Says what failed without the proxy's address. Scrapy's second try has been made by now."""
        name = request.meta.get(KEY)
        if not name or isinstance(exception, (IgnoreRequest, DownloadTimeoutError, DownloadCancelledError)):
            return
        _, detail = outcome.of_failure(exception)
        if detail.startswith(TELLING):
            reason = f"the proxy {name!r} is not reached, or opens no way to the page"
            raise Stopped(Outcome.UNREACHABLE, reason) from None


def _way(url: str) -> tuple[str, str]:
    """The proxy's address without the log-in, and the log-in as a header, "" for none."""
    parts = urlsplit(url)
    if parts.username is None:
        return _address(url), ""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return _address(url), f"Basic {base64.b64encode(pair.encode()).decode()}"


def _address(url: str) -> str:
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"http://{host}:{parts.port}"


async def _check_public(host: str) -> None:
    """Resolves the name with Scrapy's resolver, which withholds what is not public."""
    from twisted.internet import reactor

    resolver: Any = reactor.nameResolver
    heard = _Heard()
    resolver.resolveHostName(heard, host)
    if await heard.done:
        return
    withheld = getattr(resolver, "refused", {}).get(host)
    if withheld:
        place = f"{host} is at {withheld}, which" if host != withheld else host
        raise Stopped(Outcome.REFUSED, f"{place} is not a public address")
    raise Stopped(Outcome.UNREACHABLE, "the host was not found")


@implementer(IResolutionReceiver)
class _Heard:
    """Hears whether a name has an address."""

    def __init__(self) -> None:
        self.done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.found = False

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        """Twisted's interface."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self.found = True

    def resolutionComplete(self) -> None:  # noqa: N802
        self.done.set_result(self.found)
