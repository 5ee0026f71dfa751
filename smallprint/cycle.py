"""One cycle of `smallprint watch` in a process of its own: what is due comes on standard input, one line goes out."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from archive import store
from archive.errors import SettingsError, SmallprintError
from archive.settings import Settings
from smallprint.terminal import safe

if TYPE_CHECKING:
    from crawler.declaration import Declaration

DONE, WRONG, FAILED = 0, 2, 3  # exit codes: what a cycle is given is wrong, or its surroundings are


def start(own: Settings, due: Sequence[Declaration]) -> subprocess.Popen[bytes]:
    """A cycle under way. It is in a process group of its own, so that a terminal's Ctrl-C reaches the watch alone.

    Its standard input stays open: when it closes, the watch is gone, and the cycle ends itself.
    """
    command = [sys.executable, "-m", "smallprint.cycle"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, process_group=0)  # noqa: S603
    assert process.stdin is not None  # noqa: S101  (asked for above)
    with suppress(BrokenPipeError):  # it is gone already; its exit code says why
        process.stdin.write(pickle.dumps((own, due)))
        process.stdin.flush()
    return process


def cycle(own: Settings, due: Sequence[Declaration]) -> str:
    """Fetches what is due, compares what is new, delivers what is queued, and gives one line on it, "" for nothing."""
    from smallprint.commands import stages

    stages.check_targets(own)
    with store.writing(own.archive) as db:
        lines = [stages.crawl(own, db, due, _unsaid).line] if due else []
        lines += [stages.diff(own, db, _unsaid).line, stages.notify(own, db, _unsaid).line]
    return " ".join(line for line in lines if line)


def _unsaid(line: str) -> None:
    """Single documents are told by `smallprint status`."""


def _end_with_the_watch() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """The process. Exit codes: 0 done or interrupted, 2 wrong settings, 3 it failed; one line says why."""
    own, due = pickle.load(sys.stdin.buffer)  # noqa: S301  (from our own watch)
    threading.Thread(target=_end_with_the_watch, daemon=True).start()
    try:
        line = cycle(own, due)
    except click.Abort:
        sys.exit(DONE)
    except SettingsError as error:
        _complain(str(error), WRONG)
    except SmallprintError as error:
        _complain(str(error), FAILED)
    except Exception as error:
        _complain(f"a fault in Smallprint: {type(error).__name__}: {error}", FAILED)
    if line:
        click.echo(safe(line))


def _complain(text: str, code: int) -> None:
    click.echo(f"Error: {safe(' '.join(text.split()))}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
