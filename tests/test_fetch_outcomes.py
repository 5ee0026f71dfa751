"""Every way in which a fetch can end: a row with its outcome and a reason, whatever the host does."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from archive import store
from archive.snapshots import body
from crawler import settings as scrapy_settings
from tests import crawling
from tests.crawling import Crawled, declared, page
from tests.servers import HTML, Answer, Given, Raw, Server, drip, flood, raw, redirect, serving, serving_tls

MB = 1024 * 1024
LIMIT = 2 * MB
QUICK = {"DOWNLOAD_MAXSIZE": LIMIT, "DOWNLOAD_TIMEOUT": 1.5}
GOOD = page("We may use what you write to train our models.")
NAMES = {"nowhere.test": ["no number"], "inside.test": ["10.0.0.1"], "loopback.test": ["127.0.0.1"]}


LATIN = "<main><p>Wir dürfen Ihre Einträge verwenden, um Sprachmodelle zu üben.</p></main>".encode("latin-1")
ANSWERS: dict[str, Given] = {
    "/good": Answer(GOOD),
    "/401": Answer(b"who are you?", 401),
    "/403": Answer(b"<h1>Forbidden</h1>", 403),
    "/404": Answer(b"<h1>Not found</h1>", 404),
    "/410": Answer(b"", 410),
    "/429": Answer(b"slow down", 429, {"Retry-After": "1"}),
    "/500": Answer(b"oops", 500),
    "/304": Answer(b"", 304),
    "/204": Answer(b"", 204, {}),
    "/wall": Answer(b"<main><p>Just a moment</p></main>", 200, HTML | {"cf-mitigated": "challenge"}),
    "/loop": redirect("/loop"),
    "/moved": redirect("/good", 301),
    "/to-file": redirect("file:///etc/passwd"),
    "/to-data": redirect("data:text/html,<main><p>Hello</p></main>"),
    "/to-cloud": redirect("http://169.254.169.254/latest/meta-data/"),
    "/to-private": redirect("http://10.0.0.1/"),
    "/to-name": redirect("http://inside.test/"),
    "/to-credentials": redirect("http://user:secret@127.0.0.1/"),
    "/to-nonsense": redirect("http://[oops"),
    "/to-nothing": Answer(b"", 302, {}),
    "/refresh": Answer(b'<meta http-equiv="refresh" content="0; url=/good">'),
    "/reload": Answer(b'<meta http-equiv="refresh" content="60; url=/reload">' + GOOD),
    "/large": flood(b"Content-Length: 52428800\r\n", 50 * MB),
    "/endless": flood(b"", 50 * MB),
    "/bomb": Answer(gzip.compress(bytes(10 * MB)), 200, HTML | {"Content-Encoding": "gzip"}),
    "/not-gzip": Answer(b"<main>plain</main>", 200, HTML | {"Content-Encoding": "gzip"}),
    "/truncated": raw(b"Content-Length: 500\r\n\r\n<main><p>Only the beg"),
    "/truncated-chunks": raw(b"Transfer-Encoding: chunked\r\n\r\n40\r\n<main><p>Only the beg"),
    "/hang-up": raw(head=b""),
    "/garbage": raw(head=b"\x00\x01 this is no HTTP at all \x1b[31m\r\n\r\n"),
    "/drip": Raw(drip),
    "/broken-utf-8": Answer(GOOD.replace(b"train", b"tr\xffain")),
    "/unknown-charset": Answer(GOOD, 200, {"Content-Type": "text/html; charset=klingon"}),
    "/latin": Answer(LATIN, 200, {"Content-Type": "text/html; charset=iso-8859-1"}),
    "/binary": Answer(bytes(range(256)) * 40),
    "/png": Answer(b"\x89PNG\r\n\x1a\n" + bytes(500)),
    "/empty": Answer(b""),
    "/no-match": Answer(b"<article><p>Elsewhere</p></article>"),
    "/no-type": Answer(GOOD, 200, {}),
    "/odd-type": Answer(GOOD, 200, {"Content-Type": "html; ; charset=\xe9"}),
    "/odd-headers": Answer(GOOD, 200, HTML | {"X-Ort": "München \xa7", "ETag": '"\xfc"'}),
    "/no-colon": raw(b"this header has no colon\r\nContent-Length: %d\r\n\r\n" % len(GOOD), GOOD),
}
EXPECTED = {
    "good": ("recorded", ""),
    "last": ("recorded", ""),
    "401": ("blocked", "the page asks for a log-in (401)"),
    "403": ("blocked", "access is refused (403)"),
    "404": ("unreachable", "there is no page at this address (404)"),
    "410": ("unreachable", "the page is gone (410)"),
    "429": ("blocked", "the host asks for fewer requests (429)"),
    "500": ("unreachable", "the server failed (500)"),
    "304": ("unreachable", "the answer is of no use (304)"),
    "204": ("unextractable", "the answer is empty (204)"),
    "wall": ("blocked", "a bot wall answered (Cloudflare: cf-mitigated)"),
    "loop": ("unreachable", "redirected too many times"),
    "moved": ("recorded", ""),
    "to-file": ("refused", "redirected to file:, but only http and https are fetched"),
    "to-data": ("refused", "redirected to data:, but only http and https are fetched"),
    "to-cloud": ("refused", "169.254.169.254 is not a public address"),
    "to-private": ("refused", "10.0.0.1 is not a public address"),
    "to-name": ("refused", "inside.test is at 10.0.0.1, which is not a public address"),
    "to-credentials": ("refused", "an address with a user name or password in it is not fetched"),
    "to-nonsense": ("unreachable", "the address, or one it leads to, is not valid"),
    "to-nothing": ("unreachable", "the answer is of no use (302)"),
    "to-neighbour": ("refused", "127.0.0.2 is not a public address"),
    "refresh": ("recorded", ""),
    "reload": ("recorded", ""),
    "large": ("suspect", "the page is too large"),
    "endless": ("suspect", "the page is too large"),
    "bomb": ("suspect", "the page is too large when unpacked"),
    "not-gzip": ("unreachable", "the answer cannot be unpacked"),
    "truncated": ("unreachable", "the answer broke off"),
    "truncated-chunks": ("unreachable", "the answer broke off"),
    "hang-up": ("unreachable", "the connection broke off"),
    "garbage": ("unreachable", "the answer is not HTTP"),
    "drip": ("unreachable", "no complete answer in time"),
    "broken-utf-8": ("recorded", ""),
    "unknown-charset": ("recorded", ""),
    "latin": ("recorded", ""),
    "binary": ("unextractable", "the file is said to be text/html, but is binary data"),
    "png": ("unextractable", "the file is said to be text/html, but is a PNG image"),
    "empty": ("unextractable", "the answer is empty (200)"),
    "no-type": ("recorded", ""),
    "odd-type": ("recorded", ""),
    "odd-headers": ("recorded", ""),
    "no-colon": ("recorded", ""),
    "ftp": ("refused", "only http and https are fetched, not ftp:"),
    "file": ("refused", "only http and https are fetched, not file:"),
    "not-found": ("unreachable", "the host was not found when asked for robots.txt"),
    "closed": ("unreachable", "the host refuses connections when asked for robots.txt"),
    "self-signed": ("unreachable", "the TLS certificate is not valid for this host when asked for robots.txt"),
    "no-tls": ("unreachable", "no TLS connection can be made when asked for robots.txt"),
    "by-name": ("recorded", ""),
    "robots": ("refused", "robots.txt asks not to fetch this page"),
    "robots-503": ("unreachable", "the server failed (503) when asked for robots.txt"),
    "robots-broken": ("unreachable", "the connection broke off when asked for robots.txt"),
    "robots-403": ("recorded", ""),
    "robots-away": ("refused", "127.0.0.2 is not a public address"),
    "robots-moved": ("refused", "robots.txt asks not to fetch this page"),
}
ROBOTS: dict[str, Given] = {  # what each host of its own says about robots
    "robots": Answer(b"User-agent: smallprint\nDisallow: /page\n\nUser-agent: *\nAllow: /\n", 200, {}),
    "robots-503": Answer(b"", 503),
    "robots-broken": raw(head=b""),
    "robots-403": Answer(b"User-agent: *\nDisallow: /\n", 403),
    "robots-moved": redirect("/rules.txt"),
}


@dataclass(frozen=True)
class World:
    """One crawl of everything."""

    crawled: Crawled
    archive: Path
    server: Server
    neighbour: Server
    hosts: dict[str, Server]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("outcomes")
    with ExitStack() as stack:
        neighbour = stack.enter_context(serving({"/": Answer(GOOD)}, host="127.0.0.2"))
        answers = {**ANSWERS, "/to-neighbour": redirect(f"{neighbour.url}/")}
        server = stack.enter_context(serving(answers))
        tls = stack.enter_context(serving_tls({"/": Answer(GOOD)}, folder))
        rules = {**ROBOTS, "robots-away": redirect(f"{neighbour.url}/robots.txt")}
        hosts = {name: stack.enter_context(serving(_host(answer))) for name, answer in rules.items()}
        elsewhere = [
            declared("ftp", "ftp://127.0.0.1/policy"),
            declared("file", "file:///etc/hostname"),
            declared("not-found", "http://nowhere.test/"),
            declared("closed", f"http://127.0.0.1:{_free_port()}/"),
            declared("self-signed", f"{tls.url}/"),
            declared("no-tls", server.url.replace("http:", "https:") + "/good"),
            declared("by-name", f"http://loopback.test:{server.server_port}/good"),
        ]
        here = [declared(path.removeprefix("/"), server.url + path) for path in answers]
        ruled = [declared(name, f"{host.url}/page") for name, host in hosts.items()]
        own = replace(crawling.settings(folder), browser=False)
        every = [*here, *elsewhere, *ruled, declared("last", f"{server.url}/good")]
        crawled = crawling.crawl(own, every, scrapy=QUICK, names=NAMES)
        yield World(crawled, own.archive, server, neighbour, hosts)


def _host(robots: Given) -> dict[str, Given]:
    rules = Answer(b"User-agent: *\nDisallow: /page\n", 200, {})
    return {"/robots.txt": robots, "/rules.txt": rules, "/page": Answer(GOOD)}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize("name", EXPECTED)
def test_every_end_is_told_and_recorded_with_its_reason(world: World, name: str) -> None:
    row = crawling.fetches(world.archive)[name]
    assert (row["outcome"], row["detail"]) == EXPECTED[name]
    assert world.crawled.outcome(name) == EXPECTED[name]


def test_a_selector_that_matches_nothing_is_unextractable(world: World) -> None:
    outcome, detail = world.crawled.outcome("no-match")
    assert outcome == "unextractable"
    assert "main" in detail


def test_all_documents_are_told_once_and_nothing_is_raised_or_printed(world: World) -> None:
    assert sorted(kind for kind, _, _ in world.crawled.told) == sorted([*EXPECTED, "no-match"])
    assert (world.crawled.error, world.crawled.stderr, world.crawled.finished) == ("", "", True)


def test_no_row_is_left_unread(world: World) -> None:
    assert crawling.rows(world.archive, "SELECT id FROM fetches WHERE outcome = 'fetched'") == []


def test_forbidden_places_are_never_asked(world: World) -> None:
    assert world.neighbour.asked == []


def test_a_page_that_robots_may_not_see_is_never_asked_for(world: World) -> None:
    asked = {name: host.paths() for name, host in world.hosts.items()}
    again = ["/robots.txt"] * 2  # once more after a failure
    assert asked == {
        "robots": ["/robots.txt"],
        "robots-503": again,
        "robots-broken": again,
        "robots-403": ["/robots.txt", "/page"],
        "robots-moved": ["/robots.txt", "/rules.txt"],
        "robots-away": ["/robots.txt"],
    }


def test_robots_is_asked_for_once_in_a_crawl(world: World) -> None:
    hosts = {asked.headers["host"] for asked in world.server.requests("/robots.txt")}
    assert len(world.server.requests("/robots.txt")) == len(hosts) == 2  # by number and by name


def test_the_user_agent_says_who_we_are_and_how_to_reach_us(world: World) -> None:
    agents = {asked.headers["user-agent"] for asked in world.server.asked}
    (agent,) = agents
    assert agent.startswith("smallprint/")
    assert crawling.CONTACT in agent


def test_only_failures_that_may_pass_are_tried_again(world: World) -> None:
    tried = {path: len(world.server.requests(path)) for path in ("/429", "/403", "/404", "/500", "/truncated")}
    assert tried == {"/429": 2, "/403": 1, "/404": 1, "/500": 2, "/truncated": 2}


def test_a_large_page_is_left_early(world: World) -> None:
    assert world.server.sent < 50 * MB


def test_the_bounds_of_a_real_crawl() -> None:
    assert scrapy_settings.DOWNLOAD_MAXSIZE == 20 * MB
    assert scrapy_settings.DOWNLOAD_TIMEOUT == 60


@pytest.mark.parametrize(("name", "sent"), [("403", b"<h1>Forbidden</h1>"), ("500", b"oops"), ("good", GOOD)])
def test_the_bytes_of_every_answer_are_kept(world: World, name: str, sent: bytes) -> None:
    row = crawling.fetches(world.archive)[name]
    with store.reading(world.archive) as db:
        assert body(db, row["snapshot_id"]) == sent
    assert row["status"] == (200 if name == "good" else int(name))
    assert row["final_url"] == f"{world.server.url}/{name}"


def test_headers_are_kept_as_sent(world: World) -> None:
    headers = dict(json.loads(crawling.fetches(world.archive)["odd-headers"]["headers"]))
    assert headers["X-Ort"] == "München \xa7"


def test_the_address_after_a_redirect_is_kept(world: World) -> None:
    rows = crawling.fetches(world.archive)
    for name in ("moved", "refresh"):
        assert rows[name]["url"] == f"{world.server.url}/{name}"
        assert rows[name]["final_url"] == f"{world.server.url}/good"


def test_the_letters_of_an_old_encoding_are_read(world: World) -> None:
    sql = "SELECT text FROM passages WHERE text LIKE 'Wir %'"
    assert [row["text"] for row in crawling.rows(world.archive, sql)] == [
        "Wir dürfen Ihre Einträge verwenden, um Sprachmodelle zu üben."
    ]


def test_no_answer_can_write_to_the_terminal(world: World) -> None:
    details = "".join(row["detail"] for row in crawling.rows(world.archive, "SELECT detail FROM fetches"))
    assert details.isprintable()
