"""Digests: what was decided and not pushed, each row in one of them, however late it was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import digest, outbox
from archive.digest import Digest, Entry, Section, Span, Told
from archive.frames import frame
from archive.recording import now, record_document, set_language
from archive.reminders import Ahead
from archive.rows import value
from archive.settings import WEEK
from archive.silences import Silence
from archive.targets import Target
from archive.words import Decision, Document, Fact
from notify import as_text
from notify.digest import MOST, MOST_TOGETHER, letter
from notify.layout import Reader
from notify.wanting import watches
from tests.builders import (
    POLICY,
    WORDS,
    added,
    decide_anew,
    decided,
    flag,
    new_archive,
    paragraphs,
    pushed,
    put,
    version,
)

TERMS = replace(POLICY, type="Terms of Service", url="https://quillo.example/terms")
BRILL = Document("Brill", "Privacy Policy", "https://brill.example/privacy", "Brill & Sons")
THEIRS = replace(POLICY, origin="contrib")
HELD = "2026-03-09T06:10:00Z"


def recorded(
    db: Database, words: str, decision: Decision, document: Document = POLICY, *, flagged: bool = False
) -> int:
    """The id of a change of a document to these words, decided so."""
    edits = [added(WORDS, "", flag())] if flagged else []
    return decided(db, version(db, paragraphs(words, WORDS), 2, document), decision, *edits)


def everything(db: Database, services: Sequence[str] = ()) -> Digest:
    """All that was ever decided."""
    reader = Target("mail", "console:", services=tuple(services))
    span = Span("", now(), 0, 10**9, 0, 10**9)
    return digest.read(db, span, lambda row: watches(reader, row["service"], row["service_name"], row["region"]))


def body(found: Digest) -> str:
    return as_text.body(letter(found, Reader(frame())))


def title(found: Digest) -> str:
    return letter(found, Reader(frame())).title


def of(sections: Sequence[Section], told: Sequence[Section] = (), **more: Any) -> Digest:
    """A digest of a week in March."""
    counts: dict[str, Any] = {"pushed": 0, "together": [], "first_seen": 0, "read_anew": 0}
    return Digest("2026-03-01T06:00:00Z", "2026-03-08T06:10:00Z", told, sections, **counts | more)


def lines(found: Digest) -> dict[str, list[tuple[str, int]]]:
    """By document, each line's decision and how many changes it tells of."""
    return {section.document: [(one.decision, one.times) for one in section.entries] for section in found.documents}


def ends(db: Database, at: datetime, every: timedelta = WEEK) -> Span | None:
    return digest.over(db, every, at.strftime("%Y-%m-%dT%H:%M:%SZ"))


def told_of(db: Database, span: Span) -> list[int]:
    """The changes that lines of the span's digest speak for, and those that were pushed, as it stands now."""
    found = digest.read(db, span)
    return sorted(one.change_id for section in found.documents for one in section.entries)


def queued(db: Database) -> int:
    """The id of a digest that ends now."""
    span = ends(db, datetime.now(UTC) + WEEK)
    assert span
    return outbox.queue_digest(db, replace(span, until=now()), [])


def test_what_is_told_of_a_document(db: Database) -> None:
    recorded(db, "One.", Decision.BASELINE)
    recorded(db, "Two.", Decision.UNFLAGGED)
    held = put(db, recorded(db, "Three.", Decision.HELD, flagged=True), held_until=HELD)
    recorded(db, "Four.", Decision.QUARANTINED)
    recorded(db, "One.", Decision.UNFLAGGED, BRILL)
    found = everything(db)
    assert lines(found) == {
        "Quillo, Privacy Policy": [("held", 1), ("unflagged", 1), ("quarantined", 1)],
        "Brill & Sons, Privacy Policy": [("unflagged", 1)],
    }
    assert found.documents[0].entries[0] == Entry(
        held, "held", "because", "high", "Quillo may now train AI models on people’s data or content", HELD, 1
    )
    assert (found.changes, found.pushed, found.first_seen, found.read_anew) == (4, 0, 1, 0)


