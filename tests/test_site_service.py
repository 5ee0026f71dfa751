"""The page of a service: what it says, how to refuse, its history as a picture and in words, its documents."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from sqlite_utils import Database

from archive import changes, lanes, recording, store
from archive.lanes import Gap, Span
from archive.stances import Saying, Stance, WayOut
from archive.words import Decision, Document, Edit, EditKind, Effect, Fetch, Outcome, Reading, Snapshot, Topic
from pages import service
from pages.service import Record, entries, records, said, sentence
from pages.serving import MissingError, environment
from tests.site_pages import BODY, HELP, HOSTILE, NEW, POLICY, SCRIPT, flag, page, record, site, visit, words

NIMBUS = "/-/service/nimbus"
SAYING = Saying("We train on posts.", 3, 1, "Nimbus, Privacy Policy", "2025-04-02T06:30:00Z", "en", 2)
WAY = WayOut("Opt out here.", "", "https://nimbus.example/out", 1, "", 3, "2025-04-02T06:30:00Z")
OTA = replace(POLICY, origin="Open Terms Archive", region="")


def values(path: Path, slug: str = "nimbus") -> dict[str, Any]:
    """What the page shows."""
    with store.reading(path) as db:
        found = service.page(db, {"slug": slug})
    assert isinstance(found, service.Page)
    return found.values


def written(path: Path, **others: object) -> BeautifulSoup:
    """The page with these values instead of its own."""

    async def go() -> str:
        shown = site(path)
        await shown.invoke_startup()
        return environment(shown).get_template("service.html").render(values(path) | others)

    return BeautifulSoup(asyncio.run(go()), "lxml")


def section(shown: BeautifulSoup, heading: str) -> Tag:
    """The section below a heading."""
    found = shown.find("h2", string=heading)
    assert isinstance(found, Tag)
    assert isinstance(found.parent, Tag)
    return found.parent


def looked(db: Database, document: Document, day: int, outcome: Outcome) -> None:
    """A look at a document on a day of June."""
    identity = recording.record_document(db, document)
    seen = Snapshot(BODY, "text/html") if outcome.seen else None
    fetch = Fetch(document.url, f"2025-06-{day:02}T06:00:00Z", outcome, "no answer" * (not outcome.seen))
    recording.record_fetch(db, identity, 0, fetch, seen)


# At the top


def test_the_page_begins_with_whose_documents_they_are(site_archive: Path) -> None:
    shown = page(site_archive, NIMBUS)
    assert words(shown.h1) == "Nimbus"
    assert words(shown.select_one(".lead")) == "3 documents are watched since 1 March 2025."
    assert shown.title.text == "Nimbus · Smallprint"


def test_the_company_behind_it_is_named(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        recording.record_document(db, replace(POLICY, owner="Cumulus"))
    lead = words(page(tmp_path / "a.db", NIMBUS).select_one(".lead"))
    assert lead == "Belongs to Cumulus. 1 document is watched; nothing has been read yet."


def test_ours_and_what_others_have_recorded_are_told_apart(tmp_path: Path) -> None:
    first = changes.Verdict(Decision.BASELINE, "first")
    with store.writing(tmp_path / "a.db") as db:
        record(db, POLICY, [NEW], "2025-03-01T06:30:00Z", first)
        record(db, OTA, [NEW], "2024-03-01T06:30:00Z", first)
    shown = page(tmp_path / "a.db", NIMBUS)
    assert words(shown.select_one(".lead")) == (
        "1 document is watched since 1 March 2025. "
        "1 document, recorded by Open Terms Archive from 1 March 2024 to 1 March 2024."
    )
    assert [words(lane) for lane in shown.select(".lane")] == [
        "Privacy Policy recorded by Open Terms Archive",
        "Privacy Policy (EU) watched by us",
    ]


def test_records_are_by_origin(site_archive: Path) -> None:
    with store.reading(site_archive) as db:
        found = lanes.documents(db, 1)
    assert records(found) == [Record("", 3, "2025-03-01T06:30:00Z", "2025-05-03T06:30:00Z")]
    assert records([]) == []


@pytest.mark.parametrize("name", ["unknown", "UNKNOWN", "nimbus-", "<script>", "%3Cb%3E"])
def test_an_unknown_service_is_a_404_with_one_line(site_archive: Path, name: str) -> None:
    (response,) = visit(site_archive, f"/-/service/{name}")
    shown = BeautifulSoup(response.text, "lxml")
    assert response.status_code == 404
    assert words(shown.select_one(".card")) == "There is no service of this name in this archive."
    with store.reading(site_archive) as db, pytest.raises(MissingError):
        service.page(db, {"slug": name})


def test_the_values_are_there_as_json(site_archive: Path) -> None:
    (response,) = visit(site_archive, f"{NIMBUS}.json")
    found = response.json()
    assert found["service"]["name"] == "Nimbus"
    assert [entry["document"]["type"] for entry in found["documents"]] == [
        "Help Page",
        "Privacy Policy",
        "Terms of Service",
    ]
    assert found["years"][0][0] == "2025"


# What it says


def test_a_stance_is_told_with_the_words_that_say_so(site_archive: Path) -> None:
    found = section(page(site_archive, NIMBUS), "AI training")
    assert "We train AI models on your posts." in words(found)
    (quote, *_) = found.select("figure.quote")
    assert words(quote.figcaption).startswith("Privacy Policy (EU), since 2 April 2025")
    assert [link["href"].rsplit("/", 1)[0] for link in quote.select("a")[:2]] == ["/-/document", "/-/passage"]


def test_a_sentence_joins_the_positions() -> None:
    assert sentence(["Says it trains", "Lets you opt out", "AI is off"]) == (
        "Says it trains; lets you opt out; AI is off."
    )
    assert sentence([]) == ""


def test_a_saying_names_its_document_as_the_page_does() -> None:
    found = said(Stance(Topic.AI_TRAINING, {"trains": [SAYING]}), {"trains": "Trains"}, {1: "Privacy Policy (EU)"})
    assert (found.topic, found.name, found.sentence) == ("ai-training", "AI training", "Trains.")
    assert found.positions == [("Trains", [replace(SAYING, document="Privacy Policy (EU)")])]


def test_the_page_begins_with_the_stance_on_training(site_archive: Path) -> None:
    stance = said(Stance(Topic.AI_TRAINING, {"a": [SAYING], "b": [SAYING]}), {"a": "Trains", "b": "Asks"}, {})
    shown = written(site_archive, stances=[stance])
    assert words(shown.select_one(".verdict")) == "AI training: Trains; asks."
    assert [words(heading) for heading in section(shown, "AI training").select("h3")] == ["Trains", "Asks"]
    about = shown.find("meta", attrs={"name": "description"})["content"]
    assert about.startswith("Nimbus on AI training: Trains; asks.")


def test_what_is_unstated_is_told_as_that(site_archive: Path) -> None:
    shown = written(site_archive, stances=[said(Stance(topic, {}), {}, {}) for topic in Topic], ways=[])
    assert words(shown.select_one(".verdict")) == "AI training: unstated."
    for heading in ("AI training", "Consent"):
        assert "Unstated. No document that was read says anything on it." in words(section(shown, heading))
    assert shown.find("h2", string="How to opt out") is None


def test_two_quotes_stand_open_and_the_others_are_folded(site_archive: Path) -> None:
    many = [replace(SAYING, passage_id=number) for number in range(5)]
    both = [said(Stance(topic, {"a": many}), {"a": "Says so"}, {}) for topic in Topic]
    shown = written(site_archive, stances=both)
    first, second = section(shown, "AI training"), section(shown, "Consent")
    assert [len(first.select("figure")), len(first.select("details figure"))] == [5, 3]
    assert words(first.summary) == "3 more say so"
    assert len(second.select("details figure")) == 5
    assert words(second.summary) == "Says so 5 passages"


def test_of_very_many_quotes_some_are_told_in_numbers(site_archive: Path) -> None:
    many = [replace(SAYING, passage_id=number) for number in range(99)]
    shown = written(site_archive, stances=[said(Stance(Topic.AI_TRAINING, {"a": many}), {"a": "Says so"}, {})])
    found = section(shown, "AI training")
    assert len(found.select("figure")) == 22
    assert words(found.summary) == "97 more say so"
    assert "77 more are among its flags." in words(found)


# How to refuse


def test_the_way_out_is_told_in_the_words_of_the_document(site_archive: Path) -> None:
    found = section(page(site_archive, NIMBUS), "How to opt out")
    assert "You can opt out in Settings." in words(found)


def test_a_way_out_has_its_path_or_its_link(site_archive: Path) -> None:
    ways = [WAY, replace(WAY, path="Settings > Privacy", url="")]
    found = section(written(site_archive, ways=ways), "How to opt out")
    door = found.select_one("a.door")
    assert (door["href"], door["rel"], words(door)) == (WAY.url, ["noopener", "nofollow"], "Opt out on nimbus.example")
    assert words(found.h3) == "Settings > Privacy"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://"])
def test_a_way_out_that_is_no_address_of_the_web_is_no_link(site_archive: Path, url: str) -> None:
    found = section(written(site_archive, ways=[replace(WAY, url=url)]), "How to opt out")
    assert found.select_one("a.door") is None
    assert found.code.text == url


def test_where_no_way_is_named_the_page_says_so(site_archive: Path) -> None:
    stance = said(Stance(Topic.AI_TRAINING, {"a": [SAYING]}), {"a": "Trains"}, {})
    found = section(written(site_archive, stances=[stance], ways=[]), "How to opt out")
    assert words(found) == "How to opt out No document that was read names a way."


# The picture


def test_every_document_that_was_looked_at_has_a_lane(site_archive: Path) -> None:
    found = page(site_archive, NIMBUS).select(".lanes ol > li")
    assert [words(lane.select_one(".lane")) for lane in found] == ["Help Page", "Privacy Policy (EU)"]
    assert found[1].svg["aria-labelledby"] == found[1].select_one(".lane a")["id"]


def test_marks_lead_to_changes_and_bars_to_passages(site_archive: Path) -> None:
    lane = page(site_archive, NIMBUS).select(".lanes ol > li")[1]
    assert [(link["href"], link.title.text) for link in lane.select("svg .sign a")] == [
        ("/-/change/1", "First text, 1 March 2025"),
        (
            "/-/change/2",
            "Flagged, severity high, 2 April 2025: "
            "Nimbus may now train AI models on people’s data or content; opt out: “Settings”; also no…",
        ),
    ]
    (bar,) = lane.select("svg > a")
    assert bar["href"].startswith("/-/passage/")
    assert bar.title.text == (
        "A passage that allows AI training, 2 April 2025 to now: “We train AI models on your posts.”"
    )
    assert bar.rect["class"] == ["bar", "permits"]


def test_several_changes_at_one_place_lead_to_their_place_in_the_list(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        for number in range(3):
            edit = Edit(EditKind.ADDED, "", "", f"We train on {number}.")
            reading = Reading((flag(Topic.AI_TRAINING, Effect.PERMITS, edit.after),))
            verdict = changes.Verdict(Decision.PUSH, "flagged", ((edit, reading),))
            record(db, POLICY, [edit.after], f"2025-04-02T0{number}:30:00Z", verdict)
        record(db, POLICY, ["End."], "2026-04-02T06:30:00Z", changes.Verdict(Decision.UNFLAGGED, "other words"))
    shown = page(tmp_path / "a.db", NIMBUS)
    (mark,) = shown.select("svg .high a")
    assert mark.find("text").text == "3"
    assert shown.select_one(mark["href"]).name == "li"


def test_the_legend_names_what_is_drawn(site_archive: Path) -> None:
    assert [words(item) for item in page(site_archive, NIMBUS).select(".legend li")] == [
        "Flagged, severity high",
        "First text",
        "A passage that allows AI training",
        "No news: cosmetic, or an earlier text again",
        "Could not be read",
    ]


def test_passages_on_training_are_told_in_words_too(site_archive: Path) -> None:
    found = page(site_archive, NIMBUS).select_one("#passages")
    assert words(found.h3) == "Privacy Policy (EU)"
    assert words(found.li) == "2 April 2025 to now We train AI models on your posts."


# Documents and changes


def test_each_document_tells_how_it_is_seen(site_archive: Path) -> None:
    found = [words(one) for one in page(site_archive, NIMBUS).select(".documents li")]
    assert found == [
        "Help Page Could not be read on 5 June 2025: robots were turned away (a wall). It was never read.",
        "Privacy Policy (EU) Language: en Last read on 3 May 2025. 3 texts since 1 March 2025 · 1 flagged change · "
        "last changed 2 April 2025 · on nimbus.example",
        "Terms of Service Not looked at yet.",
    ]


def test_a_document_that_can_be_read_again_is_told_as_read(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        looked(db, HELP, 3, Outcome.UNREACHABLE)
        looked(db, HELP, 4, Outcome.UNCHANGED)
    (found,) = page(tmp_path / "a.db", NIMBUS).select(".documents li")
    assert words(found) == "Help Page Last read on 4 June 2025."


def test_a_document_in_a_language_without_rules_is_marked(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        record(
            db, replace(POLICY, language="fr"), [NEW], "2025-03-01T06:30:00Z", changes.Verdict(Decision.BASELINE, "")
        )
    (found,) = page(tmp_path / "a.db", NIMBUS).select(".documents li")
    assert words(found.select_one(".label")) == "Not read for meaning: French"


def test_an_entry_counts_texts_by_decision(site_archive: Path) -> None:
    with store.reading(site_archive) as db:
        found = entries(lanes.documents(db, 1), lanes.marks(db, 1))
    assert [(one.texts, one.flagged, one.last_id) for one in found] == [(0, 0, None), (3, 1, 2), (0, 0, None)]
    assert found[1].decisions == {"baseline": 1, "push": 1, "cosmetic": 1}


def test_flagged_changes_come_the_newest_first(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        for year, decision in ((2023, Decision.PUSH), (2024, Decision.HELD), (2025, Decision.RETURNED)):
            edit = Edit(EditKind.ADDED, "", "", f"We train on {year}.")
            reading = Reading((flag(Topic.AI_TRAINING, Effect.PERMITS, edit.after),))
            verdict = changes.Verdict(decision, "flagged", ((edit, reading),))
            record(db, POLICY, [edit.after], f"{year}-04-02T06:30:00Z", verdict)
    found = section(page(tmp_path / "a.db", NIMBUS), "Flagged changes")
    assert [heading.text for heading in found.select("h3")] == ["2024", "2023"]
    assert [words(one.select_one(".when")) for one in found.select("li")] == [
        "2 April 2024 · Privacy Policy (EU)",
        "2 April 2023 · Privacy Policy (EU)",
    ]
    assert words(found.select_one(".label")) == "Held for confirmation"


def test_a_flagged_change_has_its_severity_and_its_line(site_archive: Path) -> None:
    (found,) = page(site_archive, NIMBUS).select(".flagged li")
    assert words(found).startswith("2 April 2025 · Privacy Policy (EU) Severity: High Nimbus may now train AI models")
    assert found.select_one("a")["href"] == "/-/change/2"


def test_tables_are_filtered_by_the_service(site_archive: Path) -> None:
    links = [link["href"] for link in page(site_archive, NIMBUS).select(".tables a")]
    assert "/demo/flagged_changes?service=Nimbus" in links
    answers = visit(site_archive, *(link for link in links if link.startswith("/demo")))
    assert [answer.status_code for answer in answers] == [200, 200, 200]


@pytest.mark.parametrize("there", [True, False])
def test_the_feed_is_named_where_there_is_one(site_archive: Path, there: bool) -> None:
    links = written(site_archive, has_feed=there, feeds=True).select("a[href='/-/feed/service/nimbus.atom']")
    assert len(links) == there
    assert values(site_archive)["has_feed"] is True


def test_what_others_recorded_and_nobody_was_told_has_no_feed(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        record(db, OTA, [NEW], "2024-03-01T06:30:00Z", changes.Verdict(Decision.BASELINE, "first"))
    assert values(tmp_path / "a.db")["has_feed"] is False


# A service without anything, and a hostile one


def test_a_service_that_was_never_looked_at_is_friendly(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        recording.record_document(db, POLICY)
    shown = page(tmp_path / "a.db", NIMBUS)
    assert "Nothing has been looked at yet, so there is nothing to draw." in words(shown)
    assert "No change of its documents has been flagged." in words(shown)
    assert not shown.select("svg, #passages")


def test_a_service_without_documents_is_friendly(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        db.execute("INSERT INTO services (name, key) VALUES ('Nimbus', 'Nimbus')")
        db.conn.commit()
    assert "None of its documents is watched." in words(page(tmp_path / "a.db", NIMBUS))


def test_a_hostile_service_is_shown_in_words(site_archive: Path) -> None:
    shown = page(site_archive, "/-/service/evil")
    assert shown.h1.text == HOSTILE.service_name
    assert [tag["src"].partition("?")[0] for tag in shown.find_all("script")] == ["/-/smallprint/service.js"]
    assert not shown.find_all("img")
    assert not [tag for tag in shown.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
    assert not [link for link in shown.find_all(href=True) if not re.match(r"/|#|https?:", link["href"])]
    assert not shown.find_all(style=True)
    assert SCRIPT in words(shown.select_one(".flagged"))


def test_the_page_of_a_hostile_service_has_the_strict_policy(site_archive: Path) -> None:
    (response,) = visit(site_archive, "/-/service/evil")
    assert response.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")


# What the page reads


def test_what_a_passage_says_is_the_opposite_of_what_its_going_does(db: Database) -> None:
    gone = Edit(EditKind.REMOVED, "", "We train on posts.", "")
    reading = Reading((flag(Topic.AI_TRAINING, Effect.RESTRICTS, gone.before, "before"),))
    record(db, POLICY, [gone.before], "2025-03-01T06:30:00Z", changes.Verdict(Decision.BASELINE, "first"))
    pushed = changes.Verdict(Decision.PUSH, "flagged", ((gone, reading),))
    record(db, POLICY, ["End."], "2025-04-01T06:30:00Z", pushed)
    (span,) = lanes.spans(db, 1)
    assert span == Span(1, 1, "2025-03-01T06:30:00Z", "2025-04-01T06:30:00Z", "permits", gone.before)


def test_spans_are_those_of_the_view(site_archive: Path) -> None:
    with store.reading(site_archive) as db:
        ours = {
            (one.passage_id, one.since, one.until, one.quote) for number in (1, 2) for one in lanes.spans(db, number)
        }
        rows = db.query("SELECT passage_id, first_seen, gone, quote FROM ai_training_passages")
        assert ours == {tuple(row.values()) for row in rows}
        assert len(ours) == 2


def test_a_gap_lasts_from_the_first_look_that_failed_to_the_next_that_did_not(db: Database) -> None:
    for day, outcome in enumerate(("unchanged", "blocked", "unreachable", "not modified", "suspect", "suspect"), 1):
        looked(db, HELP, day, Outcome(outcome))
    at = "2025-06-0{}T06:00:00Z".format
    assert lanes.gaps(db, 1) == [Gap(1, at(2), at(4), at(3)), Gap(1, at(5), None, at(6))]
    (document,) = lanes.documents(db, 1)
    assert (document.last_seen, document.missed_at, document.outcome) == (at(4), at(6), "suspect")
