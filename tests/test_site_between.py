"""Two texts of a document against each other: the edits as redlines, and what was flagged on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import store
from archive.words import Decision, EditKind
from diffing.compare import compare
from pages.between import unchanged
from smallprint.between_routes import BetweenRoutes
from tests import site_pages
from tests.builders import POLICY, added, decided, flag, paragraphs, put, version
from tests.builders import page as text
from tests.site_pages import page, visit, with_plugins, words

TRAINING = "We train our models on what you write."
FIRST = "# Your data\nHello.\nWe keep it for 30 days.\nWrite to us.\nThe end."
SECOND = f"# Your data\nHello.\nWe keep it for 60 days.\nWrite to us.\n{TRAINING}\nThe end."
THIRD = f"# Your data\nHello.\nWe keep it for 90 days.\nWrite to us.\n{TRAINING}"
LETTERS = st.lists(st.sampled_from("abcdefg"), max_size=9)


@pytest.fixture(autouse=True)
def roof() -> Iterator[None]:
    """The roof brings the comparing."""
    with with_plugins(BetweenRoutes()):
        yield


def record(db: Database) -> None:
    decided(db, version(db, text(FIRST), 1), Decision.BASELINE)
    pushed = decided(db, version(db, text(SECOND), 5), Decision.PUSH, added(TRAINING, "", flag(TRAINING)))
    put(db, pushed, severity="high", line="It trains")
    decided(db, version(db, text(THIRD), 9), Decision.UNFLAGGED)


@pytest.fixture
def three_texts(archive_path: Path) -> Path:
    with store.writing(archive_path) as db:
        record(db)
        version(db, paragraphs("Another."), 2, replace(POLICY, region="EU"))
    return archive_path


def test_two_texts_are_shown_as_redlines_in_the_order_of_the_text(three_texts: Path) -> None:
    shown = page(three_texts, "/-/between/1/3")
    assert [line.decode_contents() for line in shown.select(".redline")] == [
        "We keep it for <del>30</del><ins>90</ins> days.",
        "<del>The end.</del>",
        f"<ins>{TRAINING}</ins>",
    ]
    assert [words(line) for line in shown.select(".skipped")] == ["2 passages unchanged", "One passage unchanged"]
    assert [words(line) for line in shown.select(".differs .quiet")] == [
        "Changed passage",
        "Removed passage",
        "New passage",
    ]
    assert [words(line) for line in shown.select("h3")] == ["Your data"]


def test_both_dates_lead_to_their_texts_and_what_was_flagged_is_listed(three_texts: Path) -> None:
    shown = page(three_texts, "/-/between/1/3")
    lead = shown.select_one(".lead")
    assert words(lead) == "From 1 March 2026 to 9 March 2026: 3 edits, made in 2 changes."
    assert [a["href"] for a in lead.select("a")] == ["/-/version/1", "/-/version/3"]
    assert [words(one) for one in shown.select(".changes li")] == ["5 March 2026 Severity: High Pushed It trains"]


def test_the_earlier_text_goes_first_however_it_is_asked(three_texts: Path) -> None:
    answers = visit(three_texts, "/-/between/1/3.json", "/-/between/3/1.json")
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["before"]["id"] == 1


def test_a_text_does_not_differ_from_itself(three_texts: Path) -> None:
    shown = page(three_texts, "/-/between/2/2")
    assert "the same text stood on both" in words(shown.select_one(".lead"))
    assert not shown.select(".redline")


@pytest.mark.parametrize("address", ["/-/between/1/4", "/-/between/1/99"])
def test_texts_of_two_documents_are_not_compared(three_texts: Path, address: str) -> None:
    (answer,) = visit(three_texts, address)
    assert answer.status_code == 404
    assert "are not two texts of one document" in answer.text


def test_dates_lead_to_the_texts_that_stood_then(three_texts: Path) -> None:
    asked = ["?from=2026-03-02&to=2026-03-06", "?from=2026-03-30&to=2026-03-01", "?from=&to=", ""]
    answers = visit(three_texts, *(f"/-/document/1/between{one}" for one in asked))
    assert [answer.headers["location"] for answer in answers] == [
        "/-/between/1/2",
        "/-/between/1/3",
        "/-/between/1/3",
        "/-/between/1/3",
    ]
    before, wrong = visit(three_texts, "/-/document/1/between?from=2001-01-01", "/-/document/1/between?to=soon")
    assert (before.status_code, wrong.status_code) == (404, 400)
    assert "nothing is recorded for 2001-01-01" in before.text


def test_dates_to_compare_are_chosen_from_the_few_there_are(three_texts: Path) -> None:
    form = page(three_texts, "/-/document/1").select("form")[1]
    assert form["action"] == "/-/document/1/between"
    assert [option.text for option in form.select("select[name=from] option")] == [
        "9 March 2026",
        "5 March 2026",
        "1 March 2026",
    ]
    assert form.select_one("select[name=from] option[selected]").text == "1 March 2026"
    assert form.select_one("select[name=to] option[selected]").text == "9 March 2026"


def test_a_version_leads_to_what_it_changed(three_texts: Path) -> None:
    assert page(three_texts, "/-/version/2").select("a[href='/-/between/1/2']")


def test_many_edits_come_in_parts(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        for day, word in ((1, "before"), (2, "after")):
            version(db, paragraphs(*(f"{n} {word} " + "kept " * 60 for n in range(200))), day)
    first = page(tmp_path / "a.db", "/-/between/1/2")
    assert words(first.select_one(".turning")) == "Part 1 of 6 Part 2 →"
    parts = [first, *(page(tmp_path / "a.db", f"/-/between/1/2/part/{n}") for n in (2, 3, 4, 5, 6))]
    assert sum(len(part.select(".redline")) for part in parts) == 200
    assert visit(tmp_path / "a.db", "/-/between/1/2/part/7")[0].status_code == 404


def test_a_hostile_text_is_shown_as_words(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        site_pages.record_hostile(db)
    shown = page(tmp_path / "a.db", "/-/between/1/2")
    assert not [tag for tag in shown.find_all("script") if not tag.get("src")]
    assert words(shown.select_one(".redline ins")) == site_pages.SCRIPT


@given(LETTERS, LETTERS)
def test_every_passage_of_the_new_text_is_told_or_counted(old: list[str], new: list[str]) -> None:
    before, after = paragraphs(*old), paragraphs(*new)
    edits = compare(before, after)
    gaps = unchanged(before, after, edits)
    assert len(gaps) == len(edits) + 1
    assert sum(gaps) + sum(bool(edit.after) for edit in edits) == len(new)


def test_what_was_removed_stands_where_it_stood() -> None:
    before, after = paragraphs("a", "b", "gone", "c"), paragraphs("a", "b", "c", "new")
    edits = compare(before, after)
    assert [edit.kind for edit in edits] == [EditKind.REMOVED, EditKind.ADDED]
    assert unchanged(before, after, edits) == [2, 1, 0]
