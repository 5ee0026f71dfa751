"""Hours: schedules come round by the clock of their zone, and quiet hours end, on the days when clocks change too."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.hours import Quiet, Schedule

BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
MORNING = Schedule(time(8), BERLIN)
MONDAY = Schedule(time(8), BERLIN, 0)
NIGHT = Quiet(time(22), time(7), BERLIN)
MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(lambda m: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=m))
SCHEDULES = st.builds(
    Schedule, st.times().map(lambda at: at.replace(second=0, microsecond=0)), st.sampled_from([BERLIN, UTC_ZONE]),
    st.none() | st.integers(0, 6),
)  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+00:00")


@pytest.mark.parametrize(
    ("schedule", "now", "latest", "following"),
    [
        (MORNING, "2026-11-22T06:59", "2026-11-21T07:00", "2026-11-22T07:00"),
        (MORNING, "2026-11-22T07:00", "2026-11-22T07:00", "2026-11-23T07:00"),
        (MORNING, "2026-03-29T12:00", "2026-03-29T06:00", "2026-03-30T06:00"),  # clocks went forward that night
        (MORNING, "2026-10-25T06:30", "2026-10-24T06:00", "2026-10-25T07:00"),  # and back that night
        (MONDAY, "2026-11-22T12:00", "2026-11-16T07:00", "2026-11-23T07:00"),
        (MONDAY, "2026-11-23T07:00", "2026-11-23T07:00", "2026-11-30T07:00"),
        (
            Schedule(time(2, 30), BERLIN),
            "2026-03-29T12:00",
            "2026-03-29T01:30",
            "2026-03-30T00:30",
        ),  # was skipped
    ],
)
def test_when_a_schedule_comes_round(schedule: Schedule, now: str, latest: str, following: str) -> None:
    assert schedule.latest(at(now)) == at(latest)
    assert schedule.following(at(now)) == at(following)


@given(SCHEDULES, MOMENTS)
def test_it_always_comes_round(schedule: Schedule, now: datetime) -> None:
    latest, following = schedule.latest(now), schedule.following(now)
    assert latest <= now < following
    assert following - latest <= schedule.period + timedelta(hours=1)
    assert schedule.latest(following) == following


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (NIGHT, "2026-11-22T20:59", None),
        (NIGHT, "2026-11-22T21:00", "2026-11-23T06:00"),
        (NIGHT, "2026-11-23T05:59", "2026-11-23T06:00"),
        (NIGHT, "2026-11-23T06:00", None),
        (Quiet(time(12), time(13), UTC_ZONE), "2026-11-22T12:30", "2026-11-22T13:00"),
        (Quiet(time(12), time(13), UTC_ZONE), "2026-11-22T13:00", None),
        (Quiet(time(12), time(13), UTC_ZONE), "2026-11-22T11:59", None),
    ],
)
def test_when_quiet_hours_end(quiet: Quiet, now: str, until: str | None) -> None:
    assert quiet.until(at(now)) == (at(until) if until else None)


def test_names_are_those_of_the_settings() -> None:
    assert (MORNING.name, MONDAY.name) == ("08:00 Europe/Berlin", "mon 08:00 Europe/Berlin")
