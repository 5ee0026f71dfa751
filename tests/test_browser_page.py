"""When a page in the browser is taken as built, and what Chromium's complaints mean to us."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.exceptions import DownloadCancelledError

from archive.words import Outcome
from crawler import outcome
from crawler.browser_gate import BrowserGate
from crawler.browser_page import BrowserPage, NoPageError, patience
from crawler.outcome import Stopped

URL = "https://gantry.example/terms"
TOLD = {
    "net::ERR_CERT_DATE_INVALID": ("unreachable", "the TLS certificate is not valid for this host"),
    "net::ERR_SSL_PROTOCOL_ERROR": ("unreachable", "no TLS connection can be made"),
    "net::ERR_TIMED_OUT": ("unreachable", "no complete answer in time"),
    "net::ERR_CONNECTION_TIMED_OUT": ("unreachable", "no complete answer in time"),
    "Page.goto: Timeout 60000ms exceeded.": ("unreachable", "no complete answer in time"),
    "net::ERR_NAME_NOT_RESOLVED": ("unreachable", "the host was not found"),
    "net::ERR_CONNECTION_REFUSED": ("unreachable", "the host refuses connections"),
    "net::ERR_CONNECTION_RESET": ("unreachable", "the connection broke off"),
    "net::ERR_EMPTY_RESPONSE": ("unreachable", "the connection broke off"),
    "Page.goto: net::ERR_UNSAFE_PORT at http://gantry.example:1/\nCall log:": (
        "unreachable",
        "the fetch failed: ERR_UNSAFE_PORT",
    ),
}


@pytest.fixture
def page() -> BrowserPage:
    return BrowserPage(Request(URL), BrowserGate(()))


@pytest.mark.parametrize("told", TOLD)
def test_what_chromium_says_is_told_in_our_words(page: BrowserPage, told: str) -> None:
    assert outcome.of_failure(page.reason(RuntimeError(told))) == TOLD[told]


def test_what_the_gate_knows_comes_before_what_chromium_says(page: BrowserPage) -> None:
    trouble = Stopped(Outcome.REFUSED, "gantry.example is at 10.0.0.1, which is not a public address")
    page.gate.troubles["gantry.example", 443] = trouble
    page.gate.troubles["another.example", 443] = RuntimeError("of a script")
    assert page.reason(RuntimeError("net::ERR_TUNNEL_CONNECTION_FAILED")) is trouble


def test_what_was_too_much_comes_before_all_else(page: BrowserPage) -> None:
    page.gate.troubles["gantry.example", 443] = RuntimeError("cut off")
    page.gate.left = -1
    assert isinstance(page.reason(RuntimeError("net::ERR_FAILED")), DownloadCancelledError)


@pytest.mark.parametrize("told", ["net::ERR_HTTP_RESPONSE_CODE_FAILURE", "net::ERR_INVALID_AUTH_CREDENTIALS"])
def test_an_error_without_a_page_is_fetched_as_it_is(page: BrowserPage, told: str) -> None:
    assert isinstance(page.reason(RuntimeError(f"Page.goto: {told} at {URL}")), NoPageError)


@given(st.integers(0, 10**7))
def test_a_short_text_and_a_page_that_loads_are_waited_for_longer(letters: int) -> None:
    assert 1 <= patience(letters, True) < patience(letters, False) <= 5
    assert patience(letters, True) >= patience(letters + 1000, True)
