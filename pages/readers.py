"""Lets our pages read the archive in threads of their own, so that nobody's slow SQL keeps them waiting."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from datasette.app import Datasette

from archive.errors import SmallprintError

THREADS = 2  # what is slow is the writing of pages, which one thread does at a time in any case
LONGEST = 5.0  # seconds of a thread's own work for a page, after which SQLite gives up
STEPS = 20_000  # of SQLite's, between two looks at the clock
OURS = "_smallprint_readers"  # where a Datasette keeps the threads that read for it

Found = TypeVar("Found")


class SlowError(SmallprintError):
    """What was asked takes too long."""


class Readers:
    """Threads, each with a connection that only reads."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect, self._own = connect, threading.local()
        self._threads = ThreadPoolExecutor(THREADS, "pages")

    async def run(self, read: Callable[[sqlite3.Connection], Found]) -> Found:
        """What `read` makes of a connection. Raises SlowError where SQLite has worked too long for it."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, read)

    def _run(self, read: Callable[[sqlite3.Connection], Found]) -> Found:
        connection = self._connection()
        end = time.thread_time() + LONGEST
        connection.set_progress_handler(lambda: time.thread_time() > end, STEPS)
        try:
            return read(connection)
        except sqlite3.OperationalError as error:
            if time.thread_time() <= end:
                raise
            raise SlowError("This takes too long to answer: ask for less.") from error

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._own, "connection"):
            self._own.connection = self._connect()
        found: sqlite3.Connection = self._own.connection
        return found


def readers(datasette: Datasette) -> Readers:
    """The threads that read for the pages of this Datasette."""
    if not hasattr(datasette, OURS):
        setattr(datasette, OURS, Readers(datasette.get_database().connect))
    found: Readers = getattr(datasette, OURS)
    return found
