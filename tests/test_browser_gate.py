"""The browser's way out: a proxy that serves nobody else, and connects to what the address gate allows only."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
from collections.abc import Awaitable, Callable, Iterator, Sequence

import pytest
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError

from crawler.browser_gate import BrowserGate, place_of, resolved
from crawler.outcome import Stopped
from tests.crawling import LOOPBACK, page
from tests.servers import Answer, Raw, Server, Writer, redirect, serving
from tests.test_address_gate import PRIVATE

MB = 2**20
GOOD = page("We train no models.")
SPELLINGS = ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.1", "0.0.0.0", "[::1]")
SPELLINGS += ("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "LOCALHOST", "[fe80::1%25lo]", "[::1%25lo]")


class Names:
    """A resolver with the test's own answers, one after the other; the last one stays."""

    def __init__(self, *answers: Sequence[str]):
        self.answers = list(answers)
        self.asked = list[str]()

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def proxied(
    visit: Callable[[BrowserGate], Awaitable[None]], resolve: Names | None = None, most: int = MB, allow: bool = True
) -> BrowserGate:
    """The gate after a visit; with `allow` 127.0.0.1 may be connected to, and nothing else of this machine."""

    async def run() -> BrowserGate:
        gate = BrowserGate(LOOPBACK if allow else (), resolve or resolved)
        await gate.start()
        gate.begin(most)
        try:
            await visit(gate)
        finally:
            await gate.close()
        return gate

    return asyncio.run(run())


async def send(gate: BrowserGate, first: str, *lines: str, body: bytes = b"", word: str | None = None) -> bytes:
    """Everything that comes back for a request; with a password, the gate's own unless another is given."""
    reader, writer = await asyncio.open_connection("127.0.0.1", place_of(gate.url)[1])
    told = base64.b64encode(f"{gate.user}:{gate.password if word is None else word}".encode()).decode()
    head = [first, *([f"Proxy-Authorization: Basic {told}"] if word != "" else []), *lines, "", ""]
    writer.write("\r\n".join(head).encode() + body)
    try:
        return await asyncio.wait_for(reader.read(), 30)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving({"/": Answer(GOOD), "/ws": Answer(b"", 101, {})}) as server:
        yield server


def host_of(server: Server) -> str:
    return server.url.removeprefix("http://")


def test_what_is_allowed_is_connected_to(server: Server) -> None:
    answers = list[bytes]()

    async def visit(gate: BrowserGate) -> None:
        answers.append(await send(gate, f"GET {server.url}/ HTTP/1.1", f"Host: {host_of(server)}"))
        inner = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
        answers.append(await send(gate, f"CONNECT {host_of(server)} HTTP/1.1", body=inner))

    assert proxied(visit).troubles == {}
    assert all(answer[8:13] == b" 200 " and answer.endswith(GOOD) for answer in answers)
    assert [asked.headers["host"] for asked in server.asked] == [host_of(server), "here"]


@pytest.mark.parametrize("word", ["", "wrong"])
def test_strangers_are_refused(server: Server, word: str) -> None:
    answers = list[bytes]()

    async def visit(gate: BrowserGate) -> None:
        for first in (f"GET {server.url}/ HTTP/1.1", f"CONNECT {host_of(server)} HTTP/1.1"):
            answers.append(await send(gate, first, word=word))

    proxied(visit)
    assert [answer[:12] for answer in answers] == [b"HTTP/1.1 407"] * 2
    assert server.asked == []


def test_the_password_is_another_each_time_and_never_leaves(server: Server) -> None:
    async def visit(gate: BrowserGate) -> None:
        await send(gate, f"GET {server.url}/ HTTP/1.1", "Proxy-Connection: keep-alive", "Accept: */*")

    first, second = proxied(visit), proxied(visit)
    assert first.password != second.password
    assert [asked.headers for asked in server.asked] == [{"accept": "*/*", "connection": "close"}] * 2


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_a_private_address_is_connected_to(server: Server, host: str) -> None:
    answers = list[bytes]()

    async def visit(gate: BrowserGate) -> None:
        answers.append(await send(gate, f"CONNECT {host}:{server.server_port} HTTP/1.1"))
        answers.append(await send(gate, f"GET http://{host}:{server.server_port}/ HTTP/1.1"))

    gate = proxied(visit, allow=False)
    assert answers[0][:12] in (b"HTTP/1.1 502", b"")  # some versions of Python take no address with a zone
    assert answers[1] == b""
    assert server.asked == []
    assert all(isinstance(trouble, Stopped | CannotResolveHostError) for trouble in gate.troubles.values())


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_at_a_private_address_is_refused_with_the_reason(address: str) -> None:
    async def visit(gate: BrowserGate) -> None:
        await send(gate, "CONNECT inside.test:443 HTTP/1.1")

    (trouble,) = proxied(visit, Names([address]), allow=False).troubles.values()
    assert str(trouble) == f"inside.test is at {address}, which is not a public address"


def test_of_several_addresses_only_an_allowed_one_is_used(server: Server) -> None:
    answers = list[bytes]()

    async def visit(gate: BrowserGate) -> None:
        answers.append(await send(gate, f"GET http://both.test:{server.server_port}/ HTTP/1.1"))

    with serving({"/": Answer(b"no")}, "127.0.0.2", server.server_port) as neighbour:
        proxied(visit, Names(["127.0.0.2", "127.0.0.1"]))
    assert answers[0].endswith(GOOD)
    assert neighbour.asked == []


