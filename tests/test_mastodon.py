"""Threads on servers with Mastodon's API: what arrives, what is not sent twice, what is told of a failure."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from archive.targets import Target
from notify import delivery
from notify.carrier import DeliveryError, Parcel
from notify.harmless import plain
from notify.letter import Letter
from notify.posts import Limit, posts
from tests.attacks import ATTACKS
from tests.channels import Authority, MastodonMock, Receiver, Reply, Snac, running_mastodon_mock
from tests.receivers import nobody
from tests.sample_posts import PAGE, READ_ON, TITLE, added, attacked, letter

TOKEN = "toot-sesame-4711"
V2, V1 = 404, 404  # the answers of a server that says nothing of its limits
MARK = "Possibly repeated: it is unknown whether this message arrived before."
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's, of its plugins


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No test may leave a secret in the log, however much is logged."""
    caplog.set_level(logging.DEBUG)
    yield
    said = " ".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.get_records("call"))
    assert is_discreet(said)


def is_discreet(text: str) -> bool:
    return not any(secret in text for secret in (TOKEN, "mock_token", "127.0.0.1", "statuses"))


def target(server: Snac | MastodonMock | Receiver, more: str = "") -> Target:
    scheme = "mastodons" if server.url.startswith("https") else "mastodon"
    return Target("fediverse", f"{scheme}://{getattr(server, 'token', TOKEN)}@{server.host}{more}")


def send(to: Target, written: Letter, receipts: tuple[str, ...] = ()) -> list[str]:
    """The receipts of what was posted now."""
    confirmed = list[str]()
    delivery.carrier(to, pytest.fail)(to, Parcel(written, receipts, confirmed.append))
    return confirmed


def failure(to: Target, confirm: Callable[[str], None] = lambda _: None) -> DeliveryError:
    """What is said where a post did not get through; it holds no secret."""
    with pytest.raises(DeliveryError) as caught:
        delivery.carrier(to, pytest.fail)(to, Parcel(letter(), (), confirm))
    error = caught.value
    assert is_discreet(f"{error!r} {error} {error.__cause__!r} {error.__context__!r}")
    assert "\n" not in str(error)
    return error


def kinds(error: DeliveryError) -> tuple[bool, bool, bool]:
    return error.unknown, error.refused, error.down


def text(status: dict[str, Any]) -> str:
    """What a reader sees of a post."""
    lines = re.sub(r"</p><p>", "\n\n", re.sub(r"<br ?/?>", "\n", status["content"]))
    return BeautifulSoup(lines, "lxml").get_text().strip()


def paths(receiver: Receiver) -> list[str]:
    return [f"{request.method} {request.path.rstrip('/')}" for request in receiver.requests]


def test_a_thread_arrives(mastodon_mock: MastodonMock) -> None:
    written = letter(added("We train on everything you write. " * 30))
    receipts = send(target(mastodon_mock), written)
    thread = mastodon_mock.statuses()
    assert [status["id"] for status in thread] == receipts
    assert [status["in_reply_to_id"] for status in thread] == [None, *receipts[:-1]]
    assert [text(status) for status in thread] == posts(written, Limit(500, 23), written.hashtags)
    assert text(thread[0]).startswith(TITLE)
    assert [tag["name"] for tag in thread[0]["tags"]] == ["privacy", "ai"]
    assert all(
        (one["language"], one["spoiler_text"], one["sensitive"], one["visibility"]) == ("en", "", False, "public")
        for one in thread
    )


def test_a_thread_arrives_at_a_server_that_takes_long_posts(snac: Snac) -> None:
    written = letter(added("We train on everything you write. " * 90))
    receipts = send(target(snac), written)
    thread = snac.statuses()
    assert [status["id"] for status in thread] == receipts
    assert [status["in_reply_to_id"] for status in thread] == [None, *receipts[:-1]]
    assert [text(status) for status in thread] == posts(written, Limit(1000, 32), written.hashtags)
    assert 1000 >= max(len(text(status)) for status in thread) > 500
    anchors = BeautifulSoup(thread[0]["content"], "lxml").find_all("a")
    assert [anchor.get_text() for anchor in anchors] == [READ_ON, "#privacy", "#AI"]


def test_the_address_says_who_may_see_it_and_in_what_language_it_is(mastodon_mock: MastodonMock) -> None:
    send(target(mastodon_mock, "/@testuser?visibility=direct&language=fr&spoiler=terms"), letter())
    first, second = mastodon_mock.statuses()
    for status in (first, second):
        assert (status["visibility"], status["language"], status["spoiler_text"]) == ("direct", "fr", "terms")
        assert text(status).startswith("@testuser\n")


