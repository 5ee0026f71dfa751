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


ERROR = "the service answered with 500"


def queued(db: Database) -> outbox.Due:
    """A notification that is due."""
    outbox.queue(db, pushed(db), ["mail"])
    return outbox.due(db)[0]


def fail(db: Database, item: outbox.Due, later: str = FUTURE, *, unknown: bool = False, final: bool = False) -> bool:
    """A try that does not get through; whether it was the last one."""
    outbox.leaves(db, item)
    return outbox.fails(db, item, ERROR, later, unknown, final)


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
    item = queued(db)
    outbox.leaves(db, item)
    outbox.arrives(db, item)
    assert row(db) == {"state": "sent", "attempts": 1, "next_try_at": None, "last_error": ""}
    assert value(db, "SELECT sent_at FROM notifications") >= value(db, "SELECT queued_at FROM notifications")
    assert outbox.due(db) == reports.undelivered(db) == []


def test_a_process_that_dies_in_between_has_tried(db: Database) -> None:
    item = queued(db)
    assert (item.attempts, item.uncertain, item.receipts) == (0, False, ())
    outbox.leaves(db, item)
    assert not db.conn.in_transaction
    [again] = outbox.due(db)
    assert (again.id, again.reference, again.attempts, again.uncertain) == (item.id, item.reference, 1, True)


def test_a_failure_is_tried_again_later(db: Database) -> None:
    assert not fail(db, queued(db))
    assert outbox.due(db) == []
    assert row(db) == {"state": "failed", "attempts": 1, "next_try_at": FUTURE, "last_error": ERROR}
    [waiting] = reports.undelivered(db)
    assert (waiting["target"], waiting["state"]) == ("mail", "failed")


def test_a_failure_that_is_due_again_may_arrive(db: Database) -> None:
    fail(db, queued(db), PAST)
    [item] = outbox.due(db)
    assert (item.attempts, item.uncertain) == (1, False)
    outbox.leaves(db, item)
    outbox.arrives(db, item)
    assert row(db) == {"state": "sent", "attempts": 2, "next_try_at": None, "last_error": ""}


def test_what_may_have_arrived_once_may_have_after_another_failure(db: Database) -> None:
    fail(db, queued(db), PAST, unknown=True)
    assert outbox.due(db)[0].uncertain
    fail(db, outbox.due(db)[0], PAST)
    assert outbox.due(db)[0].uncertain


def test_parts_that_arrived_are_kept_in_their_order(db: Database) -> None:
    item = queued(db)
    outbox.leaves(db, item)
    for receipt in ("109", 'a "quoted" one'):
        outbox.confirm(db, item, receipt)
    assert outbox.due(db)[0].receipts == ("109", 'a "quoted" one')


def test_after_the_last_try_it_is_dead(db: Database) -> None:
    item = queued(db)
    ends = []
    for _ in range(outbox.TRIES):
        ends.append(fail(db, item, PAST))
        item = next(iter(outbox.due(db)), item)
    assert ends == [False] * (outbox.TRIES - 1) + [True]
    assert (row(db)["state"], row(db)["next_try_at"]) == ("dead", None)
    assert outbox.due(db) == []
    assert [waiting["state"] for waiting in reports.undelivered(db)] == ["dead"]


def test_what_will_never_be_taken_is_dead_at_once(db: Database) -> None:
    assert fail(db, queued(db), final=True)
    assert (row(db)["state"], row(db)["attempts"]) == ("dead", 1)


def test_where_nothing_gets_through_all_that_is_due_waits(db: Database) -> None:
    outbox.queue(db, pushed(db, BRILL), ["mail", "chat"])
    queued(db)
    *_, tried = outbox.due(db)
    assert outbox.put_off(db, tried, ERROR, FUTURE) == 0
    assert [(due.target, due.id) for due in outbox.due(db)] == [("chat", 2), ("mail", tried.id)]
    assert row(db) == {"state": "failed", "attempts": 1, "next_try_at": FUTURE, "last_error": ERROR}
    assert row(db, tried.id)["state"] == "pending"


def test_what_was_put_off_often_enough_is_dead(db: Database) -> None:
    outbox.queue(db, pushed(db, BRILL), ["mail"])
    item = outbox.due(db)[0]
    outbox.queue(db, pushed(db), ["mail"])
    dead = [outbox.put_off(db, item, ERROR, PAST) for _ in range(outbox.TRIES)]
    assert dead == [0] * (outbox.TRIES - 1) + [1]
    assert row(db, 2)["state"] == "dead"


def test_a_target_that_is_reached_again_gets_what_was_given_up_of_late(db: Database) -> None:
    documents = [replace(BRILL, type=name) for name in ("Imprint", "Terms of Service", "Cookies", "Help Page")]
    for document in documents:
        outbox.queue(db, pushed(db, document), ["mail"])
    tired, old, refused, last = outbox.due(db)
    for item in (tired, old):
        db.execute("UPDATE notifications SET attempts = ? WHERE id = ?", (outbox.TRIES - 1, item.id))
        fail(db, replace(item, attempts=outbox.TRIES - 1))
    db.execute("UPDATE notifications SET queued_at = ? WHERE id = ?", (PAST, old.id))
    fail(db, refused, final=True)
    assert outbox.given_up(db, "mail") == (3, "")
    outbox.leaves(db, last)
    outbox.arrives(db, last)
    assert [(item.id, item.attempts) for item in outbox.due(db)] == [(tired.id, 0)]
    assert outbox.given_up(db, "mail")[0] == 2


def test_a_targets_own_are_handed_out_one_by_one(db: Database) -> None:
    outbox.queue(db, pushed(db, BRILL), ["mail", "chat"])
    outbox.queue(db, pushed(db), ["mail"])
    first = outbox.next_due(db, "mail")
    assert first is not None
    second = outbox.next_due(db, "mail", first.id)
    assert second is not None
    assert (first.id, second.id) == (1, 3)
    assert outbox.next_due(db, "mail", second.id) is None
    assert outbox.next_due(db, "nobody") is None


def test_a_bulletin_is_queued_once(db: Database) -> None:
    first = outbox.queue_bulletin(db, "watching", "2026-11", {"documents": 3}, ["mail", "chat"])
    assert outbox.queue_bulletin(db, "watching", "2026-11", {"documents": 4}, ["mail", "other"]) == first
    assert [(item.bulletin_id, item.target) for item in outbox.due(db)] == [(first, "mail"), (first, "chat")]
    assert outbox.bulletin(db, first)["told"] == '{"documents": 3}'
    assert outbox.is_told(db, "watching", "2026-11")
    assert not outbox.is_told(db, "watching", "2026-12")
    assert [row["what"] for row in reports.undelivered(db)] == ["watching 2026-11"] * 2


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
