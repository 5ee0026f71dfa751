"""Delivery to real servers: what arrives, what is kept of a failure, and that no secret is found anywhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import reports
from archive.errors import SettingsError
from archive.frames import frame
from archive.outbox import TRIES
from archive.recording import written
from archive.rows import value
from archive.targets import CONSOLE, Target
from archive.words import Document, Topic
from notify import anywhere, delivery
from notify.carrier import DeliveryError, Parcel
from notify.letter import Letter, Line
from notify.posting import Delivered, next_try
from notify.run import notify
from tests.builders import WORDS, everything_in, pushed, put
from tests.receivers import PASSWORD, TOKEN, USER, Hook, Mailbox, hook, mail_server, nobody

TITLE = "Quillo, Privacy Policy: AI training"
BRILL = Document("Brill", "Privacy Policy", "https://brill.example/privacy", "Brill & Sons")
HOSTILE = "We <b>train</b> & <script>alert('x')</script> on *your* [data](https://evil.example/)."
PAST = "2020-01-01T00:00:00Z"
pytestmark = [
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),  # Apprise's, of its plugins
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),  # the receiver's
]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def receiver() -> Iterator[Hook]:
    with hook() as server:
        yield server


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No test may leave a secret in the log, however much is logged."""
    caplog.set_level(logging.DEBUG)
    yield
    ours = [record for record in caplog.get_records("call") if record.name != "mail.log"]  # the receiver's own
    assert is_discreet(" ".join(f"{record.getMessage()} {record.exc_text}" for record in ours))


def is_discreet(text: str) -> bool:
    return not any(secret in text for secret in (USER, PASSWORD, TOKEN, "127.0.0.1"))


def send(url: str, title: str = TITLE, body: str = WORDS) -> None:
    target = Target("chat", url)
    delivery.carrier(target, pytest.fail)(target, Parcel(Letter("test", title, (Line(body),), frame())))


def failure(url: str) -> str:
    """What is said when the message did not get through, which holds no secret."""
    with pytest.raises(DeliveryError) as caught:
        send(url)
    assert is_discreet(f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}")
    return str(caught.value)


def told(db: Database, *targets: Target) -> list[Delivered]:
    return list(notify(db, targets, pytest.fail))


def states(db: Database) -> list[tuple[str, int]]:
    """Of the notifications to the target "dead", in order: the state and the tries."""
    sql = """SELECT state, attempts FROM notifications JOIN targets ON targets.id = target_id
             WHERE name = 'dead' ORDER BY notifications.id"""
    return [(row["state"], row["attempts"]) for row in db.query(sql)]


def test_a_mail_arrives(mailbox: Mailbox) -> None:
    send(mailbox.url, body=f"It now says:\n  “{HOSTILE}”")
    [mail] = mailbox.mails
    assert (mail["subject"], mail["to"]) == (TITLE, "ann@quillo.example")
    plain = mail.get_body(["plain"])
    assert plain is not None
    assert f"“{HOSTILE}”" in plain.get_content()


def test_a_post_arrives(receiver: Hook) -> None:
    send(receiver.url, body=HOSTILE)
    [posted] = receiver.posted
    assert (posted["title"], posted["message"]) == (TITLE, HOSTILE)
    assert receiver.paths == [f"/hook/{TOKEN}"]


def test_the_console_is_told_in_place() -> None:
    said = list[str]()
    delivery.carrier(CONSOLE, said.append)(CONSOLE, Parcel(Letter("test", TITLE, (Line(WORDS),), frame())))
    assert said == [f"{TITLE}\n\n{WORDS}"]


def test_a_receiver_that_is_ill(receiver: Hook) -> None:
    receiver.status = 500
    assert failure(receiver.url) == "the service answered with 500"
    receiver.status = 404
    assert failure(receiver.url) == "the service answered with 404"


def test_nobody_is_there() -> None:
    assert failure(nobody()) == "the service was not reached or refused the message"


