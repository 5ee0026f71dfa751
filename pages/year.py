"""Turns days with flagged changes into the picture of a year: twelve months, with a mark for each such day."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from archive.flagged import Dated
from archive.words import Severity

STEP = 16  # from one day to the next, in the picture's own units
SIZES = (8, 11, 14)  # of the mark of a day with one change, with two, with more
RANKS = [*Severity, ""]


@dataclass(frozen=True, slots=True)
class Mark:
    """A day with changes: how many, and how much the most severe matters. Its square: x, y and size."""

    day: str
    count: int
    severity: str
    x: float
    y: float
    size: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month: its first and last day, how many changes, the days that have some, and the picture:
    the outline of all days, and its height."""

    name: str
    since: str
    until: str
    count: int
    marks: tuple[Mark, ...]
    outline: str
    height: int


@dataclass(frozen=True, slots=True)
class Year:
    """A year of changes, and how many there are in each year that has some, the newest first."""

    year: int
    count: int
    months: tuple[Month, ...]
    years: dict[int, int]


def year(changes: Sequence[Dated], wanted: str = "") -> Year | None:
    """The year that begins with these four digits, the newest with changes if there are none; None for no changes."""
    years = Counter(change.day[:4] for change in changes)
    if not years:
        return None
    shown = wanted or max(years)
    found = defaultdict[str, list[Dated]](list)
    for change in changes:
        if change.day[:4] == shown:
            found[change.day].append(change)
    months = tuple(_month(date(int(shown), month, 1), found) for month in range(1, 13))
    return Year(int(shown), years[shown], months, {int(one): years[one] for one in sorted(years, reverse=True)})


def _month(first: date, found: Mapping[str, Sequence[Dated]]) -> Month:
    last = first.replace(day=monthrange(first.year, first.month)[1])
    days = [first.replace(day=number) for number in range(1, last.day + 1)]
    marks = tuple(_mark(day, found[day.isoformat()]) for day in days if day.isoformat() in found)
    count = sum(mark.count for mark in marks)
    weeks = (first.weekday() + last.day + 6) // 7
    outline = _outline(first.weekday(), last.weekday(), weeks)
    return Month(f"{first:%B}", first.isoformat(), last.isoformat(), count, marks, outline, weeks * STEP)


def _mark(day: date, changes: Sequence[Dated]) -> Mark:
    """In the column of its weekday, from Monday on, and the row of its week."""
    size = SIZES[min(len(changes), len(SIZES)) - 1]
    column, row = day.weekday(), (day.replace(day=1).weekday() + day.day - 1) // 7
    margin = (STEP - size) / 2
    severity = min((change.severity for change in changes), key=RANKS.index)
    return Mark(day.isoformat(), len(changes), severity, column * STEP + margin, row * STEP + margin, size)


def _outline(first: int, last: int, weeks: int) -> str:
    """Around all days of a month, as the path of a picture has it, from the column of the first to that of the last."""
    right, down = (last + 1) * STEP, (weeks - 1) * STEP
    return f"M{first * STEP} 0H{7 * STEP}V{down}H{right}V{weeks * STEP}H0V{STEP}H{first * STEP}Z"
