"""Real HTTP and HTTPS servers on loopback: what they answer is said by path, what they were asked is kept."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass(frozen=True)
class Answer:
    """One answer with its length; header values are sent as Latin-1."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: HTML)


@dataclass
class Asked:
    """One request as it arrived, with the times of its arrival and of the end of the answer."""

    path: str
    headers: dict[str, str]
    began: float
    ended: float = 0.0


@dataclass(frozen=True)
class Raw:
    """An answer written by hand: `write` sends bytes, and is told False once nobody takes them any more."""

    write: Callable[[Writer], None]


Given = Answer | Raw | Callable[[Asked], Answer]


class Server(ThreadingHTTPServer):
    """Answers by path; 404 for every other path. Close it with `close`, or make it with `serving`."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, answers: Mapping[str, Given] | None = None, host: str = "127.0.0.1", port: int = 0):
        self.answers = dict(answers or {})
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self.arrived = threading.Condition()
        self.sent = 0
        self.scheme = "http"
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        return f"{self.scheme}://{self.server_address[0]}:{self.server_port}"  # type: ignore[str-bytes-safe]

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.path for asked in self.asked]

    def requests(self, path: str) -> list[Asked]:
        """The requests for one path."""
        return [asked for asked in self.asked if asked.path == path]

    def wait_for(self, path: str, seconds: float = 60) -> None:
        """Returns when somebody has asked for the path."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: path in self.paths(), seconds), f"nobody asked for {path}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are no fault here."""

    def close(self) -> None:
        """Ends every answer under way and the server itself."""
        self.closing.set()
        self.shutdown()
        self.server_close()


class Writer:
    """Sends bytes while the client takes them and the server is not closing."""

    def __init__(self, handler: _Handler):
        self.handler = handler

    def send(self, data: bytes) -> bool:
        """Whether somebody may want more."""
        try:
            self.handler.wfile.write(data)
            self.handler.wfile.flush()
        except OSError:
            return False
        self.handler.server.sent += len(data)
        return not self.handler.server.closing.is_set()

    def pause(self, seconds: float) -> None:
        """Holds the answer back, for no longer than the server lives."""
        self.handler.server.closing.wait(seconds)


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = Asked(self.path, {name.lower(): text for name, text in self.headers.items()}, time.monotonic())
        with self.server.arrived:
            self.server.asked.append(asked)
            self.server.arrived.notify_all()
        given = self.server.answers.get(self.path, Answer(b"", 404))
        self.close_connection = True
        if isinstance(given, Raw):
            given.write(Writer(self))
        else:
            self._answer(given if isinstance(given, Answer) else given(asked))
        asked.ended = time.monotonic()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def _answer(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, text in answer.headers.items():
            self.send_header(name, text)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *args: Any) -> None:
        """Nothing is printed."""


def redirect(place: str, status: int = 302) -> Answer:
    """An answer that leads elsewhere."""
    return Answer(b"", status, {"Location": place})


def raw(*parts: bytes, head: bytes = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n") -> Raw:
    """An answer of these very bytes, after which the connection is closed."""

    def write(out: Writer) -> None:
        out.send(head + b"".join(parts))

    return Raw(write)


def flood(head: bytes, most: int) -> Raw:
    """An answer that ends when nobody listens any more, or after `most` bytes."""

    def write(out: Writer) -> None:
        going = out.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + head + b"\r\n")
        while going and out.handler.server.sent < most:
            going = out.send(b"<p>more</p>\n" * 6000)

    return Raw(write)


def drip(out: Writer) -> None:
    """Writes an answer that comes a byte at a time."""
    going = out.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9000\r\n\r\n")
    while going:
        going = out.send(b"x")
        out.pause(0.05)


@contextmanager
def serving(answers: Mapping[str, Given] | None = None, host: str = "127.0.0.1", port: int = 0) -> Iterator[Server]:
    """A running server, closed at the end."""
    with _running(Server(answers, host, port)) as server:
        yield server


class Proxy(Server):
    """A forward proxy that takes every name for loopback, and asks for a log-in where `login` is set."""

    def __init__(self, login: str = ""):
        super().__init__()
        self.RequestHandlerClass = _Forward
        self.login = login


class _Forward(_Handler):
    server: Proxy

    def do_GET(self) -> None:
        """Forwards a page that is asked for by its whole address."""
        asked = self._keep()
        if asked is None:
            return
        parts = urlsplit(self.path)
        link = HTTPConnection("127.0.0.1", parts.port or 80, timeout=20)
        link.request(
            "GET", parts.path, headers={name: text for name, text in self.headers.items() if name[:6] != "Proxy-"}
        )
        answer = link.getresponse()
        headers = {name: text for name, text in answer.getheaders() if name.lower() != "content-length"}
        self._answer(Answer(answer.read(), answer.status, headers))
        link.close()

    def do_CONNECT(self) -> None:
        """Opens a way through, of which it sees nothing."""
        if self._keep() is None:
            return
        with socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2])), 20) as far:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            ends = {self.connection: far, far: self.connection}
            while not self.server.closing.is_set():
                for end in select.select(list(ends), [], [], 0.1)[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[end].sendall(data)

    def _keep(self) -> Asked | None:
        """What was asked, None where the log-in is wrong and this was told."""
        self.close_connection = True
        asked = Asked(self.path, {name.lower(): text for name, text in self.headers.items()}, time.monotonic())
        self.server.asked.append(asked)
        expected = f"Basic {base64.b64encode(self.server.login.encode()).decode()}" if self.server.login else None
        if asked.headers.get("proxy-authorization") == expected:
            return asked
        self._answer(Answer(b"", 407))
        return None


@contextmanager
def proxying(login: str = "") -> Iterator[Proxy]:
    """A running proxy, closed at the end."""
    proxy = Proxy(login)
    with _running(proxy):
        yield proxy


@contextmanager
def serving_tls(answers: Mapping[str, Given], folder: Path) -> Iterator[Server]:
    """A running HTTPS server whose certificate nobody trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(folder / "self-signed.pem"))
    server = Server(answers)
    server.scheme = "https"
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with _running(server):
        yield server


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


def _self_signed(path: Path) -> Path:
    """A key and its certificate for 127.0.0.1, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    certificate = builder.add_extension(address, critical=False).sign(key, hashes.SHA256())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*form) + certificate.public_bytes(serialization.Encoding.PEM))
    return path
