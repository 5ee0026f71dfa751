"""Turns snac2 and mastodon-mock into servers with the API of Mastodon, of which can be read what was posted.

snac2 is a real server of the fediverse, without Mastodon's limits; mastodon-mock has the limits, and faults on demand.
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from tests.channels.asking import ask, bearer
from tests.channels.process import Place, Served, Start, installed, running

POST = "/api/v1/statuses"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
UNASKED = {"protocol": "http", "queue_retry_max": 0, "disable_email_notifications": True, "num_threads": 32}
Fault = Literal["status", "ratelimit", "latency", "malformed", "timeout"]


@dataclass(frozen=True)
class Account(Served):
    """A user of a server with Mastodon's API."""

    token: str

    def get(self, path: str) -> Any:
        """An answer of the API, asked as this user."""
        answer = ask("GET", self.url + path, headers=bearer(self.token))
        assert answer.status == 200, answer
        return answer.json


class Snac(Account):
    """A user of a running snac2, which takes posts of any length."""

    def statuses(self) -> list[dict[str, Any]]:
        """What the user has posted, oldest first: id, content (HTML), in_reply_to_id, visibility, ...

        It is read where the user reads, as the list of an account shows what is public only.
        """
        return list(reversed(self.get("/api/v1/timelines/home?limit=40")))


class MastodonMock(Account):
    """The user of a running mastodon-mock, which refuses posts of more than 500 characters."""

    def statuses(self) -> list[dict[str, Any]]:
        """What the user has posted, oldest first: id, content (HTML), in_reply_to_id, visibility, ..."""
        mine = self.get("/api/v1/accounts/verify_credentials")["id"]
        return list(reversed(self.get(f"/api/v1/accounts/{mine}/statuses?limit=40")))

    def fault(
        self,
        status: int = 500,
        *,
        count: int = 1,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        kind: Fault = "status",
        delay_ms: int = 0,
    ) -> None:
        """Spoils the next `count` posts: nothing is posted, except with `latency`, where only the answer is late."""
        effect = {"type": kind, "status": status, "headers": dict(headers or {}), "body": body, "delay_ms": delay_ms}
        rule = {"match": {"methods": ["POST"], "path": POST}, "effect": effect, "count": count}
        assert ask("POST", f"{self.url}/api/v1/_mock/faults", rule).status == 200

    def reset(self) -> None:
        """Forgets what was posted, and all faults."""
        assert ask("POST", f"{self.url}/api/v1/_mock/reset", b"").status == 200


@dataclass(frozen=True)
class SnacServer(Served):
    """A running snac2 without users."""

    program: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def account(self) -> Snac:
        """A new user, who has posted nothing."""
        name = f"bot{next(self._numbers)}"
        said = _told(self.program, "adduser", self.place.folder / "data", name, answers="\n")
        password = re.search(r"password is (\S+)", said)
        assert password, said
        login = urlencode({"login": name, "passwd": password[1]}).encode()
        given = ask("POST", f"{self.url}/oauth/x-snac-get-token", login, FORM)
        assert given.status == 200, given
        return Snac(self.place, given.body.decode().strip())


@contextmanager
def running_snac(folder: Path) -> Iterator[SnacServer]:
    """A snac2 on its own: it asks no other server for anything."""
    program = installed("debian", "usr", "bin", "snac")

    def prepare(place: Place) -> Start:
        data = place.folder / "data"
        _told(program, "init", data, answers=f"127.0.0.1\n{place.port}\n{place.host}\n\n\n")
        settings = data / "server.json"
        settings.write_text(json.dumps(json.loads(settings.read_text("utf-8")) | UNASKED), "utf-8")
        return Start([program, "httpd", data], "/api/v1/instance")

    with running(folder, prepare) as place:
        yield SnacServer(place, program)


@contextmanager
def running_mastodon_mock(folder: Path, limit: int | None = None) -> Iterator[MastodonMock]:
    """A mastodon-mock with one user. `limit`: after so many requests of a token all get 429, for five minutes."""
    program = installed("bin", "mastodon_mock")
    rates = "" if limit is None else f"[ratelimit]\nenabled = true\nlimit = {limit}\n"

    def prepare(place: Place) -> Start:
        (place.folder / ".mastodon_mock.toml").write_text(
            f'media_storage_path = "{place.folder / "media"}"\n{rates}', "utf-8"
        )
        serve: list[str | Path] = [program, "serve", "--in-memory", "--host", "127.0.0.1", "--port", str(place.port)]
        return Start([*serve, "--log-level", "warning"], "/api/v1/instance")

    with running(folder, prepare) as place:
        yield MastodonMock(place, "mock_token")


def _told(program: Path, command: str, *words: str | Path, answers: str) -> str:
    """What snac prints for a command that asks questions."""
    done = subprocess.run([program, command, *words], input=answers, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr
