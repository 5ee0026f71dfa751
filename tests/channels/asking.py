"""Turns a method and an address into a server's answer, by plain urllib, past every proxy."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

SECONDS = 60


@dataclass(frozen=True)
class Answered:
    """An answer, whatever its status; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def ask(
    method: str,
    url: str,
    body: bytes | Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    trust: ssl.SSLContext | None = None,
) -> Answered:
    """Asks once; a mapping is sent as JSON. Raises OSError or HTTPException where no answer comes."""
    sent = json.dumps(body).encode() if isinstance(body, Mapping) else body
    kind = {"Content-Type": "application/json"} if isinstance(body, Mapping) else {}
    request = Request(url, data=sent, method=method, headers=kind | dict(headers or {}))
    try:
        with build_opener(ProxyHandler({}), HTTPSHandler(context=trust)).open(request, timeout=SECONDS) as answer:
            return Answered(answer.status, _lower(answer.headers), answer.read())
    except HTTPError as error:
        with error:
            return Answered(error.code, _lower(error.headers), error.read())


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def basic(user: str, password: str) -> dict[str, str]:
    """The header that carries a name and a password."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def answers(url: str) -> bool:
    """Whether somebody answers there with a success."""
    try:
        return ask("GET", url).status == 200
    except (OSError, HTTPException):
        return False


def _lower(headers: Message[str, str]) -> dict[str, str]:
    return {name.lower(): text for name, text in headers.items()}
