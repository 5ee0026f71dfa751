"""Which flagged changes a reader is shown: by topic, effect, service, region and severity, the last seen first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlite_utils import Database

from archive import recording, standing
from archive.cards import Linked, cards, linked, texts
from archive.flagged import Dated, Wanted, dated, regions, services
from archive.regions import covered
from archive.rows import value
from archive.words import (
    Decision,
    Document,
    Edit,
    EditKind,
    Fact,
    Fetch,
    Flag,
    Kind,
    Link,
    Mechanism,
    Outcome,
    Passage,
    Reading,
    Snapshot,
    Topic,
)
from tests.builders import DAY, POLICY, WORDS, added, decided, fetch, flag, paragraphs, pushed, put, version

TERMS = replace(POLICY, type="Terms of Service")
BRITISH = Document("Plume", "Terms", "https://plume.example/uk", "Plume", "UK")
GERMAN = replace(BRITISH, region="DE", url="https://plume.example/de")
REFUSE = "You can refuse here."


def ids(db: Database, **wanted: str) -> list[int]:
    return [change.id for change in dated(db, Wanted(**wanted))]


def flagged_with(db: Database, flags: tuple[Flag, ...], facts: tuple[Fact, ...] = ()) -> int:
    """The id of a change that brought a passage with these flags and facts."""
    decided(db, version(db, paragraphs("Hello."), 1), Decision.BASELINE)
    after = version(db, paragraphs("Hello.", WORDS), 2)
    return decided(db, after, Decision.PUSH, added(WORDS, "", *flags, facts=facts))


def test_a_change_has_its_day_and_severity(db: Database) -> None:
    change = put(db, pushed(db), severity="high")
    assert dated(db, Wanted()) == [Dated(change, "2026-03-02", "high")]
    assert (ids(db, severity="high"), ids(db, severity="low")) == ([change], [])


def test_only_pushes_are_flagged_changes(db: Database) -> None:
    put(db, pushed(db), decision="muted")
    assert ids(db) == []


def test_topic_and_effect_belong_to_the_same_flag(db: Database) -> None:
    refusal = flag(topic=Topic.CONSENT, mechanisms=(Mechanism.OPT_OUT, Mechanism.DEFAULT))
    change = flagged_with(db, (flag(), refusal))
    assert ids(db, topic="ai-training", effect="permits") == [change]
    assert ids(db, topic="consent", effect="default") == [change]
    assert ids(db, effect="opt_out") == [change]
    assert ids(db, topic="consent", effect="permits") == []
    assert ids(db, effect="opt_in") == []
    assert Wanted(topic="consent", effect="opt_out").meets(refusal)
    assert not Wanted(topic="ai-training", effect="opt_out").meets(refusal)


def test_a_flag_that_was_known_before_is_not_found(db: Database) -> None:
    change = flagged_with(db, (flag(),))
    after = version(db, paragraphs("Hello.", WORDS, "More."), 3)
    known, news = added(WORDS, "", flag()), added("More.", "", flag("More.", Topic.CONSENT))
    second = decided(db, after, Decision.PUSH, known, news)
    db.execute("UPDATE change_edits SET news = 0 WHERE change_id = ? AND place = 0", (second,))
    assert ids(db, topic="ai-training") == [change]
    assert ids(db) == [second, change]


def test_of_changes_told_together_the_teller_is_shown_for_all_services(db: Database) -> None:
    first, second = pushed(db), pushed(db, BRITISH)
    put(db, second, told_in=first)
    assert ids(db) == [first]
    assert ids(db, service="Quillo") == ids(db, service="Plume") == [first]
    assert ids(db, service="nobody") == []


def test_a_region_leaves_out_documents_for_people_elsewhere(db: Database) -> None:
    everywhere, british, german = pushed(db), pushed(db, BRITISH), pushed(db, GERMAN)
    assert ids(db, region="GB") == [british, everywhere]
    assert ids(db, region="EU") == [german, everywhere]
    assert regions(db) == ["DE", "UK"]


def test_a_region_leaves_out_what_does_not_apply_there(db: Database) -> None:
    exempt = (Fact("exempt", "the EEA", WORDS, ("EU", "IS", "LI", "NO")), Fact("exempt", "teachers", WORDS))
    change = flagged_with(db, (flag(),), exempt)
    assert ids(db, region="DE") == ids(db, region="NO") == ids(db, region="EEA") == []
    assert ids(db, region="GB") == ids(db) == [change]
    assert regions(db) == ["EU", "IS", "LI", "NO"]


def test_an_exemption_that_went_exempts_nobody(db: Database) -> None:
    exempt = Fact("exempt", "the EU", WORDS, ("EU",))
    gone = (Edit(EditKind.REMOVED, "", WORDS, ""), Reading((flag(side="before"),), (exempt,)))
    decided(db, version(db, paragraphs("Hello.", WORDS), 1), Decision.BASELINE)
    change = decided(db, version(db, paragraphs("Hello."), 2), Decision.PUSH, gone)
    assert ids(db, region="FR") == [change]
    assert cards(db, [change])[0].facts == []


def test_what_applies_in_one_passage_is_kept_whatever_another_says(db: Database) -> None:
    decided(db, version(db, paragraphs("Hello."), 1), Decision.BASELINE)
    edits = (
        added(WORDS, "", flag(), facts=[Fact("exempt", "the EU", WORDS, ("EU",))]),
        added("More.", "", flag("More.")),
    )
    change = decided(db, version(db, paragraphs("Hello.", WORDS, "More."), 2), Decision.PUSH, *edits)
    assert ids(db, region="FR") == [change]


@pytest.mark.parametrize(
    ("region", "codes", "is_covered"),
    [
        ("DE", ["EU"], True),
        ("EU", ["DE"], False),
        ("UK", ["GB"], True),
        ("US-CA", ["US"], True),
        ("US", ["US-CA"], False),
        ("EEA", ["EU", "IS", "LI", "NO"], True),
        ("EEA", ["EU", "NO"], False),
        ("FR", [], False),
    ],
)
def test_a_region_is_covered_if_all_its_people_are(region: str, codes: list[str], is_covered: bool) -> None:
    assert covered(region, codes) is is_covered


def test_services_are_told_by_name_with_whether_they_have_any(db: Database) -> None:
    pushed(db)
    recording.record_document(db, BRITISH)
    assert [tuple(one) for one in services(db)] == [("Plume", "Plume", False), ("Quillo", "Quillo", True)]


# Cards


def test_cards_come_in_the_order_that_was_asked_for(db: Database) -> None:
    first, second = pushed(db), pushed(db, TERMS)
    assert [card.id for card in cards(db, [second, first])] == [second, first]
    assert cards(db, []) == []


def test_a_card_has_the_facts_of_its_news_and_of_what_is_not_flagged(db: Database) -> None:
    decided(db, version(db, paragraphs("Hello."), 1), Decision.BASELINE)
    stated = [Fact("effective", f"2026-04-0{number}", "") for number in (1, 2, 3)]
    edits = [
        added("One.", "", flag("One."), facts=stated[:1]),
        added("Two.", "", facts=stated[1:2]),
        added("Three.", "", flag("Three."), facts=stated[2:]),
    ]
    change = decided(db, version(db, paragraphs("Hello.", "One.", "Two.", "Three."), 2), Decision.PUSH, *edits)
    db.execute("UPDATE change_edits SET news = 0 WHERE change_id = ? AND place = 2", (change,))
    (card,) = cards(db, [change])
    assert [one.flag.quote for one in card.flags] == ["One."]
    assert [one.fact for one in card.facts] == stated[:2]


def test_texts_and_links_are_those_of_the_edit(db: Database) -> None:
    decided(db, version(db, paragraphs("Hello."), 1), Decision.BASELINE)
    linking = Passage(Kind.PARAGRAPH, REFUSE, links=(Link("here", "https://quillo.example/refuse"),))
    edit = Edit(EditKind.CHANGED, "", "Hello.", REFUSE)
    change = decided(db, version(db, [linking], 2), Decision.PUSH, (edit, Reading((flag(REFUSE),))))
    number = value(db, "SELECT edit_id FROM change_edits WHERE change_id = ?", change)
    assert texts(db, [number]) == {number: ("Hello.", REFUSE)}
    assert linked(db, [number]) == {number: Linked(REFUSE, [["here", "https://quillo.example/refuse"]])}
    assert texts(db, []) == linked(db, []) == {}


# How things stand


def test_a_stored_page_that_waits_to_be_read_counts_as_seen(db: Database) -> None:
    identity = recording.record_document(db, POLICY)
    look = Fetch(POLICY.url, "2025-06-05T06:30:00Z", Outcome.FETCHED, status=200)
    recording.record_fetch(db, identity, 0, look, Snapshot(b"Hello.", "text/html"))
    found = standing.standing(db)
    assert (found.watched, found.seen, found.unseen, found.never_looked) == (1, 1, 0, 0)
    assert (found.looked_at, found.counts["documents"]) == ("2025-06-05T06:30:00Z", 1)


def test_the_last_look_at_every_page_of_a_document_counts(db: Database) -> None:
    whole, broken, new = (
        recording.record_document(db, document, declaration='{"combine": [{}, {}]}')
        for document in (POLICY, TERMS, BRITISH)
    )
    for part in (0, 1):
        recording.record_fetch(db, whole, part, fetch(1, Outcome.BLOCKED))
        recording.record_fetch(db, whole, part, fetch(2, Outcome.UNCHANGED))
        recording.record_fetch(db, broken, part, fetch(3, (Outcome.BLOCKED, Outcome.UNCHANGED)[part]))
    recording.record_fetch(db, new, 0, fetch(1, Outcome.UNCHANGED))
    found = standing.standing(db)
    assert (found.watched, found.seen, found.unseen, found.never_looked) == (3, 1, 1, 1)
    assert found.looked_at == DAY.format(3)


def test_what_others_have_recorded_is_not_watched_and_does_not_wait(db: Database) -> None:
    ours, theirs = pushed(db), pushed(db, replace(POLICY, origin="Open Terms Archive"))
    for change in (ours, theirs):
        put(db, change, decision="held", held_until=DAY.format(9))
    found = standing.standing(db)
    assert (found.watched, found.waiting, found.counts["documents"]) == (1, 1, 2)


def test_an_empty_archive_has_nothing(db: Database) -> None:
    found = standing.standing(db)
    assert (found.watched, found.looked_at, sum(found.counts.values())) == (0, "", 0)
