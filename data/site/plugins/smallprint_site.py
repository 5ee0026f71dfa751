"""Makes Datasette the site of Smallprint: a front page, a page for each change, stored pages as downloads, headers.

What a watched page says is hostile until proven otherwise: templates escape all of it, links are made only to http and
https, stored pages leave as attachments of plain text, and a Content-Security-Policy stands behind that.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from jinja2 import BaseLoader, Environment
from markupsafe import Markup
from pluggy import HookimplMarker
from sqlite_utils import Database

from archive import browse, decisions, feeds, labels, languages, reports
from archive.redline import segments
from archive.severity import severity
from archive.words import Edit, EditKind, Fact, Flag, Reading, Run, Segment, Severity

hookimpl = HookimplMarker("datasette")  # the marker that Datasette exports, with types

NEWEST = 20  # pushed changes on the front page
MOST_QUOTES = 3  # of each of them

CHANGES = ("change_id", "told_in")  # columns that name a change
ROWS = {"document_id": "documents", "passage_id": "passages", "flag_id": "flags"}  # ids in views, and whose they are

DATE = re.compile(r"\b([0-9]{4})-([0-9]{2})-([0-9]{2})\b")
OURS = re.compile(r"/(?:-/(?:change|snapshot)/.*)?")
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
STRICT = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PLAIN_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]

Header = tuple[bytes, bytes]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Callable[[], Awaitable[Message]], Send], Awaitable[None]]
Read = TypeVar("Read")


class Quoted(NamedTuple):  # no dataclass: Datasette loads this file without a name in sys.modules, which these need
    """Words that set off flags: the headings above them, whether the page says them now, and the flags."""

    words: str
    heading: str
    stands: bool
    flags: tuple[Flag, ...]


class Entry(NamedTuple):
    """An edit as the change page shows it."""

    edit: Edit
    segments: Sequence[Segment]
    quotes: list[Quoted]
    facts: tuple[Fact, ...]
    severities: dict[Flag, Severity]
    not_told: int | None  # why it is no news, as its mark says; None where it is, or nobody knows


@hookimpl
def get_metadata(datasette: Datasette, key: str | None) -> dict[str, Any]:
    """Our titles, descriptions and queries, put under the name of whatever archive is attached.

    They stand among the plugins' settings in metadata.yml, because Datasette's own place for them is keyed by the
    database's name. Reading them asks for metadata again, with the key "plugins": that question ends here.
    """
    if key == "plugins":
        return {}
    own = datasette.plugin_config("smallprint_site") or {}
    return {"databases": {name: own for name in datasette.databases if name != "_internal"}}


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """What templates may call, on error pages too."""
    env.globals["archive_name"] = lambda: datasette.get_database().name
    env.globals["most_quotes"] = MOST_QUOTES
    env.filters.update(day=day, moment=moment, quotes=quotes, chips=labels.chips, told=labels.told)
    env.filters.update(fact_name=lambda kind: labels.FACTS.get(kind, kind))
    env.filters.update(web_address=web_address, web_host=web_host, unbroken=unbroken)


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """What queries may call: the name of a language, by its code, if no rule reads it, else ""."""
    known = languages.ours()
    conn.create_function("not_read", 1, lambda code: known.not_read(str(code or "")), deterministic=True)


@hookimpl
def extra_template_vars(datasette: Datasette, view_name: str) -> Callable[[], Awaitable[dict[str, Any]]] | None:
    """The front page's content."""

    async def front() -> dict[str, Any]:
        return await _read(datasette, lambda db: {"pushed": browse.pushed(db, NEWEST), "totals": browse.totals(db)})

    return front if view_name == "index" else None


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    """Ours lie under /-/, where no database can be."""
    return [(r"^/-/change/(?P<id>[0-9]{1,18})$", change_page), (r"^/-/snapshot/(?P<sha256>[^/]+)$", snapshot_bytes)]


