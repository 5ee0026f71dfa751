"""Changes: every version is compared once, with the last text that was believed, and kept whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlite_utils import Database

from archive import reports
from archive.changes import Verdict, pending_count, pending_documents, record_change
from archive.recording import text_hash
from archive.rows import value
from archive.words import Decision, Document, Edit, EditKind, Fact, Mechanism, Reading, Relink, Topic
from tests.builders import DAY, WORDS, added, decided, flag, paragraphs, pending_of, version

TABLES = ("changes", "edits", "flags", "facts")
TERMS = Document("Quillo", "Terms of Service", "https://quillo.example/terms")


def counts(db: Database) -> list[int]:
    return [value(db, f"SELECT count(*) FROM {table}") for table in TABLES]


def texts(db: Database, days: Sequence[int], *texts: str, decision: Decision = Decision.UNFLAGGED) -> list[int]:
    """Versions of one sentence each, decided but for the last."""
    made = [version(db, paragraphs(text), day) for day, text in zip(days, texts, strict=True)]
    for identity in made[:-1]:
        decided(db, identity, decision)
    return made


def test_every_version_waits_until_it_is_compared(db: Database) -> None:
    first, second = version(db, paragraphs("Hello.")), version(db, paragraphs("Bye."), 2)
    assert (pending_documents(db), pending_count(db)) == ([1], 2)
    decided(db, first, Decision.BASELINE)
    assert (pending_documents(db), pending_count(db)) == ([1], 1)
    decided(db, second, Decision.PUSH)
    assert (pending_documents(db), pending_count(db)) == ([], 0)


def test_a_first_version_has_nothing_before_it(db: Database) -> None:
    pending = pending_of(db, version(db, paragraphs("Hello."), 5))
    assert (pending.before_id, pending.before, pending.after) == (None, (), tuple(paragraphs("Hello.")))
    assert (pending.seen_at, pending.technical, pending.recent) == (DAY.format(5), False, frozenset())
    assert pending.text_hash == text_hash(paragraphs("Hello."))


def test_a_version_is_compared_with_the_one_before_of_its_document(db: Database) -> None:
    first = version(db, paragraphs("Hello."))
    decided(db, first, Decision.BASELINE)
    decided(db, version(db, paragraphs("Terms."), 2, TERMS), Decision.BASELINE)
    pending = pending_of(db, version(db, paragraphs("Hello there."), 3, technical=True))
    assert (pending.before_id, pending.before, pending.technical) == (first, tuple(paragraphs("Hello.")), True)


def test_after_a_quarantine_the_last_believed_text_counts(db: Database) -> None:
    first = version(db, paragraphs("A long policy."), 1)
    decided(db, first, Decision.BASELINE)
    decided(db, version(db, paragraphs("A wall."), 2), Decision.QUARANTINED)
    decided(db, version(db, paragraphs("Another wall."), 3), Decision.QUARANTINED)
    pending = pending_of(db, version(db, paragraphs("A longer policy."), 4))
    assert (pending.before_id, pending.before) == (first, tuple(paragraphs("A long policy.")))


def test_a_text_is_recent_while_it_stood_within_the_memory(db: Database) -> None:
    *_, last = texts(db, [1, 20, 28, 30], "A.", "B.", "C.", "D.")
    # A stood until the 20th, B until the 28th, C until this version.
    assert pending_of(db, last, timedelta(days=9)).recent == {text_hash(paragraphs(text)) for text in ("B.", "C.")}
    assert pending_of(db, last, timedelta(days=10)).recent == {
        text_hash(paragraphs(text)) for text in ("A.", "B.", "C.")
    }


def test_a_quarantined_text_is_not_one_that_returns(db: Database) -> None:
    *_, last = texts(db, [1, 2, 3], "A.", "B.", "C.", decision=Decision.QUARANTINED)
    assert pending_of(db, last).recent == frozenset()


def test_a_change_is_kept_as_it_was_judged(db: Database) -> None:
    decided(db, version(db, paragraphs("Hello.", "You agree.")), Decision.BASELINE)
    after = version(db, paragraphs("Hello.", "You may refuse.", WORDS), 2)
    links = (Relink("here", "https://a.example/old", ""), Relink("there", "", "https://a.example/new"))
    reworded = Edit(EditKind.CHANGED, "Your data › AI", "You agree.", "You may refuse.", links, same_words=True)
    consent = flag("You may refuse", Topic.CONSENT, "after", mechanisms=(Mechanism.OPT_OUT, Mechanism.DEFAULT))
    edits = [
        (reworded, Reading((consent,), (Fact("optout", "Settings", "in Settings"),))),
        added(WORDS, "AI", flag(), flag("train", Topic.AI_TRAINING, "before")),
        (Edit(EditKind.REMOVED, "", "Hello.", ""), Reading()),
    ]
    report = reports.change(db, decided(db, after, Decision.PUSH, *edits))
    assert report is not None
    assert list(report.edits) == edits
    assert (report.decision, report.reason) == ("push", "because")


def test_a_change_is_recorded_once(db: Database) -> None:
    made = version(db, paragraphs("Hello."))
    pending = pending_of(db, made)
    first = record_change(db, pending, Verdict(Decision.BASELINE, "first"))
    before = counts(db)
    assert record_change(db, pending, Verdict(Decision.PUSH, "second", [added("Hello.", "", flag())])) == first
    assert counts(db) == before


def test_a_change_is_stored_whole_or_not_at_all(db: Database) -> None:
    pending = pending_of(db, version(db, paragraphs(WORDS)))
    broken = Verdict(Decision.PUSH, "because", [added(WORDS, "", flag(), facts=[Fact("optout", None, "")])])  # type: ignore[arg-type]
    with pytest.raises(Exception, match="NOT NULL"):
        record_change(db, pending, broken)
    assert counts(db) == [0, 0, 0, 0]
    assert pending_count(db) == 1


def outline(db: Database, change: int) -> tuple[str, str]:
    return tuple(db.execute("SELECT severity, line FROM changes WHERE id = ?", (change,)).fetchone())  # type: ignore[return-value]


@pytest.mark.parametrize("decision", [Decision.PUSH, Decision.RETURNED, Decision.HELD])
def test_a_flagged_change_is_weighed_and_told(db: Database, decision: Decision) -> None:
    decided(db, version(db, paragraphs("Hello.")), Decision.BASELINE)
    consent = flag("Opt out here.", Topic.CONSENT, mechanisms=(Mechanism.OPT_OUT,))
    edits = [added("Hello."), added(f"{WORDS} Opt out here.", "", flag(), consent)]
    change = decided(db, version(db, paragraphs(WORDS), 2), decision, *edits)
    told = "Quillo may now train AI models on people’s data or content; also now lets you opt out"
    assert outline(db, change) == ("high", told)
    assert db.execute("SELECT severity FROM flags ORDER BY id").fetchall() == [("high",), ("medium",)]
    for view in ("flagged_changes", "decided_changes"):
        assert next(iter(db.query(f"SELECT severity, line FROM {view}"))) == {"severity": "high", "line": told}


@pytest.mark.parametrize("decision", [Decision.BASELINE, Decision.TECHNICAL])
def test_what_nobody_changed_is_not_told(db: Database, decision: Decision) -> None:
    change = decided(db, version(db, paragraphs(WORDS)), decision, added(WORDS, "", flag()))
    assert outline(db, change) == ("", "")
    assert value(db, "SELECT severity FROM flags") == "high"


def test_a_change_without_flags_has_no_line(db: Database) -> None:
    decided(db, version(db, paragraphs("Hello.")), Decision.BASELINE)
    fact = Fact("effective", "2026-05-01", "From 1 May.")
    assert outline(db, decided(db, version(db, paragraphs("Bye."), 2), Decision.UNFLAGGED, added(facts=[fact]))) == (
        "",
        "",
    )


def test_reasons_and_codes_are_kept(db: Database) -> None:
    why, codes = flag(why="train near models +0.60"), Fact("exempt", "the EU and UK", "Not there.", ("EU", "GB"))
    decided(db, version(db, paragraphs("Hello.")), Decision.BASELINE)
    edit = added(WORDS, "", why, facts=[codes])
    change = decided(db, version(db, paragraphs(WORDS), 2), Decision.PUSH, edit)
    assert outline(db, change)[1].endswith("; not in the EU and UK")
    report = reports.change(db, change)
    assert report is not None
    assert list(report.edits) == [edit]
    again = decided(db, version(db, paragraphs("Bye."), 3), Decision.PUSH, edit)
    assert value(db, "SELECT count(DISTINCT edit_id) FROM change_edits") == 1
    other = replace(why, why="train near models +0.50")
    decided(db, version(db, paragraphs("Hello."), 4), Decision.PUSH, added(WORDS, "", other, facts=[codes]))
    assert value(db, "SELECT count(DISTINCT edit_id) FROM change_edits") == 2
    assert again == 3
