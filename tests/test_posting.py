"""Posting: every target in its own thread, none waits for another, and every outcome is kept as it was."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlite_utils import Database

from archive import outbox
from archive.frames import frame
from archive.outbox import Due
from archive.rows import one, value
from archive.targets import Target
from archive.words import Document
from notify import posting
from notify.carrier import DeliveryError, Parcel
from notify.letter import Letter, Line
from notify.posting import Delivered, Posting
from tests.builders import pushed

BRILL = Document("Brill", "Privacy Policy", "https://brill.example/privacy")
Send = Callable[[Target, Parcel], None]


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "RESTS", (0.0, 0.0))


def write(item: Due, target: Target) -> Letter:
    return Letter("change", f"to {target.name}", (Line(f"change {item.change_id}"),), frame())


def post(db: Database, **ways: Send) -> Iterator[Delivered]:
    return Posting(db, {name: (Target(name, "x:"), send) for name, send in ways.items()}, write).run()


def queued(db: Database, *targets: str, messages: int = 1) -> list[Due]:
    for number in range(messages):
        outbox.queue(db, pushed(db, replace(BRILL, type=f"Policy {number}")), targets)
    return outbox.due(db)


def row(db: Database, identity: int = 1) -> tuple[object, ...]:
    found = one(db, "SELECT state, attempts, uncertain, last_error FROM notifications WHERE id = ?", identity) or {}
    return tuple(found.values())


def fails(**how: object) -> Send:
    def send(target: Target, parcel: Parcel) -> None:
        raise DeliveryError("no way", **how)  # type: ignore[arg-type]

    return send


def test_all_that_is_due_arrives_in_order(db: Database) -> None:
    queued(db, "mail", messages=5)
    taken = list[str]()
    done = list(post(db, mail=lambda target, parcel: taken.append(parcel.letter.reference)))
    assert done == [Delivered("mail", "to mail", "")] * 5
    assert taken == [row["reference"] for row in db.query("SELECT reference FROM notifications ORDER BY id")]
    assert len(set(taken)) == 5
    assert outbox.due(db) == list(post(db, mail=pytest.fail)) == []


def test_a_slow_target_keeps_nobody_waiting(db: Database) -> None:
    """The slow one answers only when the other has everything."""
    queued(db, "slow", "mail", messages=4)
    last, slow = threading.Event(), list[bool]()
    taken = list[str]()

    def quick(target: Target, parcel: Parcel) -> None:
        taken.append(parcel.letter.reference)
        if len(taken) == 4:
            last.set()

    done = list(post(db, slow=lambda target, parcel: slow.append(last.wait(60)), mail=quick))
    assert slow == [True] * 4
    assert [one.target for one in done] == ["mail"] * 4 + ["slow"] * 4


def test_the_attempt_is_stored_before_the_message_leaves(db: Database) -> None:
    queued(db, "mail")
    seen = list[object]()
    path = next(db.query("PRAGMA database_list"))["file"]

    def look(target: Target, parcel: Parcel) -> None:
        other = Database(path)
        seen.append(row(other))
        other.close()

    list(post(db, mail=look))
    assert seen == [("pending", 1, 1, "")]
    assert row(db) == ("sent", 1, 0, "")


def test_a_failure_is_kept_and_the_next_is_tried(db: Database) -> None:
    queued(db, "mail", messages=2)
    assert [one.error for one in post(db, mail=fails())] == ["no way"] * 2
    assert row(db, 1) == row(db, 2) == ("failed", 1, 0, "no way")
    assert outbox.due(db) == []


def test_what_may_have_arrived_is_marked_at_its_second_try(db: Database) -> None:
    queued(db, "mail")
    list(post(db, mail=fails(unknown=True)))
    assert row(db) == ("failed", 1, 1, "no way")
    db.execute("UPDATE notifications SET next_try_at = NULL")
    letters = list[Letter]()
    list(post(db, mail=lambda target, parcel: letters.append(parcel.letter)))
    assert letters[0].repeated
    assert letters[0].blocks[0] == Line(frame().say("message", "repeated"))
    assert row(db) == ("sent", 2, 0, "")


def test_a_fault_of_ours_costs_one_try_and_may_have_arrived(db: Database) -> None:
    queued(db, "mail", messages=2)

    def stumble(target: Target, parcel: Parcel) -> None:
        raise ZeroDivisionError("secret")

    assert [one.error for one in post(db, mail=stumble)] == ["a fault in Smallprint (ZeroDivisionError)"] * 2
    assert row(db)[:3] == ("failed", 1, 1)


def test_a_letter_that_cannot_be_written_keeps_no_other(db: Database) -> None:
    queued(db, "mail", messages=2)

    def stumble(item: Due, target: Target) -> Letter:
        return write(item, target) if item.id == 2 else write(item, None)  # type: ignore[arg-type]

    done = Posting(db, {"mail": (Target("mail", "x:"), lambda target, parcel: None)}, stumble).run()
    assert [one.error for one in done] == ["a fault in Smallprint (AttributeError)", ""]
    assert row(db)[:3] == ("failed", 1, 0)


def test_what_is_refused_is_given_up_and_the_others_arrive(db: Database) -> None:
    queued(db, "mail", messages=3)
    tries = list[str]()

    def picky(target: Target, parcel: Parcel) -> None:
        tries.append(parcel.letter.reference)
        if len(tries) == 2:
            raise DeliveryError("too long", refused=True)

    assert [(one.error, one.dead) for one in post(db, mail=picky)] == [("", 0), ("too long", 1), ("", 0)]
    assert [row(db, n)[0] for n in (1, 2, 3)] == ["sent", "dead", "sent"]


@pytest.mark.parametrize("how", [{"down": True}, {"after": 90.0}])
def test_where_nothing_gets_through_only_one_is_tried(db: Database, how: dict[str, object]) -> None:
    queued(db, "mail", messages=4)
    assert len(list(post(db, mail=fails(**how)))) == 1
    assert {row(db, n) for n in (1, 2, 3, 4)} == {("failed", 1, 0, "no way")}
    assert outbox.due(db) == []
    waits = {row["next_try_at"] for row in db.query("SELECT next_try_at FROM notifications")}
    assert len(waits) == 1


def test_who_fails_too_often_in_a_row_is_left_alone(db: Database) -> None:
    queued(db, "mail", messages=9)
    assert len(list(post(db, mail=fails()))) == len(posting.RESTS) + 1
    assert value(db, "SELECT count(*) FROM notifications WHERE attempts = 1") == 9


def test_a_target_that_is_gone_for_good_is_said_to_be(db: Database) -> None:
    queued(db, "mail", messages=3)
    for last in range(outbox.TRIES):
        [done] = post(db, mail=fails(down=True))
        assert done.dead == 3 * (last == outbox.TRIES - 1)
        db.execute("UPDATE notifications SET next_try_at = NULL")
    assert {row(db, n)[0] for n in (1, 2, 3)} == {"dead"}


def test_parts_are_stored_before_the_next_leaves(db: Database) -> None:
    queued(db, "mail")
    path, seen = next(db.query("PRAGMA database_list"))["file"], list[object]()

    def in_parts(target: Target, parcel: Parcel) -> None:
        assert parcel.receipts == ()
        for number in range(3):
            parcel.confirm(f"part {number}")
            other = Database(path)
            seen.append(value(other, "SELECT receipts FROM notifications"))
            other.close()
        raise DeliveryError("torn", unknown=True)

    list(post(db, mail=in_parts))
    assert seen == ['["part 0"]', '["part 0","part 1"]', '["part 0","part 1","part 2"]']
    db.execute("UPDATE notifications SET next_try_at = NULL")
    given = list[tuple[str, ...]]()
    list(post(db, mail=lambda target, parcel: given.append(parcel.receipts)))
    assert given == [("part 0", "part 1", "part 2")]


def test_a_run_ends_in_time(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    queued(db, "mail", messages=3)
    monkeypatch.setattr(posting, "LONGEST", 0.0)
    assert list(post(db, mail=pytest.fail)) == []
    assert len(outbox.due(db)) == 3


def test_threads_end_with_their_targets_messages(db: Database) -> None:
    queued(db, "mail", "chat", messages=2)
    before = set(threading.enumerate())
    list(post(db, mail=lambda target, parcel: None, chat=fails(down=True)))
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()
