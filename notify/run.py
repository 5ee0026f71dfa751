"""Queues every pushed change for the targets that want it, now and then a digest for all, and delivers what is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlite_utils import Database

from archive import outbox, reports, store
from archive.digest import kept, over, read
from archive.outbox import Due
from archive.recording import now, written
from archive.settings import WEEK
from archive.targets import CONSOLE, Target
from notify import delivery, digest, message
from notify.carrier import DeliveryError, Parcel
from notify.frames import frame
from notify.layout import letter, reader_of
from notify.letter import Letter, Line

TRIES = 8
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)
NEWS = timedelta(days=30)  # so long after it was seen, an imported change is still told where that is wanted


@dataclass(frozen=True, slots=True)
class Delivered:
    """How one delivery ended; `error` is "" where it arrived."""

    target: str
    title: str
    error: str


def notify(
    db: Database, targets: Sequence[Target], say: Callable[[str], None], every: timedelta = WEEK
) -> Iterator[Delivered]:
    """Queues and delivers; each outcome is stored before it is given. Without targets, the console is the one.

    `every` is the time between two digests of what was not pushed.
    """
    store.outlast(db)  # what was sent must not be forgotten: it would be sent again
    reachable = {target.name: target for target in targets or (CONSOLE,)}
    queue(db, list(reachable.values()))
    queue_digest(db, list(reachable.values()), every)
    for item in outbox.due(db):
        target = reachable.get(item.target)
        if target is None:
            yield Delivered(item.target, "", "this target is no longer in smallprint.toml")
            continue
        written = _written(db, item, target)
        send = partial(delivery.carrier(target, say), target, Parcel(written))
        error = outbox.deliver(db, item, send, DeliveryError, next_try(item.attempts))
        yield Delivered(target.name, written.title, error)


def queue(db: Database, targets: Sequence[Target], origin: str = "", since: str = "") -> None:
    """Queues each pushed change, once, for the targets that want it: those of this origin, seen since then.

    One that the message of another tells goes to those alone that do not get that message: it may have been queued
    earlier, and they did not ask for the other's service.
    """
    for change_id in outbox.unqueued(db, origin, since):
        report = reports.change(db, change_id)
        if report:
            known = outbox.told(db, report.told_in) if report.told_in and report.told_in != change_id else set()
            outbox.queue(db, change_id, [one.name for one in targets if wants(one, report) and one.name not in known])


def queue_digest(db: Database, targets: Sequence[Target], every: timedelta) -> None:
    """Ends a span of days that is over, and queues its digest for the targets that it tells something.

    A span in which nothing was left unsaid ends all the same: nobody is told of it, and the next one begins.
    """
    span = over(db, every, now())
    if span:
        wanting = [target for target in targets if target.digest and read(db, span, target.services).documents]
        outbox.queue_digest(db, span, [target.name for target in wanting])


def queue_news(db: Database, targets: Sequence[Target], origin: str) -> None:
    """Queues what others have recorded of late; what is older is history."""
    since = written(datetime.now(UTC) - NEWS)
    queue(db, targets or (CONSOLE,), origin, since)


def wants(target: Target, report: reports.ChangeReport) -> bool:
    """Whether a target has asked for one of the services whose documents the message names, and one of its topics."""
    named = {name.casefold() for name in target.services}
    told = {name.casefold() for pair in report.services.items() for name in pair}
    return (not named or bool(named & told)) and bool(report.topics & set(target.topics))


def next_try(attempts: int) -> str | None:
    """When to try again after `attempts` earlier tries and one more failure; None when there were enough."""
    if attempts + 1 >= TRIES:
        return None
    wait: timedelta = min(FIRST_WAIT * 4**attempts, LONGEST_WAIT)
    return written(datetime.now(UTC) + wait)


def _written(db: Database, item: Due, target: Target) -> Letter:
    """The letter of a notification. What is told of the archive is what stood there when it was queued."""
    if item.digest_id is not None:
        told = kept(db, item.digest_id)
        mine = read(db, told, target.services)
        found = mine if mine.documents else read(db, told)  # settings may have changed since it was queued
        return Letter("digest", digest.title(found), (Line(digest.body(found)),), frame())
    report = reports.change(db, item.change_id or 0)
    assert report is not None  # noqa: S101  (the outbox names changes by their key)
    return letter(message.compose(report, target.topics), reader_of(target, ""))
