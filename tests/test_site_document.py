"""The pages of a document and of a version: the text as of a date, and what brought each passage."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlite_utils import Database

from archive import recording, store
from archive.watched import Made
from archive.words import Decision, Document, Edit, EditKind, Fact, Fetch, Kind, Link, Outcome, Passage, Reading
from pages import document
from tests import site_pages
from tests.builders import DAY, POLICY, added, decide_anew, decided, flag, paragraphs, put, version
from tests.site_pages import page, visit, words

LINKS = (Link("the settings", "https://quillo.example/settings"), Link("this", "javascript:alert(1)"))
FIRST = [
    Passage(Kind.HEADING, "Your data", 1),
    Passage(Kind.PARAGRAPH, "We keep it for 30 days."),
    Passage(Kind.ITEM, "Posts", 1),
    Passage(Kind.ITEM, "Likes", 2),
]
SECOND = [
    FIRST[0],
    Passage(Kind.PARAGRAPH, "We keep it for 90 days."),
    *FIRST[2:],
    Passage(Kind.HEADING, "Training", 4),
    Passage(Kind.PARAGRAPH, "We train models. See the settings and this.", 0, LINKS),
    Passage(Kind.ROW, "Posts | Training"),
]
TRAINING = "We train models. See the settings and this."
REWORDED = Edit(EditKind.CHANGED, "Your data", "We keep it for 30 days.", "We keep it for 90 days."), Reading()


def record(db: Database) -> None:
    """A first version (change 1), and a flagged one (2) a week later."""
    decided(db, version(db, FIRST, 1), Decision.BASELINE)
    training = added(TRAINING, "Your data › Training", flag("We train models."))
    put(db, decided(db, version(db, SECOND, 8), Decision.PUSH, REWORDED, training), severity="high", line="It trains")


@pytest.fixture
def two_texts(archive_path: Path) -> Path:
    with store.writing(archive_path) as db:
        record(db)
    return archive_path


def long_text(sections: int) -> list[Passage]:
    """Far more than one part takes."""
    pairs = [
        (Passage(Kind.HEADING, f"Section {n}", 2), Passage(Kind.PARAGRAPH, f"{n} " + "word " * 300))
        for n in range(sections)
    ]
    return [passage for pair in pairs for passage in pair]


# What brought each passage


def test_the_margin_tells_since_when_and_by_which_change(two_texts: Path) -> None:
    runs = page(two_texts, "/-/document/1").select(".run")
    assert [(words(run.select_one(".since time")), run.select_one(".since a")["href"]) for run in runs] == [
        ("1 March 2026", "/-/change/1"),
        ("8 March 2026", "/-/change/2"),
        ("1 March 2026", "/-/change/1"),
        ("8 March 2026", "/-/change/2"),
    ]
    assert [words(run.select_one(".since .severity, .since .decided")) for run in runs[:2]] == [
        "First version",
        "Severity: High",
    ]


def test_what_came_last_is_tinted_most(two_texts: Path) -> None:
    runs = page(two_texts, "/-/document/1").select(".run")
    assert [run["class"][1] for run in runs] == ["age0", "age4", "age0", "age4"]


def test_a_rewording_shows_what_stood_there(two_texts: Path) -> None:
    aside = page(two_texts, "/-/document/1").select_one(".run:nth-of-type(2) .aside")
    assert words(aside) == "in place of “30”"
    assert aside.a["href"] == "/-/passage/2"


def test_a_flagged_passage_has_chips_and_each_leads_to_its_life(two_texts: Path) -> None:
    passage = page(two_texts, "/-/document/1").select_one(".flagged")
    assert words(passage).startswith("We train models.")
    assert [chip.text for chip in passage.select(".label")] == ["AI training: allows more"]
    assert passage.select_one(".life")["href"] == f"/-/passage/{passage['id'].removeprefix('p')}"


def test_headings_follow_those_of_the_page_and_lists_are_lists(two_texts: Path) -> None:
    shown = page(two_texts, "/-/document/1").select_one(".page")
    headings = [(one.name, words(one).removesuffix(" ¶")) for one in shown.select("h2, h3, h4, h5, h6")]
    assert headings == [("h2", "The text"), ("h3", "Your data"), ("h4", "Training")]
    assert [words(item).removesuffix(" ¶") for item in shown.select("ul > li")] == ["Posts", "Likes"]
    assert shown.select("li")[1]["class"] == ["deep2"]


def test_links_of_a_text_lead_nowhere_but_to_the_web(two_texts: Path) -> None:
    passage = page(two_texts, "/-/document/1").select_one(".flagged")
    (link,) = passage.select("a[href^='https:']")
    assert (link.text, link["rel"]) == ("the settings", ["nofollow", "noopener"])
    assert not passage.select("a[href^='javascript']")
    assert "See the settings and this." in words(passage)


def test_the_text_is_in_its_language_and_what_we_say_is_not(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        decided(db, version(db, FIRST, 1, replace(POLICY, language="fr")), Decision.BASELINE)
    shown = page(tmp_path / "a.db", "/-/document/1")
    assert shown.select_one(".blame")["lang"] == "fr"
    assert shown.select_one(".margin")["lang"] == "en"


# A document


def test_a_document_tells_its_life_and_lists_its_changes(two_texts: Path) -> None:
    shown = page(two_texts, "/-/document/1")
    assert shown.h1.text == "Quillo, Privacy Policy"
    assert "This text has stood since 8 March 2026." in words(shown.select_one(".lead"))
    assert shown.select_one(".trail a")["href"] == "/-/service/quillo"
    assert [words(one) for one in shown.select(".changes > li")] == [
        "8 March 2026 Severity: High Pushed It trains",
        "1 March 2026 First version",
    ]
    assert "Texts2" in words(shown.select_one(".facts"))


def test_a_document_is_there_as_json(two_texts: Path) -> None:
    (answer,) = visit(two_texts, "/-/document/1.json")
    told = answer.json()
    assert told["document"]["service"] == "Quillo"
    assert [one["text"] for run in told["stretches"] for one in run["said"]] == [one.text for one in SECOND]
    assert [run["cause"]["change"] for run in told["stretches"]] == [1, 2, 1, 2]


def test_variants_lead_to_each_other(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        version(db, FIRST, 1, replace(POLICY, region="EU"))
        version(db, FIRST, 1, replace(POLICY, region="US"))
    (link,) = page(tmp_path / "a.db", "/-/document/1").select(".facts a[href='/-/document/2']")
    assert link.text == "US"


def test_a_document_that_was_never_read_says_why(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        number = recording.record_document(db, POLICY)
        recording.record_fetch(db, number, 0, Fetch(POLICY.url, DAY.format(1), Outcome.BLOCKED, "a wall", 403))
    shown = page(tmp_path / "a.db", "/-/document/1")
    assert words(shown.select_one(".lead")) == (
        "No text of it was ever read. The last look, 1 March 2026: blocked, a wall."
    )
    assert not shown.select(".blame, form")
    at, unknown = visit(tmp_path / "a.db", "/-/document/1/at", "/-/document/9")
    assert (at.status_code, unknown.status_code) == (404, 404)
    assert "no text was ever read" in at.text
    assert "There is no document 9" in unknown.text


def test_a_declaration_is_shown_unless_it_only_says_where_it_came_from() -> None:
    assert json.loads(document.declared('{"select": ["main"]}')) == {"select": ["main"]}
    assert document.declared("{") == "{"
    assert document.declared('{"head": "abc"}') == document.declared("") == ""


# Changes in groups


def made(number: int, severity: str = "", decision: str = "push") -> Made:
    return Made(number, number, f"2026-03-{number % 28 + 1:02}T06:00:00Z", decision, severity, "", "")


def test_changes_without_flags_are_counted_between_those_with_flags() -> None:
    found = document.grouped([made(5), made(4), made(3, "low"), made(2, "high", "returned"), made(1)])
    assert [(group.flagged, group.count, [one.id for one in group.listed]) for group in found] == [
        (False, 2, [5, 4]),
        (True, 1, [3]),
        (False, 2, [2, 1]),
    ]
    assert (found[0].since, found[0].until) == (made(4).seen_at, made(5).seen_at)


def test_a_page_lists_so_many_changes_and_counts_the_rest() -> None:
    many = [made(n, "low" if n % 2 else "") for n in range(500, 0, -1)]
    found = document.grouped(many)
    assert sum(group.count for group in found) == 500
    assert sum(len(group.listed) for group in found if group.flagged) == document.MOST_FLAGGED
    assert sum(len(group.listed) for group in found if not group.flagged) == document.NEWEST / 2
    assert len(found) <= document.MOST_FLAGGED * 2 + 1
    assert not found[-1].listed


# As of a date


def landed(path: Path, address: str) -> str:
    (answer,) = visit(path, address)
    assert answer.status_code == 302
    return answer.headers["location"]


def test_a_date_leads_to_the_text_that_stood_at_its_end(two_texts: Path) -> None:
    asked = {day: landed(two_texts, f"/-/document/1/at?date=2026-03-{day}") for day in ("01", "07", "08", "30")}
    assert asked == {"01": "/-/version/1", "07": "/-/version/1", "08": "/-/version/2", "30": "/-/version/2"}
    assert landed(two_texts, "/-/document/1/at?date=2026-03-08T05:00:00Z") == "/-/version/1"
    assert landed(two_texts, "/-/document/1/at") == "/-/version/2"
    assert landed(two_texts, "/-/document/1/at.json?date=2026-03-01") == "/-/version/1.json"


def test_it_leads_there_below_another_place_too(two_texts: Path) -> None:
    async def go() -> httpx.Response:
        shown = site_pages.site(two_texts)
        shown._settings["base_url"] = "/below/"
        return await shown.client.get("/-/document/1/at")

    assert asyncio.run(go()).headers["location"] == "/below/-/version/2"


def test_a_date_before_all_and_what_is_no_date_are_told_in_a_line(two_texts: Path) -> None:
    before, wrong = visit(two_texts, "/-/document/1/at?date=2020-01-01", "/-/document/1/at?date=soon")
    assert (before.status_code, wrong.status_code) == (404, 400)
    assert "nothing is recorded for 2020-01-01: its first text was seen 1 March 2026." in before.text
    assert "is no date" in wrong.text


def test_dates_are_chosen_without_a_script(two_texts: Path) -> None:
    form = page(two_texts, "/-/document/1").form
    field = form.select_one("input[type=date]")
    assert (form["action"], form["method"], field["name"]) == ("/-/document/1/at", "get", "date")
    assert (field["min"], field["max"], field["value"]) == ("2026-03-01", "2026-03-08", "2026-03-08")
    assert form.select_one(f"label[for={field['id']}]")


def test_nothing_leads_to_a_comparison_where_nobody_compares(two_texts: Path) -> None:
    assert len(page(two_texts, "/-/document/1").select("form")) == 1
    assert not page(two_texts, "/-/version/2").select("a[href^='/-/between']")


# A version


def test_a_version_tells_how_long_it_stood_and_what_brought_it(two_texts: Path) -> None:
    first, second = page(two_texts, "/-/version/1"), page(two_texts, "/-/version/2")
    assert "Stood from 1 March 2026, 06:00 UTC until 8 March 2026, 06:00 UTC." in words(first.select_one(".lead"))
    assert "Stood from 8 March 2026, 06:00 UTC; no other since." in words(second.select_one(".lead"))
    assert words(second.select_one(".brought")) == "Severity: High It trains Pushed"
    assert second.select_one(".brought a")["href"] == "/-/change/2"
    assert [a["href"] for a in first.select(".neighbours a")] == ["/-/version/2", "/-/document/1"]
    assert [a["href"] for a in second.select(".neighbours a")] == ["/-/version/1"]


def test_a_version_shows_its_own_text_and_its_evidence(two_texts: Path) -> None:
    first = page(two_texts, "/-/version/1")
    assert "We keep it for 30 days." in words(first.select_one(".blame"))
    assert len(first.select(".run")) == 1
    (link,) = first.select(".evidence a[href^='/-/snapshot/']")
    assert visit(two_texts, link["href"])[0].status_code == 200


def test_a_version_in_quarantine_says_so(two_texts: Path) -> None:
    with store.writing(two_texts) as db:
        decide_anew(db, 2, Decision.QUARANTINED, "it shrank")
    for address in ("/-/version/2", "/-/document/1"):
        assert "In quarantine: it shrank." in words(page(two_texts, address).select_one(".lead"))


@pytest.mark.parametrize("number", ["999", "9" * 18, "abc"])
def test_an_unknown_version_is_a_friendly_404(two_texts: Path, number: str) -> None:
    (response,) = visit(two_texts, f"/-/version/{number}")
    assert response.status_code == 404
    assert "Back to the front page" in response.text


# Parts


def test_a_long_text_comes_in_parts_with_a_table_of_contents(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        decided(db, version(db, long_text(150), 1), Decision.BASELINE)
    first = page(tmp_path / "a.db", "/-/document/1")
    assert words(first.select_one(".turning")) == "Part 1 of 4 Part 2 →"
    parts = [first, *(page(tmp_path / "a.db", f"/-/document/1/part/{n}") for n in (2, 3, 4))]
    text = " ".join(words(part.select_one(".blame")) for part in parts)
    assert [text.count(f"Section {n} ¶") for n in range(150)] == [1] * 150
    entries = [a["href"] for a in first.select(".contents a")]
    assert len(entries) == 60
    assert entries[0] == "#p1"
    assert entries[-1].startswith("/-/document/1/part/2#p")
    assert parts[1].select_one(f".said #{entries[-1].partition('#')[2]}")
    assert [len(part.select(".beside")) for part in parts] == [1, 0, 0, 0]
    (missing,) = visit(tmp_path / "a.db", "/-/version/1/part/5")
    assert missing.status_code == 404
    assert "There is no part 5: this text has 4." in missing.text


# A hostile page


def test_no_text_becomes_markup(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with store.writing(path) as db:
        site_pages.record_hostile(db)
        texts = [site_pages.SCRIPT, "</p></div><script>alert(9)</script>"]
        bad = (
            Link(texts[0], "javascript:alert(6)"),
            Link("", "data:text/html,x"),
            Link("alert", 'https://a.b/"onload='),
        )
        hostile = Document("evil", "Terms", "javascript:alert('u')", '"><b>', language='"><script>')
        reading = Reading((flag(texts[1]),), (Fact("optout", texts[0], ""),))
        said = [Passage(kind, f"{texts[0]}{n}", 9, bad) for n, kind in enumerate(Kind)]
        number = version(db, [*said, *paragraphs(texts[1])], 9, hostile)
        decided(db, number, Decision.PUSH, (Edit(EditKind.CHANGED, texts[0], texts[0], texts[1]), reading))
    for address in ("/-/document/1", "/-/document/2", "/-/version/1", "/-/version/2", "/-/version/3", "/-/passage/4"):
        shown = page(path, address)
        assert not [tag for tag in shown.find_all("script") if not tag.get("src")], address
        assert not [tag for tag in shown.find_all(True) if any(name.startswith("on") for name in tag.attrs)], address
        assert not shown.find_all(style=True), address
        schemes = {a["href"].partition(":")[0] for a in shown.find_all("a", href=True) if ":" in a["href"]}
        assert schemes <= {"http", "https"}, address
