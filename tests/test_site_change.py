"""The page of a change: its edits, its decision, its evidence."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from archive import changes, store
from archive.words import (
    Decision,
    Fact,
)
from tests.site_pages import BODY, FLAGGED, KEPT, NEW, OLD, POLICY, page, record, visit, words

# The page of a change


def test_a_change_has_redlines(site_archive: Path) -> None:
    redlines = page(site_archive, "/-/change/2").select(".redline")
    assert [line.decode_contents() for line in redlines] == [
        f"<ins>{NEW}</ins>",
        f"<del>{OLD}</del>",
        "We keep data for <del>30</del><ins>90</ins> days.",
        "<del>1</del><ins>2</ins>. Contact",
    ]


def test_flagged_edits_come_first_and_cosmetic_ones_are_folded(site_archive: Path) -> None:
    shown = page(site_archive, "/-/change/2")
    assert [heading.text for heading in shown.select("h2")] == [
        "Flagged",
        "Other edits",
        "Cosmetic edits (1)",
        "Evidence",
    ]
    assert "2. Contact" in words(shown.find("details"))
    assert not shown.find("details").has_attr("open")


def test_a_flagged_edit_shows_rules_scores_and_facts(site_archive: Path) -> None:
    edit = page(site_archive, "/-/change/2").select_one("article.edit")
    assert words(edit.h3) == "4. Training"
    assert "Severity: Medium Rule rule-of-consent, score 0.90: a way out +0.90" in words(edit)
    assert "Severity: High Rule rule-of-ai-training, score 0.90" in words(edit)
    assert "How to refuse Settings" in words(edit)
    assert "Applies from 1 May 2025" in words(edit)


def test_a_change_begins_with_its_line_and_severity(site_archive: Path) -> None:
    told = page(site_archive, "/-/change/2").select_one("main > .line")
    assert words(told).startswith("Severity: High Nimbus may now train AI models on people’s data or content;")
    assert page(site_archive, "/-/change/3").select_one(".line, .severity") is None


def test_dates_of_a_line_stay_whole(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        record(db, POLICY, [OLD], "2025-03-01T06:30:00Z", changes.Verdict(Decision.BASELINE, "first"))
        reading = replace(FLAGGED[1], facts=(Fact("effective", "2025-05-01", ""),))
        told = changes.Verdict(Decision.PUSH, "flagged", ((FLAGGED[0], reading),))
        record(db, POLICY, [NEW], "2025-04-02T06:30:00Z", told)
    assert "from 2025\u201105\u201101" in words(page(tmp_path / "a.db", "/-/change/2").select_one(".line"))


def test_a_change_tells_its_decision_dates_and_document(site_archive: Path) -> None:
    shown = page(site_archive, "/-/change/2")
    text = words(shown)
    assert "Pushed 4 flagged" in text
    assert "Seen 2 April 2025, 06:30 UTC; the text before, 1 March 2025, 06:30 UTC" in text
    link = shown.find("a", href=POLICY.url)
    assert link["rel"] == ["noopener", "nofollow"]


def test_a_change_shows_the_evidence_of_both_texts(site_archive: Path) -> None:
    new, old = page(site_archive, "/-/change/2").select("dl.evidence")
    body = BODY + b"2025-04-02T06:30:00Z"
    assert hashlib.sha256(body).hexdigest() in words(new)
    assert f"{len(body)} bytes" in words(new)
    assert "HTTP 200" in words(new)
    assert new.find("a", href="https://nimbus.example/eu/privacy")
    assert "1 March 2025" in words(old)


@pytest.mark.parametrize("decision", Decision)
def test_every_decision_has_a_name(tmp_path: Path, decision: Decision) -> None:
    with store.writing(tmp_path / "a.db") as db:
        record(db, POLICY, [KEPT], "2025-03-01T06:30:00Z", changes.Verdict(decision, "why"))
    name = page(tmp_path / "a.db", "/-/change/1").select_one(".decision").text
    assert name != decision
    assert name[0].isupper()


def test_changes_of_a_document_are_chained(site_archive: Path) -> None:
    first, middle, last = (page(site_archive, f"/-/change/{number}").select_one(".neighbours") for number in (1, 2, 3))
    assert [a["href"] for a in first.select("a")] == ["/-/change/2"]
    assert [a["href"] for a in middle.select("a")] == ["/-/change/1", "/-/change/3"]
    assert [a["href"] for a in last.select("a")] == ["/-/change/2"]


def test_a_first_version_has_no_edit_to_show(site_archive: Path) -> None:
    assert "There is no edit to show: the first version of this document." in words(page(site_archive, "/-/change/1"))


def test_what_a_first_text_says_is_flagged_but_not_new(tmp_path: Path) -> None:
    with store.writing(tmp_path / "first.db") as db:
        verdict = changes.Verdict(Decision.BASELINE, "the first version of this document", (FLAGGED,))
        record(db, POLICY, [NEW], "2025-03-01T06:30:00Z", verdict)
    shown = page(tmp_path / "first.db", "/-/change/1")
    assert shown.h2.text == "Flagged in the first text"
    assert [line.decode_contents() for line in shown.select(".redline")] == [NEW]
    assert "New passage" not in words(shown)
    assert shown.select_one(".line, .severity") is None
    assert "Nothing flagged has changed yet" in words(page(tmp_path / "first.db", "/"))
    assert page(tmp_path / "first.db", "/first/flagged_changes").select("td.col-change_id") == []
    listed = page(tmp_path / "first.db", "/first/ai_training_passages").select("td.col-text")
    assert [cell.text.strip() for cell in listed] == [NEW]


@pytest.mark.parametrize("number", ["999", "9" * 18, "9" * 40, "abc", "-1"])
def test_an_unknown_change_is_a_friendly_404(site_archive: Path, number: str) -> None:
    (response,) = visit(site_archive, f"/-/change/{number}")
    assert response.status_code == 404
    assert "Back to the front page" in response.text
