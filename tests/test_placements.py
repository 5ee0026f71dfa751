"""Placements: the text of every version is given back exactly, and only what differs costs rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive.alignment import align, gaps
from archive.placements import text_of
from archive.recording import record_document, record_fetch, record_version
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
            assert text_of(db, 1, identity) == passages
        for identity, passages in record_all(db, [*lists, [], *lists[::-1]]):
            assert text_of(db, 1, identity) == passages


@settings(max_examples=60)
@given(st.lists(FEW, max_size=8))
def test_earlier_versions_stay_as_they_were(lists: list[list[str]]) -> None:
    with new_archive() as db:
        recorded = record_all(db, [paragraphs(*letters) for letters in lists])
        assert [text_of(db, 1, identity) for identity, _ in recorded] == [passages for _, passages in recorded]


def test_positions_never_run_out_of_room(db: Database) -> None:
    grown = [paragraphs("first", *(f"at one place {n}" for n in range(count, 0, -1)), "last") for count in range(150)]
    recorded = record_all(db, grown)
    assert len(recorded) == 150
    assert all(text_of(db, 1, identity) == passages for identity, passages in recorded)
    assert rows(db) == 151


def test_only_what_differs_costs_rows(db: Database) -> None:
    page = paragraphs(*(f"passage {n}" for n in range(100)))
    version(db, page, 1)
    assert rows(db) == 100
    version(db, [*page[:50], *paragraphs("new"), *page[50:]], 2)
    assert rows(db) == 101
    version(db, [*page[1:], page[0]], 3)
    assert rows(db) == 102  # one moved
    version(db, page[1:], 4)
    assert rows(db) == 102  # going costs an update
    assert value(db, "SELECT count(*) FROM passages") == 101


def test_a_line_that_a_page_repeats_costs_nothing_around_new_blocks(db: Database) -> None:
    blocks = [text for n in range(40) for text in (f"block {n}", "Read more")]
    new = ["another block", "Read more"]
    version(db, paragraphs(*blocks), 1)
    version(db, paragraphs(*blocks[:20], *new, *blocks[20:40], *new, *new, *blocks[40:]), 2)
    assert rows(db) == len(blocks) + 3 * len(new)


def test_a_link_that_moves_is_a_placement_but_no_passage(db: Database) -> None:
    pages = [[Passage(Kind.ITEM, "Opt out here.", 1, (Link("here", url),))] for url in ("/old", "/new")]
    [(first, old), (second, new)] = record_all(db, pages)
    assert (text_of(db, 1, first), text_of(db, 1, second)) == (old, new)
    assert rows(db) == 2
    assert value(db, "SELECT count(*) FROM passages") == 1


def test_a_version_the_document_does_not_have(db: Database) -> None:
    made = version(db, paragraphs("Hello."))
    assert text_of(db, 99, made) == []


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
