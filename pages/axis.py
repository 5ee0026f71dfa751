"""Turns two times into an axis: where a time lies on it, and the days, months or years that are written beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

EDGE = 1.5  # percent of the width left free on either side, so that no mark is cut off
MOST = 7  # ticks: their words have room on a phone
HOUR = 3600.0  # seconds
DAY = 24 * HOUR
MONTH = 30.4 * DAY
FIXED = (HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY)  # seconds from tick to tick
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240)


@dataclass(frozen=True, slots=True)
class Tick:
    """A time that is written on the axis; `x` is in percent of the width."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A span of time, in seconds since 1970."""

    start: float
    end: float

    def x(self, time: str) -> float:
        """Where an ISO-8601 time lies, in percent of the width; the middle, if the span is but a moment."""
        return self._x(seconds(time))

    def ticks(self) -> list[Tick]:
        """At most seven full hours, days, months or years, as close together as that allows."""
        length = self.end - self.start
        for step in FIXED:
            if length / step <= MOST:
                return [Tick(self._x(at), _of_day(at)) for at in _multiples(self.start, self.end, step)]
        months = next((count for count in MONTHS if length / MONTH / count <= MOST), MONTHS[-1])
        return [Tick(self._x(at), label) for at, label in _of_months(self.start, self.end, months)]

    def _x(self, at: float) -> float:
        length = self.end - self.start
        return round(EDGE + (100 - 2 * EDGE) * (at - self.start) / length, 2) if length else 50.0


def seconds(time: str) -> float:
    """An ISO-8601 time, in seconds since 1970."""
    return datetime.fromisoformat(time).timestamp()


def _multiples(start: float, end: float, step: float) -> Iterator[float]:
    at = -(-start // step) * step
    while at <= end:
        yield at
        at += step


def _of_day(at: float) -> str:
    """ "06:00", or "3 Mar" for the day that begins then."""
    time = datetime.fromtimestamp(at, UTC)
    return f"{time:%H:%M}" if at % DAY else f"{time.day} {time:%b}"


def _of_months(start: float, end: float, months: int) -> Iterator[tuple[float, str]]:
    """The months of this distance, with their names: "Apr 2024" for the first of all, then "Jul", "2025", "Apr"."""
    first = datetime.fromtimestamp(start, UTC)
    count = -(-(first.year * 12 + first.month) // months) * months  # the month that follows the first at the earliest
    form = "%b %Y"
    while (at := datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)).timestamp() <= end:
        yield at.timestamp(), f"{at:%Y}" if at.month == 1 else f"{at:{form}}"
        count, form = count + months, "%b"
