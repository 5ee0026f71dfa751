"""Answers for feeds: the plugin by which Datasette serves them, as the archive stands at the moment."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response
from jinja2 import Environment
from pluggy import HookimplMarker
from sqlite_utils import Database

from archive import feeds
from archive.settings import Telling
from notify import atom, feed_page
from notify.feeds import BELOW, ENDING, Place, Press, Written, place
from pages import caching, faults
from pages.readers import readers
from pages.serving import site_of

hookimpl = HookimplMarker("datasette")  # the marker that Datasette exports, with types

FRESH = {
    "Cache-Control": "public, no-cache"
}  # may be kept, and is asked for again: the answer is short, if nothing is new

Route = Callable[..., Awaitable[Response]]


class FeedRoutes:
    """Serves the feeds below /-/feed/. `__name__` is by what Datasette lists it."""

    __name__ = "smallprint_feeds"

    def __init__(self, telling: Telling):
        self._telling, self._press = telling, Press()

    @hookimpl
    def register_routes(self) -> list[tuple[str, Route]]:
        """Everything below that place, so that a visitor who goes astray there is told so by us."""
        return [(rf"^{BELOW}$", self.to_index), (rf"^{BELOW}/$", self.index), (rf"^{BELOW}/(?P<file>.+)$", self.feed)]

    @hookimpl
    def prepare_jinja2_environment(self, env: Environment) -> None:
        """By this the site's pages know that there are feeds to link to."""
        env.globals["feeds"] = True

    async def to_index(self, datasette: Datasette) -> Response:
        """The links of the list begin at the address with a slash at its end."""
        return Response.redirect(datasette.urls.path(f"{BELOW}/"))

    async def index(self, datasette: Datasette, request: Request) -> Response:
        """The list of all feeds."""
        found = await readers(datasette).run(lambda connection: feeds.feeds(Database(connection)))
        policy = f"{feed_page.POLICY}; frame-ancestors 'none'"
        text = feed_page.page(found, self._place(datasette, request).site)
        return Response.html(text, headers=FRESH | {"Content-Security-Policy": policy})

    async def feed(self, datasette: Datasette, request: Request) -> Response:
        """One feed; to those who have it already, nothing but that it is the same."""
        file, where = request.url_vars["file"], self._place(datasette, request)
        written = await readers(datasette).run(lambda connection: self._write(connection, file, where))
        if written is None:
            return faults.answer(datasette, request, NotFound("There is no such feed."))
        return answer(written, request.headers)

    def _write(self, connection: sqlite3.Connection, file: str, where: Place) -> Written | None:
        db = Database(connection)
        feed = feeds.feed(db, file.removesuffix(ENDING)) if file.endswith(ENDING) else None
        return self._press.write(db, feed, where) if feed else None

    def _place(self, datasette: Datasette, request: Request) -> Place:
        """By the settings, else where the visitor has found us. A name that is none is not repeated."""
        if self._telling.site:
            return place(self._telling)
        site = site_of(datasette, request)
        return place(Telling(site=f"{site}{datasette.urls.instance()}".rstrip("/"))) if site else Place()


def answer(written: Written, headers: dict[str, str]) -> Response:
    """The feed, or 304 to a request whose headers (names in small letters) say that it is known."""
    tag = f'"{hashlib.sha256(written.body).hexdigest()[:32]}"'
    updated = datetime.fromisoformat(written.updated)
    said = FRESH | {"ETag": tag, "Last-Modified": format_datetime(updated.astimezone(UTC), usegmt=True)}
    if _is_known(headers, tag, updated):
        return Response(b"", HTTPStatus.NOT_MODIFIED, said, f"{atom.TYPE}; charset=utf-8")
    return Response(
        written.body,
        headers=said | {"Content-Length": str(len(written.body))},
        content_type=f"{atom.TYPE}; charset=utf-8",
    )


def _is_known(headers: dict[str, str], tag: str, updated: datetime) -> bool:
    """The tag goes before the time (RFC 9110, 13.2.2)."""
    if "if-none-match" in headers:
        return caching.is_known(headers, tag)
    try:
        since = parsedate_to_datetime(headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return updated <= (since if since.tzinfo else since.replace(tzinfo=UTC))
