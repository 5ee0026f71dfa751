"""Answers and failures become outcomes with reasons in words."""

from __future__ import annotations

from gzip import BadGzipFile

import pytest
from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed

from archive.words import Fetch, Outcome
from crawler.outcome import Stopped, browser_may_pass, of_answer, of_failure


def nested(*inner: Exception) -> Exception:
    """A network error as Scrapy hands it on: the true reasons are in the cause."""
    error = DownloadFailedError("[<twisted.python.failure.Failure ...>]")
    error.__cause__ = ResponseFailed([Failure(one) for one in inner])  # type: ignore[no-untyped-call]
    return error


@pytest.mark.parametrize("status", [200, 203, 206])
def test_an_answer_with_a_page_is_to_be_read(status: int) -> None:
    assert of_answer(status, {}) == (Outcome.FETCHED, "")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (401, Outcome.BLOCKED),
        (403, Outcome.BLOCKED),
        (404, Outcome.UNREACHABLE),
        (410, Outcome.UNREACHABLE),
        (418, Outcome.UNREACHABLE),
        (429, Outcome.BLOCKED),
        (451, Outcome.BLOCKED),
        (500, Outcome.UNREACHABLE),
        (503, Outcome.UNREACHABLE),
        (599, Outcome.UNREACHABLE),
        (999, Outcome.UNREACHABLE),
        (300, Outcome.UNREACHABLE),
        (302, Outcome.UNREACHABLE),
    ],
)
def test_no_other_status_counts_as_seen(status: int, outcome: Outcome) -> None:
    result, reason = of_answer(status, {})
    assert result is outcome
    assert str(status) in reason
    assert not result.seen


def test_not_modified_says_something_only_to_who_asked() -> None:
    assert of_answer(304, {}, conditional=True) == (Outcome.NOT_MODIFIED, "")
    assert of_answer(304, {}) == (Outcome.UNREACHABLE, "the answer is of no use (304)")


def test_an_empty_answer_is_no_page() -> None:
    assert of_answer(200, {}, empty=True) == (Outcome.UNEXTRACTABLE, "the answer is empty (200)")


REFUSING = {
    "cf-mitigated": ("challenge", "Cloudflare"),
    "x-amzn-waf-action": ("captcha", "AWS WAF"),
    "x-vercel-mitigated": ("deny", "Vercel"),
    "x-sucuri-block": ("EXPVP2", "Sucuri"),
}


@pytest.mark.parametrize("status", [200, 202, 403, 429, 503])
@pytest.mark.parametrize("header", REFUSING)
def test_a_bot_wall_is_blocked_whatever_its_status(header: str, status: int) -> None:
    value, wall = REFUSING[header]
    verdict = of_answer(status, {header: value}, empty=True)
    assert verdict == (Outcome.BLOCKED, f"a bot wall answered ({wall}: {header})")
    assert browser_may_pass(fetch(*verdict, status, (header.title(), value)))


FIREWALLS = [
    ("x-datadome", "protected", "DataDome"),
    ("set-cookie", "datadome=0aZ; Max-Age=31536000", "DataDome"),
    ("x-kpsdk-ct", "0C3o", "Kasada"),
    ("set-cookie", "_pxhd=aa:bb; path=/", "HUMAN"),
    ("x-iinfo", "9-1-0 0NNN RT(1 2)", "Imperva"),
    ("x-cdn", "Incapsula", "Imperva"),
    ("set-cookie", "visid_incap_1=x", "Imperva"),
    ("x-sucuri-id", "19002", "Sucuri"),
    ("server", "AkamaiGHost", "Akamai"),
    ("server", "ddos-guard", "DDoS-Guard"),
    ("server", "awselb/2.0", "AWS"),
    ("set-cookie", "__cf_bm=x; HttpOnly", "Cloudflare"),
    ("server-timing", "cfEdge;dur=4,cfOrigin;dur=0", "Cloudflare"),
    ("server-timing", "cdn-cache; desc=HIT, edge; dur=1, ak_p; desc=x", "Akamai"),
]


@pytest.mark.parametrize(("header", "value", "wall"), FIREWALLS)
def test_a_refusal_names_the_firewall_that_stands_there(header: str, value: str, wall: str) -> None:
    verdict = of_answer(403, {header: value})
    assert verdict == (Outcome.BLOCKED, f"access is refused (403); a firewall stands there ({wall})")
    assert of_answer(406, {header: value})[0] is Outcome.BLOCKED
    assert of_answer(999, {header: value})[0] is Outcome.BLOCKED


