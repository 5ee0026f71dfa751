"""Messages in rooms of Matrix: what arrives, what is not sent twice, what is told of a failure."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote as quoted

import pytest
from bs4 import BeautifulSoup

from archive.targets import Target
from archive.words import Run, Segment
from notify import delivery, matrix
from notify.carrier import DeliveryError, Parcel
from notify.harmless import JOINER, unlinked
from notify.letter import Item, Letter, Line
from notify.room_event import MOST, content
from tests.attacks import ATTACKS
from tests.channels import Authority, Homeserver, Receiver, Reply, Room, running_homeserver
from tests.receivers import nobody
from tests.sample_posts import PAGE, READ_ON, TITLE, added, attacked, letter, quote

TOKEN, PASSWORD = "matrix-sesame-4711", "pass-sesame-4711"
JSON = {"Content-Type": "application/json"}
ALLOWED = {"html", "body", "h4", "p", "strong", "blockquote", "u", "del", "ul", "li", "a"}  # of those Matrix lists
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's, of its plugins


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test may leave a secret in the log, however much is logged. Each begins without remembered log-ins."""
    monkeypatch.setattr(matrix, "_tokens", {})
    caplog.set_level(logging.DEBUG)
    yield
    assert is_discreet(" ".join(f"{one.getMessage()} {one.exc_text}" for one in caplog.get_records("call")))


def is_discreet(text: str) -> bool:
    return not any(secret in text for secret in (TOKEN, PASSWORD, "bot-sesame", "127.0.0.1", "localhost", "syt_"))


def by_token(server: Homeserver, *rooms: str, more: str = "") -> Target:
    path = "/".join(quoted(room, safe="") for room in rooms)
    return Target("rooms", f"matrix://{server.bot.token}@{server.host}/{path}{more}")


def by_password(server: Homeserver, room: str) -> Target:
    return Target("rooms", f"matrix://bot:{server.bot.password}@{server.host}/{quoted(room, safe='')}")


def send(to: Target, written: Letter, receipts: tuple[str, ...] = ()) -> list[str]:
    """The receipts of what was sent now."""
    confirmed = list[str]()
    delivery.carrier(to, pytest.fail)(to, Parcel(written, receipts, confirmed.append))
    return confirmed


def failure(to: Target) -> DeliveryError:
    """What is said where a message did not get through; it holds no secret."""
    with pytest.raises(DeliveryError) as caught:
        delivery.carrier(to, pytest.fail)(to, Parcel(letter()))
    error = caught.value
    assert is_discreet(f"{error!r} {error} {error.__cause__!r} {error.__context__!r}")
    return error


def kinds(error: DeliveryError) -> tuple[bool, bool, bool]:
    return error.unknown, error.refused, error.down


def told(to: Target) -> str:
    """What is said of a target as a whole that does not work."""
    error = failure(to)
    assert kinds(error) == (False, False, True)
    return str(error)


def joins(server: Homeserver, room: Room) -> int:
    """How often the bot has entered a room."""
    events = [event for event in server.events(room) if event["type"] == "m.room.member"]
    return sum(event["sender"] == server.bot.id and event["content"]["membership"] == "join" for event in events)


def test_a_message_arrives(homeserver: Homeserver) -> None:
    room = homeserver.room()
    assert send(by_token(homeserver, room.alias), letter()) == [room.id]
    [message] = homeserver.messages(room)
    assert (message["msgtype"], message["m.mentions"], message["format"]) == ("m.notice", {}, "org.matrix.custom.html")
    assert message["body"].startswith(f"{TITLE}\n\nQuillo may now train on what you write.\nSeverity: high\n\nHow to")
    assert "“We use what you write to [removed: improve] [added: train] our models.”" in message["body"]
    assert f"Page: {PAGE}\n" in message["body"]
    assert message["body"].endswith("Message: m-1")
    html = message["formatted_body"]
    assert html.startswith(f"<h4>{TITLE}</h4>\n<p><strong>Quillo may now train")
    assert ("<blockquote>We use what you write to <del>improve </del><u>train </u>our models.</blockquote>") in html
    assert f'<a href="{PAGE}">' in html
    assert {tag.name for tag in BeautifulSoup(html, "lxml").find_all()} <= ALLOWED
    send(by_token(homeserver, room.alias, more="?msgtype=text"), letter(reference="m-2"))
    assert [message["msgtype"] for message in homeserver.messages(room)] == ["m.notice", "m.text"]


