"""Makes Datasette the site of Smallprint: puts our pages, names, links and headers beside its tables.

What a watched page says is hostile until proven otherwise: templates escape all of it, links are made only to http and
https, stored pages leave as attachments of plain text, and a Content-Security-Policy stands behind that.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Generator
from textwrap import shorten
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Forbidden, Request, Response
from jinja2 import Environment
from markupsafe import Markup
from pluggy import HookimplMarker, Result

from archive import languages, limits, places
from pages import faults
from pages.addresses import Addresses
from pages.caching import editions
from pages.guard import App, guarded
from pages.routes import ROUTES
from pages.serving import CONFIG, View
from pages.words import FILTERS

hookimpl = HookimplMarker("datasette")  # the marker that Datasette exports, with types

CHANGES = (
    "change_id",
    "told_in",
)  # columns that name a change: its label is a reason, which tells less than its number
MOST = 120  # characters of a label
PAGES = {  # columns that name what has a page of ours
    "change_id": Addresses.change,
    "told_in": Addresses.change,
    "document_id": Addresses.document,
    "passage_id": Addresses.passage,
    "before_passage_id": Addresses.passage,
    "after_passage_id": Addresses.passage,
    "version_id": Addresses.version,
    "before_version_id": Addresses.version,
    "after_version_id": Addresses.version,
}
INTERNAL = "_internal"  # Datasette's own database, in memory
SHA256 = re.compile("[0-9a-f]{64}")


@hookimpl
def get_metadata(datasette: Datasette, key: str | None) -> dict[str, Any]:
    """Our titles, descriptions and queries, put under the name of whatever archive is attached.

    They stand among the plugins' settings in metadata.yml, because Datasette's own place for them is keyed by the
    database's name. Reading them asks for metadata again, with the key "plugins": that question ends here.
    """
    if key == "plugins":
        return {}
    own = datasette.plugin_config("smallprint_site") or {}
    return {"databases": {name: own for name in datasette.databases if name != INTERNAL}}


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """What templates may call, on error pages too."""
    served = datasette.plugin_config(CONFIG) or {}
    env.globals["archive_name"] = lambda: datasette.get_database().name
    env.globals["to"] = Addresses(datasette.urls.path, editions(places.SITE / "static"))
    env.globals["public"], env.globals["published"] = bool(served.get("public")), bool(served.get("published"))
    env.globals["feeds"] = env.globals["published"] or env.globals.get("feeds", False)  # the roof may serve them too
    env.globals["site_address"] = served.get("site", "")
    env.globals["urls"] = datasette.urls
    env.globals["metadata"] = datasette.metadata()
    env.filters.update(FILTERS)


@hookimpl
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Datasette) -> None:
    """What queries may call: the name of a language, by its code, if no rule reads it, else ""; and in public no more
    than is good for the machine.
    """
    if database != INTERNAL and (datasette.plugin_config(CONFIG) or {}).get("public"):
        limits.restrain(conn)
    known = languages.ours()
    conn.create_function("not_read", 1, lambda code: known.not_read(str(code or "")), deterministic=True)


@hookimpl
def register_routes() -> list[tuple[str, View]]:
    """Plugins' routes go before Datasette's own: "/" is ours."""
    return ROUTES


@hookimpl
def render_cell(value: object, column: str, database: str, datasette: Datasette) -> Markup | None:
    """Links what has a page to it, SHA-256s to stored bytes, flags in views to rows; marks languages without rules."""
    to = Addresses(datasette.urls.path)
    label = ""
    if isinstance(value, dict) and column in PAGES:  # a foreign key with the label that Datasette has put beside it
        value, label = value["value"], str(value["label"])
    if column == "sha256" and isinstance(value, str) and SHA256.fullmatch(value):
        return _link(to.snapshot(value), value)
    if column == "language" and isinstance(value, str) and (mark := languages.marked(languages.ours().not_read(value))):
        return Markup('{} <span class="quiet">{}</span>').format(value, mark)
    if not isinstance(value, int):
        return None
    if column in PAGES:
        return _link(PAGES[column](to, value), shorten(label, MOST) if label and column not in CHANGES else str(value))
    return _link(datasette.urls.row(database, "flags", value), str(value)) if column == "flag_id" else None


@hookimpl(hookwrapper=True)
def handle_exception(
    datasette: Datasette, request: Request, exception: Exception
) -> Generator[None, Result[Any], None]:
    """In place of Datasette's own answer, which prints a traceback for each address that is unknown."""
    outcome = yield
    outcome.force_result([faults.answer(datasette, request, exception)])


@hookimpl
def forbidden(datasette: Datasette, request: Request, message: str) -> Response:
    """What Datasette does not allow."""
    return faults.answer(datasette, request, Forbidden(message))


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Puts the security headers on every response."""
    return lambda app: guarded(datasette, app)


def _link(address: str, text: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, text)
