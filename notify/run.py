"""Queues every pushed change for the targets that want it, and delivers what is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlite_utils import Database

from archive import outbox, reports, store
from archive.settings import CONSOLE, Target
from notify import delivery, message

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


def notify(db: Database, targets: Sequence[Target], say: Callable[[str], None]) -> Iterator[Delivered]:
    """Queues and delivers; each outcome is stored before it is given. Without targets, the console is the one."""
    store.outlast(db)  # what was sent must not be forgotten: it would be sent again
    reachable = {target.name: target for target in targets or (CONSOLE,)}
    queue(db, list(reachable.values()))
    for item in outbox.due(db):
        target, report = reachable.get(item.target), reports.change(db, item.change_id)
        if target is None or report is None:
            yield Delivered(item.target, "", "this target is no longer in smallprint.toml")
            continue
        written = message.compose(report, target.topics)
        send = partial(delivery.send, target, written.title, message.as_text(written), say)
        error = outbox.deliver(db, item, send, delivery.DeliveryError, next_try(item.attempts))
        yield Delivered(target.name, written.title, error)


def queue(db: Database, targets: Sequence[Target], origin: str = "", since: str = "") -> None:
    """Queues each pushed change, once, for the targets that want it: those of this origin, seen since then."""
    for change_id in outbox.unqueued(db, origin, since):
        report = reports.change(db, change_id)
        if report:
            outbox.queue(db, change_id, [target.name for target in targets if wants(target, report)])


def queue_news(db: Database, targets: Sequence[Target], origin: str) -> None:
    """Queues what others have recorded of late; what is older is history."""
    since = (datetime.now(UTC) - NEWS).strftime("%Y-%m-%dT%H:%M:%SZ")
    queue(db, targets or (CONSOLE,), origin, since)


def wants(target: Target, report: reports.ChangeReport) -> bool:
    """Whether a target has asked for a change of this service on one of its topics."""
    named = {name.casefold() for name in target.services}
    mine = not named or report.service.casefold() in named or report.service_key.casefold() in named
    return mine and bool(report.topics & set(target.topics))


def next_try(attempts: int) -> str | None:
    """When to try again after `attempts` earlier tries and one more failure; None when there were enough."""
    if attempts + 1 >= TRIES:
        return None
    wait: timedelta = min(FIRST_WAIT * 4**attempts, LONGEST_WAIT)
    return (datetime.now(UTC) + wait).strftime("%Y-%m-%dT%H:%M:%SZ")
