"""Delivers what is due, each target in a thread of its own: a slow one keeps nobody waiting."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import uniform
from time import monotonic

from sqlite_utils import Database

from archive import outbox
from archive.outbox import TRIES, Due
from archive.recording import written
from archive.targets import Target
from notify.carrier import DeliveryError, Parcel
from notify.delivery import Send
from notify.letter import Letter

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)
RESTS = (1.0, 2.0, 4.0, 8.0)  # seconds before the next message, after each failure in a row; then no more is tried
LONGEST = 600.0  # seconds after which nothing more is begun: pages are to be read too

Write = Callable[[Due, Target], Letter]


@dataclass(frozen=True, slots=True)
class Delivered:
    """How one delivery ended; `error` is "" where it arrived. `dead` are the messages that were given up by it."""

    target: str
    title: str
    error: str
    dead: int = 0


@dataclass(frozen=True, slots=True)
class _Told:
    """What a thread has to say: how a delivery ended or, where there is a receipt, that a part of it has arrived."""

    target: str
    error: DeliveryError | None = None
    receipt: str = ""
    kept: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class _Way:
    """A target while it is served: its thread's work, what is on its way, and how it goes."""

    target: Target
    send: Send
    work: queue.SimpleQueue[Parcel | None] = field(default_factory=queue.SimpleQueue)
    item: Due | None = None
    title: str = ""
    last: int = 0  # the id of what was tried last: each is tried once
    failures: int = 0  # in a row
    free_at: float = 0.0  # by the monotonic clock
    closed: bool = False


class Posting:
    """One delivery of all that is due. Threads send; the archive is read and written by the caller's thread alone."""

    def __init__(self, db: Database, targets: Mapping[str, tuple[Target, Send]], write: Write) -> None:
        self.db, self.write = db, write
        self.told = queue.SimpleQueue[_Told]()
        self.ends_at = monotonic() + LONGEST
        self.ways = {name: _Way(target, send) for name, (target, send) in targets.items()}
        for name, way in self.ways.items():
            threading.Thread(target=self._serve, args=(name, way), daemon=True).start()

    def run(self) -> Iterator[Delivered]:
        """Each delivery as it ends, once it is stored."""
        while True:
            for way in self.ways.values():
                self._hand_out(way)
            if not any(way.item for way in self.ways.values()) and self._rest() is None:
                return
            try:
                told = self.told.get(timeout=self._rest())
            except queue.Empty:
                continue
            ended = self._heard(told)
            if ended:
                yield ended

    def _serve(self, name: str, way: _Way) -> None:
        """The thread of one target, until it is given None."""
        while parcel := way.work.get():
            error = None
            try:
                way.send(way.target, parcel)
            except DeliveryError as failure:
                error = failure
            except Exception as fault:
                error = _fault(fault, unknown=True)
            self.told.put(_Told(name, error))

    def _hand_out(self, way: _Way) -> None:
        """Gives an idle target its next message, unless it rests."""
        now = monotonic()
        if way.item or way.closed or way.free_at > now:
            return
        item = outbox.next_due(self.db, way.target.name, way.last) if now < self.ends_at else None
        if item is None:
            self._close(way)
            return
        way.item, way.title, way.last = item, "", item.id
        outbox.leaves(self.db, item)
        try:
            letter = self.write(item, way.target).addressed(item.reference, item.uncertain)
        except Exception as fault:  # one that cannot be written keeps no other from being sent
            self.told.put(_Told(way.target.name, _fault(fault)))
            return
        way.title = letter.title
        way.work.put(Parcel(letter, item.receipts, lambda receipt: self._confirm(way.target.name, receipt)))

    def _close(self, way: _Way) -> None:
        """Nothing more goes to this target; its thread ends."""
        way.closed = True
        way.work.put(None)

    def _confirm(self, name: str, receipt: str) -> None:
        """Called by a target's thread, which waits until the receipt is stored."""
        told = _Told(name, receipt=receipt)
        self.told.put(told)
        told.kept.wait()

    def _rest(self) -> float | None:
        """Seconds until a target that rests is free again; None where none rests."""
        free = [way.free_at for way in self.ways.values() if not way.closed and not way.item]
        return max(0.0, min(free) - monotonic()) if free else None

    def _heard(self, told: _Told) -> Delivered | None:
        """Stores what a thread has said; how the delivery ended, if it has."""
        way = self.ways[told.target]
        assert way.item is not None  # noqa: S101  (who speaks was given work)
        if told.receipt:
            outbox.confirm(self.db, way.item, told.receipt)
            told.kept.set()
            return None
        item, way.item = way.item, None
        dead = self._failed(way, item, told.error) if told.error else self._arrived(way, item)
        return Delivered(told.target, way.title, str(told.error or ""), dead)

    def _arrived(self, way: _Way, item: Due) -> int:
        outbox.arrives(self.db, item)
        way.failures = 0
        return 0

    def _failed(self, way: _Way, item: Due, error: DeliveryError) -> int:
        """How many messages were given up by it. The target rests; where nothing gets through, all else is put off."""
        later = next_try(item.attempts, error.after, uniform(0.75, 1))  # noqa: S311
        dead = int(outbox.fails(self.db, item, str(error), later, error.unknown, error.refused))
        if error.refused:
            return dead
        way.failures += 1
        if error.down or error.after or way.failures > len(RESTS):
            dead += outbox.put_off(self.db, item, str(error), later)
            self._close(way)
        else:
            way.free_at = monotonic() + RESTS[way.failures - 1]
        return dead


def _fault(fault: Exception, unknown: bool = False) -> DeliveryError:
    """Its text may hold a secret: only its name is told."""
    return DeliveryError(f"a fault in Smallprint ({type(fault).__name__})", unknown=unknown)


def next_try(attempts: int, asked: float = 0, jitter: float = 1) -> str:
    """When to try again after `attempts` earlier tries and one more failure: from minutes to a day.

    `asked` are the seconds that the target wants to be left alone for; `jitter`, 1 or less, keeps the tries of many
    servers apart.
    """
    wait: timedelta = min(FIRST_WAIT * 4 ** min(attempts, TRIES), LONGEST_WAIT) * jitter
    asked_for = min(timedelta(seconds=min(asked, 10**6)), LONGEST_WAIT)
    return written(datetime.now(UTC) + max(wait, asked_for))
