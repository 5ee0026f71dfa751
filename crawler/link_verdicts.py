"""Turns what a link led to, an answer or a failure, into whether it is alive, and the reason in words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archive.links import LinkOutcome
from archive.words import Outcome
from crawler import outcome
from crawler.walls import Wall

Verdict = tuple[LinkOutcome, str]

ALIVE: Verdict = (LinkOutcome.ALIVE, "")
GONE = (404, 410)
DEMANDS = (401, 403, 405, 407)  # what may be said to somebody who has not logged in
# Of the errors that come as a page, those that say that it is not there. Others may pass.
NOT_THERE = re.compile(r"\b(404|410|find|found|exists?|no longer)\b")


def is_to_be_read(status: int) -> bool:
    """Whether the page of an answer can change the verdict on it."""
    return 200 <= status < 300 or status in DEMANDS


def of_answer(status: int, headers: Mapping[str, str], wall: Wall | None) -> Verdict:
    """The verdict on what a link led to in the end. Header names are in lower case; `wall` is what the page is instead
    of a page, None where it was not read."""
    result, detail = outcome.of_answer(status, headers)
    if status in DEMANDS and ((wall and wall.login) or (status == 401 and "www-authenticate" in headers)):
        return ALIVE
    if result is Outcome.FETCHED:
        return _of_page(wall)
    is_gone = status in GONE and result is Outcome.UNREACHABLE  # not where a bot wall says so
    return LinkOutcome.DEAD if is_gone else LinkOutcome.UNKNOWN, detail


def of_failure(error: BaseException) -> Verdict:
    """The verdict on a link that brought no answer."""
    _, detail = outcome.of_failure(error)
    return LinkOutcome.DEAD if detail == outcome.LOOP else LinkOutcome.UNKNOWN, detail


def of_name(host: str) -> Verdict:
    """The verdict on a link to a host whose name nobody has."""
    return LinkOutcome.DEAD, f"the name {host} does not exist"


def _of_page(wall: Wall | None) -> Verdict:
    """Of an answer 2xx. A page that waits for its scripts is there, and so is a form to log in."""
    if wall is None or wall.login or wall.outcome is Outcome.UNEXTRACTABLE:
        return ALIVE
    is_gone = wall.outcome is Outcome.UNREACHABLE and NOT_THERE.search(wall.detail.lower())
    return LinkOutcome.DEAD if is_gone else LinkOutcome.UNKNOWN, wall.detail