@pytest.mark.parametrize("name", ATTACKS)
def test_what_a_page_says_stays_text(name: str, mastodon_mock: MastodonMock, snac: Snac) -> None:
    written = attacked(ATTACKS[name])
    for server in (mastodon_mock, snac):
        send(target(server), written)
        thread = server.statuses()
        found = BeautifulSoup("".join(status["content"] for status in thread), "lxml")
        assert {tag.name for tag in found.find_all()} <= {"html", "body", "p", "br", "a"}
        assert {anchor.get_text() for anchor in found.find_all("a")} <= {READ_ON, PAGE, "#privacy", "#AI"}
        assert not any(status["mentions"] or status["emojis"] for status in thread)
        assert {tag["name"].lower() for status in thread for tag in status["tags"]} <= {"privacy", "ai"}
        words = re.sub(r"\s+", " ", plain(ATTACKS[name]))
        assert words[:100].strip() in re.sub(r"\s+", " ", " ".join(map(text, thread)))


def test_a_second_try_shows_nothing_twice(mastodon_mock: MastodonMock) -> None:
    send(target(mastodon_mock), letter())
    before = [status["id"] for status in mastodon_mock.statuses()]
    assert send(target(mastodon_mock), replace(letter(), repeated=True)) == before
    assert [status["id"] for status in mastodon_mock.statuses()] == before
    send(target(mastodon_mock), letter(reference="m-2"))
    assert len(mastodon_mock.statuses()) == 2 * len(before)


def test_a_try_goes_on_after_what_was_confirmed(snac: Snac) -> None:
    """snac2 does not honour the key, so nothing but the receipts keeps it from posting twice."""
    written = letter(added("We train on everything you write. " * 90))
    texts = posts(written, Limit(1000, 32), written.hashtags)
    confirmed = list[str]()

    def die(receipt: str) -> None:
        confirmed.append(receipt)
        if len(confirmed) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        delivery.carrier(target(snac), pytest.fail)(target(snac), Parcel(written, (), die))
    rest = send(target(snac), replace(written, repeated=True), tuple(confirmed))
    thread = snac.statuses()
    assert [status["id"] for status in thread] == [*confirmed, *rest]
    assert [status["in_reply_to_id"] for status in thread] == [None, *confirmed, *rest[:-1]]
    assert [text(one) for one in thread] == [*texts[:2], f"{MARK}\n{texts[2]}", *texts[3:]]
    assert send(target(snac), written, (*confirmed, *rest)) == []
    assert len(snac.statuses()) == len(texts)


def test_each_post_is_confirmed_before_the_next_leaves(mastodon_mock: MastodonMock) -> None:
    seen = list[int]()
    to = target(mastodon_mock)
    delivery.carrier(to, pytest.fail)(to, Parcel(letter(), (), lambda _: seen.append(len(mastodon_mock.statuses()))))
    assert seen == [1, 2]


def test_a_wrong_token(snac: Snac) -> None:
    error = failure(Target("fediverse", f"mastodon://{TOKEN}@{snac.host}"))
    assert (str(error), kinds(error)) == ("the server does not accept the access token", (False, False, True))


def test_a_post_that_is_refused(mastodon_mock: MastodonMock) -> None:
    mastodon_mock.fault(422, body={"error": f"Validation failed: {TOKEN}"})
    error = failure(target(mastodon_mock))
    assert (str(error), kinds(error)) == ("the server refused the post", (False, True, False))
    mastodon_mock.fault(403)
    assert kinds(failure(target(mastodon_mock))) == (False, False, True)


def test_a_server_that_fails_in_the_middle_of_a_thread(receiver: Receiver) -> None:
    receiver.script = [V2, V1, Reply(200, {}, b'{"id": "1"}'), 503]
    confirmed = list[str]()
    error = failure(target(receiver), confirm=confirmed.append)
    assert (str(error), kinds(error)) == ("the server answered with 503", (False, False, False))
    assert confirmed == ["1"]
    assert paths(receiver) == ["GET /api/v2/instance", "GET /api/v1/instance", *["POST /api/v1/statuses"] * 2]
    assert [request.headers.get("idempotency-key") for request in receiver.requests] == [None, None, "m-1-1", "m-1-2"]
    assert {request.headers["authorization"] for request in receiver.requests} == {f"Bearer {TOKEN}"}
    assert b"content_type=text%2Fplain" in receiver.requests[2].body
    receiver.requests.clear()
    receiver.script = [V2, V1, 504]
    assert kinds(failure(target(receiver))) == (True, False, False)  # somebody behind it may have taken the post


