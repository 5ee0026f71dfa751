"""Turns what went wrong during an answer into a page that says so; only our own faults go to the log."""

from __future__ import annotations

import sqlite3
import sys
import traceback
from http import HTTPStatus

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils.asgi import Base400, Request, Response
from datasette.views.base import DatasetteError

from pages.serving import refusal

UNKNOWN = "There is no such page."
OUR_FAULT = "Something went wrong here. The server's log says what."
TOO_LONG = "This query takes too long. Ask for fewer rows, or look for them by an indexed column."
TOO_LARGE = "This query needs too much memory. Ask for fewer rows or shorter texts."


def answer(datasette: Datasette, request: Request, error: Exception) -> Response:
    """The page, or JSON where the address asks for it."""
    status, title, line = told(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        traceback.print_exception(error, file=sys.stderr)
    return refusal(datasette, request, status, title, line, wants_json=request.path.endswith(".json"))


def told(error: Exception) -> tuple[int, str, str]:
    """The status, the title and one line about an error. What visitors cannot mend is not explained to them."""
    if isinstance(error, Base400):
        line = str(error.args[0]) if error.args else ""
        return error.status, _title(error.status), UNKNOWN if line in ("", "404") else line
    if isinstance(error, QueryInterrupted) or (isinstance(error, DatasetteError) and error.message_is_html):
        return HTTPStatus.BAD_REQUEST, "Too slow", TOO_LONG
    if isinstance(error, DatasetteError):
        return error.status, error.title or _title(error.status), str(error.message)
    if isinstance(error, MemoryError):
        return HTTPStatus.BAD_REQUEST, "Too large", TOO_LARGE
    if _is_of_the_query(error):
        return HTTPStatus.BAD_REQUEST, "Not allowed", f"This query is not answered: {error}."
    return HTTPStatus.INTERNAL_SERVER_ERROR, "A fault of ours", OUR_FAULT


def _title(status: int) -> str:
    return HTTPStatus(status).phrase.capitalize()


def _is_of_the_query(error: Exception) -> bool:
    """Whether SQLite refuses what `archive.limits` does not allow."""
    refused = isinstance(error, sqlite3.DatabaseError) and str(error).startswith(("not authorized", "access to"))
    return refused or isinstance(error, sqlite3.DataError)
