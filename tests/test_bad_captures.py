"""Bad captures are never a version and never a change: each is kept with its outcome, its evidence and its page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlite_utils import Database

from archive import recording
from archive.places import RULES
from archive.words import Decision, Fetch, Outcome, Snapshot
from crawler import extraction, pipelines, reading
from crawler.declaration import Declaration, Source
from crawler.visit import Visit
from diffing import rules, run
from tests.builders import AT_ONCE
from tests.crawling import declared, page
from tests.languages import TEXTS
from tests.test_reading import outcomes, versions

URL, SECOND = "https://gantry.example/one", "https://gantry.example/two"
ONE, TWO = declared("Policy", URL), declared("Policy", URL, SECOND)
WORDS = "We keep what you write and train our models with it unless you object. "
LONG, SHORT, SHORTER = page(WORDS * 6, WORDS * 4), page(WORDS * 2), page(WORDS)
SECOND_LONG = page("The second page says how to object. " * 12)
CHALLENGE = b"<title>Just a moment...</title><main></main><script>window._cf_chl_opt={}</script>"
MISSING = b"<title>Page not found | Gantry</title><main><h1>Page not found</h1><p>Try the search.</p></main>"
LOGIN = b"<title>Log in</title><main><h1>Log in</h1><form><input type=password></form></main>"


def seen(declaration: Declaration, part: int, body: bytes | None, hour: int, final: str = "") -> Visit:
    """What the spider would hand on, so many hours after the first of March; None: not modified."""
    url, at = declaration.sources[part].fetch, f"2026-03-{1 + hour // 24:02}T{hour % 24:02}:00:00Z"
    outcome = Outcome.NOT_MODIFIED if body is None else Outcome.FETCHED
    fetch = Fetch(url, at, outcome, status=304 if body is None else 200, final_url=final or url)
    return Visit(declaration, part, fetch, Snapshot(body, "text/html", url) if body else None)


def look(
    db: Database, declaration: Declaration, *bodies: bytes | None, hour: int = 0, final: str = ""
) -> list[tuple[Outcome, str]]:
    """How a look at all pages ended."""
    visits = [seen(declaration, part, body, hour, final) for part, body in enumerate(bodies)]
    kept = [(pipelines.keep(db, visit), visit) for visit in visits]
    ended = pipelines.conclude(db, kept, pipelines.look_at(db, kept))
    return [(visit.fetch.outcome, visit.fetch.detail) for visit in ended]


RECORDED, UNCHANGED = [(Outcome.RECORDED, "")], [(Outcome.UNCHANGED, "")]
SHRUNK = [(Outcome.SUSPECT, "only 28 of 140 words are left")]


@pytest.mark.parametrize(
    ("body", "outcome", "evidence"),
    [
        (CHALLENGE, Outcome.BLOCKED, "Cloudflare"),
        (MISSING, Outcome.UNREACHABLE, "“Page not found"),
        (LOGIN, Outcome.BLOCKED, "“Log in”"),
        (b"<script>go()</script><main></main>", Outcome.UNEXTRACTABLE, "next to nothing but scripts"),
    ],
)
def test_a_wall_is_recorded_with_its_evidence_and_its_page(
    db: Database, body: bytes, outcome: Outcome, evidence: str
) -> None:
    assert look(db, ONE, LONG) == RECORDED
    ((told, detail),) = look(db, ONE, body, hour=24)
    assert told is outcome
    assert evidence in detail
    (row,) = db.query("SELECT outcome, detail, snapshot_id FROM fetches ORDER BY id DESC LIMIT 1")
    assert (row["outcome"], row["detail"]) == (str(outcome), detail)
    assert row["snapshot_id"] is not None
    assert look(db, ONE, LONG, hour=48) == UNCHANGED
    assert len(versions(db)) == 1


def test_a_wall_at_the_first_look_is_no_version(db: Database) -> None:
    assert look(db, ONE, MISSING)[0][0] is Outcome.UNREACHABLE
    assert versions(db) == []


def test_a_wall_that_waits_in_the_archive_is_told_when_it_is_read(db: Database) -> None:
    pipelines.keep(db, seen(ONE, 0, MISSING, 0))
    pipelines.prepare(db, ONE)
    assert outcomes(db) == ["unreachable"]


def test_one_bad_page_makes_no_version_and_lets_the_others_wait(db: Database) -> None:
    ended = look(db, TWO, LONG, MISSING)
    assert ended[0] == (Outcome.FETCHED, reading.INCOMPLETE)
    assert ended[1][0] is Outcome.UNREACHABLE
    assert outcomes(db) == ["fetched", "unreachable"]
    pipelines.prepare(db, TWO)
    assert versions(db) == []
    assert look(db, TWO, LONG, SECOND_LONG, hour=24) == RECORDED * 2


def test_a_shrunk_page_is_no_version(db: Database) -> None:
    look(db, ONE, LONG)
    assert look(db, ONE, SHORT, hour=12) == SHRUNK
    assert look(db, ONE, LONG, hour=24) == UNCHANGED
    assert look(db, ONE, page(WORDS * 5), hour=36) == RECORDED
    assert len(versions(db)) == 2


def test_a_page_that_shrank_for_good_is_believed_after_three_fetches_over_two_days(db: Database) -> None:
    look(db, ONE, LONG)
    told = [look(db, ONE, SHORT + b"<!-- %d -->" % hour, hour=hour) for hour in (24, 48, 71, 72, 96)]
    assert told == [SHRUNK, SHRUNK, SHRUNK, RECORDED, UNCHANGED]
    assert len(versions(db)) == 2
    assert outcomes(db) == ["recorded", *["suspect"] * 3, "recorded", "unchanged"]


def test_bad_captures_are_no_changes_and_a_believed_one_is_compared_as_any_other(db: Database) -> None:
    for hour, body in enumerate([LONG, CHALLENGE, MISSING, LOGIN, SHORT]):
        look(db, ONE, body, hour=hour)
    decided = [verdict.decision for _, verdict in run.diff(db, rules.load(RULES))]
    assert decided == [Decision.BASELINE]
    for hour in (24, 52):
        look(db, ONE, SHORT, hour=hour)
    ((_, verdict),) = run.diff(db, rules.load(RULES), AT_ONCE)
    assert verdict.decision is not Decision.QUARANTINED


@pytest.mark.parametrize("between", [LONG, None])
def test_the_long_page_in_between_begins_the_count_anew(db: Database, between: bytes | None) -> None:
    look(db, ONE, LONG)
    assert [look(db, ONE, SHORT, hour=hour) for hour in (24, 48)] == [SHRUNK] * 2
    look(db, ONE, between, hour=60)
    assert [look(db, ONE, SHORT, hour=hour) for hour in (72, 96, 119)] == [SHRUNK] * 3
    assert look(db, ONE, SHORT, hour=120) == RECORDED


def test_walls_and_shorter_texts_in_between_say_nothing(db: Database) -> None:
    look(db, ONE, LONG)
    bodies = [SHORT, CHALLENGE, SHORT, SHORTER, SHORT]
    told = [look(db, ONE, body, hour=24 * day)[0][0] for day, body in enumerate(bodies, 1)]
    assert told == ["suspect", "blocked", "suspect", "suspect", "recorded"]


def test_the_same_doubted_bytes_are_read_once_a_look(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    look(db, ONE, LONG)
    for hour in range(1, 9):
        look(db, ONE, SHORT, hour=hour)
    read, extract = list[bytes](), extraction.extract
    monkeypatch.setattr(extraction, "extract", lambda body, *more: read.append(body) or extract(body, *more))
    look(db, ONE, SHORT, hour=10)
    assert len(read) == 2


def test_one_page_of_several_that_shrank_is_the_bad_one(db: Database) -> None:
    look(db, TWO, LONG, SECOND_LONG)
    ended = look(db, TWO, LONG + b"<!-- new -->", page("How to object."), hour=24)
    assert ended == [(Outcome.FETCHED, reading.INCOMPLETE), (Outcome.SUSPECT, "only 3 of 84 words are left")]
    assert len(versions(db)) == 1


def test_one_page_of_several_that_shrank_for_good_is_believed(db: Database) -> None:
    look(db, TWO, LONG, SECOND_LONG)
    told = [look(db, TWO, LONG, page("How to object."), hour=24 * day)[1][0] for day in (1, 2, 3)]
    assert told == [Outcome.SUSPECT, Outcome.SUSPECT, Outcome.RECORDED]


def test_another_address_in_the_declaration_is_compared_with_nothing(db: Database) -> None:
    look(db, ONE, LONG)
    assert look(db, declared("Policy", SECOND), SHORT, hour=24) == RECORDED


def test_newer_selectors_may_leave_out_most_of_the_same_page(db: Database) -> None:
    both = LONG.replace(b"</main>", b"</main><aside><p>Ask us first.</p></aside>")
    look(db, ONE, both)
    newer = Declaration(ONE.document, (Source(URL, select=("aside",)),))
    pipelines.prepare(db, newer)
    assert [technical for technical, _ in versions(db)] == [0, 1]


ENGLISH, GERMAN = (page(*[f"{TEXTS[code]} {number}" for number in range(3)]) for code in ("en", "de"))
IN_GERMAN = "the page is in German, the document in English"


def test_another_language_is_no_version(db: Database) -> None:
    look(db, ONE, ENGLISH)
    assert look(db, ONE, GERMAN, hour=24) == [(Outcome.SUSPECT, IN_GERMAN)]
    assert look(db, ONE, ENGLISH, hour=36) == UNCHANGED
    assert len(versions(db)) == 1


def test_a_declared_language_is_expected_from_the_first_page_on(db: Database) -> None:
    english = replace(ONE, document=replace(ONE.document, language="en-GB"))
    assert look(db, english, GERMAN) == [(Outcome.SUSPECT, IN_GERMAN)]
    assert look(db, english, ENGLISH, hour=24) == RECORDED
    assert look(db, ONE, GERMAN, hour=48) == [(Outcome.SUSPECT, IN_GERMAN)]


def test_a_first_page_in_any_language_is_recorded_where_none_is_declared(db: Database) -> None:
    assert look(db, ONE, GERMAN) == RECORDED


def test_a_language_that_was_changed_for_good_is_believed_and_then_stands(db: Database) -> None:
    english = replace(ONE, document=replace(ONE.document, language="en"))
    look(db, english, ENGLISH)
    told = [look(db, english, GERMAN, hour=24 * day)[0][0] for day in (1, 2, 3)]
    assert told == [Outcome.SUSPECT, Outcome.SUSPECT, Outcome.RECORDED]
    assert look(db, english, GERMAN.replace(b"</main>", b"<p>Noch ein Satz.</p></main>"), hour=96) == RECORDED
    assert look(db, english, ENGLISH, hour=120) == RECORDED


def test_a_text_too_short_to_tell_its_language_is_no_evidence(db: Database) -> None:
    look(db, ONE, page("Hello there, and welcome."))
    assert look(db, ONE, page("Guten Tag, und willkommen."), hour=24) == RECORDED


def test_a_known_language_is_expected(db: Database) -> None:
    look(db, ONE, page("Terms: 1, 2, 3."))
    recording.set_language(db, 1, "en")
    assert look(db, ONE, GERMAN, hour=24) == [(Outcome.SUSPECT, IN_GERMAN)]


HERE, THERE = "https://gantry.example/en-us/one", "https://gantry.example/en-gb/one"
ELSEWHERE = "led to another region or language: /en-gb/ instead of /en-us/"


def test_a_redirect_to_another_region_is_no_version_until_it_stays(db: Database) -> None:
    other = LONG.replace(b"unless you object", b"unless you are here")
    look(db, ONE, LONG, final=HERE)
    assert look(db, ONE, other, hour=24, final=THERE) == [(Outcome.SUSPECT, ELSEWHERE)]
    assert look(db, ONE, LONG + b"<!-- -->", hour=36, final=THERE) == UNCHANGED  # the same words say the same
    told = [look(db, ONE, other, hour=24 * day, final=THERE)[0][0] for day in (2, 3, 4)]
    assert told == [Outcome.SUSPECT, Outcome.SUSPECT, Outcome.RECORDED]


def test_a_document_that_was_asked_for_there_is_there(db: Database) -> None:
    look(db, declared("Policy", THERE), LONG, final=HERE)
    assert look(db, declared("Policy", THERE), SHORT + SHORT + SHORT, hour=24) == RECORDED
