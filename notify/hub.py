"""Tells a WebSub hub which feeds have something new, so that subscribers need not ask."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from notify import web
from notify.carrier import DeliveryError

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def publish(hub: str, feeds: Iterable[str]) -> str:
    """Names feeds by their addresses; "" where the hub took all of them, else why it did not take one, in a line.

    After that one the others are not named: they would fail alike, and subscribers find what is new by themselves.
    """
    for address in feeds:
        try:
            answer = web.post(hub, body=urlencode({"hub.mode": "publish", "hub.url": address}).encode(), headers=FORM)
            if not answer.is_good:
                raise web.failed(answer)
        except DeliveryError as error:
            return f"The WebSub hub was not told: {error}"
    return ""
