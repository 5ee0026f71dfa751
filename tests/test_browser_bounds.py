"""Pages that never end, never rest or are too large end all the same, and no process outlives its crawl."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests import crawling
from tests.browsing import SCRIPT, SECONDS, TERMS, Ends, World, crawl, html
from tests.crawling import Plan, scripted
from tests.servers import Answer, Given, Raw, Writer, drip, flood, serving

pytestmark = [pytest.mark.usefixtures("chromium"), pytest.mark.timeout(SECONDS)]

MB = 2**20
SMALL = {"DOWNLOAD_MAXSIZE": MB, "BROWSER_MAXSIZE": 2 * MB, "RETRY_TIMES": 0}
SHORT = SMALL | {"DOWNLOAD_TIMEOUT": 8, "BROWSER_SETTLE": 4}


def script(text: str) -> Answer:
    """A page with terms and a script."""
    return html(f"<script>{text}</script>")


def never(out: Writer) -> None:
    """An answer that does not come."""
    out.pause(60)


ANSWERS: dict[str, Given] = {
    "/endless": flood(b"", 50 * MB),
    "/drip": Raw(drip),
    "/large-by-script": script("document.body.append('x'.repeat(2 * 2 ** 20))"),
    "/large-inside": script("[0, 1, 2, 3].forEach(n => fetch('/part').then(a => a.text()).then(String))"),
    "/part": Answer(b"x" * MB),
    "/busy": script("setTimeout(() => { while (true); }, 100)"),
    "/waits": script("fetch('/never')"),
    "/blocked": html("<script src='/never'></script>"),
    "/never": Raw(never),
    "/grows": script("setInterval(() => document.querySelector('main').append(' and more'), 100)"),
    "/reloads": script("location.reload()"),
    "/late": Answer(b"<main></main><script src='/late.js'></script>"),
    "/late.js": Answer(b"setTimeout(() => document.querySelector('main').append('Late.'), 1000)", 200, SCRIPT),
    "/opens": script("for (let n = 0; n < 20; n++) window.open('/late'); alert('Look!'); confirm('Really?')"),
    "/closes": script("window.close()"),
    "/empties": script("document.documentElement.remove()"),
    "/fine": html(),
}
LARGE, SLOW = ("suspect", "the page is too large"), ("unreachable", "no complete answer in time")
WITHOUT_REST: Ends = {
    "drip": SLOW,
    "busy": SLOW,
    "blocked": SLOW,  # half of a page is none
    "waits": ("recorded", ""),
    "grows": ("recorded", ""),
}
EXPECTED: Ends = {
    "endless": LARGE,
    "large-by-script": LARGE,
    "large-inside": LARGE,
    "reloads": ("unreachable", "redirected too many times"),
    "late": ("recorded", ""),
    "opens": ("recorded", ""),
    "closes": ("recorded", ""),
    "empties": ("unextractable", None),
    "fine": ("recorded", ""),
}


def short_grace() -> None:
    """A page that hangs, and requests under way at an interrupt, get less time than usual."""
    from crawler import browser, run

    browser.GRACE, run.GRACE = 3.0, 0.3


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from crawled(tmp_path_factory.mktemp("bounds"), EXPECTED, SMALL)


@pytest.fixture(scope="module")
def restless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from crawled(tmp_path_factory.mktemp("restless"), WITHOUT_REST, SHORT)


def crawled(folder: Path, names: Iterable[str], bounds: Mapping[str, int]) -> Iterator[World]:
    """One crawl of these pages."""
    with serving(ANSWERS) as server:
        every = [scripted(name, f"{server.url}/{name}") for name in names]
        done = crawl(Plan(crawling.settings(folder), every, scrapy=bounds, hook=short_grace))
        yield World(done, folder / "a.db", server, server)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_page_ends(world: World, name: str) -> None:
    assert world.ended(name, EXPECTED), world.crawled.outcome(name)


@pytest.mark.parametrize("name", WITHOUT_REST)
def test_a_page_without_rest_ends(restless: World, name: str) -> None:
    assert restless.ended(name, WITHOUT_REST), restless.crawled.outcome(name)


def test_nothing_is_raised_or_printed(world: World, restless: World) -> None:
    for done in (world.crawled, restless.crawled):
        assert (done.error, done.stderr, done.finished) == ("", "", True)


def test_a_page_without_end_is_left_early(world: World) -> None:
    assert world.server.sent < 20 * MB


def test_a_host_is_not_asked_for_the_same_page_again_and_again(world: World) -> None:
    assert len(world.server.requests("/reloads")) < 20


def test_what_comes_late_is_waited_for(world: World) -> None:
    assert b"Late." in world.stored("late")


def test_a_page_that_never_stops_loading_is_read(restless: World) -> None:
    assert TERMS.strip().encode() in restless.stored("waits")


# --- nothing is left behind ----------------------------------------------------------------------------------------


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder by whose name every process of a crawl can be known; a short one, for Chromium puts a socket into it."""
    with tempfile.TemporaryDirectory(prefix="crawl-", ignore_cleanup_errors=True) as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


def running(place: Path) -> list[str]:
    """The processes that know of the place."""
    return [process.name for process in Path("/proc").glob("[0-9]*") if _knows(process, place)]


def _knows(process: Path, place: Path) -> bool:
    try:
        told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    except OSError:
        return False
    return str(place).encode() in told and process.name != str(os.getpid())


def wait_for_the_end(place: Path) -> None:
    """Returns when no process of the crawl is left: what ends is still listed for a moment."""
    pause = threading.Event()
    for _ in range(200):
        if not running(place):
            return
        pause.wait(0.1)
    raise AssertionError(f"still there: {running(place)}")


def left(place: Path) -> Sequence[Path]:
    """What Chromium wrote."""
    return list(place.glob("*playwright*"))


def test_after_a_crawl(place: Path) -> None:
    with serving(ANSWERS) as server:
        crawled = crawl(Plan(crawling.settings(place), [scripted("fine", f"{server.url}/fine")]))
    assert crawled.outcome("fine") == ("recorded", "")
    wait_for_the_end(place)
    assert left(place) == []


@pytest.mark.parametrize("numbers", [[signal.SIGTERM], [signal.SIGINT], [signal.SIGTERM, signal.SIGTERM]])
def test_after_an_interrupt(place: Path, numbers: list[signal.Signals]) -> None:
    with serving(ANSWERS) as server, _under_way(place, server.url) as process:
        server.wait_for("/never")
        assert len(running(place)) > 3
        for number in numbers:
            process.send_signal(number)
        crawled = crawling.finish(process)
    assert (crawled.told, crawled.finished, crawled.error, crawled.stderr) == ([], False, "", "")
    assert crawling.fetches(place / "a.db") == {}
    wait_for_the_end(place)


def test_after_a_crawl_that_was_killed(place: Path) -> None:
    with serving(ANSWERS) as server, _under_way(place, server.url) as process:
        server.wait_for("/never")
        process.kill()
        process.communicate()
    wait_for_the_end(place)


def _under_way(place: Path, url: str) -> subprocess.Popen[bytes]:
    return crawling.start(Plan(crawling.settings(place), [scripted("blocked", f"{url}/blocked")], hook=short_grace))
