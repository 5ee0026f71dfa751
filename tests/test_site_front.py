"""The front page: what is flagged, the newest first; less of it, where that was asked; the year; how things stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from sqlite_utils import Database

from archive import recording, store
from archive.words import Decision, Edit, EditKind, Fact, Kind, Link, Mechanism, Passage, Reading, Topic
from tests.builders import DAY, WORDS, added, decided, flag, paragraphs, put, version
from tests.builders import POLICY as QUILLO
from tests.builders import pushed as push
from tests.site_pages import POLICY, page, record_hostile, visit, words

REFUSE = "Members in Brazil can opt out under Settings here."


def cards(path: Path, address: str = "/") -> list[Tag]:
    return list(page(path, address).select("article.card"))


def shown(path: Path, address: str = "/") -> list[str]:
    """The addresses of the changes on the page."""
    return [card.h3.a["href"].removeprefix("/-/change/") for card in cards(path, address) if card.h3 and card.h3.a]


def told(card: Tag) -> dict[str, str]:
    """The facts on a card."""
    return {words(name): words(name.find_next_sibling("dd")) for name in card.select(".facts dt")}


# Cards


def test_the_front_page_shows_flagged_changes_the_newest_first(site_archive: Path) -> None:
    assert shown(site_archive) == ["5", "2"]


def test_a_card_says_who_when_what_and_in_which_words(site_archive: Path) -> None:
    card = cards(site_archive)[1]
    assert words(card.h3.a) == (
        "Nimbus may now train AI models on people’s data or content; opt out: “Settings”; "
        "also no longer says that it asks for your consent; and 1 more"
    )
    whose = card.select_one(".whose")
    assert words(whose) == "Severity: High Nimbus, Privacy Policy (EU)"
    assert [a["href"] for a in whose("a")] == ["/-/service/nimbus", "/-/document/1"]
    assert words(card.select_one(".seen")) == "Seen 2 April 2025; the text before, 1 March 2025"
    assert told(card) == {"How to refuse": "Settings"}
    assert [label.text for label in card.select(".label")] == [
        "AI training: allows more",
        "Consent: a way to opt out",
        "Consent: asks first",
        "Consent: says it anew",
    ]


def test_a_card_quotes_two_passages_the_most_severe_first_and_counts_the_rest(site_archive: Path) -> None:
    card = cards(site_archive)[1]
    assert [words(quote) for quote in card.select(".quote")] == [
        "It now says, under 4. Training: We train AI models on your posts.",
        "It now says, under 4. Training: You can opt out in Settings.",
    ]
    assert words(card.select_one(".more")) == "2 more flagged passages"


def changed(db: Database, before: str, after: str, facts: Sequence[Fact] = (), links: Sequence[Link] = ()) -> int:
    """The id of a change that reworded a passage into one that is flagged."""
    decided(db, version(db, paragraphs(before), 1), Decision.BASELINE)
    edit = Edit(EditKind.CHANGED, "Privacy › Our models", before, after)
    reading = Reading((flag(after), flag(after, Topic.CONSENT, mechanisms=(Mechanism.OPT_OUT,))), tuple(facts))
    return decided(
        db, version(db, [Passage(Kind.PARAGRAPH, after, links=tuple(links))], 2), Decision.PUSH, (edit, reading)
    )


def test_a_quote_of_a_reworded_passage_marks_what_came_and_what_went(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        changed(db, "We do not use your posts to train models.", "We use your posts and photos to train models.")
    (card,) = cards(archive_path)
    assert words(card.figcaption) == "It now says, under Our models:"
    quote = card.blockquote
    assert [gone.text.strip() for gone in quote("del")] == ["do not"]
    assert [came.text.strip() for came in quote("ins")] == ["and photos"]
    for gone in quote("del"):
        gone.decompose()
    assert words(quote) == "We use your posts and photos to train models."


def test_how_to_refuse_leads_there_and_says_where(archive_path: Path) -> None:
    links = [Link("our terms", "https://quillo.example/terms"), Link("Settings here", "https://app.quillo.test/refuse")]
    facts = [Fact("optout", "Settings here", REFUSE), Fact("exempt", "the EU", REFUSE, ("EU",))]
    facts += [Fact("exempt", "schools", REFUSE)]
    facts += [Fact("effective", day, REFUSE) for day in ("2026-04-01", "2026-04-01", "2019-01-01")]
    with store.writing(archive_path) as db:
        changed(db, "Hello.", REFUSE, facts, links)
    (card,) = cards(archive_path)
    link = card.select_one(".facts a")
    assert (link.text, link["href"]) == ("Settings here", "https://app.quillo.test/refuse")
    assert set(link["rel"]) == {"noopener", "nofollow"}
    assert told(card) == {
        "Applies from": "1 April 2026",
        "How to refuse": "Settings here on app.quillo.test",
        "Does not apply to": "the EU and schools",
    }


def test_a_long_quote_is_cut_short(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        push(db, words="We train models on what you write. " * 40)
    (card,) = cards(archive_path)
    assert card.blockquote.text.endswith("…")
    assert len(card.blockquote.text) < 350


def test_what_was_asked_for_is_quoted_first(site_archive: Path) -> None:
    (card,) = cards(site_archive, "/?effect=opt_in")
    assert words(card.blockquote) == "We ask for consent first."


# Filters


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("topic=consent", ["2"]),
        ("topic=ai-training", ["5", "2"]),
        ("topic=consent&effect=permits", []),
        ("effect=opt_out", ["2"]),
        ("service=nimbus", ["2"]),
        ("severity=low", []),
        ("region=GB", ["5"]),
        ("region=FR", ["5", "2"]),
        ("since=2025-05-01", ["5"]),
        ("until=2025-04-02", ["2"]),
        ("since=2025-04-02&until=2025-04-02&service=nimbus", ["2"]),
        ("year=2025", ["5", "2"]),
        ("year=2024", []),
        ("time=week", []),
        ("topic=&effect=&service=&since=&page=1", ["5", "2"]),
    ],
)
def test_less_is_shown_where_that_was_asked(site_archive: Path, query: str, found: list[str]) -> None:
    assert shown(site_archive, f"/?{query}") == found


def test_the_form_shows_what_was_asked_and_each_filter_can_be_dropped(site_archive: Path) -> None:
    made = page(site_archive, "/?topic=consent&effect=opt_out&since=2025-04-01&year=2025")
    form = made.select_one("form.filters")
    chosen = {field["name"]: option["value"] for field in form("select") for option in field.select("[selected]")}
    assert chosen == {"topic": "consent", "effect": "opt_out"}
    assert {field["name"]: field["value"] for field in form("input") if field["value"]} == {
        "since": "2025-04-01",
        "year": "2025",
    }
    assert form.details.has_attr("open")
    drops = {words(a): a["href"] for a in made.select(".active a")}
    assert drops == {
        "Drop the filter: Consent ×": "/?effect=opt_out&year=2025&since=2025-04-01",
        "Drop the filter: A way to opt out ×": "/?topic=consent&year=2025&since=2025-04-01",
        "Drop the filter: Seen in 2025 ×": "/?topic=consent&effect=opt_out&since=2025-04-01",
        "Drop the filter: Seen since 1 April 2025 ×": "/?topic=consent&effect=opt_out&year=2025",
        "Drop all": "/",
    }
    assert words(made.select_one(".found")) == "1 flagged change."
    assert made.title.text.startswith("Flagged: Consent, A way to opt out, Seen in 2025")


def test_every_field_has_a_label(site_archive: Path) -> None:
    form = page(site_archive, "/").select_one("form.filters")
    fields = [field["id"] for field in form.select("select, input")]
    assert fields == [label["for"] for label in form("label")]
    assert len(fields) == 8
    assert [option["value"] for option in form.select("#ask-service option")] == ["", "evil", "nimbus"]


def test_where_nothing_fits_it_says_how_to_widen(site_archive: Path) -> None:
    made = page(site_archive, "/?topic=consent&since=2031-01-01")
    assert "Nothing flagged fits. Drop a filter above, or ask for the same at any time." in words(made.main)
    assert made.select_one(".latest .card a")["href"] == "/?topic=consent"
    assert page(site_archive, "/?severity=low").select_one(".latest .card a")["href"] == "/"


@pytest.mark.parametrize("query", ["topic=x", "service=nobody", "region=<b>", "since=1.1.2025", "page=0", "page=9"])
def test_what_makes_no_sense_is_refused_with_a_line(site_archive: Path, query: str) -> None:
    for answer in visit(site_archive, f"/?{query}", f"/-/front.json?{query}"):
        assert answer.status_code == 400
    assert "Not understood" in visit(site_archive, f"/?{query}")[0].text


def test_a_region_that_is_asked_for_says_what_is_left_out(site_archive: Path) -> None:
    assert "What says of itself that it does not apply there is left out" in words(
        page(site_archive, "/?region=GB").main
    )


# Pages


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with 43 flagged changes."""
    path = tmp_path_factory.mktemp("many") / "demo.db"
    with store.writing(path) as db:
        for number in range(43):
            push(db, replace(QUILLO, type=f"Policy {number}"))
    return path


