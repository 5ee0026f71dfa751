"""Turns a stored page into a download: its bytes as plain text, to keep or to check against their SHA-256."""

from __future__ import annotations

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from sqlite_utils import Database

from archive import change_head
from pages.caching import FOR_EVER, is_known
from pages.readers import readers
from pages.serving import Asked, MissingError, Page, served


async def download(datasette: Datasette, request: Request) -> Response:
    """The bytes, never as a page of ours; a page that says so where there are none with this SHA-256."""
    sha256 = request.url_vars["sha256"]
    tag = f'"{sha256}"'
    known = is_known(request.headers, tag)
    found = await readers(datasette).run(lambda connection: _found(Database(connection), sha256, known=known))
    if found is None:
        return await served(_missing)(datasette, request)
    headers = {"ETag": tag, "Cache-Control": FOR_EVER}
    if known:
        return Response("", 304, headers)
    headers |= {"Content-Disposition": f'attachment; filename="{sha256}.txt"', "Content-Length": str(len(found))}
    return Response(found, headers=headers, content_type=_plain_type(found))


def _found(db: Database, sha256: str, *, known: bool) -> bytes | None:
    """The bytes; none of those that are known are read again."""
    if known:
        return b"" if change_head.is_stored(db, sha256) else None
    return change_head.snapshot(db, sha256)


def _plain_type(content: bytes) -> str:
    """An encoding is named only where it is certain."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return "text/plain"
    return "text/plain; charset=utf-8"


def _missing(db: Database, asked: Asked) -> Page:
    raise MissingError("No stored page has this SHA-256.")
