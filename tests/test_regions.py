"""Regions that are named in words get their ISO 3166 codes; words that only look like a region get none."""

from __future__ import annotations

import pytest
import pytz

from archive.countries import COUNTRIES
from diffing.regions import codes, names_region

SHORTENED = {"BQ": "Caribbean Netherlands", "CF": "Central African Republic", "GE": "Republic of Georgia"}


@pytest.mark.parametrize(("code", "name"), sorted(pytz.country_names.items()))
def test_every_country_is_known_by_its_name(code: str, name: str) -> None:
    assert codes(f"users in {SHORTENED.get(code, name)}") == (code,)


def test_each_country_stands_in_the_list_once() -> None:
    listed = [line[:2] for line in COUNTRIES.split("\n") if line]
    assert len(listed) == len(set(listed))
    assert set(listed) - set(pytz.country_names) == {"XK"}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("users in the European Union (EU)", ("EU",)),
        ("the EEA", ("EU", "IS", "LI", "NO")),
        ("the EU, EEA and Switzerland", ("EU", "IS", "LI", "NO", "CH")),
        ("the United Kingdom", ("GB",)),
        ("UK residents", ("GB",)),
        ("Great Britain or the U.K.", ("GB",)),
        ("Swiss, Brazilian and South Korean users", ("CH", "BR", "KR")),
        ("our American members", ("US",)),
        ("residents of California", ("US-CA",)),
        ("Washington, D.C. and New York", ("US-DC", "US-NY")),
        ("Québec and British Columbia", ("CA-QC", "CA-BC")),
        ("Northern Ireland and Ireland", ("GB-NIR", "IE")),
        ("New Mexico", ("US-NM",)),
        ("Papua New Guinea", ("PG",)),
        ("the Netherlands, Nigeria and Niger", ("NL", "NG", "NE")),
        ("people in Jordan, Chad and Turkey", ("JO", "TD", "TR")),
        ("Georgia, Florida and Texas", ("US-GA", "US-FL", "US-TX")),
        ("Armenia and Georgia", ("AM", "GE")),
        ("the state of Georgia", ("US-GA",)),
    ],
)
def test_regions_are_coded_in_their_order(words: str, found: tuple[str, ...]) -> None:
    assert codes(words) == found
    assert names_region(words)


@pytest.mark.parametrize(
    "words",
    [
        "write to us",
        "Jordan Baker's notes",
        "Air Jordan customers",
        "a turkey in china",
        "Latin America and the Middle East",
        "English-speaking users",
        "the Dutch language",
        "Polish",
        "non-EU users",
        "Enterprise customers",
        "minors",
        "",
    ],
)
def test_other_words_are_no_regions(words: str) -> None:
    assert codes(words) == ()


def test_georgia_alone_is_a_region_of_which_the_code_cannot_be_told() -> None:
    assert codes("residents of Georgia") == ()
    assert names_region("residents of Georgia")
