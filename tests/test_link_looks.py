"""The looks at links to refuse, in whole crawls against real servers."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from archive import links, store
from archive.places import RULES
from archive.settings import Settings
from crawler.declaration import Declaration
from diffing import rules
from diffing import run as diffing
from tests import crawling
from tests.builders import AT_ONCE
from tests.commands import smallprint
from tests.crawling import Crawled, Plan, Row, declared, page
from tests.servers import HTML, Answer, Given, Raw, Server, Writer, redirect, serving
from tests.watching import configured

MB = 1024 * 1024
NAMES = {"nowhere.test": ["no number"], "inside.test": ["10.0.0.1"], "busy.test": ["no number"]}
LOGIN = b"<title>Log in</title><main><h1>Log in</h1><form><input type=password></form></main>"
PAGE = Answer(page("Here you can object. Tell us which of your notes you mean, and we leave them out from then on."))
FORM = ("We use what you write to train our AI models.", 'If you object to this, <a href="{}">use this form</a>.')


def giving(*addresses: str) -> Answer:
    """A document that gives these links to refuse."""
    lines = [FORM[1].format(address) for address in addresses]
    return Answer(page(FORM[0], *(f"{line} This is way number {n}." for n, line in enumerate(lines))))


def compare(archive: Path) -> None:
    """The second stage of a run."""
    with store.writing(archive) as db:
        for _ in diffing.diff(db, rules.load(RULES), AT_ONCE):
            pass


def a_day_passes(archive: Path) -> None:
    """The looks at links are a day older."""
    with store.writing(archive) as db:
        db.execute("UPDATE link_looks SET looked_at = strftime('%Y-%m-%dT%H:%M:%SZ', looked_at, '-1 day')")


def looked(archive: Path) -> list[Row]:
    """Every look at a link, with the type of its document."""
    return crawling.rows(
        archive, "SELECT type, link_looks.* FROM link_looks JOIN documents ON documents.id = document_id ORDER BY id"
    )


def crawl(own: Settings, *documents: Declaration, **more: Any) -> Crawled:
    done = crawling.crawl(own, documents, **more)
    assert (done.finished, done.error, done.stderr) == (True, "", "")
    return done


# --- how a look ends -----------------------------------------------------------------------------------------------

ANSWERS: dict[str, Given] = {
    "/alive": PAGE,
    "/moved": redirect("/alive", 301),
    "/pdf": Answer(b"%PDF-1.4 a form", 200, {"Content-Type": "application/pdf"}),
    "/nothing": Answer(b"", 204, {}),
    "/scripts": Answer(b"<title>Quillo</title><noscript>Please enable JavaScript</noscript><script>go()</script>"),
    "/login": Answer(LOGIN),
    "/to-login": redirect("/login"),
    "/401": Answer(b"who are you?", 401, HTML | {"WWW-Authenticate": "Basic"}),
    "/403-login": Answer(LOGIN, 403),
    "/404": Answer(b"<h1>Not found</h1>", 404),
    "/404-moved": redirect("/404"),
    "/410": Answer(b"", 410),
    "/loop": redirect("/loop"),
    "/404-as-200": Answer(b"<title>Page not found</title><main><h1>Page not found</h1><p>Sorry.</p></main>"),
    "/500-as-200": Answer(b"<title>Quillo</title><main><h1>Something went wrong</h1><p>Sorry.</p></main>"),
    "/401-bare": Answer(b"no", 401),
    "/403": Answer(b"<h1>Forbidden</h1>", 403),
    "/405": Answer(b"POST only", 405),
    "/429": Answer(b"slow down", 429),
    "/451": Answer(b"", 451),
    "/500": Answer(b"oops", 500),
    "/wall": Answer(b"<main><p>Just a moment</p></main>", 200, HTML | {"cf-mitigated": "challenge"}),
    "/404-wall": Answer(b"", 404, HTML | {"cf-mitigated": "challenge"}),
    "/just-a-moment": Answer(b"<title>Just a moment...</title><main><p>Checking your browser</p></main>"),
    "/no-robots": PAGE,
    "/to-private": redirect("http://10.0.0.1/settings"),
    "/to-file": redirect("file:///etc/passwd"),
    "/to-credentials": redirect("http://user:secret@127.0.0.1/"),
    "/large": Answer(bytes(2 * MB)),
    "/to-nowhere": redirect("http://nowhere.test/form"),
    "/odd": Answer(b"", 418, HTML | {"X-Ort": "M\xfcnchen \x1b[31m"}),
}
ELSEWHERE = {
    "nowhere": "http://nowhere.test/form",
    "busy": "http://busy.test/form",
    "inside": "http://inside.test/form",
    "neighbour": "http://127.0.0.2/form",
    "no-name": "http://a..test/form",
}
EXPECTED = {
    "alive": ("alive", "", 200),
    "moved": ("alive", "", 200),
    "pdf": ("alive", "", 200),
    "nothing": ("alive", "", 204),
    "scripts": ("alive", "", 200),
    "login": ("alive", "", 200),
    "to-login": ("alive", "", 200),
    "401": ("alive", "", 401),
    "403-login": ("alive", "", 403),
    "404": ("dead", "there is no page at this address (404)", 404),
    "404-moved": ("dead", "there is no page at this address (404)", 404),
    "410": ("dead", "the page is gone (410)", 410),
    "loop": ("dead", "redirected too many times", None),
    "404-as-200": ("dead", "an error page: “Page not found”", 200),
    "nowhere": ("dead", "the name nowhere.test does not exist", None),
    "to-nowhere": ("dead", "the name nowhere.test does not exist", None),
    "500-as-200": ("unknown", "an error page: “Something went wrong”", 200),
    "401-bare": ("unknown", "the page asks for a log-in (401)", 401),
    "403": ("unknown", "access is refused (403)", 403),
    "405": ("unknown", "the answer is of no use (405)", 405),
    "429": ("unknown", "the host asks for fewer requests (429)", 429),
    "451": ("unknown", "withheld for legal reasons (451)", 451),
    "500": ("unknown", "the server failed (500)", 500),
    "wall": ("unknown", "a bot wall answered (Cloudflare: cf-mitigated)", 200),
    "404-wall": ("unknown", "a bot wall answered (Cloudflare: cf-mitigated)", 404),
    "just-a-moment": ("unknown", "a bot wall answered: “Just a moment...”", 200),
    "no-robots": ("unknown", "robots.txt asks not to fetch this page", None),
    "to-private": ("unknown", "10.0.0.1 is not a public address", None),
    "to-file": ("unknown", "redirected to file:, but only http and https are fetched", 302),
    "to-credentials": ("unknown", "an address with a user name or password in it is not fetched", None),
    "large": ("unknown", "the page is too large", None),
    "odd": ("unknown", "the answer is of no use (418)", 418),
    "busy": ("unknown", "the host was not found when asked for robots.txt", None),
    "inside": ("unknown", "inside.test is at 10.0.0.1, which is not a public address", None),
    "no-name": ("unknown", "the host was not found when asked for robots.txt", None),
    "neighbour": ("unknown", "127.0.0.2 is not a public address", None),
}


def no_network_for_busy() -> None:
    """A name that nobody can be asked about at present."""
    known = socket.getaddrinfo

    def getaddrinfo(host: str, *more: Any) -> Any:
        if host == "busy.test":
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return known(host, *more)

    socket.getaddrinfo = getaddrinfo


@dataclass(frozen=True)
class World:
    """Two crawls: in the first the documents are recorded, in the second their links are looked at."""

    archive: Path
    server: Server
    told: Crawled
    asked: Mapping[str, int]

    def look(self, name: str) -> Row:
        """The only look at the link of this document."""
        (row,) = [row for row in looked(self.archive) if row["type"] == name]
        return row


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    own = replace(crawling.settings(tmp_path_factory.mktemp("looks")), browser=False)
    with serving(ANSWERS | {"/robots.txt": Answer(b"User-agent: *\nDisallow: /no-robots\n", 200, {})}) as server:
        given = {path.removeprefix("/"): server.url + path for path in ANSWERS} | ELSEWHERE
        server.answers |= {f"/giving/{name}": giving(address) for name, address in given.items()}
        every = [declared(name, f"{server.url}/giving/{name}") for name in given]
        crawl(own, *every)
        compare(own.archive)
        before = len(server.asked)
        bounds = {"DOWNLOAD_MAXSIZE": MB, "RETRY_TIMES": 0}
        told = crawl(own, *every, names=NAMES, scrapy=bounds, hook=no_network_for_busy)
        paths = [asked.path for asked in server.asked[before:]]
        yield World(own.archive, server, told, {path: paths.count(path) for path in paths})


@pytest.mark.parametrize("name", EXPECTED)
def test_how_a_look_ends(world: World, name: str) -> None:
    row = world.look(name)
    assert (row["outcome"], row["detail"], row["status"]) == EXPECTED[name]


def test_every_link_was_looked_at_once(world: World) -> None:
    assert sorted(row["type"] for row in looked(world.archive)) == sorted(EXPECTED)
    assert world.asked["/alive"] == 2  # by a link, and by one that leads there
    assert world.asked["/404"] == 2


def test_a_link_that_robots_may_not_see_is_never_asked_for(world: World) -> None:
    assert "/no-robots" not in world.asked
    assert world.asked["/robots.txt"] == 1


def test_links_come_after_the_documents(world: World) -> None:
    paths = [asked.path for asked in world.server.asked][-sum(world.asked.values()) :]
    first = min(paths.index(path) for path in ANSWERS if path in paths)
    assert all(not path.startswith("/giving/") for path in paths[first:])


def test_documents_are_told_and_links_are_not(world: World) -> None:
    assert {kind: outcome for kind, outcome, _ in world.told.told} == dict.fromkeys(EXPECTED, "unchanged")


def test_looks_at_links_are_no_fetches(world: World) -> None:
    assert len(crawling.rows(world.archive, "SELECT id FROM fetches")) == 2 * len(EXPECTED)


def test_the_user_agent_says_who_we_are(world: World) -> None:
    assert all(crawling.CONTACT in asked.headers["user-agent"] for asked in world.server.asked)


def test_one_look_makes_no_link_dead(world: World) -> None:
    with store.reading(world.archive) as db:
        assert links.dead(db) == []


# --- over time -----------------------------------------------------------------------------------------------------


def test_a_link_is_dead_after_two_looks_and_alive_again_after_one(tmp_path: Path) -> None:
    own, archive = crawling.settings(tmp_path), tmp_path / "a.db"
    with serving({"/privacy": giving("/form", "/form#here"), "/terms": giving("/form")}) as server:
        privacy, terms = (declared(name, f"{server.url}/{name}") for name in ("privacy", "terms"))
        crawl(own, privacy, terms)
        assert looked(archive) == []  # nobody has read yet what the documents say
        compare(archive)
        crawl(own, privacy, terms)
        assert [(row["type"], row["outcome"]) for row in looked(archive)] == [("privacy", "dead"), ("terms", "dead")]
        assert len(server.requests("/form")) == 1  # for both
        crawl(own, privacy, terms)
        assert len(looked(archive)) == 2  # not due again
        a_day_passes(archive)
        crawl(own, privacy)
        assert [row["type"] for row in looked(archive)] == ["privacy", "terms", "privacy"]  # what is crawled alone
        assert dead(archive) == ["privacy"]
        server.answers["/form"] = Answer(LOGIN, 401, HTML | {"WWW-Authenticate": "Basic"})
        a_day_passes(archive)
        crawl(own, privacy, terms)
        assert dead(archive) == []
        assert [row["outcome"] for row in looked(archive)] == ["dead"] * 3 + ["alive"] * 2


def dead(archive: Path) -> list[str]:
    """The documents that give a dead link."""
    with store.reading(archive) as db:
        return [one.document for one in links.dead(db)]


def test_a_host_that_wants_to_be_left_alone_is_not_asked(tmp_path: Path) -> None:
    own, busy = crawling.settings(tmp_path), Answer(b"", 503, {"Retry-After": "3600"})
    with serving() as server, serving({"/help": busy}) as host:
        elsewhere = host.url.replace("127.0.0.1", "localhost")
        server.answers["/privacy"] = giving(f"{elsewhere}/form", "/form")
        privacy = declared("privacy", f"{server.url}/privacy")
        crawl(own, privacy, declared("help", f"{elsewhere}/help"))
        compare(own.archive)
        crawl(own, privacy)
        assert [row["url"] for row in looked(own.archive)] == [f"{server.url}/form"]
        assert host.paths() == ["/robots.txt", "/help"]


def test_hostile_links_are_never_looked_at(tmp_path: Path) -> None:
    own = crawling.settings(tmp_path)
    hostile = (
        "javascript:alert(1)",
        "data:text/html,hello",
        "file:///etc/passwd",
        "http://user:secret@127.0.0.1/",
        "http://[oops/",
        "http://127.0.0.1:99999/",
        "http://www.gantry.example/form",
        f"/{'x' * 10_000}",
        "#choices",
    )
    with serving({"/form": PAGE}) as server:
        server.answers |= {f"/{number}": giving(address, "/form") for number, address in enumerate(hostile)}
        every = [declared(f"document {number}", f"{server.url}/{number}") for number in range(len(hostile))]
        crawl(own, *every)
        compare(own.archive)
        crawl(own, *every)
        assert {row["url"] for row in looked(own.archive)} == {f"{server.url}/form"}
        assert {asked.path for asked in server.asked} == {
            "/robots.txt",
            "/form",
            *(f"/{n}" for n in range(len(hostile))),
        }


def never(out: Writer) -> None:
    """A page that does not come."""
    out.pause(60)


def test_a_crawl_that_is_killed_loses_only_the_look_under_way(tmp_path: Path) -> None:
    own = crawling.settings(tmp_path)
    answers: dict[str, Given] = {"/form": PAGE, "/other": PAGE, "/never": Raw(never)}
    with serving(answers | {"/privacy": giving("/form", "/other", "/never")}) as server:
        privacy = declared("privacy", f"{server.url}/privacy")
        crawl(own, privacy)
        compare(own.archive)
        with crawling.start(Plan(own, [privacy])) as process:
            server.wait_for("/never")
            process.send_signal(signal.SIGKILL)
            process.wait(60)
    kept = [row["url"].removeprefix(server.url) for row in looked(own.archive)]
    assert kept[:1] == ["/form"]
    assert "/never" not in kept
    assert crawling.rows(own.archive, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]


# --- as a user sees it ---------------------------------------------------------------------------------------------


def test_crawl_and_status_tell_it(tmp_path: Path) -> None:
    since = "2026-03-01T06:00:00Z"
    with serving({"/privacy": giving("/form")}) as server:
        archive = configured(tmp_path, {"Privacy Policy": f"{server.url}/privacy"})
        quiet = smallprint("crawl", cwd=tmp_path)
        compare(archive)
        with store.writing(archive) as db:
            links.keep(db, links.standing(db)[0], since, links.LinkOutcome.DEAD)
        loud = smallprint("crawl", cwd=tmp_path)
    assert (quiet.returncode, quiet.stdout) == (0, "Fetched 1 pages of 1 documents: 1 recorded.\n")
    words = "Fetched 1 pages of 1 documents: 1 unchanged. 1 link to refuse leads nowhere.\n"
    assert (loud.returncode, loud.stdout) == (0, words)
    told = smallprint("status", cwd=tmp_path)
    why = f"there is no page at this address (404) (since {since}, {server.url}/form)"
    assert told.returncode == 1
    assert f"  Gantry, Privacy Policy: the link to refuse leads nowhere: {why}\n" in told.stdout
    [row] = json.loads(smallprint("status", "--json", cwd=tmp_path).stdout)["dead_links"]
    detail = "there is no page at this address (404)"
    assert row == asdict(links.DeadLink(1, "Gantry", "Privacy Policy", "", f"{server.url}/form", since, detail))
