"""What the timetable reads of the archive: the newest look at each page, and how the looks before it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlite_utils import Database

from archive import looks, outbox
from archive.looks import Waiting
from archive.recording import now, record_document, record_fetch, record_version
from archive.words import Decision, Document, Fetch, Outcome
from tests.builders import DAY, POLICY, decided, paragraphs, pushed, version

COMBINED = '{"combine": [{"fetch": "https://quillo.example/1"}, {"fetch": "https://quillo.example/2"}]}'


def fetch(db: Database, document: int, day: int, outcome: Outcome, part: int = 0, **more: object) -> int:
    """A look at a page, on a day."""
    known: dict[str, object] = {"url": f"https://quillo.example/{part + 1}", "at": DAY.format(day), "outcome": outcome}
    return record_fetch(db, document, part, Fetch(**known | more))  # type: ignore[arg-type]


def looked(db: Database, outcomes: Sequence[Outcome]) -> looks.Look:
    """The look that is found after these, one a day."""
    document = record_document(db, POLICY)
    for day, outcome in enumerate(outcomes, 1):
        fetch(db, document, day, outcome)
    (found,) = looks.newest(db)
    return found


def test_nothing_was_looked_at(db: Database) -> None:
    record_document(db, POLICY)
    assert looks.newest(db) == []


def test_the_newest_look_with_the_failures_before_it(db: Database) -> None:
    gone, wall, fine = Outcome.UNREACHABLE, Outcome.BLOCKED, Outcome.NOT_MODIFIED
    found = looked(db, [wall, fine, gone, wall, gone, wall, wall])
    assert (found.at, found.outcome, found.failed, found.blocked) == (DAY.format(7), wall, 5, 2)
    assert (found.service, found.type, found.name) == ("Quillo", "Privacy Policy", "Quillo, Privacy Policy")
    found = looked(db, [fine])
    assert (found.outcome, found.failed, found.blocked) == (fine, 0, 0)


def test_what_was_never_seen(db: Database) -> None:
    found = looked(db, [Outcome.BLOCKED, Outcome.BLOCKED])
    assert (found.failed, found.blocked, found.changed_at, found.before_at) == (2, 2, "", "")


def test_the_newest_two_versions_but_not_technical_ones(db: Database) -> None:
    document = record_document(db, POLICY)
    for day, technical in ((1, False), (2, False), (3, True), (4, False), (5, True)):
        identity = fetch(db, document, day, Outcome.RECORDED)
        assert record_version(db, document, [identity], paragraphs(f"{day}"), "r", technical=technical)
    (found,) = looks.newest(db)
    assert (found.changed_at, found.before_at) == (DAY.format(4), DAY.format(2))


def test_retry_after_is_read_where_it_is_an_order(db: Database) -> None:
    document = record_document(db, POLICY)
    headers = (("Date", "now"), ("RETRY-AFTER", "120"))
    found = []
    for status in (429, 503, 200, 404):
        fetch(db, document, 1, Outcome.BLOCKED, status=status, headers=headers)
        found += [look.retry_after for look in looks.newest(db)]
    fetch(db, document, 1, Outcome.BLOCKED, status=429)
    assert [*found, looks.newest(db)[0].retry_after] == ["120", "120", "", "", ""]


def test_a_combined_document_has_a_look_for_each_page_that_it_has_now(db: Database) -> None:
    document = record_document(db, POLICY, COMBINED)
    for part in (0, 1, 2):
        fetch(db, document, 1 + part, Outcome.UNCHANGED, part)
    assert [(look.part, look.url, look.at) for look in looks.newest(db)] == [
        (0, "https://quillo.example/1", DAY.format(1)),
        (1, "https://quillo.example/2", DAY.format(2)),
    ]


def test_the_way_it_was_asked_by(db: Database) -> None:
    document = record_document(db, POLICY, '{"fetch": "https://quillo.example/1", "proxy": "oslo"}')
    fetch(db, document, 1, Outcome.UNCHANGED)
    assert [look.proxy for look in looks.newest(db)] == ["oslo"]


def test_the_records_of_others_are_not_ours_to_look_at(db: Database) -> None:
    theirs = record_document(db, Document("Quillo", "Imprint", "https://quillo.example/i", origin="contrib"))
    fetch(db, theirs, 1, Outcome.RECORDED)
    assert looks.newest(db) == []


def test_the_changes_that_wait(db: Database) -> None:
    """Held ones and captures that are not believed; what others have recorded is not ours to look at."""
    owned, theirs = replace(POLICY, owner="Stationers"), replace(POLICY, type="Imprint", origin="contrib")
    for document in (owned, theirs):
        decided(db, version(db, paragraphs("Hello."), 1, document), Decision.BASELINE)
    assert looks.waiting(db) == []
    for day, document in ((2, owned), (3, owned), (4, owned), (2, theirs)):
        decision = Decision.QUARANTINED if day == 3 else Decision.HELD
        change = decided(db, version(db, paragraphs(f"Day {day}."), day, document), decision)
        db.execute("UPDATE changes SET held_until = ? WHERE id = ?", [DAY.format(day + 10), change])
    db.execute("UPDATE changes SET decision = 'push', held_until = NULL WHERE held_until = ?", [DAY.format(14)])
    assert looks.waiting(db) == [
        Waiting("Quillo", "Privacy Policy", "", "Stationers", held, DAY.format(day), DAY.format(day + 10))
        for day, held in ((2, True), (3, False))
    ]
    assert {look.owner for look in looks.newest(db)} == {"Stationers"}


def test_the_next_delivery_to_targets_that_there_are(db: Database) -> None:
    assert looks.next_delivery(db, ["mail", "chat"]) == ""
    outbox.queue(db, pushed(db), ["mail", "chat", "gone"])
    assert looks.next_delivery(db, ["mail"]) <= now()
    mail, chat, _ = outbox.due(db)
    outbox.fails(db, mail, "refused", "2999-01-01T00:00:00Z", unknown=False, final=False)
    assert looks.next_delivery(db, ["mail"]) == "2999-01-01T00:00:00Z"
    assert looks.next_delivery(db, ["mail", "chat"]) <= now()
    outbox.arrives(db, chat)
    assert looks.next_delivery(db, ["chat"]) == ""
