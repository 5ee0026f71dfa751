"""The command watch: waits until documents are due, starts a cycle for them, and waits again, for ever."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING

import click

from archive import store
from archive.errors import SmallprintError
from archive.settings import Settings
from smallprint import cycle, timetable
from smallprint.commands.options import archive_option, config_option, settings_of
from smallprint.terminal import safe

if TYPE_CHECKING:
    from crawler.declaration import Declaration

MINUTE = 60.0  # seconds: the wall clock is asked at least so often, whatever it said last
GRACE = 8.0  # seconds that a cycle may take to end when we are told to stop
LONGEST_CYCLE = 6 * 3600.0  # seconds; one that takes longer hangs
LONGEST_PAUSE = 120.0  # seconds between two cycles: what is due at nearly the same time is fetched together
LONGEST_RETRY = 900.0  # seconds after a cycle that failed
KEPT = "the settings from before are kept"


@click.command("watch")
@config_option
@archive_option
def watch_command(config: Path | None, archive: Path | None) -> None:
    """Run a cycle whenever documents are due, for ever: a daemon for a small server.

    Each document has its own time: `crawl.interval` after its last look, sooner after a change or a failure, later
    where nothing ever changes. One line is printed for each cycle. SIGTERM and Ctrl-C end it within ten seconds.
    """
    bell = Bell()
    watched = read(config, archive)
    with store.watching(watched.own.archive):
        again = lambda: read(config, watched.own.archive)  # noqa: E731  (the archive's place stays while we hold it)
        sys.exit(Watch(watched, again, bell).run())


@dataclass(frozen=True, slots=True)
class Watched:
    """What the settings and the catalogue say."""

    own: Settings
    declared: Sequence[Declaration]


def read(config: Path | None, archive: Path | None) -> Watched:
    """The settings and the documents they choose. Raises SmallprintError for what is wrong in them."""
    from crawler import options

    own = settings_of(config, archive)
    options.scrapy_settings(own)  # complains where a crawl would
    return Watched(own, options.declarations(own))


class Bell:
    """Sleeps until a time is over, a signal asks us to stop, or a child process has ended."""

    def __init__(self) -> None:
        self.stops = 0  # how often we were asked to stop
        self._ear, mouth = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(mouth, False)
        signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, self._heard)

    def wait(self, seconds: float) -> None:
        """By the clock that neither jumps nor runs while the host sleeps."""
        if select.select([self._ear], [], [], max(0.0, seconds))[0]:
            os.read(self._ear, 4096)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        self.stops += number != signal.SIGCHLD


class Watch:
    """The loop. It holds no archive open: what is due is asked anew each time, and a cycle is a process of its own."""

    def __init__(self, watched: Watched, again: Callable[[], Watched], bell: Bell):
        self.watched, self.again, self.bell = watched, again, bell
        self.good: Watched | None = None  # what a cycle has accepted
        self.refused: Watched | None = None  # what it has not: a target that nothing can be sent to
        self.complaint = ""  # the last one told
        self.failures = 0  # cycles in a row
        self.rest_until = 0.0  # by the monotonic clock
        self.is_ready = False  # whether a cycle has found the archive, or made it, or brought it up to date

    def run(self) -> int:
        """Returns the exit code when it is told to stop, or at once where the settings are wrong."""
        own = self.watched.own
        click.echo(f"Watching {len(self.watched.declared)} documents, each about every {_short(own.interval)}.")
        if self._take_up() == cycle.WRONG:
            return cycle.WRONG
        while not self.bell.stops:
            self._step()
        return 0

    def _take_up(self) -> int:
        """A cycle without documents: what an earlier end has left undone. Its exit code."""
        code = self._cycle([])
        self.is_ready = code == cycle.DONE
        if self.is_ready:
            self._rest(0)
        return code

    def _step(self) -> None:
        """Runs a cycle if something is due, and sleeps otherwise, never for longer than a minute."""
        left = self.rest_until - monotonic()
        if left > 0:
            self.bell.wait(min(left, MINUTE))
            return
        self._read_again()
        if not self.is_ready:
            self._take_up()
            return
        try:
            due, following = self._due()
        except SmallprintError as error:
            self._fail(str(error))
            return
        left = (following - timetable.utc_now()).total_seconds()
        if due or left <= 0:
            self._cycle(due)
        else:
            self.bell.wait(min(left, MINUTE))

    def _read_again(self) -> None:
        """Keeps the last good settings where the present ones are wrong."""
        try:
            again = self.again()
            self.watched = again if again != self.refused else self.watched
            self.complaint = ""
        except SmallprintError as error:
            if str(error) != self.complaint:
                self._tell(f"{error}; {KEPT}")
            self.complaint = str(error)

    def _due(self) -> tuple[list[Declaration], datetime]:
        """The documents that are due now, and when there is something to do next."""
        from notify.timing import next_time

        own, now = self.watched.own, timetable.utc_now()
        with store.reading(own.archive) as db:
            timed = timetable.timed(db, self.watched.declared, own.interval, now)
            delivery = next_time(db, own.targets, own.digest, now)
        times = [due.at for _, due in timed] + ([delivery] if delivery else [])
        return [one for one, due in timed if due.at <= now], min(times)

    def _cycle(self, due: Sequence[Declaration]) -> int:
        """The exit code of a cycle; how it went says when the next may begin."""
        code = self._ended(cycle.start(self.watched.own, due))
        if self.bell.stops:
            return cycle.DONE
        if code == cycle.DONE:
            self.failures, self.good = 0, self.watched
            self._rest(min(LONGEST_PAUSE, self.watched.own.interval.total_seconds() / 100))
        elif code == cycle.WRONG and self.good:
            self.refused, self.watched = self.watched, self.good
            self._tell(KEPT)
        else:
            self._fail("" if code in (cycle.WRONG, cycle.FAILED) else f"the cycle ended with {_words(code)}")
        return code

    def _ended(self, child: subprocess.Popen[bytes]) -> int:
        """The exit code of a cycle, once it has ended by itself, or was ended."""
        deadline, stopping = monotonic() + LONGEST_CYCLE, False
        while child.poll() is None:
            if self.bell.stops and not stopping:
                child.terminate()
                deadline, stopping = monotonic() + GRACE, True
            if self.bell.stops > 1 or monotonic() >= deadline:
                child.kill()
                child.wait()
            self.bell.wait(min(deadline - monotonic(), MINUTE))
        with suppress(BrokenPipeError):  # it ended before it had read everything
            assert child.stdin is not None  # noqa: S101  (cycle.start has opened it)
            child.stdin.close()
        return int(child.returncode)

    def _fail(self, why: str) -> None:
        """Says what went wrong, if the cycle has not, and when it is tried again."""
        unit = max(1.0, self.watched.own.interval.total_seconds() / 1000)
        wait = min(LONGEST_RETRY, unit * 2 ** min(self.failures, 20))
        self.failures += 1
        self._rest(wait)
        if why:
            self._tell(why)

    def _rest(self, seconds: float) -> None:
        self.rest_until = monotonic() + seconds

    def _tell(self, text: str) -> None:
        click.echo(f"Error: {safe(text)}", err=True)


def _short(interval: timedelta) -> str:
    """As it stands in the settings: "12h"."""
    seconds = int(interval.total_seconds())
    unit, size = next((unit, size) for unit, size in _UNITS.items() if seconds % size == 0)
    return f"{seconds // size}{unit}"


def _words(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
