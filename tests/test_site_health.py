"""The page of the archive's health: what was not read, since when and why, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive import health, links, outbox, silences
from archive.health import Watched
from archive.links import LinkOutcome, WayOut
from archive.recording import record_document, record_fetch
from archive.silences import Sight
from archive.words import Decision, Document, Fetch, Kind, Link, Mechanism, Outcome, Passage, Topic
from pages.health import SHOWN, first, troubles
from pages.health import page as shown_by
from tests.builders import DAY, POLICY, added, decided, flag, paragraphs, pushed, put, version
from tests.site_pages import page, visit, words

TERMS = replace(POLICY, type="Terms of Service", url="https://quillo.example/terms")
BRILL = Document("Brill", "Privacy Policy", "https://brill.example/privacy", "Brill & Sons")
SECRET = "smtp://user:password@mail.example"


def look(db: Database, document: Document, day: int, outcome: Outcome, detail: str = "") -> int:
    """The id of a document, after a look at it on a day of March."""
    identity = record_document(db, document)
    record_fetch(db, identity, 0, Fetch(document.url, DAY.format(day), outcome, detail))
    return identity


def values(db: Database) -> dict[str, Any]:
    return shown_by(db, {}).values


def sections(path: Path) -> list[str]:
    return [words(heading) for heading in page(path, "/-/health").select("h2")]


def text_of(path: Path) -> str:
    return words(page(path, "/-/health").main)  # type: ignore[arg-type]


# What was read


def test_where_all_is_well_one_sentence_says_so(db: Database, archive_path: Path) -> None:
    look(db, POLICY, 2, Outcome.UNCHANGED)
    look(db, TERMS, 3, Outcome.NOT_MODIFIED)
    assert sections(archive_path) == []
    text = text_of(archive_path)
    assert "All 2 documents were read at the last look. The newest look was on 3 March 2026, 06:00 UTC." in text
    assert "Nothing is known to have been missed" in text


def test_what_cannot_be_read_says_since_when_and_why(db: Database, archive_path: Path) -> None:
    look(db, BRILL, 2, Outcome.UNCHANGED)
    look(db, POLICY, 1, Outcome.RECORDED)
    for day in (3, 4):
        look(db, POLICY, day, Outcome.BLOCKED, "a wall")
    shown = page(archive_path, "/-/health")
    assert words(shown.select_one(".line")) == "1 of 2 documents were read at the last look."
    (trouble,) = shown.select(".trouble")
    assert words(trouble) == (
        "Blocked: a wall instead of the document: quillo.example a wall, since 3 March 2026 "
        "Quillo, Privacy Policy last read 1 March 2026https://quillo.example/privacy"
    )
    assert [link["href"] for link in trouble.select("a")] == ["/-/document/2", POLICY.url]
    assert "the last that read a document, on 2 March 2026" in words(shown.main)
    assert "Nothing is known to have been missed" not in words(shown.main)
    assert [link["href"] for link in shown.select("nav .label")] == ["#unread"]
    assert shown.select_one("h2")["id"] == "unread"


def test_a_stored_page_that_is_not_read_yet_was_seen(db: Database) -> None:
    look(db, POLICY, 1, Outcome.FETCHED)
    assert (values(db)["read"], values(db)["troubles"]) == (1, [])


def test_a_document_that_nobody_looked_at_is_told_apart(db: Database, archive_path: Path) -> None:
    record_document(db, POLICY)
    assert sections(archive_path) == ["Not looked at yet (1)"]
    assert "0 of 1 document was read at the last look" in text_of(archive_path)


def sick(number: int, detail: str, day: int, host: str = "a.example") -> Watched:
    url = f"https://{host}/{number}"
    since = DAY.format(day)
    sight = Sight(number, "A", "A", f"A, {number}", "", url, since, since, Outcome.UNREACHABLE, detail)
    return Watched(number, f"A, {number}", url, sight, None)


def test_documents_with_the_same_reason_are_told_together() -> None:
    found = troubles(
        [sick(1, "no name", 5), sick(2, "HTTP 503", 4, "b.example"), sick(3, "no name", 3), sick(4, "HTTP 503", 6)]
    )
    assert [(one.detail, one.host, one.since) for one in found] == [
        ("no name", "a.example", DAY.format(3)),
        ("HTTP 503", "", DAY.format(4)),
    ]
    assert [[document.document_id for document in one.documents] for one in found] == [[3, 1], [2, 4]]


@pytest.mark.parametrize(("most", "expected"), [(0, []), (1, [1]), (2, [2]), (3, [2, 1]), (9, [2, 2])])
def test_long_lists_end(most: int, expected: Sequence[int]) -> None:
    found = troubles([sick(1, "x", 1), sick(2, "x", 1), sick(3, "y", 2), sick(4, "y", 2)])
    assert [len(one.documents) for one in first(found, most)] == expected


def test_a_page_with_much_trouble_stays_short(db: Database, archive_path: Path) -> None:
    for number in range(SHOWN + 20):
        look(db, replace(POLICY, region=f"R{number}"), 1, Outcome.UNREACHABLE, "no such host")
    shown = page(archive_path, "/-/health")
    assert len(shown.select(".trouble li")) == SHOWN
    assert words(shown.h2) == f"Cannot be read now ({SHOWN + 20})"  # type: ignore[arg-type]
    assert f"These are the first {SHOWN} of {SHOWN + 20}." in words(shown.main)  # type: ignore[arg-type]
    table = shown.select("main p a")[-1]["href"]
    assert table == "/archive/document_health"
    assert [response.status_code for response in visit(archive_path, str(table))] == [200]


# What else may be missed


def test_a_link_to_refuse_that_leads_nowhere_is_told(db: Database, archive_path: Path) -> None:
    quote, url = "You can opt out with this form.", "https://quillo.test/form"
    linking = Passage(Kind.PARAGRAPH, quote, links=(Link("form", url),))
    refusal = flag(quote, Topic.CONSENT, mechanisms=(Mechanism.OPT_OUT,))
    decided(db, version(db, [linking]), Decision.BASELINE, added(quote, "", refusal))
    for day in (3, 4):
        links.keep(db, WayOut(1, url), DAY.format(day), LinkOutcome.DEAD, "not found", 404)
    assert links.standing(db, doubtful=True) == links.standing(db) == [WayOut(1, url)]
    assert sections(archive_path) == ["Links to refuse that lead nowhere (1)"]
    assert "Quillo, Privacy Policy, since 3 March 2026: not found" in text_of(archive_path)


def test_only_documents_with_a_link_in_doubt_are_read_for_dead_links(db: Database) -> None:
    quote = "You can opt out with this form."
    for number, document in enumerate((POLICY, TERMS)):
        linking = Passage(Kind.PARAGRAPH, quote, links=(Link("form", f"https://quillo.test/{number}"),))
        refusal = flag(quote, Topic.CONSENT, mechanisms=(Mechanism.OPT_OUT,))
        decided(db, version(db, [linking], 1, document), Decision.BASELINE, added(quote, "", refusal))
    ways = links.standing(db)
    links.keep(db, ways[0], DAY.format(3), LinkOutcome.ALIVE)
    assert links.standing(db, doubtful=True) == []
    links.keep(db, ways[1], DAY.format(3), LinkOutcome.DEAD, "gone")
    assert links.standing(db, doubtful=True) == ways[1:]


def test_changes_that_wait_say_until_when(db: Database, archive_path: Path) -> None:
    pushed(db)
    held = pushed(db, BRILL, "We may train.")
    put(db, held, decision="held", held_until=DAY.format(7), line="Brill may now train")
    decided(db, version(db, paragraphs("Enable cookies."), 5), Decision.QUARANTINED)
    shown = page(archive_path, "/-/health")
    assert [words(item) for item in shown.select("section li")] == [
        "Quillo, Privacy Policy, seen 5 March 2026: because",
        "Brill & Sons, Privacy Policy, seen 2 March 2026, waits until 7 March 2026, 06:00 UTC: Brill may now train",
    ]
    assert [words(link) for link in shown.select("nav .label")] == ["1 in quarantine", "1 held"]


def test_the_queue_names_targets_and_keeps_errors_to_itself(db: Database, archive_path: Path) -> None:
    change, other, third = pushed(db), pushed(db, TERMS), pushed(db, BRILL)
    for number in (change, other, third):
        outbox.queue(db, number, ["ops mail", "phone"])
    for item in outbox.due(db):
        if item.target == "phone":
            outbox.fails(db, item, SECRET, "2027-01-01T00:00:00Z", False, item.change_id == third)
        elif item.change_id == third:
            outbox.arrives(db, item)
    found = [(one.target, one.state, one.messages, one.next_try) for one in health.queue(db)]
    assert found == [
        ("ops mail", "pending", 2, None),
        ("phone", "dead", 1, None),
        ("phone", "failed", 2, "2027-01-01T00:00:00Z"),
    ]
    html, data = visit(archive_path, "/-/health", "/-/health.json")
    assert "password" not in html.text + data.text
    rows = page(archive_path, "/-/health").select("tbody tr")
    assert [words(cell) for cell in rows[2].select("th, td")][1:3] == ["Failed, is tried again", "2"]


def test_silences_that_last_go_before_those_that_are_over(db: Database, archive_path: Path) -> None:
    policy, terms = look(db, POLICY, 1, Outcome.BLOCKED, "a wall"), look(db, TERMS, 9, Outcome.UNCHANGED)
    told = outbox.queue_bulletin(db, "silence", "1", {}, [])
    common = {"kind": "blocked", "url": "", "detail": "a wall"}
    silences.begin(db, told, [{"document_id": terms, "since": DAY.format(1), **common}])
    silences.begin(db, told, [{"document_id": policy, "since": DAY.format(2), **common}])
    silences.begin(db, told, [{"document_id": None, "since": DAY.format(3), **common, "detail": "", "kind": "network"}])
    silences.end(db, 1, DAY.format(8))
    silences.end(db, 3, DAY.format(9))
    assert [one.id for one in silences.recent(db, 5)] == [2, 3, 1]
    assert [one.id for one in silences.recent(db, 1)] == [2, 3]
    items = [words(item) for item in page(archive_path, "/-/health").select("section")[-1].select("li")]
    assert items == [
        "Quillo, Privacy Policy: since 2 March 2026 a wall",
        "Everything: nothing could be reached: from 3 March 2026 to 9 March 2026",
        "Quillo, Terms of Service: from 1 March 2026 to 8 March 2026 a wall",
    ]


def test_languages_without_rules_and_records_of_others_are_told(db: Database, archive_path: Path) -> None:
    for number in range(5):
        record_document(db, replace(POLICY, region=f"R{number}", language="fr", origin="The Keepers"))
    version(db, paragraphs("Bonjour."), 4, replace(POLICY, region="R1", language="fr", origin="The Keepers"))
    shown = page(archive_path, "/-/health")
    assert words(shown.select_one(".line")) == "No document is watched from here: what is on record, others have seen."
    assert [words(item) for item in shown.select("section li")] == [
        "The Keepers: 5 documents, the last record of 4 March 2026",
        "French, 5 documents: "
        + "; ".join(f"Quillo, Privacy Policy (R{number})" for number in range(3))
        + " and 2 more",
    ]


def test_an_empty_archive_says_what_to_run(db: Database, archive_path: Path) -> None:
    assert "This archive is still empty" in text_of(archive_path)


# The page itself


def test_the_health_of_the_shared_archive(site_archive: Path) -> None:
    html, data = visit(site_archive, "/-/health", "/-/health.json")
    assert (html.status_code, data.status_code) == (200, 200)
    told = data.json()
    assert (told["documents"], told["read"], told["unread"], told["never_looked"]) == (4, 2, 1, 1)
    assert [one["detail"] for one in told["troubles"]] == ["a wall"]


def test_hostile_words_stay_words(db: Database, archive_path: Path) -> None:
    bad = Document("evil", "<img src=x onerror=alert(1)>", "javascript:alert(2)", "<b>Evil</b>", language="<script>")
    look(db, bad, 1, Outcome.BLOCKED, "<script>alert(3)</script>")
    shown = page(archive_path, "/-/health")
    assert not [script for script in shown.find_all("script") if "alert(" in script.text]
    assert not shown.select("main img, main b")
    assert not [a for a in shown.find_all(href=True) if a["href"].startswith("javascript:")]
    assert words(shown.select_one(".trouble code")) == "javascript:alert(2)"


def test_the_health_of_many_looks_reads_few(db: Database) -> None:
    """However long the history is: no fetch is read that is not the last of its kind."""
    for sql in (health._WATCHED, health._IMPORTS):
        plan = [row["detail"] for row in db.query(f"EXPLAIN QUERY PLAN {sql}")]
        assert not [step for step in plan if step.startswith("SCAN fetches")], plan
    plan = [row["detail"] for row in db.query(f"EXPLAIN QUERY PLAN {health._QUEUE}")]
    assert not [step for step in plan if step == "SCAN notifications"], plan
