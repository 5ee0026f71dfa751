"""Recording what a crawl brings, and finding the stored pages again: idempotent, and whole or not at all."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
from sqlite_utils import Database

from archive import evidence
from archive.recording import (
    Validators,
    document_id,
    latest_version,
    now,
    record_document,
    record_fetch,
    record_version,
    text_hash,
    validators,
)
from archive.rows import one, value
from archive.words import Outcome, Snapshot
from tests.builders import DAY, POLICY, fetch, paragraphs, version

HELLO = Snapshot(b"<p>Hello", "text/html")
TABLES = ("services", "documents", "fetches", "snapshots", "bodies", "versions", "placements", "passages")


def counts(db: Database) -> dict[str, int]:
    return {table: value(db, f"SELECT count(*) FROM {table}") for table in TABLES}


def looked(db: Database, outcome: Outcome, headers: dict[str, str], *, part: int = 0, url: str = POLICY.url) -> int:
    """A look with these response headers."""
    seen = replace(fetch(1, outcome, headers=tuple(headers.items())), url=url)
    return record_fetch(db, record_document(db, POLICY), part, seen, HELLO)


def test_a_document_is_recorded_once_and_brought_up_to_date(db: Database) -> None:
    first = record_document(db, POLICY, "{}")
    renamed = replace(POLICY, service_name="Quillo Inc.", url="https://quillo.example/new", language="en")
    assert record_document(db, renamed, '{"select": "main"}') == first == document_id(db, POLICY)
    assert one(db, "SELECT name, url, language, declaration FROM documents") == {
        "name": "Quillo Inc., Privacy Policy",
        "url": "https://quillo.example/new",
        "language": "en",
        "declaration": '{"select": "main", "language": "en"}',
    }
    assert one(db, "SELECT key, name FROM services") == {"key": "Quillo", "name": "Quillo Inc."}


@pytest.mark.parametrize("language", ["", "en"])
def test_a_document_that_is_known_so_already_costs_no_write(db: Database, language: str) -> None:
    document = replace(POLICY, language=language, owner="Stationers")
    first = record_document(db, document, "{}")
    written = db.conn.total_changes
    assert record_document(db, document, "{}") == first
    assert db.conn.total_changes == written
    record_document(db, document, '{"select": "main"}')
    assert db.conn.total_changes > written


def test_the_owner_of_a_service_is_what_our_own_declarations_say(db: Database) -> None:
    theirs = replace(POLICY, origin="contrib", owner="Nobody")
    found = []
    for document in (theirs, replace(POLICY, owner="Stationers"), theirs, replace(POLICY, owner="Papers"), POLICY):
        record_document(db, document, "{}")
        found.append(value(db, "SELECT owner FROM services"))
    assert found == ["", "Stationers", "Stationers", "Papers", ""]


def test_a_region_is_a_document_of_its_own(db: Database) -> None:
    assert record_document(db, POLICY) != record_document(db, replace(POLICY, region="EU"))
    assert document_id(db, replace(POLICY, region="CH")) is None


def test_a_fetch_keeps_what_was_asked_and_what_came(db: Database) -> None:
    owner = record_document(db, POLICY)
    came = fetch(3, status=200, final_url="https://quillo.example/p", headers=(("Set-Cookie", "a"),) * 2, seconds=0.25)
    record_fetch(db, owner, 1, came, HELLO)
    assert one(db, "SELECT * FROM fetches") == {
        "id": 1,
        "document_id": owner,
        "part": 1,
        "fetched_at": DAY.format(3),
        "outcome": "fetched",
        "detail": "",
        "status": 200,
        "url": POLICY.url,
        "final_url": "https://quillo.example/p",
        "headers": '[["Set-Cookie", "a"], ["Set-Cookie", "a"]]',
        "seconds": 0.25,
        "snapshot_id": 1,
        "origin_id": None,
    }


def test_a_fetch_without_a_body_is_a_row_too(db: Database) -> None:
    record_fetch(db, record_document(db, POLICY), 0, fetch(1, Outcome.UNREACHABLE, detail="no answer"))
    assert one(db, "SELECT outcome, detail, snapshot_id FROM fetches") == {
        "outcome": "unreachable",
        "detail": "no answer",
        "snapshot_id": None,
    }


def test_a_fetch_is_stored_whole_or_not_at_all(db: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        record_fetch(db, 77, 0, fetch(), HELLO)
    assert not any(counts(db).values())


def test_the_same_text_is_no_new_version(db: Database) -> None:
    version(db, paragraphs("Hello.", "You agree."), 1)
    before = counts(db)
    seen = record_fetch(db, 1, 0, fetch(2), HELLO)
    assert record_version(db, 1, [seen], paragraphs("Hello.", "You agree."), "rules 2") is None
    assert {**before, "fetches": 2, "snapshots": 2, "bodies": 2} == counts(db)
    assert evidence.extractor_of(db, 1) == "rules 2"


def test_a_version_keeps_when_its_page_was_seen(db: Database) -> None:
    owner = record_document(db, POLICY)
    parts = [record_fetch(db, owner, part, fetch(day), HELLO) for part, day in enumerate((4, 9, 6))]
    made = record_version(db, owner, parts, paragraphs("one two", "three"), "rules 1")
    row = latest_version(db, owner)
    assert row is not None
    assert now() >= row.pop("recorded_at")
    assert row == {
        "id": made,
        "document_id": owner,
        "seen_at": DAY.format(9),
        "extractor": "rules 1",
        "technical": 0,
        "passages": 2,
        "words": 3,
        "text_hash": text_hash(paragraphs("one two", "three")),
        "content": "[[1,2]]",
    }


def test_a_version_is_stored_whole_or_not_at_all(db: Database) -> None:
    version(db, paragraphs("Hello."))
    before = counts(db)
    with pytest.raises(sqlite3.IntegrityError):
        record_version(db, 1, [1, 77], paragraphs("You agree."), "rules 2")
    with pytest.raises(AttributeError):
        record_version(db, 1, [1], [object()], "rules 2")  # type: ignore[list-item]
    assert counts(db) == before
    assert evidence.extractor_of(db, 1) == "rules 1"


def test_a_version_has_evidence(db: Database) -> None:
    with pytest.raises(ValueError, match="at least one fetch"):
        record_version(db, 1, [], [], "rules")


def test_an_empty_first_text_is_a_version(db: Database) -> None:
    assert version(db, []) == 1


def test_validators_are_those_of_the_last_page_that_was_read(db: Database) -> None:
    looked(db, Outcome.RECORDED, {"ETag": '"1"', "Last-Modified": "Sun"})
    looked(db, Outcome.UNCHANGED, {"eTAG": '"2"'})
    looked(db, Outcome.BLOCKED, {"ETag": '"wall"'})
    looked(db, Outcome.UNEXTRACTABLE, {"ETag": '"empty"'})
    assert validators(db, 1, 0, POLICY.url) == Validators('"2"', "")


def test_validators_belong_to_a_part_and_an_address(db: Database) -> None:
    looked(db, Outcome.RECORDED, {"ETag": '"1"'}, part=1)
    looked(db, Outcome.RECORDED, {"ETag": '"2"'}, url="https://quillo.example/old")
    assert validators(db, 1, 0, POLICY.url) == Validators()


def test_pages_are_found_again(db: Database) -> None:
    headers = {"Content-Type": 'text/html; charset="ISO-8859-1"'}
    first = looked(db, Outcome.FETCHED, headers)
    looked(db, Outcome.BLOCKED, {})
    page = evidence.newest_page(db, 1, 0)
    assert page
    described = (page.outcome, page.media_type, page.url, page.encoding, page.asked)
    assert (page.fetch_id, page.part, page.snapshot_id) == (first, 0, 1)
    assert described == (Outcome.FETCHED, "text/html", POLICY.url, "iso-8859-1", POLICY.url)
    assert page.body(db) == HELLO.body
    assert evidence.newest_page(db, 1, 1) is None


def test_the_type_is_what_this_answer_said(db: Database) -> None:
    looked(db, Outcome.RECORDED, {"Content-Type": "application/octet-stream"})
    looked(db, Outcome.FETCHED, {"Content-Type": "Text/HTML; charset=utf-8"})
    page = evidence.newest_page(db, 1, 0)
    assert page is not None and page.media_type == "text/html"


@pytest.mark.parametrize("header", ["", "text/html", "text/html; charset=", "nonsense;;;charset", "text/html\r\nX: y"])
def test_a_page_may_be_described_badly(db: Database, header: str) -> None:
    looked(db, Outcome.FETCHED, {"Content-Type": header})
    page = evidence.newest_page(db, 1, 0)
    assert page is not None
    assert not page.encoding


def test_a_version_leads_to_its_pages(db: Database) -> None:
    second, first = (looked(db, Outcome.FETCHED, {}, part=part) for part in (1, 0))
    made = record_version(db, 1, [second, first], paragraphs("Hello."), "rules 1")
    assert made is not None
    assert [page.fetch_id for page in evidence.pages_of(db, made)] == [first, second]
    assert evidence.extractor_of(db, 1) == "rules 1"
    assert evidence.extractor_of(db, 99) == ""
