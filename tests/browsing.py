"""Pages for tests in a real browser, and what a crawl of them left.

Nothing here loads Scrapy: a child that takes a hook from a test module must have its own table of names first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive import store
from archive.snapshots import body
from tests import crawling
from tests.crawling import Crawled, Plan
from tests.servers import HTML, Answer, Given, Server

SCRIPT = {"Content-Type": "text/javascript"}
BY = "x-smallprint-browser"
TERMS = "We keep what you write for as long as your account is open. " * 20  # long enough not to be waited for
DRAW = b"fetch('/text').then(a => a.text()).then(t => document.body.innerHTML = '<main><p>' + t + '</p></main>')"
SHELL = b'<!doctype html><title>Gantry</title><body><div id="app">Loading</div><script src="/draw.js"></script></body>'
DRAWN: Mapping[str, Given] = {  # what the shell needs
    "/shell": Answer(SHELL, 200, HTML | {"ETag": '"shell"', "Set-Cookie": "seen=shell"}),
    "/draw.js": Answer(DRAW, 200, SCRIPT),
    "/text": Answer(TERMS.encode(), 200, HTML),
}
SECONDS = 240  # for a crawl, and for a test with it: a browser has its own pace on a busy machine
Ends = Mapping[str, tuple[str, str | None]]  # outcome and detail by document; None: whatever the reason


def html(more: str = "") -> Answer:
    """A page with terms, and more beside them."""
    return Answer(f"<!doctype html><body><main><p>{TERMS}</p></main>{more}</body>".encode())


def moving(place: str) -> Answer:
    """A page that leads elsewhere by script."""
    return html(f"<script>location = '{place}'</script>")


@dataclass(frozen=True)
class World:
    """One crawl of many pages, and the servers: the one that may be asked, and one that may not."""

    crawled: Crawled
    archive: Path
    server: Server
    there: Server
    datagrams: Sequence[bytes] = ()

    def headers(self, name: str) -> dict[str, str]:
        """Those kept with the last fetch of a document, by name in small letters."""
        row = crawling.fetches(self.archive)[name]
        return {name.lower(): text for name, text in json.loads(row["headers"])}

    def stored(self, name: str) -> bytes:
        """The bytes of the last fetch of a document."""
        with store.reading(self.archive) as db:
            return body(db, crawling.fetches(self.archive)[name]["snapshot_id"])

    def ended(self, name: str, ends: Ends) -> bool:
        """Whether a document ended as it should."""
        outcome, detail = ends[name]
        told = self.crawled.outcome(name)
        return told == (outcome, told[1] if detail is None else detail)


def crawl(plan: Plan) -> Crawled:
    """A crawl that may take longer than others."""
    with crawling.start(plan) as process:
        return crawling.finish(process, SECONDS)