def test_a_server_that_wants_less(tmp_path: Path) -> None:
    with running_mastodon_mock(tmp_path, limit=2) as server:
        error = failure(target(server))
    assert (str(error), kinds(error)) == ("the server asks to be left alone for a while", (False, False, True))
    assert 200 < error.after <= 302


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "90"}, 90, 90),
        ({"X-RateLimit-Reset": "2026-03-02T06:05:00Z", "Date": "Mon, 02 Mar 2026 06:00:00 GMT"}, 290, 301),
        ({"Retry-After": "soon"}, 0, 0),
        ({"X-RateLimit-Reset": "soon"}, 0, 0),
        ({}, 0, 0),
    ],
)
def test_how_long_a_server_wants_to_be_left_alone(
    headers: dict[str, str], least: float, most: float, receiver: Receiver
) -> None:
    receiver.script = [V2, V1, (429, {"Date": formatdate(usegmt=True)} | headers)]
    assert least <= failure(target(receiver)).after <= most
    receiver.requests.clear()


@pytest.mark.parametrize("end", ["reset", "reset after reading", b"<html>", b"[]", b"{}"])
def test_a_post_whose_fate_is_unknown(end: Any, receiver: Receiver) -> None:
    receiver.script = [V2, V1, Reply(200, {}, end) if isinstance(end, bytes) else end]
    assert kinds(failure(target(receiver))) == (True, False, False)


def test_an_answer_that_does_not_come(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    from notify import mastodon

    monkeypatch.setattr(mastodon, "ANSWER", 3)
    receiver.script = [V2, V1, "timeout"]
    error = failure(target(receiver))
    assert (str(error), kinds(error)) == ("the server did not answer", (True, False, False))
    assert len(receiver.requests) == 3


@pytest.mark.parametrize("step", ["reset", "reset after reading"])
def test_a_server_that_goes_before_anything_is_posted(step: Any, receiver: Receiver) -> None:
    receiver.script = [step]
    assert kinds(failure(target(receiver))) == (False, False, True)
    assert "POST /api/v1/statuses" not in paths(receiver)


def test_nobody_is_there() -> None:
    host = nobody().partition("//")[2].partition("/")[0].rpartition("@")[2]
    for to in (Target("fediverse", f"{scheme}://{TOKEN}@{host}") for scheme in ("mastodon", "toot", "toots")):
        error = failure(to)
        assert (str(error), kinds(error)) == ("the server was not reached", (False, False, True))


def test_a_server_that_goes_in_the_middle_of_a_thread(receiver: Receiver) -> None:
    receiver.script = [V2, V1, Reply(200, {}, b'{"id": "1"}')]

    def close(_: str) -> None:
        receiver.shutdown()
        receiver.server_close()

    error = failure(target(receiver), close)
    assert (str(error), kinds(error)) == ("the server was not reached", (False, False, True))


def test_a_fault_inside_the_library(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise TypeError(f"cannot use {TOKEN}")

    monkeypatch.setattr("mastodon.Mastodon.status_post", fail)
    receiver.script = [V2]
    assert kinds(failure(target(receiver))) == (True, False, False)


def test_an_address_that_is_not_understood() -> None:
    error = failure(Target("fediverse", "mastodon://127.0.0.1"))
    assert (str(error), kinds(error)) == ("the address of this target is not understood", (False, False, True))


def test_a_server_that_sends_us_elsewhere(receiver: Receiver) -> None:
    receiver.script = [V2, V1, (302, {"Location": "http://127.0.0.1:9/"})]
    error = failure(target(receiver))
    assert (str(error), kinds(error)) == ("the server answered with 302", (False, False, False))
    assert len(receiver.requests) == 3


@pytest.mark.parametrize(
    "said", [b'{"configuration": {"statuses": {"max_characters": 9}}}', b'{"configuration": []}', b"[1]", b'"x"', b"{"]
)
def test_nonsense_about_limits(said: bytes, receiver: Receiver) -> None:
    receiver.script = [Reply(200, {}, said), Reply(200, {}, said), Reply(200, {}, b'{"id": "1"}')]
    send(target(receiver), letter())
    assert len(receiver.requests) == 2 + len(posts(letter(), Limit()))


def test_over_tls(
    tls_receiver: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    tls_receiver.script = [V2, V1, Reply(200, {}, b'{"id": "1"}')]
    assert kinds(failure(target(tls_receiver))) == (False, False, True)
    assert tls_receiver.requests == []
    assert send(target(tls_receiver, "?verify=no"), letter()) == ["1", "1"]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_file))
    assert send(target(tls_receiver), letter()) == ["1", "1"]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))  # whom nobody here is known to
    assert send(target(tls_receiver, "?verify=no"), letter()) == ["1", "1"]
