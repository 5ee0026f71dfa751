"""Redlines on cards: short ones as they are, long ones cut so that what came and what went can still be seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.words import Run, Segment
from pages.excerpts import OTHER, ROOM, shortened

LONG = "word " * 200
runs = st.lists(
    st.builds(Segment, st.sampled_from(Run), st.text("ab ,.", min_size=1, max_size=500)), min_size=1, max_size=9
)


def kept(text: str) -> Segment:
    return Segment(Run.KEPT, text)


def added(text: str) -> Segment:
    return Segment(Run.ADDED, text)


def removed(text: str) -> Segment:
    return Segment(Run.REMOVED, text)


def test_a_short_redline_stays_as_it_is() -> None:
    short = (kept("We may "), removed("not "), kept("train models."))
    assert shortened(short, Run.ADDED) == short


def test_one_long_run_is_cut_at_a_word() -> None:
    (found,) = shortened([added(LONG)], Run.ADDED)
    assert found.run is Run.ADDED
    assert found.text.endswith("word…")
    assert len(found.text) <= ROOM + 1


def test_a_word_without_end_is_cut_too() -> None:
    assert shortened([added("x" * 999)], Run.ADDED) == (added("x" * ROOM + "…"),)


def test_words_beside_a_change_stay() -> None:
    found = shortened([kept(f"{LONG}before "), added("new "), kept(f"after {LONG}")], Run.ADDED)
    first, change, last = (segment.text for segment in found)
    assert first.startswith("… ")
    assert first.endswith("before ")
    assert change == "new "
    assert last.startswith("after ")
    assert last.endswith("…")


def test_kept_words_between_two_changes_are_left_out_in_the_middle() -> None:
    found = shortened([added("one "), kept(f"left {LONG}right "), added("two")], Run.ADDED)
    assert [segment.text for segment in found][::2] == ["one ", "two"]
    assert found[1].text.startswith("left ")
    assert "… " in found[1].text
    assert found[1].text.endswith("right ")


def test_what_was_replaced_does_not_crowd_out_what_is_quoted() -> None:
    old, new = removed(f"old {LONG}"), added("We now train models.")
    assert shortened([old, new], Run.ADDED)[1] == new
    assert len(shortened([old, new], Run.ADDED)[0].text) <= OTHER + 1


@given(runs, st.sampled_from([Run.ADDED, Run.REMOVED]))
def test_it_is_never_longer_and_says_nothing_else(given: list[Segment], own: Run) -> None:
    found = shortened(given, own)
    assert sum(len(segment.text) for segment in found) <= ROOM + 3 * len(given)
    for before, after in zip(given, found, strict=False):
        assert after.run is before.run
        assert all(part.strip() in before.text for part in after.text.split("…"))
    if sum(len(segment.text) for segment in given) <= ROOM:
        assert found == tuple(given)
