"""Runs a program for one round of the crawl against a server of its own, and tells what the system says it took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Page = dict[str, str]  # its name, its kind and its host


@dataclass(frozen=True, slots=True)
class Net:
    """How the hosts answer: seconds until they begin, and whether they say "not modified"."""

    latency: float
    etag: bool

    def __str__(self) -> str:
        return f"{self.latency * 1000:.0f} ms, {'ETag' if self.etag else 'no ETag'}"


@dataclass(slots=True)
class Took:
    """What a round took: seconds, those of a processor, the most memory (MB), and what the hosts were asked."""

    seconds: float
    cpu: float
    memory: float
    said: str
    asked: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ground:
    """The pages, where they are, and the port that their hosts listen on."""

    folder: Path
    pages: Sequence[Page]
    port: int

    def url(self, page: Page) -> str:
        """Where a page is served."""
        return f"http://{page['host']}:{self.port}/{page['name']}"


def ground(folder: Path) -> Ground:
    """The pages in a folder, with a port that is free on their hosts."""
    with _server(folder, 1, 0, Net(0, etag=False), {}) as port:
        return Ground(folder, json.loads((folder / "pages.json").read_text()), port)


def round_of(where: Ground, number: int, net: Net, command: Sequence[str], env: Mapping[str, str]) -> Took:
    """Runs the command to its end while the pages of a round are served."""
    asked = dict[str, int]()
    with _server(where.folder, number, where.port, net, asked):
        took = measured(command, env)
    took.asked = asked
    return took


def measured(command: Sequence[str], env: Mapping[str, str]) -> Took:
    """Runs a command to its end. What its own children took is in it; the memory is that of the largest of them."""
    started = time.perf_counter()
    # Its memory is told with ours at its start, so this process is kept small.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=surroundings(env))
    assert process.stdout
    said = process.stdout.read().decode("utf-8", "replace")
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return Took(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)


def surroundings(more: Mapping[str, str]) -> dict[str, str]:
    """Of a program that was installed: its modules are compiled once, not each time that it starts."""
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **more}


@contextmanager
def _server(folder: Path, number: int, port: int, net: Net, asked: dict[str, Any]) -> Iterator[int]:
    command = [sys.executable, str(HERE / "crawl_server.py"), str(folder), str(number), str(port), str(net.latency)]
    command += ["etag"] if net.etag else []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin and server.stdout
        yield int(server.stdout.readline())
        server.stdin.close()
        asked |= json.loads(server.stdout.readline())
