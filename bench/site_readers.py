"""Lets many readers at once go from page to page of the site, each with a connection of its own."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException

from site_addresses import reader_pages
from site_timing import LOADED, Client, percentile


@dataclass(slots=True)
class Reading:
    """What the readers got in so many seconds: milliseconds of each page, how many files, and errors."""

    seconds: float
    pages: list[float] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    files: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def got(self, address: str, ms: float, status: int) -> None:
        """Counts a page."""
        with self.lock:
            self.pages.append(ms)
            self.slowest = max(self.slowest, (ms, address))
            if status != 200:
                self.errors[f"{status} of {address}"] += 1

    def percentile(self, percent: int) -> float:
        """Milliseconds that so many of a hundred pages did not take."""
        return percentile(self.pages, percent)


def read(
    base: str, kinds: Mapping[str, Sequence[str]], readers: int, seconds: float, pause: tuple[float, float]
) -> Reading:
    """So many readers for so long. Each loads a page and, once each, its files; then it reads for a time drawn anew.

    `pause` are the shortest and the longest of these times, in seconds. They begin spread over the longest.
    """
    found = Reading(seconds)
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_reader, args=(base, reader_pages(kinds, seed), seed, until, pause, found))
        for seed in range(readers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _reader(
    base: str, pages: Sequence[str], seed: int, until: float, pause: tuple[float, float], found: Reading
) -> None:
    chance, had, client = random.Random(seed), set[str](), Client(base)
    time.sleep(chance.uniform(0, pause[1]))
    for address in pages:
        if time.monotonic() > until:
            break
        try:
            answer = client.ask(address)
            found.got(address, answer.ms, answer.status)
            for file in set(LOADED.findall(answer.text)) - had:
                had.add(file)
                _load(client, file, found)
        except (OSError, HTTPException) as error:
            with found.lock:
                found.errors[f"{type(error).__name__} at {address}"] += 1
            client.close()
        time.sleep(chance.uniform(*pause))
    client.close()


def _load(client: Client, file: str, found: Reading) -> None:
    answer = client.ask(file)
    with found.lock:
        found.files += 1
        if answer.status != 200:
            found.errors[f"{answer.status} of {file}"] += 1
