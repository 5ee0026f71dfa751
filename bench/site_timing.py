"""Asks the site for addresses, one after another, and tells how long each answer took and how large it is."""

from __future__ import annotations

import gzip
import re
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlsplit

LOADED = re.compile(r'(?:href|src)="(/-/smallprint/[^"]+)"')  # style, script and icon of a page
ACCEPTED = {"Accept": "text/html", "Accept-Encoding": "gzip"}
KB = 1000
ENOUGH = 3  # wrong answers


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: milliseconds from the request to the last byte, status, bytes as sent and as text, and the text."""

    address: str
    ms: float
    status: int
    sent: int
    text: str


@dataclass(slots=True)
class Figures:
    """The answers for one kind of page; `views` has the bytes of each first view, as sent and as text.

    `cpu` are the milliseconds of a processor that one took on average.
    """

    answers: list[Answer] = field(default_factory=list)
    views: list[tuple[int, int]] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def median(self) -> float:
        """Milliseconds."""
        return statistics.median(answer.ms for answer in self.answers)

    @property
    def p95(self) -> float:
        """Milliseconds."""
        return percentile([answer.ms for answer in self.answers], 95)

    @property
    def worst(self) -> Answer:
        """The slowest."""
        return max(self.answers, key=lambda answer: answer.ms)

    @property
    def view(self) -> tuple[int, int]:
        """Bytes of the largest first view: as sent, and as text."""
        return max(self.views)

    def further(self) -> list[str]:
        """Where the pages lead below their own address: to other views of them, and to their parts."""
        found = dict[str, None]()
        for answer in self.answers:
            below = re.compile(rf'href="({re.escape(answer.address)}/[^"#?]+)')
            found |= dict.fromkeys(link for link in below.findall(answer.text) if not link.endswith(".json"))
        return [] if any(answer.address == "/" for answer in self.answers) else list(found)

    @property
    def wrong(self) -> list[str]:
        """Answers that are no pages."""
        return [f"{answer.address}: {answer.status}" for answer in self.answers if answer.status != 200]


class Client:
    """A connection to the site that is kept, as a browser keeps it, and the sizes of the files that pages load."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self._files = dict[str, tuple[int, int]]()

    def ask(self, address: str) -> Answer:
        """The answer to one request."""
        started = time.perf_counter()
        self._connection.request("GET", address, headers=ACCEPTED)
        response = self._connection.getresponse()
        body = response.read()
        ms = (time.perf_counter() - started) * 1000
        plain = gzip.decompress(body) if response.headers["Content-Encoding"] == "gzip" else body
        return Answer(address, ms, response.status, len(body), plain.decode("utf-8", "replace"))

    def figures(self, addresses: Iterable[str]) -> Figures:
        """The answers to all of them, or until it is clear that they are no pages."""
        found = Figures()
        for address in addresses:
            found.answers.append(answer := self.ask(address))
            found.views.append(self._view(answer))
            if len(found.wrong) == ENOUGH:
                break
        return found

    def close(self) -> None:
        """Hangs up."""
        self._connection.close()

    def _view(self, answer: Answer) -> tuple[int, int]:
        """The bytes of a page with what it loads."""
        sizes = [(answer.sent, len(answer.text.encode())), *map(self._file, set(LOADED.findall(answer.text)))]
        return sum(sent for sent, _ in sizes), sum(plain for _, plain in sizes)

    def _file(self, address: str) -> tuple[int, int]:
        if address not in self._files:
            answer = self.ask(address)
            self._files[address] = (answer.sent, len(answer.text.encode()))
        return self._files[address]


def percentile(values: list[float], percent: int) -> float:
    """The value that so many of a hundred do not exceed."""
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]
