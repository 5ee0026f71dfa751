"""The gate: each decision with its reason, and what holds for any change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.changes import Pending
from archive.recording import text_hash, word_count
from archive.words import Edit, EditKind, Effect, Kind, Passage, Reading, Topic
from diffing import gate
from tests.builders import DAY, added, flag, paragraphs

LONG = "We keep what you write for as long as you have an account with us, and no longer than that."
COSMETIC = (
    Edit(EditKind.LINKS, "", "Opt out here.", "Opt out here.", same_words=True),
    Edit(EditKind.MOVED, "", "1. Hello.", "2. Hello.", same_words=True),
    Edit(EditKind.CHANGED, "", "Hello.", "Hello!", same_words=True),
)
REWORDED = Edit(EditKind.CHANGED, "", "You agree.", "You may refuse.")
GONE = Edit(EditKind.REMOVED, "", "We never train.", "")
READINGS = st.builds(
    Reading,
    st.lists(st.builds(flag, st.just("We train."), st.sampled_from(Topic)), max_size=3).map(tuple),
)
EDITS = st.lists(st.tuples(st.sampled_from([*COSMETIC, REWORDED, GONE]), READINGS), max_size=6)


def pending(before: Sequence[Passage] = (), after: Sequence[Passage] = (), **more: object) -> Pending:
    """A version to decide about: the second of its document, read as the first was."""
    words = word_count(before), word_count(after)
    plain = Pending(1, 1, 2, DAY.format(2), False, before, after, words, text_hash(after), frozenset())
    return replace(plain, **more)  # type: ignore[arg-type]


def decision(*edits: tuple[Edit, Reading], **more: object) -> tuple[str, str]:
    """What the gate says of compared versions."""
    said, reason = gate.alone(pending(**more), edits)  # type: ignore[arg-type]
    return str(said), reason


def test_a_first_version_is_a_baseline() -> None:
    flagged = added("We train.", "", flag())
    assert decision(flagged, before_id=None, technical=True) == ("baseline", "the first version of this document")


def test_a_page_read_with_newer_rules_is_technical() -> None:
    flagged = added("We train.", "", flag())
    assert decision(flagged, technical=True) == ("technical", "the same page, read with newer rules")


@pytest.mark.parametrize("more", [{"before_id": None}, {"technical": True}])
def test_a_first_text_and_newer_rules_may_have_few_words(more: dict[str, object]) -> None:
    texts = {"before": paragraphs(LONG, LONG), "after": paragraphs("Please accept cookies.")}
    assert gate.doubt(pending(**texts), "")
    assert not gate.doubt(pending(**texts, **more), "")


def test_a_page_that_lost_most_of_its_words_is_doubted() -> None:
    doubt = gate.doubt(pending(paragraphs(LONG, LONG), paragraphs("Please accept cookies.")), "")
    assert doubt.startswith("only 3 of 40 words are left")


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_half_of_the_words_are_enough(kept: int) -> None:
    assert gate.doubt(pending(paragraphs(LONG, LONG), paragraphs(*[LONG] * kept)), "") == ""


def test_a_page_that_was_empty_is_not_doubted() -> None:
    assert gate.doubt(pending((), paragraphs("Hello.")), "") == ""


@pytest.mark.parametrize(("was", "is_now", "doubted"), [("en", "fr", True), ("en", "en", False), ("", "fr", False)])
def test_a_page_in_another_language_is_doubted(was: str, is_now: str, doubted: bool) -> None:
    version = pending(paragraphs(LONG), paragraphs(LONG), language=was)
    assert bool(gate.doubt(version, is_now)) is doubted
    assert gate.doubt(version, "") == ""


def test_no_word_changed() -> None:
    edits = [(edit, Reading()) for edit in (*COSMETIC, COSMETIC[0])]
    assert decision(*edits) == (
        "cosmetic",
        "no word changed: 2 link targets, 1 moved passages, 1 with other punctuation or numbering",
    )


def test_no_edit_at_all() -> None:
    items = [replace(passage, kind=Kind.ITEM) for passage in paragraphs("We train.")]
    assert decision(before=paragraphs("We train."), after=items)[0] == "cosmetic"


def test_the_text_before_a_quarantine_stands_again() -> None:
    assert decision() == ("returned", "the text that stood before the one in quarantine stands again")


def test_a_text_that_comes_back() -> None:
    after = paragraphs("We train.")
    recent = frozenset([text_hash(after)])
    assert decision((REWORDED, Reading()), after=after, recent=recent)[0] == "returned"
    assert decision((REWORDED, Reading()), after=after)[0] == "unflagged"


def test_what_is_flagged_depends_on_more_than_the_text_before() -> None:
    assert gate.settled(pending(), [added("We train.", "", flag())]) is None


def test_words_that_no_rule_knows() -> None:
    assert decision((REWORDED, Reading())) == ("unflagged", "words changed, none about AI training or consent")


def test_flagged_words_are_pushed() -> None:
    consent = flag("You may refuse", Topic.CONSENT)
    restricts = replace(flag(), effect=Effect.RESTRICTS)
    edits = [(REWORDED, Reading((consent,))), (COSMETIC[1], Reading()), (GONE, Reading((restricts, restricts)))]
    assert decision(*edits) == ("push", "3 flagged: consent; AI training: allows less")


@given(EDITS, st.booleans())
def test_only_flagged_words_are_pushed(edits: list[tuple[Edit, Reading]], back: bool) -> None:
    known = frozenset([text_hash(())]) if back else frozenset[str]()
    said, reason = decision(*edits, recent=known)
    worded = any(not gate.is_cosmetic(edit) for edit, _ in edits)
    flagged = any(reading.flags for _, reading in edits)
    assert (said == "push") is (worded and flagged)
    assert (said == "cosmetic") is (bool(edits) and not worded)
    assert (said == "returned") is (not edits or (worded and back and not flagged))
    assert reason


@given(st.lists(st.sampled_from(["a", "b c", LONG]), max_size=8), st.lists(st.sampled_from(["a", LONG]), max_size=8))
def test_a_page_is_doubted_exactly_where_it_shrinks_by_more_than_half(old: list[str], new: list[str]) -> None:
    lengths = [sum(len(text.split()) for text in texts) for texts in (old, new)]
    doubted = gate.doubt(pending(paragraphs(*old), paragraphs(*new)), "") != ""
    assert doubted is (lengths[1] * 2 < lengths[0])
