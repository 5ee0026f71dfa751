"""An HTTP server that follows a script of answers, one for each request, and keeps what it was asked."""

from __future__ import annotations

import os
import select
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from tests.channels.tls import Authority

AT_ONCE = struct.pack("ii", 1, 0)  # a socket that lingers no time is closed with RST
TICK, SECONDS = 0.02, 60


@dataclass(frozen=True)
class Reply:
    """An answer, given after `delay` seconds."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0


Given = int | tuple[int, Mapping[str, str]] | Reply
Step = Given | Literal["reset", "reset after reading", "timeout"]


@dataclass
class Request:
    """A request as it was read; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    _answered: bool = False
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def answered(self) -> bool:
        """Whether the whole answer was sent to somebody who was still there; waits until that is known."""
        assert self._ended.wait(SECONDS), f"{self.method} {self.path} is still to be answered"
        return self._answered

    def end(self, answered: bool = False) -> None:
        """Says whether it was answered, or never will be."""
        self._answered = answered
        self._ended.set()


class Receiver(ThreadingHTTPServer):
    """Answers each request by the next step of `script`; the last step is for all others."""

    def __init__(self, *script: Step, authority: Authority | None = None):
        self.script: list[Step] = list(script or (200,))
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self._changed = threading.Condition()
        self._begun = 0
        self._scheme = "https" if authority else "http"
        super().__init__(("127.0.0.1", 0), _Handler)
        if authority:
            context = authority.server_context()
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def port(self) -> int:
        """Its port."""
        return self.server_port

    @property
    def host(self) -> str:
        """Address and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Its base, without a slash at the end."""
        return f"{self._scheme}://{self.host}"

    def wait(self, count: int, seconds: float = SECONDS) -> None:
        """Returns once so many requests have been read."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.requests) >= count, seconds), self.requests

    def step(self) -> Step:
        """What the request that begins now is to get."""
        with self._changed:
            self._begun += 1
            return self.script[min(self._begun, len(self.script)) - 1]

    def keep(self, request: Request) -> None:
        """Remembers a request, and tells those who wait for it."""
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away, or do not trust the certificate, are no fault here."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        """One request of any method."""
        step = self.server.step()
        body = b"" if step == "reset" else self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): text for name, text in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        self.server.keep(request)
        if isinstance(step, str):
            request.end()
            self._left() if step == "timeout" else self._reset()
        else:
            request.end(self._answer(_reply(step)))

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815  (the library's names)

    def _answer(self, reply: Reply) -> bool:
        """Whether the whole answer was sent to somebody who was still there."""
        if reply.delay and self._left(reply.delay):
            return False
        try:
            self.send_response_only(reply.status)
            for name, text in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(reply.body)
        except OSError:
            return False
        return True

    def _left(self, seconds: float | None = None) -> bool:
        """Waits so long, or for ever; True once the client has gone or the server is ending."""
        ticks = 0
        while seconds is None or ticks * TICK < seconds:
            if select.select([self.connection], [], [], 0)[0] or self.server.closing.wait(TICK):
                return True
            ticks += 1
        return False

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        os.close(self.connection.detach())

    def log_message(self, *args: Any) -> None:
        """Nothing is printed."""


def _reply(step: Given) -> Reply:
    if isinstance(step, Reply):
        return step
    return Reply(*step) if isinstance(step, tuple) else Reply(int(step))


@contextmanager
def running_receiver(*script: Step, authority: Authority | None = None) -> Iterator[Receiver]:
    """A running receiver, over TLS where an authority is given."""
    with Receiver(*script, authority=authority) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": TICK})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
