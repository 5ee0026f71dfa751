"""Runs `smallprint watch` as a user does, in a process of its own, and listens to what it prints."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests import crawling

SETTINGS = """
archive = "a.db"
contact = "keeper@example.org"
services = ["Gantry"]
declarations = ["declarations"]
[crawl]
delay = 0
interval = "{interval}"
allow_addresses = ["127.0.0.1/32"]
[gate]
confirm = "1s"
"""


def configured(folder: Path, documents: Mapping[str, str], interval: str = "1s", more: str = "") -> Path:
    """A folder with settings and one service's documents, addresses by type; the place of its archive."""
    (folder / "declarations").mkdir(exist_ok=True)
    put(folder / "smallprint.toml", more + SETTINGS.format(interval=interval))
    terms = {kind: {"fetch": url, "select": "main"} for kind, url in documents.items()}
    put(folder / "declarations" / "Gantry.json", json.dumps({"name": "Gantry", "terms": terms}))
    return folder / "a.db"


def put(path: Path, text: str) -> None:
    """Writes a file in one step, as a watch may be reading it."""
    path.with_suffix(".new").write_text(text, "utf-8")
    path.with_suffix(".new").replace(path)


class Watching:
    """A watch under way; `out` and `errors` are the lines so far."""

    def __init__(self, folder: Path):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "smallprint", "watch"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=crawling.environment(SMALLPRINT_CONFIG="", PYTHONPATH=str(crawling.ROOT)),
        )
        self.out, self.errors, self.arrived = list[str](), list[str](), threading.Condition()
        self.open = 2  # pipes
        pipes = ((self.process.stdout, self.out), (self.process.stderr, self.errors))
        self.threads = [threading.Thread(target=self._listen, args=pair, daemon=True) for pair in pipes]
        for thread in self.threads:
            thread.start()

    def _listen(self, pipe: Iterator[str], lines: list[str]) -> None:
        for line in pipe:
            with self.arrived:
                lines.append(line.rstrip("\n"))
                self.arrived.notify_all()
        with self.arrived:
            self.open -= 1
            self.arrived.notify_all()

    def heard(self, words: str, times: int = 1, seconds: float = 60) -> None:
        """Returns when the words have been printed in so many lines."""
        with self.arrived:
            self.arrived.wait_for(lambda: self.count(words) >= times or not self.open, seconds)
            assert self.count(words) >= times, f"not heard: {words!r}; out: {self.out}; errors: {self.errors}"

    def count(self, words: str) -> int:
        """In how many lines the words were printed."""
        return sum(words in line for line in (*self.out, *self.errors))

    def child(self) -> int:
        """The process id of the cycle under way."""
        tasks = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(tasks.read_text().split()[0])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit code, once it has ended after this signal."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """The exit code, once it has ended."""
        code = self.process.wait(60)
        for thread in self.threads:
            thread.join(60)
        return code


@contextmanager
def watching(folder: Path) -> Iterator[Watching]:
    """A watch, killed at the end if it still runs."""
    watch = Watching(folder)
    try:
        yield watch
    finally:
        if watch.process.poll() is None:
            os.kill(watch.process.pid, signal.SIGKILL)
        watch.ended()
        for pipe in (watch.process.stdout, watch.process.stderr):
            assert pipe
            pipe.close()
