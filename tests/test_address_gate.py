"""The gate: no request reaches an address that is not public, however the address is written or reached."""

from __future__ import annotations

import ipaddress
import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address

from crawler.address_gate import GuardedResolver, allowed, refusal
from tests import crawling
from tests.crawling import declared, page
from tests.servers import Answer, Asked, Given, redirect, serving

PUBLIC = [
    "93.184.216.34",
    "8.8.8.8",
    "2606:2800:220:1::1",
    "2a00::1",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
]
PRIVATE = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",  # shared by the customers of a provider
    "169.254.169.254",
    "192.0.0.8",
    "192.88.99.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",  # IPv4, compatible
    "::8.8.8.8",
    "::ffff:127.0.0.1",  # IPv4, mapped
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",  # IPv4, translated
    "64:ff9b::7f00:1",  # IPv4 behind NAT64
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::10.0.0.1",  # the same, of local use
    "2002:7f00:1::",  # 6to4
    "2002:a00:1::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo of 127.0.0.1
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo of a public address
    "2001:db8::1",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "100::1",
    "5f00::1",
    "4000::1",
]
NUMBERS = itertools.count()


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_let_through(address: str) -> None:
    assert allowed(address, ())


@pytest.mark.parametrize("address", PRIVATE)
def test_all_others_are_not(address: str) -> None:
    assert not allowed(address, ())


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("10.1.0.0/16", "10.1.2.3", "10.2.0.1"),
        ("127.0.0.0/8", "::ffff:127.0.0.1", "::1"),
        ("127.0.0.0/8", "64:ff9b::127.0.0.1", "fe80::1"),
        ("fd00::/8", "fd12::1", "fc00::1"),
        ("::1/128", "::1", "127.0.0.1"),
    ],
)
def test_an_allowed_range_lets_in_itself_only(network: str, inside: str, outside: str) -> None:
    networks = (ipaddress.ip_network(network),)
    assert allowed(inside, networks)
    assert not allowed(outside, networks)
    assert allowed("8.8.8.8", networks)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/", "data:text/html,x", "s3://bucket/key"])
def test_only_http_and_https_are_fetched(url: str) -> None:
    assert refusal(url) == f"only http and https are fetched, not {url.partition(':')[0]}:"


@pytest.mark.parametrize("url", ["http://user@example.org/", "https://user:word@example.org/", "http://:@example.org/"])
def test_credentials_are_not_sent(url: str) -> None:
    assert "user name or password" in refusal(url)


def test_an_ordinary_address_is_not_refused() -> None:
    assert refusal("https://example.org/privacy?user=a@b") == ""