@hookimpl
def render_cell(value: object, column: str, database: str, datasette: Datasette) -> Markup | None:
    """Links changes to their pages, SHA-256s to stored bytes, ids in views to rows; marks languages without rules."""
    if isinstance(value, dict) and column in CHANGES:
        value = value["value"]  # a foreign key with the label that Datasette has put beside it
    if column == "sha256" and isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value):
        return _link(datasette.urls.path(f"-/snapshot/{value}"), value)
    if column == "language" and isinstance(value, str) and (mark := languages.marked(languages.ours().not_read(value))):
        return Markup('{} <span class="quiet">{}</span>').format(value, mark)
    if not isinstance(value, int):
        return None
    if column in CHANGES:
        return _link(datasette.urls.path(f"-/change/{value}"), str(value))
    return _link(datasette.urls.row(database, ROWS[column], value), str(value)) if column in ROWS else None


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Puts the security headers on every response."""
    loose = _policy_for_datasette(datasette)
    prefix = datasette.setting("base_url").rstrip("/")

    def wrap(app: App) -> App:
        async def guarded(scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
            ours = OURS.fullmatch(scope.get("path", "").removeprefix(prefix))
            added = [(b"content-security-policy", (STRICT if ours else loose).encode()), *PLAIN_HEADERS]

            async def send_guarded(message: Message) -> None:
                await send(_with_headers(message, added) if message["type"] == "http.response.start" else message)

            await app(scope, receive, send_guarded)

        return guarded

    return wrap


async def change_page(datasette: Datasette, request: Request) -> Response:
    """One change: its edits as redlines, flagged ones first, and the evidence."""
    number = int(request.url_vars["id"])
    context = await _read(datasette, lambda db: _change(db, number))
    if context is None:
        return await _missing(datasette, request, f"There is no change {number} in this archive.")
    return Response.html(await datasette.render_template("change.html", context, request=request))


async def snapshot_bytes(datasette: Datasette, request: Request) -> Response:
    """The stored bytes of a page, to keep or to check against their SHA-256; never as a page of ours."""
    sha256 = request.url_vars["sha256"]
    found = await _read(datasette, lambda db: browse.snapshot(db, sha256))
    if found is None:
        return await _missing(datasette, request, "No stored page has this SHA-256.")
    headers = {"Content-Disposition": f'attachment; filename="{sha256}.txt"'}
    return Response(found, headers=headers, content_type="text/plain")


def day(time: str | None) -> str:
    """ "18 September 2024", for a time as the archive writes it; other text stays as it is."""
    return _told(time, "{0.day} {0:%B %Y}")


def moment(time: str | None) -> str:
    """ "18 September 2024, 06:30 UTC"."""
    return _told(time, "{0.day} {0:%B %Y, %H:%M} UTC")


def unbroken(text: str) -> str:
    """The text with dates that stay on one line."""
    return DATE.sub("\\1\u2011\\2\u2011\\3", text)


def web_address(url: str) -> str:
    """The address if it may become a link, else ""."""
    return url if web_host(url) else ""


def web_host(url: str) -> str:
    """The host of an address of http or https, "" for any other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in ("http", "https") else ""


def quotes(flags: Iterable[tuple[str, Flag]]) -> list[Quoted]:
    """Each quote once, with all its flags, from flags that come with the headings above them."""
    found: dict[tuple[str, str, bool], list[Flag]] = {}
    for heading, flag in flags:
        found.setdefault((flag.quote, heading, flag.side == "after"), []).append(flag)
    return [Quoted(*key, tuple(same)) for key, same in found.items()]


def _change(db: Database, number: int) -> dict[str, Any] | None:
    """What change.html shows, None for an unknown change."""
    report, decided = reports.change(db, number), decisions.of_change(db, number)
    if report is None or decided is None:
        return None
    first = report.before_seen_at is None  # where all is new, nothing is marked as new
    marks = {edit.place: edit.news for edit in decided.flagged if edit.news != decisions.NEWS and decided.told_apart}
    entries = [_entry(*pair, marks.get(place), unmarked=first) for place, pair in enumerate(report.edits)]
    quiet = [entry for entry in entries if not entry.quotes]
    return {
        "change": report,
        "decided": decided,
        "document": browse.document_of(db, number),
        "flagged": [entry for entry in entries if entry.quotes and entry.not_told is None],
        "known": [entry for entry in entries if entry.quotes and entry.not_told is not None],
        "reworded": [entry for entry in quiet if not _is_cosmetic(entry.edit)],
        "cosmetic": [entry for entry in quiet if _is_cosmetic(entry.edit)],
        "evidence": browse.evidence(db, number),
        "neighbours": browse.neighbours(db, number),
        "own_feeds": feeds.of_services(db, number),
    }


def _entry(edit: Edit, reading: Reading, not_told: int | None, *, unmarked: bool) -> Entry:
    runs = (Segment(Run.KEPT, edit.after),) if unmarked else segments(edit)
    weighed = {flag: severity(flag, edit, reading) for flag in reading.flags}
    return Entry(edit, runs, quotes((edit.heading, flag) for flag in reading.flags), reading.facts, weighed, not_told)


def _is_cosmetic(edit: Edit) -> bool:
    return edit.same_words or edit.kind is EditKind.MOVED


async def _read(datasette: Datasette, query: Callable[[Database], Read]) -> Read:
    """Runs a query of the archive in one of Datasette's threads, on its read-only connection."""
    found: Read = await datasette.get_database().execute_fn(lambda connection: query(Database(connection)))
    return found


async def _missing(datasette: Datasette, request: Request, what: str) -> Response:
    """Raising NotFound instead would print a traceback for every such visit."""
    context = {"title": "Not found", "status": 404, "error": what}
    return Response.html(await datasette.render_template("error.html", context, request=request), status=404)


def _with_headers(message: Message, added: list[Header]) -> Message:
    """The start of a response with these headers in place of any of the same names."""
    names = {name for name, _ in added}
    kept = [header for header in message.get("headers", []) if header[0].lower() not in names]
    return {**message, "headers": [*kept, *added]}


def _policy_for_datasette(datasette: Datasette) -> str:
    """Datasette's own pages need their inline styles and a few inline scripts: these, known by hash, and no other."""
    environment: Environment = datasette.jinja_env
    loader = environment.loader or BaseLoader()
    sources = [loader.get_source(environment, name)[0] for name in ("_close_open_menus.html", "_codemirror_foot.html")]
    scripts = [script for source in sources for script in INLINE_SCRIPT.findall(source)]
    scripts.append(f"DATASETTE_ALLOW_FACET = {str(datasette.setting('allow_facet')).lower()};")
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return STRICT.replace("style-src 'self'", f"style-src 'self' 'unsafe-inline'; script-src 'self' {allowed}")


def _link(address: str, text: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, text)


def _told(time: str | None, form: str) -> str:
    try:
        return form.format(datetime.fromisoformat(time or ""))
    except ValueError:
        return time or ""
