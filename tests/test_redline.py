"""Redlines: both texts are in the runs, words and numbers stay whole, and no text takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.redline import around, redline, side
from archive.words import Run, Segment

UNICODE = st.text(st.characters(exclude_categories=["Cs"]))
WORDS = [
    "we",
    "may",
    "train",
    "AI",
    "on",
    "1,000.50",
    "€",
    "2024-09-18",
    ".",
    "!",
    "🎉",
    "👩‍👩‍👧",
    "की",
    "e\u0301",
    "\u0301",
    "\n",
]
TEXTS = UNICODE | st.lists(st.sampled_from(WORDS)).map(" ".join)
SENTENCE = "You may opt out in Settings before 2026-03-01. "


def changed(before: str, after: str) -> list[tuple[str, str]]:
    """The words that went and came, without the kept ones."""
    return [(str(run.run), run.text) for run in redline(before, after) if run.run is not Run.KEPT]


@given(TEXTS, TEXTS)
@example("a" * 3000, "a b " * 2000)
@example(SENTENCE * 100, SENTENCE * 60 + "Gone. " + SENTENCE * 40)
@example("", "")
def test_the_runs_hold_both_texts(before: str, after: str) -> None:
    runs = redline(before, after)
    assert side(runs, Run.REMOVED) == before
    assert side(runs, Run.ADDED) == after
    assert all(run.text for run in runs)
    assert redline(before, after) == runs


@given(TEXTS)
def test_an_equal_text_is_one_kept_run(text: str) -> None:
    assert redline(text, text) == ([Segment(Run.KEPT, text)] if text else [])


@pytest.mark.parametrize(
    ("before", "after", "runs"),
    [
        ("within 30 days", "within 90 days", [("removed", "30"), ("added", "90")]),
        ("by 2024-09-18.", "by 2024-10-18.", [("removed", "2024-09-18"), ("added", "2024-10-18")]),
        ("by 18.09.2024.", "by 19.09.2024.", [("removed", "18.09.2024"), ("added", "19.09.2024")]),
        ("costs $1,000.50", "costs $1,500.50", [("removed", "1,000.50"), ("added", "1,500.50")]),
        ("we won't train", "we'll train", [("removed", "we won't"), ("added", "we'll")]),
        ("training data", "trained data", [("removed", "training"), ("added", "trained")]),
        ("cafe\u0301 data", "cafe data", [("removed", "cafe\u0301"), ("added", "cafe")]),
        ("डेटा की बात", "डेटा का बात", [("removed", "की"), ("added", "का")]),
        ("train 👩‍👩‍👧", "train 👩‍👩‍👦", [("removed", "👩‍👩‍👧"), ("added", "👩‍👩‍👦")]),
        ("We train.", "We do not train.", [("added", "do not ")]),
    ],
)
def test_words_numbers_and_dates_are_never_cut(before: str, after: str, runs: list[tuple[str, str]]) -> None:
    assert changed(before, after) == runs


def test_a_long_text_is_compared_by_sentences_and_in_them_by_words() -> None:
    before, after = SENTENCE * 50 + "We never train. " + SENTENCE * 50, SENTENCE * 50 + "We train. " + SENTENCE * 50
    assert changed(before, after) == [("removed", "never ")]


def test_a_long_text_with_a_new_sentence() -> None:
    before, after = SENTENCE * 100, SENTENCE * 50 + "We train. " + SENTENCE * 50
    assert changed(before, after) == [("added", "We train. ")]


def test_many_long_reworded_sentences_are_told_as_wholes() -> None:
    long, other = "we keep a note " * 60 + ". ", "we keep no note " * 60 + ". "
    runs = changed(long * 40, other * 40)
    assert len(runs) < 40 * 60


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x" * 100_000, "x" * 99_999 + "y"),
        ("!" * 100_000, "!" * 99_999 + "?"),
        ("a'" * 500_000, "a'" * 500_000 + "b"),
        (". " * 500_000, ". " * 499_999 + "x"),
        ("1.2" * 300_000, "1.2" * 300_001),
        ("." + " " * 1_000_000, " " * 1_000_000 + "."),
        ("e" + "\u0301" * 1_000_000, "e" + "\u0301" * 999_999),
        ("word " * 200_000, "other " * 200_000),
        (" ".join(f"a{n}" for n in range(250)), " ".join(f"b{n}" for n in range(250))),
        ("!?." * 160, "?!." * 160),
    ],
    ids=range(10),
)
def test_a_hostile_text_takes_bounded_time(before: str, after: str) -> None:
    started = time.process_time()
    runs = redline(before, after)
    assert time.process_time() - started < 10  # half a second to two on a small machine
    assert side(runs, Run.REMOVED) == before
    assert side(runs, Run.ADDED) == after


def quoted(before: str, after: str, words: str, run: Run = Run.ADDED) -> str:
    """The redline of a sentence of one of two texts, as {+came+} and [-went-]."""
    start = (after if run is Run.ADDED else before).index(words)
    marks = {Run.KEPT: "{}", Run.ADDED: "{{+{}+}}", Run.REMOVED: "[-{}-]"}
    found = around(redline(before, after), run, start, start + len(words))
    assert side(found, run) == words
    return "".join(marks[segment.run].format(segment.text) for segment in found)


SELL = "We sell tea. "
TRAIN, NEVER = "We train models on your posts.", "We never train models on your posts."


@pytest.mark.parametrize(
    ("before", "after", "words", "run", "found"),
    [
        (SELL + NEVER, SELL + TRAIN, TRAIN, Run.ADDED, "We [-never -]train models on your posts."),
        (SELL + NEVER, SELL + TRAIN, NEVER, Run.REMOVED, "We [-never -]train models on your posts."),
        (SELL + TRAIN, SELL + NEVER, NEVER, Run.ADDED, "We {+never +}train models on your posts."),
        (SELL, SELL + TRAIN, TRAIN, Run.ADDED, "{+We train models on your posts.+}"),
        (SELL + TRAIN, SELL, TRAIN, Run.REMOVED, "[-We train models on your posts.-]"),
        ("Gone today. " + TRAIN, TRAIN, TRAIN, Run.ADDED, "We train models on your posts."),  # what went before it
        (TRAIN + " Gone today.", TRAIN, TRAIN, Run.ADDED, "We train models on your posts."),  # and after it
        ("They train models.", "We train models.", "We train models.", Run.ADDED, "[-They-]{+We+} train models."),
        ("A b c. D e f.", "A b c. D e f. G.", "D e f.", Run.ADDED, "D e f."),
    ],
)
def test_the_redline_of_a_sentence(before: str, after: str, words: str, run: Run, found: str) -> None:
    assert quoted(before, after, words, run) == found


@given(st.data(), TEXTS, TEXTS)
def test_a_part_of_a_redline_makes_the_part_of_the_text(data: st.DataObject, before: str, after: str) -> None:
    run, text = data.draw(st.sampled_from([(Run.ADDED, after), (Run.REMOVED, before)]))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert side(around(redline(before, after), run, start, end), run) == text[start:end]
