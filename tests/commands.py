"""Runs the command line as a user does: in a process of its own, without a terminal."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any


def smallprint(
    *words: str, cwd: Path | None = None, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The finished process of `smallprint WORDS`."""
    return subprocess.run(
        [sys.executable, "-m", "smallprint", *words],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env=environment() | (env or {}),
    )


def environment() -> dict[str, str]:
    """That of a user whose own settings do not count, at a wide terminal."""
    return {**os.environ, "SMALLPRINT_CONFIG": "", "COLUMNS": "200"}


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def first_answer(url: str, process: subprocess.Popen[Any], seconds: float = 60) -> str:
    """The page, as soon as a process that has just been started gives it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, "the process has ended early"
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return str(response.read().decode())
        except OSError:
            threading.Event().wait(0.1)
    raise TimeoutError(url)
