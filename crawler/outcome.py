"""Turns what came back from a host, an answer or a failure, into an outcome and a reason in words."""

from __future__ import annotations

from collections.abc import Mapping

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure

from archive.words import Outcome

Verdict = tuple[Outcome, str]

STATUS: dict[int, Verdict] = {
    304: (Outcome.NOT_MODIFIED, ""),
    401: (Outcome.BLOCKED, "the page asks for a log-in (401)"),
    403: (Outcome.BLOCKED, "access is refused (403)"),
    404: (Outcome.UNREACHABLE, "there is no page at this address (404)"),
    407: (Outcome.BLOCKED, "a proxy asks for a log-in (407)"),
    410: (Outcome.UNREACHABLE, "the page is gone (410)"),
    429: (Outcome.BLOCKED, "the host asks for fewer requests (429)"),
    451: (Outcome.BLOCKED, "withheld for legal reasons (451)"),
}
CHALLENGES = {"cf-mitigated": "Cloudflare", "x-amzn-waf-action": "AWS WAF"}
FAILURES: list[tuple[type[Exception], str]] = [
    (CannotResolveHostError, "the host was not found"),
    (DownloadTimeoutError, "no complete answer in time"),
    (DownloadConnectionRefusedError, "the host refuses connections"),
    (ResponseDataLossError, "the answer broke off"),
    (ConnectionLost, "the connection broke off"),
]


def of_answer(status: int, headers: Mapping[str, str]) -> Verdict:
    """The outcome of an answer. Header names are in lower case; FETCHED means that it is to be read."""
    for header, wall in CHALLENGES.items():
        if header in headers:
            return Outcome.BLOCKED, f"a bot wall answered ({wall})"
    if status in STATUS:
        return STATUS[status]
    if 200 <= status < 300:
        return Outcome.FETCHED, ""
    if status >= 500:
        return Outcome.UNREACHABLE, f"the server failed ({status})"
    return Outcome.UNREACHABLE, f"the answer was of no use ({status})"


def of_failure(failure: Failure) -> Verdict:
    """The outcome of a request that brought no answer."""
    error = failure.value
    if isinstance(error, IgnoreRequest):
        return _of_ignored(str(error))
    if isinstance(error, DownloadCancelledError):
        return Outcome.SUSPECT, "the page is larger than 20 MB"
    for kind, words in FAILURES:
        if isinstance(error, kind):
            return Outcome.UNREACHABLE, words
    return Outcome.UNREACHABLE, _deepest(error)


def _of_ignored(reason: str) -> Verdict:
    if "robots.txt" in reason:
        return Outcome.REFUSED, "robots.txt asks not to fetch this page"
    if "max redirections" in reason:
        return Outcome.UNREACHABLE, "redirected too many times"
    if "decompress" in reason.lower() or "exceeded" in reason.lower():
        return Outcome.SUSPECT, "the page is larger than 20 MB when unpacked"
    return Outcome.REFUSED, reason or "refused"


def _deepest(error: BaseException | None) -> str:
    """The innermost reason of a nested network error, in one line; TLS errors hide there."""
    reasons = getattr(error, "reasons", None) or getattr(error.__cause__, "reasons", None)
    if reasons:
        return _deepest(reasons[0].value)
    if "certificate verify failed" in str(error):
        return "the TLS certificate is not valid for this host"
    text = " ".join(str(error).split())[:200]
    return f"the connection failed: {text or type(error).__name__}"
