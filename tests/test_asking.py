"""How variants are asked for: languages, headers and proxies reach the servers they are meant for, secrets no other."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from archive.settings import Proxy, Settings
from archive.words import Document
from crawler.declaration import Declaration, Source
from tests import crawling
from tests.builders import everything_in
from tests.crawling import Crawled, page
from tests.servers import Answer, Asked, Given, Server, proxying, redirect, serving, serving_tls
from tests.servers import Proxy as Forward

LOGIN = "keeper:hunter2 ü"
SITE = "site.test"  # at loopback


def by_language(asked: Asked) -> Answer:
    """A page that speaks the language it is asked for."""
    german = asked.headers["accept-language"].startswith("de")
    return Answer(page("Wir üben keine Modelle." if german else "We train no models."))


def by_header(asked: Asked) -> Answer:
    """A page that differs by place."""
    return Answer(page(f"You are in {asked.headers.get('x-place', 'no place')}."))


ANSWERS: dict[str, Given] = {
    "/language": by_language,
    "/header": by_header,
    "/moved": redirect("/language"),
    "/away": redirect("http://10.0.0.1/"),
    "/plain": Answer(page("Hello, and welcome.")),
}


@dataclass(frozen=True)
class World:
    """One crawl of documents that are asked for in many ways."""

    crawled: Crawled
    own: Settings
    site: Server
    tls: Server
    proxy: Forward
    open_proxy: Forward

    def text(self, name: str) -> list[str]:
        """What was read of a document."""
        sql = """SELECT versions.id FROM versions JOIN documents ON documents.id = document_id WHERE type = ?"""
        (row,) = crawling.rows(self.own.archive, sql, name)
        return crawling.text(self.own.archive, row["id"])


def document(name: str, url: str, **more: object) -> Declaration:
    """A document that is asked for in its own way."""
    return Declaration(Document("Gantry", name, url), (Source(url, select=("main",)),), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("asking")
    with ExitStack() as running:
        site, proxy = running.enter_context(serving(ANSWERS)), running.enter_context(proxying(LOGIN))
        tls = running.enter_context(serving_tls({"/secret": Answer(page("A page by TLS."))}, folder))
        open_proxy = running.enter_context(proxying())
        url, ways = f"http://{SITE}:{site.server_port}", {"proxy": "frankfurt"}
        every = [
            document("German", f"{url}/language", accept_language="de-CH, de;q=0.8"),
            document("English", f"{url}/language"),
            document("Placed", f"{url}/header", headers=(("X-Place", "Zug"),)),
            document("Somewhere", f"{url}/header"),
            document("By proxy", f"{url}/moved", accept_language="de", **ways),
            document("By an open one", f"{url}/plain", proxy="open"),
            document("Away", f"{url}/away", **ways),
            document("Private", "http://10.0.0.1/", **ways),
            document("Inside", "http://inside.test/", **ways),
            document("Not found", "http://nowhere.test/", **ways),
            document("Wrong login", f"{url}/plain", proxy="wrong"),
            document("Wrong login, TLS", f"https://{SITE}:{tls.server_port}/secret", proxy="wrong"),
            document("Dead proxy", f"{url}/plain", proxy="dead"),
            document("TLS", f"https://{SITE}:{tls.server_port}/secret", **ways),
            document("Proxy itself", "http://127.0.0.1/"),
            document("Unknown", f"{url}/plain", proxy="nobody"),
        ]
        own = replace(crawling.settings(folder), proxies=_ways(proxy, open_proxy))
        names = {SITE: ["127.0.0.1"], "inside.test": ["10.0.0.1"], "nowhere.test": ["no number"]}
        more = {"DOWNLOAD_VERIFY_CERTIFICATES": False}
        crawled = crawling.crawl(own, every, names=names, scrapy=more)
        assert (crawled.finished, crawled.error, crawled.stderr) == (True, "", "")
        yield World(crawled, own, site, tls, proxy, open_proxy)


def _ways(proxy: Forward, open_proxy: Forward) -> tuple[Proxy, ...]:
    return (
        Proxy("frankfurt", f"http://keeper:hunter2%20%C3%BC@127.0.0.1:{proxy.server_port}"),
        Proxy("wrong", f"http://keeper:hunter3@127.0.0.1:{proxy.server_port}/"),
        Proxy("open", open_proxy.url),
        Proxy("dead", "http://127.0.0.1:1"),
    )


def test_each_document_is_asked_for_in_its_language(world: World) -> None:
    assert (world.text("German"), world.text("English")) == (["Wir üben keine Modelle."], ["We train no models."])


def test_each_document_is_asked_for_with_its_headers(world: World) -> None:
    assert (world.text("Placed"), world.text("Somewhere")) == (["You are in Zug."], ["You are in no place."])


def test_a_proxy_is_asked_with_its_log_in_on_every_hop(world: World) -> None:
    assert world.text("By proxy") == ["Wir üben keine Modelle."]
    paths = {asked.path.partition(f":{world.site.server_port}")[2] for asked in world.proxy.asked}
    assert paths >= {"/robots.txt", "/moved", "/language", "/away"}
    good = f"Basic {base64.b64encode(LOGIN.encode()).decode()}"
    assert good in {asked.headers["proxy-authorization"] for asked in world.proxy.asked}
    assert world.text("By an open one") == ["Hello, and welcome."]
    assert not any("proxy-authorization" in asked.headers for asked in world.open_proxy.asked)


def test_pages_by_tls_go_through_the_proxy_unseen(world: World) -> None:
    assert world.text("TLS") == ["A page by TLS."]
    assert f"{SITE}:{world.tls.server_port}" in world.proxy.paths()


def test_the_log_in_reaches_no_page(world: World) -> None:
    for server in (world.site, world.tls):
        assert server.asked
        assert not any("proxy-authorization" in asked.headers for asked in server.asked)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("Away", ("refused", "10.0.0.1 is not a public address")),
        ("Private", ("refused", "10.0.0.1 is not a public address")),
        ("Inside", ("refused", "inside.test is at 10.0.0.1, which is not a public address")),
        ("Not found", ("unreachable", "the host was not found")),
        ("Wrong login", ("blocked", "a proxy asks for a log-in (407)")),
        ("Dead proxy", ("unreachable", "the proxy 'dead' is not reached, or opens no way to the page")),
        ("Proxy itself", ("refused", "a host that is a proxy in the settings is not asked for pages")),
        ("Unknown", ("refused", "the proxy 'nobody' is not in the settings")),
    ],
)
def test_what_cannot_be_asked_for_is_told(world: World, name: str, outcome: tuple[str, str]) -> None:
    result, detail = world.crawled.outcome(name)
    assert (result, detail.removesuffix(" when asked for robots.txt")) == outcome


def test_a_proxy_that_opens_no_way_is_told_without_its_address(world: World) -> None:
    result, detail = world.crawled.outcome("Wrong login, TLS")
    assert (result, "127.0.0.1" in detail, "'wrong'" in detail) == ("unreachable", False, True)


def test_only_public_addresses_are_asked_of_a_proxy(world: World) -> None:
    assert not any("10.0.0.1" in path or "inside" in path for path in world.proxy.paths())


def test_no_secret_is_kept(world: World) -> None:
    kept = everything_in(world.own.archive) + str(world.crawled).encode()
    secrets = (b"hunter2", b"hunter3", base64.b64encode(LOGIN.encode()), str(world.proxy.server_port).encode())
    assert [secret for secret in secrets if secret in kept] == []


def test_the_environment_sends_nothing_by_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(ANSWERS) as site, proxying() as proxy:
        for variable in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(variable, proxy.url)
        url = f"http://{SITE}:{site.server_port}/plain"
        crawled = crawling.crawl(crawling.settings(tmp_path), [document("Page", url)], names={SITE: ["127.0.0.1"]})
    assert crawled.outcome("Page") == ("recorded", "")
    assert proxy.asked == []


def test_a_document_with_its_own_way_is_never_asked_whether_it_has_changed(tmp_path: Path) -> None:
    """A server that knows dates alone would say no, although it is another language that is asked for."""
    given = {"Last-Modified": "Fri, 20 Mar 2026 13:00:00 GMT", "Content-Type": "text/html; charset=utf-8"}

    def dated(asked: Asked) -> Answer:
        if "if-modified-since" in asked.headers:
            return Answer(b"", 304)
        return Answer(by_language(asked).body, 200, given)

    with serving({"/language": dated}) as site:
        own, url = crawling.settings(tmp_path), f"{site.url}/language"
        looks = [document("Page", url, accept_language="en-GB"), document("Page", url, accept_language="de")]
        outcomes = [crawling.crawl(own, [look]).outcome("Page") for look in looks]
    assert outcomes == [("recorded", ""), ("recorded", "")]