class Heard:
    """Who asked for a name, and what they heard."""

    def __init__(self) -> None:
        self.addresses = list[str]()
        self.complete = False

    def resolutionBegan(self, resolution: object) -> None:  # noqa: N802
        """Not of interest."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self.complete = True


class Fixed:
    """A resolver with one answer."""

    def __init__(self, *addresses: str):
        self.addresses = addresses

    def resolveHostName(self, receiver: Any, name: str, port: int = 0, *more: Any) -> None:  # noqa: N802
        receiver.resolutionBegan(None)
        for address in self.addresses:
            receiver.addressResolved((IPv6Address if ":" in address else IPv4Address)("TCP", address, port))
        receiver.resolutionComplete()


def ask(resolver: GuardedResolver, name: str) -> list[str]:
    """What a connection to the name hears."""
    heard: Any = Heard()
    resolver.resolveHostName(heard, name, 80)
    assert heard.complete
    return list(heard.addresses)


def guarded(*addresses: str, allow: str = "") -> tuple[GuardedResolver, str]:
    """A resolver in front of fixed answers, and a name that nobody has asked for yet."""
    reactor = SimpleNamespace(nameResolver=Fixed(*addresses))
    networks = (ipaddress.ip_network(allow),) if allow else ()
    return GuardedResolver(reactor, 100, networks), f"host{next(NUMBERS)}.test"


@pytest.mark.parametrize("address", [address for address in PRIVATE if "%" not in address])
def test_a_name_with_a_private_address_resolves_to_nothing(address: str) -> None:
    resolver, name = guarded(address)
    assert ask(resolver, name) == []
    assert resolver.refused == {name: address}


def test_a_name_with_both_resolves_to_the_public_address_only() -> None:
    resolver, name = guarded("10.0.0.1", "8.8.8.8", "::1")
    assert ask(resolver, name) == ["8.8.8.8"]


def test_what_was_resolved_before_is_checked_again() -> None:
    resolver, name = guarded("10.0.0.1", "8.8.8.8")
    ask(resolver, name)
    resolver.original_resolver = Fixed()  # type: ignore[assignment]  # the second answer is a remembered one
    assert ask(resolver, name) == ["8.8.8.8"]


def test_an_allowed_range_is_resolved() -> None:
    resolver, name = guarded("10.0.0.1", allow="10.0.0.0/8")
    assert ask(resolver, name) == ["10.0.0.1"]


@pytest.mark.parametrize("name", ["a..b", "..", f"{'a' * 64}.test", "a\0b", "\ud800.test"])
def test_what_no_resolver_can_be_asked_resolves_to_nothing(name: str) -> None:
    resolver, _ = guarded("8.8.8.8")
    assert ask(resolver, name) == []


def test_no_spelling_of_a_private_address_is_connected_to(tmp_path: Path) -> None:
    names = {"inside.test": ["127.0.0.1"], "mapped.test": ["::ffff:127.0.0.1"], "both.test": ["10.0.0.1", "::1"]}
    hosts = ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.1", "0.0.0.0", "[::1]"]
    hosts += ["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "LOCALHOST", "127。0。0。1", "①27.0.0.1", *names]
    with serving({"/": Answer(page("Never seen."))}) as server:
        every = [declared(host, f"http://{host}:{server.server_port}/") for host in hosts]
        own = crawling.settings(tmp_path, networks=())
        crawled = crawling.crawl(own, every, names=names)
    assert server.asked == []
    assert crawled.stderr == crawled.error == ""
    told = {host: crawled.outcome(host) for host in hosts}
    assert {outcome for outcome, _ in told.values()} == {"refused"}
    assert all(detail.endswith("is not a public address") for _, detail in told.values()), told


# Hosts that are, or look like, 127.0.0.2 or another place that is not public, to be reached from one that is allowed.
TRICKS = ["127.0.0.2", "2130706434", "0x7f000002", "0x7F.2", "0177.0.0.2", "127.2", "127.000.000.002", "0.0.0.0", "0"]
TRICKS += ["[::1]", "[::]", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "[0:0:0:0:0:ffff:127.0.0.2]", "[64:ff9b::7f00:2]"]
TRICKS += ["①②⑦.0.0.2", "127。0。0。2", "127．0．0．2", "１２７.0.0.2", "169.254.169.254", "100.64.0.1", "[fd00::1]"]
TRICKS += ["inside.test", "INSIDE.test", "mapped.test", "several.test"]
# Nothing is at these, or no name says so.
NOWHERE = [
    "127.0.0.2.",
    "127.0.0.2..",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "[::ffff:127.0.0.2%25lo]",
    "127.0.0.2%00.test",
]
NOWHERE += ["127.0.0.2\\@127.0.0.1:1", "127.0.0.256", "4294967295.1", "[::127.0.0.2", "unknown.test"]
NAMES = {
    "allowed.test": ["127.0.0.1"],
    "inside.test": ["127.0.0.2"],
    "INSIDE.test": ["127.0.0.2"],
    "mapped.test": ["::ffff:127.0.0.2"],
    "several.test": ["127.0.0.2", "10.0.0.1", "::1"],
    "mixed.test": ["127.0.0.2", "127.0.0.1"],
    "unknown.test": ["no number"],
}
CREDENTIALS = ["user@127.0.0.2", "user:word@127.0.0.1", ":@allowed.test", "127.0.0.1@127.0.0.2", "a%40b@127.0.0.1"]
WAYS = ("redirect", "refresh", "robots")


def test_no_trick_reaches_what_is_not_allowed_from_what_is(tmp_path: Path) -> None:
    hosts = [*TRICKS, *NOWHERE, *CREDENTIALS]
    names = NAMES | {f"{number}.test": ["127.0.0.1"] for number in range(len(hosts))}
    with serving() as server, serving({"/": Answer(page("Never seen."))}, "127.0.0.2", server.server_port) as there:
        server.answers |= leading_to([f"http://{host}:{there.server_port}/" for host in hosts])
        every = [declared(f"{way} {host}", _start(way, number, server.server_port))
                 for number, host in enumerate(hosts) for way in WAYS]  # fmt: skip
        every.append(declared("mixed", f"http://mixed.test:{server.server_port}/"))
        crawled = crawling.crawl(crawling.settings(tmp_path), every, scrapy={"RETRY_TIMES": 0}, names=names)
    assert there.asked == []
    assert crawled.stderr == crawled.error == ""
    refused = [f"{way} {host}" for way in WAYS for host in [*TRICKS, *CREDENTIALS]]
    assert {name: end for name in refused if (end := crawled.outcome(name))[0] != "refused"} == {}
    assert {crawled.outcome(f"{way} {host}")[0] for way in WAYS for host in NOWHERE} <= {"refused", "unreachable"}
    assert crawled.outcome("mixed") == ("recorded", "")


def leading_to(urls: list[str]) -> dict[str, Given]:
    """Answers that lead to each URL: by a redirect, by a page that says so, and from robots.txt."""

    def robots(asked: Asked) -> Answer:
        name, _, rest = asked.headers["host"].partition(".")
        return redirect(_latin(urls[int(name)])) if name.isdigit() and "test" in rest else Answer(b"", 404)

    answers: dict[str, Given] = {"/": Answer(page("Seen.")), "/robots.txt": robots}
    for number, url in enumerate(urls):
        answers[f"/redirect/{number}"] = redirect(_latin(url))
        answers[f"/refresh/{number}"] = Answer(f'<meta http-equiv="refresh" content="0; url={url}">'.encode())
    return answers


def _latin(url: str) -> str:
    """The URL's UTF-8 as a header is sent."""
    return url.encode().decode("latin-1")


def _start(way: str, number: int, port: int) -> str:
    return f"http://{number}.test:{port}/" if way == "robots" else f"http://127.0.0.1:{port}/{way}/{number}"
