"""Runs a crawl as users do, in a process of its own: a Twisted reactor starts only once.

The child resolves names from a table and never asks the network for one.
"""

from __future__ import annotations

import atexit
import ipaddress
import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from archive import store
from archive.settings import Network, Settings
from archive.words import Document
from crawler.declaration import Declaration, Source

ROOT = Path(__file__).resolve().parent.parent
CONTACT = "keeper@example.org"
LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.1/32"),)
NAMES = {"localhost": ["127.0.0.1"]}

Row = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What the child is to do. `hook` is a function of a test module, called before the crawl."""

    own: Settings
    declarations: Sequence[Declaration]
    scrapy: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, list[str]] = field(default_factory=dict)
    hook: Callable[[], None] | None = None


@dataclass(frozen=True)
class Crawled:
    """What became of it. `told` is (document type, outcome, detail) in order, `extracted` the pages that were read."""

    told: list[list[str]]
    extracted: list[str]
    finished: bool
    error: str
    stderr: str

    def outcome(self, name: str) -> tuple[str, str]:
        """The outcome and detail told for the only page of a document."""
        ((outcome, detail),) = [(outcome, detail) for kind, outcome, detail in self.told if kind == name]
        return outcome, detail


def settings(folder: Path, networks: Sequence[Network] = LOOPBACK, delay: float = 0) -> Settings:
    """Settings with an archive in the folder."""
    return Settings(folder / "smallprint.toml", folder / "a.db", CONTACT, delay=delay, allow_addresses=tuple(networks))


def declared(name: str, *urls: str, select: tuple[str, ...] = ("main",)) -> Declaration:
    """A document of these pages, called `name`."""
    return Declaration(Document("Gantry", name, urls[0]), tuple(Source(url, select=select) for url in urls))


def scripted(name: str, url: str, scripts: bool | None = True) -> Declaration:
    """A document of one page that says whether its scripts are to run."""
    return Declaration(Document("Gantry", name, url), (Source(url, select=("main",), client_scripts=scripts),))


def page(*paragraphs: str) -> bytes:
    """A web page with these paragraphs."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<!doctype html><html><body><main>{text}</main></body></html>".encode()


def crawl(own: Settings, declarations: Sequence[Declaration], **more: Any) -> Crawled:
    """Runs a crawl to its end."""
    with start(Plan(own, declarations, **more)) as process:
        return finish(process)


def start(plan: Plan) -> subprocess.Popen[bytes]:
    """A crawl under way."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crawling"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdin
    process.stdin.write(pickle.dumps(plan))
    process.stdin.flush()
    return process


def environment(**more: str) -> dict[str, str]:
    """Of a child. Where Python may leave no compiled files beside the sources, children share theirs for a while."""
    own = {**os.environ, **more}
    if own.pop("PYTHONDONTWRITEBYTECODE", ""):
        own["PYTHONPYCACHEPREFIX"] = _compiled()
    return own


@cache
def _compiled() -> str:
    folder = tempfile.mkdtemp(prefix="smallprint-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def finish(process: subprocess.Popen[bytes], seconds: float = 60) -> Crawled:
    """What a crawl brought, once it has ended."""
    out, errors = process.communicate(timeout=seconds)
    assert process.returncode == 0, errors.decode()
    return Crawled(**json.loads(out), stderr=errors.decode())


def rows(archive: Path, sql: str, *values: object) -> list[Row]:
    """What stands in an archive."""
    with store.reading(archive) as db:
        return list(db.query(sql, values))


def fetches(archive: Path) -> dict[str, Row]:
    """The last fetch of every document, by its type."""
    sql = "SELECT documents.type, fetches.* FROM fetches JOIN documents ON documents.id = document_id ORDER BY id"
    return {row["type"]: row for row in rows(archive, sql)}


def versions(archive: Path) -> list[Row]:
    """Every version, in order."""
    return rows(archive, "SELECT * FROM versions ORDER BY id")


def text(archive: Path, version: int) -> list[str]:
    """The passages of a version."""
    from archive.placements import text_of

    with store.reading(archive) as db:
        return [passage.text for passage in text_of(db, version)]


def _from_table(names: Mapping[str, list[str]]) -> Callable[..., list[Any]]:
    """A getaddrinfo that knows these names, and every spelling of a number."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host: str, port: Any, family: int = 0, kind: int = 0, proto: int = 0, flags: int = 0) -> list[Any]:
        known = names.get(host, [host])
        return [one for at in known for one in resolve(at, port, family, kind, proto, flags | socket.AI_NUMERICHOST)]

    return getaddrinfo


def _main() -> None:
    plan: Plan = pickle.load(sys.stdin.buffer)  # from our own parent
    socket.getaddrinfo = _from_table({**NAMES, **plan.names})  # before Twisted takes hold of it
    from crawler import extraction, run
    from crawler.visit import Visit

    told, extracted, extract = list[list[str]](), list[str](), extraction.extract

    def counted(body: bytes, media_type: str, source: Source, url: str = "", encoding: str | None = None) -> Any:
        extracted.append(url)
        return extract(body, media_type, source, url, encoding)

    def hear(visit: Visit) -> None:
        told.append([visit.declaration.document.type, str(visit.fetch.outcome), visit.fetch.detail])

    extraction.extract = counted
    if plan.hook:
        plan.hook()
    finished, error = False, ""
    try:
        with store.writing(plan.own.archive) as db:
            finished = run.crawl(plan.own, db, plan.declarations, hear, {"RETRY_PAUSE": 0, **plan.scrapy})
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    print(json.dumps({"told": told, "extracted": extracted, "finished": finished, "error": error}))


if __name__ == "__main__":
    _main()
