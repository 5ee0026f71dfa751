"""Turns a page's function into answers over HTTP: as HTML, as JSON beside it, or as a line that says what is wrong."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from http import HTTPStatus
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from jinja2 import Environment
from sqlite_utils import Database

from archive.errors import SmallprintError
from pages.addresses import as_json
from pages.caching import A_MINUTE, AGAIN, answer
from pages.readers import SlowError, readers
from pages.shelf import Made, Shelf

HOST = re.compile(r"[a-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9a-f:.]+\](?::[0-9]{1,5})?", re.IGNORECASE)
TEMPLATES, SHELF = "_smallprint_templates", "_smallprint_shelf"  # where a Datasette keeps them
JSON_TYPE, HTML_TYPE = "application/json; charset=utf-8", "text/html; charset=utf-8"
JSON = "json"  # what an address ends with that asks for the values

CONFIG = "smallprint"  # under this name among the settings of plugins stands how the site is served

Asked = Mapping[str, str]
View = Callable[[Datasette, Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown: a template of data/site/templates, and its values, which are the JSON of the page too.

    So the values are plain: texts, numbers, lists, dictionaries with texts as keys, dataclasses.
    """

    template: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where what was asked for is found: an address of `addresses.BARE`."""

    address: str


class MissingError(SmallprintError):
    """There is nothing at this address; the message says what is missing."""


Reader = Callable[[Database, Asked], Page | Elsewhere]


def served(read: Reader) -> View:
    """A view for Datasette. `read` runs in one of its threads, on its read-only connection, and so does the template.

    It is given what the address and its query say; the address goes first. It raises MissingError, or another
    SmallprintError where what was asked makes no sense.
    """

    async def view(datasette: Datasette, request: Request) -> Response:
        asked = {name: request.args[name] for name in request.args} | request.url_vars
        wants_json = bool(asked.pop(JSON, None))
        shelf, key = _shelf(datasette, request), (request.path, site_of(datasette, request))
        kept = A_MINUTE if is_public(datasette) else AGAIN
        if shelf and (known := shelf.get(key)):
            return answer(*known, request.headers, kept)

        def make(connection: sqlite3.Connection) -> Made | str:
            """Looks at the shelf again: while it waited for its thread, another may have made the page."""
            if shelf and (known := shelf.get(key)):
                return known
            made = _made(datasette, request, read(Database(connection), asked), wants_json)
            if shelf and isinstance(made, Made):
                shelf.put(key, made)
            return made

        try:
            made = await readers(datasette).run(make)
        except SmallprintError as error:
            return refusal(datasette, request, *_status(error), str(error), wants_json=wants_json)
        if isinstance(made, str):
            return Response.redirect(datasette.urls.path(made))
        return answer(*made, request.headers, kept)

    return view


def environment(datasette: Datasette) -> Environment:
    """Datasette's templates and ours for our pages, which ask nothing while they are written: so not asynchronous.

    It is one for all pages of a Datasette: what it has compiled, it keeps.
    """
    if not hasattr(datasette, TEMPLATES):
        setattr(datasette, TEMPLATES, datasette.jinja_env.overlay(enable_async=False))
    env: Environment = getattr(datasette, TEMPLATES)
    return env


def site_of(datasette: Datasette, request: Request) -> str:
    """What our addresses begin with for others: by the settings, else where the visitor has found us, else ""."""
    known = str(datasette.jinja_env.globals.get("site_address", ""))
    host = request.headers.get("host", "")
    return known or (f"{request.scheme}://{host}" if HOST.fullmatch(host) else "")


def plain(value: object) -> object:
    """A dataclass as what JSON has."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value)} has no form in JSON")


def is_public(datasette: Datasette) -> bool:
    """Whether strangers visit this site."""
    return bool(datasette.jinja_env.globals.get("public"))


def refusal(
    datasette: Datasette, request: Request, status: int, title: str, error: str, *, wants_json: bool
) -> Response:
    """A page, or JSON, that says what is wrong."""
    if wants_json:
        text = as_text({"ok": False, "error": error, "status": status})
        return Response(text, status, {"Cache-Control": AGAIN}, JSON_TYPE)
    page = Page("error.html", {"title": title, "status": status, "error": error})
    return Response.html(_written(datasette, request, page), status, {"Cache-Control": AGAIN})


def as_text(values: object) -> str:
    """A page's values as JSON."""
    return json.dumps(values, ensure_ascii=False, default=plain)


def _made(datasette: Datasette, request: Request, found: Page | Elsewhere, wants_json: bool) -> Made | str:
    """A page as it is sent, or where it is found."""
    if isinstance(found, Elsewhere):
        return as_json(found.address) if wants_json else found.address
    text = as_text(found.values) if wants_json else _written(datasette, request, found)
    return Made(text.encode(), JSON_TYPE if wants_json else HTML_TYPE)


def _shelf(datasette: Datasette, request: Request) -> Shelf | None:
    """Where pages are kept that an address without a query names; None where that is not done."""
    if not is_public(datasette) or request.query_string:
        return None
    if not hasattr(datasette, SHELF):
        setattr(datasette, SHELF, Shelf())
    found: Shelf = getattr(datasette, SHELF)
    return found


def _status(error: SmallprintError) -> tuple[int, str]:
    """The status of an answer, and the title of its page. Raising the error would print a traceback."""
    if isinstance(error, MissingError):
        return HTTPStatus.NOT_FOUND, "Not found"
    if isinstance(error, SlowError):
        return HTTPStatus.SERVICE_UNAVAILABLE, "Too slow"
    return HTTPStatus.BAD_REQUEST, "Not understood"


def _written(datasette: Datasette, request: Request, page: Page) -> str:
    path = request.path
    query = f"?{request.query_string}" if request.query_string else ""
    known = {"site": site_of(datasette, request), "path": path, "json_address": as_json(path) + query}
    return environment(datasette).get_template(page.template).render(page.values | known)