def test_documents_with_flags_come_first(db: Database) -> None:
    recorded(db, "One.", Decision.UNFLAGGED, BRILL)
    recorded(db, "One.", Decision.RETURNED, TERMS, flagged=True)
    recorded(db, "One.", Decision.UNFLAGGED)
    assert list(lines(everything(db))) == [
        "Quillo, Terms of Service",
        "Brill & Sons, Privacy Policy",
        "Quillo, Privacy Policy",
    ]


def test_a_page_that_flips_is_one_line_that_speaks_for_the_most_severe(db: Database) -> None:
    flips = [recorded(db, f"{n % 2}.", Decision.RETURNED, flagged=n == 3) for n in range(8)]
    cosmetic = [recorded(db, f"Cosmetic {n}.", Decision.COSMETIC) for n in range(2)]
    first, second = everything(db).documents[0].entries
    assert (first.change_id, first.severity, first.times) == (flips[3], "high", 8)
    assert (second.change_id, second.severity, second.times) == (cosmetic[-1], "", 2)


def test_held_ones_are_a_line_each_and_bad_captures_are_one(db: Database) -> None:
    for n in range(3):
        recorded(db, f"{n}.", Decision.HELD)
        wall = put(db, recorded(db, f"Wall {n}.", Decision.QUARANTINED), held_until=HELD)
    assert sorted(lines(everything(db))["Quillo, Privacy Policy"]) == [("held", 1)] * 3 + [("quarantined", 3)]
    assert everything(db).documents[0].entries[-1].change_id == wall


def test_what_was_pushed_is_counted_and_named_if_another_message_told_it(db: Database) -> None:
    first, second, alone = pushed(db), pushed(db, TERMS), pushed(db, BRILL)
    put(db, second, told_in=first)
    outbox.queue(db, first, [])
    found = everything(db)
    assert (found.documents, found.pushed, found.first_seen) == ([], 3, 3)
    assert found.together == [Told(second, "Quillo, Terms of Service", first, "Quillo, Privacy Policy")]
    assert value(db, "SELECT told_in FROM changes WHERE id = ?", alone) == alone


def test_documents_read_anew_are_counted(db: Database) -> None:
    for n in range(3):
        recorded(db, f"{n}.", Decision.TECHNICAL)
    assert (everything(db).documents, everything(db).read_anew) == ([], 1)


def test_the_records_of_others_are_not_told(db: Database) -> None:
    recorded(db, "One.", Decision.UNFLAGGED, THEIRS)
    pushed(db, replace(THEIRS, type="Imprint"))
    assert everything(db) == replace(everything(db), told=[], documents=[], pushed=0, first_seen=0)


def test_a_document_that_no_rule_reads_is_marked(db: Database) -> None:
    recorded(db, "Un.", Decision.UNFLAGGED)
    set_language(db, record_document(db, POLICY), "fr")
    found = everything(db)
    assert found.documents[0].not_read == "French"
    assert "Quillo, Privacy Policy (not read for meaning: French)\n  unflagged: because" in body(found)


def test_services_by_name_or_key_in_any_case(db: Database) -> None:
    recorded(db, "One.", Decision.UNFLAGGED)
    recorded(db, "One.", Decision.UNFLAGGED, BRILL)
    pushed(db, replace(BRILL, type="Imprint"))
    for name in ("brill & SONS", "BRILL"):
        found = everything(db, [name])
        assert (list(lines(found)), found.pushed) == (["Brill & Sons, Privacy Policy"], 1)
    assert len(everything(db, ["brill", "Quillo"]).documents) == 2
    assert everything(db, ["nobody"]).documents == []


def test_what_was_decided_lately(db: Database) -> None:
    put(db, recorded(db, "One.", Decision.UNFLAGGED), decided_at="2026-03-01T06:00:00Z")
    put(db, recorded(db, "One.", Decision.UNFLAGGED, TERMS), decided_at="2026-03-02T06:00:00Z")
    found = digest.recent(db, "2026-03-02T06:00:00Z", "2026-03-09T06:00:00Z")
    assert list(lines(found)) == ["Quillo, Terms of Service"]
    assert (found.since, found.until) == ("2026-03-02T06:00:00Z", "2026-03-09T06:00:00Z")


