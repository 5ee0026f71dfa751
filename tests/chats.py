"""Chats whose posts come to a receiver on loopback: Discord and Slack have no option for that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from archive.targets import Target
from notify import addresses, delivery
from notify.carrier import Parcel
from notify.letter import Letter
from tests.channels import Receiver, Reply

Local = Callable[[Receiver, pytest.MonkeyPatch], str]
DISCORD, SLACK = "discord://123456/abcDEF-token", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"


def posted(receiver: Receiver, letter: Letter, url: str) -> bytes:
    """The body that arrives, and is taken."""
    receiver.script = [Reply(200, {}, b"ok")]
    send(letter, url)
    [request] = receiver.requests
    return request.body


def send(letter: Letter, url: str) -> None:
    """Hands it to the carrier of the address. Raises DeliveryError."""
    target = Target("chat", url)
    delivery.check([target])
    delivery.carrier(target, pytest.fail)(target, Parcel(letter))


def discord(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a webhook of Discord."""
    monkeypatch.setattr(type(addresses.parsed(DISCORD)), "notify_url", f"{receiver.url}/api/webhooks")
    return DISCORD


def slack(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a webhook of Slack."""
    monkeypatch.setattr(type(addresses.parsed(SLACK)), "webhook_url", f"{receiver.url}/services")
    return SLACK
