"""The links to refuse that stand, when they are due, and which of them are dead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlite_utils import Database

from archive import links
from archive.links import DeadLink, LinkOutcome, WayOut
from archive.recording import record_document
from archive.words import Decision, Document, Edit, EditKind, Fact, Flag, Kind, Link, Mechanism, Passage, Reading, Topic
from tests.builders import POLICY, added, decided, flag, version

FORM, OTHER = "https://quillo.test/object", "https://quillo.test/other"
OPT_OUT = "You can opt out with this form."
TERMS = replace(POLICY, type="Terms of Service")
NOW = datetime(2026, 3, 20, 6, 0, 0, tzinfo=UTC)
HOW = Fact("optout", "with this form", OPT_OUT)
ALIVE, DEAD, UNKNOWN = LinkOutcome.ALIVE, LinkOutcome.DEAD, LinkOutcome.UNKNOWN

Read = tuple[Edit, Reading]


def linking(text: str, *pairs: tuple[str, str]) -> Passage:
    return Passage(Kind.PARAGRAPH, text, links=tuple(Link(*pair) for pair in pairs))


def refusal(quote: str = OPT_OUT, *mechanisms: Mechanism) -> Flag:
    return flag(quote, Topic.CONSENT, mechanisms=mechanisms or (Mechanism.OPT_OUT,))


def given(
    db: Database, *passages: Passage, document: Document = POLICY, day: int = 1, edits: Sequence[Read] = ()
) -> int:
    """The id of a document, after a version of it and its change with these edits."""
    made = version(db, passages, day, document)
    decided(db, made, Decision.BASELINE if day == 1 else Decision.MUTED, *edits)
    return record_document(db, document)


def policy(db: Database, url: str = FORM) -> WayOut:
    """A policy with one link to refuse."""
    document = given(db, linking(OPT_OUT, ("form", url)), edits=[added(OPT_OUT, "", refusal())])
    return WayOut(document, url)


def look(db: Database, way: WayOut, *ends: tuple[int, LinkOutcome]) -> None:
    """Looks on these days of March."""
    for day, end in ends:
        links.keep(db, way, f"2026-03-{day:02}T06:00:00Z", end, f"found {end} on {day}", 404 if end is DEAD else None)


# --- what stands ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reading", "stands"),
    [
        (Reading((refusal(),)), True),
        (Reading((refusal(OPT_OUT, Mechanism.DEFAULT, Mechanism.OPT_OUT),)), True),
        (Reading((), (HOW,)), True),
        (Reading((refusal(OPT_OUT, Mechanism.OPT_IN),)), False),
        (Reading((flag(OPT_OUT),)), False),
        (Reading((), (replace(HOW, kind="data"),)), False),
        (Reading((replace(refusal(), side="before"),)), False),
    ],
)
def test_a_link_stands_beside_a_way_to_opt_out(db: Database, reading: Reading, stands: bool) -> None:
    edit, _ = added(OPT_OUT)
    document = given(db, linking(OPT_OUT, ("form", FORM)), edits=[(edit, reading)])
    assert links.standing(db) == [WayOut(document, FORM)] * stands


def test_no_link_stands_where_nothing_is_recorded(db: Database) -> None:
    assert (links.standing(db), links.due(db, NOW), links.dead(db)) == ([], [], [])


def test_links_of_others_records_do_not_stand(db: Database) -> None:
    theirs = replace(POLICY, origin="Open Terms Archive")
    given(db, linking(OPT_OUT, ("form", FORM)), document=theirs, edits=[added(OPT_OUT, "", refusal())])
    assert links.standing(db) == []


def test_a_link_that_moved_stands_where_it_leads_now(db: Database) -> None:
    way = policy(db)
    given(db, linking(OPT_OUT, ("form", OTHER)), day=2)
    assert links.standing(db) == [replace(way, url=OTHER)]


def test_a_link_goes_with_its_passage_and_comes_back(db: Database) -> None:
    way = policy(db)
    given(db, linking("Hello."), day=2)
    assert links.standing(db) == []
    given(db, linking(OPT_OUT, ("form", FORM)), day=3)
    assert links.standing(db) == [way]


def changed(before: str, after: str, *, same_words: bool = False) -> Read:
    return Edit(EditKind.CHANGED, "", before, after, same_words=same_words), Reading()


def test_a_link_stays_while_other_sentences_of_its_passage_change(db: Database) -> None:
    way = policy(db)
    second, third, fourth = f"{OPT_OUT} We like cats.", f"{OPT_OUT} We like dogs.", "No form. We like dogs."
    given(db, linking(second, ("form", FORM)), day=2, edits=[changed(OPT_OUT, second)])
    given(db, linking(third, ("form", FORM)), day=3, edits=[changed(second, third)])
    assert links.standing(db) == [way]
    given(db, linking(fourth, ("form", FORM)), day=4, edits=[changed(third, fourth)])
    assert links.standing(db) == []


def test_a_link_stays_where_no_word_of_its_sentence_changes(db: Database) -> None:
    way = policy(db)
    loud = OPT_OUT.upper()
    given(db, linking(loud, ("FORM", FORM)), day=2, edits=[changed(OPT_OUT, loud, same_words=True)])
    assert links.standing(db) == [way]


def test_the_document_itself_is_no_link(db: Database) -> None:
    policy(db, f"{POLICY.url}#choices")
    assert links.standing(db) == []


def test_five_links_of_a_document_and_those_on_ai_training_first(db: Database) -> None:
    texts = [f"You can opt out of letter {number} here." for number in range(7)]
    passages = [linking(text, ("here", f"{FORM}/{number}")) for number, text in enumerate(texts)]
    passages.append(linking("Opt out again here.", ("here", f"{FORM}/0#again")))
    edits = [added(text, "", refusal(text)) for text in (*texts[:6], "Opt out again here.")]
    edits.append(added(texts[6], "", refusal(texts[6]), flag(texts[6])))
    document = given(db, *passages, edits=edits)
    assert links.standing(db) == [WayOut(document, f"{FORM}/{number}") for number in (6, 0, 1, 2, 3)]


# --- when they are due ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "ago", "due"),
    [
        (ALIVE, timedelta(days=6, hours=23), False),
        (ALIVE, timedelta(days=7), True),
        (DEAD, timedelta(hours=23), False),
        (DEAD, timedelta(days=1), True),
        (UNKNOWN, timedelta(hours=23), False),
        (UNKNOWN, timedelta(days=1), True),
        (ALIVE, timedelta(seconds=-30), False),
        (ALIVE, timedelta(hours=-1), True),  # the clock was set back
    ],
)
def test_when_a_link_is_due(outcome: LinkOutcome, ago: timedelta, due: bool) -> None:
    at = (NOW - ago).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert links.is_due({"looked_at": at, "outcome": str(outcome)}, NOW) is due


def test_a_link_that_was_never_looked_at_is_due(db: Database) -> None:
    way = policy(db)
    assert links.is_due(None, NOW)
    assert links.due(db, NOW) == [way]


def test_the_newest_look_counts(db: Database) -> None:
    way = policy(db)
    look(db, way, (1, DEAD), (18, ALIVE))
    assert links.due(db, NOW) == []
    look(db, way, (19, DEAD))
    assert links.due(db, NOW) == [way]


# --- which are dead ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "since"),
    [
        ([], 0),
        ([DEAD], 0),
        ([DEAD, DEAD], 1),
        ([ALIVE, DEAD, DEAD, DEAD], 2),
        ([DEAD, DEAD, ALIVE], 0),
        ([DEAD, DEAD, ALIVE, DEAD], 0),
        ([DEAD, ALIVE, DEAD, DEAD], 3),
        ([DEAD, DEAD, UNKNOWN], 1),
        ([DEAD, UNKNOWN, DEAD], 1),
        ([UNKNOWN, DEAD, UNKNOWN], 0),
        ([UNKNOWN, UNKNOWN, UNKNOWN], 0),
    ],
)
def test_a_link_is_dead_after_two_looks(db: Database, ends: list[LinkOutcome], since: int) -> None:
    way = policy(db)
    look(db, way, *enumerate(ends, 1))
    assert [one.since for one in links.dead(db)] == [f"2026-03-{since:02}T06:00:00Z"] * bool(since)


def test_a_dead_link_says_whose_it_is_and_what_was_found_last(db: Database) -> None:
    way = policy(db)
    look(db, way, (1, DEAD), (2, DEAD), (3, UNKNOWN))
    since, detail = "2026-03-01T06:00:00Z", "found dead on 2"
    assert links.dead(db) == [DeadLink(way.document_id, "Quillo", "Privacy Policy", "", FORM, since, detail)]


def test_a_link_that_is_not_given_any_more_is_not_dead(db: Database) -> None:
    way = policy(db)
    look(db, way, (1, DEAD), (2, DEAD))
    given(db, linking("Hello."), day=2)
    assert links.dead(db) == []


def test_documents_have_looks_of_their_own(db: Database) -> None:
    way = policy(db)
    terms = given(db, linking(OPT_OUT, ("form", FORM)), document=TERMS, edits=[added(OPT_OUT, "", refusal())])
    look(db, way, (1, DEAD), (2, DEAD))
    look(db, WayOut(terms, FORM), (1, DEAD), (2, ALIVE))
    assert [one.document_id for one in links.dead(db)] == [way.document_id]