@pytest.mark.parametrize(("header", "value", "wall"), FIREWALLS)
@pytest.mark.parametrize("status", [200, 404, 429, 503])
def test_a_firewall_stands_before_good_pages_and_failures_too(status: int, header: str, value: str, wall: str) -> None:
    assert of_answer(status, {header: value}) == of_answer(status, {})


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("server-timing", "cfEdge;dur=4,cfOrigin;dur=120"),
        ("server-timing", "edge; dur=2, origin; dur=300, ak_p; desc=x"),
        ("set-cookie", "session=1"),
        ("server", "nginx"),
        ("cf-ray", "8c1-FRA"),
    ],
)
def test_what_names_no_firewall(header: str, value: str) -> None:
    assert of_answer(403, {header: value}) == (Outcome.BLOCKED, "access is refused (403)")


def fetch(
    outcome: Outcome, detail: str = "", status: int | None = 200, header: tuple[str, str] = ("Server", "nginx")
) -> Fetch:
    return Fetch("https://gantry.example/", "2026-03-01T00:00:00Z", outcome, detail, status, headers=(header,))


@pytest.mark.parametrize(
    ("outcome", "status", "may"),
    [
        (Outcome.BLOCKED, 403, True),
        (Outcome.BLOCKED, 406, True),
        (Outcome.BLOCKED, 401, False),
        (Outcome.BLOCKED, 429, False),
        (Outcome.BLOCKED, 451, False),
        (Outcome.UNREACHABLE, 404, False),
        (Outcome.UNREACHABLE, 418, False),
        (Outcome.UNREACHABLE, None, False),
        (Outcome.REFUSED, None, False),
    ],
)
def test_a_browser_may_pass_a_refusal_but_no_log_in(outcome: Outcome, status: int | None, may: bool) -> None:
    assert browser_may_pass(fetch(outcome, status=status)) is may


@pytest.mark.parametrize(
    ("location", "scheme"),
    [("file:///etc/passwd", "file"), ("  JavaScript:alert(1)", "javascript"), ("mailto:a@b", "mailto")],
)
def test_a_redirect_to_another_scheme_is_refused(location: str, scheme: str) -> None:
    assert of_answer(302, {"location": location}) == (
        Outcome.REFUSED,
        f"redirected to {scheme}:, but only http and https are fetched",
    )


@pytest.mark.parametrize("location", ["/else", "https://example.org/", "", "\x1b[2J:", "a" * 500 + ":"])
def test_other_redirects_that_end_here_are_of_no_use(location: str) -> None:
    assert of_answer(300, {"location": location}) == (Outcome.UNREACHABLE, "the answer is of no use (300)")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (CannotResolveHostError(""), "the host was not found"),
        (DownloadTimeoutError(""), "no complete answer in time"),
        (ResponseDataLossError(), "the answer broke off"),
        (nested(ConnectionLost()), "the connection broke off"),
        (nested(ConnectionDone(), ConnectionLost()), "the connection broke off"),
        (nested(SSL.Error([("SSL routines", "", "wrong version number")])), "no TLS connection can be made"),
        (
            nested(SSL.Error([("SSL routines", "", "certificate verify failed")])),
            "the TLS certificate is not valid for this host",
        ),
        (BadGzipFile("Not a gzipped file (b'<m')"), "the answer cannot be unpacked"),
        (EOFError(), "the answer cannot be unpacked"),
        (ValueError("Invalid IPv6 URL"), "the address, or one it leads to, is not valid"),
        (OSError(113, "No route to host"), "the fetch failed: [Errno 113] No route to host"),
        (RuntimeError("two\nlines\t" + "x" * 500), "the fetch failed: two lines xxx"),
        (RuntimeError(), "the fetch failed: RuntimeError"),
    ],
)
def test_a_failure_is_told_in_one_line(error: Exception, words: str) -> None:
    outcome, reason = of_failure(error)
    assert outcome is Outcome.UNREACHABLE
    assert reason.startswith(words)
    assert reason.isprintable()
    assert len(reason) < 250


def test_a_page_that_is_too_large_is_suspect() -> None:
    assert of_failure(DownloadCancelledError("")) == (Outcome.SUSPECT, "the page is too large")


def test_who_stops_a_request_says_how_it_ends() -> None:
    assert of_failure(Stopped(Outcome.REFUSED, "not there")) == (Outcome.REFUSED, "not there")


def test_an_unknown_refusal_keeps_its_reason() -> None:
    assert of_failure(IgnoreRequest("because")) == (Outcome.REFUSED, "because")
    assert of_failure(IgnoreRequest()) == (Outcome.REFUSED, "refused")
