"""Turns a page's function into answers over HTTP: as HTML, as JSON beside it, or as a line that says what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from jinja2 import Environment
from sqlite_utils import Database

from archive.errors import SmallprintError
from pages.addresses import as_json

HOST = re.compile(r"[a-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9a-f:.]+\](?::[0-9]{1,5})?", re.IGNORECASE)
JSON = "json"  # what an address ends with that asks for the values

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
        try:
            made: Response = await datasette.get_database().execute_fn(
                lambda connection: _answer(datasette, request, read(Database(connection), asked), wants_json)
            )
        except SmallprintError as error:
            return _refusal(datasette, request, error, wants_json)
        return made

    return view


@lru_cache(maxsize=1)  # what it has compiled is kept for the next page
def environment(datasette: Datasette) -> Environment:
    """Datasette's templates and ours for our pages, which ask nothing while they are written: so not asynchronous."""
    env: Environment = datasette.jinja_env.overlay(enable_async=False)
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


def _answer(datasette: Datasette, request: Request, found: Page | Elsewhere, wants_json: bool) -> Response:
    if isinstance(found, Elsewhere):
        address = as_json(found.address) if wants_json else found.address
        return Response.redirect(datasette.urls.path(address))
    if wants_json:
        return _json(found.values, 200)
    return Response.html(_written(datasette, request, found))


def _refusal(datasette: Datasette, request: Request, error: SmallprintError, wants_json: bool) -> Response:
    """Raising it would print a traceback for every such visit."""
    status, title = (404, "Not found") if isinstance(error, MissingError) else (400, "Not understood")
    if wants_json:
        return _json({"ok": False, "error": str(error), "status": status}, status)
    values = {"title": title, "status": status, "error": str(error)}
    return Response.html(_written(datasette, request, Page("error.html", values)), status=status)


def _written(datasette: Datasette, request: Request, page: Page) -> str:
    path = request.path
    query = f"?{request.query_string}" if request.query_string else ""
    known = {"site": site_of(datasette, request), "path": path, "json_address": as_json(path) + query}
    return environment(datasette).get_template(page.template).render(page.values | known)


def _json(values: object, status: int) -> Response:
    text = json.dumps(values, ensure_ascii=False, default=plain)
    return Response(text, status, content_type="application/json; charset=utf-8")
