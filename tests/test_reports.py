"""What people are told of the archive: a change, a history, the health of all, what waits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlite_utils import Database

from archive import outbox, reports
from archive.recording import record_document, record_fetch, record_version
from archive.words import Decision, Document, Outcome, Snapshot, Topic
from tests.builders import (
    DAY,
    POLICY,
    WORDS,
    added,
    decide_anew,
    decided,
    fetch,
    flag,
    paragraphs,
    pushed,
    put,
    version,
)

TERMS = replace(POLICY, type="Terms of Service", url="https://quillo.example/terms")
BRILL = Document("Brill", "Privacy Policy", "https://brill.example/privacy", "Brill & Sons")


def told(db: Database, service: str, document: str | None = None) -> list[int]:
    return [row["change_id"] for row in reports.history(db, service, document)]


def test_a_change_says_whose_and_when(db: Database) -> None:
    report = reports.change(db, pushed(db))
    assert report is not None
    assert (report.service, report.service_key, report.document) == ("Quillo", "Quillo", "Privacy Policy")
    assert (report.title, report.url) == ("Quillo, Privacy Policy", POLICY.url)
    assert (report.before_seen_at, report.seen_at) == (DAY.format(1), DAY.format(2))
    assert report.topics == {Topic.AI_TRAINING}


def test_a_document_of_a_region_is_told_from_the_others(db: Database) -> None:
    report = reports.change(db, pushed(db, replace(POLICY, region="EU")))
    assert report is not None
    assert report.title == "Quillo, Privacy Policy (EU)"


def test_only_flagged_edits_are_flagged(db: Database) -> None:
    decided(db, version(db, paragraphs("Hello.")), Decision.BASELINE)
    edits = [added("Hello."), added(WORDS, "", flag(), flag("train", Topic.CONSENT))]
    report = reports.change(db, decided(db, version(db, paragraphs("Hello.", WORDS), 2), Decision.PUSH, *edits))
    assert report is not None
    assert report.flagged == edits[1:]
    assert report.topics == set(Topic)


def test_a_change_leads_to_its_evidence(db: Database) -> None:
    owner = record_document(db, POLICY)
    parts = [Snapshot(b"second part", "text/html"), Snapshot(b"first part", "text/html")]
    seen = [record_fetch(db, owner, part, fetch(), parts[1 - part]) for part in (1, 0)]
    made = record_version(db, owner, seen, paragraphs("Hello."), "rules")
    assert made is not None
    report = reports.change(db, decided(db, made, Decision.BASELINE))
    assert report is not None
    assert list(report.snapshots) == [parts[1].sha256, parts[0].sha256]
    assert (report.before_seen_at, report.edits, report.flagged) == (None, [], [])


def test_a_change_that_is_not_there(db: Database) -> None:
    assert reports.change(db, 9) is None


def test_a_history_is_found_under_name_or_key_in_any_case(db: Database) -> None:
    quillo, terms, brill = pushed(db), pushed(db, TERMS), pushed(db, BRILL)
    assert told(db, "quillo") == [quillo - 1, terms - 1, quillo, terms]  # by the day it was seen
    assert told(db, "QUILLO", "privacy policy") == [quillo - 1, quillo]
    assert told(db, "brill & sons") == told(db, "brill") == [brill - 1, brill]
    assert told(db, "nobody") == told(db, "quillo", "Help Page") == []
    assert reports.services(db) == ["Brill & Sons", "Quillo"]


def test_a_history_counts_edits_and_flags(db: Database) -> None:
    pushed(db)
    assert reports.history(db, "Quillo")[1] == {
        "change_id": 2,
        "seen_at": DAY.format(2),
        "service": "Quillo",
        "document": "Privacy Policy",
        "region": "",
        "decision": "push",
        "reason": "because",
        "severity": "high",
        "line": "Quillo may now train AI models on people’s data or content",
        "edits": 1,
        "flags": 1,
    }


def test_what_came_since(db: Database) -> None:
    assert reports.recent(db, 0) == []
    first, second = pushed(db), pushed(db, BRILL)
    assert [row["change_id"] for row in reports.recent(db, first)] == [second - 1, second]


def test_the_health_of_every_document(db: Database) -> None:
    pushed(db)
    record_fetch(db, record_document(db, BRILL), 0, fetch(3, Outcome.BLOCKED, detail="a bot wall", status=403))
    record_fetch(db, 1, 0, fetch(4, Outcome.NOT_MODIFIED))
    record_fetch(db, 1, 0, fetch(5, Outcome.UNREACHABLE))
    record_document(db, TERMS)
    rows = {(row["service"], row["document"]): row for row in reports.health(db)}
    assert list(rows) == [("Brill & Sons", "Privacy Policy"), ("Quillo", "Privacy Policy"), ("Quillo", TERMS.type)]
    shown = ("last_outcome", "detail", "last_looked", "last_seen", "versions")
    assert [[row[name] for name in shown] for row in rows.values()] == [
        ["blocked", "a bot wall", DAY.format(3), None, 0],
        ["unreachable", "", DAY.format(5), DAY.format(4), 2],
        [None, None, None, None, 0],
    ]


def test_what_waits_for_a_person(db: Database) -> None:
    change = pushed(db)
    outbox.queue(db, change, ["mail"])
    [row] = reports.undelivered(db)
    assert (row["target"], row["state"], row["attempts"], row["change_id"]) == ("mail", "pending", 0, change)
    assert reports.quarantined(db) == []


@pytest.mark.parametrize("then", [None, Decision.UNFLAGGED])
def test_a_quarantine_ends_with_the_next_believed_version(db: Database, then: Decision | None) -> None:
    pushed(db, BRILL)
    wall = decided(db, version(db, paragraphs("A wall.")), Decision.QUARANTINED)
    if then:
        decided(db, version(db, paragraphs("A policy."), 2), then)
    assert [row["change_id"] for row in reports.quarantined(db)] == ([] if then else [wall])


def test_the_news_is_told_and_what_was_known_is_not(db: Database) -> None:
    decided(db, version(db, paragraphs("Hello.")), Decision.BASELINE)
    edits = [added("Hello."), added(WORDS, "", flag()), added(WORDS, "AI", flag("train", Topic.CONSENT))]
    change = decided(db, version(db, paragraphs("Hello.", WORDS), 2), Decision.PUSH, *edits)
    for place, news in ((1, 2), (2, 1)):
        db.execute("UPDATE change_edits SET news = ? WHERE change_id = ? AND place = ?", (news, change, place))
    report = reports.change(db, change)
    assert report is not None
    assert (report.news, report.told) == ([2], [edits[0], edits[2]])
    assert report.topics == {Topic.CONSENT}
    assert report.flagged == edits[1:]


def test_documents_that_are_told_together(db: Database) -> None:
    first, second, third = pushed(db), pushed(db, BRILL), pushed(db, replace(TERMS, region="EU"))
    put(db, second, told_in=first)
    put(db, third, told_in=first)
    db.execute("UPDATE services SET owner = 'Meadow'")
    report = reports.change(db, first)
    assert report is not None
    assert (report.owner, report.told_in) == ("Meadow", first)
    assert [(one.change_id, one.label, one.url) for one in report.together] == [
        (second, "Brill & Sons, Privacy Policy", BRILL.url),
        (third, "Quillo, Terms of Service (EU)", TERMS.url),
    ]
    assert report.services == {"Quillo": "Quillo", "Brill": "Brill & Sons"}
    other = reports.change(db, second)
    assert other is not None
    assert (other.together, other.told_in) == ([], first)


def test_a_change_as_data(db: Database) -> None:
    change, other = pushed(db), pushed(db, BRILL)
    put(db, other, told_in=change)
    put(db, change, decision="held", held_until=DAY.format(3), decided_at=DAY.format(2))
    decide_anew(db, change, Decision.PUSH, decided_at=DAY.format(3))
    db.execute("UPDATE change_edits SET news = 1")
    report = reports.change(db, change)
    assert report is not None
    told = reports.as_data(report)
    names = ("decided_at", "held_until", "told_in", "news", "together")
    assert {name: told[name] for name in names} == {
        "decided_at": DAY.format(3),
        "held_until": None,
        "told_in": change,
        "news": [0],
        "together": [
            {
                "change_id": other,
                "service": "Brill & Sons",
                "service_key": "Brill",
                "document": "Privacy Policy",
                "region": "",
                "url": BRILL.url,
            }
        ],
    }
