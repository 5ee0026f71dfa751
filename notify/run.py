"""Queues what is to be told and delivers what is due: the third stage of a cycle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlite_utils import Database

from archive import outbox, reports, store
from archive.digest import kept, read
from archive.outbox import Due
from archive.settings import WEEK, Telling
from archive.targets import CONSOLE, Mode, Target
from notify import bulletins, delivery, digest, message
from notify.layout import letter, reader_of
from notify.letter import Letter
from notify.posting import Delivered, Posting
from notify.queueing import queue_all, queue_dead
from notify.wanting import chooser

KEPT = 16  # changes that are kept at hand while they are told to one target after the other


def notify(
    db: Database,
    targets: Sequence[Target],
    say: Callable[[str], None],
    every: timedelta = WEEK,
    how: Telling | None = None,
) -> Iterator[Delivered]:
    """Queues and delivers; each outcome is stored before it is given. Without targets, the console is the one.

    `every` is the time between two digests of what was not pushed, for targets without a schedule of their own.
    """
    store.outlast(db)  # what was sent must not be forgotten: it would be sent again
    how, known = how or Telling(), {target.name: target for target in targets or (CONSOLE,)}
    queue_all(db, list(known.values()), every, how)
    desk, news = Desk(db, how.site), True
    while news:
        news = False
        awake = {name: (one, delivery.carrier(one, say)) for name, one in known.items() if not is_quiet(one)}
        for delivered in Posting(db, awake, desk.write).run():
            if delivered.dead:
                news = queue_dead(db, list(known.values()), delivered.target, delivered.error) or news
            yield delivered
    yield from _without_target(db, known)


def is_quiet(target: Target) -> bool:
    """Whether it is not to be told anything now."""
    return target.quiet is not None and target.quiet.until(datetime.now(UTC)) is not None


class Desk:
    """Writes the letters. What is told of the archive is what stood there when it was queued."""

    def __init__(self, db: Database, site: str) -> None:
        self.db, self.site = db, site
        self.reports = dict[int, reports.ChangeReport | None]()

    def write(self, item: Due, target: Target) -> Letter:
        """The letter of a notification, in the words of the target's language."""
        reader = reader_of(target, self.site)
        if item.bulletin_id is not None:
            row = outbox.bulletin(self.db, item.bulletin_id)
            return bulletins.letter(row, target, reader, lambda change: self._change(change, target))
        if item.digest_id is not None:
            span, pushes = kept(self.db, item.digest_id), target.mode is Mode.DIGEST
            found = read(self.db, span, chooser(self.db, target))
            if digest.is_empty(found, target.digest, pushes):  # settings may have changed since it was queued
                found = read(self.db, span)
            return digest.letter(found, reader, target.digest)
        found_change = self._change(item.change_id or 0, target)
        assert found_change is not None  # noqa: S101  (the outbox names changes by their key)
        return found_change

    def _change(self, change_id: int, target: Target) -> Letter | None:
        if change_id not in self.reports:
            if len(self.reports) >= KEPT:
                self.reports.pop(next(iter(self.reports)))
            self.reports[change_id] = reports.change(self.db, change_id)
        report = self.reports[change_id]
        return letter(message.compose(report, target.topics), reader_of(target, self.site)) if report else None


def _without_target(db: Database, known: Mapping[str, Target]) -> Iterator[Delivered]:
    """What waits for targets that are not in the settings any more."""
    for name in dict.fromkeys(item.target for item in outbox.due(db) if item.target not in known):
        yield Delivered(name, "", "this target is no longer in smallprint.toml")
