"""The year as a picture: each day in its place, larger with more changes, coloured by the worst of them."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from archive.flagged import Dated
from pages.year import STEP, Month, Year, year


def months(*days: str, wanted: str = "", severity: str = "low") -> list[Month]:
    return list(drawn(*days, wanted=wanted, severity=severity).months)


def drawn(*days: str, wanted: str = "", severity: str = "low") -> Year:
    found = year([Dated(number, day, severity) for number, day in enumerate(days)], wanted)
    assert found is not None
    return found


def test_without_changes_there_is_no_year() -> None:
    assert year([]) is None


def test_the_newest_year_is_shown_and_all_are_counted() -> None:
    found = drawn("2026-03-02", "2024-01-01", "2024-12-31")
    assert (found.year, found.count) == (2026, 1)
    assert list(found.years.items()) == [(2026, 1), (2024, 2)]


def test_a_year_that_is_asked_for_is_shown_even_if_it_is_empty() -> None:
    assert drawn("2026-03-02", "2024-01-01", wanted="2024").months[0].count == 1
    empty = drawn("2026-03-02", wanted="2025")
    assert (empty.count, {month.count for month in empty.months}) == (0, {0})


def test_a_month_counts_its_changes_and_knows_its_days() -> None:
    february = months("2024-02-29", "2024-02-29", "2024-02-01")[1]
    assert (february.name, february.since, february.until) == ("February", "2024-02-01", "2024-02-29")
    assert (february.count, [mark.count for mark in february.marks]) == (3, [1, 2])


@pytest.mark.parametrize(
    ("severities", "worst"),
    [(("low", "high", "medium"), "high"), (("low", "medium"), "medium"), (("", "low"), "low"), (("",), "")],
)
def test_a_day_is_as_severe_as_its_worst_change(severities: tuple[str, ...], worst: str) -> None:
    found = year([Dated(number, "2026-03-02", severity) for number, severity in enumerate(severities)])
    assert found is not None
    assert found.months[2].marks[0].severity == worst


def test_more_changes_make_a_larger_mark() -> None:
    day = "2026-03-02"
    sizes = [months(*[day] * count)[2].marks[0].size for count in (1, 2, 3, 9)]
    assert sizes[0] < sizes[1] < sizes[2] == sizes[3] < STEP


def test_every_day_has_its_own_place_within_the_outline() -> None:
    days = [(date(2026, 1, 1) + timedelta(number)).isoformat() for number in range(365)]
    for month in months(*days):
        places = [(int(mark.x // STEP), int(mark.y // STEP)) for mark in month.marks]
        assert len(set(places)) == len(places)
        assert [column for column, _ in places] == [date.fromisoformat(mark.day).weekday() for mark in month.marks]
        right, down = (max(place[axis] for place in places) + 1 for axis in (0, 1))
        assert (right, down * STEP) == (7, month.height)


@pytest.mark.parametrize(
    ("number", "outline"),
    [
        (2, "M96 0H112V80H32V96H0V16H96Z"),  # March 2026: from a Sunday to a Tuesday of the sixth week
        (1, "M96 0H112V64H96V80H0V16H96Z"),
    ],
)
def test_the_outline_begins_and_ends_where_the_month_does(number: int, outline: str) -> None:
    found = months("2026-03-02")[number].outline
    assert found == outline
    assert re.fullmatch(r"M\d+ 0(?:[HV]\d+)+Z", found)


def test_the_last_year_there_is_can_be_drawn() -> None:
    assert months("9999-12-31")[11].marks[0].day == "9999-12-31"
