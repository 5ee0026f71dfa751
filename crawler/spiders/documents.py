"""Fetches every page of the declared documents and hands on what came back, an answer or a reason."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from email.message import Message
from pathlib import Path
from typing import Any, Self

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from sqlite_utils import Database
from twisted.python.failure import Failure

from archive import recording
from archive.words import Fetch, Snapshot
from crawler import options, outcome
from crawler.declaration import Declaration
from crawler.visit import Visit


class DocumentsSpider(scrapy.Spider):
    """The one spider. Without arguments it crawls what smallprint.toml chooses, into the archive named there.

    `db` is an archive open for writing, `declarations` the documents to fetch, `told` is called with each document's
    label, outcome and detail. `-a only=NAME` limits `scrapy crawl` to a service or "Service: Document".
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

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Adds what smallprint.toml says; `SMALLPRINT` holds it where the caller has read it already."""
        super().update_settings(settings)
        own = options.own(settings)
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
        """One request for each page, conditional where an earlier answer allows it."""
        for declaration in self.declarations or ():
            for part in range(len(declaration.sources)):
                yield self._request(declaration, part)

    def _request(self, declaration: Declaration, part: int) -> scrapy.Request:
        url = declaration.sources[part].fetch
        return scrapy.Request(
            url,
            callback=self.answered,
            errback=self.failed,
            headers=self._conditions(declaration, part),
            dont_filter=True,
            meta={
                "cookiejar": f"{declaration.document.label} {part}"
            },  # no cookie crosses from one document to another
            cb_kwargs={"declaration": declaration, "part": part, "started": time.monotonic()},
        )

    def _conditions(self, declaration: Declaration, part: int) -> dict[str, str]:
        if self.db is None:
            return {}
        document = recording.document_id(self.db, declaration.document)
        known = recording.validators(self.db, document, part, declaration.sources[part].fetch) if document else None
        headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified} if known else {}
        return {name: text for name, text in headers.items() if text}

    def answered(self, response: Response, declaration: Declaration, part: int, started: float) -> Visit:
        """An answer, whatever its status."""
        headers = [(name.decode("latin-1"), v.decode("latin-1")) for name, vs in response.headers.items() for v in vs]
        result, detail = outcome.of_answer(response.status, {name.lower(): text for name, text in headers})
        fetch = Fetch(
            url=declaration.sources[part].fetch,
            at=recording.now(),
            outcome=result,
            detail=detail,
            status=response.status,
            final_url=response.url,
            headers=tuple(headers),
            seconds=round(time.monotonic() - started, 3),
        )
        return Visit(declaration, part, fetch, _snapshot(response))

    def failed(self, failure: Failure) -> Visit:
        """No answer: the reason is kept instead."""
        request = failure.request  # type: ignore[attr-defined]
        result, detail = outcome.of_failure(failure)
        given = request.cb_kwargs
        seconds = round(time.monotonic() - given["started"], 3)
        url = given["declaration"].sources[given["part"]].fetch
        fetch = Fetch(url, recording.now(), result, detail, final_url=request.url, seconds=seconds)
        return Visit(given["declaration"], given["part"], fetch)


def _snapshot(response: Response) -> Snapshot | None:
    """The bytes and their type as the server names it; nothing for an empty "not modified"."""
    if response.status == 304:
        return None
    described = Message()
    described["content-type"] = (response.headers.get("Content-Type") or b"application/octet-stream").decode("latin-1")
    return Snapshot(response.body, described.get_content_type(), response.url)
