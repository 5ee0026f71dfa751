"""Turns the archive, the catalogue and the clock into what is due, what has to wait, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlite_utils import Database

from archive import looks
from crawler.schedule import Due, Key, Page, Wait, pages_of, plan
from crawler.schedule import key_of as key_of_look

if TYPE_CHECKING:
    from crawler.declaration import Declaration

Timed = tuple["Declaration", Due]


def timed(db: Database, declared: Sequence[Declaration], interval: timedelta, now: datetime) -> list[Timed]:
    """Each document with the time at which it is due."""
    pages = {key_of(one): [Page(source.fetch, one.proxy) for source in one.sources] for one in declared}
    times = plan(pages, looks.newest(db), looks.waiting(db), interval, now)
    return [(one, times[key_of(one)]) for one in declared]


def key_of(one: Declaration) -> Key:
    """What the timetable knows a document by."""
    return (one.document.service, one.document.type, one.document.region)


def told(waits: Mapping[str, Wait], now: datetime) -> str:
    """The documents that wait, by name: "3 wait: Slack, Privacy Policy until 14:05 UTC (the host asks ...)"."""
    if not waits:
        return ""
    together = dict[Wait, list[str]]()
    for name, wait in waits.items():
        together.setdefault(wait, []).append(name)
    return f"{len(waits)} wait: {'; '.join(_group(names, wait, now) for wait, names in together.items())}"


def clock(at: datetime, now: datetime) -> str:
    """A time for people: "14:05 UTC", with the date where it is another day's."""
    return f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M} UTC"


def utc_now() -> datetime:
    """The wall clock, asked anew each time."""
    return datetime.now(UTC)


def upcoming(db: Database, interval: timedelta, now: datetime) -> list[dict[str, str]]:
    """The documents in the archive, the first due first: document, due_at (now, where that is past), waits (why)."""
    known = looks.newest(db)
    names = {key_of_look(look): look.name for look in known}
    times = plan(pages_of(known), known, looks.waiting(db), interval, now)
    rows = sorted(((due.at, names[key], due) for key, due in times.items()), key=lambda row: row[:2])
    return [
        {"document": name, "due_at": f"{max(at, now):%Y-%m-%dT%H:%M:%SZ}", "waits": due.wait.why if due.wait else ""}
        for at, name, due in rows
    ]


def _group(names: Sequence[str], wait: Wait, now: datetime) -> str:
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return f"{'; '.join(names[:2])}{more} until {clock(wait.until, now)} ({wait.why})"