DAYS = datetime(2026, 3, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "now_", "is_over"),
    [
        (0, 6.9, False),
        (0, 7, True),
        (7.4, 13.9, False),
        (7.4, 14, True),  # one that ended late shifts no other
        (13.9, 14.1, False),  # after a very late one, the next is longer
        (13.9, 20.9, False),
        (13.9, 21, True),
        (7, 70, True),
        (7, 6.9, True),  # the clock was wrong, and has been set back
    ],
)
def test_spans_do_not_drift(last: float, now_: float, is_over: bool) -> None:
    at = [DAYS + timedelta(days=days) for days in (0, last, now_)]
    assert digest.is_over(at[0], at[1], at[2], WEEK) is is_over


def test_the_first_span_begins_with_the_first_text_of_ours(db: Database) -> None:
    pushed(db, THEIRS)
    assert ends(db, datetime.now(UTC) + 9 * WEEK) is None
    recorded(db, "One.", Decision.BASELINE)
    recorded(db, "Two.", Decision.UNFLAGGED)
    first = value(db, "SELECT min(recorded_at) FROM versions WHERE document_id = 2")
    assert ends(db, datetime.now(UTC)) is None
    span = ends(db, datetime.now(UTC) + WEEK)
    assert span and span.since == first
    found = digest.read(db, span)
    assert (lines(found), found.first_seen) == ({"Quillo, Privacy Policy": [("unflagged", 1)]}, 1)


def test_the_first_span_of_an_old_archive_goes_back_two_spans(db: Database) -> None:
    old, new = recorded(db, "One.", Decision.UNFLAGGED), recorded(db, "One.", Decision.UNFLAGGED, BRILL)
    recorded_at = "UPDATE versions SET recorded_at = ? WHERE id = (SELECT after_version_id FROM changes WHERE id = ?)"
    db.execute(recorded_at, ("2024-01-01T00:00:00Z", old))
    db.execute(recorded_at, ("2026-02-20T00:00:00Z", new))
    span = ends(db, DAYS)
    assert span == Span("2026-02-15T06:00:00Z", "2026-03-01T06:00:00Z", old, new, 0, 0)
    later = ends(db, DAYS + 9 * WEEK)
    assert later and told_of(db, later) == []


def test_a_row_that_is_late_is_in_the_next_digest(db: Database) -> None:
    """It was seen, and by its time decided, before the digest that did not have it."""
    recorded(db, "One.", Decision.BASELINE)
    waiting = version(db, paragraphs("Two."), 2, BRILL)
    first = digest.kept(db, queued(db))
    late = put(db, decided(db, waiting, Decision.UNFLAGGED), decided_at="2026-03-02T06:00:00Z")
    assert told_of(db, first) == []
    assert told_of(db, digest.kept(db, queued(db))) == [late]
    assert told_of(db, digest.kept(db, queued(db))) == []


def test_what_is_decided_anew_is_told_again_and_earlier_digests_stay_as_they_were(db: Database) -> None:
    change = put(db, recorded(db, "One.", Decision.HELD, flagged=True), held_until=HELD)
    first = digest.kept(db, queued(db))
    then = digest.read(db, first)
    decide_anew(db, change, Decision.UNFLAGGED, "over before it was confirmed", decided_at="2026-03-01T06:00:00Z")
    second = digest.kept(db, queued(db))
    assert digest.read(db, first) == then
    [section] = digest.read(db, second).documents
    assert [(one.decision, one.reason, one.held_until) for one in section.entries] == [
        ("unflagged", "over before it was confirmed", None)
    ]
    assert told_of(db, digest.kept(db, queued(db))) == []


