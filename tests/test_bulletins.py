"""What is told beside changes: reminders, silences, dead targets and signs of life, as people read them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlite_utils import Database

from archive import outbox
from archive.frames import frame
from archive.rows import value
from archive.settings import WEEK
from archive.targets import Mode, Target
from archive.words import Decision, Document, Fact, Severity
from notify import as_text, bulletins, posting
from notify.layout import Reader
from notify.letter import Letter
from notify.queueing import queue_reminders, queue_sign_of_life
from notify.run import notify
from tests.builders import POLICY, WORDS, added, decided, flag, paragraphs, pushed, version
from tests.receivers import Hook, hook, nobody

MAIL = Target("mail", "console:")
DAY = "2026-05-01"
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's, of its plugins


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def applies(db: Database, day: str = DAY, document: Document = POLICY) -> int:
    """The id of a pushed change that applies from a day, told on the second of March."""
    words = f"{WORDS} This applies from {day}."
    decided(db, version(db, paragraphs("Hello."), 1, document), Decision.BASELINE)
    after = version(db, paragraphs("Hello.", words), 2, document)
    change = decided(db, after, Decision.PUSH, added(words, "", flag(), facts=[Fact("effective", day, "from")]))
    outbox.queue(db, change, ["mail"])
    db.execute("UPDATE changes SET queued_at = '2026-03-02T06:00:00Z' WHERE id = ?", (change,))
    return change


def queued(db: Database) -> list[tuple[str, str]]:
    rows = db.query("SELECT kind, key FROM bulletins ORDER BY id")
    return [(row["kind"], row["key"]) for row in rows]


def read(
    db: Database, target: Target = MAIL, site: str = "", change: Callable[[int], Letter | None] | None = None
) -> str:
    """The newest bulletin, as text."""
    row = outbox.bulletin(db, value(db, "SELECT max(id) FROM bulletins"))
    written = bulletins.letter(row, target, Reader(frame(), site, target.public), change or (lambda number: None))
    assert json.dumps(written.data)
    return f"{written.title}\n\n{as_text.body(written)}"


def test_a_reminder_comes_a_week_before_and_once(db: Database) -> None:
    change = applies(db)
    queue_reminders(db, [MAIL], WEEK, at("2026-04-23T23:00"))
    assert queued(db) == []
    for _ in range(2):
        queue_reminders(db, [MAIL], WEEK, at("2026-04-24T01:00"))
    assert queued(db) == [("reminder", f"{change} {DAY}")]
    assert [item.target for item in outbox.due(db)] == ["mail", "mail"]
    assert read(db) == (
        "Quillo, Privacy Policy: applies from 2026-05-01\n"
        "\n"
        "What was told on 2026-03-02 applies from 2026-05-01, in 7 days. The passage still stands."
    )


def test_a_reminder_that_is_late_is_not_too_late(db: Database) -> None:
    applies(db)
    queue_reminders(db, [MAIL], WEEK, at("2026-04-30T23:00"))
    assert "in 1 days" in read(db)
    assert len(queued(db)) == 1


def test_nothing_is_said_on_the_day_itself(db: Database) -> None:
    applies(db)
    queue_reminders(db, [MAIL], WEEK, at("2026-05-01T00:10"))
    assert queued(db) == []


def test_what_was_told_shortly_before_needs_no_reminder(db: Database) -> None:
    applies(db, "2026-03-08")
    queue_reminders(db, [MAIL], WEEK, at("2026-03-05T00:00"))
    assert queued(db) == []


def test_a_passage_that_stands_no_more_needs_no_reminder(db: Database) -> None:
    applies(db)
    decided(db, version(db, paragraphs("Hello again."), 3), Decision.UNFLAGGED)
    queue_reminders(db, [MAIL], WEEK, at("2026-04-28T00:00"))
    assert queued(db) == []


def test_a_change_that_nobody_was_told_of_needs_no_reminder(db: Database) -> None:
    db.execute("UPDATE changes SET queued_at = NULL WHERE id = ?", (applies(db),))
    queue_reminders(db, [MAIL], WEEK, at("2026-04-28T00:00"))
    assert queued(db) == []


def test_who_did_not_ask_for_the_change_gets_no_reminder(db: Database) -> None:
    applies(db)
    targets = [
        MAIL,
        replace(MAIL, name="brill", services=("brill",)),
        replace(MAIL, name="digest", mode=Mode.DIGEST),
        replace(MAIL, name="high", severity=Severity.HIGH),
    ]
    queue_reminders(db, targets, WEEK, at("2026-04-28T00:00"))
    assert [item.target for item in outbox.due(db) if item.bulletin_id] == ["mail", "high"]


def silence(db: Database, kind: str, **told: Any) -> None:
    said = {"network": False, "count": 5, "since": "2026-03-01T06:00:00Z", "until": "2026-03-04T06:00:00Z"}
    outbox.queue_bulletin(db, kind, "x", said | {"documents": []} | told, ["mail"])


def document(name: str, kind: str = "blocked", url: str = "https://quillo.example/privacy") -> dict[str, str]:
    told = {"name": f"{name}, Privacy Policy", "service": name, "service_name": name, "region": "", "url": url}
    times = {"since": "2026-03-01T06:00:00Z", "until": "2026-03-04T06:00:00Z"}
    return told | times | {"kind": kind, "detail": "a wall"}


def test_a_silence_as_people_read_it(db: Database) -> None:
    silence(db, "silence", documents=[document("Quillo")])
    assert read(db) == (
        "Not readable: Quillo, Privacy Policy\n"
        "\n"
        "What changes there meanwhile is not seen.\n"
        "  Quillo, Privacy Policy: refuses to be read since 2026-03-01: a wall: https://quillo.example/privacy"
    )


def test_an_end_as_people_read_it(db: Database) -> None:
    silence(db, "heard", documents=[document("Quillo"), document("Brill")])
    assert read(db) == (
        "Readable again: 2 documents\n"
        "\n"
        "What is there now was compared with the last text that was read.\n"
        "  Quillo, Privacy Policy: was not read from 2026-03-01 06:00 UTC to 2026-03-04 06:00 UTC: "
        "https://quillo.example/privacy\n"
        "  Brill, Privacy Policy: was not read from 2026-03-01 06:00 UTC to 2026-03-04 06:00 UTC: "
        "https://quillo.example/privacy"
    )


def test_our_own_network_as_people_read_it(db: Database) -> None:
    silence(db, "silence", network=True)
    assert "Since 2026-03-01 06:00 UTC, none of 5 documents could be reached." in read(db)
    silence(db, "heard", network=True)
    assert "From 2026-03-01 06:00 UTC to 2026-03-04 06:00 UTC, nothing could be." in read(db)


def test_a_dead_link_as_people_read_it(db: Database) -> None:
    silence(db, "silence", documents=[document("Quillo", "link", "https://quillo.example/settings")])
    text = read(db)
    assert text.startswith("The link to refuse leads nowhere: Quillo, Privacy Policy\n\nWho follows it finds no way")
    assert "https://quillo.example/settings" in text


def test_a_target_reads_of_what_it_asked_for(db: Database) -> None:
    silence(db, "silence", documents=[document("Quillo"), document("Brill")])
    assert "Brill" not in read(db, replace(MAIL, services=("quillo",)))
    assert "Brill" in read(db, replace(MAIL, services=("nobody",)))  # its wishes have changed since


def test_many_documents_are_counted(db: Database) -> None:
    silence(db, "silence", documents=[document(f"Service {n}") for n in range(bulletins.MOST + 3)])
    assert read(db).endswith("\n  … and 3 more.")


def test_a_sign_of_life_comes_once_a_month_to_public_streams(db: Database) -> None:
    db.execute("UPDATE changes SET queued_at = '2026-03-02T06:00:00Z' WHERE id = ?", (pushed(db),))
    db.execute("UPDATE versions SET recorded_at = '2026-03-02T06:00:00Z'")
    targets = [MAIL, replace(MAIL, name="public", public=True)]
    queue_sign_of_life(db, targets, at("2026-03-31T12:00"))
    assert queued(db) == []
    for day in ("2026-04-01T00:10", "2026-04-20T00:10"):
        queue_sign_of_life(db, targets, at(day))
    assert queued(db) == [("watching", "2026-04")]
    assert [item.target for item in outbox.due(db)] == ["public"]
    assert read(db).endswith(
        "Still watching: 1 documents of 1 services. Changes told in 2026-03: 1. "
        "Documents that cannot be read at present: 0."
    )


def test_nothing_is_watched_yet(db: Database) -> None:
    queue_sign_of_life(db, [replace(MAIL, public=True)], at("2026-04-01T00:10"))
    assert queued(db) == []


def test_a_target_that_is_given_up_is_told_to_the_others_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "RESTS", ())
    pushed(db)
    with hook() as receiver:
        gone, chat = Target("gone", nobody()), Target("chat", receiver.url, services=("nobody",))
        public = Target("public", receiver.url, public=True, services=("nobody",))
        for _ in range(outbox.TRIES):
            list(notify(db, (gone, chat, public), pytest.fail))
            db.execute("UPDATE notifications SET next_try_at = NULL WHERE state = 'failed'")
        assert [posted["title"] for posted in receiver.posted] == ["Target gone: 1 messages not delivered"]
        assert "Nothing gets through to the target gone: " in receiver.posted[0]["message"]
        pushed(db, Document("Brill", "Privacy Policy", "https://brill.example/privacy"))
        for _ in range(outbox.TRIES):
            list(notify(db, (gone, chat), pytest.fail))
            db.execute("UPDATE notifications SET next_try_at = NULL WHERE state = 'failed'")
        assert len(receiver.posted) == 1
        reached(db, receiver)


def reached(db: Database, receiver: Hook) -> None:
    """Once something reaches it, it gets what it has missed."""
    pushed(db, Document("Facet", "Privacy Policy", "https://facet.example/privacy"))
    told = list(notify(db, (Target("gone", receiver.url),), pytest.fail))
    assert [one.title for one in told] == ["Facet, Privacy Policy: AI training"]
    missed = list(notify(db, (Target("gone", receiver.url),), pytest.fail))
    assert [one.title for one in missed] == [
        "Quillo, Privacy Policy: AI training",
        "Brill, Privacy Policy: AI training",
    ]
