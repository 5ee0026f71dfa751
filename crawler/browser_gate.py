"""Turns each connection that the browser asks for into one to an address that the gate allows, or into none.

Chromium is told to reach everything through this small proxy on loopback: pages, redirects, frames, scripts, fetch()
and WebSockets. A name is resolved here, and the address that was checked is the one connected to.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)

from archive.words import Outcome
from crawler.address_gate import Network, allowed, not_public, refusal
from crawler.outcome import Stopped

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]  # every address of a host, whatever it is
Place = tuple[str, int]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

CONNECT_TIME = 20.0  # seconds to find and reach a host, and to hear what is asked for
PIECE = 2**16  # bytes read at once, and the most that a head may have
HOP = ("connection:", "keep-alive:", "proxy-", "upgrade:", "te:", "trailer:")  # headers between two neighbours only


async def resolved(host: str, port: int) -> list[str]:
    """The addresses that the system knows for a host; also for one that is a number in any spelling."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the body of a request or an answer: the first line's three words, and the header lines."""

    first: tuple[str, str, str]
    lines: tuple[str, ...]

    def get(self, name: str) -> str:
        """The value of a header; "" if it is missing."""
        found = (line.partition(":")[2].strip() for line in self.lines if line.lower().startswith(f"{name}:"))
        return next(found, "")

    def sent(self, *first: str) -> bytes:
        """The bytes for the next neighbour, which is to close the connection after one answer."""
        lines = [line for line in self.lines if not line.lower().startswith(HOP)]
        return "\r\n".join([" ".join(first), *lines, "Connection: close", "", ""]).encode("latin-1")


class BrowserGate:
    """The proxy. `troubles` says of each host and port of the page under way why it was not connected to."""

    def __init__(self, networks: Sequence[Network], resolve: Resolve = resolved):
        self.networks, self.resolve = networks, resolve
        self.user, self.password = secrets.token_hex(8), secrets.token_hex(16)
        self.troubles: dict[Place, Exception] = {}
        self.left = 0
        self._clients = set[asyncio.Task[None]]()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listens on a port of loopback that the system chooses."""
        self._server = await asyncio.start_server(self._client, "127.0.0.1", 0, limit=PIECE)

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None  # noqa: S101  (asked for after start)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def begin(self, most: int) -> None:
        """Ends what the last page left open. From now on `most` bytes may pass, both ways together."""
        self._cut()
        self.troubles.clear()
        self.left = most

    @property
    def overflowed(self) -> bool:
        """Whether the page wanted more than it may have."""
        return self.left < 0

    async def close(self) -> None:
        """Ends every connection and listens no more."""
        if self._server:
            self._server.close()
        self._cut()
        if self._clients:
            await asyncio.wait(self._clients)

    def _cut(self) -> None:
        for client in self._clients:
            client.cancel()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from the browser: one request, then the end."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (asyncio runs this as a task)
        self._clients.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # nothing is owed to a browser whose connection breaks off
        finally:
            self._clients.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(CONNECT_TIME):
            asked = await _head(reader)
        if not self._is_ours(asked):
            writer.write(_answer('407 Who are you?\r\nProxy-Authenticate: Basic realm="smallprint"'))
            return await writer.drain()
        method, target, _ = asked.first
        place = _place(target if method == "CONNECT" else "", target)
        there = await self._open(place, "" if method == "CONNECT" else refusal(target))
        if there is None:
            if method == "CONNECT":
                writer.write(_answer("502 Not connected"))
            return None  # a page of ours must not stand where theirs is expected
        try:
            await (self._tunnel if method == "CONNECT" else self._forward)(asked, (reader, writer), there)
        finally:
            there[1].close()

    def _is_ours(self, asked: Head) -> bool:
        told = base64.b64encode(f"{self.user}:{self.password}".encode())
        return hmac.compare_digest(asked.get("proxy-authorization").encode(), b"Basic " + told)

    async def _open(self, place: Place, reason: str = "") -> Streams | None:
        """A connection to an address that was checked; None where there is none, and `troubles` says why."""
        try:
            if reason:
                raise Stopped(Outcome.REFUSED, reason)
            async with asyncio.timeout(CONNECT_TIME):
                return await self._reach(place)
        except TimeoutError:
            self.troubles[place] = DownloadTimeoutError(f"{place[0]} cannot be reached in time")
        except ConnectionRefusedError as error:
            self.troubles[place] = DownloadConnectionRefusedError(str(error))
        except OSError as error:
            self.troubles[place] = DownloadFailedError(str(error))
        except (Stopped, CannotResolveHostError) as error:
            self.troubles[place] = error
        return None

    async def _reach(self, place: Place) -> Streams:
        host, port = place
        try:
            known = await self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise CannotResolveHostError(str(error)) from error
        fine = [address for address in known if allowed(address, self.networks)]
        if known and not fine:
            raise Stopped(Outcome.REFUSED, not_public(host, known[0]))
        for address in fine[:-1]:
            try:
                return await asyncio.open_connection(address, port, limit=PIECE)
            except OSError:
                continue
        if not fine:
            raise CannotResolveHostError(host)
        return await asyncio.open_connection(fine[-1], port, limit=PIECE)

    async def _tunnel(self, asked: Head, here: Streams, there: Streams) -> None:
        """Bytes both ways, until one side has enough."""
        here[1].write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await _first_of(self._copy(here[0], there[1]), self._copy(there[0], here[1]))

    async def _forward(self, asked: Head, here: Streams, there: Streams) -> None:
        """One plain request and its answer. What the browser sends after it is not for this host, and not read."""
        method, target, _ = asked.first
        parts = urlsplit(target)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        there[1].write(asked.sent(method, path, "HTTP/1.1"))
        await self._copy(here[0], there[1], int(asked.get("content-length") or 0))
        answer = await _head(there[0])
        while answer.first[1].startswith("1"):  # "go on", before the answer itself
            answer = await _head(there[0])
        here[1].write(answer.sent(*answer.first))
        await _first_of(self._copy(there[0], here[1]), _gone(here[0]))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None = None) -> None:
        """Copies to the end, or `most` bytes; ends the whole page where it has had enough."""
        while most is None or most > 0:
            data = await reader.read(PIECE if most is None else min(PIECE, most))
            if not data:
                return
            most = None if most is None else most - len(data)
            self.left -= len(data)
            if self.overflowed:
                self._cut()
                return
            writer.write(data)
            await writer.drain()


async def _head(reader: asyncio.StreamReader) -> Head:
    """Raises ValueError where this is no head."""
    text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = text[:-4].split("\r\n")
    words = [*first.split(" ", 2), ""][:3]
    if len(words) < 3 or any(line.startswith((" ", "\t")) for line in lines):
        raise ValueError("not a head of HTTP")
    return Head((words[0], words[1], words[2]), tuple(lines))


def _place(authority: str, url: str) -> Place:
    """The host, in small letters and without brackets, and the port. Raises ValueError."""
    parts = urlsplit(f"//{authority}" if authority else url)
    port = parts.port if parts.port is not None else 443 if authority or parts.scheme == "https" else 80
    if not parts.hostname:
        raise ValueError("no host")
    return parts.hostname, port


def place_of(url: str) -> Place:
    """The host and port that a URL leads to, as `troubles` names them. Raises ValueError."""
    return _place("", url)


def _answer(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


async def _first_of(*copies: Awaitable[None]) -> None:
    """Waits until one of them ends, and ends the others."""
    tasks = [asyncio.ensure_future(copy) for copy in copies]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _gone(reader: asyncio.StreamReader) -> None:
    """Waits until the browser has left."""
    while await reader.read(PIECE):
        continue
