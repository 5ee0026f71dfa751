"""Puts headers on every answer that keep a hostile text a text: a Content-Security-Policy above all."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response
from jinja2 import BaseLoader, Environment

from archive import places
from pages import doors, faults
from pages.addresses import OURS
from pages.caching import editions
from pages.serving import CONFIG

INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
STRICT = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
POLICY = b"content-security-policy"
VARY = b"vary"  # Datasette's, by what is not handed on in public
PLAIN_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]

Header = tuple[bytes, bytes]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


def guarded(datasette: Datasette, app: App) -> App:
    """The app with our headers on every response: a strict policy on our pages, one that Datasette needs on its own.

    In public it only reads, for nobody in particular, and answers nothing at addresses that are shut.
    """
    loose, public = _policy_for_datasette(datasette), bool((datasette.plugin_config(CONFIG) or {}).get("public"))
    prefix = datasette.setting("base_url").rstrip("/")

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        path, query = _asked(scope, prefix)
        ours = OURS.fullmatch(path) or doors.FEEDS.fullmatch(path)
        added = PLAIN_HEADERS + (_of_public(path, query) if public else [])

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = _with_headers(
                    message, added, (STRICT if ours else loose).encode(), {VARY} if public else set()
                )
            await send(message)

        refused = await _refusal(datasette, scope, path) if public else None
        if refused is not None:
            await refused.asgi_send(send_guarded)
        else:
            await app(_of_nobody(scope) if public else scope, receive, send_guarded)

    return wrapped


def _asked(scope: Message, prefix: str) -> tuple[str, str]:
    """The path, as Datasette looks for its route, and the query."""
    raw = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].decode("latin-1").removeprefix(prefix), scope.get("query_string", b"").decode(
        "latin-1"
    )


async def _refusal(datasette: Datasette, scope: Message, path: str) -> Response | None:
    """What a stranger gets in place of an answer, None where there is one."""
    if scope["method"] not in doors.READING:
        return Response.text("This site is only read.\n", 405, {"Allow": ", ".join(doors.READING)})
    if not doors.is_shut(path):
        return None
    await datasette.invoke_startup()  # the templates are ready from then on
    return faults.answer(datasette, Request(scope, None), NotFound(faults.UNKNOWN))


def _of_public(path: str, query: str) -> list[Header]:
    """Headers of what everyone gets alike."""
    kept = doors.kept(path, query, editions(places.SITE / "static"))
    unlisted = [] if doors.is_listed(path, query) else [(b"x-robots-tag", b"noindex")]
    return unlisted + ([(b"cache-control", kept.encode())] if kept else [])


def _of_nobody(scope: Message) -> Message:
    """The request without what says who asks: so that all get the same, and copies of it may be kept."""
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0].lower() not in doors.PRIVATE]}


def _with_headers(message: Message, added: list[Header], policy: bytes, unwanted: set[bytes]) -> Message:
    """The start of a response with these headers in place of any of the same names, and a policy if it has none."""
    headers = [(name.lower(), value) for name, value in message.get("headers", [])]
    names = {name for name, _ in added} | unwanted
    kept = [header for header in headers if header[0] not in names]
    own = any(name == POLICY for name, _ in kept)
    return {**message, "headers": [*kept, *added, *([] if own else [(POLICY, policy)])]}


def _policy_for_datasette(datasette: Datasette) -> str:
    """Datasette's own pages need their inline styles and a few inline scripts: these, known by hash, and no other."""
    environment: Environment = datasette.jinja_env
    loader = environment.loader or BaseLoader()
    sources = [loader.get_source(environment, name)[0] for name in ("_close_open_menus.html", "_codemirror_foot.html")]
    scripts = [script for source in sources for script in INLINE_SCRIPT.findall(source)]
    scripts.append(f"DATASETTE_ALLOW_FACET = {str(datasette.setting('allow_facet')).lower()};")
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return STRICT.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
        "script-src 'self'", f"script-src 'self' {allowed}"
    )
