"""Hands a letter to Apprise as plain text: it knows how to reach some hundred services that have no carrier of ours."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import suppress

import apprise

from archive.targets import Target
from notify import as_text
from notify.addresses import discreet, parsed
from notify.carrier import DeliveryError, Parcel
from notify.clean import clean, line

HTTP_STATUS = re.compile(r"error[= ](\d{3})\b")
CLOSED = ("401", "403", "404", "405", "410")  # statuses with which nothing gets through
UNSENT = re.compile(r"NewConnectionError|NameResolutionError|ConnectTimeout|Connection refused|Errno 111")


def send(target: Target, parcel: Parcel) -> None:
    """Raises DeliveryError."""
    title, body = line(parcel.letter.title), clean(as_text.body(parcel.letter))

    def tell() -> bool:
        carrier = apprise.Apprise()
        plain = apprise.NotifyFormat.TEXT
        return carrier.add(target.url) and bool(carrier.notify(title=title, body=body, body_format=plain))

    _hear(tell)


def send_written(target: Target, title: str, body: str) -> None:
    """Hands over a body in the service's own markup, to which Apprise does nothing more. Raises DeliveryError."""

    def tell() -> bool:
        plugin, markup = parsed(target.url), apprise.NotifyFormat.MARKDOWN
        if plugin is None:
            return False
        plugin._format_override = None  # for Discord, with "format=markdown" it would ping whom the page names
        return bool(plugin.send(body=body, title=title, body_format=markup, body_passthrough=False))

    _hear(tell)


def _hear(tell: Callable[[], bool]) -> None:
    """Apprise tells no more than whether it worked, and some of it in its log."""
    heard, arrived = _Heard(), False
    with discreet(heard), suppress(Exception):  # a fault inside Apprise costs one try, not the other messages
        arrived = tell()
    if not arrived:
        down = heard.status in ("", *CLOSED)
        raise DeliveryError(heard.reason(), unknown=not heard.status and not heard.is_unsent, down=down)


class _Heard(logging.Handler):
    """Listens to what Apprise logs, and keeps what is never a secret: an HTTP status, and that nobody was there."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.status, self.is_unsent = "", False

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        found = HTTP_STATUS.search(text) if record.levelno >= logging.WARNING else None
        self.status = found[1] if found else self.status
        self.is_unsent = self.is_unsent or bool(UNSENT.search(text))

    def reason(self) -> str:
        """Why it failed, as far as it may be told."""
        return (
            f"the service answered with {self.status}"
            if self.status
            else "the service was not reached or refused the message"
        )
