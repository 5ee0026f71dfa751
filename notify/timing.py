"""Says when there is something to deliver next: so long, a daemon may sleep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive import looks
from archive.digest import next_end
from archive.hours import Schedule
from archive.targets import CONSOLE, Target


def next_time(db: Database, targets: Sequence[Target], every: timedelta, now: datetime) -> datetime | None:
    """When a message is due to one of the targets, or the days of a digest are over; None where nothing is ahead."""
    known = targets or (CONSOLE,)
    times = [_next_message(db, target, now) for target in known]
    spans: set[Schedule | timedelta] = {every, *(one.schedule for one in known if one.schedule)}
    times += [next_end(db, days, now) for days in spans]
    return min((time for time in times if time), default=None)


def _next_message(db: Database, target: Target, now: datetime) -> datetime | None:
    """Not before its quiet hours are over."""
    found = looks.next_delivery(db, [target.name])
    at = max(datetime.fromisoformat(found), now) if found else None
    return (target.quiet.until(at) or at) if at and target.quiet else at
