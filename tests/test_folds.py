"""What a change's page shows in which order, in which part, and with which words marked."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from archive.outlines import Outlined, Standing
from archive.redline import redline, side
from archive.words import EditKind, Passage, Run, Segment
from diffing.compare import compare
from pages.folds import Item, Parts, costs, items, paths, singly, stood
from pages.marks import Mark, Piece, folded, pieces, sliced
from tests.builders import page, paragraphs

TEXTS = st.lists(st.sampled_from([f"{letter} word of mine {letter}" for letter in "abcdefgh"]), max_size=12)


def outlined(before: Sequence[Passage], after: Sequence[Passage]) -> tuple[list[Outlined], list[int], list[int]]:
    """The edits between two texts in outline, and both texts, with numbers for passages."""
    ids = {text: number for number, text in enumerate({p.text for p in (*before, *after)})}
    edits = [
        Outlined(place, edit.kind, 0, 0, ids.get(edit.before), ids.get(edit.after), len(edit.before), len(edit.after))
        for place, edit in enumerate(compare(before, after))
    ]
    return edits, [ids[p.text] for p in before], [ids[p.text] for p in after]


def told(before: Sequence[Passage], after: Sequence[Passage]) -> list[str]:
    """What is shown, as words: an edit by its kind, what stayed by its number."""
    edits, old, new = outlined(before, after)
    shown = items(stood(edits, old, new), edits, len(new))
    return [str(one.end - one.first) if one.place is None else edits[one.place].kind for one in shown]


# Where edits stand


def test_what_stayed_is_counted_between_the_edits() -> None:
    before = page("# One\nalpha beta gamma\ngone for ever now\nkept here\nkept there")
    after = page("# One\nalpha beta delta\nkept here\nkept there\nbrand new words here")
    assert told(before, after) == ["1", "removed", "changed", "2", "added"]


def test_a_moved_passage_stands_where_it_is_now() -> None:
    before, after = paragraphs("to be moved", "b", "c", "d"), paragraphs("b", "c", "d", "to be moved")
    assert told(before, after) == ["3", "moved"]
    assert stood(*outlined(before, after))[0] == (3, 4, 0)


def test_of_a_first_text_only_what_is_flagged_is_found() -> None:
    edits = [Outlined(0, EditKind.ADDED, 0, 0, None, 7, 0, 9)]
    assert items(stood(edits, [], [5, 6, 7, 8]), edits, 4) == [Item(None, 0, 2), Item(0, 2, 2), Item(None, 3, 4)]


def test_an_edit_that_is_not_in_the_texts_is_shown_all_the_same() -> None:
    edits = [Outlined(0, EditKind.ADDED, 0, 0, None, 99, 0, 9), Outlined(1, EditKind.REMOVED, 0, 0, 98, None, 9, 0)]
    assert items(stood(edits, [1, 2], [1, 2]), edits, 2) == [Item(0, 0, 0), Item(1, 0, 0), Item(None, 0, 2)]


@given(TEXTS, TEXTS)
def test_nothing_is_lost_and_nothing_shown_twice(old: list[str], new: list[str]) -> None:
    edits, before, after = outlined(paragraphs(*old), paragraphs(*new))
    shown = items(stood(edits, before, after), edits, len(after))
    assert sorted(one.place for one in shown if one.place is not None) == list(range(len(edits)))
    kept = [number for one in shown if one.place is None for number in range(one.first, one.end)]
    come = [edits[one.place].after_id for one in shown if one.place is not None]
    assert kept == sorted(set(kept))
    assert sorted([after[n] for n in kept] + [one for one in come if one is not None]) == sorted(after)


def test_paths_are_those_of_headings_above() -> None:
    text = [
        Standing(1, "heading", 1, 3, "One"),
        Standing(2, "paragraph", 0, 9, ""),
        Standing(3, "heading", 2, 3, "Two"),
    ]
    assert paths([*text, Standing(4, "item", 1, 3, "")]) == ["", "One", "One", "One › Two"]


# Parts


def test_parts_are_full_before_the_next_begins_and_know_what_they_hold() -> None:
    shown = [Item(None, 0, 4), Item(0, 4, 4), Item(None, 5, 7), Item(1, 7, 7)]
    parts = Parts(shown, lambda item: 40, 100)
    assert parts.parts == [shown[:2], shown[2:]]
    assert [parts.of_edit(place) for place in (0, 1)] == [1, 2]
    assert [parts.of_passage(number) for number in (0, 3, 5, 6)] == [1, 1, 2, 2]


def test_what_is_larger_than_a_part_is_sliced_and_found_where_it_begins() -> None:
    parts = Parts([Item(0, 0, 0), Item(1, 0, 0)], lambda item: 250 if item.place else 10, 100)
    assert [[(item.place, item.slice, item.slices) for item in part] for part in parts.parts] == [
        [(0, 0, 1), (1, 0, 3)],
        [(1, 1, 3)],
        [(1, 2, 3)],
    ]
    assert (parts.of_edit(1), parts.has_slices(1), parts.has_slices(0)) == (1, True, False)


def test_an_empty_change_has_one_empty_part() -> None:
    assert Parts([], lambda item: 1, 10).parts == [[]]


def test_what_stayed_is_counted_only_where_it_is_shown() -> None:
    edits, text = [Outlined(0, "changed", 0, 0, 1, 2, 100, 200)], [Standing(1, "item", 1, 1000, "")] * 3
    cost = costs(edits, text, {0: 50}, 1500)
    assert cost(Item(0, 0, 0)) == 320 + 350
    assert cost(Item(None, 0, 1)) == 1080
    assert cost(Item(None, 0, 3)) == 320
    assert [one.first for one in singly([Item(None, 1, 3), Item(0, 3, 3)])] == [1, 2, 3]


# Marks


def marked(before: str, after: str, *marks: Mark) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(str(one.run), one.text, one.marks) for one in pieces(redline(before, after), marks)]


def test_a_quote_is_marked_through_the_words_that_it_replaced() -> None:
    assert marked("We keep 30 days of data.", "We keep 90 days of data.", Mark(1, Run.ADDED, 3, 15)) == [
        ("kept", "We ", ()),
        ("kept", "keep ", (1,)),
        ("removed", "30", ()),
        ("added", "90", (1,)),
        ("kept", " days", (1,)),
        ("kept", " of data.", ()),
    ]


def test_a_quote_of_the_text_before_marks_what_went() -> None:
    assert marked("Ask us first.", "Ask us.", Mark(1, Run.REMOVED, 4, 12))[1:] == [
        ("kept", "us", (1,)),
        ("removed", " first", (1,)),
        ("kept", ".", ()),
    ]


def test_quotes_that_overlap_are_both_marked() -> None:
    found = pieces([Segment(Run.ADDED, "abcdef")], [Mark(1, Run.ADDED, 0, 4), Mark(2, Run.ADDED, 2, 6)])
    assert [(one.text, one.marks, one.begins) for one in found] == [
        ("ab", (1,), (1,)),
        ("cd", (1, 2), (2,)),
        ("ef", (2,), ()),
    ]


WORDS = st.text(alphabet="ab .é", max_size=80)
MARKS = st.lists(
    st.tuples(st.sampled_from([Run.ADDED, Run.REMOVED]), st.integers(0, 80), st.integers(1, 40)), max_size=4
)


@given(WORDS, WORDS, MARKS, st.integers(1, 5))
def test_no_word_is_lost_by_marking_folding_or_slicing(
    before: str, after: str, marks: list[tuple[Run, int, int]], count: int
) -> None:
    runs = redline(before, after)
    found = pieces(runs, [Mark(n, run, start, start + size) for n, (run, start, size) in enumerate(marks)])
    assert "".join(one.text for one in found) == "".join(one.text for one in runs)
    assert side([Segment(one.run, one.text) for one in found], Run.REMOVED) == before
    assert side([Segment(one.run, one.text) for one in found], Run.ADDED) == after
    assert "".join(one.text for one in folded(found)) == "".join(one.text for one in found)
    slices = [one for number in range(count) for one in sliced(found, number, count)]
    assert "".join(one.text for one in slices) == "".join(one.text for one in found)
    begins = [number for one in slices for number in one.begins]
    assert begins == [number for one in found for number in one.begins]
    assert len(begins) == len(set(begins))


def test_the_middle_of_a_long_unchanged_run_is_folded() -> None:
    text = "word " * 400
    shown = folded([Piece(Run.ADDED, "new "), Piece(Run.KEPT, text), Piece(Run.REMOVED, "old")])
    assert [one.folded for one in shown] == [False, False, True, False, False]
    assert "".join(one.text for one in shown) == f"new {text}old"
    assert shown[2].words == len(shown[2].text.split()) > 300
    assert all(len(one.text) <= 240 for one in shown if not one.folded)


def test_before_the_first_and_after_the_last_change_one_side_is_enough() -> None:
    text = "word " * 400
    shown = folded([Piece(Run.KEPT, text), Piece(Run.ADDED, "new"), Piece(Run.KEPT, text)])
    assert [one.folded for one in shown] == [True, False, False, False, True]


def test_what_is_marked_is_never_folded() -> None:
    text = "word " * 400
    assert folded([Piece(Run.KEPT, text, (1,), (1,))]) == [Piece(Run.KEPT, text, (1,), (1,))]