def test_a_name_that_moves_inside_is_refused_from_then_on(server: Server) -> None:
    answers, names = list[bytes](), Names(["127.0.0.1"], ["127.0.0.2"])

    async def visit(gate: BrowserGate) -> None:
        for _ in range(2):
            answers.append(await send(gate, f"GET http://moving.test:{server.server_port}/ HTTP/1.1"))

    with serving({"/": Answer(b"no")}, "127.0.0.2", server.server_port) as neighbour:
        gate = proxied(visit, names)
    assert answers[0].endswith(GOOD)
    assert answers[1] == b""
    assert neighbour.asked == []
    assert names.asked == ["moving.test"] * 2  # asked once for each connection: what was checked is what is used
    assert str(gate.troubles["moving.test", server.server_port]).endswith("127.0.0.2, which is not a public address")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/hostname", "http://user:word@127.0.0.1:{port}/", "/"])
def test_other_schemes_and_credentials_are_refused(server: Server, url: str) -> None:
    answers = list[bytes]()

    async def visit(gate: BrowserGate) -> None:
        answers.append(await send(gate, f"GET {url.format(port=server.server_port)} HTTP/1.1"))

    proxied(visit)
    assert answers == [b""]
    assert server.asked == []


@pytest.mark.parametrize("head", ["", "GET", "\x00\x01", "GET http://[oops HTTP/1.1", "CONNECT :443 HTTP/1.1", "a b c"])
def test_what_is_no_request_is_not_answered(head: str) -> None:
    answers = list[bytes]()

    async def visit(gate: BrowserGate) -> None:
        answers.append(await send(gate, head))

    proxied(visit)
    assert answers == [b""]


def test_why_nothing_was_connected_to_is_kept(server: Server) -> None:
    server.close()

    async def visit(gate: BrowserGate) -> None:
        await send(gate, f"CONNECT {host_of(server)} HTTP/1.1")
        await send(gate, "CONNECT nowhere.test:443 HTTP/1.1")

    refused, unknown = proxied(visit, Names(["127.0.0.1"], [])).troubles.values()
    assert isinstance(refused, DownloadConnectionRefusedError)
    assert isinstance(unknown, CannotResolveHostError)


def test_a_body_is_sent_on_and_what_follows_it_is_not(server: Server) -> None:
    """A second request on the same connection could be meant for another host."""
    second = f"GET {server.url}/second HTTP/1.1\r\n\r\n".encode()

    async def visit(gate: BrowserGate) -> None:
        first = f"POST {server.url}/ HTTP/1.1"
        assert (await send(gate, first, "Content-Length: 5", body=b"hello" + second)).endswith(GOOD)

    proxied(visit)
    assert server.paths() == ["/"]


def test_a_server_cannot_ask_for_the_password(server: Server) -> None:
    server.answers["/"] = Answer(b"", 407, {"Proxy-Authenticate": "Basic realm=me", "X-Kept": "yes"})
    answers = list[bytes]()

    async def visit(gate: BrowserGate) -> None:
        answers.append(await send(gate, f"GET {server.url}/ HTTP/1.1"))

    proxied(visit)
    assert b"X-Kept" in answers[0]
    assert b"Proxy-Authenticate" not in answers[0]


def test_a_redirect_is_handed_back_and_not_followed(server: Server) -> None:
    server.answers["/"] = redirect("http://10.0.0.1/")
    answers = list[bytes]()

    async def visit(gate: BrowserGate) -> None:
        answers.append(await send(gate, f"GET {server.url}/ HTTP/1.1"))

    assert proxied(visit).troubles == {}
    assert b"Location: http://10.0.0.1/\r\n" in answers[0]


def endless(out: Writer) -> None:
    """An answer that ends when nobody takes it any more."""
    going = out.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while going:
        going = out.send(bytes(2**16))


def test_a_page_that_has_had_enough_is_cut_off(server: Server) -> None:
    server.answers["/"] = Raw(endless)
    answers = list[bytes]()

    async def visit(gate: BrowserGate) -> None:
        answers.append(await send(gate, f"GET {server.url}/ HTTP/1.1"))
        answers.append(await send(gate, f"CONNECT {host_of(server)} HTTP/1.1", body=b"GET / HTTP/1.1\r\n\r\n"))

    gate = proxied(visit)
    assert gate.overflowed
    assert len(answers[0]) <= MB + 100
    assert len(answers[1]) < 100


def silent(out: Writer) -> None:
    """An answer that does not come."""
    out.pause(60)


def test_a_new_page_ends_what_the_last_one_left_open(server: Server) -> None:
    server.answers["/silent"] = Raw(silent)

    async def visit(gate: BrowserGate) -> None:
        left = asyncio.ensure_future(send(gate, f"GET {server.url}/silent HTTP/1.1"))
        await asyncio.to_thread(server.wait_for, "/silent")
        gate.begin(MB)
        assert await left == b""

    proxied(visit)


def test_an_allowed_range_of_the_operator_holds_here_too() -> None:
    gate = BrowserGate((ipaddress.ip_network("127.0.0.0/8"),))

    async def run(server: Server) -> bytes:
        await gate.start()
        gate.begin(MB)
        try:
            return await send(gate, f"GET {server.url}/ HTTP/1.1")
        finally:
            await gate.close()

    with serving({"/": Answer(GOOD)}, "127.0.0.2") as server:
        assert asyncio.run(run(server)).endswith(GOOD)
