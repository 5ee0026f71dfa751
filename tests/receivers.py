"""Real receivers of notifications on loopback: a mail server with a login, and an HTTP server that takes posts."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD, TOKEN = "postman", "hunter2-sesame", "token-4711"


class Mailbox:
    """A mail server's mails, and the address by which Apprise reaches it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.port = 0
        self.answer = "250 OK"

    @property
    def url(self) -> str:
        return (
            f"mailto://{USER}:{PASSWORD}@127.0.0.1:{self.port}/?from=watch@quillo.example&to=ann@quillo.example"
            "&mode=insecure"
        )

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        """Keeps the mail, whatever it answers."""
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, EmailMessage, policy=policy.default))  # type: ignore[arg-type]
        return self.answer


class _MailServer(Controller):
    def _trigger_server(self) -> None:
        """The library greets its own port first, and must know which one the system gave."""
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A running mail server that takes mail from one user only."""
    mailbox = Mailbox()
    login = {"auth_required": True, "auth_require_tls": False, "authenticator": _login}
    server = _MailServer(mailbox, hostname="127.0.0.1", port=0, **login)
    server.start()
    mailbox.port = server.port
    try:
        yield mailbox
    finally:
        server.stop()


def _login(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    known = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


class Hook(ThreadingHTTPServer):
    """Takes what is posted; answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.posted: list[dict[str, Any]] = []
        self.paths: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Apprise's address of it, with secrets in every part that may hold some."""
        return f"json://{USER}:{PASSWORD}@127.0.0.1:{self.server_port}/hook/{TOKEN}?+X-Key={TOKEN}"


class _Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.server.paths.append(self.path)
        self.send_response_only(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Nothing is printed."""


@contextmanager
def hook() -> Iterator[Hook]:
    """A running HTTP receiver."""
    with Hook() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def nobody() -> str:
    """Apprise's address of a port where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"json://{USER}:{PASSWORD}@127.0.0.1:{held.getsockname()[1]}/hook/{TOKEN}"
