"""Messages published on a real ntfy server: what is read there, and what is told of what does not arrive."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from archive.targets import Target
from notify import addresses, delivery, web
from notify import ntfy as carrier
from notify.as_text import body
from notify.carrier import DeliveryError, Parcel
from notify.clean import clean, line
from notify.letter import Letter, Line
from tests.attacks import ATTACKS
from tests.channels import Authority, Ntfy, Receiver
from tests.sample_letters import CHANGE, CHANGED, DIGEST, REFERENCE, TITLE, quote, saying, short

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's, of its plugins


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No test may leave a secret in the log, however much is logged."""
    caplog.set_level(logging.DEBUG)
    yield
    records = [record for record in caplog.get_records("call") if not record.name.startswith("tests")]
    assert is_discreet(" ".join(f"{record.getMessage()} {record.exc_text}" for record in records))


@pytest.fixture
def topic() -> str:
    """One that nobody has used: who knows it may read it."""
    return f"topic-{uuid4().hex}"


def is_discreet(text: str) -> bool:
    return not any(secret in text for secret in ("postman", "hunter2", "topic-", "tk_4711", "127.0.0.1"))


def address(server: Ntfy, *topics: str) -> str:
    return f"ntfy://{server.user}:{server.password}@{server.host}/{'/'.join(topics)}"


def deliver(target: Target, parcel: Parcel) -> None:
    """By the carrier that its address asks for."""
    delivery.carrier(target, pytest.fail)(target, parcel)


def send(url: str, letter: Letter = CHANGED, *receipts: str) -> list[str]:
    """The receipts for the topics that have it."""
    taken = list[str]()
    deliver(Target("phone", url), Parcel(letter, receipts, taken.append))
    return taken


def failure(url: str, letter: Letter = CHANGED, taken: list[str] | None = None) -> dict[str, Any]:
    """What is told of a failure; what is so, by name."""
    confirmed = taken if taken is not None else []
    with pytest.raises(DeliveryError) as caught:
        deliver(Target("phone", url), Parcel(letter, (), confirmed.append))
    error = caught.value
    assert is_discreet(f"{error!r} {error.__cause__!r} {error.__context__!r}")
    found = {name: value for name in ("unknown", "refused", "down", "after") if (value := getattr(error, name))}
    return {"text": str(error), **found}


def test_a_message_arrives(ntfy: Ntfy, topic: str) -> None:
    assert len(send(address(ntfy, topic))) == 1
    (read,) = ntfy.messages(topic)
    assert (read["title"], read["message"]) == (TITLE, body(CHANGED))
    assert (read["priority"], read["click"]) == (4, CHANGE)
    assert not {"tags", "icon", "attachment", "actions", "content_type"} & set(read)


@pytest.mark.parametrize(
    ("letter", "priority"),
    [
        (replace(CHANGED, severity="medium"), 3),
        (replace(CHANGED, severity="low"), 2),
        (DIGEST, 2),
        (replace(CHANGED, kind="silence", severity="", url="", title="Not readable: Quillo"), 3),
    ],
)
def test_how_loud_it_is(ntfy: Ntfy, topic: str, letter: Letter, priority: int) -> None:
    send(address(ntfy, topic), letter)
    (read,) = ntfy.messages(topic)
    assert (read["title"], read.get("priority", 3), read.get("click", "")) == (letter.title, priority, letter.url)


def test_a_second_try_has_the_name_of_the_first(receiver: Receiver) -> None:
    for letter in (CHANGED, replace(CHANGED, repeated=True), replace(CHANGED, reference="")):
        send(f"ntfy://{receiver.host}/topic", letter)
    first, second, nameless = (json.loads(request.body) for request in receiver.requests)
    assert first["sequence_id"] == second["sequence_id"] == REFERENCE
    assert second["message"].startswith("Possibly repeated: it is unknown whether this message arrived before.\n")
    assert "sequence_id" not in nameless


def test_each_topic_has_a_receipt(ntfy: Ntfy, topic: str) -> None:
    other = f"{topic}-2"
    first, second = send(address(ntfy, topic, other, topic))
    assert send(address(ntfy, topic, other), CHANGED, first) == [second]
    assert send(address(ntfy, topic, other), CHANGED, first, second) == []
    assert (len(ntfy.messages(topic)), len(ntfy.messages(other))) == (1, 2)
    assert is_discreet(first + second)


def test_how_one_logs_in(receiver: Receiver) -> None:
    for user in ("postman:hünter2@", "tk_4711@", "postman@", ""):
        send(f"ntfy://{user}{receiver.host}/topic")
    assert [request.headers.get("authorization") for request in receiver.requests] == [
        *("Basic cG9zdG1hbjpow7xudGVyMg==", "Bearer tk_4711", "Basic cG9zdG1hbjo=", None)
    ]
    assert {(request.method, request.path) for request in receiver.requests} == {("POST", "/")}


def test_the_cloud_and_others() -> None:
    """Nothing leaves: only where it would go is looked at."""
    named = {url: addresses.parsed(url) for url in ("https://ntfy.sh/topic", "ntfy://topic", "ntfys://a.example/b")}
    assert [carrier._server(place) for place in named.values()] == [carrier.CLOUD, carrier.CLOUD, "https://a.example"]


def test_who_may_not_publish(ntfy: Ntfy, topic: str) -> None:
    denied = {"down": True}
    for url, status in (
        (address(ntfy, topic).replace(ntfy.password, "guess"), 401),
        (f"ntfy://{ntfy.host}/{topic}", 403),
        (f"ntfy://tk_4711@{ntfy.host}/{topic}", 401),
    ):
        assert failure(url) == {"text": f"the server does not accept the log-in ({status})"} | denied
    assert ntfy.messages(topic) == []


