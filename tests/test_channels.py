"""The servers that tests of the channels talk to are what they are taken for: what goes in comes out, no is no."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote

import pytest

from tests.channels import (
    Homeserver,
    MastodonMock,
    Ntfy,
    Room,
    Snac,
    process,
    running_homeserver,
    running_mastodon_mock,
)
from tests.channels.asking import Answered, ask, basic, bearer

HELLO = {"msgtype": "m.text", "body": "Gantry changed its terms"}


def say(homeserver: Homeserver, room: Room, transaction: str, token: str = "") -> Answered:
    """Sends a message as the bot."""
    address = f"{homeserver.url}/_matrix/client/v3/rooms/{quote(room.id)}/send/m.room.message/{transaction}"
    return ask("PUT", address, HELLO, bearer(token or homeserver.bot.token))


def joined(homeserver: Homeserver, room: Room) -> Room:
    """The room, which the bot has joined by its alias."""
    assert homeserver.ask("POST", f"/join/{quote(room.alias)}", homeserver.bot, {}).status == 200
    return room


def test_matrix_shows_what_the_bot_said(homeserver: Homeserver) -> None:
    room = joined(homeserver, homeserver.room())
    assert homeserver.messages(room) == []
    event = say(homeserver, room, "t1").json["event_id"]
    assert say(homeserver, room, "t1").json["event_id"] == event  # the same transaction is one message
    assert homeserver.messages(room) == [HELLO]
    assert homeserver.transactions(room) == ["t1"]
    last = homeserver.events(room)[-1]
    assert (last["event_id"], last["sender"]) == (event, homeserver.bot.id)


def test_matrix_refuses_who_has_no_token_or_has_not_joined(homeserver: Homeserver) -> None:
    room = homeserver.room()
    assert say(homeserver, room, "t1").status == 403
    assert say(homeserver, joined(homeserver, room), "t2", "no-token").status == 401
    assert homeserver.messages(room) == []


def test_matrix_knows_passwords(homeserver: Homeserver) -> None:
    bot = homeserver.bot
    wanted = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": bot.name}}
    address = f"{homeserver.url}/_matrix/client/v3/login"
    assert ask("POST", address, wanted | {"password": bot.password}).json["user_id"] == bot.id
    assert ask("POST", address, wanted | {"password": "guess"}).status == 403


def test_matrix_makes_the_rooms_that_are_wanted(homeserver: Homeserver) -> None:
    room = homeserver.room("alerts", encrypted=True, version="11")
    assert (room.alias, room.id.partition(":")[2]) == ("#alerts:localhost", "localhost")
    events = {event["type"]: event["content"] for event in homeserver.events(room)}
    assert events["m.room.encryption"]["algorithm"] == "m.megolm.v1.aes-sha2"
    assert events["m.room.create"]["room_version"] == "11"
    plain = {event["type"] for event in homeserver.events(homeserver.room())}
    assert "m.room.encryption" not in plain


def test_matrix_can_be_made_to_limit(tmp_path: Path) -> None:
    with running_homeserver(tmp_path, limit=(0.01, 2)) as homeserver:
        room = joined(homeserver, homeserver.room())
        answers = [say(homeserver, room, f"t{number}") for number in range(4)]
        assert answers[-1].status == 429
        assert answers[-1].json["errcode"] == "M_LIMIT_EXCEEDED"
        assert answers[-1].json["retry_after_ms"] > 1000
        assert len(homeserver.messages(room)) == [answer.status for answer in answers].count(200) > 0


def test_snac_shows_what_was_posted(snac: Snac) -> None:
    assert snac.statuses() == []
    first = ask("POST", f"{snac.url}/api/v1/statuses", {"status": "Gantry & co"}, bearer(snac.token)).json
    answer = {"status": "more", "in_reply_to_id": first["id"], "visibility": "private"}
    assert ask("POST", f"{snac.url}/api/v1/statuses", answer, bearer(snac.token)).status == 200
    opening, reply = snac.statuses()
    assert ("Gantry & co" in opening["content"], "more" in reply["content"]) == (True, True)
    assert (opening["in_reply_to_id"], reply["in_reply_to_id"]) == (None, first["id"])
    assert (opening["visibility"], reply["visibility"]) == ("public", "private")


def test_snac_refuses_a_wrong_token(snac: Snac) -> None:
    assert ask("POST", f"{snac.url}/api/v1/statuses", {"status": "x"}, bearer("no-token")).status == 401
    assert snac.statuses() == []


def toot(mock: MastodonMock, text: str, token: str = "", **headers: str) -> Answered:
    """Posts as the user of the mock; `_` in a header's name is -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask("POST", f"{mock.url}/api/v1/statuses", {"status": text}, bearer(token or mock.token) | named)


