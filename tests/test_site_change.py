"""The page of a change: its edits, its decision, its evidence."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from archive import change_head, changes, store
from archive.words import Decision, Edit, Fact, Reading
from diffing.compare import compare
from tests import builders
from tests.site_pages import BODY, FLAGGED, KEPT, NEW, OLD, POLICY, REWORDED, page, record, visit, words

# The page of a change


def test_a_change_has_redlines_in_the_order_of_the_text(site_archive: Path) -> None:
    redlines = page(site_archive, "/-/change/2").select(".redline")
    assert [line.decode_contents() for line in redlines] == [
        "We keep data for <del>30</del><ins>90</ins> days.",
        '<del><mark data-n="1" id="f1">We never sell data.</mark> '
        '<mark data-n="2" id="f2">We ask for consent first.</mark></del>',
        '<ins><mark data-n="3" id="f3">We train AI models on your posts.</mark> '
        '<mark data-n="4" id="f4">You can opt out in Settings.</mark></ins>',
        "<del>1</del><ins>2</ins>. Contact",
    ]


def test_headings_stand_above_their_edits_and_cosmetic_ones_are_folded(site_archive: Path) -> None:
    shown = page(site_archive, "/-/change/2")
    titles = ["4 flagged passages", "What changed", "Evidence", "Cite this change"]
    assert [heading.text for heading in shown.select("h2")] == titles
    assert [words(one) for one in shown.select("h3.under")] == ["At the top of the page", "1. Promises", "4. Training"]
    fold = shown.select_one("details.fold")
    assert words(fold.summary) == "1 cosmetic edit"
    assert "2. Contact" in words(fold)
    assert not fold.has_attr("open")


def test_a_change_of_nothing_but_cosmetic_edits_shows_them(site_archive: Path) -> None:
    fold = page(site_archive, "/-/change/3").select_one("details.fold")
    assert fold.has_attr("open")


def test_a_flag_is_explained_at_its_place(site_archive: Path) -> None:
    edit = page(site_archive, "/-/change/2").select_one("article.added")
    train, refuse = edit.select(".flag")
    assert "Severity: High Rule rule-of-ai-training, score 0.90" in words(train)
    assert "Severity: Medium Rule rule-of-consent, score 0.90: a way out +0.90" in words(refuse)
    assert [a["href"] for a in refuse.select(".steps a")] == ["/-/change/2#f3"]
    assert "How to refuse Settings" in words(edit)
    assert "Applies from 1 May 2025" in words(edit)
    assert not edit.select("blockquote")  # the words are marked in the passage itself


def test_the_flagged_passages_are_listed_and_lead_to_their_places(site_archive: Path) -> None:
    shown = page(site_archive, "/-/change/2")
    entries = shown.select(".jumps li")
    assert words(entries[3]) == "Severity: Medium Consent: a way to opt out You can opt out in Settings."
    for entry in entries:
        path, _, place = entry.a["href"].partition("#")
        assert path == "/-/change/2"
        assert shown.find("mark", id=place).text == entry.q.text


def test_what_is_asked_first_stands_at_the_top(site_archive: Path) -> None:
    stated = page(site_archive, "/-/change/2").select_one(".stated")
    assert words(stated) == "Applies from1 May 2025 How to refuseSettings"


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
    assert [line.text for line in shown.select(".redline")] == [NEW]
    assert not shown.select("ins")
    assert len(shown.select(".redline mark")) == 2
    assert [words(a) for a in shown.select(".views a")] == ["Only what is flagged", "Whole text"]
    assert "New passage" not in words(shown)
    assert shown.select_one(".line, .severity") is None
    assert "Nothing flagged has changed yet" in words(page(tmp_path / "first.db", "/"))
    assert page(tmp_path / "first.db", "/first/flagged_changes").select("td.col-change_id") == []
    listed = page(tmp_path / "first.db", "/first/ai_training_passages").select("td.col-text")
    assert [cell.text.strip() for cell in listed] == [NEW]


@pytest.mark.parametrize("number", ["999", "9" * 18, "9" * 40, "abc", "-1", "2/part/2", "2/part/0", "2/sideways"])
def test_an_unknown_change_is_a_friendly_404(site_archive: Path, number: str) -> None:
    (response,) = visit(site_archive, f"/-/change/{number}")
    assert response.status_code == 404
    assert "Back to the front page" in response.text


# The whole text, side by side, and in parts

TRAIN = "We train our models on what you write, unless you object."
BEFORE = """# Terms
## Start
These terms are short.
They bind us both for as long as you use the service, wherever you are.
## Use
Please be kind to others.
Write to us before 1 May, and we answer.
An old promise, soon gone.
## End
Goodbye."""
AFTER = f"""# Terms
## Start
These terms are short.
## Use
Please be kind to others.
Write to us before 1 June, and we answer.
{TRAIN}
## End
Goodbye.
They bind us both for as long as you use the service, wherever you are."""


def recorded(path: Path, before: str, after: str, *facts: Fact) -> Path:
    """An archive with a change (2) between two texts; what says TRAIN is flagged."""
    old, new = builders.page(before), builders.page(after)
    with store.writing(path) as db:
        builders.decided(db, builders.version(db, old, 1), Decision.BASELINE)
        edits = [(edit, reading(edit, facts)) for edit in compare(old, new)]
        builders.decided(db, builders.version(db, new, 2), Decision.PUSH, *edits)
    return path


def reading(edit: Edit, facts: tuple[Fact, ...]) -> Reading:
    return Reading((builders.flag(TRAIN),), facts) if TRAIN in edit.after else Reading()


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("terms") / "a.db", BEFORE, AFTER)


def course(shown: BeautifulSoup) -> list[str]:
    """What stands in the redline, in order: edits by their kind, what is folded by its summary."""
    found = shown.select(".course article, .course .fold, .course .stay")
    return [words(one.summary or one.select_one(".kind") or one) for one in found if not one.find_parent("details")]


def test_only_what_changed_is_shown_and_what_stayed_is_counted(terms: Path) -> None:
    assert course(page(terms, "/-/change/2")) == [
        "5 passages unchanged",
        "Removed passage",
        "Changed passage",
        "New passage",
        "2 passages unchanged",
        "Moved passage, it stood under Start",
    ]


def test_what_is_folded_is_there_to_be_unfolded(terms: Path) -> None:
    fold = page(terms, "/-/change/2").select_one("details.fold")
    assert [words(one) for one in fold.select(".stay")][:3] == ["Terms", "Start", "These terms are short."]


def test_a_moved_passage_is_shown_once_and_says_whence(terms: Path) -> None:
    shown = page(terms, "/-/change/2")
    (moved,) = shown.select("article.moved")
    assert "it stood under Start" in words(moved.select_one(".kind"))
    assert (
        words(moved.select_one(".redline")) == "They bind us both for as long as you use the service, wherever you are."
    )
    assert shown.text.count("They bind us both") == 1


def test_side_by_side_has_what_went_on_one_side_and_what_came_on_the_other(terms: Path) -> None:
    shown = page(terms, "/-/change/2/side-by-side")
    pairs = [[words(side) for side in pair.select(".side")] for pair in shown.select(".pair")]
    assert [
        "Before Write to us before 1 May, and we answer.",
        "After Write to us before 1 June, and we answer.",
    ] in pairs
    assert ["BeforeNot there", f"After {TRAIN}"] in pairs
    assert ["Before An old promise, soon gone.", "AfterNot there any more"] in pairs
    left, right = shown.select(".pair .side:first-child"), shown.select(".pair .side:last-child")
    assert not [one for side in left for one in side("ins")]
    assert not [one for side in right for one in side("del")]
    assert len(shown.select("#f1")) == 1


def test_the_whole_text_has_every_passage_once(terms: Path) -> None:
    shown = page(terms, "/-/change/2/whole")
    lines = [line.lstrip("# ") for line in AFTER.splitlines()]
    told = list(shown.select(".stay, .redline"))
    for gone in shown.select(".redline del"):
        gone.extract()
    assert [words(one) for one in told if words(one)] == lines


def test_the_views_name_each_other(terms: Path) -> None:
    addresses = ["/-/change/2", "/-/change/2/side-by-side", "/-/change/2/whole"]
    for address, answer in zip(addresses, visit(terms, *addresses), strict=True):
        shown = BeautifulSoup(answer.text, "lxml")
        assert [a["href"] for a in shown.select(".views li a")] == [f"{one}#course" for one in addresses]
        assert shown.select_one(".views [aria-current=page]")["href"] == f"{address}#course"
        assert shown.select_one("link[rel=canonical]")["href"].endswith(address)


def test_a_long_change_comes_in_parts_and_flags_are_found_from_the_first(tmp_path: Path) -> None:
    lines = [f"Sentence number {number} of a text that nobody has read to its end. " * 5 for number in range(400)]
    path = recorded(tmp_path / "a.db", "Hello.", "\n".join(["Hello.", *lines, TRAIN, "The end."]))
    first = page(path, "/-/change/2")
    (entry,) = first.select(".jumps li")
    address, _, place = entry.a["href"].partition("#")
    parts = int(address.rpartition("/")[2])
    assert parts > 2
    assert words(first.select_one(".parts")) == f"Part 1 of {parts} Part 2 →"
    assert page(path, address).find(id=place).text == TRAIN
    addresses = ["/-/change/2", *(f"/-/change/2/part/{number}" for number in range(2, parts + 1))]
    answers = visit(path, *addresses)
    assert max(len(answer.content) for answer in answers) < 120_000
    shown = [words(one) for answer in answers for one in BeautifulSoup(answer.text, "lxml").select(".redline")]
    assert shown == [line.strip() for line in lines] + [TRAIN, "The end."]
    assert visit(path, f"/-/change/2/part/{parts + 1}")[0].status_code == 404


def test_a_passage_longer_than_a_part_is_sliced_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    giant = " ".join(f"word{number}" for number in range(20_000))
    path = recorded(tmp_path / "a.db", "Hello.", f"Hello.\n{giant} {TRAIN}")
    first = visit(path, "/-/change/2.json")[0].json()
    addresses = ["/-/change/2", *(f"/-/change/2/part/{number}" for number in range(2, first["parts"] + 1))]
    answers = visit(path, *addresses)
    assert max(len(answer.content) for answer in answers) < 120_000
    text = "".join(one.text for answer in answers for one in BeautifulSoup(answer.text, "lxml").select(".redline"))
    assert text == f"{giant} {TRAIN}"
    assert first["flagged"][0]["at"] == "n1"


def test_a_long_run_that_stayed_within_a_passage_is_folded(tmp_path: Path) -> None:
    long = "We say the same thing again. " * 100
    path = recorded(tmp_path / "a.db", f"{long}By 1 May. {long}", f"{long}By 1 June. {long}")
    line = page(path, "/-/change/2").select_one(".redline")
    gaps = line.select(".gap")
    assert [a["href"] for a in gaps] == ["/-/change/2/whole#e0"] * 2
    assert "words unchanged" in words(gaps[0])
    assert len(words(line)) < 700
    (whole,) = page(path, "/-/change/2/whole").select("#e0 .redline")
    assert words(whole) == f"{long}By 1 MayJune. {long}".strip()


# What programs and other sites get


def test_the_json_of_a_change_has_its_edits_flags_and_evidence(site_archive: Path) -> None:
    told = visit(site_archive, "/-/change/2.json")[0].json()
    edits = {row["place"]: row for row in told["rows"] if row["row"] == "edit"}
    assert [piece["run"] for piece in edits[1]["pieces"]] == ["kept", "removed", "added", "kept"]
    assert [(one["place"], one["side"], one["start"]) for one in told["flagged"]] == [
        (3, "before", 0),
        (3, "before", 20),
        (2, "after", 0),
        (2, "after", 34),
    ]
    assert {source["side"] for source in told["evidence"]} == {"before", "after"}
    assert told["change"]["text_hash"] in told["citation"]


def test_a_change_can_be_cited_and_shared(site_archive: Path) -> None:
    shown = page(site_archive, "/-/change/2")
    line = words(shown.select_one("#citation"))
    sha256 = hashlib.sha256(BODY + b"2025-04-02T06:30:00Z").hexdigest()
    assert line.startswith("Nimbus, Privacy Policy (EU). Change seen 2 April 2025, 06:30 UTC. Smallprint archive. Text")
    assert line.endswith(f"Page SHA-256 {sha256}. http://localhost/-/change/2")
    assert shown.title.text == "Nimbus, Privacy Policy (EU): 2 April 2025"
    tags = {tag["property"]: tag["content"] for tag in shown.select("meta[property]")}
    assert tags["og:title"] == shown.title.text
    assert tags["og:description"].startswith("Nimbus may now train AI models")
    assert tags["article:published_time"] == "2025-04-02T06:30:00Z"


def test_the_response_headers_are_shown_as_they_came(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        record(db, POLICY, [KEPT], "2025-03-01T06:30:00Z", changes.Verdict(Decision.BASELINE, "first"))
        headers = json.dumps([["Server", "<b>x</b>"], ["X-Long", "y" * 900]])
        db.execute("UPDATE fetches SET headers = ?", (headers,))
    table = page(tmp_path / "a.db", "/-/change/1").select_one(".headers")
    rows = [[words(cell) for cell in row(["th", "td"])] for row in table.select("tbody tr")]
    assert rows[0] == ["Server", "<b>x</b>"]
    assert rows[1][1] == "y" * 399 + "…"


def test_a_page_without_bytes_says_so(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        record(db, POLICY, [KEPT], "2025-03-01T06:30:00Z", changes.Verdict(Decision.BASELINE, "first"))
        db.execute("UPDATE fetches SET snapshot_id = NULL")
    shown = page(tmp_path / "a.db", "/-/change/1")
    assert "No bytes of it are kept" in words(shown.select_one("dl.evidence"))
    assert "Page SHA-256" not in words(shown.select_one("#citation"))


def test_what_others_have_recorded_names_their_record(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        theirs = replace(POLICY, origin="Open Terms Archive")
        record(db, theirs, [KEPT], "2025-03-01T06:30:00Z", changes.Verdict(Decision.BASELINE, "first"))
        db.execute("UPDATE fetches SET origin_id = 'c0ffee'")
    shown = page(tmp_path / "a.db", "/-/change/1")
    assert "Recorded byOpen Terms Archive as c0ffee" in words(shown.select_one("dl.evidence"))
    assert "First version, seen 1 March 2025, 06:30 UTC. Recorded by Open Terms Archive as c0ffee." in words(shown)


def test_the_next_flagged_change_is_named_where_it_is_another(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        first = changes.Verdict(Decision.BASELINE, "first")
        record(db, POLICY, [OLD], "2025-03-01T06:30:00Z", first)
        for day, verdict in enumerate((Decision.UNFLAGGED, Decision.PUSH, Decision.UNFLAGGED, Decision.UNFLAGGED), 2):
            edits = (FLAGGED,) if verdict is Decision.PUSH else (REWORDED,)
            told = changes.Verdict(verdict, "why", edits)
            record(db, POLICY, [f"{NEW} {day}"], f"2025-03-0{day}T06:30:00Z", told)
    links = [
        [a["href"] for a in page(tmp_path / "a.db", f"/-/change/{number}").select(".neighbours a")]
        for number in range(1, 6)
    ]
    assert links == [
        ["/-/change/3", "/-/change/2"],
        ["/-/change/1", "/-/change/3"],
        ["/-/change/2", "/-/change/4"],
        ["/-/change/3", "/-/change/5"],
        ["/-/change/4", "/-/change/3"],
    ]


def test_nothing_hostile_becomes_markup_in_any_view(site_archive: Path) -> None:
    for answer in visit(site_archive, *(f"/-/change/5{view}" for view in ("", "/side-by-side", "/whole"))):
        shown = BeautifulSoup(answer.text, "lxml")
        assert answer.status_code == 200
        assert {script["src"].partition("?")[0] for script in shown("script")} == {"/-/smallprint/change.js"}
        assert not [tag for tag in shown(True) if any(name.startswith("on") for name in tag.attrs)]
        assert not [a for a in shown(href=True) if a["href"].strip().startswith("javascript:")]
        assert not shown(style=True)
        assert not shown("style")


def test_an_unknown_change_has_nothing_around_it(site_archive: Path) -> None:
    with store.reading(site_archive) as db:
        assert change_head.head(db, 999) is None
        assert change_head.sources(db, 999) == []
        assert change_head.neighbours(db, 999) == change_head.Neighbours(None, None, None, None)
        assert change_head.snapshot(db, "0" * 64) is None
        assert not change_head.is_stored(db, "0" * 64)
