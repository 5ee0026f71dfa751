"""Obeys robots.txt as RFC 9309 says: where a host cannot tell its rules, nothing is fetched there for now."""

from __future__ import annotations

import asyncio

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from crawler import outcome, proxies
from crawler.outcome import Stopped

Rules = RobotParser | Stopped


class Robots(RobotsTxtMiddleware):
    """Scrapy's own middleware allows everything where robots.txt fails; this one asks what the failure was.

    An answer of 4xx means that there are no rules. A server error, or no answer, means that we do not know them.
    """

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self.asked: dict[tuple[str, str], asyncio.Task[Rules]] = {}

    async def process_response(self, request: Request, response: Response) -> Response:
        """A browser follows redirects by itself: before such a page is kept, its own robots.txt is asked as well."""
        if response.url.partition("#")[0] != request.url.partition("#")[0]:
            await self.process_request(request.replace(url=response.url))
        return response

    async def robot_parser(self, request: Request) -> RobotParser:
        """The rules of the request's host, asked for once in a crawl, by the same proxy as the page.

        Raises Stopped where they are not known.
        """
        parts = urlparse_cached(request)
        asked = (f"{parts.scheme}://{parts.netloc}", request.meta.get(proxies.KEY) or "")
        if asked not in self.asked:
            self.asked[asked] = asyncio.ensure_future(self._ask(*asked))
        rules = await self.asked[asked]
        if isinstance(rules, Stopped):
            raise Stopped(*rules.verdict)
        return rules

    async def _ask(self, origin: str, proxy: str) -> Rules:
        """The rules, or why they are not known: never an exception, for several requests wait for this."""
        asking = Request(
            f"{origin}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True, proxies.KEY: proxy},
            callback=NO_CALLBACK,
        )
        try:
            response = await self.crawler.engine.download_async(asking)
        except Stopped as stopped:
            return stopped
        except Exception as error:
            result, reason = outcome.of_failure(error)
            return Stopped(result, f"{reason} when asked for robots.txt")
        if response.status >= 500:
            result, reason = outcome.of_answer(response.status, {})
            return Stopped(result, f"{reason} when asked for robots.txt")
        return self._parsed(response.body if response.status < 300 else b"")

    def _parsed(self, body: bytes) -> RobotParser:
        parser: RobotParser = build_from_crawler(self._parserimpl, self.crawler, body)
        return parser