def test_a_digest_stays_as_it_was_when_a_text_leaves_quarantine(db: Database) -> None:
    change = put(db, recorded(db, "One.", Decision.QUARANTINED), held_until=HELD)
    first = digest.kept(db, queued(db))
    then = digest.read(db, first)
    decide_anew(db, change, Decision.PUSH, severity="high", line="Quillo may now train", told_in=change)
    assert digest.read(db, first) == then
    assert then.documents[0].entries == [Entry(change, "quarantined", "because", "", "", HELD, 1)]


def test_a_digest_stays_as_it_was_when_a_change_is_told_with_another_later(db: Database) -> None:
    first, second = pushed(db), pushed(db, TERMS)
    put(db, second, told_in=None)
    span = replace(digest.kept(db, queued(db)), until="2026-03-02T06:00:00Z")
    then = digest.read(db, span)
    put(db, second, told_in=first)
    outbox.queue(db, first, [])
    assert digest.read(db, span) == then
    assert (then.pushed, then.together) == (2, [])


def test_texts_that_a_wrong_clock_has_recorded_begin_no_span_in_the_future(db: Database) -> None:
    recorded(db, "One.", Decision.BASELINE)
    span = ends(db, DAYS)
    assert span and (span.since, span.until) == ("2026-03-01T06:00:00Z",) * 2


def test_a_wrong_clock_that_was_set_back(db: Database) -> None:
    recorded(db, "One.", Decision.BASELINE)
    span = ends(db, datetime(2999, 1, 1, tzinfo=UTC))
    assert span
    outbox.queue_digest(db, span, [])
    late = recorded(db, "Two.", Decision.UNFLAGGED)
    again = ends(db, DAYS)
    assert again and (again.since, again.until) == ("2026-03-01T06:00:00Z",) * 2
    assert told_of(db, again) == [late]


STEPS = st.lists(st.one_of(st.just(-1), st.integers(0, 5)), max_size=14)


@settings(max_examples=30)
@given(STEPS)
def test_every_decision_is_in_one_digest_which_never_changes(steps: list[int]) -> None:
    """-1 ends a span, 0 records a change, another number decides an earlier one anew."""
    with new_archive() as db:
        recorded(db, "First.", Decision.BASELINE)
        changes, since, digests = list[int](), set[int](), list[tuple[Span, Digest]]()
        for n, step in enumerate([*steps, -1]):
            if step < 0:
                span = digest.kept(db, queued(db))
                digests.append((span, digest.read(db, span)))
                assert told_of(db, span) == sorted(since)
                since = set()
            elif step == 0 or not changes:
                changes.append(recorded(db, f"{n}.", Decision.HELD))
                since.add(changes[-1])
            else:
                decide_anew(db, changes[step % len(changes)], Decision.HELD, f"look {n}")
                since.add(changes[step % len(changes)])
        assert [digest.read(db, span) for span, _ in digests] == [found for _, found in digests]


FLIPS = Entry(40, "returned", "this very text stood here before", "", "", None, 14)
WAITS = Entry(12, "held", "it is new", "high", "Quillo may now train AI models", HELD, 1)
WALL = Entry(13, "quarantined", "only 6 of 66 words are left", "", "", HELD, 1)


def test_a_digest_as_people_read_it() -> None:
    sections = [Section("Quillo, Privacy Policy", "", [WAITS, FLIPS]), Section("Brill, Imprint", "French", [WALL])]
    together = [Told(44, "Facet, Terms", 43, "Quillo, Terms")]
    pushes = [Section("Quillo, Terms", "", [replace(WAITS, change_id=43, decision="push", held_until=None)])]
    told = of(sections, pushes, pushed=2, together=together, first_seen=1, read_anew=2)
    assert title(told) == "Digest of 2026-03-01 to 2026-03-08: 1 change told; 16 changes recorded, not pushed"
    assert body(told) == (
        "Told\n"
        "Quillo, Terms\n"
        "  high: Quillo may now train AI models (change 43)\n"
        "\n"
        "Recorded, not pushed\n"
        "Quillo, Privacy Policy\n"
        "  high: Quillo may now train AI models (held until 2026-03-09 06:10 UTC: it is new) (change 12)\n"
        "  returned, 14 times: this very text stood here before (change 40)\n"
        "Brill, Imprint (not read for meaning: French)\n"
        "  quarantined until 2026-03-09 06:10 UTC: only 6 of 66 words are left (change 13)\n"
        "Facet, Terms was told with Quillo, Terms.\n"
        "1 document recorded for the first time.\n"
        "2 documents read anew, with newer rules."
    )


