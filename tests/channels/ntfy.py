"""Turns ntfy into a server with one user, in whose topics can be read what was published."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.channels.asking import ask, basic
from tests.channels.process import Place, Served, Start, installed, running

USER, PASSWORD = "postman", "hunter2-sesame"


@dataclass(frozen=True)
class Ntfy(Served):
    """A running server that knows one user and lets nobody else read or publish."""

    user: str = USER
    password: str = PASSWORD

    def messages(self, topic: str) -> list[dict[str, Any]]:
        """What was published in a topic, oldest first: id, title, message, priority, tags, click, ..."""
        answer = ask("GET", f"{self.url}/{topic}/json?poll=1", headers=basic(self.user, self.password))
        assert answer.status == 200, answer
        return [json.loads(line) for line in answer.body.splitlines()]


@contextmanager
def running_ntfy(folder: Path) -> Iterator[Ntfy]:
    """A server that asks no other for anything."""
    program = installed("debian", "usr", "bin", "ntfy")

    def prepare(place: Place) -> Start:
        settings = {
            "base-url": place.url,
            "listen-http": place.host,
            "cache-file": str(place.folder / "cache.db"),
            "auth-file": str(place.folder / "users.db"),
            "auth-default-access": "deny-all",
            "visitor-request-limit-exempt-hosts": "127.0.0.1",
            "web-root": "disable",
        }
        given = place.folder / "server.yml"
        given.write_text(json.dumps(settings), "utf-8")
        return Start([program, "serve", "--config", given], "/v1/health")

    with running(folder, prepare) as place:
        add: list[str | Path] = [program, "user", "--config", place.folder / "server.yml", "add", "--role=admin", USER]
        subprocess.run(add, env={"NTFY_PASSWORD": PASSWORD}, check=True, capture_output=True)
        yield Ntfy(place)
