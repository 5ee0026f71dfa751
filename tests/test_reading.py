"""Stored pages become versions: after a fetch, after an interruption, and again when the rules of reading change."""

from __future__ import annotations

import pytest
from sqlite_utils import Database

from archive import recording
from archive.placements import text_of
from archive.words import Fetch, Outcome, Snapshot
from crawler import extraction, pipelines, reading
from crawler.declaration import Declaration, Source
from crawler.visit import Visit
from tests.crawling import declared, page

URL, SECOND, THIRD = "https://gantry.example/one", "https://gantry.example/two", "https://gantry.example/three"
ONE = declared("Policy", URL)
TWO = declared("Policy", URL, SECOND)
ASIDE = page("We train no models.").replace(b"</main>", b"</main><aside><p>Ask us first.</p></aside>")


def visit(declaration: Declaration, part: int, body: bytes | None, outcome: Outcome = Outcome.FETCHED) -> Visit:
    """What the spider would hand on."""
    url = declaration.sources[part].fetch
    detail = "" if body else "why"
    fetch = Fetch(url, recording.now(), outcome, detail, 200 if body else 404, url)
    return Visit(declaration, part, fetch, Snapshot(body, "text/html", url) if body else None)


def look(db: Database, declaration: Declaration, *bodies: bytes | None) -> list[Outcome]:
    """How a look at all pages ended; None is a page that could not be fetched."""
    kept = []
    for part, body in enumerate(bodies):
        seen = visit(declaration, part, body, Outcome.FETCHED if body else Outcome.UNREACHABLE)
        kept.append((pipelines.keep(db, seen), seen))
    return [ended.fetch.outcome for ended in pipelines.conclude(db, kept, pipelines.look_at(db, kept))]


def versions(db: Database) -> list[tuple[int, list[str]]]:
    """Each version: whether it is technical, and its text."""
    rows = list(db.query("SELECT id, document_id, technical FROM versions ORDER BY id"))
    return [(row["technical"], [p.text for p in text_of(db, row["id"])]) for row in rows]


def outcomes(db: Database) -> list[str]:
    """Of every fetch, in order."""
    return [row["outcome"] for row in db.query("SELECT outcome FROM fetches ORDER BY id")]


def selecting(*select: str, urls: tuple[str, ...] = (URL,)) -> Declaration:
    """The same document, read with other selectors."""
    return Declaration(ONE.document, tuple(Source(url, select=select) for url in urls))


def test_the_first_text_is_recorded_and_the_same_text_is_unchanged(db: Database) -> None:
    assert look(db, ONE, page("A")) == [Outcome.RECORDED]
    assert look(db, ONE, page("A") + b"<!-- 12:01 -->") == [Outcome.UNCHANGED]
    assert look(db, ONE, page("B")) == [Outcome.RECORDED]
    assert versions(db) == [(0, ["A"]), (0, ["B"])]


def test_the_same_bytes_are_not_read_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    look(db, ONE, page("A"))
    monkeypatch.setattr(extraction, "extract", None)
    assert look(db, ONE, page("A")) == [Outcome.UNCHANGED]


def test_a_page_that_goes_back_makes_a_version_again(db: Database) -> None:
    for text in ("A", "B", "A"):
        look(db, ONE, page(text))
    assert [text for _, text in versions(db)] == [["A"], ["B"], ["A"]]


def test_an_unreadable_page_says_why_and_leaves_the_version(db: Database) -> None:
    look(db, ONE, page("A"))
    assert look(db, ONE, b"<article>B</article>") == [Outcome.UNEXTRACTABLE]
    (detail,) = [row["detail"] for row in db.query("SELECT detail FROM fetches ORDER BY id DESC LIMIT 1")]
    assert "main" in detail
    assert look(db, ONE, page("A")) == [Outcome.UNCHANGED]
    assert len(versions(db)) == 1


def test_a_page_stored_but_not_read_is_read_later(db: Database) -> None:
    pipelines.keep(db, visit(ONE, 0, page("A")))
    assert outcomes(db) == ["fetched"]
    pipelines.prepare(db, ONE)
    assert outcomes(db) == ["recorded"]
    assert versions(db) == [(0, ["A"])]


def test_preparing_is_idempotent(db: Database) -> None:
    look(db, ONE, ASIDE)
    newer = selecting("aside")
    ids = {pipelines.prepare(db, newer) for _ in range(3)}
    assert len(ids) == 1
    assert versions(db) == [(0, ["We train no models."]), (1, ["Ask us first."])]


def test_a_new_selector_reads_the_stored_page_again_as_technical(db: Database) -> None:
    look(db, ONE, ASIDE)
    pipelines.prepare(db, selecting("main", "aside"))
    assert versions(db)[1:] == [(1, ["We train no models.", "Ask us first."])]


def test_a_new_selector_that_finds_the_same_text_makes_no_version(db: Database) -> None:
    look(db, ONE, ASIDE)
    newer = selecting("body > main")
    pipelines.prepare(db, newer)
    assert len(versions(db)) == 1
    assert look(db, newer, ASIDE) == [Outcome.UNCHANGED]


def test_what_the_page_changes_afterwards_is_an_ordinary_version(db: Database) -> None:
    look(db, ONE, ASIDE)
    newer = selecting("main", "aside")
    pipelines.prepare(db, newer)
    look(db, newer, ASIDE.replace(b"Ask us first", b"Do as you like"))
    assert [technical for technical, _ in versions(db)] == [0, 1, 0]


