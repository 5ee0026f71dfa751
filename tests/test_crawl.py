"""Whole crawls against real servers: politeness, faults of our own, a full disk, interrupts."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from archive import store
from tests import crawling
from tests.crawling import Crawled, Plan, declared, page
from tests.servers import Answer, Given, Raw, Server, Writer, redirect, serving

NEW = page("We now train models on what you write.")
OLD = page("We train no models.")


# --- politeness ----------------------------------------------------------------------------------------------------


def slow(out: Writer) -> None:
    """A page that takes longer than the longest pause."""
    out.pause(0.6)
    out.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(OLD))
    out.pause(0.2)
    out.send(OLD)


def test_a_host_is_asked_one_thing_at_a_time_with_pauses(tmp_path: Path) -> None:
    delay, fine = 0.4, Answer(OLD)
    answers: dict[str, Given] = {"/0": fine, "/1": Raw(slow), "/2": fine}
    answers |= {"/redirect": redirect("/0"), "/500": Answer(b"", 500)}
    with serving(answers) as server:
        every = [declared(path, server.url + path) for path in answers]
        assert crawling.crawl(crawling.settings(tmp_path, delay=delay), every).finished
        times = sorted((asked.began, asked.ended) for asked in server.asked)
    assert len(times) == 8  # robots.txt, three pages, a redirect and where it leads, one page twice
    for (began, ended), (next_began, _) in pairwise(times):
        assert next_began >= ended
        assert next_began - began >= delay * 0.5 * 0.9


# --- faults --------------------------------------------------------------------------------------------------------


def break_reading() -> None:
    """A fault of ours that shows with one document only."""
    from crawler import extraction

    extract = extraction.extract

    def broken(body: object, media_type: object, source: object, url: str, encoding: object) -> object:
        if "bad" in url:
            raise RuntimeError("a fault of ours")
        return extract(body, media_type, source, url, encoding)  # type: ignore[arg-type]

    extraction.extract = broken  # type: ignore[assignment]


def break_start() -> None:
    """A fault of ours before the first request of a document."""
    from crawler.spiders.documents import DocumentsSpider

    def broken(self: object, declaration: object, part: object) -> object:
        raise RuntimeError("a fault in the spider")

    DocumentsSpider._request = broken  # type: ignore[assignment, method-assign]


def break_opening() -> None:
    """A fault of ours before anything has begun."""
    from crawler.pipelines import Record

    def broken(self: object) -> None:
        raise RuntimeError("a fault at the start")

    Record.open_spider = broken  # type: ignore[method-assign]


def fill_disk() -> None:
    """Leaves no room in the archive once the crawl has begun."""
    from crawler import pipelines

    keep = pipelines.keep

    def full(db: object, visit: object) -> int:
        db.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]  # SQLite takes the present size
        return keep(db, visit)  # type: ignore[arg-type]

    pipelines.keep = full


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Path, Crawled]]]:
    """A crawl for each fault, side by side."""
    hooks = {"reading": break_reading, "start": break_start, "opening": break_opening, "disk": fill_disk}
    large = page(*(os.urandom(40).hex() for _ in range(1000)))
    with serving({"/bad": Answer(NEW), "/good": Answer(OLD), "/large": Answer(large)}) as server:
        names = ["bad", "good"]
        plans = {}
        for name, hook in hooks.items():
            own = crawling.settings(tmp_path_factory.mktemp(name))
            kinds = ["large", "good"] if name == "disk" else names
            plans[name] = Plan(own, [declared(kind, f"{server.url}/{kind}") for kind in kinds], hook=hook)
        with ThreadPoolExecutor() as pool:
            done = dict(zip(plans, pool.map(_crawl, plans.values()), strict=True))
        again = _crawl(plans["reading"])  # the page that cannot be read waits in the archive now
    yield {name: (plans[name].own.archive, crawled) for name, crawled in done.items()} | {
        "again": (plans["reading"].own.archive, again)
    }


def _crawl(plan: Plan) -> Crawled:
    with crawling.start(plan) as process:
        return crawling.finish(process)


def test_a_fault_of_ours_is_raised_when_the_other_documents_are_done(faults: dict[str, tuple[Path, Crawled]]) -> None:
    _, crawled = faults["reading"]
    assert crawled.error == "RuntimeError: a fault of ours"
    assert crawled.outcome("good") == ("recorded", "")
    assert crawled.stderr == ""


def test_a_page_that_shows_a_fault_does_not_keep_others_from_being_fetched(
    faults: dict[str, tuple[Path, Crawled]],
) -> None:
    archive, crawled = faults["again"]
    assert crawled.error == "RuntimeError: a fault of ours"
    assert crawled.outcome("good") == ("unchanged", "")
    sql = "SELECT outcome FROM fetches JOIN documents ON documents.id = document_id WHERE type = 'bad'"
    assert [row["outcome"] for row in crawling.rows(archive, sql)] == ["fetched", "fetched"]


def test_a_fault_in_the_spider_is_raised(faults: dict[str, tuple[Path, Crawled]]) -> None:
    _, crawled = faults["start"]
    assert (crawled.error, crawled.stderr) == ("RuntimeError: a fault in the spider", "")


def test_a_fault_at_the_start_is_raised(faults: dict[str, tuple[Path, Crawled]]) -> None:
    _, crawled = faults["opening"]
    assert (crawled.error, crawled.stderr, crawled.told) == ("RuntimeError: a fault at the start", "", [])


def test_a_full_disk_is_told_in_one_line_and_ends_the_crawl(faults: dict[str, tuple[Path, Crawled]]) -> None:
    archive, crawled = faults["disk"]
    assert crawled.error.startswith(f"ArchiveError: {archive}: the archive cannot be used")
    assert "full" in crawled.error
    assert "\n" not in crawled.error
    assert crawled.stderr == ""
    assert crawling.rows(archive, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]


# --- interrupts ----------------------------------------------------------------------------------------------------


def short_grace() -> None:
    """Requests under way get less time to end than usual."""
    from crawler import run

    run.GRACE = 0.3


def never(out: Writer) -> None:
    """A page that does not come."""
    out.pause(60)


def test_an_interrupt_ends_the_crawl_and_keeps_what_was_recorded(tmp_path: Path) -> None:
    with serving({"/quick": Answer(OLD)}) as server, ThreadPoolExecutor() as pool:
        numbers = (signal.SIGTERM, signal.SIGINT)
        done = list(pool.map(lambda number: _interrupted(server, tmp_path / number.name, number), numbers))
    for archive, crawled in done:
        assert (crawled.finished, crawled.error, crawled.stderr) == (False, "", "")
        assert crawled.told == [["quick", "recorded", ""]]
        assert list(crawling.fetches(archive)) == ["quick"]
        assert crawling.rows(archive, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        with store.writing(archive):
            pass  # the lock is free


def _interrupted(server: Server, folder: Path, number: signal.Signals) -> tuple[Path, Crawled]:
    """A crawl interrupted while a page does not come."""
    folder.mkdir()
    own, path = crawling.settings(folder), f"/never?{number.name}"
    server.answers[path] = Raw(never)
    every = [declared("quick", f"{server.url}/quick"), declared("never", server.url + path)]
    with crawling.start(Plan(own, every, hook=short_grace)) as process:
        server.wait_for(path)
        process.send_signal(number)
        return own.archive, crawling.finish(process)