def test_mock_has_the_limits_of_mastodon(mastodon_mock: MastodonMock) -> None:
    assert toot(mastodon_mock, "x", "no-token").status == 401
    assert toot(mastodon_mock, "x" * 501).status == 422
    assert mastodon_mock.statuses() == []
    assert toot(mastodon_mock, "x" * 500).status == 200
    assert ["x" * 500 in status["content"] for status in mastodon_mock.statuses()] == [True]


def test_mock_posts_once_for_one_key(mastodon_mock: MastodonMock) -> None:
    ids = [toot(mastodon_mock, "once", Idempotency_Key=key).json["id"] for key in ("k1", "k1", "k2")]
    assert ids[0] == ids[1]
    assert [status["id"] for status in mastodon_mock.statuses()] == [ids[0], ids[2]]


def test_mock_fails_when_told_to_and_then_no_more(mastodon_mock: MastodonMock) -> None:
    mastodon_mock.fault(503)
    mastodon_mock.fault(429, kind="ratelimit", headers={"Retry-After": "7"})
    assert toot(mastodon_mock, "a").status == 503
    limited = toot(mastodon_mock, "b")
    assert (limited.status, limited.headers["retry-after"]) == (429, "7")
    assert toot(mastodon_mock, "c").status == 200
    assert len(mastodon_mock.statuses()) == 1


def test_mock_can_be_made_to_limit(tmp_path: Path) -> None:
    with running_mastodon_mock(tmp_path, limit=2) as mock:
        assert [toot(mock, text).status for text in "abc"] == [200, 200, 429]
        assert toot(mock, "d").headers["x-ratelimit-remaining"] == "0"


def test_ntfy_shows_what_was_published(ntfy: Ntfy) -> None:
    login = basic(ntfy.user, ntfy.password)
    for text in (b"one", b"two"):
        assert ask("POST", f"{ntfy.url}/terms", text, login | {"Title": "Gantry"}).status == 200
    assert [(each["title"], each["message"]) for each in ntfy.messages("terms")] == [
        ("Gantry", "one"),
        ("Gantry", "two"),
    ]
    assert ntfy.messages("other") == []


def test_ntfy_refuses_strangers(ntfy: Ntfy) -> None:
    assert ask("POST", f"{ntfy.url}/strangers", b"x").status == 403
    assert ask("POST", f"{ntfy.url}/strangers", b"x", basic(ntfy.user, "guess")).status == 401
    assert ntfy.messages("strangers") == []


def test_a_missing_server_is_skipped_but_fails_in_ci(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(process, "SERVERS", tmp_path)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="make servers"):
        process.installed("bin", "mastodon_mock")
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="make servers"):
        process.installed("bin", "mastodon_mock")


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    start = process.Start(["/bin/sh", "-c", "echo no such luck; exit 3"], "/")
    with pytest.raises(pytest.fail.Exception, match="no such luck"), process.running(tmp_path, lambda place: start):
        pass


def test_a_server_that_ends_at_once_is_tried_again_elsewhere(tmp_path: Path) -> None:
    ports: list[int] = []

    def prepare(place: process.Place) -> process.Start:
        ports.append(place.port)
        serve = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(place.port)]
        return process.Start(["/bin/false"] if len(ports) == 1 else serve, "/")

    with process.running(tmp_path, prepare) as place:
        assert (place.port, len(ports)) == (ports[1], 2)
        assert ask("GET", place.url).status == 200
    with pytest.raises(URLError):
        ask("GET", place.url)
