"""Turns a stored page into a download: its bytes as plain text, to keep or to check against their SHA-256."""

from __future__ import annotations

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from sqlite_utils import Database

from archive import browse
from pages.serving import Asked, MissingError, Page, served


async def download(datasette: Datasette, request: Request) -> Response:
    """The bytes, never as a page of ours; a page that says so where there are none with this SHA-256."""
    sha256 = request.url_vars["sha256"]
    found = await datasette.get_database().execute_fn(lambda connection: browse.snapshot(Database(connection), sha256))
    if found is None:
        return await served(_missing)(datasette, request)
    headers = {"Content-Disposition": f'attachment; filename="{sha256}.txt"'}
    return Response(found, headers=headers, content_type="text/plain")


def _missing(db: Database, asked: Asked) -> Page:
    raise MissingError("No stored page has this SHA-256.")
