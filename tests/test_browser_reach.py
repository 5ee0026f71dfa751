"""What a page in the browser can reach: what the address gate allows, and nobody else is even asked."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from archive.settings import Settings
from tests import crawling
from tests.browsing import SCRIPT, SECONDS, Ends, World, crawl, html, moving
from tests.crawling import Plan, scripted
from tests.servers import Answer, Given, Server, redirect, serving, serving_tls

pytestmark = [pytest.mark.usefixtures("chromium"), pytest.mark.timeout(SECONDS)]

NAMES = {"moving.test": ["127.0.0.1"], "both.test": ["127.0.0.2", "127.0.0.1"], "nowhere.test": ["no number"]}
ALLOWED = ["/frame", "/in-frame", "/script.js", "/fetch", "/post", "/socket"]
# Each of these would reach {there}, and with the last two the UDP port {udp}.
INTRUDERS = """
<script src="{there}/script"></script><img src="{there}/img"><iframe src="{there}/iframe"></iframe>
<link rel="stylesheet" href="{there}/style"><link rel="preconnect" href="{there}"><link rel="prefetch" href="{there}/x">
<link rel="dns-prefetch" href="{there}"><video src="{there}/video"></video><object data="{there}/object"></object>
<iframe src="file:///etc/hostname"></iframe><form action="{there}/form" method="post"></form>
<script>
fetch('{there}/fetch').catch(String);
fetch('{here}/to-there').catch(String);
new WebSocket('{there}/socket'.replace('http', 'ws'));
new Worker(URL.createObjectURL(new Blob(["fetch('{there}/worker')"])));
navigator.sendBeacon('{there}/beacon', 'x');
new EventSource('{there}/events');
window.open('{there}/popup');
const peer = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{udp}'}}]}});
peer.createDataChannel('x');
peer.createOffer().then(offer => peer.setLocalDescription(offer));
try {{ new WebTransport('https://127.0.0.1:{udp}/'); }} catch (error) {{ }}
</script>
"""
INSIDE = """
<iframe src="/frame"></iframe><script src="/script.js"></script><img src="/img.png">
<script>
fetch('/fetch');
fetch('/post', {method: 'POST', body: 'x'});
new WebSocket(location.origin.replace('http', 'ws') + '/socket');
</script>
"""

ANSWERS: dict[str, Given] = {
    "/inside": html(INSIDE),
    "/frame": html("<script src='/in-frame'></script>"),
    "/in-frame": Answer(b"", 200, SCRIPT),
    "/script.js": Answer(b"document.querySelector('main').append('Allowed.')", 200, SCRIPT),
    "/fetch": Answer(b"x"),
    "/post": Answer(b"x"),
    "/by-name": html("<script src='/s.js'></script>"),
    "/to-file": moving("file:///etc/hostname"),
    "/to-user": redirect("http://user:word@127.0.0.1/"),
    "/to-user-by-script": moving("http://user:word@127.0.0.1/"),
    "/to-nowhere": redirect("http://nowhere.test/"),
    "/forbidden": html(),
    "/to-forbidden": moving("/forbidden"),
    "/robots.txt": Answer(b"User-agent: *\nDisallow: /forbidden\n", 200, {}),
}
REFUSED = "127.0.0.2 is not a public address"
CREDENTIALS = "an address with a user name or password in it is not fetched"
EXPECTED: Ends = {
    "inside": ("recorded", ""),
    "intruders": ("recorded", ""),
    "to-there": ("refused", REFUSED),
    "to-there-by-script": ("refused", REFUSED),
    "to-there-by-refresh": ("refused", REFUSED),
    "to-file": ("recorded", ""),  # a page of the web cannot lead there
    "to-user": ("refused", CREDENTIALS),
    "to-user-by-script": ("refused", CREDENTIALS),
    "to-nowhere": ("unreachable", "the host was not found"),
    "to-closed": ("unreachable", "the host refuses connections"),
    "to-self-signed": ("unreachable", "the TLS certificate is not valid for this host"),
    "to-forbidden": ("refused", "robots.txt asks not to fetch this page"),
    "forbidden": ("refused", "robots.txt asks not to fetch this page"),
    "moving": ("recorded", ""),
    "both": ("recorded", ""),
}


def move_inside() -> None:
    """The name's second address, and all that follow, is one that the gate does not allow."""
    known, asked = socket.getaddrinfo, list[str]()

    def getaddrinfo(host: Any, *more: Any, **named: Any) -> Any:
        if host == "moving.test":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return known(host, *more, **named)

    socket.getaddrinfo = getaddrinfo  # Twisted keeps its own: it is the browser's gate that asks here


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("reach")
    with ExitStack() as stack:
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        server = stack.enter_context(serving(ANSWERS))
        there = stack.enter_context(serving({"/s.js": Answer(b"", 200, SCRIPT)}, "127.0.0.2", server.server_port))
        tls = stack.enter_context(serving_tls({"/": html()}, folder))
        places = {"there": there.url, "here": server.url, "udp": udp.getsockname()[1]}
        server.answers |= {
            "/intruders": html(INTRUDERS.format(**places)),
            "/to-there": redirect(f"{there.url}/redirected"),
            "/to-there-by-script": moving(f"{there.url}/by-script"),
            "/to-there-by-refresh": html(f"<meta http-equiv='refresh' content='0;url={there.url}/by-refresh'>"),
            "/to-closed": redirect(f"http://127.0.0.1:{_closed_port()}/"),
            "/to-self-signed": redirect(f"{tls.url}/"),
        }
        crawled = crawl(Plan(*_every(folder, server), scrapy={"RETRY_TIMES": 0}, names=NAMES, hook=move_inside))
        yield World(crawled, folder / "a.db", server, there, _received(udp))


