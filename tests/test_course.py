"""The gate over time, on generated histories: nothing is lost, kills change nothing, and nobody waits for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive.placements import text_of
from archive.places import RULES
from archive.recording import record_document, record_fetch, record_version
from archive.settings import Waits
from archive.words import Document, Fetch, Outcome, Snapshot
from diffing.rules import load
from diffing.run import diff
from tests.builders import POLICY, new_archive, paragraphs

THEIRS = replace(POLICY, origin="Open Terms Archive")
START = datetime(2026, 3, 1, tzinfo=UTC)
WAITS = Waits()
OPENING = "Quillo keeps notes for people who write, and this page says what happens to them."
SPEAKING = (
    "We may use your notes to train our AI models.",
    "By using Quillo you agree that advertisers receive your address book and location.",
    "Photos, voice recordings and drafts are given to Brill Ltd, which develops machine learning models with them.",
)
SILENT = ("You can export your notes.", "The office is in Oslo.", "Ask us by mail.")
GAPS = [timedelta(minutes=m) for m in (3, 12, 60, 12 * 60, 25 * 60, 80 * 60, 40 * 24 * 60)]
KNOWN = load(RULES)

texts = st.lists(st.sampled_from(SPEAKING + SILENT), unique=True, max_size=4)
histories = st.lists(st.tuples(st.sampled_from(GAPS), texts), min_size=2, max_size=9)
# Two that were decided otherwise after a restart: what went was told meanwhile; an older text stood in quarantine.
M, H = timedelta(minutes=1), timedelta(hours=1)
TOLD = [(3 * M, [*SPEAKING[:2]]), (12 * M, [*SPEAKING[:1]]), (3 * M, [*SPEAKING[:2]]), (3 * M, []), (25 * H, [])]
SHORT = [
    (40 * 24 * H, [*SPEAKING[1:], *SILENT[1:]]),
    (25 * H, [SPEAKING[1], SILENT[0], SPEAKING[0]]),
    (H, [SILENT[1], SILENT[0], *SPEAKING[1:]]),
    (H, [SPEAKING[0]]),
    (12 * H, []),
]
few = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Look:
    """A look at the document: when, and what it said."""

    at: datetime
    passages: tuple[str, ...]


def looks_of(history: Sequence[tuple[timedelta, list[str]]], first: Sequence[str] = ()) -> list[Look]:
    """The looks one after the other; the first text holds nothing that is flagged but what is given."""
    found = [Look(START, (OPENING, *first))]
    for gap, passages in history:
        found.append(Look(found[-1].at + gap, (OPENING, *passages)))
    return found


def record(db: Database, look: Look, policy: Document = POLICY) -> None:
    """What a crawl, or an import, keeps of a look."""
    document = record_document(db, policy)
    body = Snapshot("\n".join(look.passages).encode(), "text/plain")
    at = look.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    newest = db.conn.execute("SELECT max(id) FROM versions").fetchone()[0]
    known = newest and [p.text for p in text_of(db, newest)] == list(look.passages)
    outcome = Outcome.UNCHANGED if known else Outcome.RECORDED
    fetch = record_fetch(db, document, 0, Fetch(POLICY.url, at, outcome), body)
    if not known:
        record_version(db, document, [fetch], paragraphs(*look.passages), "rules 1")


def decide(db: Database, now: datetime, most: int | None = None) -> None:
    """Decides, and is stopped after so many decisions."""
    for done, _ in enumerate(diff(db, KNOWN, WAITS, now), 1):
        if done == most:
            return


def decisions(db: Database) -> list[tuple[Any, ...]]:
    """Everything that was decided, by whatever ids it has."""
    changes = """SELECT after_version_id, decision, reason, decided_at, held_until, told_version_id, recent_since,
                 before_version_id, told_in = id FROM changes ORDER BY id"""
    marks = (
        "SELECT after_version_id, place, news FROM change_edits JOIN changes ON changes.id = change_id ORDER BY 1, 2"
    )
    earlier = """SELECT after_version_id, e.decision, e.reason, e.decided_at, e.held_until FROM earlier_decisions e
                 JOIN changes ON changes.id = change_id ORDER BY 1, 4, 2"""
    return [row for sql in (changes, marks, earlier) for row in db.conn.execute(sql).fetchall()]


def told(db: Database) -> list[tuple[str, str, str]]:
    """What was told: when, which words came, which went."""
    sql = """SELECT decided_at, coalesce(after.text, ''), coalesce(before.text, '') FROM changes
             JOIN change_edits ON change_id = changes.id AND news = 1 JOIN edits ON edits.id = edit_id
             LEFT JOIN passages after ON after.id = after_passage_id
             LEFT JOIN passages before ON before.id = before_passage_id
             WHERE decision = 'push' ORDER BY decided_at"""
    return db.conn.execute(sql).fetchall()


@few
@given(histories, st.lists(st.integers(0, 5), min_size=10, max_size=10), st.sampled_from((POLICY, THEIRS)))
@example(TOLD, [1] * 10, POLICY)
@example(SHORT, [5, 5, 3, 1, 4, 2, 5, 2, 2, 5], THEIRS)
def test_kills_and_late_runs_change_no_decision(
    history: list[tuple[timedelta, list[str]]], stops: list[int], document: Document
) -> None:
    looks = looks_of(history)
    end = looks[-1].at + timedelta(days=100)
    with new_archive() as steady, new_archive() as late, new_archive() as killed:
        for look, stop in zip(looks, stops, strict=False):
            for db in (steady, late, killed):
                record(db, look, document)
            decide(steady, look.at)
            if stop:
                decide(killed, look.at, stop - 1)
        for db in (steady, late, killed):
            decide(db, end)
        assert decisions(steady) == decisions(late) == decisions(killed)


@few
@given(histories)
def test_nothing_that_was_recorded_is_lost_or_altered(history: list[tuple[timedelta, list[str]]]) -> None:
    looks = looks_of(history)
    with new_archive() as db:
        for look in looks:
            record(db, look)
        tables = ("versions", "passages", "placements", "fetches", "snapshots", "bodies", "version_fetches")
        before = {table: db.conn.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables}
        for look in looks:
            decide(db, look.at)
        decide(db, looks[-1].at + timedelta(days=100))
        assert before == {t: db.conn.execute(f"SELECT * FROM {t} ORDER BY 1, 2").fetchall() for t in tables}
        assert db.table("changes").count == db.table("versions").count
        assert db.execute("SELECT count(*) FROM changes WHERE held_until IS NOT NULL").fetchone() == (0,)


@few
@given(histories, st.sampled_from(SPEAKING))
def test_no_passage_that_stays_goes_untold(history: list[tuple[timedelta, list[str]]], words: str) -> None:
    """Whatever the page does beside it, a passage that is new and stays is told within the longest wait."""
    quiet = [(gap, [text for text in passages if text != words]) for gap, passages in history]
    looks = looks_of(quiet)
    came = Look(looks[-1].at + timedelta(hours=1), (*looks[-1].passages, words))
    stays = [Look(came.at + WAITS.longest * n, (*looks[-n].passages, words)) for n in (1, 2)]
    with new_archive() as db:
        for look in (*looks, came, *stays):
            record(db, look)
            decide(db, look.at)
        times = [at for at, after, _ in told(db) if after == words]
        assert times
        assert datetime.fromisoformat(times[0]) <= came.at + WAITS.longest


@few
@given(histories)
def test_a_passage_is_told_once_in_ninety_days(history: list[tuple[timedelta, list[str]]]) -> None:
    """Its coming, that is; that it went, and came back after a month, is another story."""
    looks = looks_of(history)
    with new_archive() as db:
        for look in looks:
            record(db, look)
        decide(db, looks[-1].at + timedelta(days=100))
        for words in SPEAKING:
            heard = [
                (datetime.fromisoformat(at), after == words)
                for at, after, before in told(db)
                if words in (after, before)
            ]
            for (first, came), (second, again) in pairwise(heard):
                assert came is not again or second - first >= timedelta(days=90)
