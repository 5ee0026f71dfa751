"""Crawls made-up services without a pause into an archive: their pages, served on loopback, change at each fetch."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

from tests.commands import environment

SERVICES, DOCUMENTS, PARAGRAPHS = 6, 8, 120
SETTINGS = """
archive = {archive}
contact = "keeper@example.org"
services = {services}
declarations = ["declarations"]
[crawl]
delay = 0
interval = "1s"
allow_addresses = ["127.0.0.0/8"]
[gate]
confirm = "1s"
"""
SAID = (
    "We may use what you write to train our models, edition {0}.",
    "We ask for your consent before edition {0} of our models learns from your photos.",
    "You can opt out in Settings, page {0}.",
    "We keep logs for {0} days.",
)


class Crawling:
    """Cycles of `smallprint run`, one after another: how many have ended, and what was said where one failed."""

    def __init__(self, folder: Path) -> None:
        self.cycles, self.failed = 0, list[str]()
        self._command = [sys.executable, "-m", "smallprint", "run", "--config", str(folder / "smallprint.toml")]
        self._ending, self._thread = threading.Event(), threading.Thread(target=self._run)

    def start(self) -> None:
        """Begins with the first cycle."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the cycle under way."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            done = subprocess.run(self._command, capture_output=True, text=True, env=environment(), timeout=300)
            self.cycles += 1
            if done.returncode not in (0, 1):  # 1: a person is needed, as where a page could not be read
                self.failed.append(done.stderr[-500:])


@contextmanager
def crawling(archive: Path, folder: Path) -> Iterator[Crawling]:
    """A crawl into the archive while the block runs; its settings and declarations lie in the folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, count()))
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    _configure(folder, archive, f"http://127.0.0.1:{server.server_port}")
    crawl = Crawling(folder)
    crawl.start()
    try:
        yield crawl
    finally:
        crawl.stop()
        server.shutdown()
        server.server_close()
        serving.join()


def _configure(folder: Path, archive: Path, base: str) -> None:
    names = [f"Quarry {number}" for number in range(SERVICES)]
    (folder / "declarations").mkdir()
    for name in names:
        terms = {f"Help Page ({number})": {"fetch": f"{base}/{name[-1]}/{number}"} for number in range(DOCUMENTS)}
        declared = json.dumps({"name": name, "terms": {k: {**v, "select": "main"} for k, v in terms.items()}})
        (folder / "declarations" / f"{name}.json").write_text(declared, "utf-8")
    settings = SETTINGS.format(archive=json.dumps(str(archive)), services=json.dumps(names))
    (folder / "smallprint.toml").write_text(settings, "utf-8")


class _Pages(BaseHTTPRequestHandler):
    """A page for each address, a few words of it new at each fetch."""

    def __init__(self, editions: Iterator[int], *more: object) -> None:
        self._editions = editions
        super().__init__(*more)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        found = self.path != "/robots.txt"
        body = _page(self.path, next(self._editions)).encode() if found else b""
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The bench tells its own figures."""


def _page(path: str, edition: int) -> str:
    lasting = [
        f"Paragraph {number} of {path} says what it always said, in its own words." for number in range(PARAGRAPHS)
    ]
    said = [words.format(edition) for words in SAID]
    text = "".join(f"<p>{words}</p>" for words in [*lasting, *said])
    return f"<!doctype html><title>Help</title><main><h1>Help</h1>{text}</main>"
