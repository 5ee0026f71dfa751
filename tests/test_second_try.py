"""A page that came as a wall is asked for once more where a browser may bring it; then the document is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archive.words import Document
from crawler.reading import INCOMPLETE
from tests import crawling
from tests.crawling import Crawled, declared, page, rows
from tests.servers import HTML, Answer, Given, Server, serving

if TYPE_CHECKING:
    import scrapy

    from crawler.spiders.documents import DocumentsSpider
    from crawler.visit import Visit

GOOD = page("We may use what you write to train our models.")
SHELL = b"<noscript>You need to enable JavaScript to run this app.</noscript><main></main><script src=/a.js></script>"
LOGIN = b"<title>Log in</title><main><h1>Log in</h1><form><input type=password></form></main>"
MITIGATED = HTML | {"cf-mitigated": "challenge"}
ANSWERS: dict[str, Given] = {
    "/good": Answer(GOOD),
    "/shell": Answer(SHELL),
    "/shell/in-browser": Answer(GOOD),
    "/challenge": Answer(b"<title>Just a moment...</title>", 403, MITIGATED),
    "/challenge/in-browser": Answer(GOOD),
    "/stubborn": Answer(SHELL),
    "/stubborn/in-browser": Answer(b"<title>Just a moment...</title>", 403, MITIGATED),
    "/still": Answer(SHELL),
    "/still/in-browser": Answer(SHELL),
    "/login": Answer(LOGIN),
    "/gone": Answer(b"", 404),
}
CHALLENGED = "a bot wall answered (Cloudflare: cf-mitigated)"
ASKED = "the page asks to enable JavaScript: “You need to enable JavaScript to run this app.”"


def a_second_path() -> None:
    """Stands in for a browser: another path, once for each page."""
    import scrapy

    from crawler.spiders.documents import DocumentsSpider

    tried = set[tuple[Document, int]]()

    def with_browser(self: DocumentsSpider, visit: Visit) -> scrapy.Request | None:
        if (visit.declaration.document, visit.part) in tried:
            return None
        tried.add((visit.declaration.document, visit.part))
        told = {"declaration": visit.declaration, "part": visit.part}
        return scrapy.Request(
            f"{visit.fetch.url}/in-browser",
            callback=self.answered,
            errback=self.failed,
            dont_filter=True,
            cb_kwargs=told,
        )

    DocumentsSpider.with_browser = with_browser  # type: ignore[method-assign]


@dataclass(frozen=True)
class World:
    """One crawl of everything."""

    crawled: Crawled
    archive: Path
    server: Server

    def fetches(self, name: str) -> list[tuple[int, str, str]]:
        """Part, outcome and detail of each fetch of a document, in order."""
        sql = """SELECT part, outcome, detail FROM fetches JOIN documents ON documents.id = document_id
                 WHERE type = ? ORDER BY fetches.id"""
        return [(row["part"], row["outcome"], row["detail"]) for row in rows(self.archive, sql, name)]

    def told(self, name: str) -> list[list[str]]:
        """Outcome and detail of each visit that was told."""
        return [ended for kind, *ended in self.crawled.told if kind == name]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    own = crawling.settings(tmp_path_factory.mktemp("second"))
    with serving(ANSWERS) as server:
        pages = {name: f"{server.url}/{name}" for name in ("shell", "challenge", "stubborn", "still", "login")}
        every = [declared(name, url) for name, url in pages.items()]
        every.append(declared("several", *(f"{server.url}/{name}" for name in ("good", "shell", "challenge"))))
        every.append(declared("half", *(f"{server.url}/{name}" for name in ("good", "stubborn"))))
        every.append(declared("lost", *(f"{server.url}/{name}" for name in ("shell", "gone"))))
        crawled = crawling.crawl(own, every, hook=a_second_path)
        yield World(crawled, own.archive, server)


@pytest.mark.parametrize(
    ("name", "outcome", "detail"), [("shell", "unextractable", ASKED), ("challenge", "blocked", CHALLENGED)]
)
def test_the_second_answer_is_read_and_the_first_keeps_its_row(
    world: World, name: str, outcome: str, detail: str
) -> None:
    assert world.fetches(name) == [(0, outcome, detail), (0, "recorded", "")]
    assert world.told(name) == [["recorded", ""]]


def test_where_the_second_try_fails_too_its_reason_is_told(world: World) -> None:
    assert world.fetches("stubborn") == [(0, "unextractable", ASKED), (0, "blocked", CHALLENGED)]
    assert world.told("stubborn") == [["blocked", CHALLENGED]]
    assert world.fetches("still") == [(0, "unextractable", ASKED)] * 2
    assert world.told("still") == [["unextractable", ASKED]]


def test_a_log_in_is_not_tried_again(world: World) -> None:
    assert world.told("login") == [["blocked", "the page is a log-in form: “Log in”"]]
    assert world.server.requests("/login/in-browser") == []


def test_a_document_of_several_pages_is_read_when_all_second_answers_are_there(world: World) -> None:
    by_part = sorted(world.fetches("several"))
    assert by_part == [
        (0, "recorded", ""),
        (1, "recorded", ""),
        (1, "unextractable", ASKED),
        (2, "blocked", CHALLENGED),
        (2, "recorded", ""),
    ]
    assert world.told("several") == [["recorded", ""]] * 3
    (version,) = rows(world.archive, "SELECT passages FROM versions WHERE document_id = (SELECT id FROM documents "
                      "WHERE type = 'several')")  # fmt: skip
    assert version["passages"] == 3


def test_the_good_page_of_a_document_waits_where_the_other_stays_bad(world: World) -> None:
    assert sorted(world.told("half")) == [["blocked", CHALLENGED], ["fetched", INCOMPLETE]]


def test_nothing_is_tried_again_where_another_page_is_missing_anyway(world: World) -> None:
    assert sorted(world.told("lost")) == [
        ["fetched", INCOMPLETE],
        ["unreachable", "there is no page at this address (404)"],
    ]


def test_every_document_is_told_once_and_nothing_goes_wrong(world: World) -> None:
    assert (world.crawled.error, world.crawled.stderr, world.crawled.finished) == ("", "", True)
    assert len(world.crawled.told) == 12


def test_without_a_browser_the_first_answer_is_told(tmp_path: Path) -> None:
    with serving(ANSWERS) as server:
        crawled = crawling.crawl(crawling.settings(tmp_path), [declared("shell", f"{server.url}/shell")])
    assert crawled.told == [["shell", "unextractable", ASKED]]
    assert "/shell/in-browser" not in server.paths()
