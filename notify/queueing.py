"""Queues what is to be told, each thing once: pushes, digests, reminders, silences and their ends, signs of life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from sqlite_utils import Database

from archive import outbox, reminders, reports, signs, silences
from archive.digest import over, read
from archive.hours import Schedule
from archive.recording import now, written
from archive.settings import Telling
from archive.targets import CONSOLE, Mode, Target
from notify.digest import is_empty
from notify.outages import queue_silences
from notify.wanting import chooser, wants

NEWS = timedelta(days=30)  # so long after it was seen, an imported change is still told where that is wanted


def queue_all(db: Database, targets: Sequence[Target], every: timedelta, how: Telling) -> None:
    """Queues all that is to be told now."""
    at = datetime.now(UTC)
    queue(db, _each(targets))
    queue_reminders(db, targets, how.remind, at)
    queue_silences(db, targets, how.silence, written(at))
    queue_sign_of_life(db, targets, at)
    queue_digests(db, targets, every)


def queue(db: Database, targets: Sequence[Target], origin: str = "", since: str = "") -> None:
    """Queues each pushed change, once, for the targets that want it: those of this origin, seen since then.

    One that the message of another tells goes to those alone that do not get that message: it may have been queued
    earlier, and they did not ask for the other's service.
    """
    for change_id in outbox.unqueued(db, origin, since):
        report = reports.change(db, change_id)
        if report:
            known = outbox.told(db, report.told_in) if report.told_in and report.told_in != change_id else set()
            wanting = [one.name for one in targets if wants(one, report) and one.name not in known]
            outbox.queue(db, change_id, wanting)


def queue_news(db: Database, targets: Sequence[Target], origin: str) -> None:
    """Queues what others have recorded of late; what is older is history."""
    since = written(datetime.now(UTC) - NEWS)
    queue(db, targets or (CONSOLE,), origin, since)


def queue_digests(db: Database, targets: Sequence[Target], every: timedelta) -> None:
    """Ends the spans of days that are over, and queues their digests for the targets that they tell something.

    A span in which nothing was left unsaid ends all the same: nobody is told of it, and the next one begins.
    """
    groups: dict[Schedule | timedelta, list[Target]] = {every: []}
    for target in targets:
        groups.setdefault(target.schedule or every, []).append(target)
    for days, some in groups.items():
        span = over(db, days, now())
        if span:
            wanting = [one for one in some if not is_empty(read(db, span, chooser(db, one)), *_asks(one))]
            outbox.queue_digest(db, span, [target.name for target in wanting])


def queue_reminders(db: Database, targets: Sequence[Target], before: timedelta, at: datetime) -> None:
    """Queues one for each change that applies soon; not where the change itself was told no earlier than that."""
    for one in reminders.ahead(db, f"{at:%Y-%m-%d}", f"{at + before:%Y-%m-%d}"):
        day = datetime.fromisoformat(one.day).replace(tzinfo=UTC)
        report = reports.change(db, one.change_id)
        if report is None or day - datetime.fromisoformat(one.told_at) < before:
            continue
        told = asdict(one) | {"days": (day.date() - at.date()).days}
        wanting = [target.name for target in _each(targets) if wants(target, report)]
        outbox.queue_bulletin(db, "reminder", f"{one.change_id} {one.day}", told, wanting, one.change_id)


def queue_sign_of_life(db: Database, targets: Sequence[Target], at: datetime) -> None:
    """Once a month, public streams are told that somebody still watches; not in the month in which that began."""
    began = signs.first_recorded(db)
    if not began or began[:7] >= f"{at:%Y-%m}":
        return
    last = f"{at.replace(day=1) - timedelta(days=1):%Y-%m}"
    told = signs.watched(db, f"{last}-01") | {"month": last, "changes": signs.told_in(db, last)}
    told |= {"silent": len(silences.lasting(db, written(at)))}
    outbox.queue_bulletin(db, "watching", f"{at:%Y-%m}", told, [target.name for target in targets if target.public])


def queue_dead(db: Database, targets: Sequence[Target], target: str, error: str) -> bool:
    """Tells the other targets that messages to one were given up: once, until something reaches it. Whether it did."""
    count, last_sent = outbox.given_up(db, target)
    others = [one.name for one in targets if one.name != target and not one.public]
    told = {"target": target, "count": count, "error": error}
    key = f"{target} {last_sent}".strip()
    return not outbox.is_told(db, "dead", key) and bool(outbox.queue_bulletin(db, "dead", key, told, others))


def _each(targets: Sequence[Target]) -> list[Target]:
    """Those that get a message for each thing; the others have their digests."""
    return [target for target in targets if target.mode is Mode.EACH]


def _asks(target: Target) -> tuple[bool, bool]:
    """Whether a target's digests are to come for what was not pushed, and for what was."""
    return target.digest, target.mode is Mode.DIGEST
