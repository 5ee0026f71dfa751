"""Keeps pages that were made for everyone, so that many readers of one page cost little more than the first."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple

MOST = 16_000_000  # bytes of all pages that are kept
SECONDS = 60.0  # that a page is good; caches elsewhere keep it as long


class Made(NamedTuple):
    """A page as it is sent."""

    body: bytes
    content_type: str


class Shelf:
    """Pages by what was asked for; where it gets full, those go that nobody has asked for the longest."""

    def __init__(self, most: int = MOST, now: Callable[[], float] = time.monotonic) -> None:
        self._pages: OrderedDict[Hashable, tuple[float, Made]] = OrderedDict()
        self._most, self._size, self._now = most, 0, now
        self._lock = threading.Lock()  # pages are made in several threads

    def get(self, asked: Hashable) -> Made | None:
        """The page, if it is there and still good."""
        with self._lock:
            if asked not in self._pages:
                return None
            end, made = self._pages[asked]
            if self._now() >= end:
                self._drop(asked)
                return None
            self._pages.move_to_end(asked)
            return made

    def put(self, asked: Hashable, made: Made) -> None:
        """Keeps a page in place of the one before."""
        with self._lock:
            if asked in self._pages:
                self._drop(asked)
            self._pages[asked] = (self._now() + SECONDS, made)
            self._size += len(made.body)
            while self._size > self._most:
                self._drop(next(iter(self._pages)))

    def _drop(self, asked: Hashable) -> None:
        self._size -= len(self._pages.pop(asked)[1].body)
