"""Puts headers on every answer that keep a hostile text a text: a Content-Security-Policy above all."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from datasette.app import Datasette
from jinja2 import BaseLoader, Environment

from pages.addresses import OURS

INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
STRICT = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
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
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


def guarded(datasette: Datasette, app: App) -> App:
    """The app with our headers on every response: a strict policy on our pages, one that Datasette needs on its own."""
    loose = _policy_for_datasette(datasette)
    prefix = datasette.setting("base_url").rstrip("/")

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        ours = OURS.fullmatch(scope.get("path", "").removeprefix(prefix))
        added = [(b"content-security-policy", (STRICT if ours else loose).encode()), *PLAIN_HEADERS]

        async def send_guarded(message: Message) -> None:
            await send(_with_headers(message, added) if message["type"] == "http.response.start" else message)

        await app(scope, receive, send_guarded)

    return wrapped


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
    return STRICT.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
        "script-src 'self'", f"script-src 'self' {allowed}"
    )
