"""The page of a passage: its words, where they stand and stood, and their other wordings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import store
from archive.words import Decision, Edit, EditKind, Reading
from pages import passage
from tests.builders import POLICY, added, decided, flag, paragraphs, version
from tests.site_pages import page, visit, words

OLD, NOW, NEW = "We keep it for 30 days.", "We keep it for 60 days.", "We keep it for 90 days."
TRAINING = "We train our models on what you write. You can turn this off."


def changed(before: str, after: str) -> tuple[Edit, Reading]:
    return Edit(EditKind.CHANGED, "", before, after), Reading()


def record(db: Database) -> None:
    """A passage (2) with one wording before it and one after, and one (3) that is flagged and stands."""
    decided(db, version(db, paragraphs(OLD), 1), Decision.BASELINE)
    training = added(TRAINING, "", flag("We train our models on what you write."))
    decided(db, version(db, paragraphs(NOW, TRAINING), 5), Decision.PUSH, changed(OLD, NOW), training)
    decided(db, version(db, paragraphs(NEW, TRAINING), 9), Decision.UNFLAGGED, changed(NOW, NEW))


@pytest.fixture
def wordings(archive_path: Path) -> Path:
    with store.writing(archive_path) as db:
        record(db)
    return archive_path


def test_a_passage_tells_its_words_and_where_they_stood(wordings: Path) -> None:
    shown = page(wordings, "/-/passage/2")
    assert words(shown.select_one("blockquote.passage")) == NOW
    assert words(shown.select_one(".lead")).startswith("Stands nowhere any more; stood in 1 document.")
    row = shown.select_one("tbody th[scope=row]").parent
    assert words(row) == "Quillo, Privacy Policy 5 March 2026 9 March 2026 last seen 5 March 2026"
    assert [a["href"] for a in row.select("a")] == ["/-/version/2#p2", "/-/change/2", "/-/version/3"]


def test_a_passage_that_stands_leads_to_its_place(wordings: Path) -> None:
    shown = page(wordings, "/-/passage/3")
    assert words(shown.select_one(".lead")).startswith("Stands in 1 document.")
    row = shown.select_one("tbody th[scope=row]").parent
    assert row.a["href"] == "/-/document/1#p3"
    assert "still there" in words(row)
    assert page(wordings, "/-/document/1").select_one("#p3")


def test_its_other_wordings_are_redlines(wordings: Path) -> None:
    shown = page(wordings, "/-/passage/2")
    earlier, later = (shown.select_one(f"section[aria-labelledby={name}] li") for name in ("earlier", "later"))
    assert earlier.select_one(".redline").decode_contents() == "We keep it for <del>30</del><ins>60</ins> days."
    assert later.select_one(".redline").decode_contents() == "We keep it for <del>60</del><ins>90</ins> days."
    assert [a["href"] for a in earlier.select("a")] == ["/-/change/2", "/-/passage/1"]
    assert [a["href"] for a in later.select("a")] == ["/-/change/3", "/-/passage/4"]


def test_a_flag_tells_its_words_its_rule_and_its_change(wordings: Path) -> None:
    (one,) = page(wordings, "/-/passage/3").select("article")
    assert words(one.select_one(".label")) == "AI training: allows more"
    assert "When it came, 5 March 2026, Quillo, Privacy Policy" in words(one)
    assert words(one.blockquote) == "We train our models on what you write."
    assert "Rule rule, score 0.90" in words(one)
    assert one.a["href"] == "/-/change/2"


def test_its_longest_words_find_passages_like_it(wordings: Path) -> None:
    (link,) = page(wordings, "/-/passage/3").select(".lead a")
    assert link["href"] == "/-/search?q=models"


def test_a_passage_is_there_as_json(wordings: Path) -> None:
    (answer,) = visit(wordings, "/-/passage/2.json")
    told = answer.json()
    assert (told["text"], told["stands"], told["documents"]) == (NOW, 0, 1)
    assert told["places"][0]["held"]["gone"] == "2026-03-09T06:00:00Z"
    assert told["earlier"][0]["segments"][1] == {"run": "removed", "text": "30"}


def test_a_passage_that_many_documents_hold_lists_a_few(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        for n in range(passage.MOST_DOCUMENTS + 2):
            version(db, paragraphs("Contact us."), 1, replace(POLICY, type=f"Policy {n}"))
    shown = page(tmp_path / "a.db", "/-/passage/1")
    assert "Stands in 52 documents." in words(shown.select_one(".lead"))
    assert len(shown.select("tbody th[scope=row]")) == passage.MOST_DOCUMENTS
    assert "And in 2 more documents." in words(shown)


def test_of_a_very_long_passage_the_beginning_is_shown(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        decided(db, version(db, paragraphs("word " * 15_000 + "end"), 1), Decision.BASELINE)
        edit = changed("word " * 15_000 + "end", "other " * 15_000 + "end")
        decided(db, version(db, paragraphs("other " * 15_000 + "end"), 2), Decision.UNFLAGGED, edit)
    (answer,) = visit(tmp_path / "a.db", "/-/passage/1")
    assert len(answer.text) < 70_000
    shown = page(tmp_path / "a.db", "/-/passage/1")
    assert "25,003 more characters" in words(shown)
    assert not shown.select(".redline")
    assert shown.select(".wordings a[href='/-/passage/2']")


def test_an_unknown_passage_is_a_friendly_404(wordings: Path) -> None:
    (answer,) = visit(wordings, "/-/passage/999")
    assert answer.status_code == 404
    assert "There is no passage 999" in answer.text