def test_a_newer_extraction_is_technical_too(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    look(db, ONE, page("A"))
    monkeypatch.setattr(extraction, "REVISION", extraction.REVISION + 1)
    read = extraction.extract
    monkeypatch.setattr(extraction, "extract", lambda *more: read(*more) * 2)
    pipelines.prepare(db, ONE)
    assert versions(db) == [(0, ["A"]), (1, ["A", "A"])]


def test_an_older_page_is_read_with_new_rules_before_the_one_that_waits(db: Database) -> None:
    look(db, ONE, ASIDE)
    newer = selecting("aside")
    pipelines.keep(db, visit(newer, 0, ASIDE.replace(b"Ask us first", b"Do as you like")))
    pipelines.prepare(db, newer)
    assert versions(db)[1:] == [(1, ["Ask us first."]), (0, ["Do as you like."])]


def test_a_redesign_with_the_selector_that_follows_it_can_speak(db: Database) -> None:
    look(db, ONE, page("We ask first."))
    redesigned = b"<article><p>We do not ask.</p></article>"
    assert look(db, ONE, redesigned) == [Outcome.UNEXTRACTABLE]
    newer = selecting("article")
    pipelines.prepare(db, newer)
    assert len(versions(db)) == 1
    assert look(db, newer, redesigned) == [Outcome.RECORDED]
    assert versions(db)[1:] == [(0, ["We do not ask."])]


def test_a_selector_that_finds_nothing_is_told_at_the_next_fetch(db: Database) -> None:
    look(db, ONE, page("A"))
    newer = selecting("nav")
    pipelines.prepare(db, newer)
    assert look(db, newer, page("A")) == [Outcome.UNEXTRACTABLE]


def test_the_parts_of_a_document_are_joined_in_order(db: Database) -> None:
    assert look(db, TWO, page("First"), page("Second")) == [Outcome.RECORDED, Outcome.RECORDED]
    assert versions(db) == [(0, ["First", "Second"])]
    (used,) = db.query("SELECT count(*) AS number FROM version_fetches")
    assert used["number"] == 2


def test_parts_that_arrive_in_another_order_are_joined_in_order(db: Database) -> None:
    kept = [(pipelines.keep(db, one), one) for one in (visit(TWO, 1, page("Second")), visit(TWO, 0, page("First")))]
    pipelines.conclude(db, kept, pipelines.look_at(db, kept))
    assert versions(db) == [(0, ["First", "Second"])]


def test_both_parts_changing_is_one_version(db: Database) -> None:
    look(db, TWO, page("A", "B"), page("C"))
    look(db, TWO, page("A"), page("B", "C"))
    assert look(db, TWO, page("A", "D"), page("C")) == [Outcome.RECORDED, Outcome.RECORDED]
    assert [text for _, text in versions(db)] == [["A", "B", "C"], ["A", "D", "C"]]


def test_no_version_while_a_part_is_missing(db: Database) -> None:
    assert look(db, TWO, page("First"), None) == [Outcome.FETCHED, Outcome.UNREACHABLE]
    pipelines.prepare(db, TWO)
    assert versions(db) == []
    assert look(db, TWO, page("First"), page("Second")) == [Outcome.RECORDED, Outcome.RECORDED]
    assert versions(db) == [(0, ["First", "Second"])]


def test_a_part_that_cannot_be_fetched_makes_no_half_a_change(db: Database) -> None:
    look(db, TWO, page("A", "B"), page("C"))
    look(db, TWO, page("A"), None)
    pipelines.prepare(db, TWO)
    assert len(versions(db)) == 1
    (row,) = db.query("SELECT detail FROM fetches WHERE outcome = 'fetched'")
    assert row["detail"] == reading.INCOMPLETE


def test_a_part_not_modified_is_taken_as_it_was(db: Database) -> None:
    look(db, TWO, page("First"), page("Second"))
    seen = [visit(TWO, 0, page("New")), visit(TWO, 1, None, Outcome.NOT_MODIFIED)]
    kept = [(pipelines.keep(db, one), one) for one in seen]
    ended = pipelines.conclude(db, kept, pipelines.look_at(db, kept))
    assert [one.fetch.outcome for one in ended] == [Outcome.RECORDED, Outcome.NOT_MODIFIED]
    assert versions(db)[1:] == [(0, ["New", "Second"])]


def test_all_parts_stored_but_not_read_are_read_later(db: Database) -> None:
    for part, text in enumerate(("First", "Second")):
        pipelines.keep(db, visit(TWO, part, page(text)))
    pipelines.prepare(db, TWO)
    assert versions(db) == [(0, ["First", "Second"])]


def test_a_page_more_in_the_declaration_is_technical(db: Database) -> None:
    look(db, TWO, page("First"), page("Second"))
    three = selecting("main", urls=(URL, SECOND, THIRD))
    pipelines.prepare(db, three)
    look(db, three, page("First"), page("Second"), page("Third"))
    assert versions(db)[1:] == [(1, ["First", "Second", "Third"])]


def test_rules_are_named_by_revision_and_selectors() -> None:
    automatic = reading.extractor(declared("Policy", URL, select=()))
    assert automatic == f"{extraction.REVISION}:auto"
    named = {reading.extractor(selecting(*select)) for select in (("main",), ("main", "aside"), ("aside", "main"))}
    assert len(named | {automatic}) == 4
