"""Dates as people write them become YYYY-MM-DD; a missing year comes from the document's date."""

from __future__ import annotations

from datetime import date

import pytest

from diffing.dates import iso

SEEN = date(2024, 9, 19)


@pytest.mark.parametrize(
    "written",
    [
        "November 20, 2024",
        "November 20th 2024",
        "Nov. 20, 2024",
        "NOV 20 2024",
        "20 November 2024",
        "20th of November, 2024",
        "20th day of November 2024",
        "20-Nov-2024",
        "2024-11-20",
        "2024/11/20",
        "2024.11.20",
        "20/11/2024",
        "11/20/2024",
        "20.11.2024",
        "November 20",
        "20 November",
    ],
)
def test_one_day_in_its_usual_forms(written: str) -> None:
    assert iso(written, SEEN) == "2024-11-20"


@pytest.mark.parametrize(
    ("written", "seen", "day"),
    [
        ("3 November", SEEN, "2024-11-03"),
        ("3 January", date(2024, 12, 10), "2025-01-03"),
        ("3 January", date(2024, 2, 10), "2024-01-03"),
        ("3 November", date(2024, 3, 10), "2024-11-03"),
        ("15 December", date(2025, 1, 10), "2024-12-15"),
        ("29 February", date(2023, 11, 1), "2024-02-29"),
        ("1 January", date(2024, 7, 1), "2024-01-01"),
        ("31 December", date(2024, 7, 1), "2024-12-31"),
    ],
)
def test_the_documents_date_gives_the_missing_year(written: str, seen: date, day: str) -> None:
    assert iso(written, seen) == day


@pytest.mark.parametrize(
    "written",
    ["03/11/2024", "12.12.24", "31/02/2024", "30 February 2024", "2024-13-01", "99 May 2024", "March 2024", "soon", ""],
)
def test_what_is_no_day_or_could_be_two_is_not_told(written: str) -> None:
    assert iso(written, SEEN) == ""


def test_equal_numbers_are_one_day_either_way() -> None:
    assert iso("05/05/2024", SEEN) == "2024-05-05"


def test_without_any_year_nothing_is_told() -> None:
    assert iso("3 November", None) == ""
    assert iso("29 February", date(2025, 6, 1)) == ""
