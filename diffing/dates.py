"""Turns a written date ("November 20th, 2024", "3 Nov") into YYYY-MM-DD."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NUMBER = re.compile(r"\d{1,4}", re.ASCII)
NAME = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b",
    re.IGNORECASE,
)
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
BACK, AHEAD = timedelta(days=183), timedelta(days=305)


def iso(written: str, seen: date | None) -> str:
    """A written date as YYYY-MM-DD; empty where it is none, or not the only one that the words can mean.

    A date without a year takes that of `seen`, the document's own date; the next where it would lie more than half a
    year back ("starting 3 January", seen in December), the last where it would lie more than ten months ahead. Digits
    alone are a date only where day and month cannot be confused: "25/05/2018", not "03/11/2024".
    """
    if YEAR.search(written):
        return plain(written) or (other(written) if NAME.search(written) else "")
    if seen is None:
        return ""
    years = (seen.year, seen.year + 1, seen.year - 1)
    days = [date.fromisoformat(day) for year in years if (day := plain(f"{written} {year}"))]
    near = next((day for day in days if seen - BACK <= day <= seen + AHEAD), None)
    return near.isoformat() if near else ""


def plain(written: str) -> str:
    """A date in a common form; empty for any other and for a day that is none."""
    numbers = [(number, int(number)) for number in NUMBER.findall(written)]
    name = NAME.search(written)
    try:
        if name and len(numbers) == 2:
            (_, day), (_, year) = sorted(numbers, key=lambda number: len(number[0]))
            return date(year, MONTHS.index(name[0][:3].lower()) + 1, day).isoformat()
        return _digits(numbers) if len(numbers) == 3 else ""
    except ValueError:
        return ""


def _digits(numbers: list[tuple[str, int]]) -> str:
    """A date of three numbers; ValueError where that is no day."""
    (first, one), (_, two), (last, three) = numbers
    if len(first) == 4:
        return date(one, two, three).isoformat()
    if len(last) != 4 or (max(one, two) <= 12 and one != two):
        return ""
    return date(three, min(one, two), max(one, two)).isoformat()


@lru_cache(maxsize=200)
def other(written: str) -> str:
    """A date in any form that the library knows."""
    import dateparser  # slow to import, and few passages state a date in another form

    moment = dateparser.parse(written, languages=["en"], settings={"REQUIRE_PARTS": ["day", "month", "year"]})
    return moment.date().isoformat() if moment else ""
