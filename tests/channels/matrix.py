"""Turns Synapse into a homeserver with two users, in whose rooms can be read what was sent."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import secrets
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.channels.asking import Answered, ask, bearer
from tests.channels.process import Place, Served, Start, installed, running

SECRET = "whoever-knows-this-may-register"
PLENTY = {"per_second": 1000, "burst_count": 1000}
LIMITS = {
    "rc_message": PLENTY,
    "rc_registration": PLENTY,
    "rc_login": {"address": PLENTY, "account": PLENTY, "failed_attempts": PLENTY},
    "rc_joins": {"local": PLENTY, "remote": PLENTY},
    "rc_joins_per_room": PLENTY,
    "rc_invites": {"per_room": PLENTY, "per_user": PLENTY, "per_issuer": PLENTY},
    "rc_room_creation": PLENTY,
    "rc_profile": PLENTY,
}
LOG = {
    "version": 1,
    "handlers": {"said": {"class": "logging.StreamHandler"}},
    "root": {"level": "WARNING", "handlers": ["said"]},
}
ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
CLIENT, ADMIN = "/_matrix/client/v3", "/_synapse/admin/v1"


@dataclass(frozen=True)
class User:
    """Somebody with a log-in; `id` is such as @bot:localhost."""

    name: str
    id: str
    password: str
    token: str


@dataclass(frozen=True)
class Room:
    """A room; `id` begins with !, `alias` is such as #alerts:localhost."""

    id: str
    alias: str


@dataclass(frozen=True)
class Homeserver(Served):
    """A running homeserver."""

    bot: User
    reader: User
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def room(self, alias: str | None = None, encrypted: bool = False, version: str | None = None) -> Room:
        """A new public room of the reader, which the bot may join. `alias` has neither # nor server."""
        wanted: dict[str, Any] = {
            "preset": "public_chat",
            "room_alias_name": alias or f"room-{next(self._numbers)}",
            "initial_state": [ENCRYPTION] if encrypted else [],
        }
        if version:
            wanted["room_version"] = version
        made = _known(self.ask("POST", "/createRoom", self.reader, wanted))
        return Room(made["room_id"], f"#{wanted['room_alias_name']}:localhost")

    def messages(self, room: Room) -> list[dict[str, Any]]:
        """The contents of the messages in a room, in order."""
        return [event["content"] for event in self.events(room) if event["type"] == "m.room.message"]

    def events(self, room: Room) -> list[dict[str, Any]]:
        """All events of a room in order, as the reader sees them: type, sender, event_id, content, ..."""
        return self._timeline(room, self.reader)

    def transactions(self, room: Room) -> list[str]:
        """The transaction ids of what was sent with the bot's token, in order; no other token is told them."""
        unsigned = [event.get("unsigned", {}) for event in self._timeline(room, self.bot)]
        return [each["transaction_id"] for each in unsigned if "transaction_id" in each]

    def ask(self, method: str, path: str, user: User, body: dict[str, Any] | None = None) -> Answered:
        """An answer of the client API, asked as somebody."""
        return ask(method, f"{self.url}{CLIENT}{path}", body, bearer(user.token))

    def _timeline(self, room: Room, user: User) -> list[dict[str, Any]]:
        found = _known(self.ask("GET", f"/rooms/{quote(room.id)}/messages?dir=f&limit=1000", user))
        return list(found["chunk"])


@contextmanager
def running_homeserver(folder: Path, limit: tuple[float, int] | None = None) -> Iterator[Homeserver]:
    """A homeserver that knows bot and reader. `limit`: events a second, and at once, of each user; to join is one."""
    synapse = installed("bin", "synapse_homeserver")

    def prepare(place: Place) -> Start:
        (place.folder / "homeserver.yaml").write_text(json.dumps(_settings(place, limit)), "utf-8")
        (place.folder / "log.yaml").write_text(json.dumps(LOG), "utf-8")
        seed = b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        (place.folder / "signing.key").write_text(f"ed25519 a_1 {seed}\n", "utf-8")
        return Start([synapse, "-c", "homeserver.yaml"], "/_matrix/client/versions")

    with running(folder, prepare) as place:
        yield Homeserver(place, _register(place, "bot"), _register(place, "reader"))


def _settings(place: Place, limit: tuple[float, int] | None) -> dict[str, Any]:
    """Loopback only, no other server asked for anything. Synapse reads YAML, and JSON is YAML."""
    messages = PLENTY if limit is None else {"per_second": limit[0], "burst_count": limit[1]}
    listener = {"port": place.port, "bind_addresses": ["127.0.0.1"], "type": "http", "tls": False}
    return LIMITS | {
        "server_name": "localhost",
        "public_baseurl": place.url + "/",
        "listeners": [listener | {"resources": [{"names": ["client"]}]}],
        "database": {"name": "sqlite3", "args": {"database": str(place.folder / "homeserver.db")}},
        "log_config": str(place.folder / "log.yaml"),
        "media_store_path": str(place.folder / "media"),
        "signing_key_path": str(place.folder / "signing.key"),
        "registration_shared_secret": SECRET,
        "macaroon_secret_key": secrets.token_hex(16),
        "form_secret": secrets.token_hex(16),
        "bcrypt_rounds": 4,
        "report_stats": False,
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "rc_message": messages,
    }


def _register(place: Place, name: str) -> User:
    """A new user, by the secret of the settings."""
    address, password = f"{place.url}{ADMIN}/register", f"{name}-sesame"
    nonce = _known(ask("GET", address))["nonce"]
    signed = "\0".join([nonce, name, password, "notadmin"]).encode()
    wanted = {
        "nonce": nonce,
        "username": name,
        "password": password,
        "admin": False,
        "mac": hmac.new(SECRET.encode(), signed, hashlib.sha1).hexdigest(),
    }
    made = _known(ask("POST", address, wanted))
    return User(name, made["user_id"], password, made["access_token"])


def _known(answer: Answered) -> Any:
    assert answer.status == 200, answer
    return answer.json
