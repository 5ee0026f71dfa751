"""The mail server and the HTTP receiver of the channels' tests: what they keep, and every way not to answer."""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPException
from typing import Any

import pytest

from tests.channels import Authority, MailServer, Receiver, Reply, running_receiver
from tests.channels.asking import ask

Post = tuple[MailServer, smtplib.SMTP]
ANN, BOB = "ann@quillo.example", "bob@quillo.example"
TEXT = "Subject: Gantry\r\n\r\nNew terms.\r\n"


@pytest.fixture(params=["starttls", "tls"])
def post(request: pytest.FixtureRequest, authority: Authority) -> Iterator[Post]:
    """A mail server, and a client that has spoken TLS with it and has not logged in."""
    server: MailServer = request.getfixturevalue(f"mail_{request.param}")
    trust = authority.client_context()
    if request.param == "tls":
        client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=60, context=trust)
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=60)
        client.starttls(context=trust)
    with closing(client):
        yield server, client


def test_mail_arrives_with_its_envelope(post: Post) -> None:
    server, client = post
    client.login(server.user, server.password)
    server.recipients[BOB] = "550 5.1.1 nobody of that name"
    assert client.sendmail("watch@quillo.example", [ANN, BOB], TEXT) == {BOB: (550, b"5.1.1 nobody of that name")}
    (mail,) = server.mails
    assert (mail.sender, mail.recipients, mail.message["Subject"]) == ("watch@quillo.example", [ANN], "Gantry")
    assert mail.message.get_content() == "New terms.\r\n"


def test_mail_is_for_those_who_know_the_password(post: Post) -> None:
    server, client = post
    client.ehlo()
    assert client.docmd("MAIL", "FROM:<a@quillo.example>")[0] == 530
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        client.login(server.user, "guess")
    assert refused.value.smtp_code == 535


def test_mail_can_be_put_off(post: Post) -> None:
    server, client = post
    client.login(server.user, server.password)
    server.answer = "451 4.3.0 later"
    with pytest.raises(smtplib.SMTPDataError) as refused:
        client.sendmail(ANN, [BOB], TEXT)
    assert (refused.value.smtp_code, len(server.mails)) == (451, 1)


def test_mail_can_be_kept_without_an_answer(post: Post) -> None:
    server, client = post
    client.login(server.user, server.password)
    server.drop = True
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        client.sendmail(ANN, [BOB], TEXT)
    assert len(server.mails) == 1


def test_mail_needs_trust_and_tls(mail_starttls: MailServer, mail_tls: MailServer) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        smtplib.SMTP_SSL(mail_tls.host, mail_tls.port, timeout=60, context=ssl.create_default_context())
    with smtplib.SMTP(mail_starttls.host, mail_starttls.port, timeout=60) as client:
        client.ehlo()
        assert not client.has_extn("auth")
        assert client.docmd("MAIL", "FROM:<a@quillo.example>")[0] == 530


def test_receiver_follows_its_script(receiver: Receiver) -> None:
    receiver.script = [500, (429, {"Retry-After": "7"}), Reply(201, body=b"x" * 100_000, delay=0.01), 204]
    answers = [ask("POST", f"{receiver.url}/a?b=c", b"body", {"X-Key": "k"}) for _ in range(5)]
    assert [answer.status for answer in answers] == [500, 429, 201, 204, 204]
    assert (answers[1].headers["retry-after"], len(answers[2].body)) == ("7", 100_000)
    first = receiver.requests[0]
    assert (first.method, first.path, first.headers["x-key"], first.body) == ("POST", "/a?b=c", "k", b"body")
    assert [request.answered for request in receiver.requests] == [True] * 5


@pytest.mark.parametrize(("step", "read"), [("reset", b""), ("reset after reading", b"body")])
@pytest.mark.parametrize("over", ["receiver", "tls_receiver"])
def test_receiver_resets(
    request: pytest.FixtureRequest, authority: Authority, over: str, step: Any, read: bytes
) -> None:
    receiver, trust = request.getfixturevalue(over), authority.client_context()
    receiver.script = [step, 200]
    with ExitStack() as open_now:
        client = open_now.enter_context(socket.create_connection(("127.0.0.1", receiver.port), timeout=60))
        if over == "tls_receiver":
            client = open_now.enter_context(trust.wrap_socket(client, server_hostname="127.0.0.1"))
        client.sendall(b"PUT / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody")
        below = open_now.enter_context(socket.socket(fileno=os.dup(client.fileno())))  # TLS may call a reset an end
        below.settimeout(60)
        with pytest.raises(ConnectionResetError):
            while below.recv(4096):
                pass
    assert ask("PUT", receiver.url, b"body", trust=trust).status == 200
    assert [(request.body, request.answered) for request in receiver.requests] == [(read, False), (b"body", True)]


def test_receiver_can_leave_one_waiting() -> None:
    told: list[Exception] = []

    def wait() -> None:
        try:
            ask("POST", receiver.url, b"body")
        except (OSError, HTTPException) as error:
            told.append(error)

    with running_receiver("timeout") as receiver:
        client = threading.Thread(target=wait)
        client.start()
        receiver.wait(1)
        assert told == []
    client.join()
    assert len(told) == 1
    assert not receiver.requests[0].answered


def test_receiver_notices_who_does_not_wait(receiver: Receiver) -> None:
    receiver.script = [Reply(delay=3600), 200]
    with socket.create_connection(("127.0.0.1", receiver.port)) as client:
        client.sendall(b"POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
        receiver.wait(1)
    assert ask("POST", receiver.url, b"").status == 200
    assert [request.answered for request in receiver.requests] == [False, True]


def test_receiver_over_tls_needs_trust(tls_receiver: Receiver, authority: Authority) -> None:
    assert ask("POST", tls_receiver.url, b"body", trust=authority.client_context()).status == 200
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        ask("POST", tls_receiver.url, b"body", trust=ssl.create_default_context())
    assert len(tls_receiver.requests) == 1