def _every(folder: Path, server: Server) -> tuple[Settings, list[Any]]:
    by_name = {"moving": "moving.test", "both": "both.test"}
    urls = {name: f"{server.url}/{name}" for name in EXPECTED if name not in by_name}
    urls |= {name: f"http://{host}:{server.server_port}/by-name" for name, host in by_name.items()}
    return crawling.settings(folder), [scripted(name, url) for name, url in urls.items()]


def _closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _received(udp: socket.socket) -> list[bytes]:
    udp.setblocking(False)
    try:
        return [udp.recv(2000)]
    except BlockingIOError:
        return []


@pytest.mark.parametrize("name", EXPECTED)
def test_every_end_is_told_with_its_reason(world: World, name: str) -> None:
    assert world.ended(name, EXPECTED), world.crawled.outcome(name)


def test_nothing_is_raised_or_printed(world: World) -> None:
    assert (world.crawled.error, world.crawled.stderr, world.crawled.finished) == ("", "", True)


def test_nobody_is_asked_whom_the_gate_does_not_allow(world: World) -> None:
    assert world.there.asked == []
    assert world.datagrams == []
    assert "/to-there" in world.server.paths()


def test_whom_it_allows_is_asked(world: World) -> None:
    assert [path for path in ALLOWED if path not in world.server.paths()] == []
    assert b"Allowed." in world.stored("inside")


def test_a_name_that_moves_inside_is_not_followed(world: World) -> None:
    hosts = {asked.headers["host"].partition(":")[0] for asked in world.server.requests("/by-name")}
    assert hosts == {"moving.test", "both.test"}
    scripts = {asked.headers["host"].partition(":")[0] for asked in world.server.requests("/s.js")}
    assert scripts == {"both.test"}


def test_robots_is_obeyed(world: World) -> None:
    assert world.server.paths()[0] == "/robots.txt"
    assert len(world.server.requests("/forbidden")) == 1  # led there by script, and thrown away


def test_no_page_hears_the_password_of_the_gate(world: World) -> None:
    assert [asked.path for asked in world.server.asked if "authorization" in " ".join(asked.headers)] == []
