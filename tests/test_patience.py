"""What a crawl does where a host asks it to wait: a short while is waited for, a long one leaves the host alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import crawling
from tests.crawling import Crawled, declared, page
from tests.servers import HTML, Answer, Asked, Given, Server, serving

PAUSE = 1.0
GOOD = Answer(page("We may use what you write to train our models."))
HOSTS = ("short", "again", "long", "busy", "flaky", "odd")
HOUR = "3600"


def once(answer: Answer) -> Callable[[Asked], Answer]:
    """This answer, and then the page."""
    given = iter([answer])
    return lambda asked: next(given, GOOD)


def told_to_wait(status: int, header: str) -> Answer:
    """An answer that asks us to come back later."""
    return Answer(b"later", status, HTML | {"Retry-After": header})


ANSWERS: Mapping[str, Given] = {
    "/short/1": once(told_to_wait(429, "1")),
    "/short/2": GOOD,
    "/again/1": told_to_wait(503, "1"),
    "/again/2": GOOD,
    "/long/1": told_to_wait(429, HOUR),
    "/long/2": GOOD,
    "/long/3": GOOD,
    "/busy/1": told_to_wait(503, HOUR),
    "/busy/2": GOOD,
    "/flaky/1": once(Answer(b"oops", 500)),
    "/odd/1": told_to_wait(404, HOUR),
    "/odd/2": told_to_wait(429, "soon"),
    "/odd/3": GOOD,
}


@dataclass(frozen=True)
class World:
    """One crawl of hosts that want to be left alone in many ways. A host is a name for our one server."""

    crawled: Crawled
    archive: Path
    server: Server

    def asked(self, path: str) -> int:
        """How often a path was asked for."""
        return len(self.server.requests(path))

    def began(self, path: str, number: int = 0) -> float:
        """When a request for the path came."""
        return self.server.requests(path)[number].began


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("patience")
    with serving(ANSWERS) as server:
        names = {f"{host}.test": ["127.0.0.1"] for host in HOSTS}
        every = [declared(path, f"http://{_host(path)}.test:{server.server_port}{path}") for path in ANSWERS]
        crawled = crawling.crawl(crawling.settings(folder), every, names=names, scrapy={"RETRY_PAUSE": PAUSE})
        assert (crawled.finished, crawled.error, crawled.stderr) == (True, "", "")
        yield World(crawled, folder / "a.db", server)


def _host(path: str) -> str:
    return path.split("/")[1]


def test_a_short_wait_is_kept_and_then_the_page_is_read(world: World) -> None:
    assert world.crawled.outcome("/short/1") == ("recorded", "")
    assert world.asked("/short/1") == 2
    assert world.began("/short/1", 1) - world.began("/short/1") >= 1


def test_the_other_pages_of_the_host_wait_too(world: World) -> None:
    assert world.crawled.outcome("/short/2") == ("recorded", "")
    assert world.began("/short/2") - world.began("/short/1") >= 1


def test_a_host_is_waited_for_once(world: World) -> None:
    assert world.crawled.outcome("/again/1") == ("unreachable", "the server failed (503)")
    assert world.asked("/again/1") == 2
    assert world.crawled.outcome("/again/2") == ("recorded", "")


@pytest.mark.parametrize(
    ("path", "outcome", "why"),
    [
        ("/long/1", "blocked", "the host asks for fewer requests (429)"),
        ("/busy/1", "unreachable", "the server failed (503)"),
    ],
)
def test_a_long_wait_is_told_and_kept(world: World, path: str, outcome: str, why: str) -> None:
    result, detail = world.crawled.outcome(path)
    assert (result, detail.partition("; it asks to come back after 2")[0]) == (outcome, why)
    assert detail.endswith(" UTC")
    assert world.asked(path) == 1
    headers = dict(json.loads(crawling.fetches(world.archive)[path]["headers"]))
    assert headers["Retry-After"] == HOUR


@pytest.mark.parametrize(
    ("path", "outcome", "why"),
    [
        ("/long/2", "blocked", "not asked for: the host asks for fewer requests (429)"),
        ("/long/3", "blocked", "not asked for: the host asks for fewer requests (429)"),
        ("/busy/2", "unreachable", "not asked for: the server failed (503)"),
    ],
)
def test_a_host_that_wants_a_long_wait_is_left_alone(world: World, path: str, outcome: str, why: str) -> None:
    result, detail = world.crawled.outcome(path)
    assert result == outcome
    assert detail.startswith(f"{why} and wants to be left alone until ")
    assert world.asked(path) == 0


def test_the_second_try_after_a_failure_comes_after_a_pause(world: World) -> None:
    assert world.crawled.outcome("/flaky/1") == ("recorded", "")
    assert world.began("/flaky/1", 1) - world.began("/flaky/1") >= PAUSE


def test_retry_after_elsewhere_or_in_no_known_form_says_nothing(world: World) -> None:
    assert world.crawled.outcome("/odd/1") == ("unreachable", "there is no page at this address (404)")
    assert world.crawled.outcome("/odd/2") == ("blocked", "the host asks for fewer requests (429)")
    assert world.crawled.outcome("/odd/3") == ("recorded", "")
    assert (world.asked("/odd/1"), world.asked("/odd/2")) == (1, 1)