@pytest.mark.parametrize("version", ["11", "12"])
def test_rooms_are_found_by_each_of_their_names(version: str, homeserver: Homeserver) -> None:
    room = homeserver.room(version=version)
    name = room.alias.removesuffix(":localhost")
    names = [name, name.removeprefix("#"), room.alias, room.id, room.id.removesuffix(":localhost")]
    for number, each in enumerate(names):
        assert send(by_token(homeserver, each), letter(reference=f"m-{number}")) == [room.id]
    assert len(homeserver.messages(room)) == len(names)
    assert joins(homeserver, room) == 1


@pytest.mark.parametrize("version", ["11", "12"])
def test_a_room_is_entered_by_its_id(version: str, homeserver: Homeserver) -> None:
    room = homeserver.room(version=version)
    assert send(by_token(homeserver, room.id.removesuffix(":localhost")), letter()) == [room.id]
    assert joins(homeserver, room) == 1


def test_several_rooms_have_a_receipt_each(homeserver: Homeserver) -> None:
    rooms = [homeserver.room() for _ in range(3)]
    to = by_token(homeserver, *(room.alias for room in rooms), rooms[0].id)
    assert send(to, letter(), (rooms[1].id,)) == [rooms[0].id, rooms[2].id]
    assert [len(homeserver.messages(room)) for room in rooms] == [1, 0, 1]


def test_a_second_try_makes_no_second_message(homeserver: Homeserver) -> None:
    room = homeserver.room()
    for to in (by_token(homeserver, room.alias), by_password(homeserver, room.alias)):
        before = len(homeserver.messages(room))
        send(to, letter())
        matrix._tokens.clear()  # as in another process
        assert send(to, replace(letter(), repeated=True)) == [room.id]
        assert len(homeserver.messages(room)) == before + 1
    assert f"m-1-{room.id}" in homeserver.transactions(room)


def test_passwords_pile_up_no_devices_and_are_used_once(homeserver: Homeserver) -> None:
    room = homeserver.room()

    def devices() -> set[str]:
        return {one["device_id"] for one in homeserver.ask("GET", "/devices", homeserver.bot).json["devices"]}

    to, other = by_password(homeserver, room.alias), replace(by_password(homeserver, room.alias), name="others")
    send(to, letter())
    before, token = devices(), matrix._tokens[to.url]
    send(to, letter(reference="m-2"))
    assert matrix._tokens == {to.url: token}
    matrix._tokens[to.url] = "syt_of_an_earlier_log_in"
    send(to, letter(reference="m-3"))
    assert devices() == before
    matrix._tokens.clear()
    send(other, letter(reference="m-4"))
    assert len(devices()) == len(before) + 1  # a log-in ends what the same device was logged in as
    assert len(homeserver.messages(room)) == 4


def test_an_encrypted_room_is_refused_before_anything_is_sent(homeserver: Homeserver) -> None:
    room, encrypted = homeserver.room(), homeserver.room(encrypted=True)
    said = told(by_token(homeserver, room.alias, encrypted.alias))
    assert said == "the room is encrypted: Smallprint does not encrypt, use a room that is not"
    assert homeserver.messages(room) == homeserver.messages(encrypted) == []


def test_who_may_not(homeserver: Homeserver) -> None:
    room = homeserver.room()
    wrong = "the homeserver does not accept the password or access token"
    assert told(Target("rooms", f"matrix://{TOKEN}@{homeserver.host}/%23a")) == wrong
    assert told(Target("rooms", f"matrix://bot:{PASSWORD}@{homeserver.host}/%23a")) == wrong
    assert told(by_token(homeserver, "#nowhere")) == "there is no such room"
    assert told(by_token(homeserver, "!nowhere")) == "the account cannot enter the room"
    levels = f"/rooms/{quoted(room.id)}/state/m.room.power_levels"
    power = homeserver.ask("GET", levels, homeserver.reader).json
    homeserver.ask("PUT", levels, homeserver.reader, power | {"events_default": 50})
    assert told(by_token(homeserver, room.alias)) == "the account may not write in the room"
    homeserver.ask(
        "PUT", f"/rooms/{quoted(room.id)}/state/m.room.join_rules", homeserver.reader, {"join_rule": "invite"}
    )
    homeserver.ask("POST", f"/rooms/{quoted(room.id)}/kick", homeserver.reader, {"user_id": homeserver.bot.id})
    assert told(by_token(homeserver, room.alias)) == "the account cannot enter the room"
    assert homeserver.messages(room) == []