def test_a_certificate_that_nobody_knows(
    tls_receiver: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"ntfys://{tls_receiver.host}/topic"
    assert failure(url) == {"text": "the server's certificate is not trusted", "down": True}
    assert len(send(f"{url}?verify=no")) == 1
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_file))
    assert len(send(url)) == 1
    assert len(tls_receiver.requests) == 2


def test_nobody_is_there() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"ntfy://127.0.0.1:{held.getsockname()[1]}/topic"
        assert failure(url) == {"text": "the server was not reached", "down": True}


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (500, {"text": "the server answered with 500"}),
        (413, {"text": "the server answered with 413", "refused": True}),
        (404, {"text": "the server takes nothing at this address (404)", "down": True}),
        ((429, {"Retry-After": "7"}), {"text": "the server answered with 429", "after": 7.0}),
        ("reset after reading", {"text": "the server did not answer", "unknown": True}),
    ],
)
def test_what_a_server_says(receiver: Receiver, step: Any, told: dict[str, Any]) -> None:
    receiver.script = [step]
    assert failure(f"ntfy://{receiver.host}/topic") == told


def test_an_answer_that_does_not_come(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PATIENCE", 0.2)
    receiver.script = ["timeout"]
    assert failure(f"ntfy://{receiver.host}/topic") == {"text": "the server did not answer", "unknown": True}
    assert len(receiver.requests) == 1


def test_one_topic_does_not_harm_the_others(receiver: Receiver) -> None:
    receiver.script = [403, 200, 413]
    taken = list[str]()
    url = f"ntfy://{receiver.host}/topic-1/topic-2/topic-3"
    assert failure(url, taken=taken) == {"text": "the server does not accept the log-in (403)"}
    receiver.script = [200]
    assert len(send(url, CHANGED, *taken)) == 2
    assert [json.loads(request.body)["topic"][-1] for request in receiver.requests] == list("12313")


def test_who_asks_to_be_left_alone_is(receiver: Receiver) -> None:
    receiver.script = [(429, {"Retry-After": "9"})]
    assert failure(f"ntfy://{receiver.host}/topic-1/topic-2")["after"] == 9
    assert len(receiver.requests) == 1


def test_an_address_without_topics() -> None:
    assert failure("ntfy://127.0.0.1:80/") == {"text": "the address of the target names no topic", "down": True}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_page_says_stays_text(ntfy: Ntfy, topic: str, attack: str) -> None:
    words = ATTACKS[attack]
    send(address(ntfy, topic), saying(words))
    (read,) = ntfy.messages(topic)
    assert read["title"] == short(line(f"{words}: AI training"))
    assert set(read) <= {*("id", "time", "expires", "event", "topic", "title", "message", "priority", "click")}
    assert read.get("click", "https://").startswith("https://")
    assert clean(words)[:1000] in read["message"]
    assert f"“{clean(words)}”" in read["message"] or "Not all of it has room here." in read["message"]


@pytest.mark.parametrize("sign", ["x", '"', "\\", "\n", "ж", "条", "🧑", "\x7f", "&"])
def test_what_is_too_long_is_shortened_and_says_so(ntfy: Ntfy, topic: str, sign: str) -> None:
    """ntfy counts bytes, of what is posted too; whatever they are, it stays a message."""
    words = ("word " + sign * 7) * 900
    send(address(ntfy, topic), replace(CHANGED, quotes=(quote("Short."), quote(words), quote("Short too."))))
    (read,) = ntfy.messages(topic)
    assert "attachment" not in read
    assert len(read["message"].encode()) <= 4096
    assert "“Short.”" in read["message"]
    assert "“Short too.”" in read["message"]
    assert f"Not all of it has room here.\nRead on: {CHANGE}\n\nMessage: {REFERENCE}" in read["message"]


@pytest.mark.parametrize(("sign", "is_whole"), [("x", True), ("条", True), ("ж", True), ('"', False), ("\\", False)])
def test_what_json_writes_longer_is_posted_in_as_many_bytes_as_ntfy_reads(
    ntfy: Ntfy, topic: str, sign: str, is_whole: bool
) -> None:
    words = sign * (3780 // len(sign.encode()))
    send(address(ntfy, topic), replace(CHANGED, title=200 * '"', quotes=(quote(words),), rest=()))
    (read,) = ntfy.messages(topic)
    assert (f"“{words}”" in read["message"]) is is_whole
    assert (f" of {len(words)} characters are shown]" in read["message"]) is not is_whole


def test_a_quote_alone_is_cut_and_says_so(ntfy: Ntfy, topic: str) -> None:
    words = "We train on what you write, always. " * 300
    send(address(ntfy, topic), replace(CHANGED, quotes=(quote(words),), rest=()))
    (read,) = ntfy.messages(topic)
    length = len(read["message"].encode())
    assert 4000 < length <= 4096
    assert f"of {len(words)} characters are shown]" in read["message"]


def test_a_letter_of_nothing_but_a_line(ntfy: Ntfy, topic: str) -> None:
    send(address(ntfy, topic), Letter("test", "Smallprint: a test", (Line("This target works."),), CHANGED.frame))
    assert [(read["title"], read["message"]) for read in ntfy.messages(topic)] == [
        ("Smallprint: a test", "This target works.")
    ]
