"""What an address asks of the front page: which changes, of which days, in plain words; or what is wrong."""

from __future__ import annotations

from datetime import date

import pytest

from archive.flagged import Service, Wanted
from pages.asking import AskedError, Filter, Known, Question, choices, question

KNOWN = Known(
    {"quillo": Service("Quillo", "Quillo", True), "plume": Service("plume", "Plume & Co", False)}, ("EU", "BR")
)
TODAY = date(2026, 3, 31)
EVERYTHING = {
    "topic": "ai-training",
    "effect": "permits",
    "severity": "high",
    "service": "plume",
    "region": "GB",
    "time": "week",
    "year": "2026",
    "since": "2026-03-01",
    "until": "2026-03-09",
}


def asked(**parameters: str) -> Question:
    return question(parameters, KNOWN, TODAY)


def test_nothing_asked_is_everything() -> None:
    assert asked() == Question(Wanted(), "", "", 1, {}, ())
    assert asked(topic="", service=" ", page="", utm="x") == asked()


def test_what_is_wanted_of_a_change() -> None:
    found = asked(topic="consent", effect="opt_out", severity="high", service="quillo", region="gb")
    assert found.wanted == Wanted("consent", "opt_out", "high", "Quillo", "GB")


def test_each_filter_is_said_in_plain_words() -> None:
    said = question(EVERYTHING, KNOWN, TODAY)
    assert [one.words for one in said.filters] == [
        *("AI training", "Allows more", "High severity", "Plume & Co", "For people in the UK", "In the past week"),
        *("Seen in 2026", "Seen since 1 March 2026", "Seen until 9 March 2026"),
    ]


def test_a_filter_can_be_dropped_and_the_page_with_it() -> None:
    found = asked(topic="consent", year="2025", page="3")
    assert found.page == 3
    assert found.filters == (
        Filter("topic", "Consent", {"year": "2025"}),
        Filter("year", "Seen in 2025", {"topic": "consent"}),
    )
    assert found.lasting == {"topic": "consent"}


@pytest.mark.parametrize(
    ("parameters", "days"),
    [
        ({"since": "2026-01-02"}, ("2026-01-02", "")),
        ({"until": "2026-01-02"}, ("", "2026-01-02")),
        ({"time": "week"}, ("2026-03-24", "")),
        ({"time": "month"}, ("2026-03-01", "")),
        ({"time": "year"}, ("2025-03-31", "")),
        ({"year": "2024"}, ("2024-01-01", "2024-12-31")),
        ({"year": "2026", "time": "year", "until": "2026-02-01"}, ("2026-01-01", "2026-02-01")),
        ({"year": "2026", "since": "2026-02-01"}, ("2026-02-01", "2026-12-31")),
    ],
)
def test_all_that_is_said_of_time_holds_together(parameters: dict[str, str], days: tuple[str, str]) -> None:
    found = asked(**parameters)
    assert (found.since, found.until) == days


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("topic", "cookies", 'There is no topic "cookies": ask for ai-training or consent.'),
        ("severity", "HIGH", 'There is no severity "HIGH": ask for high, medium or low.'),
        ("time", "day", 'There is no time "day": ask for week, month or year.'),
        ("effect", "none", 'There is no effect "none": ask for permits, restricts, restates, opt_out, opt_in, deemed, '
         "withdraw or default."),
        ("service", "Quillo", 'This archive has no service called "Quillo" in addresses.'),
        ("region", "Atlantis", '"Atlantis" is no code of a region: write such as EU, GB or US-CA.'),
        ("since", "yesterday", '"yesterday" is no day: write such as 2026-03-01.'),
        ("until", "20260301", '"20260301" is no day: write such as 2026-03-01.'),
        ("until", "2026-02-30", '"2026-02-30" is no day: write such as 2026-03-01.'),
        ("year", "0000", '"0000" is no year: write such as 2026.'),
        ("year", "２０２６", '"２０２６" is no year: write such as 2026.'),
        ("page", "0", '"0" is no number of a page: they count from 1.'),
        ("page", "-1", '"-1" is no number of a page: they count from 1.'),
        ("page", "²", '"²" is no number of a page: they count from 1.'),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_one_line(name: str, value: str, line: str) -> None:
    with pytest.raises(AskedError) as refusal:
        asked(**{name: value})
    assert str(refusal.value) == line


def test_a_region_that_is_no_code_is_known_where_a_document_has_it() -> None:
    known = Known({}, ("Everywhere but here",))
    assert question({"region": "Everywhere but here"}, known, TODAY).wanted.region == "Everywhere but here"
    assert choices(known, {})["region"] == {"Everywhere but here": "Everywhere but here"}


def test_the_form_offers_what_is_there_and_what_was_chosen() -> None:
    assert choices(KNOWN, {})["service"] == {"quillo": "Quillo"}
    assert choices(KNOWN, {"service": "plume"})["service"] == {"quillo": "Quillo", "plume": "Plume & Co"}
    assert choices(KNOWN, {})["region"] == {"BR": "Brazil", "EU": "The EU"}
    assert list(choices(KNOWN, {"region": "gb"})["region"]) == ["BR", "EU", "GB"]
    assert set(choices(KNOWN, {})["effect"]) == {"permits", "restricts", "restates"}
