"""Comparing two versions: golden pairs of made-up companies, and what holds for any two pages.

tests/changes/NAME.before and .after hold one passage a line; NAME.expected one edit a line: its kind ("=" where no word
changed), the headings above, and the redline with {-what went-} and {+what came+}.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.redline import segments, side
from archive.words import Edit, EditKind, Kind, Link, Passage, Run
from diffing.compare import compare, same_words
from tests.builders import page, paragraphs

CHANGES = Path(__file__).parent / "changes"
MARKS = {Run.KEPT: "{}", Run.REMOVED: "{{-{}-}}", Run.ADDED: "{{+{}+}}"}
SENTENCES = [
    "We train.",
    "We never train.",
    "2. We train.",
    "Opt out in Settings.",
    "Opt out in the Settings.",
    "—",
    "✓",
]
LINKS = st.sampled_from([(), (Link("Settings", "/a"),), (Link("Settings", "/b"),)])
PASSAGES = st.builds(
    Passage, st.sampled_from(Kind), st.sampled_from(SENTENCES) | st.text("ab ", min_size=1), links=LINKS
)
PAGES = st.lists(PASSAGES, max_size=15)


def written(edit: Edit) -> str:
    """An edit as the golden files write it."""
    words = "".join(MARKS[run.run].format(run.text) for run in segments(edit))
    return f"{edit.kind}{'=' if edit.same_words else ''} | {edit.heading} | {words}"


def told(before: Sequence[Passage], after: Sequence[Passage]) -> list[str]:
    return [written(edit) for edit in compare(before, after)]


@pytest.mark.parametrize("name", sorted(path.stem for path in CHANGES.glob("*.before")))
def test_golden_pairs(name: str) -> None:
    before, after, expected = (
        (CHANGES / f"{name}.{part}").read_text("utf-8") for part in ("before", "after", "expected")
    )
    assert told(page(before), page(after)) == expected.splitlines()


@given(PAGES, PAGES)
@example(paragraphs("a", "b"), paragraphs("b", "a"))
def test_every_passage_is_accounted_for_once(before: list[Passage], after: list[Passage]) -> None:
    edits = [edit for edit in compare(before, after) if edit.kind is not EditKind.LINKS]
    gone = Counter(edit.before for edit in edits if edit.before)
    come = Counter(edit.after for edit in edits if edit.after)
    stayed = Counter(p.text for p in before) - gone
    assert stayed == Counter(p.text for p in after) - come
    assert (stayed + gone, stayed + come) == (Counter(p.text for p in before), Counter(p.text for p in after))


@given(PAGES, PAGES)
def test_an_edit_says_what_it_is(before: list[Passage], after: list[Passage]) -> None:
    for edit in compare(before, after):
        assert (edit.before == "") is (edit.kind is EditKind.ADDED)
        assert (edit.after == "") is (edit.kind is EditKind.REMOVED)
        assert edit.same_words is bool(edit.before and edit.after and same_words(edit.before, edit.after))
        assert (edit.before == edit.after) is (edit.kind is EditKind.LINKS) or edit.kind is EditKind.MOVED
        if edit.kind is not EditKind.LINKS:
            assert (side(segments(edit), Run.REMOVED), side(segments(edit), Run.ADDED)) == (edit.before, edit.after)


@given(PAGES)
def test_a_page_does_not_differ_from_itself(passages: list[Passage]) -> None:
    assert compare(passages, passages) == []


@given(PAGES, PAGES)
def test_the_same_pages_give_the_same_edits(before: list[Passage], after: list[Passage]) -> None:
    assert compare(before, after) == compare(before, after)


def test_only_a_link_moved() -> None:
    old, new = (
        [Passage(Kind.HEADING, "Choices", 1), Passage(Kind.PARAGRAPH, "Opt out here.", links=links)]
        for links in ((Link("here", "/old"), Link("out", "/x")), (Link("here", "/new"), Link("out", "/x")))
    )
    assert told(old, new) == ["links= | Choices | here: {-/old -}{+/new +}"]
    assert told(old, [new[0], Passage(Kind.PARAGRAPH, "Opt out here.")]) == [
        "links= | Choices | here: {-/old -}out: {-/x -}"
    ]


def test_removed_passages_stand_where_they_stood() -> None:
    before = paragraphs("We greet you.", "We sell nothing.", "Ads are rare.", "Write to us.")
    linked = Passage(Kind.PARAGRAPH, "Write to us.", links=(Link("us", "/us"),))
    assert [edit.kind for edit in compare(before, [before[0], linked])] == ["removed", "removed", "links"]
    assert [edit.before for edit in compare(before, [before[3]])] == [p.text for p in before[:3]]


def test_a_passage_that_stands_elsewhere_is_not_mistaken_for_its_neighbour() -> None:
    before = paragraphs("You can opt out of training.", "We keep logs.", "We greet you.")
    after = paragraphs("You cannot opt out of training.", "We keep logs.", "We greet you.", before[0].text)
    assert told(before, after) == ["added |  | {+You cannot opt out of training.+}", f"moved= |  | {before[0].text}"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("We train, always.", "we train – always"),
        ("Our  models", "Our models"),
        ("1. Scope", "2. Scope"),
        ("(a) your posts", "b) your posts"),
        ("iv. Choices", "v. Choices"),
        ("Section 2.1 Your data", "Section 3.1 Your data"),
        ("2.1 Your data", "2.2 Your data"),
        ("Updated 3 days ago", "Updated over a week ago"),
        ("Last updated: a month ago", "Last updated: 2 months ago"),
        ("3 days ago", "a few weeks ago"),
        ("in\u00adfor\u00adma\u00adtion", "information"),
        ("caf\u00e9 \u201cdata\u201d", 'cafe\u0301 "data"'),
        ("Quillo™ models", "Quillo® models"),
    ],
)
def test_the_same_words(before: str, after: str) -> None:
    assert same_words(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("within 30 days", "within 90 days"),
        ("We train.", "We may train."),
        ("1 May 2026", "2 May 2026"),
        ("3. März 2026", "4. März 2026"),
        ("12.05.2026 Neue Fassung", "13.05.2026 Neue Fassung"),
        ("5.99 a month", "9.99 a month"),
        ("2023. All rights reserved", "2024. All rights reserved"),
        ("messages sent more than 30 days ago", "messages sent more than 90 days ago"),
        ("EU | ✗", "EU | ✓"),
        ("10 €", "10 $"),
        ("डेटा की", "डेटा का"),
        ("Version 2.1", "Version 2.2"),
    ],
)
def test_other_words(before: str, after: str) -> None:
    assert not same_words(before, after)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([f"{n % 7}" for n in range(20_000)], [f"{n * n % 11}" for n in range(20_000)]),
        ([f"we train on {n}" for n in range(3000)], [f"we learn from {n}" for n in range(3000)]),
        ([f"alpha {n} " * 2000 for n in range(50)], [f"beta {n} " * 2000 for n in range(50)]),
        (["Read more"] * 20_000, ["Read more"] * 10_000 + ["Read less"] * 10_000),
    ],
    ids=["few lines, often", "all rewritten", "long passages", "one line"],
)
def test_a_hostile_page_takes_bounded_time(old: list[str], new: list[str]) -> None:
    before, after = paragraphs(*old), paragraphs(*new)
    started = time.process_time()
    compare(before, after)
    assert time.process_time() - started < 20  # a few seconds on a small machine
