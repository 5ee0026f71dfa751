"""Hands a message to Apprise, which knows how to reach some hundred services; the only place that imports it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import apprise

from archive.errors import SettingsError
from archive.settings import CONSOLE, Target

LOGGERS = ("apprise", "urllib3", "requests")
HTTP_STATUS = re.compile(r"error[= ](\d{3})\b")


class DeliveryError(Exception):
    """The message did not get through; trying later may help. The text holds no address and no secret."""


def check(targets: Iterable[Target]) -> None:
    """Raises SettingsError for a target whose address Apprise does not understand. The address is not repeated."""
    for target in targets:
        if not _is_understood(target.url):
            raise SettingsError(
                f"target {target.name!r}: Apprise does not understand its url: see `smallprint targets --help`"
            )


def send(target: Target, title: str, body: str, say: Callable[[str], None]) -> None:
    """Delivers one plain-text message; `say` prints it where the target is the console. Raises DeliveryError."""
    if target.url == CONSOLE.url:
        say(f"{title}\n\n{body}")
        return
    arrived = False
    with _discreet() as heard, suppress(Exception):  # a fault inside Apprise costs one try, not the other messages
        carrier = apprise.Apprise()
        arrived = carrier.add(target.url) and bool(
            carrier.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
        )
    if not arrived:
        raise DeliveryError(heard.reason())


def _is_understood(url: str) -> bool:
    with _discreet():
        return url == CONSOLE.url or apprise.Apprise.instantiate(url, suppress_exceptions=True) is not None


@contextmanager
def _discreet() -> Iterator[_Heard]:
    """Keeps what Apprise and the library under it log to ourselves: whole addresses stand in it, passwords too."""
    heard = _Heard()
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger.handlers, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.handlers, logger.propagate = [heard], False
    try:
        yield heard
    finally:
        for logger, (handlers, propagate) in zip(loggers, before, strict=True):
            logger.handlers, logger.propagate = handlers, propagate


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
