"""Since when a document has held each passage, what stood in its place, and what was flagged in it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import blame
from archive.placements import text_of
from archive.words import Decision, Edit, EditKind, Kind, Link, Passage, Reading, Topic
from tests.builders import DAY, added, decided, flag, new_archive, paragraphs, version

LISTS = st.lists(st.lists(st.sampled_from("abcde"), max_size=6), min_size=1, max_size=8)


def changed(before: str, after: str) -> tuple[Edit, Reading]:
    return Edit(EditKind.CHANGED, "", before, after), Reading()


@settings(max_examples=40)
@given(LISTS)
def test_each_passage_is_there_since_the_first_version_that_held_it(lists: list[list[str]]) -> None:
    with new_archive() as db:
        texts = dict[int, list[str]]()
        for day, letters in enumerate(lists, 1):
            if not texts or [*texts.values()][-1] != letters:
                texts[version(db, paragraphs(*letters), day)] = letters
        for number, letters in texts.items():
            found = blame.placed(db, number)
            assert [one.text for one in found] == letters
            assert [one.since for one in found] == [min(n for n in texts if one.text in texts[n]) for one in found]


def test_a_passage_comes_with_its_kind_and_links(db: Database) -> None:
    link = Link("here", "https://quillo.example/a")
    text = [Passage(Kind.HEADING, "Your data", 2), Passage(Kind.ITEM, "See here.", 1, (link,))]
    heading, item = blame.placed(db, version(db, text))
    assert (heading.kind, heading.level, heading.links) == ("heading", 2, ())
    assert (item.kind, item.level, item.links) == ("item", 1, (("here", "https://quillo.example/a"),))
    assert [one.text for one in blame.placed(db, 1)] == [one.text for one in text_of(db, 1)]


def test_new_links_make_no_passage_younger(db: Database) -> None:
    version(db, [Passage(Kind.ITEM, "See here.", 1)], 1)
    link = Link("here", "https://quillo.example/a")
    later = version(db, [Passage(Kind.ITEM, "See here.", 1, (link,))], 2)
    (one,) = blame.placed(db, later)
    assert (one.since, one.links) == (1, (("here", "https://quillo.example/a"),))


def test_there_is_no_text_of_an_unknown_version(db: Database) -> None:
    assert blame.placed(db, 7) == []
    assert blame.causes(db, [7]) == {}


def test_a_version_that_nobody_has_compared_has_no_change(db: Database) -> None:
    first, second = (version(db, paragraphs(text), day) for day, text in ((1, "One."), (2, "Two.")))
    change = decided(db, first, Decision.BASELINE)
    found = blame.causes(db, [first, second])
    assert (found[first].change, found[first].decision) == (change, "baseline")
    assert (found[second].change, found[second].decision, found[second].seen_at) == (None, "", DAY.format(2))


def test_what_was_reworded_tells_what_stood_there(db: Database) -> None:
    version(db, paragraphs("We keep it for 30 days.", "Write to us."), 1)
    second = version(db, paragraphs("We keep it for 90 days.", "Write to us.", "New."), 2)
    change = decided(db, second, Decision.UNFLAGGED, changed("We keep it for 30 days.", "We keep it for 90 days."))
    brought = {one.passage: change for one in blame.placed(db, second)}
    assert blame.replaced(db, 1, brought) == {3: (1, "We keep it for 30 days.")}


def test_a_later_change_that_brings_the_words_back_is_not_what_brought_them(db: Database) -> None:
    first = version(db, paragraphs("One."), 1)
    version(db, paragraphs("Two."), 2)
    third = version(db, paragraphs("One."), 3)
    born = decided(db, first, Decision.BASELINE)
    decided(db, third, Decision.RETURNED, changed("Two.", "One."))
    assert blame.replaced(db, 1, {1: born}) == {}


def test_flags_stand_by_the_passage_that_came_with_them(db: Database) -> None:
    first = version(db, paragraphs("We train.", "We ask."), 1)
    gone = Edit(EditKind.REMOVED, "", "We ask.", ""), Reading((flag("We ask.", Topic.CONSENT, "before"),))
    decided(db, first, Decision.BASELINE, added("We train.", "", flag("We train.")), gone)
    assert blame.flagged(db, 1) == {1: [flag("We train.")]}
