"""A process that is killed as it delivers: nothing is lost, nothing confirmed is sent again, the rest is marked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from archive import outbox, store
from archive.words import Document
from tests.builders import pushed
from tests.commands import environment, smallprint

MESSAGES = 6
BRILL = Document("Brill", "Privacy Policy", "https://brill.example/privacy")


class Killer(ThreadingHTTPServer):
    """Takes messages; at the one whose number is `at`, counted from 1, it kills who sent it, and does not answer."""

    daemon_threads = True

    def __init__(self, at: int) -> None:
        self.at, self.victim = at, 0
        self.ready = threading.Event()
        self.taken = list[dict[str, Any]]()
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Killer

    def do_POST(self) -> None:
        self.server.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if len(self.server.taken) == self.server.at:
            self.server.ready.wait(60)
            os.kill(self.server.victim, signal.SIGKILL)
            return
        self.send_response_only(204)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Nothing is printed."""


@contextmanager
def killer(at: int) -> Iterator[Killer]:
    with Killer(at) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("at", [1, 4, MESSAGES])
def test_a_kill_loses_nothing_and_doubles_nothing_that_was_confirmed(tmp_path: Path, at: int) -> None:
    archive = tmp_path / "archive.db"
    with store.writing(archive) as db:
        for number in range(MESSAGES):
            outbox.queue(db, pushed(db, replace(BRILL, type=f"Policy {number}")), ["hook"])
    with killer(at) as server:
        url = f"http://127.0.0.1:{server.server_port}/hook"
        settings = f'archive = "archive.db"\n[[target]]\nname = "hook"\nurl = "{url}"\ndigest = false\n'
        (tmp_path / "smallprint.toml").write_text(settings)
        command = [sys.executable, "-m", "smallprint", "notify"]
        process = subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True)
        server.victim = process.pid
        server.ready.set()
        process.communicate(timeout=100)
        assert process.returncode == -signal.SIGKILL
        before = [message["id"] for message in server.taken]
        assert len(before) == at
        done = smallprint("notify", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        after = [(message["id"], message["repeated"]) for message in server.taken[at:]]
    assert after[0] == (before[-1], True)  # nobody knew whether it had arrived
    assert [repeated for _, repeated in after[1:]] == [False] * (MESSAGES - at)
    assert not {name for name, _ in after} & set(before[:-1])
    assert len({*before, *(name for name, _ in after)}) == MESSAGES


def test_status_tells_what_failed_and_needs_nobody_for_what_waits(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with store.writing(archive) as db:
        for number in range(3):
            outbox.queue(db, pushed(db, replace(BRILL, type=f"Policy {number}")), ["hook", "mail"])
    waits = smallprint("status", "--archive", str(archive))
    assert (waits.returncode, waits.stdout.splitlines()[-2:]) == (
        0,
        ["  hook: 3 messages are pending", "  mail: 3 messages are pending"],
    )
    with store.writing(archive) as db:
        first = outbox.due(db)[0]
        outbox.fails(db, first, "the service answered with 500", "2999-01-01T00:00:00Z", unknown=False, final=False)
    failed = smallprint("status", "--archive", str(archive))
    assert failed.returncode == 1
    assert "  hook: change 2 is failed: the service answered with 500\n" in failed.stdout
    assert "  hook: 2 messages are pending\n" in failed.stdout