def test_not_all_that_was_told_with_others_is_named() -> None:
    together = [Told(n, "Facet, Terms", 43, "Quillo, Terms") for n in range(100, 103 + MOST_TOGETHER)]
    told = body(of([], pushed=30, together=together)).split("\n")
    assert len(told) == 1 + MOST_TOGETHER
    assert told[-1] == "… and 3 more were told with others."


def test_a_digest_without_anything() -> None:
    told = of([])
    assert title(told).endswith(": 0 changes recorded, not pushed")
    assert body(told) == "Nothing was recorded."


def test_a_long_digest_ends_with_how_many_more() -> None:
    sections = [Section(f"Quillo, Policy {n}", "", [FLIPS]) for n in range(60)]
    told = body(of(sections)).split("\n")
    assert told[MOST:] == [f"  {told[2].strip()}", "… and 140 more: smallprint history SERVICE"]
    odd = [Section("Quillo, Imprint", "", [FLIPS, FLIPS]), *sections]
    told = body(of(odd)).split("\n")
    assert told[MOST - 1 :] == [f"  {told[2].strip()}", "… and 168 more: smallprint history SERVICE"]


def test_public_readers_are_told_of_no_commands() -> None:
    sections = [Section(f"Quillo, Policy {n}", "", [FLIPS]) for n in range(60)]
    pushes = [Section("Quillo, Terms", "", [replace(WAITS, decision="push", held_until=None)])]
    text = as_text.body(letter(of(sections, pushes), Reader(frame(), public=True)))
    assert "\n… and 140 more\n" in f"{text}\n"
    assert "smallprint" not in text and "(change " not in text


def test_what_cannot_be_read_and_what_applies_soon_as_people_read_it() -> None:
    place = ("quillo", "Quillo", "Quillo, Imprint", "")
    silent = [
        Silence(1, 1, "blocked", "", "a wall", "2026-03-02T06:00:00Z", 1, None, *place),
        Silence(2, None, "network", "", "", "2026-03-03T06:00:00Z", 2, None, "", "", "", ""),
    ]
    soon = [Ahead(43, "2026-04-01", "2026-03-02T06:00:00Z", "Quillo, Terms", *place[:2], "", "high", "Quillo may now")]
    told = replace(of([]), silent=silent, soon=soon)
    assert title(told).endswith(": 0 changes recorded, not pushed; 2 documents not readable")
    assert body(told) == (
        "Cannot be read\n"
        "  Quillo, Imprint: refuses to be read since 2026-03-02: a wall\n"
        "  Nothing can be reached since 2026-03-03\n"
        "\n"
        "Applies soon\n"
        "  2026-04-01: Quillo, Terms: Quillo may now"
    )


def test_what_applies_soon_is_told_in_every_digest_until_then(db: Database) -> None:
    words = f"{WORDS} This applies from 2026-04-01."
    decided(db, version(db, paragraphs("Hello."), 1), Decision.BASELINE)
    edit = added(words, "", flag(), facts=[Fact("effective", "2026-04-01", "from")])
    outbox.queue(db, decided(db, version(db, paragraphs("Hello.", words), 2), Decision.PUSH, edit), [])
    days = {"2026-01-01": 0, "2026-03-08": 1, "2026-03-31": 1, "2026-04-01": 0}
    spans = [Span("", f"{day}T06:00:00Z", 0, 0, 0, 0) for day in days]
    assert [len(digest.read(db, span).soon) for span in spans] == list(days.values())
    reader = Target("mail", "console:", services=("brill",))
    assert digest.read(db, spans[1], lambda row: watches(reader, row["service"], row["service_name"], "")).soon == []
