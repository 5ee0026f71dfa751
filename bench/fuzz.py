"""Puts broken pages and PDFs through extraction: python bench/fuzz.py [CORPUS] [COUNT]

Breaks pages of tests/pages, of genai-eu-snapshots.bundle and PDFs made here 20,000 times, each time the same, and reads
each in the automatic mode and with a selector, as the type that it has and as others. Nothing but ExtractionError may
come out, in a time bounded by the size and in bounded memory. Exits with 1 where something else happens. The corpus is
Open Terms Archive's, under the Open Data Commons Attribution License.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from archive.errors import ExtractionError
from crawler.declaration import Range, Source
from crawler.extraction import extract
from tests.mutations import broken, pdfs

CORPUS = Path(__file__).parent / "../../shared/corpus"
BUNDLE = "genai-eu-snapshots.bundle"
PAGES = Path(__file__).parent / "../tests/pages"
COUNT = 20_000
TOGETHER = 100  # bodies that one worker reads before another begins
A_BODY = 1.5  # seconds that any body may take,
PER_100_KB = 2.5  # and those for each 100 KB of it
HANG = 120.0  # seconds after which a body is given up
MEMORY = 1_500_000_000  # bytes that a worker may have
LARGEST_SEED = 150_000
SEEDS_OF_CORPUS = 20
WORST = 5
URL = "https://tollhatch.example/legal/privacy"
SOURCES = (Source(URL), Source(URL, ("body",), ("nav", "b")), Source(URL, (Range("p", "p ~ p", True, False),)))
TYPES = ("text/html", "text/html", "text/html", "application/xhtml+xml", "text/plain", "text/markdown", "")
ENCODINGS = (None, None, "utf-8", "latin-1", "utf-16", "big5")


class Told(NamedTuple):
    """How reading one body ended: seconds and peak memory in bytes; `fault` is what should not be."""

    number: int
    size: int
    outcomes: list[str]
    seconds: float
    memory: int
    fault: str


def main(arguments: list[str]) -> int:
    """Print counts by outcome and the worst cases."""
    corpus = Path(arguments[0]) if arguments else CORPUS
    count = int(arguments[1]) if len(arguments) > 1 else COUNT
    if not (corpus / BUNDLE).is_file():
        print(f"No corpus in {corpus}: give the folder that holds {BUNDLE}.", file=sys.stderr)
        return 2
    made = pdfs()
    bodies = [page.read_bytes() for page in sorted(PAGES.glob("*.html"))] + list(pages_of(corpus / BUNDLE))
    bodies += made * (len(bodies) // len(made))  # as many PDFs as pages
    print(f"{len(bodies)} bodies of {min(map(len, bodies)):,} to {max(map(len, bodies)):,} bytes")
    told: list[Told] = []
    try:
        told.extend(all_told(bodies, count))
    except KeyboardInterrupt:
        print("stopped early; what was read so far:")
    return report(told)


def pages_of(bundle: Path) -> Iterator[bytes]:
    """The newest fetch of some pages."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "-q", "--bare", str(bundle), folder], check=True)
        listed = subprocess.run(
            ["git", "-C", folder, "ls-tree", "-r", "-l", "-z", "HEAD"], check=True, capture_output=True
        )
        rows = [line.split(b"\t")[0].split() for line in listed.stdout.split(b"\0") if line]
        small = [row[2].decode() for row in rows if int(row[3]) < LARGEST_SEED]
        for name in small[:: max(1, len(small) // SEEDS_OF_CORPUS)]:
            yield subprocess.run(
                ["git", "-C", folder, "cat-file", "blob", name], check=True, capture_output=True
            ).stdout


def all_told(bodies: Sequence[bytes], count: int) -> Iterator[Told]:
    """How each broken body ended, in no order. Workers are started anew, so that one that dies takes little along."""
    waiting = [range(first, min(count, first + TOGETHER)) for first in range(0, count, TOGETHER)]
    running: list[Worker] = []
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            running.append(Worker(bodies, waiting.pop(0)))
        for worker in list(running):
            yield from worker.told()
            if worker.is_done():
                running.remove(worker)
                waiting += worker.left()
        time.sleep(0.02)


class Worker:
    """A process that reads some bodies, one after the other; it is ended when one of them takes too long."""

    def __init__(self, bodies: Sequence[bytes], numbers: range) -> None:
        self._numbers, self._next = numbers, numbers.start
        self._here, there = multiprocessing.Pipe(duplex=False)
        self._process = multiprocessing.Process(target=work, args=(there, bodies, numbers), daemon=True)
        self._process.start()
        there.close()
        self._heard = time.monotonic()

    def told(self) -> Iterator[Told]:
        """What it has told since it was asked last; that it hangs, or has died, too."""
        try:
            while self._here.poll():
                told: Told = self._here.recv()
                self._next, self._heard = told.number + 1, time.monotonic()
                yield told
        except EOFError:
            self._process.join()
            if self._next < self._numbers.stop:
                yield self._lost(f"the process died ({self._process.exitcode})")
        if self._process.is_alive() and time.monotonic() - self._heard > HANG:
            self._process.kill()
            self._process.join()
            yield self._lost("it hangs")

    def is_done(self) -> bool:
        """Whether it has ended."""
        return not self._process.is_alive() and not (self._next < self._numbers.stop and self._here.poll())

    def left(self) -> list[range]:
        """What it has not read."""
        return [range(self._next, self._numbers.stop)] if self._next < self._numbers.stop else []

    def _lost(self, fault: str) -> Told:
        self._next += 1
        return Told(self._next - 1, 0, [], 0.0, 0, fault)


def work(there: multiprocessing.connection.Connection, bodies: Sequence[bytes], numbers: range) -> None:
    """Read the broken bodies of these numbers in this process, which may not grow without end."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for number in numbers:
        there.send(read(number, broken(number, bodies)))


def read(number: int, body: bytes) -> Told:
    """Read one body in each way."""
    began, outcomes, fault = time.process_time(), [], ""
    chosen = hashlib.sha256(str(number).encode()).digest()
    kind = "application/pdf" if b"%PDF-" in body[:1024] else TYPES[chosen[0] % len(TYPES)]
    for source in SOURCES[:1] if kind == "application/pdf" else SOURCES:
        try:
            extract(body, kind, source, URL, ENCODINGS[chosen[1] % len(ENCODINGS)])
            outcomes.append(f"{kind or 'no type'}: read")
        except ExtractionError as error:
            outcomes.append(f"{kind or 'no type'}: {str(error).partition(':')[0].partition(chr(39))[0].strip()}")
        except BaseException:
            fault = traceback.format_exc(limit=-3).strip()
    seconds = time.process_time() - began
    allowed = A_BODY + PER_100_KB * len(body) / 100_000
    fault = fault or (f"it took {seconds:.1f} s, {allowed:.1f} are allowed" if seconds > allowed else "")
    return Told(number, len(body), outcomes, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, fault)


def report(all_of_them: Sequence[Told]) -> int:
    """Print what came out; 1 where there is a fault."""
    outcomes = Counter(outcome for told in all_of_them for outcome in told.outcomes)
    for outcome, times in outcomes.most_common():
        print(f"{times:8,}  {outcome}")
    large = [told for told in all_of_them if told.size >= 10_000]
    print("slowest, in ms for 100 KB (of bodies of 10 KB and more):")
    for told in sorted(large, key=lambda told: -told.seconds / told.size)[:WORST]:
        print(f"{told.seconds * 1e8 / told.size:8.0f}  number {told.number}, {told.size:,} bytes, {told.seconds:.2f} s")
    print("longest, in ms:")
    for told in sorted(all_of_them, key=lambda told: -told.seconds)[:WORST]:
        print(f"{told.seconds * 1000:8.0f}  number {told.number}, {told.size:,} bytes")
    print(f"peak memory of a worker: {max((told.memory for told in all_of_them), default=0) / 1e6:.0f} MB")
    faults = [told for told in all_of_them if told.fault]
    print(f"{len(all_of_them):,} broken bodies read, {len(faults)} faults")
    for told in faults[:20]:
        print(f"number {told.number}, {told.size:,} bytes: {told.fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
