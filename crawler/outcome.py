"""Turns what came back from a host, an answer or a failure, into an outcome and a reason in words."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from service_identity import VerificationError
from twisted.internet.error import ConnectionClosed
from twisted.web._newclient import ParseError  # it has no public name

from archive.words import Fetch, Outcome
from crawler.wall_marks import FIREWALL_HEADERS, REFUSING_HEADERS

Verdict = tuple[Outcome, str]

STATUS: dict[int, Verdict] = {
    401: (Outcome.BLOCKED, "the page asks for a log-in (401)"),
    403: (Outcome.BLOCKED, "access is refused (403)"),
    404: (Outcome.UNREACHABLE, "there is no page at this address (404)"),
    407: (Outcome.BLOCKED, "a proxy asks for a log-in (407)"),
    410: (Outcome.UNREACHABLE, "the page is gone (410)"),
    429: (Outcome.BLOCKED, "the host asks for fewer requests (429)"),
    451: (Outcome.BLOCKED, "withheld for legal reasons (451)"),
}
NAMELESS, LOOP = "the host was not found", "redirected too many times"
REFUSALS = frozenset([403, 405, 406, 418, 999])  # what firewalls answer to what they take for no browser
FAILURES: list[tuple[type[BaseException], str]] = [  # the first that fits
    (CannotResolveHostError, NAMELESS),
    (DownloadTimeoutError, "no complete answer in time"),
    (DownloadConnectionRefusedError, "the host refuses connections"),
    (ResponseDataLossError, "the answer broke off"),
    (VerificationError, "the TLS certificate is not valid for this host"),
    (SSL.Error, "no TLS connection can be made"),
    (ConnectionClosed, "the connection broke off"),
    (ParseError, "the answer is not HTTP"),
    (EOFError, "the answer cannot be unpacked"),
    (zlib.error, "the answer cannot be unpacked"),
    (ValueError, "the address, or one it leads to, is not valid"),
]


class Stopped(IgnoreRequest):
    """Raised for a request that is not sent: says the outcome and the reason."""

    def __init__(self, outcome: Outcome, reason: str):
        super().__init__(reason)
        self.verdict: Verdict = (outcome, reason)


def of_answer(status: int, headers: Mapping[str, str], *, conditional: bool = False, empty: bool = False) -> Verdict:
    """The outcome of an answer. Header names are in lower case; FETCHED means that it is to be read.

    `conditional` says whether we asked "has it changed?": only then "not modified" says anything. `empty` is an answer
    without a body.
    """
    for header, wall in REFUSING_HEADERS.items():
        if header in headers:
            return Outcome.BLOCKED, f"a bot wall answered ({wall}: {header})"
    if status in REFUSALS and (wall := _firewall(headers)):
        return Outcome.BLOCKED, f"access is refused ({status}); a firewall stands there ({wall})"
    if status in STATUS:
        return STATUS[status]
    if status == 304 and conditional:
        return Outcome.NOT_MODIFIED, ""
    if 200 <= status < 300:
        return (Outcome.UNEXTRACTABLE, f"the answer is empty ({status})") if empty else (Outcome.FETCHED, "")
    if status >= 500:
        return Outcome.UNREACHABLE, f"the server failed ({status})"
    return _of_redirect(headers.get("location", "")) or (Outcome.UNREACHABLE, f"the answer is of no use ({status})")


def browser_may_pass(fetch: Fetch) -> bool:
    """Whether an answer that was no page may be one for a browser: not where we are asked for a log-in or for less."""
    challenged = any(name.lower() in REFUSING_HEADERS for name, _ in fetch.headers)
    return fetch.outcome is Outcome.BLOCKED and (challenged or fetch.status in REFUSALS)


def of_failure(error: BaseException) -> Verdict:
    """The outcome of a request that brought no answer."""
    if isinstance(error, Stopped):
        return error.verdict
    if isinstance(error, IgnoreRequest):
        return _of_ignored(str(error))
    if isinstance(error, DownloadCancelledError):
        return Outcome.SUSPECT, "the page is too large"
    return Outcome.UNREACHABLE, _words(error)


def _firewall(headers: Mapping[str, str]) -> str:
    """Whose firewall answered; "" where no header tells."""
    known = (
        wall for name, value, wall in FIREWALL_HEADERS if name in headers and re.search(value, headers[name].lower())
    )
    return next(known, "")


def _of_redirect(location: str) -> Verdict | None:
    """Redirects reach us only where Scrapy cannot follow them."""
    scheme = re.match(r"\s*([a-z][a-z0-9+.-]{0,19}):", location, re.IGNORECASE)
    if scheme is None or scheme[1].lower() in ("http", "https"):
        return None
    return Outcome.REFUSED, f"redirected to {scheme[1].lower()}:, but only http and https are fetched"


def _of_ignored(reason: str) -> Verdict:
    """Scrapy's own reasons not to go on."""
    if "robots.txt" in reason:
        return Outcome.REFUSED, "robots.txt asks not to fetch this page"
    if "max redirections" in reason:
        return Outcome.UNREACHABLE, LOOP
    if "during decompression" in reason:
        return Outcome.SUSPECT, "the page is too large when unpacked"
    return Outcome.REFUSED, reason or "refused"


def _words(error: BaseException) -> str:
    """What went wrong, in words; the true reason may be nested in it."""
    inner = _innermost(error)
    if "certificate verify failed" in str(inner):
        return "the TLS certificate is not valid for this host"
    for kind, words in FAILURES:
        if isinstance(error, kind) or isinstance(inner, kind):
            return words
    if isinstance(inner, OSError) and "gzip" in str(inner):
        return "the answer cannot be unpacked"
    text = " ".join(str(inner).split())[:200]
    return f"the fetch failed: {text or type(inner).__name__}"


def _innermost(error: BaseException) -> BaseException:
    """Network errors come wrapped: in a cause, or in a list of reasons of which the first is the earliest."""
    reasons = getattr(error, "reasons", None)
    if reasons:
        return _innermost(reasons[0].value)
    return _innermost(error.__cause__) if error.__cause__ is not None else error
