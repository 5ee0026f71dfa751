"""Search: every passage once, with its life, whatever is typed; and the views that tell of lives."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import search, store
from archive.recording import document_id, record_fetch
from archive.words import Decision, Document, Edit, EditKind, Outcome, Reading, Topic
from tests.builders import DAY, POLICY, WORDS, added, decided, fetch, flag, new_archive, paragraphs, pushed, version
from tests.commands import smallprint
from tests.site_pages import visit

OTHER = Document("Plume", "User Agreement", "https://plume.example/terms", "Plume Inc.")
NEVER = "Training of models never touches private notes."


def texts(db: Database, words: str, **more: object) -> list[str]:
    return [found.text for found in search.search(db, words, 20, **more).passages]  # type: ignore[arg-type]


@pytest.fixture
def stocked(db: Database) -> Database:
    """A passage that came, stayed and went, its like in another document, and one that was never flagged."""
    pushed(db)  # on the second of March
    record_fetch(db, document_id(db, POLICY) or 0, 0, fetch(5, Outcome.UNCHANGED))
    gone = version(db, paragraphs("Hello.", NEVER), 9)
    edit = Edit(EditKind.REMOVED, "", WORDS, "")
    decided(db, gone, Decision.PUSH, (edit, Reading((flag(side="before"),))))
    version(db, paragraphs(WORDS), 4, OTHER)
    return db


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("train", {WORDS, NEVER}),
        ("TRAINED model", {WORDS, NEVER}),
        ("mod*", {WORDS, NEVER}),
        ('"our models"', {WORDS}),
        ('"models our"', set()),
        ('"train our mod"*', {WORDS}),
        ('"our models', {WORDS}),
        ("train -- (models)", {WORDS, NEVER}),
        ("train NOT models", set()),
        ("train nothing", set()),
        ('" * -', set()),
        ("", set()),
    ],
)
def test_words_phrases_and_beginnings(stocked: Database, words: str, expected: set[str]) -> None:
    assert set(texts(stocked, words)) == expected


@given(st.text() | st.text(alphabet='"* ^:(){}+-\0\ud800aNEAROT,', max_size=12))
def test_nothing_that_is_typed_is_an_error(words: str) -> None:
    with new_archive() as db:
        version(db, paragraphs(WORDS, "NEAR a, OR NOT a"))
        answer = search.search(db, words, 20)
        assert answer.total == len(answer.passages) <= 2


@given(st.sampled_from(paragraphs(WORDS, NEVER)), st.data())
def test_a_passage_is_found_by_any_of_its_words(passage: object, data: st.DataObject) -> None:
    text = getattr(passage, "text", "")
    words = data.draw(st.lists(st.sampled_from(text.split()), min_size=1))
    with new_archive() as db:
        version(db, paragraphs(WORDS, NEVER))
        assert text in texts(db, " ".join(words))


def test_a_passage_comes_once_with_its_lives(stocked: Database) -> None:
    (found,) = search.search(stocked, '"train our"', 20).passages
    assert found.lives == [
        search.Life("Quillo, Privacy Policy", "", DAY.format(2), DAY.format(5), DAY.format(9)),
        search.Life("Plume Inc., User Agreement", "", DAY.format(4), DAY.format(4), None),
    ]
    assert [search.told(life) for life in found.lives] == [
        "Quillo, Privacy Policy: first seen 2026-03-02, last seen 2026-03-05, gone 2026-03-09",
        "Plume Inc., User Agreement: first seen 2026-03-04, still there",
    ]


def test_a_passage_that_came_again_stands(stocked: Database) -> None:
    version(stocked, paragraphs("Hello.", WORDS), 12)
    (found,) = search.search(stocked, '"train our"', 20, "Quillo").passages
    assert found.lives == [search.Life("Quillo, Privacy Policy", "", DAY.format(2), DAY.format(12), None)]


def test_a_life_in_the_record_of_others_says_whose(db: Database) -> None:
    version(db, paragraphs(WORDS), 4, replace(POLICY, origin="Open Terms Archive"))
    (found,) = search.search(db, "train", 20).passages
    assert search.told(found.lives[0]).startswith("Quillo, Privacy Policy (from Open Terms Archive): first seen")


def test_a_service_narrows_passages_and_lives(stocked: Database) -> None:
    answer = search.search(stocked, "train", 20, "plume INC.")
    assert [(found.text, len(found.lives)) for found in answer.passages] == [(WORDS, 1)]
    assert texts(stocked, "train", service="plume") == [WORDS]
    assert texts(stocked, "train", service="nobody") == []


def test_a_topic_leaves_what_was_flagged_on_it(stocked: Database) -> None:
    assert texts(stocked, "train", topic=Topic.AI_TRAINING) == [WORDS]
    assert texts(stocked, "train", topic=Topic.CONSENT) == []


def test_long_passages_are_shown_around_the_words(db: Database) -> None:
    long = " ".join(f"word{n}" for n in range(300))
    version(db, paragraphs(f"{long} training {long}"))
    (found,) = search.search(db, "train", 20).passages
    assert "training" in found.snippet
    assert len(found.snippet.split()) < 50 < len(found.text.split())


def test_the_view_of_ai_training_tells_each_passage_once(stocked: Database) -> None:
    (row,) = stocked.query("SELECT * FROM ai_training_passages")
    assert (row["service"], row["document"], row["text"], row["quote"]) == ("Quillo", "Privacy Policy", WORDS, WORDS)
    assert (row["first_seen"], row["last_seen"], row["gone"]) == (DAY.format(2), DAY.format(5), DAY.format(9))
    assert row["effect"] == "permits"


def test_the_view_of_ai_training_is_by_service(stocked: Database) -> None:
    decided(stocked, version(stocked, paragraphs(WORDS, NEVER), 6, OTHER), Decision.PUSH, added(NEVER, "", flag(NEVER)))
    rows = list(stocked.query("SELECT service, text, gone, last_seen FROM ai_training_passages"))
    assert [(row["service"], row["text"]) for row in rows] == [("Plume Inc.", NEVER), ("Quillo", WORDS)]
    assert (rows[0]["gone"], rows[0]["last_seen"]) == (None, DAY.format(6))


def test_changes_in_order_name_their_document(stocked: Database) -> None:
    rows = stocked.query("SELECT seen_at FROM decided_changes WHERE document_id = 1 ORDER BY seen_at, change_id")
    assert [row["seen_at"] for row in rows] == [DAY.format(day) for day in (1, 2, 9)]


# The command


@pytest.fixture
def searched(stocked: Database, archive_path: Path) -> Path:
    """The stocked archive, to be read by others."""
    return archive_path


def run(archive: Path, *words: str) -> str:
    done = smallprint("search", "--archive", str(archive), *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_prints_passages_and_lives(searched: Path) -> None:
    assert run(searched, '"train our"', "models") == (
        f"{WORDS}\n"
        "  Quillo, Privacy Policy: first seen 2026-03-02, last seen 2026-03-05, gone 2026-03-09\n"
        "  Plume Inc., User Agreement: first seen 2026-03-04, still there\n\n"
    )
    assert run(searched, "nothing", "such") == "No passage says this.\n"


def test_the_command_says_how_many_more(searched: Path) -> None:
    assert run(searched, "train", "--limit", "1").endswith("\n1 more: --limit 2 shows all\n")


def test_the_command_gives_data(searched: Path) -> None:
    told = json.loads(run(searched, "train", "--json", "--topic", "ai-training", "--service", "Plume"))
    assert told["total"] == 1
    (passage,) = told["passages"]
    assert (passage["text"], passage["snippet"]) == (WORDS, WORDS)
    assert passage["lives"] == [
        {
            "document": "Plume Inc., User Agreement",
            "origin": "",
            "first_seen": DAY.format(4),
            "last_seen": DAY.format(4),
            "gone": None,
        }
    ]


def test_the_command_takes_any_bytes(searched: Path) -> None:
    assert run(searched, "\udcff", 'a"b*', "--", "-x") == "No passage says this.\n"


def test_an_unknown_service_is_told_in_one_line(searched: Path) -> None:
    done = smallprint("search", "train", "--service", "Nobody", "--archive", str(searched))
    assert done.returncode == 2
    assert done.stderr == "Error: nothing is recorded of 'Nobody'; recorded are: Plume Inc., Quillo\n"


# The site


def rows_of(response: httpx.Response) -> list[str]:
    return [cell.text.strip() for cell in BeautifulSoup(response.text, "lxml").select("td.col-text")]


def test_the_site_searches_passages(searched: Path) -> None:
    found, view = visit(searched, "/archive/passages?_search=trained", "/archive/ai_training_passages?_search=trained")
    assert rows_of(found) == [NEVER, WORDS]
    assert rows_of(view) == [WORDS]
    assert BeautifulSoup(view.text, "lxml").h1.text == "Passages on AI training (view)"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("words", "expected"),
    [("TRAIN+models", 3), ('"train*+OR+(', 0), ("models++train", 3), ("", 0), ("%22", 0), ("-", 0)],
)
def test_the_query_of_passages_takes_any_words(searched: Path, words: str, expected: int) -> None:
    (response,) = visit(searched, f"/archive/passages_saying?words={words}")
    assert response.status_code == 200
    assert len(rows_of(response)) == expected


def test_the_tables_behind_the_search_are_out_of_the_way(searched: Path) -> None:
    (response,) = visit(searched, "/archive")
    shown = {link.text for link in BeautifulSoup(response.text, "lxml").select(".db-table h3 a")}
    assert "passages" in shown
    assert not [name for name in shown if "_fts" in name]


def test_a_life_and_a_search_read_what_they_need(archive_path: Path) -> None:
    """No table with a row for each passage, placement or fetch is read from end to end."""
    asked = {"words": "train", "service": None, "topic": None, "most": 20, "passages": "[1]"}
    life = "SELECT * FROM passage_lives WHERE passage_id = 1"
    with store.writing(archive_path) as db:
        for sql in (life, search._FOUND, search._LIVES, "SELECT * FROM ai_training_passages"):
            given = {name: value for name, value in asked.items() if f":{name}" in sql}
            plan = [row["detail"] for row in db.query(f"EXPLAIN QUERY PLAN {sql}", given)]
            big = ("placements", "passages", "edits", "fetches", "versions")
            assert not [
                step for step in plan if step.startswith(tuple(f"SCAN {table}" for table in big)) and "_fts" not in step
            ]
