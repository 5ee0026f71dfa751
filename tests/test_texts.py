"""How a long text is cut into parts, headed, tinted, linked and shortened."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.blame import Cause, Placed
from archive.redline import redline, side
from archive.words import Run, Segment
from pages import texts, wordings
from pages.parts import Part, cuts, part
from pages.serving import MissingError

COSTS = st.lists(st.integers(1, 60), max_size=40)
WORDS = st.lists(st.sampled_from(["we", "keep", "your", "posts", "30", "days."]), max_size=12).map(" ".join)


def placed(number: int, text: str = "Words.", kind: str = "paragraph", level: int = 0, since: int = 1) -> Placed:
    return Placed(number, kind, level, text, (), since)


def heading(number: int, text: str, level: int) -> Placed:
    return placed(number, text, "heading", level)


def cause(version: int, day: int) -> Cause:
    return Cause(version, f"2026-03-{day:02}T06:00:00Z", version, "unflagged", "", "", "")


# Parts


@given(COSTS, st.sets(st.integers(0, 40)))
def test_parts_hold_everything_once_and_none_is_too_long(costs: list[int], breaks: set[int]) -> None:
    found = cuts(costs, breaks, 100)
    assert [place for start, end in found for place in range(start, end)] == list(range(len(costs)))
    assert all(sum(costs[start:end]) <= 100 for start, end in found)
    assert len(found) == 1 or all(start < end for start, end in found)


def test_what_is_too_long_alone_is_a_part_of_its_own() -> None:
    assert cuts([10, 500, 10], most=100) == [(0, 1), (1, 2), (2, 3)]


def test_a_part_ends_before_a_heading_in_its_second_half() -> None:
    assert cuts([10] * 20, {2, 7, 9}, 100) == [(0, 9), (9, 19), (19, 20)]
    assert cuts([10] * 12, {2}, 100) == [(0, 10), (10, 12)]


def test_the_first_part_is_shown_by_default() -> None:
    spans = [(0, 4), (4, 7)]
    assert part({}, spans) == Part(1, 2, 0, 4)
    assert part({"part": "2"}, spans) == Part(2, 2, 4, 7)
    for wrong in ("0", "3"):
        with pytest.raises(MissingError, match="this text has 2"):
            part({"part": wrong}, spans)


# Headings


@given(st.lists(st.integers(0, 6)))
def test_no_level_of_headings_is_left_out(levels: list[int]) -> None:
    found = texts.heading_levels(levels)
    assert [bool(level) for level in found] == [bool(level) for level in levels]
    shown = [2, *(level for level in found if level)]
    assert all(3 <= level <= 6 for level in shown[1:])
    assert all(after <= before + 1 for before, after in pairwise(shown))


def test_contents_lead_to_parts_and_leave_the_deepest_out() -> None:
    passages = [heading(1, "One", 1), placed(2), heading(3, "Deep", 2), heading(4, "Two", 1), heading(5, "Three", 1)]
    all_of_them = texts.contents(passages, [(0, 3), (3, 5)])
    assert [(one.text, one.depth, one.part) for one in all_of_them] == [
        ("One", 1, 1),
        ("Deep", 2, 1),
        ("Two", 1, 2),
        ("Three", 1, 2),
    ]
    assert [one.text for one in texts.contents(passages, [(0, 5)], most=3)] == ["One", "Two", "Three"]
    assert [one.text for one in texts.contents(passages, [(0, 5)], most=2)] == ["One", "Two"]


# Blame


@pytest.mark.parametrize(("day", "age"), [(1, 0), (2, 1), (5, 1), (6, 2), (9, 2), (10, 3), (14, 4), (17, 4)])
def test_what_came_later_is_tinted_more(day: int, age: int) -> None:
    first, last = cause(1, 1).seen_at, cause(1, 17).seen_at
    assert texts.age(cause(1, day).seen_at, first, last) == age


def test_in_the_first_text_nothing_is_tinted() -> None:
    assert texts.age(cause(1, 3).seen_at, cause(1, 3).seen_at, cause(1, 3).seen_at) == 0


def test_passages_of_one_change_share_a_mark() -> None:
    passages = [placed(1), placed(2), placed(3, since=2), placed(1)]
    life = (cause(1, 1).seen_at, cause(2, 9).seen_at)
    found = texts.stretches(passages, {1: cause(1, 1), 2: cause(2, 9)}, {}, {3: (9, "Old Words.")}, life)
    assert [(run.cause.version, run.age, [one.passage for one in run.said]) for run in found] == [
        (1, 0, [1, 2]),
        (2, 4, [3]),
        (1, 0, [1]),
    ]
    assert (found[1].said[0].before, found[1].said[0].instead) == (9, "Old")
    assert [one.anchored for run in found for one in run.said] == [True, True, True, False]


def test_of_a_very_long_passage_the_beginning_is_shown() -> None:
    passages = [placed(1, "x" * (texts.MOST_SHOWN + 7))]
    ((one,),) = [run.said for run in texts.stretches(passages, {1: cause(1, 1)}, {}, {}, (cause(1, 1).seen_at,) * 2)]
    assert ("".join(words for words, _ in one.pieces), one.left_out) == ("x" * texts.MOST_SHOWN, 7)


# Excerpts


@given(WORDS, WORDS)
def test_what_stood_there_instead_is_part_of_the_text_before(before: str, after: str) -> None:
    assert wordings.instead(before, after, 1000) in before


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("We keep it for 30 days.", "We keep it for 90 days.", "30"),
        ("We ask.", "We ask. And tell.", ""),
        ("All is new", "Nothing here stays", "All is new"),
        ("a a a", "a a", "a"),
    ],
)
def test_instead_has_the_words_that_went(before: str, after: str, words: str) -> None:
    assert wordings.instead(before, after) == words


@given(WORDS, st.integers(3, 20))
def test_a_clipped_text_begins_as_the_whole(text: str, most: int) -> None:
    found = wordings.clipped(text, most)
    assert found == text if len(text) <= most else text.startswith(found.removesuffix(" …"))
    assert len(found) <= most + 2


def test_a_text_without_spaces_is_clipped_too() -> None:
    assert wordings.clipped("x" * 50, 10) == "x" * 10 + " …"


@given(st.text("ab here", max_size=30), st.lists(st.tuples(st.sampled_from(["here", "a", "", "zz"]), st.just("u"))))
def test_links_leave_every_word_in_its_place(text: str, links: list[tuple[str, str]]) -> None:
    assert "".join(words for words, _ in wordings.linked(text, links)) == text


def test_words_link_in_their_order() -> None:
    found = wordings.linked("See here and here.", [("here", "one"), ("lost", "two"), ("here", "three")])
    assert [piece for piece in found if piece[1]] == [("here", "one"), ("here", "three")]


def test_the_middle_of_what_was_kept_is_left_out() -> None:
    long = " ".join(f"word{n}" for n in range(60))
    segments = redline(f"{long} old {long} end {long}", f"{long} new {long} last {long}")
    short = wordings.shortened(segments)
    assert [one.run for one in short] == [one.run for one in segments]
    assert side(short, Run.ADDED).count("…") == 3
    assert all(len(one.text) < 320 for one in short)
    assert short[0].text.endswith(" word59 ")
    assert short[-1].text.startswith(" word0")


def test_what_is_short_stays_whole() -> None:
    segments = redline("We keep it for 30 days.", "We keep it for 90 days.")
    assert wordings.shortened(segments) == segments
    alone = [Segment(Run.KEPT, "Moved here.")]
    assert wordings.shortened(alone) == alone


def test_telling_words_are_the_longest_in_their_order() -> None:
    assert (
        wordings.telling_words("We train generative models on the posts of our members") == "generative models members"
    )
    assert wordings.telling_words("Contact us") == "Contact us"
    assert wordings.telling_words("1. 2. 3.") == ""
