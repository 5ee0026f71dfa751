"""Serves Gantry's pages on loopback, first as they were, later as the company has changed them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Thread

DOCUMENTS = {
    "Privacy Policy": "privacy-policy.html",
    "Terms of Service": "user-agreement.html",
    "Help Page (generative AI)": "help-generative-ai.html",
    "Settings Page": "settings-data-privacy.html",
    "Trackers Policy": "cookie-policy.html",
}
SETTINGS = ("/cookie-settings", "/preferences/cookies")  # where the pages send those who refuse
LOGIN = b'<title>Log in</title><h1>Log in</h1><form><input type="password"></form>'


class Gantry:
    """The company: `edition` is "first" or "second", and decides which pages its server gives out."""

    def __init__(self) -> None:
        self.edition = "first"
        self.address = ""

    def page(self, name: str) -> bytes | None:
        """The bytes of a page in the current edition, None if there is no such page."""
        if name not in DOCUMENTS.values():
            return None
        return files("smallprint.demo").joinpath("pages", self.edition, name).read_bytes()


@contextmanager
def served() -> Iterator[Gantry]:
    """Gantry with its server running on a free port of 127.0.0.1."""
    gantry = Gantry()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, gantry))
    gantry.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield gantry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers as an ordinary web server does: entity tags, "not modified", "not found"."""

    def __init__(self, gantry: Gantry, *more: object):
        self.gantry = gantry
        super().__init__(*more)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        body = self.gantry.page(self.path.lstrip("/"))
        tag = f'"{hashlib.sha256(body or b"").hexdigest()[:16]}"'
        if self.path in SETTINGS:
            self._answer(200, LOGIN)
        elif body is None:
            self._answer(404, b"<p>No such page.</p>")
        elif self.headers.get("If-None-Match") == tag:
            self._answer(304, b"", tag)
        else:
            self._answer(200, body, tag)

    def _answer(self, status: int, body: bytes, tag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if tag:
            self.send_header("ETag", tag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The demo tells its own story."""
