"""Posts a letter as a JSON object to an address of the web, signed as Standard Webhooks says: see docs/webhook.md."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
from hashlib import sha256
from urllib.parse import unquote, urlsplit, urlunsplit

from archive.targets import Target
from notify import as_text, web
from notify.as_html import is_web
from notify.carrier import Parcel
from notify.letter import Letter

SCHEMA = 1  # of what is posted; it grows where a receiver of the old one would break
ENCODED = "whsec_"  # begins a secret that is base64


def send(target: Target, parcel: Parcel) -> None:
    """Raises DeliveryError."""
    letter, now = parcel.letter, int(time.time())
    body = json.dumps(payload(letter)).encode()
    address, auth = _apart(target.url)
    name = letter.reference or f"{letter.kind}-{now}"
    answer = web.post(address, body=body, headers=headers(name, now, body, key(target.secret)), auth=auth)
    if not answer.is_good:
        raise web.failed(answer)


def payload(letter: Letter) -> dict[str, object]:
    """The letter as plain values for JSON: docs/webhook.schema.json is its schema."""
    return {
        "schema": SCHEMA,
        "id": letter.reference,
        "kind": letter.kind,
        "title": letter.title,
        "text": as_text.body(letter),
        "severity": letter.severity,
        "language": letter.frame.language,
        "url": letter.url,
        "repeated": letter.repeated,
        letter.kind: dict(letter.data),
    }


def headers(name: str, time: int, body: bytes, key: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks for a message of this name, sent at a time in seconds; b"": it is not signed."""
    told = {"Content-Type": "application/json", "webhook-id": name, "webhook-timestamp": str(time)}
    if key:
        signed = hmac.digest(key, f"{name}.{time}.".encode() + body, sha256)
        told["webhook-signature"] = f"v1,{base64.b64encode(signed).decode()}"
    return told


def key(secret: str) -> bytes:
    """The key that a secret stands for: base64 after "whsec_", or the bytes of any other text. Raises ValueError."""
    if not secret.startswith(ENCODED):
        return secret.encode()
    text = secret.removeprefix(ENCODED).rstrip("=")
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not found:  # the error of the library is kept out: what it was given is a secret
        raise ValueError(f"what follows {ENCODED} is no base64")
    return found


def is_address(url: str) -> bool:
    """Whether something may be posted there."""
    return is_web(url) and len(url.split()) == 1


def _apart(url: str) -> tuple[str, tuple[str, str] | None]:
    """An address without what stands before "@" in it, and that: a user and a password."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    bare = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    return bare, (unquote(user), unquote(password)) if at else None
