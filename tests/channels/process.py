"""Turns a server's command line into a process on a free port of loopback that answers, and ends it by its pid."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.channels.asking import answers

SERVERS = Path(__file__).resolve().parent.parent.parent / ".venv-servers"
READY_SECONDS, PAUSE, TRIES = 60, 0.05, 3


@dataclass(frozen=True)
class Place:
    """Where a server may keep its files, and the port that it is to take."""

    folder: Path
    port: int

    @property
    def host(self) -> str:
        """Address and port, as they stand in a URL."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Where the server is, without a slash at the end."""
        return f"http://{self.host}"


@dataclass(frozen=True)
class Served:
    """A server that runs at a place."""

    place: Place

    @property
    def url(self) -> str:
        """Its base, without a slash at the end."""
        return self.place.url

    @property
    def host(self) -> str:
        """Address and port, as they stand in a URL."""
        return self.place.host

    @property
    def port(self) -> int:
        """Its port."""
        return self.place.port


@dataclass(frozen=True)
class Start:
    """What starts a server: its command, and a path that it answers once it is up."""

    command: Sequence[str | Path]
    ready: str


def installed(*parts: str) -> Path:
    """A program of the servers. Without it the test is left out, or fails where CI is set."""
    program = SERVERS.joinpath(*parts)
    if program.exists():
        return program
    said = f"{program.name} is not installed: `make servers` installs it"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


@contextmanager
def running(folder: Path, prepare: Callable[[Place], Start]) -> Iterator[Place]:
    """A server that answers. `prepare` writes its files into a place of its own.

    Between our look for a free port and the server's bind another may take it. The server ends, and has another try.
    """
    for attempt in range(TRIES):
        place = Place(folder / f"try-{attempt}", _free_port())
        place.folder.mkdir(parents=True)
        start = prepare(place)
        with _process(start, place) as process:
            if _ready(process, place.url + start.ready):
                yield place
                return
            if process.poll() is None:
                break
    pytest.fail(f"{start.command[0]} does not start:\n{_said(place)[-2000:]}")


@contextmanager
def _process(start: Start, place: Place) -> Iterator[subprocess.Popen[bytes]]:
    with (place.folder / "said").open("wb") as said:
        process = subprocess.Popen(
            list(start.command),
            cwd=place.folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},  # what was compiled once makes the next start quick
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()  # nothing that it holds is worth a slower end
        process.wait()


def _ready(process: subprocess.Popen[bytes], url: str) -> bool:
    """Whether the server answers; False once it has ended or taken too long."""
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if answers(url):
            return process.poll() is None
        time.sleep(PAUSE)
    return False


def _said(place: Place) -> str:
    return (place.folder / "said").read_text("utf-8", "replace")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
