"""The search of the site: passages by their words, what tells them apart, and questions that make no sense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import feeds, finding, search, store
from archive.errors import SmallprintError
from archive.finding import Life, Narrowing, Part, Place
from archive.words import Decision, Document, Edit, EditKind, Kind, Link, Passage, Reading, Topic
from pages import facets
from pages.search import MOST_WORDS, SHOWN, check
from pages.search import page as answered
from tests.builders import DAY, POLICY, WORDS, added, decided, flag, new_archive, paragraphs, pushed, version
from tests.site_pages import SCRIPT, page, visit, words

OTHER = Document("Plume.com", "User Agreement", "https://plume.example/terms", "Plume Inc.")
NEVER = "Training of models never touches private notes."


@pytest.fixture
def stocked(db: Database) -> Database:
    """A passage that came and went here and stands elsewhere, and one that came when it went."""
    pushed(db)  # on the second of March
    gone = version(db, paragraphs("Hello.", NEVER), 9)
    decided(db, gone, Decision.PUSH, (Edit(EditKind.REMOVED, "", WORDS, ""), Reading((flag(side="before"),))))
    version(db, paragraphs(WORDS), 4, OTHER)
    return db


@pytest.fixture
def searched(stocked: Database, archive_path: Path) -> Path:
    """The stocked archive, to be read by others."""
    return archive_path


def ask(db: Database, **asked: str) -> Any:
    return answered(db, asked).values["answer"]  # type: ignore[union-attr]


def texts(db: Database, **asked: str) -> list[str]:
    return ["".join(part.text for part in hit.parts) for hit in ask(db, **asked)["hits"]]


def counts(db: Database, key: str, **asked: str) -> list[tuple[str, int]]:
    found = [facet.values for facet in ask(db, **asked)["facets"] if facet.key == key]
    return [(value.label, value.count) for value in found[0]] if found else []


# What is found


def test_a_passage_is_shown_with_its_words_its_places_and_its_flags(searched: Path) -> None:
    shown = page(searched, "/-/search?q=write+trained")
    (hit,) = shown.select(".hits > li")
    assert words(hit.select_one(".said")) == WORDS
    assert [mark.text for mark in hit.select("mark")] == ["write", "train"]
    assert [words(label) for label in hit.select(".label")] == ["AI training: allows more"]
    assert [words(stay) for stay in hit.select(".stays li")] == [
        "Plume Inc., User Agreement: at least since 4 March 2026",
        "Quillo, Privacy Policy: from 2 March 2026 to 9 March 2026",
    ]
    assert [link["href"] for link in hit.select("a")] == ["/-/document/2", "/-/document/1", "/-/passage/3"]
    assert shown.h1.text == "Search"
    assert words(shown.select_one("#found")) == "1 passage"
    assert shown.select_one("input[name=q]")["value"] == "write trained"


def test_the_same_comes_as_data(searched: Path) -> None:
    (response,) = visit(searched, "/-/search.json?q=touches&stands=now")
    answer = response.json()["answer"]
    assert (answer["total"], answer["counted"], answer["page"], answer["pages"]) == (1, 1, 1, 1)
    (hit,) = answer["hits"]
    assert hit["parts"][1:3] == [{"text": "touches", "found": True}, {"text": " private notes.", "found": False}]
    assert hit["stays"] == [
        {
            "document_id": 1,
            "document": "Quillo, Privacy Policy",
            "origin": "",
            "first_seen": DAY.format(9),
            "gone": None,
            "at_least": False,
        }
    ]
    assert response.json()["chosen"] == [
        {"key": "stands", "name": "Today", "label": "Still there", "without": {"q": "touches"}}
    ]


def test_more_documents_than_are_named_are_counted(db: Database, archive_path: Path) -> None:
    for number in range(5):
        version(db, paragraphs(WORDS), number + 1, replace(POLICY, region=f"R{number}"))
    (hit,) = ask(db, q="train")["hits"]
    assert (len(hit.stays), hit.more) == (3, 2)
    assert words(page(archive_path, "/-/search?q=train").select_one(".onward")) == (
        "The whole passage, and 2 more documents with it"
    )


def test_an_answer_has_pages(db: Database, archive_path: Path) -> None:
    version(db, paragraphs(*(f"Item {number}" for number in range(SHOWN + 1))))
    first, second = ask(db, q="item"), ask(db, q="item", page="2")
    assert len({hit.passage_id for hit in [*first["hits"], *second["hits"]]}) == SHOWN + 1
    assert (first["previous"], first["following"]) == (None, {"q": "item", "page": "2"})
    assert (second["previous"], second["following"]) == ({"q": "item", "page": "1"}, None)
    assert page(archive_path, "/-/search?q=item&page=2").select_one(".hits")["start"] == str(SHOWN + 1)


def test_of_too_many_the_last_recorded_are_weighed(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    version(db, paragraphs("Item item item.", *(f"An item of the list, number {number}" for number in range(9))))
    assert texts(db, q="item")[0] == "Item item item."
    for name, value in (("_MATCHES", finding._MATCHES.replace("LIMIT 10001", "LIMIT 6")), ("RANKED", 5)):
        monkeypatch.setattr(finding, name, value)
    found = finding.matches(db, "item", Narrowing())
    assert (found.total, sorted(found.best)) == (6, [5, 6, 7, 8, 9, 10])


def test_whose_record_it_is_is_said_once_where_all_is_of_one(db: Database, archive_path: Path) -> None:
    version(db, paragraphs(WORDS), 1, replace(POLICY, origin="The Keepers"))
    assert "Recorded by The Keepers." in words(page(archive_path, "/-/search?q=train").select_one(".found"))
    version(db, paragraphs(WORDS), 1, OTHER)
    stays = [words(stay) for stay in page(archive_path, "/-/search?q=train").select(".stays li")]
    assert [stay.endswith("recorded by The Keepers") for stay in stays] == [True, False]


# Narrowing


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({}, {WORDS, NEVER}),
        ({"service": "quillo"}, {WORDS, NEVER}),
        ({"service": "plume-com"}, {WORDS}),
        ({"type": "User Agreement"}, {WORDS}),
        ({"type": "Imprint"}, set()),
        ({"topic": "ai-training"}, {WORDS}),
        ({"topic": "consent"}, set()),
        ({"stands": "now"}, {WORDS, NEVER}),
        ({"stands": "gone"}, {WORDS}),
        ({"stands": "gone", "service": "plume-com"}, set()),
        ({"year": "2026"}, {WORDS, NEVER}),
        ({"year": "2025"}, set()),
        ({"on": "2026-03-08", "service": "quillo"}, {WORDS}),
        ({"on": "2026-03-09", "service": "quillo"}, {NEVER}),
        ({"on": "2026-03-01"}, set()),
    ],
)
def test_answers_are_narrowed(stocked: Database, narrowed: dict[str, str], expected: set[str]) -> None:
    assert set(texts(stocked, q="train", **narrowed)) == expected
    assert (ask(stocked, q="train", **narrowed)["total"]) == len(expected)


def test_what_is_narrowed_away_is_not_named(stocked: Database) -> None:
    (hit,) = ask(stocked, q="write", stands="gone")["hits"]
    assert [(stay.document, stay.gone) for stay in hit.stays] == [("Quillo, Privacy Policy", DAY.format(9))]
    assert hit.more == 1


def test_a_passage_with_another_link_was_not_seen_anew(db: Database) -> None:
    version(db, [Passage(Kind.PARAGRAPH, WORDS)], 1)
    version(db, [Passage(Kind.PARAGRAPH, WORDS, links=(Link("write", "https://quillo.example/x"),))], 2)
    with db.atomic():
        db.execute("UPDATE versions SET seen_at = '2025-03-01T06:00:00Z' WHERE id = 1")
    assert texts(db, q="train", year="2025") == [WORDS]
    assert texts(db, q="train", year="2026") == []
    assert [life.gone for life in finding.lives(db, [1], Narrowing(stands=True))] == [None]


def test_facets_count_passages(stocked: Database) -> None:
    assert counts(stocked, "service", q="train") == [("Quillo", 2), ("Plume Inc.", 1)]
    assert counts(stocked, "type", q="train") == [("Privacy Policy", 2), ("User Agreement", 1)]
    assert counts(stocked, "topic", q="train") == [("AI training", 1)]
    assert counts(stocked, "stands", q="train") == [("Still there", 2), ("Gone", 1)]
    assert counts(stocked, "year", q="train") == []  # all of one year


def test_each_facet_leads_to_as_many_passages_as_it_says(stocked: Database) -> None:
    values = [value for facet in ask(stocked, q="train")["facets"] for value in facet.values]
    assert len(values) == 7
    for value in values:
        assert ask(stocked, **value.asked)["total"] == value.count, value


def test_what_is_chosen_can_be_dropped(searched: Path) -> None:
    shown = page(searched, "/-/search?q=train&service=quillo&stands=gone&on=2026-03-08")
    assert [(words(link), link["href"]) for link in shown.select(".chosen a")] == [
        ("Remove Service: Quillo ×", "/-/search?q=train&stands=gone&on=2026-03-08"),
        ("Remove Today: Gone ×", "/-/search?q=train&service=quillo&on=2026-03-08"),
        ("Remove Stood on: 8 March 2026 ×", "/-/search?q=train&service=quillo&stands=gone"),
    ]
    kept = shown.select_one("form[role=search]").select("input[type=hidden]")
    assert [(field["name"], field["value"]) for field in kept] == [
        ("service", "quillo"),
        ("stands", "gone"),
        ("on", "2026-03-08"),
    ]


def test_facets_are_made_of_values_alone() -> None:
    places = {n: Place(n, f"S{n}, Terms", "Terms", "", f"s{n}", f"S{n}", "") for n in range(120)}
    lives = [Life(passage, n, f"{2020 + n % 3}-01-01", None) for n in places for passage in range(n // 40 + 1)]
    found = facets.facets({"q": "x"}, lives, places, {}, {f"s{n}": f"s{n}" for n in places})
    by_key = {facet.key: facet.values for facet in found}
    assert set(by_key) == {"service", "year"}  # one type, all stand: these tell nothing
    assert [value.label for value in by_key["year"]] == ["2022", "2021", "2020"]
    assert len(by_key["service"]) == facets.MOST
    assert [value.count for value in by_key["service"]] == [3] * 40 + [2] * 40 + [1] * 20
    assert by_key["service"][0].asked == {"q": "x", "service": by_key["service"][0].label.lower()}


# Questions


def test_without_a_question_the_page_says_what_can_be_asked(searched: Path) -> None:
    shown = page(searched, "/-/search")
    assert {"/-/search?q=train", "/-/search?q=opt+out", "/-/search?q=%22machine+learning%22"} <= {
        link["href"] for link in shown.select("main a")
    }
    assert not shown.select(".hits, .facets")
    assert shown.find("form")["action"] == "/-/search"


def test_no_match_says_what_was_searched_and_what_may_help(searched: Path) -> None:
    shown = page(searched, '/-/search?q="models+train"&service=quillo&stands=now')
    assert 'No passage on record says "models train" with service: Quillo, today: Still there' in words(shown.main)
    assert [link["href"] for link in shown.select(".none a")] == [
        "/-/search?q=%22models+train%22",
        "/-/search?q=%22models+train%22&stands=now",
        "/-/search?q=%22models+train%22&service=quillo",
        "/-/search?q=models+train&service=quillo&stands=now",
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"q": "?!"}, "There is no word"),
        ({"q": '""'}, "There is no word"),
        ({"q": "\0"}, "There is no word"),
        ({"q": "a" * 10_000}, "too long"),
        ({"q": "a " * (MOST_WORDS + 1)}, "too long"),
        ({"q": "-".join("a" * (MOST_WORDS + 1))}, "too long"),
        ({"q": "a*"}, "two letters or more"),
        ({"q": '"train m"*'}, "two letters or more"),
        ({"q": 'a*"train"'}, "two letters or more"),
        ({"q": "to* be* or* no*"}, "3 beginnings"),
        ({"q": "train", "service": "nobody"}, "no service of this name"),
        ({"q": "train", "topic": "sports"}, "values of their own"),
        ({"q": "train", "stands": "x"}, "values of their own"),
        ({"q": "train", "on": "yesterday"}, "yesterday"),
        ({"q": "train", "page": "0"}, "no pages but"),
        ({"q": "train", "page": "x"}, "no pages but"),
        ({"q": "train", "page": "51"}, "no pages but"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(stocked: Database, asked: dict[str, str], said: str) -> None:
    with pytest.raises(SmallprintError, match=said) as refused:
        answered(stocked, asked)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "question", ["NEAR(train, 2)", "text:train", "train NOT", "(train", "tr^ain", "{train}+x", "ra*"]
)
def test_no_word_is_an_operator(searched: Path, question: str) -> None:
    (response,) = visit(searched, f"/-/search?q={question.replace('+', '%2B')}")
    assert response.status_code == 200
    assert "“" in BeautifulSoup(response.text, "lxml").title.text  # type: ignore[union-attr]


def test_a_question_that_is_refused_is_a_page(searched: Path) -> None:
    html, data = visit(searched, "/-/search?q=%22", "/-/search.json?q=%22")
    assert (html.status_code, data.status_code) == (400, 400)
    assert data.json()["error"].startswith("There is no word in this question")


@given(st.text(max_size=60) | st.text(alphabet='"* ^:(){}+-\0\ud800aéNEAROT,', max_size=30))
def test_whatever_is_typed_is_answered_or_refused(typed: str) -> None:
    with new_archive() as db:
        version(db, paragraphs(WORDS, "a NEAR a, OR NOT é"))
        try:
            check(typed)
        except SmallprintError:
            return
        assert len(finding.matches(db, typed, Narrowing()).best) == search.search(db, typed, 9).total


@given(st.lists(st.tuples(st.text(alphabet="ab \x01\x02", max_size=5), st.booleans()), max_size=6))
def test_pieces_make_the_text(pieces: Sequence[tuple[str, bool]]) -> None:
    marked = "".join(f"\x01{text}\x02" if found else text for text, found in pieces)
    bare = "".join(text for text, _ in pieces).replace("\x01", "").replace("\x02", "")
    assert "".join(part.text for part in finding.parts(marked)) == bare


def test_pieces_know_what_was_found() -> None:
    assert finding.parts("We \x01train\x02 our \x01models\x02") == [
        Part("We ", False),
        Part("train", True),
        Part(" our ", False),
        Part("models", True),
    ]
    assert finding.parts("") == []


def test_a_passage_flagged_when_it_went_says_only_on_what(db: Database) -> None:
    pushed(db, words="Hello there.")
    decided(db, version(db, paragraphs("Hello."), 5), Decision.PUSH, added(WORDS))
    edit = Edit(EditKind.REMOVED, "", "Hello there.", "")
    decided(
        db,
        version(db, paragraphs("Bye."), 6),
        Decision.PUSH,
        (edit, Reading((flag("Hello", Topic.CONSENT, "before"),))),
    )
    (hit,) = ask(db, q='"hello there"')["hits"]
    assert hit.chips == ["AI training: allows more"]
    with db.atomic():
        db.execute("DELETE FROM flags WHERE side = 'after'")
    (hit,) = ask(db, q='"hello there"')["hits"]
    assert hit.chips == ["Consent"]


def test_hostile_words_stay_words(site_archive: Path) -> None:
    for address in ("/-/search?q=alert", f"/-/search?q={SCRIPT}&type={SCRIPT}", "/-/search?q=script+onerror&year=<b>"):
        shown = page(site_archive, address)
        assert not [script for script in shown.find_all("script") if "alert(" in script.text]
        assert not [tag for tag in shown.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
        assert not [a for a in shown.find_all(href=True) if a["href"].strip().startswith("javascript:")]
    said = page(site_archive, "/-/search?q=alert").select(".said")
    assert "</blockquote><script>alert(3)</script>" in [words(text) for text in said]


def test_an_answer_reads_what_it_needs(archive_path: Path) -> None:
    """No table with a row for each passage, placement or fetch is read from end to end."""
    every = Narrowing("Quillo", "Privacy Policy", Topic.CONSENT, True, "2026", "2026-03-01T00:00:00Z")
    with store.writing(archive_path) as db:
        asked = finding._asked(db, every) | {"words": "train", "passages": "[1]"}
        like = finding._like(every)
        statements = (
            finding._MATCHES.format(finding._conditions(every)),
            finding._MATCHES.format(finding._conditions(Narrowing(stands=False, on="2026"))),
            finding._LIVES.format(passages="passage_id IN (SELECT value FROM json_each(:passages))", like=like),
            finding._DOCUMENTS,
            finding._PLACES,
        )
        for sql in statements:
            given = {name: value for name, value in asked.items() if f":{name}" in sql}
            plan = [row["detail"] for row in db.query(f"EXPLAIN QUERY PLAN {sql}", given)]
            big = ("SCAN placements", "SCAN passages", "SCAN edits", "SCAN fetches")
            assert not [step for step in plan if step.startswith(big) and "_fts" not in step], plan


def test_slugs_lead_to_their_services(stocked: Database) -> None:
    for slug in feeds.slugs(stocked).values():
        assert ask(stocked, q="train", service=slug)["total"] > 0
