"""Hands a message to Apprise, which knows how to reach some hundred services; the only place that imports it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable

import apprise

from archive.errors import SettingsError
from archive.settings import CONSOLE, Target

HTTP_STATUS = re.compile(r"error[= ](\d{3})\b")


class DeliveryError(Exception):
    """The message did not get through; trying later may help. The text holds no address and no secret."""


def check(targets: Iterable[Target]) -> None:
    """Raises SettingsError for a target whose address Apprise does not understand. The address is not repeated."""
    for target in targets:
        if target.url != CONSOLE.url and apprise.Apprise.instantiate(target.url, suppress_exceptions=True) is None:
            raise SettingsError(
                f"target {target.name!r}: Apprise does not understand its url: see `smallprint targets --help`"
            )


def send(target: Target, title: str, body: str, say: Callable[[str], None]) -> None:
    """Delivers one plain-text message; `say` prints it where the target is the console. Raises DeliveryError."""
    if target.url == CONSOLE.url:
        say(f"{title}\n\n{body}")
        return
    heard = _Heard()
    logger = logging.getLogger("apprise")
    logger.addHandler(heard)
    try:
        carrier = apprise.Apprise()
        if not carrier.add(target.url) or not carrier.notify(
            title=title, body=body, body_format=apprise.NotifyFormat.TEXT
        ):
            raise DeliveryError(heard.reason())
    finally:
        logger.removeHandler(heard)


class _Heard(logging.Handler):
    """Listens to what Apprise logs, and keeps the one thing in it that is never a secret: an HTTP status."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.status = ""

    def emit(self, record: logging.LogRecord) -> None:
        found = HTTP_STATUS.search(record.getMessage())
        self.status = found[1] if found else self.status

    def reason(self) -> str:
        """Why it failed, as far as it may be told."""
        return (
            f"the service answered with {self.status}"
            if self.status
            else "the service was not reached or refused the message"
        )
