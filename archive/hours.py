"""Turns what the settings say of hours and days into times: when a schedule comes round, when quiet hours end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A time of day by the clock of a zone, every day or on one weekday (0: Monday)."""

    at: time
    zone: ZoneInfo
    weekday: int | None = None

    @property
    def name(self) -> str:
        """As it stands in the settings, with its zone: "mon 08:00 Europe/Berlin"."""
        day = f"{DAYS[self.weekday]} " if self.weekday is not None else ""
        return f"{day}{self.at:%H:%M} {self.zone.key}"

    @property
    def period(self) -> timedelta:
        """About how long lies between two."""
        return DAY if self.weekday is None else 7 * DAY

    def latest(self, now: datetime) -> datetime:
        """The last time it came round, in UTC: `now` itself may be it."""
        local = now.astimezone(self.zone)
        for back in range(9):
            day = local.date() - back * DAY
            found = datetime.combine(day, self.at, self.zone).astimezone(UTC)
            if found <= now and self.weekday in (None, day.weekday()):
                return found
        raise AssertionError("a week has every weekday")

    def following(self, now: datetime) -> datetime:
        """The next time that it comes round after `now`, in UTC."""
        found = self.latest(now + self.period)
        return found if found > now else self.latest(now + self.period + DAY)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day in which nobody is told anything, by the clock of a zone; they may go over midnight."""

    start: time
    end: time
    zone: ZoneInfo

    def until(self, now: datetime) -> datetime | None:
        """When the quiet hours end that `now` lies in, in UTC; None where it lies in none."""
        began = Schedule(self.start, self.zone).latest(now)
        ends = Schedule(self.end, self.zone).following(began)
        return ends if ends > now else None
