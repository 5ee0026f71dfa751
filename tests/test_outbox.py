"""The outbox: queued once, counted before it is sent, tried again later, given up in the end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlite_utils import Database

from archive import outbox, reports
from archive.digest import Span, kept
from archive.rows import one, value
from archive.words import Decision, Document
from tests.builders import decided, paragraphs, pushed, put, version

PAST, FUTURE = "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"
BRILL = Document("Brill", "Privacy Policy", "https://brill.example/privacy")
SPAN = Span("2026-03-01T06:00:00Z", "2026-03-08T06:00:00Z", 0, 2, 0, 0)


class RefusedError(Exception):
    """A delivery that did not get through."""


def refuse() -> None:
    raise RefusedError("the service answered with 500")


def row(db: Database, identity: int = 1) -> dict[str, object]:
    """A notification, without its keys and the time it was queued."""
    sql = "SELECT state, attempts, next_try_at, last_error FROM notifications WHERE id = ?"
    return one(db, sql, identity) or {}


def targets(db: Database) -> list[tuple[int, str]]:
    return [(item.change_id, item.target) for item in outbox.due(db)]


def test_only_pushed_changes_are_queued(db: Database) -> None:
    change = pushed(db)
    quiet = version(db, paragraphs("Nothing of note."), 3)
    decided(db, quiet, Decision.UNFLAGGED)
    assert outbox.unqueued(db) == [change]


def test_a_change_is_queued_once(db: Database) -> None:
    change = pushed(db)
    outbox.queue(db, change, ["mail", "chat", "mail"])
    outbox.queue(db, change, ["mail", "a target that came later"])
    assert targets(db) == [(change, "mail"), (change, "chat")]
    assert outbox.unqueued(db) == []
    assert value(db, "SELECT count(*) FROM targets") == 2


def test_a_change_that_nobody_wants_is_done_with(db: Database) -> None:
    change = pushed(db)
    outbox.queue(db, change, [])
    outbox.queue(db, change, ["a target that came later"])
    assert outbox.unqueued(db) == outbox.due(db) == []


def test_a_queue_is_stored_whole_or_not_at_all(db: Database) -> None:
    change = pushed(db)
    with pytest.raises(Exception, match="NOT NULL"):
        outbox.queue(db, change, ["mail", None])  # type: ignore[list-item]
    assert outbox.unqueued(db) == [change]
    assert outbox.due(db) == []


def test_a_delivery_is_kept(db: Database) -> None:
    outbox.queue(db, pushed(db), ["mail"])
    [item] = outbox.due(db)
    assert outbox.deliver(db, item, lambda: None, RefusedError, FUTURE) == ""
    assert row(db) == {"state": "sent", "attempts": 1, "next_try_at": None, "last_error": ""}
    assert value(db, "SELECT sent_at FROM notifications") >= value(db, "SELECT queued_at FROM notifications")
    assert outbox.due(db) == reports.undelivered(db) == []


def test_the_attempt_is_counted_before_the_message_leaves(db: Database) -> None:
    outbox.queue(db, pushed(db), ["mail"])
    [item] = outbox.due(db)
    seen = list[object]()
    outbox.deliver(db, item, lambda: seen.append((row(db)["attempts"], db.conn.in_transaction)), RefusedError, FUTURE)
    assert seen == [(1, False)]


def test_a_process_that_dies_in_between_has_tried(db: Database) -> None:
    outbox.queue(db, pushed(db), ["mail"])
    [item] = outbox.due(db)

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outbox.deliver(db, item, die, RefusedError, FUTURE)
    [again] = outbox.due(db)
    assert (again.id, again.attempts) == (item.id, 1)


def test_a_failure_is_tried_again_later(db: Database) -> None:
    outbox.queue(db, pushed(db), ["mail"])
    [item] = outbox.due(db)
    assert outbox.deliver(db, item, refuse, RefusedError, FUTURE) == "the service answered with 500"
    assert outbox.due(db) == []
    assert row(db) == {
        "state": "failed",
        "attempts": 1,
        "next_try_at": FUTURE,
        "last_error": "the service answered with 500",
    }
    [waiting] = reports.undelivered(db)
    assert (waiting["target"], waiting["state"]) == ("mail", "failed")


def test_a_failure_that_is_due_again_may_arrive(db: Database) -> None:
    outbox.queue(db, pushed(db), ["mail"])
    outbox.deliver(db, outbox.due(db)[0], refuse, RefusedError, PAST)
    [item] = outbox.due(db)
    assert item.attempts == 1
    outbox.deliver(db, item, lambda: None, RefusedError, None)
    assert row(db) == {"state": "sent", "attempts": 2, "next_try_at": None, "last_error": ""}


def test_after_the_last_try_it_is_dead(db: Database) -> None:
    outbox.queue(db, pushed(db), ["mail"])
    outbox.deliver(db, outbox.due(db)[0], refuse, RefusedError, None)
    assert row(db)["state"] == "dead"
    assert outbox.due(db) == []
    assert [waiting["state"] for waiting in reports.undelivered(db)] == ["dead"]


def test_the_oldest_comes_first(db: Database) -> None:
    first, second = pushed(db), pushed(db, BRILL)
    outbox.queue(db, first, ["mail", "chat"])
    outbox.queue(db, second, ["chat"])
    assert targets(db) == [(first, "mail"), (first, "chat"), (second, "chat")]


def test_what_another_message_tells_comes_after_that_one(db: Database) -> None:
    second, first, undecided = pushed(db), pushed(db, BRILL), pushed(db, replace(BRILL, type="Imprint"))
    put(db, second, told_in=first)
    put(db, undecided, told_in=None)
    assert outbox.unqueued(db) == [first, second]


def test_who_is_told(db: Database) -> None:
    change = pushed(db)
    assert outbox.told(db, change) == set()
    outbox.queue(db, change, ["mail", "chat"])
    assert outbox.told(db, change) == {"mail", "chat"}


def test_a_digest_has_one_notification_for_each_target(db: Database) -> None:
    outbox.queue(db, pushed(db), ["mail"])
    digest = outbox.queue_digest(db, SPAN, ["mail", "chat"])
    assert [(item.change_id, item.digest_id, item.target) for item in outbox.due(db)] == [
        (2, None, "mail"),
        (None, digest, "mail"),
        (None, digest, "chat"),
    ]
    assert kept(db, digest) == SPAN


def test_a_digest_that_is_not_delivered_is_named(db: Database) -> None:
    outbox.queue(db, pushed(db), ["mail"])
    outbox.queue_digest(db, SPAN, ["mail"])
    assert [row["what"] for row in reports.undelivered(db)] == ["change 2", "digest until 2026-03-08"]