def test_a_homeserver_that_wants_less(tmp_path: Path) -> None:
    with running_homeserver(tmp_path, limit=(0.01, 2)) as server:
        to = by_token(server, server.room().alias)
        faults = list[DeliveryError]()
        for number in range(4):
            try:
                send(to, letter(reference=f"m-{number}"))
            except DeliveryError as error:
                faults.append(error)
    assert faults
    assert {str(error) for error in faults} == {"the homeserver asks to be left alone for a while"}
    assert {kinds(error) for error in faults} == {(False, False, True)}
    assert all(10 < error.after <= 200 for error in faults)


@pytest.mark.parametrize("name", ATTACKS)
def test_what_a_page_says_stays_text(name: str, homeserver: Homeserver) -> None:
    room = homeserver.room()
    send(by_token(homeserver, room.alias), attacked(ATTACKS[name]))
    [message] = homeserver.messages(room)
    assert message["m.mentions"] == {}
    words = unlinked(ATTACKS[name])
    html = BeautifulSoup(message.get("formatted_body", ""), "lxml")
    assert {tag.name for tag in html.find_all()} <= ALLOWED
    assert [anchor.attrs for anchor in html.find_all("a")] in ([], [{"href": PAGE}])
    for text in (message["body"], html.get_text() or message["body"]):
        assert words[:400].strip() in text.replace("\r\n", "\n")
        assert not re.search(r"[@#]\w|evil\.example|evil:", text)
        assert set(re.findall(r"\w+://\S+", text)) <= {PAGE, READ_ON}


def test_an_own_link_is_a_link_and_words_of_a_page_are_none() -> None:
    written = content(letter(rest=(Item("See https://evil.example", PAGE), Line(PAGE, PAGE))))
    shown = f"See https{JOINER}://evil.{JOINER}example"
    assert f'<li><a href="{PAGE}">{shown}</a></li>' in written["formatted_body"]
    assert f'<p><a href="{PAGE}">{PAGE}</a></p>' in written["formatted_body"]
    assert f"  {shown}: {PAGE}\n{PAGE}\n" in written["body"]


def size(written: dict[str, Any]) -> int:
    return len(json.dumps(written, ensure_ascii=False).encode())


@pytest.mark.parametrize("count", [1_000, 9_000, 30_000, 300_000])
@pytest.mark.parametrize("word", ["train ", "學習 ", "\x00"])
def test_a_long_message_is_fitted(count: int, word: str, homeserver: Homeserver) -> None:
    room = homeserver.room()
    written = letter(added(word * count), quote(Segment(Run.KEPT, "We do. "), Segment(Run.ADDED, word * count)))
    send(by_token(homeserver, room.alias), written)
    [message] = homeserver.messages(room)
    assert size(message) <= MOST
    whole = "characters are shown]" not in message["body"]
    assert whole == (unlinked(word * count).strip() in message["body"])
    assert whole == (2 * count * len(word.encode()) < MOST or "formatted_body" in message)
    assert message["body"].endswith("Message: m-1")


def test_of_an_endless_message_the_end_is_cut(homeserver: Homeserver) -> None:
    room = homeserver.room()
    send(by_token(homeserver, room.alias), letter(rest=(Line("\x01é" * 100_000),)))
    [message] = homeserver.messages(room)
    assert re.search(
        rf"\n\[cut: 12000 of 20\d+ characters are shown\]\nRead on: {READ_ON}\nMessage: m-1$", message["body"]
    )


def test_nobody_is_there() -> None:
    host = nobody().partition("//")[2].partition("/")[0].rpartition("@")[2]
    for scheme in ("matrix", "matrixs"):
        assert told(Target("rooms", f"{scheme}://{TOKEN}@{host}/%23a")) == "the homeserver was not reached"


def test_an_address_that_is_not_understood() -> None:
    assert told(Target("rooms", "matrix://host:99999/%23a")) == "the address of this target is not understood"


def answers(*last: Any) -> list[Any]:
    """A homeserver that gets as far as the message."""
    texts = (
        {"user_id": "@bot:quillo.example"},
        {"joined_rooms": ["!r:quillo.example"]},
        {"room_id": "!r:quillo.example", "servers": []},
    )
    known = [Reply(200, JSON, json.dumps(text).encode()) for text in texts]
    missing = json.dumps({"errcode": "M_NOT_FOUND", "error": "nothing"}).encode()
    return [*known, Reply(404, JSON, missing), *last]


