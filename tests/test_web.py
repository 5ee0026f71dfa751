"""Posts to real servers over HTTP: what came of them, and that nothing told of it is a secret."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notify import web
from notify.carrier import DeliveryError
from notify.web import Answer, failed, post
from tests.channels import Authority, Receiver, Reply

SECRETS = ("127.0.0.1", "token-4711", "hunter2")
UNREACHED = {"text": "the server was not reached", "down": True}


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No test may leave a secret in the log, however much is logged."""
    caplog.set_level(logging.DEBUG)
    yield
    assert not any(secret in record.getMessage() for record in caplog.get_records("call") for secret in SECRETS)


def told(error: DeliveryError) -> dict[str, Any]:
    """The text; what is so, by name."""
    assert not any(secret in f"{error!r} {error.__cause__!r} {error.__context__!r}" for secret in SECRETS)
    found = {name: value for name in ("unknown", "refused", "down", "after") if (value := getattr(error, name))}
    return {"text": str(error), **found}


def failure(url: str, **more: Any) -> dict[str, Any]:
    with pytest.raises(DeliveryError) as caught:
        post(url, json={"a": 1}, **more)
    return told(caught.value)


def test_what_is_posted_and_answered(receiver: Receiver) -> None:
    receiver.script = [Reply(201, {"X-Id": "7"}, "ñ".encode()), 204]
    answer = post(f"{receiver.url}/hook?token-4711", json={"words": "ñ"}, auth=("postman", "hunter2"))
    assert (answer.status, answer.headers["x-id"], answer.text, answer.is_good) == (201, "7", "ñ", True)
    assert post(receiver.url, body=b"ab", headers={"Authorization": "Bearer token-4711", "X-A": "b"}).is_good
    first, second = receiver.requests
    assert (first.method, first.path) == ("POST", "/hook?token-4711")
    assert (first.headers["content-type"], first.headers["user-agent"]) == ("application/json", "Smallprint")
    assert first.headers["authorization"] == "Basic cG9zdG1hbjpodW50ZXIy"
    assert (second.body, second.headers["x-a"]) == (b"ab", "b")


def test_a_token_is_not_replaced_by_a_password_of_this_machine(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login postman password hunter2\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    post(receiver.url, json={}, headers={"Authorization": "Bearer token-4711"})
    post(receiver.url, json={})
    assert [request.headers.get("authorization") for request in receiver.requests] == ["Bearer token-4711", None]


def test_an_answer_is_read_to_a_bound_and_whatever_it_is(receiver: Receiver) -> None:
    receiver.script = [
        Reply(200, body=b"x" * 100_000),
        Reply(500, body=b"\xff\xfe"),
        Reply(200, {"Content-Encoding": "gzip"}),
    ]
    assert len(post(receiver.url, json={}).text) == web.MOST
    assert post(receiver.url, json={}).text == "\ufffd\ufffd"
    assert post(receiver.url, json={}).is_good


def test_where_one_is_sent_elsewhere_nothing_follows(receiver: Receiver) -> None:
    receiver.script = [(308, {"Location": f"{receiver.url}/elsewhere"})]
    assert post(receiver.url, json={}).status == 308
    assert [request.path for request in receiver.requests] == ["/"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (302, {"text": "the server takes nothing at this address (302)", "down": True}),
        (400, {"text": "the server answered with 400"}),
        (401, {"text": "the server does not accept the log-in (401)", "down": True}),
        (403, {"text": "the server does not accept the log-in (403)", "down": True}),
        (404, {"text": "the server takes nothing at this address (404)", "down": True}),
        (410, {"text": "the server takes nothing at this address (410)", "down": True}),
        (413, {"text": "the server answered with 413", "refused": True}),
        (422, {"text": "the server answered with 422", "refused": True}),
        (429, {"text": "the server answered with 429"}),
        (503, {"text": "the server answered with 503"}),
    ],
)
def test_what_a_status_means(status: int, expected: dict[str, Any]) -> None:
    assert told(failed(Answer(status, {}, "token-4711"))) == expected


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        (" 0 ", 0),
        ("Sun, 22 Mar 2026 10:05:00 GMT", 300),
        ("Sun, 22 Mar 2026 09:05:00 GMT", 0),
        ("999999999999", web.LONGEST_WAIT),
        ("Tue, 22 Mar 2050 10:05:00 -0000", web.LONGEST_WAIT),
        ("-5", 0),
        ("soon", 0),
        ("٧", 0),
        ("Sun, 99 Mar 2026 10:05:00 GMT", 0),
        ("", 0),
    ],
)
def test_how_long_one_is_to_wait(said: str, seconds: float) -> None:
    """By the clock of the server, which may go wrong."""
    answer = Answer(429, {"retry-after": said, "date": "Sun, 22 Mar 2026 10:00:00 GMT"}, "")
    assert failed(answer).after == seconds


def test_without_a_date_our_clock_counts() -> None:
    assert failed(Answer(503, {"retry-after": "Sun, 22 Mar 2020 10:05:00 GMT"}, "")).after == 0
    assert failed(Answer(503, {"retry-after": "Tue, 22 Mar 2095 10:05:00 GMT"}, "")).after == web.LONGEST_WAIT


@pytest.mark.parametrize("step", ["reset", "reset after reading"])
def test_a_connection_that_breaks(receiver: Receiver, step: Any) -> None:
    receiver.script = [step]
    assert failure(receiver.url) == {"text": "the server did not answer", "unknown": True}


def test_an_answer_that_does_not_come(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PATIENCE", 0.2)
    receiver.script = ["timeout"]
    assert failure(receiver.url) == {"text": "the server did not answer", "unknown": True}


def test_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/token-4711"
        assert failure(url) == UNREACHED
        monkeypatch.setenv("http_proxy", url)
        assert failure("http://gantry.example/token-4711") == UNREACHED


@pytest.mark.parametrize(
    "url", ["", "token-4711", "http://", "http://a..b/token-4711", "http://[::1/", "ftp://127.0.0.1/"]
)
def test_what_is_no_address(url: str) -> None:
    assert failure(url) == UNREACHED


def test_what_is_no_header(receiver: Receiver) -> None:
    for header in ("token-4711\r\nX-B: c", "token-4711 ☃"):
        assert failure(receiver.url, headers={"X-A": header}) == UNREACHED
    assert receiver.requests == []


def test_trust(
    tls_receiver: Receiver, receiver: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert failure(tls_receiver.url) == {"text": "the server's certificate is not trusted", "down": True}
    assert post(tls_receiver.url, json={}, verify=False).is_good
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_file))
    assert post(tls_receiver.url, json={}).is_good
    insecure = {"text": "no secure connection with the server", "down": True, "unknown": True}
    assert failure(receiver.url.replace("http:", "https:")) == insecure
