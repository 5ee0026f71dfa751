"""Pages that need a browser, in real Chromium: what is read, what is stored, and when the browser is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import crawling
from tests.browsing import BY, DRAWN, SECONDS, SHELL, TERMS, Ends, World, crawl, html, moving
from tests.crawling import Plan, scripted
from tests.servers import HTML, Answer, Asked, Given, redirect, serving

pytestmark = [pytest.mark.usefixtures("chromium"), pytest.mark.timeout(SECONDS)]

LATIN = f"<main><p>Größe. {TERMS}</p></main>".encode("latin-1")
ANSWERS: dict[str, Given] = {
    **DRAWN,
    "/no-scripts": Answer(SHELL),
    "/left-open": Answer(SHELL),
    "/ready": html("<img src='/img.png'>"),
    "/moved": redirect("/shell"),
    "/moved-by-script": moving("/shell"),
    "/404": Answer(f"<main><p>Not found. {TERMS}</p></main>".encode(), 404),
    "/404-empty": Answer(b"", 404),
    "/401": Answer(b"<p>Who are you?</p>", 401, HTML | {"WWW-Authenticate": "Basic realm=x"}),
    "/pdf": Answer(b"%PDF-1.4 of a sort", 200, {"Content-Type": "application/pdf"}),
    "/download": Answer(TERMS.encode(), 200, {"Content-Type": "text/plain", "Content-Disposition": "attachment"}),
    "/latin": Answer(LATIN, 200, {"Content-Type": "text/html; charset=latin-1"}),
    "/liar": Answer(crawling.page("We train no models."), 200, HTML | {BY: "Chromium 1"}),
}
EXPECTED: Ends = {
    "shell": ("recorded", ""),
    "left-open": ("recorded", ""),
    "no-scripts": ("unextractable", None),
    "ready": ("recorded", ""),
    "moved": ("recorded", ""),
    "moved-by-script": ("recorded", ""),
    "404": ("unreachable", "there is no page at this address (404)"),
    "404-empty": ("unreachable", "there is no page at this address (404)"),
    "401": ("blocked", "the page asks for a log-in (401)"),
    "pdf": ("unextractable", None),
    "download": ("recorded", ""),
    "latin": ("recorded", ""),
    "liar": ("recorded", ""),
}
SCRIPTS = {"no-scripts": False, "left-open": None, "liar": None}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("browser")
    with serving(ANSWERS) as server:
        every = [scripted(name, f"{server.url}/{name}", SCRIPTS.get(name, True)) for name in EXPECTED]
        yield World(crawl(Plan(crawling.settings(folder), every)), folder / "a.db", server, server)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_end_is_told_with_its_reason(world: World, name: str) -> None:
    assert world.ended(name, EXPECTED), world.crawled.outcome(name)


def test_nothing_is_raised_or_printed(world: World) -> None:
    assert (world.crawled.error, world.crawled.stderr, world.crawled.finished) == ("", "", True)


def test_what_is_stored_is_the_page_as_its_scripts_have_built_it(world: World) -> None:
    assert f"<main><p>{TERMS.strip()}".encode() in world.stored("shell")
    row = crawling.fetches(world.archive)["shell"]
    assert (row["status"], row["final_url"]) == (200, f"{world.server.url}/shell")
    assert row["seconds"] >= 0


def test_it_is_stored_as_utf_8(world: World) -> None:
    assert "Größe".encode() in world.stored("latin")
    assert world.headers("latin")["content-type"] == "text/html; charset=utf-8"


def test_the_evidence_names_the_browser(world: World) -> None:
    assert world.headers("shell")[BY].startswith("Chromium ")
    assert world.headers("404")[BY] == world.headers("shell")[BY]


def test_a_shell_is_tried_again_where_nobody_declared_that_it_is_one(world: World) -> None:
    sql = """SELECT outcome FROM fetches JOIN documents ON documents.id = document_id
             WHERE type = 'left-open' ORDER BY fetches.id"""
    assert [row["outcome"] for row in crawling.rows(world.archive, sql)] == ["unextractable", "recorded"]
    assert BY in world.headers("left-open")


@pytest.mark.parametrize("name", ["no-scripts", "pdf", "download", "404-empty"])
def test_nothing_else_does(world: World, name: str) -> None:
    assert BY not in world.headers(name)


def test_a_server_cannot_claim_it(world: World) -> None:
    assert BY not in world.headers("liar")


def test_headers_that_speak_of_other_bytes_are_not_kept(world: World) -> None:
    assert {"etag", "last-modified", "content-length"} & set(world.headers("shell")) == set()
    assert world.headers("shell")["set-cookie"] == "seen=shell"


def test_a_file_is_fetched_as_it_is(world: World) -> None:
    assert world.stored("pdf") == b"%PDF-1.4 of a sort"
    assert world.stored("download") == TERMS.encode()


def test_the_address_after_a_move_is_kept(world: World) -> None:
    rows = crawling.fetches(world.archive)
    assert {rows[name]["final_url"] for name in ("moved", "moved-by-script")} == {f"{world.server.url}/shell"}


def test_images_are_not_loaded(world: World) -> None:
    assert "/img.png" not in world.server.paths()


def test_the_browser_says_who_we_are(world: World) -> None:
    (agent,) = {asked.headers["user-agent"] for asked in world.server.asked}
    assert agent.startswith("smallprint/")
    assert crawling.CONTACT in agent
    assert {asked.headers["accept-language"] for asked in _by_browser(world)} == {"en"}


def _by_browser(world: World) -> list[Asked]:
    found = [asked for asked in world.server.asked if "sec-ch-ua" in asked.headers]
    assert len(found) > 10
    return found


def test_no_page_knows_of_another(world: World) -> None:
    assert {asked.headers.get("cookie", "") for asked in world.server.requests("/shell")} == {""}
    assert {asked.headers.get("cookie", "") for asked in world.server.requests("/ready")} == {""}


def test_a_page_that_changes_behind_the_same_shell_is_read_again(tmp_path: Path) -> None:
    """ "Not modified" would speak of the shell."""

    def shell(asked: Asked) -> Answer:
        return Answer(b"", 304) if "if-none-match" in asked.headers else Answer(SHELL, 200, HTML | {"ETag": '"shell"'})

    own = crawling.settings(tmp_path)
    with serving({**ANSWERS, "/shell": shell}) as server:
        every = [scripted("shell", f"{server.url}/shell")]
        told = [crawling.crawl(own, every).told]
        server.answers["/text"] = Answer(f"We train models. {TERMS}".encode(), 200, HTML)
        told.append(crawling.crawl(own, every).told)
        told.append(crawling.crawl(own, [scripted("shell", f"{server.url}/shell", None)]).told)
    assert [outcome for ((_, outcome, _),) in told] == ["recorded", "recorded", "unchanged"]


@pytest.mark.parametrize("scripts", [True, None])
def test_without_a_browser_the_reason_says_what_to_do(tmp_path: Path, scripts: bool | None) -> None:
    own = replace(crawling.settings(tmp_path), browser=False)
    with serving(ANSWERS) as server:
        every = [scripted("shell", f"{server.url}/shell", scripts), scripted("fine", f"{server.url}/ready", scripts)]
        crawled = crawling.crawl(own, every)
        assert "/draw.js" not in server.paths()
    outcome, detail = crawled.outcome("shell")
    assert outcome == "unextractable"
    assert detail.endswith("; it needs a browser: it is switched off in the settings") == (scripts is True)
    assert crawling.fetches(own.archive)["shell"]["detail"] == detail
    assert crawled.outcome("fine") == ("recorded", "")


def look_again() -> None:
    """A pipeline that asks for the browser whenever it may, and says how often it may."""
    from crawler import pipelines

    keep, asked = pipelines.Record.process_item, list[str]()

    def process(self: Any, visit: Any) -> Any:
        request = self.spider.with_browser(visit)
        if request is not None:
            asked.append(visit.declaration.document.type)
            self.crawler.engine.crawl(request)
        return keep(self, visit)

    pipelines.Record.process_item = process  # type: ignore[method-assign]


def test_a_second_look_uses_the_browser_once(tmp_path: Path) -> None:
    own = crawling.settings(tmp_path)
    with serving(ANSWERS) as server:
        choices = {"never": False, "open": None, "always": True, "pdf": None}
        paths = {"never": "/no-scripts", "open": "/left-open", "always": "/shell", "pdf": "/pdf"}
        every = [scripted(name, server.url + path, choices[name]) for name, path in paths.items()]
        crawled = crawling.crawl(own, every, hook=look_again)
        asked = {name: len(server.requests(path)) for name, path in paths.items()}
    told = [(kind, outcome) for kind, outcome, _ in crawled.told if kind != "pdf"]
    assert sorted(told) == [
        ("always", "recorded"),
        ("never", "unextractable"),
        ("open", "recorded"),
        ("open", "unextractable"),
    ]
    assert asked == {"never": 1, "open": 2, "always": 1, "pdf": 3}  # plain, in the browser, and plain for its bytes
    assert (crawled.error, crawled.stderr) == ("", "")


def say_what_was_loaded() -> None:
    """Prints at the end whether the browser's library was."""
    import atexit
    import sys

    atexit.register(lambda: print("playwright" in sys.modules, file=sys.stderr))


@pytest.mark.parametrize("scripts", [None, True])
def test_a_crawl_that_needs_no_browser_loads_nothing_of_it(tmp_path: Path, scripts: bool | None) -> None:
    with serving(ANSWERS) as server:
        plan = Plan(
            crawling.settings(tmp_path), [scripted("x", f"{server.url}/ready", scripts)], hook=say_what_was_loaded
        )
        with crawling.start(plan) as process:
            crawled = crawling.finish(process)
    assert crawled.outcome("x") == ("recorded", "")
    assert crawled.stderr == f"{scripts is True}\n"


def test_a_browser_that_does_not_start_is_told(tmp_path: Path) -> None:
    own = replace(crawling.settings(tmp_path), browser=Path("/bin/false"))
    with serving(ANSWERS) as server:
        crawled = crawling.crawl(own, [scripted(name, f"{server.url}/{name}") for name in ("shell", "moved")])
    assert {outcome for _, outcome, _ in crawled.told} == {"unreachable"}
    assert all(detail.startswith("the browser does not start: ") for _, _, detail in crawled.told)
    assert (crawled.error, crawled.stderr) == ("", "")