@pytest.mark.parametrize(
    ("last", "text", "kind"),
    [
        (503, "the homeserver answered with 503", (False, False, False)),
        (504, "the homeserver answered with 504", (True, False, False)),
        (413, "the homeserver refused the message", (False, True, False)),
        (401, "the homeserver does not accept the password or access token", (False, False, True)),
        (Reply(200, {}, b"<html>"), "the homeserver's answer could not be read", (True, False, False)),
        (Reply(200, JSON, b"[]"), "the homeserver's answer could not be read", (True, False, False)),
        ("reset after reading", "the homeserver did not answer", (True, False, False)),
    ],
)
def test_a_homeserver_that_is_ill(last: Any, text: str, kind: tuple[bool, ...], receiver: Receiver) -> None:
    receiver.script = answers(last)
    error = failure(Target("rooms", f"matrix://{TOKEN}@{receiver.host}/%23a"))
    assert (str(error), kinds(error)) == (text, kind)
    sent = receiver.requests[4]
    assert (sent.method, sent.headers["authorization"]) == ("PUT", f"Bearer {TOKEN}")
    assert sent.path.endswith("/send/m.room.message/m-1-!r:quillo.example")
    assert not any(TOKEN in request.path for request in receiver.requests)


def test_a_room_of_which_nobody_knows_whether_it_is_encrypted(receiver: Receiver) -> None:
    receiver.script = [*answers()[:3], 403, *answers()[:3], Reply(502, {}, b"<html>")]
    to = Target("rooms", f"matrix://{TOKEN}@{receiver.host}/%23a")
    assert told(to) == "the account may not read the room"
    assert str(failure(to)) == "the homeserver answered with 502"
    assert not any(request.method == "PUT" for request in receiver.requests)


def test_an_answer_that_does_not_come(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "CLIENT", replace(matrix.CLIENT, request_timeout=3))
    receiver.script = answers("timeout")
    assert kinds(failure(Target("rooms", f"matrix://{TOKEN}@{receiver.host}/%23a"))) == (True, False, False)
    assert len(receiver.requests) == 5


@pytest.mark.parametrize("step", ["reset after reading", 500, Reply(200, {}, b"{}"), Reply(200, {}, b"nonsense")])
def test_a_homeserver_that_does_not_get_as_far(step: Any, receiver: Receiver) -> None:
    receiver.script = [step]
    error = failure(Target("rooms", f"matrix://{TOKEN}@{receiver.host}/%23a"))
    assert not error.unknown
    assert not any(request.method == "PUT" for request in receiver.requests)


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (
            Reply(
                429,
                JSON,
                b'{"errcode":"M_LIMIT_EXCEEDED","error":"x","retry_after_ms":90000}',
            ),
            90,
        ),
        (Reply(429, {"Retry-After": "30"}), 30),
        (Reply(429, {"Retry-After": "soon"}), 0),
    ],
)
def test_how_long_a_homeserver_wants_to_be_left_alone(reply: Reply, seconds: float, receiver: Receiver) -> None:
    receiver.script = answers(reply)
    assert failure(Target("rooms", f"matrix://{TOKEN}@{receiver.host}/%23a")).after == seconds


def test_over_tls_where_the_host_says_that_its_homeserver_is(
    tls_receiver: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = Reply(200, JSON, b'{"event_id": "$1"}')
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    to = Target("rooms", f"matrixs://{TOKEN}@{tls_receiver.host}/%23a")
    assert told(to) == "the homeserver was not reached"
    assert tls_receiver.requests == []
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(authority.ca_file))
    base = json.dumps({"m.homeserver": {"base_url": tls_receiver.url.replace("127.0.0.1", "localhost")}}).encode()
    known = Reply(200, JSON, base)
    versions = Reply(200, JSON, b'{"versions": ["v1.11"]}')
    tls_receiver.script = [known, versions, *answers(event)]
    assert send(to, letter()) == ["!r:quillo.example"]
    assert [request.path for request in tls_receiver.requests[:2]] == [
        "/.well-known/matrix/client",
        "/_matrix/client/versions",
    ]
    assert tls_receiver.requests[-1].headers["host"] == f"localhost:{tls_receiver.port}"


def test_webhooks_and_people_are_left_to_apprise(receiver: Receiver) -> None:
    send(Target("hook", f"matrix://bot:{TOKEN}@{receiver.host}/?mode=slack"), letter())
    [posted] = receiver.requests
    assert posted.path.startswith("/api/v1/matrix/hook/")
