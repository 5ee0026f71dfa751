"""Posts to a server of the web, and says of what came of it how it failed, if it did: for the carriers over HTTP."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import requests
import urllib3
from urllib3 import exceptions as failures

from notify.addresses import discreet
from notify.carrier import DeliveryError

PATIENCE = 30.0  # seconds to wait for a connection, for each piece of an answer, and for its end
MOST = 64 * 1024  # bytes that are read of an answer
LONGEST_WAIT = 24 * 3600.0  # seconds; whoever asks for a longer wait is asked again after this
DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
REFUSED = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)
GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE)
UNSENT = (
    *(failures.NewConnectionError, failures.ConnectTimeoutError, failures.ProxyError),
    *(failures.LocationValueError, requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader),
    *(requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema, UnicodeError),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered. The names of headers are in small letters; `text` is the start of a long answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def is_good(self) -> bool:
        """Whether what was posted was taken."""
        return 200 <= self.status < 300


def post(
    url: str,
    *,
    json: Any = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
    verify: bool = True,
) -> Answer:
    """What the server answers to a JSON value or to bytes; `auth` is a user and a password.

    Proxies are those of the environment; redirects are not followed. Raises DeliveryError where no answer comes.
    """
    log_in = requests.auth.HTTPBasicAuth(*(part.encode() for part in auth)) if auth else _as_it_is
    if not verify:  # the warning has the address in it
        urllib3.disable_warnings(failures.InsecureRequestWarning)
    asked = {"Accept-Encoding": "identity", "User-Agent": "Smallprint"} | dict(headers or {})
    with discreet():
        try:
            with requests.post(
                url,
                json=json,
                data=body,
                headers=asked,
                auth=log_in,
                verify=verify,
                timeout=PATIENCE,
                allow_redirects=False,
                stream=True,
            ) as response:
                names = {name.lower(): text for name, text in response.headers.items()}
                return Answer(response.status_code, names, _start(response.raw))
        except (OSError, ValueError, failures.HTTPError) as error:
            fault = _fault(error)
    raise fault  # outside, as the error holds the address


def failed(answer: Answer) -> DeliveryError:
    """The error for an answer that is not good."""
    status = answer.status
    if status in DENIED:
        return DeliveryError(f"the server does not accept the log-in ({status})", down=True)
    if status in GONE or 300 <= status < 400:
        return DeliveryError(f"the server takes nothing at this address ({status})", down=True)
    return DeliveryError(f"the server answered with {status}", refused=status in REFUSED, after=_after(answer))


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from looking for a password in ~/.netrc, with which it replaces a token."""
    return request


def _start(raw: Any) -> str:
    """As much of the answer as comes: what is missing of it does not change what its status says."""
    read, end = b"", time.monotonic() + PATIENCE
    try:
        while len(read) < MOST and time.monotonic() < end and (piece := raw.read1(MOST - len(read))):
            read += piece
    except (OSError, failures.HTTPError):
        pass
    return read.decode("utf-8", "replace")


def _fault(error: Exception) -> DeliveryError:
    """What is told of an error: whether the message may have left is seen by the errors that it was made of."""
    under = list(_under(error))
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in under):
        return DeliveryError("the server's certificate is not trusted", down=True)
    if any(isinstance(one, UNSENT) for one in under):
        return DeliveryError("the server was not reached", down=True)
    if any(isinstance(one, ssl.SSLError) for one in under):
        return DeliveryError("no secure connection with the server", down=True, unknown=True)
    return DeliveryError("the server did not answer", unknown=True)


def _under(error: object) -> Iterator[BaseException]:
    """An error and those it was made of."""
    if isinstance(error, BaseException):
        yield error
        for one in (*error.args, getattr(error, "reason", None), error.__cause__, error.__context__):
            yield from _under(one)


def _after(answer: Answer) -> float:
    """The seconds that the server asks to wait for, by its own clock; 0 where it does not say."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said), LONGEST_WAIT)
    until, since = _date(said), _date(answer.headers.get("date", "")) or datetime.now(UTC)
    return min(max((until - since).total_seconds(), 0.0), LONGEST_WAIT) if until else 0.0


def _date(text: str) -> datetime | None:
    try:
        told = parsedate_to_datetime(text)
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)
