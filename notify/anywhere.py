"""Hands a letter to Apprise as plain text: it knows how to reach some hundred services that have no carrier of ours."""

from __future__ import annotations

import logging
import re
from contextlib import suppress

import apprise

from archive.targets import Target
from notify import as_text
from notify.addresses import discreet
from notify.carrier import DeliveryError, Parcel

HTTP_STATUS = re.compile(r"error[= ](\d{3})\b")
UNSENT = re.compile(r"NewConnectionError|NameResolutionError|ConnectTimeout|Connection refused|Errno 111")


def send(target: Target, parcel: Parcel) -> None:
    """Raises DeliveryError. Apprise tells no more than whether it worked, and some of it in its log."""
    letter, heard, arrived = parcel.letter, _Heard(), False
    with discreet(heard), suppress(Exception):  # a fault inside Apprise costs one try, not the other messages
        carrier = apprise.Apprise()
        arrived = carrier.add(target.url) and bool(
            carrier.notify(title=letter.title, body=as_text.body(letter), body_format=apprise.NotifyFormat.TEXT)
        )
    if not arrived:
        raise DeliveryError(heard.reason(), unknown=not heard.status and not heard.is_unsent, down=not heard.status)


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
