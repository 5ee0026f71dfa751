"""Placements: the text of every version is given back exactly, and only what differs costs rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive.alignment import align, gaps
from archive.placements import text_of
from archive.recording import Line, record_document, record_fetch, record_version
from archive.rows import value
from archive.words import Kind, Link, Passage
from tests.builders import POLICY, fetch, new_archive, paragraphs, version

FEW = st.lists(st.sampled_from("abcdefg"), max_size=12)  # few letters: repeats, moves and flips back are frequent
LINKS = st.lists(st.builds(Link, st.text(max_size=5), st.sampled_from(["https://a.example/", "/b"])), max_size=2)
PASSAGES = st.builds(
    Passage, st.sampled_from(Kind), st.sampled_from(["We train.", "You agree.", "Ünïcode 🎉"]), st.integers(0, 6),
    LINKS.map(tuple),
)  # fmt: skip


def record_all(db: Database, lists: Sequence[Sequence[Passage]]) -> list[tuple[int, Sequence[Passage]]]:
    """The ids of the versions that came of these texts of one document, each with its text."""
    owner = record_document(db, POLICY)
    seen = record_fetch(db, owner, 0, fetch())
    made = [(record_version(db, owner, [seen], passages, "rules"), passages) for passages in lists]
    return [(identity, passages) for identity, passages in made if identity is not None]


def rows(db: Database) -> int:
    return int(value(db, "SELECT count(*) FROM placements"))


@settings(max_examples=60)
@given(st.lists(FEW.map(lambda letters: paragraphs(*letters)) | st.lists(PASSAGES, max_size=6), max_size=8))
def test_every_version_reads_back(lists: list[list[Passage]]) -> None:
    with new_archive() as db:
        for identity, passages in record_all(db, lists):
            assert text_of(db, identity) == passages
        for identity, passages in record_all(db, [*lists, [], *lists[::-1]]):
            assert text_of(db, identity) == passages


@settings(max_examples=60)
@given(st.lists(FEW, max_size=8))
def test_earlier_versions_stay_as_they_were(lists: list[list[str]]) -> None:
    with new_archive() as db:
        recorded = record_all(db, [paragraphs(*letters) for letters in lists])
        assert [text_of(db, identity) for identity, _ in recorded] == [passages for _, passages in recorded]


def test_only_what_is_new_costs_rows(db: Database) -> None:
    page = paragraphs(*(f"passage {n}" for n in range(100)))
    version(db, page, 1)
    assert rows(db) == 100
    version(db, [*page[:50], *paragraphs("new"), *page[50:]], 2)
    assert rows(db) == 101
    version(db, [*page[1:], page[0]], 3)
    version(db, page[1:], 4)
    version(db, page, 5)
    assert rows(db) == 101  # moving, going and coming back cost none
    assert value(db, "SELECT count(*) FROM passages") == 101


def test_a_text_is_told_in_runs(db: Database) -> None:
    page = paragraphs(*(f"passage {n}" for n in range(1000)))
    made = [version(db, page, 1), version(db, [*page[:500], *paragraphs("new"), *page[500:]], 2)]
    contents = [value(db, "SELECT content FROM versions WHERE id = ?", one) for one in made]
    assert contents == ["[[1,1000]]", "[[1,500],[1001],[501,1000]]"]


def test_a_life_ends_when_the_passage_goes_and_goes_on_when_it_comes_back(db: Database) -> None:
    gone = "SELECT gone_version_id FROM placements WHERE number = 2"
    both, one = paragraphs("stays", "goes"), paragraphs("stays")
    version(db, both, 1)
    assert value(db, gone) is None
    left = version(db, one, 2)
    assert value(db, gone) == left
    version(db, both, 3)
    assert value(db, gone) is None
    again = version(db, one, 4)
    assert value(db, gone) == again
    assert value(db, "SELECT count(*) FROM placements WHERE first_version_id != 1") == 0


def test_what_stands_twice_stands_until_both_are_gone(db: Database) -> None:
    gone = "SELECT gone_version_id FROM placements WHERE number = 1"
    version(db, paragraphs("again", "between", "again"), 1)
    version(db, paragraphs("again", "between"), 2)
    assert value(db, gone) is None
    assert value(db, gone.replace("1", "2")) is None
    last = version(db, paragraphs("between"), 3)
    assert value(db, gone) == last


def test_many_versions_in_one_transaction_leave_the_same(db: Database) -> None:
    pages = [paragraphs(*letters) for letters in ("abc", "ac", "abcd", "d", "abc", "bbc")]
    owner, other = (record_document(db, replace(POLICY, type=kind)) for kind in ("Together", "Single"))
    line = Line(db, owner, "rules")
    with line.storing():
        for page in pages:
            line.add_version([line.add_fetch(fetch())], page)
    for page in pages:
        record_version(db, other, [record_fetch(db, other, 0, fetch())], page, "rules")
    told = "SELECT number, passage_id, kind, first_version_id - {0}, gone_version_id - {0} FROM placements"
    lives = [
        db.execute(f"{told.format(before)} WHERE document_id = ? ORDER BY 1", (document,)).fetchall()
        for document, before in ((owner, 0), (other, len(pages)))
    ]
    assert lives[0] == lives[1]


def test_the_view_writes_texts_out(db: Database) -> None:
    page = [Passage(Kind.HEADING, "Top", 1), *paragraphs("a", "b"), Passage(Kind.ITEM, "c", 2), *paragraphs("a")]
    version(db, page[::-1], 1)
    made = version(db, page, 2)
    seen = db.query("SELECT kind, text, level FROM version_passages WHERE version_id = ? ORDER BY run, number", (made,))
    assert [Passage(Kind(row["kind"]), row["text"], row["level"]) for row in seen] == page


def test_new_passages_can_be_searched_at_once(db: Database) -> None:
    version(db, paragraphs("We train models."), 1)
    version(db, paragraphs("We train models.", "You agree to training."), 2)
    found = "SELECT count(*) FROM passages_fts WHERE passages_fts MATCH 'training'"
    assert value(db, found) == 2
    db.execute("INSERT INTO passages_fts(passages_fts, rank) VALUES ('integrity-check', 1)")


def test_a_link_that_moves_is_a_placement_but_no_passage(db: Database) -> None:
    pages = [[Passage(Kind.ITEM, "Opt out here.", 1, (Link("here", url),))] for url in ("/old", "/new")]
    [(first, old), (second, new)] = record_all(db, pages)
    assert (text_of(db, first), text_of(db, second)) == (old, new)
    assert rows(db) == 2
    assert value(db, "SELECT count(*) FROM passages") == 1


def test_a_version_there_is_not(db: Database) -> None:
    assert text_of(db, version(db, paragraphs("Hello.")) + 1) == []


@given(st.lists(st.integers(0, 8), max_size=30), st.lists(st.integers(0, 8), max_size=30))
def test_an_alignment_pairs_equals_in_order(old: list[int], new: list[int]) -> None:
    pairs = align(old, new)
    assert all(old[i] == new[k] for i, k in pairs)
    assert all(a < b and x < y for (a, x), (b, y) in pairwise(pairs))
    between = list(gaps(pairs, len(old), len(new)))
    assert sum(j - i for i, j, _, _ in between) + len(pairs) == len(old)
    assert sum(m - k for _, _, k, m in between) + len(pairs) == len(new)


@given(st.lists(st.integers(), max_size=30), st.integers(0, 30), st.integers())
def test_an_alignment_finds_what_was_put_in(items: list[int], place: int, item: int) -> None:
    assert len(align(items, [*items[:place], item, *items[place:]])) == len(items)


def test_an_alignment_is_bounded_on_a_page_of_repeated_lines() -> None:
    old, new = [n % 7 for n in range(50_000)], [n * n % 11 for n in range(50_000)]
    assert len(align(old, new)) > 10_000
