"""A mail server with a log-in behind TLS, which answers as it is told and keeps every mail that it has read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.channels.tls import Authority

USER, PASSWORD = "postman", "hunter2-sesame"


@dataclass(frozen=True)
class Mail:
    """A mail as it was handed over, with the sender and the recipients of its envelope."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    raw: bytes


class MailServer:
    """What a running mail server has read, and how it answers; `recipients` are addresses that do not get 250."""

    host, user, password = "127.0.0.1", USER, PASSWORD

    def __init__(self) -> None:
        self.port = 0
        self.mails: list[Mail] = []
        self.recipients: dict[str, str] = {}
        self.answer = "250 OK"
        self.drop = False

    async def handle_MAIL(  # noqa: N802  (aiosmtpd's name)
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes mail from those who have logged in."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes a recipient, unless told otherwise."""
        answer = self.recipients.get(address, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keeps the mail, whatever it answers."""
        raw = envelope.content
        assert isinstance(raw, bytes)
        message = message_from_bytes(raw, EmailMessage, policy=policy.default)
        self.mails.append(Mail(envelope.mail_from or "", list(envelope.rcpt_tos), message, raw))
        if self.drop:
            server.transport.abort()
            raise asyncio.CancelledError
        return self.answer


class _Server(Controller):
    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.talks: list[SMTP] = []

    def factory(self) -> SMTP:
        """Remembers every connection: the library leaves open what clients have not closed."""
        self.talks.append(super().factory())
        return self.talks[-1]

    def stop(self, no_assert: bool = False) -> None:
        """Ends the connections too."""
        for talk in self.talks:
            self.loop.call_soon_threadsafe(_hang_up, talk)
        super().stop(no_assert)

    def _trigger_server(self) -> None:
        """The library greets its own port first, and must know which one the system gave."""
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def running_mail_server(authority: Authority, implicit: bool = False) -> Iterator[MailServer]:
    """A mail server for one user: TLS from the first byte where `implicit`, else STARTTLS before all else."""
    mailbox, context = MailServer(), authority.server_context()
    tls: dict[str, Any] = {"tls_context": context, "require_starttls": True}
    if implicit:  # aiosmtpd does not know that this is TLS too
        tls = {"ssl_context": context, "auth_require_tls": False}
    server = _Server(mailbox, "127.0.0.1", 0, server_hostname="localhost", authenticator=_login, **tls)
    server.start()
    mailbox.port = server.port
    try:
        yield mailbox
    finally:
        server.stop()


def _hang_up(talk: SMTP) -> None:
    if talk.transport is not None:
        talk.transport.abort()


def _login(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    known = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)  # not handled: a refusal is left to aiosmtpd, which says 535
