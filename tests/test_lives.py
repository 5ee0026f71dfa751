"""The life of a passage: where it stood, under which headings, what it was before and became."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import lives
from archive.lives import Held, Wording
from archive.words import Decision, Edit, EditKind, Reading, Topic
from pages.passage import axis, placed
from tests.builders import DAY, POLICY, added, decided, flag, new_archive, page, paragraphs, version

OTHER = replace(POLICY, region="EU")


def changed(before: str, after: str) -> tuple[Edit, Reading]:
    return Edit(EditKind.CHANGED, "", before, after), Reading()


def rewordings(db: Database, *texts: str) -> None:
    """A document of one passage that becomes each of these texts in turn, day by day."""
    for day, text in enumerate(texts, 1):
        number = version(db, paragraphs(text), day)
        edits = [changed(texts[day - 2], text)] if day > 1 else []
        decided(db, number, Decision.UNFLAGGED if day > 1 else Decision.BASELINE, *edits)


def steps(wordings: list[Wording]) -> list[tuple[int, int]]:
    return [(one.before, one.after) for one in wordings]


# Where


def test_a_passage_knows_the_documents_that_hold_and_held_it(db: Database) -> None:
    version(db, paragraphs("Here.", "There."), 1)
    version(db, paragraphs("There."), 9)
    version(db, paragraphs("Here."), 4, OTHER)
    assert lives.documents(db, 1) == {2: True, 1: False}
    ours, gone = lives.held(db, 1, [2, 1])
    assert (ours.document_id, ours.first_seen, ours.gone, ours.version) == (2, DAY.format(4), None, 3)
    assert (gone.first_seen, gone.last_seen, gone.gone, gone.gone_version) == (
        DAY.format(1),
        DAY.format(1),
        DAY.format(9),
        2,
    )
    assert gone.version == 1


def test_its_headings_are_those_of_the_last_text_that_held_it(db: Database) -> None:
    version(db, page("# Policy\n## Old\nHere.\n## Later"), 1)
    version(db, page("# Policy\n## New\n### Deep\nHere.\n## Later"), 2)
    version(db, page("# Policy\n## Later"), 3)
    (place,) = lives.held(db, 3, [1])
    assert lives.heading(db, 3, place) == "Policy › New › Deep"
    (heading,) = lives.held(db, 4, [1])
    assert lives.heading(db, 4, heading) == "Policy"


def test_what_was_flagged_is_told_once_with_how_often(db: Database) -> None:
    for day, document in ((1, POLICY), (2, OTHER)):
        number = version(db, paragraphs("We train.", "We ask."), day, document)
        decided(db, number, Decision.PUSH, added("We train.", "", flag("We train.")))
    gone = Edit(EditKind.REMOVED, "", "We train.", ""), Reading((flag("We train.", Topic.CONSENT, "before"),))
    decided(db, version(db, paragraphs("We ask."), 3), Decision.PUSH, gone)
    came, went = lives.flags(db, 1, [1, 2])
    assert (came.flag, came.change, came.document, came.others) == (
        flag("We train."),
        1,
        "Quillo, Privacy Policy",
        1,
    )
    assert (went.flag.side, went.change, went.others) == ("before", 3, 0)
    assert lives.flags(db, 2, [1, 2]) == []


# Wordings


def test_wordings_are_followed_step_by_step(db: Database) -> None:
    rewordings(db, "One.", "Two.", "Three.", "Four.")
    assert steps(lives.earlier(db, 3, [1], 10)) == [(2, 3), (1, 2)]
    assert steps(lives.later(db, 2, [1], 10)) == [(2, 3), (3, 4)]
    assert steps(lives.later(db, 1, [1], 2)) == [(1, 2), (2, 3)]
    assert lives.earlier(db, 1, [1], 10) == []
    assert lives.earlier(db, 3, [1], 10)[0] == Wording(2, 3, 3, (1,))


def test_the_same_rewording_of_two_documents_is_one_step(db: Database) -> None:
    for document in (POLICY, OTHER):
        version(db, paragraphs("One."), 1, document)
        decided(db, version(db, paragraphs("Two."), 2, document), Decision.UNFLAGGED, changed("One.", "Two."))
    assert lives.earlier(db, 2, [1, 2], 10) == [Wording(1, 2, 2, (1, 2))]


@settings(max_examples=30)
@given(st.lists(st.sampled_from("abcd"), min_size=2, max_size=9))
def test_a_page_that_flips_leads_round_in_no_circle(letters: list[str]) -> None:
    with new_archive() as db:
        texts = [letter for n, letter in enumerate(letters) if n == 0 or letters[n - 1] != letter]
        rewordings(db, *texts)
        born = {number: texts.index(text) for text, number in ((text, _passage(db, text)) for text in texts)}
        for number in born:
            before, after = lives.earlier(db, number, [1], 50), lives.later(db, number, [1], 50)
            assert all(born[one.before] < born[one.after] for one in (*before, *after))
            assert len({(one.before, one.after) for one in before}) == len(before)


def _passage(db: Database, text: str) -> int:
    return next(iter(db.query("SELECT id FROM passages WHERE text = ?", (text,))))["id"]


# Spans


def held(first: int, last: int, gone: int | None = None) -> Held:
    times = [DAY.format(day) for day in (first, last)]
    return Held(1, "Quillo", "", "en", "paragraph", times[0], 1, 1, times[1], DAY.format(gone) if gone else None, 2, 1)


@pytest.mark.parametrize(
    ("spans", "pictures"),
    [
        ([held(1, 11)], [(0, 100)]),
        ([held(1, 11), held(6, 8, 9)], [(0, 100), (50, 30)]),
        ([held(1, 1)], [(0, 100)]),
        ([held(1, 11), held(11, 11)], [(0, 100), (99.4, 0.6)]),
    ],
)
def test_spans_are_drawn_in_the_time_of_all(spans: list[Held], pictures: list[tuple[float, float]]) -> None:
    drawn = list(placed(spans, ["" for _ in spans]))
    assert [(one.left, one.width) for one in drawn] == pictures
    assert axis(spans)[0] == DAY.format(1)


def test_a_passage_without_a_place_has_no_span() -> None:
    assert list(placed([], [])) == []
    assert axis([]) == ("", "")