def test_older_changes_are_on_further_pages(many: Path) -> None:
    found = [shown(many, address) for address in ("/", "/?page=2", "/?page=3")]
    assert [len(some) for some in found] == [20, 20, 3]
    assert len({change for some in found for change in some}) == 43
    assert words(page(many, "/?page=2").select_one(".found")) == "43 flagged changes, the last seen first: page 2 of 3."


def test_pages_lead_to_each_other_and_keep_the_filters(many: Path) -> None:
    ways = [
        {words(a): a["href"] for a in page(many, f"/?topic=ai-training&page={number}").select(".pages a")}
        for number in (1, 2, 3)
    ]
    assert ways == [
        {"Older →": "/?page=2&topic=ai-training"},
        {"← Newer": "/?topic=ai-training", "Older →": "/?page=3&topic=ai-training"},
        {"← Newer": "/?page=2&topic=ai-training"},
    ]


def test_the_last_page_is_named_to_who_asks_for_more(many: Path) -> None:
    assert "There is no page 4 of this: the last one is 3." in visit(many, "/?page=4")[0].text


# The year


def test_the_year_leads_to_its_days_and_months(site_archive: Path) -> None:
    made = page(site_archive, "/").select_one(".year")
    assert words(made.h2) == "2025, day by day"
    assert {words(a): a["href"] for a in made.select("h3 a")} == {
        "April 1 flagged": "/?since=2025-04-01&until=2025-04-30",
        "June 1 flagged": "/?since=2025-06-01&until=2025-06-30",
    }
    days = made.select(".months svg a")
    assert [words(a.title) for a in days] == [
        "2 April 2025: 1 flagged change, high",
        "4 June 2025: 1 flagged change, high",
    ]
    assert [shown(site_archive, a["href"]) for a in days] == [["2"], ["5"]]
    assert len(made.select(".months li")) == 12
    assert not made.select(".years")


