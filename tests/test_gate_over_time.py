"""Stories of documents: what the gate makes of them, look by look, in an archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlite_utils import Database

from archive.places import RULES
from archive.recording import record_document, record_fetch, record_version
from archive.words import Document, Fetch, Outcome, Snapshot
from diffing.rules import load
from diffing.run import diff
from tests.builders import POLICY, paragraphs
from tests.languages import TEXTS

KNOWN = load(RULES)
START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OPENING = "Quillo keeps notes for people who write, and this page says what happens to them."
TRAINS = "We may use your notes to train our AI models."
NEVER = "We never sell your data, and we never use your photos to train AI models."
OFFICE = "The office is in Oslo."
THEIRS = replace(POLICY, origin="Open Terms Archive")
TERMS = replace(POLICY, type="Terms of Service", url="https://quillo.example/terms")
BRILL = Document("Brill", "Privacy Policy", "https://brill.example/privacy", "Brill", owner="Quillo Ltd")


def look(db: Database, after: timedelta, *texts: str, document: Document = POLICY, outcome: str = "recorded") -> None:
    """A look at the document, so long after the start; "unchanged" found what it had found before."""
    owner = record_document(db, document)
    at = (START + after).strftime("%Y-%m-%dT%H:%M:%SZ")
    page = Snapshot("\n".join(texts).encode(), "text/plain") if texts else None
    fetch = record_fetch(db, owner, 0, Fetch(document.url, at, Outcome(outcome)), page)
    if outcome == "recorded":
        assert record_version(db, owner, [fetch], paragraphs(*texts), "rules 1")


def decide(db: Database, after: timedelta) -> list[tuple[str, str]]:
    """What was decided then, each with its reason."""
    return [(str(made.decision), made.reason) for _, made in diff(db, KNOWN, now=START + after)]


def names(made: Sequence[tuple[str, str]]) -> list[str]:
    return [decision for decision, _ in made]


def test_what_came_is_held_and_told_when_it_is_seen_again(db: Database) -> None:
    look(db, 0 * DAY, OPENING)
    look(db, DAY, OPENING, TRAINS)
    (first, (held, reason)) = decide(db, DAY)
    assert (first[0], held) == ("baseline", "held")
    assert reason == "1 flagged: AI training: allows more; told if another look finds it so"
    look(db, DAY + 5 * MINUTE, outcome="unchanged")
    assert decide(db, DAY + 5 * MINUTE) == []
    look(db, DAY + 11 * MINUTE, outcome="unchanged")
    confirmed = "1 flagged: AI training: allows more; confirmed by another look"
    assert decide(db, DAY + 11 * MINUTE) == [("push", confirmed)]
    kept = db.execute("SELECT decision, decided_at, held_until FROM earlier_decisions").fetchall()
    assert kept == [("held", "2026-03-02T00:00:00Z", "2026-03-02T00:10:00Z")]


def test_a_page_that_cannot_be_read_again_speaks_after_the_longest_wait(db: Database) -> None:
    look(db, 0 * DAY, OPENING)
    look(db, DAY, OPENING, TRAINS)
    look(db, DAY + 10 * MINUTE, outcome="unreachable")
    assert names(decide(db, 2 * DAY)) == ["baseline", "held"]
    assert decide(db, 4 * DAY - MINUTE) == []
    assert decide(db, 4 * DAY) == [("push", "1 flagged: AI training: allows more; nobody could look since")]


def test_a_page_that_drops_and_regains_a_passage_stays_quiet(db: Database) -> None:
    look(db, 0 * DAY, OPENING, NEVER)
    look(db, 50 * DAY, OPENING)
    look(db, 50 * DAY + 10 * MINUTE, outcome="unchanged")
    look(db, 50 * DAY + 20 * HOUR, OPENING, NEVER)
    assert names(decide(db, 51 * DAY)) == ["baseline", "held", "returned", "returned"]


def test_what_is_gone_for_a_day_is_told(db: Database) -> None:
    look(db, 0 * DAY, OPENING, NEVER)
    look(db, 50 * DAY, OPENING)
    look(db, 51 * DAY, outcome="unchanged")
    assert names(decide(db, 51 * DAY)) == ["baseline", "held", "push"]


def test_a_page_that_flips_at_every_look_is_told_once(db: Database) -> None:
    look(db, 0 * DAY, OPENING, OFFICE)
    for number in range(1, 20):
        look(db, number * 12 * HOUR, OPENING, TRAINS if number % 2 else OFFICE)
    assert names(decide(db, 10 * DAY)).count("push") == 1


def test_an_old_passage_that_comes_back_after_a_month_is_told_when_it_stays(db: Database) -> None:
    look(db, 0 * DAY, OPENING, TRAINS)
    look(db, 10 * DAY, OPENING)
    look(db, 11 * DAY, outcome="unchanged")
    look(db, 60 * DAY, OPENING, TRAINS)
    look(db, 60 * DAY + 10 * MINUTE, outcome="unchanged")
    assert names(decide(db, 61 * DAY)) == ["baseline", "held", "push", "held"]
    look(db, 63 * DAY, outcome="unchanged")
    assert names(decide(db, 63 * DAY)) == ["push"]


def test_an_old_passage_that_comes_back_sooner_is_not(db: Database) -> None:
    look(db, 0 * DAY, OPENING, TRAINS)
    look(db, 10 * DAY, OPENING)
    look(db, 12 * DAY, OPENING, TRAINS)
    look(db, 20 * DAY, outcome="unchanged")
    made = decide(db, 20 * DAY)
    assert names(made) == ["baseline", "held", "returned", "returned"]
    assert made[-1][1] == "what is flagged is no news here: stood here 2 days ago"


def test_the_same_in_other_words_is_no_news(db: Database) -> None:
    """A third variant of a page says what another variant has said."""
    look(db, 0 * DAY, OPENING, f"{TRAINS} Ask us by mail about it, whenever you like, from any country.")
    look(db, DAY, OPENING, OFFICE)
    look(db, 2 * DAY, OPENING, f"{TRAINS} Ask us by mail about it, whenever you like, from any place.")
    made = decide(db, 3 * DAY)
    assert made[-1] == ("returned", "what is flagged is no news here: stood here in other words that say the same")


def test_a_document_that_speaks_often_is_left_to_the_digest_unless_it_is_severe(db: Database) -> None:
    look(db, 0 * DAY, OPENING)
    for number in range(1, 13):
        words = f"You may opt out of ads number {number} in your account settings at any time."
        look(db, number * 20 * DAY, OPENING, *[words.replace(str(number), str(n)) for n in range(1, number + 1)])
        look(db, number * 20 * DAY + HOUR, outcome="unchanged")
    made = names(decide(db, 250 * DAY))
    assert (made.count("push"), made.count("muted")) == (8, 4)
    look(db, 260 * DAY, OPENING, TRAINS)
    look(db, 260 * DAY + HOUR, outcome="unchanged")
    assert names(decide(db, 261 * DAY)) == ["held", "push"]


def test_a_short_text_of_others_waits_in_quarantine(db: Database) -> None:
    long = [f"Paragraph {number} of the policy, which says what happens." for number in range(20)]
    look(db, 0 * DAY, *long, NEVER, document=THEIRS)
    look(db, 10 * DAY, "Please accept cookies.", document=THEIRS)
    look(db, 11 * DAY, *long, NEVER, OFFICE, document=THEIRS)
    made = decide(db, 12 * DAY)
    assert names(made) == ["baseline", "quarantined", "quarantined", "unflagged"]
    assert made[2][1] == "never believed: another text has followed"
    look(db, 20 * DAY, *long[:4], document=THEIRS)
    look(db, 22 * DAY, *long[:5], document=THEIRS)
    look(db, 30 * DAY, "Other words.", document=replace(THEIRS, type="Help Page"))
    made = decide(db, 30 * DAY)
    assert names(made) == ["quarantined", "quarantined", "held", "unflagged", "push", "baseline"]
    assert made[2][1].startswith("it has stood for 3 days and is believed; 1 flagged: ")


def test_a_page_that_becomes_readable_is_compared_and_one_that_no_rule_reads_begins_anew(db: Database) -> None:
    french = [f"{TEXTS['fr']} Article {n}." for n in range(4)]
    english = [f"{TEXTS['en']} Section {n}." for n in range(4)]
    look(db, 0 * DAY, *french, document=THEIRS)
    look(db, 10 * DAY, *english, TRAINS, document=THEIRS)
    look(db, 20 * DAY, *french, document=THEIRS)
    look(db, 30 * DAY, *french, OFFICE, document=THEIRS)
    made = decide(db, 30 * DAY)
    assert names(made) == ["baseline", "quarantined", "held", "push", "quarantined", "baseline", "unflagged"]
    assert made[5][1].endswith("from now on not read for meaning: French")


def test_the_same_edit_in_several_documents_of_an_owner_is_one_message(db: Database) -> None:
    quillo = replace(POLICY, owner="Quillo Ltd")
    stranger = Document("Other", "Privacy Policy", "https://other.example/privacy", "Other")
    documents = (quillo, replace(TERMS, owner="Quillo Ltd"), BRILL, stranger)
    for hour, document in enumerate(documents):
        look(db, hour * HOUR, OPENING, document.type, document=document)
        look(db, 10 * DAY + hour * HOUR, OPENING, document.type, TRAINS, document=document)
        look(db, 10 * DAY + hour * HOUR + 10 * MINUTE, document=document, outcome="unchanged")
    assert names(decide(db, 11 * DAY)).count("push") == 4
    rows = db.execute("""SELECT services.name, type, told_in = changes.id FROM changes
                         JOIN documents ON documents.id = document_id JOIN services ON services.id = service_id
                         WHERE decision = 'push' ORDER BY changes.id""").fetchall()
    assert rows == [
        ("Quillo", "Privacy Policy", 1),
        ("Quillo", "Terms of Service", 0),
        ("Brill", "Privacy Policy", 0),
        ("Other", "Privacy Policy", 1),
    ]


def test_one_that_says_more_has_its_own_message(db: Database) -> None:
    for document, more in ((POLICY, []), (TERMS, [NEVER])):
        look(db, 0 * DAY, OPENING, document.type, document=document)
        look(db, DAY, OPENING, document.type, TRAINS, *more, document=document)
        look(db, 2 * DAY, document=document, outcome="unchanged")
    decide(db, 3 * DAY)
    assert db.execute("SELECT count(*) FROM changes WHERE told_in = id").fetchone() == (2,)
