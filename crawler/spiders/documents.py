"""Fetches every page of the declared documents and hands on what came back, an answer or a reason."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from email.message import Message
from pathlib import Path
from typing import Any, Self, cast

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from sqlite_utils import Database
from twisted.python.failure import Failure

from archive import recording
from archive.words import Document, Fetch, Snapshot
from crawler import asking, browser, options, outcome, patience, proxies
from crawler.conditions import KEY, conditions, is_conditional
from crawler.declaration import Declaration
from crawler.link_looks import LinkLooks
from crawler.visit import Visit

BY = "x-smallprint-browser"  # among a fetch's headers: the browser that built the page


class DocumentsSpider(scrapy.Spider):
    """The one spider. Without arguments it crawls what smallprint.toml chooses, into the archive named there.

    `db` is an archive open for writing, `declarations` the documents to fetch, `told` is called with each visit once
    it is known how it ended. `-a only=NAME` limits `scrapy crawl` to a service or "Service: Document".
    """

    name = "documents"

    def __init__(
        self,
        db: Database | None = None,
        declarations: Sequence[Declaration] | None = None,
        told: Callable[[Visit], None] | None = None,
        only: str = "",
        **more: Any,
    ):
        super().__init__(**more)
        self.db, self.declarations, self.told, self.only = db, declarations, told, only
        self.with_scripts = set[tuple[Document, int]]()  # pages that the browser was asked for

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Adds what smallprint.toml says; `SMALLPRINT` holds it where the caller has read it already."""
        super().update_settings(settings)
        own = settings.get("SMALLPRINT") or options.for_scrapy_commands()
        settings.set("SMALLPRINT", own, priority="spider")
        settings.update(options.scrapy_settings(own), priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Made by Scrapy."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        if spider.declarations is None:
            spider.declarations = options.declarations(crawler.settings["SMALLPRINT"], spider.only)
        return spider

    @property
    def archive_path(self) -> Path:
        """Where the archive is if none was handed in."""
        return Path(self.settings["SMALLPRINT"].archive)

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """One request for each page, conditional where an earlier answer allows it; then the looks at links."""
        assert self.db is not None  # noqa: S101  (the pipeline has opened it)
        looks = LinkLooks(self.db, self.declarations or (), self.settings["SMALLPRINT"].interval)
        for declaration in self.declarations or ():
            for part in range(len(declaration.sources)):
                yield self._request(declaration, part)
        for request in looks.requests():
            yield request

    def with_browser(self, visit: Visit) -> scrapy.Request | None:
        """The request that reads a page once more, in the browser; None where that is not to be, or has been."""
        key, source = (visit.declaration.document, visit.part), visit.declaration.sources[visit.part]
        if source.client_scripts is False or key in self.with_scripts or not self._has_browser(visit.declaration):
            return None
        return self._request(visit.declaration, visit.part, again=True)

    def advice(self, visit: Visit) -> str:
        """What to do for a page that is declared to need a browser where there is none; "" if that is not so."""
        source, missing = visit.declaration.sources[visit.part], str(self.settings["BROWSER_MISSING"] or "")
        return f"it needs a browser: {missing}" if source.client_scripts is True and missing else ""

    def _has_browser(self, declaration: Declaration) -> bool:
        """Whether there is a browser for a document; it does not go by other people's proxies."""
        return bool(self.settings["BROWSER"]) and not declaration.proxy

    def _request(self, declaration: Declaration, part: int, *, again: bool = False) -> scrapy.Request:
        """`again` is for the browser, and so is a page that needs one: "not modified" would say nothing of it."""
        assert self.db is not None  # noqa: S101  (the pipeline has opened it)
        scripts = again or (declaration.sources[part].client_scripts is True and self._has_browser(declaration))
        if scripts:
            self.with_scripts.add((declaration.document, part))
        return scrapy.Request(
            declaration.sources[part].fetch,
            callback=self.answered,
            errback=self.failed,
            dont_filter=True,
            headers=asking.headers(declaration),
            meta={
                proxies.KEY: declaration.proxy,
                "cookiejar": f"{declaration.document.label} {part}",  # no cookie crosses from one document to another
                **({browser.WANTED: True} if scripts else {KEY: conditions(self.db, declaration, part)}),
            },
            cb_kwargs={"declaration": declaration, "part": part},
        )

    def answered(self, response: Response, declaration: Declaration, part: int) -> Visit:
        """An answer, whatever its status."""
        sent = [(name.decode("latin-1"), v.decode("latin-1")) for name, vs in response.headers.items() for v in vs]
        headers = [(name, text) for name, text in sent if name.lower() != BY]  # that is for us to say
        named = {name.lower(): text for name, text in headers}
        verdict = outcome.of_answer(
            response.status, named, conditional=is_conditional(response.request), empty=not response.body
        )
        result, detail = patience.told(verdict, response)
        fetch = Fetch(
            url=declaration.sources[part].fetch,
            at=recording.now(),
            outcome=result,
            detail=detail,
            status=response.status,
            final_url=response.url,
            headers=(*headers, *_built_by(response.meta)),
            seconds=_seconds(response.meta),
        )
        return Visit(declaration, part, fetch, _snapshot(response) if response.body else None)

    def failed(self, failure: Failure) -> Visit:
        """No answer: the reason is kept instead."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        declaration, part = request.cb_kwargs["declaration"], request.cb_kwargs["part"]
        result, detail = outcome.of_failure(cast(BaseException, failure.value))
        url, seconds = declaration.sources[part].fetch, _seconds(request.meta)
        return Visit(
            declaration, part, Fetch(url, recording.now(), result, detail, final_url=request.url, seconds=seconds)
        )


def _built_by(meta: dict[str, Any]) -> list[tuple[str, str]]:
    """The header that tells of the browser, if one built the page."""
    return [(BY, meta[browser.KEY])] if browser.KEY in meta else []


def _seconds(meta: dict[str, Any]) -> float | None:
    """How long the host took to begin its answer; our own waiting for our turn is left out."""
    return round(meta["download_latency"], 3) if "download_latency" in meta else None


def _snapshot(response: Response) -> Snapshot:
    """The bytes and their type as the server names it."""
    described = Message()
    described["content-type"] = (response.headers.get("Content-Type") or b"application/octet-stream").decode("latin-1")
    return Snapshot(response.body, described.get_content_type(), response.url)