def test_a_fault_inside_apprise(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise TypeError(f"cannot use {PASSWORD}")

    monkeypatch.setattr(anywhere.apprise.Apprise, "notify", fail)
    assert failure("json://127.0.0.1") == "the service was not reached or refused the message"


def test_a_mail_server_that_refuses(mailbox: Mailbox) -> None:
    mailbox.answer = "550 no such mailbox"
    assert failure(mailbox.url) == "the mail server refuses this mail (550)"


@pytest.mark.parametrize("url", ["", "nonsense", f"warp://{TOKEN}@127.0.0.1", "json://", f"discord://{TOKEN}"])
def test_an_address_that_is_not_understood(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^target 'chat': Apprise does not understand its url") as caught:
        delivery.check([CONSOLE, Target("chat", url)])
    assert is_discreet(str(caught.value))
    failure(url)


def test_addresses_that_are_understood(mailbox: Mailbox, receiver: Hook) -> None:
    delivery.check([CONSOLE, Target("mail", mailbox.url), Target("chat", receiver.url)])


def test_what_others_log_is_heard_again_afterwards(receiver: Hook, caplog: pytest.LogCaptureFixture) -> None:
    send(receiver.url)
    logging.getLogger("urllib3.connectionpool").warning("heard")
    logging.getLogger("apprise").warning("heard too")
    assert [record.message for record in caplog.records] == ["heard", "heard too"]


def test_every_change_reaches_every_target_once(db: Database, mailbox: Mailbox, receiver: Hook) -> None:
    pushed(db)
    pushed(db, BRILL)
    titles = [TITLE, TITLE.replace("Quillo", "Brill & Sons")]
    targets = [Target("mail", mailbox.url), Target("chat", receiver.url)]
    done = told(db, *targets)
    assert [one for one in done if one.target == "mail"] == [Delivered("mail", title, "") for title in titles]
    assert [one for one in done if one.target == "chat"] == [Delivered("chat", title, "") for title in titles]
    assert told(db, *targets) == []
    assert [posted["title"] for posted in receiver.posted] == titles
    assert [mail["subject"] for mail in mailbox.mails] == titles
    assert all(WORDS in posted["message"] for posted in receiver.posted)


def test_a_dead_target_does_not_harm_the_healthy_one(db: Database, archive_path: Path, receiver: Hook) -> None:
    pushed(db)
    pushed(db, BRILL)
    targets = [Target("dead", nobody()), Target("chat", receiver.url)]
    done = sorted((item.target, bool(item.error)) for item in told(db, *targets))
    assert done == [("chat", False), ("chat", False), ("dead", True)]  # where nobody is, nothing else is tried
    assert len(receiver.posted) == 2
    assert told(db, *targets) == []  # not due yet
    assert states(db) == [("failed", 1), ("failed", 1)]
    db.execute("UPDATE notifications SET next_try_at = ? WHERE state = 'failed'", (PAST,))
    assert [item.target for item in told(db, *targets)] == ["dead"]
    assert states(db) == [("failed", 2), ("failed", 2)]
    assert len(receiver.posted) == 2
    kept = everything_in(archive_path)
    assert b"dead" in kept
    assert not any(secret.encode() in kept for secret in (USER, PASSWORD, TOKEN, "127.0.0.1", "json:"))


def test_a_target_that_recovers_gets_what_it_missed(db: Database, receiver: Hook) -> None:
    pushed(db)
    receiver.status = 503
    [failed] = told(db, Target("chat", receiver.url))
    assert failed.error == value(db, "SELECT last_error FROM notifications") == "the service answered with 503"
    receiver.status = 200
    db.execute("UPDATE notifications SET next_try_at = ?", (PAST,))
    assert told(db, Target("chat", receiver.url)) == [Delivered("chat", TITLE, "")]
    assert value(db, "SELECT state FROM notifications") == "sent"


def test_it_is_given_up_after_enough_tries(db: Database) -> None:
    pushed(db)
    dead = Target("dead", nobody())
    for _ in range(TRIES + 1):
        told(db, dead)
        db.execute("UPDATE notifications SET next_try_at = ? WHERE state = 'failed'", (PAST,))
    assert states(db) == [("dead", TRIES)]


def test_waits_grow_up_to_a_day() -> None:
    waits = [next_try(attempts) for attempts in range(TRIES)]
    assert waits == sorted(waits)
    day = written(datetime.now(UTC) + timedelta(days=1, seconds=2))
    assert next_try(0) < next_try(0, asked=3600) < next_try(TRIES, jitter=0.75) < waits[-1] <= next_try(0, 1e9) <= day


def test_a_target_gets_what_it_asked_for(db: Database, receiver: Hook) -> None:
    pushed(db)
    pushed(db, BRILL)
    plain = Target("all", receiver.url)
    targets = [
        replace(plain, name="consent", topics=(Topic.CONSENT,)),
        replace(plain, name="by name", services=("brill & SONS",)),
        replace(plain, name="by key", services=("quillo", "brill")),
    ]
    assert sorted((item.target, item.title[:5]) for item in told(db, *targets)) == [
        ("by key", "Brill"),
        ("by key", "Quill"),
        ("by name", "Brill"),
    ]
    assert told(db, *targets, plain) == []  # a target added later gets later changes


def test_one_whose_edit_was_told_already_goes_to_those_alone_who_did_not_hear(db: Database, receiver: Hook) -> None:
    """The other's message left before this change was seen, to whoever wanted that one's service."""
    quillo, brill = (Target(name, receiver.url, services=(name,)) for name in ("Quillo", "Brill"))
    targets = (quillo, brill, Target("all", receiver.url))
    first = pushed(db)
    assert [item.target for item in told(db, *targets)] == ["Quillo", "all"]
    put(db, pushed(db, BRILL), told_in=first)
    assert [item.target for item in told(db, *targets)] == ["Brill"]


def test_what_is_told_together_is_one_message_for_whoever_wants_any_of_it(db: Database, receiver: Hook) -> None:
    first, second = pushed(db), pushed(db, BRILL)
    put(db, second, told_in=first)
    targets = [
        Target("brill", receiver.url, services=("Brill",)),
        Target("nobody", receiver.url, services=("Nobody",)),
    ]
    assert told(db, *targets) == [Delivered("brill", "Quillo, Brill & Sons (2 documents): AI training", "")]
    assert "The same edit in: Quillo, Privacy Policy; Brill & Sons, Privacy Policy\n" in receiver.posted[0]["message"]
    assert told(db, *targets) == []


def test_without_targets_the_console_is_told(db: Database) -> None:
    pushed(db)
    said = list[str]()
    assert [item.target for item in notify(db, (), said.append)] == ["console"]
    assert said[0].startswith(f"{TITLE}\n\n")


def test_a_target_that_is_gone_is_named(db: Database, receiver: Hook) -> None:
    pushed(db)
    told(db, Target("dead", nobody()))
    db.execute("UPDATE notifications SET next_try_at = NULL")
    assert told(db, Target("chat", receiver.url)) == [
        Delivered("dead", "", "this target is no longer in smallprint.toml")
    ]
    assert [row["target"] for row in reports.undelivered(db)] == ["dead"]