def test_the_year_keeps_the_filters_and_other_years_can_be_seen(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        push(db)
        older = push(db, replace(QUILLO, type="Terms"))
        at = ("2024-02-29T06:00:00Z", older)
        db.execute("UPDATE versions SET seen_at = ? WHERE id = (SELECT after_version_id FROM changes WHERE id = ?)", at)
    made = page(archive_path, "/?topic=ai-training")
    assert words(made.select_one(".years")) == "2026 2024: 1 flagged change"
    (link,) = made.select(".years a")
    assert link["href"] == "/?year=2024&topic=ai-training"
    assert shown(archive_path, link["href"]) == [str(older)]
    day = page(archive_path, link["href"]).select_one(".months svg a")
    assert day["href"] == "/?since=2024-02-29&until=2024-02-29&topic=ai-training"


# How things stand


def test_the_front_page_counts_and_admits_what_was_not_seen(site_archive: Path) -> None:
    made = page(site_archive, "/")
    assert words(made.select_one(".glance")) == "2 of 4 documents read 2 flagged in 2025 Services compared"
    text = words(made.select_one(".standing"))
    assert "2 of 4 documents read at the last look, 5 June 2025." in text
    assert "1 could not be read, which does not mean that nothing changed there" in text
    assert "1 has not been looked at yet" in text
    assert "4 documents" in " ".join(words(one.dd) + " " + words(one.dt) for one in made.select(".counts div"))


def test_what_waits_and_what_others_have_recorded_is_told(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        put(db, push(db), decision="held", held_until=DAY.format(9))
        push(db, replace(QUILLO, origin="Open Terms Archive"))
    text = words(page(archive_path, "/").select_one(".standing"))
    assert "1 change waits to be confirmed by a further look." in text
    assert "1 document comes from the records of others, and is not looked at from here." in text


def test_an_empty_archive_says_what_to_run(tmp_path: Path) -> None:
    with store.writing(tmp_path / "new.db"):
        pass
    made = page(tmp_path / "new.db", "/")
    assert "This archive is still empty" in words(made)
    assert "smallprint run" in words(made)
    assert not made.select("form, .year, .standing")


def test_an_archive_without_flagged_changes_says_so(tmp_path: Path) -> None:
    with store.writing(tmp_path / "quiet.db") as db:
        recording.record_document(db, POLICY)
    made = page(tmp_path / "quiet.db", "/")
    assert "Nothing flagged has changed yet. 1 document is being watched" in words(made)
    assert not made.select("form, .year")


# For programs, and against attackers


def test_the_same_is_there_as_json(site_archive: Path) -> None:
    whole, some = (visit(site_archive, f"/-/front.json{query}")[0].json() for query in ("", "?effect=opt_in"))
    assert [card["id"] for card in whole["cards"]] == [5, 2]
    assert (whole["found"], whole["page"], whole["pages"], whole["filters"]) == (2, 1, 1, [])
    assert whole["year"]["months"][3]["marks"][0]["day"] == "2025-04-02"
    assert whole["standing"]["watched"] == 4
    (card,) = some["cards"]
    assert card["quotes"][0]["words"] == "We ask for consent first."
    assert card["quotes"][0]["runs"] == [{"run": "removed", "text": "We ask for consent first."}]
    assert some["filters"] == [{"name": "effect", "words": "Asks first", "without": {}}]


def test_nothing_of_a_hostile_page_becomes_markup(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        record_hostile(db)
    queries = ["", "?service=evil", "?topic=ai-training", "?until=2020-01-01&service=evil"]
    for answer in visit(archive_path, *(f"/{query}" for query in queries)):
        made = BeautifulSoup(answer.text, "lxml")
        assert answer.status_code == 200
        assert [script["src"].partition("?")[0] for script in made("script")] == ["/-/smallprint/front.js"]
        assert not made.select("img, b[onerror], [onerror]")
        assert not [a for a in made.select("[href]") if str(a["href"]).startswith("javascript:")]
        assert "<script>alert(1)</script>" in made.get_text()


def test_what_was_asked_comes_back_as_words(site_archive: Path) -> None:
    (answer,) = visit(site_archive, "/?service=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    made = BeautifulSoup(answer.text, "lxml")
    assert not made("script")
    assert '"><script>alert(1)</script>' in made.main.get_text()


def test_one_heading_of_the_first_level_and_none_left_out(site_archive: Path) -> None:
    made = page(site_archive, "/?topic=consent")
    levels = [int(heading.name[1]) for heading in made.find_all(["h1", "h2", "h3", "h4"])]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_words_of_a_quote_are_those_of_the_page(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        decided(db, version(db, paragraphs("Hello."), 1), Decision.BASELINE)
        decided(db, version(db, paragraphs(WORDS), 2), Decision.PUSH, added(WORDS, "", flag(WORDS)))
    (card,) = cards(archive_path)
    assert (card.blockquote.text, card.blockquote["dir"]) == (WORDS, "auto")
