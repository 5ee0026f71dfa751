"""What the commits of Open Terms Archive's repositories have in common, whether they record texts or pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crawler.git_records import Change

TECHNICAL = ("Apply technical or declaration upgrade on ", "Refilter ")
RECORD = ("First record of ", "Record new changes of ", "Start tracking ", "Update ", *TECHNICAL)
NAME = r"[^/\x00-\x1f\ud800-\udfff]+"
TEXT = re.compile(rf"(?P<service>{NAME})/(?P<type>{NAME})\.md")
PAGE = re.compile(rf"(?P<service>{NAME})/(?P<type>{NAME}?)(?: #(?P<part>{NAME}))?\.(?P<ending>html|pdf)")
ADDRESS = re.compile(r"^X-source-document-location: *(\S+)", re.IGNORECASE | re.MULTILINE)
OLDEST = "2000-01-01T00:00:00Z"  # nobody recorded a page of the web's terms before: a clock stood at 1970
LATEST = 253402300799  # seconds: the end of the year 9999, as far as a calendar goes
Told = Callable[[int, int], None]  # how many records are done, of how many


@dataclass(slots=True)
class Report:
    """What an import brought: how many records of how many documents are new, and what was left out and why."""

    origin: str = ""
    records: int = 0
    documents: int = 0
    versions: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def place_of(change: Change, pattern: re.Pattern[str], refused: Counter[str]) -> re.Match[str] | None:
    """What a commit recorded, by its path; None for the files of the repository itself, and for what is no record."""
    if "/" not in change.path:
        return None
    place = pattern.fullmatch(change.path)
    if place is None or not change.subject.startswith(RECORD):
        if not change.path.startswith("."):
            refused["not a record: another path or another subject"] += 1
    elif change.path.startswith("."):  # "Update .github" is said of the repository's own files
        refused["not a record: its folder is hidden"] += 1
    elif not change.plain:
        refused["not a record: a link, not a file"] += 1
    elif not change.alone:
        refused["not a record: its commit brought several files"] += 1
    else:
        return place
    return None


def address_of(change: Change) -> str:
    """Where the page was fetched; "" where the commit does not tell."""
    found = ADDRESS.search(change.body)
    return found[1] if found else ""


def time_of(seconds: int) -> str:
    """A commit's time as the archive writes it; what no calendar holds is as far off as one does."""
    return datetime.fromtimestamp(min(max(seconds, 0), LATEST), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fault_of_date(at: str, latest: str, newest: str) -> str:
    """Why a date cannot be believed, "" if it can: the versions of a document stand in the order of time.

    `latest` is the time now, `newest` when the newest version was seen.
    """
    if at < OLDEST:
        return "dated before the year 2000: a clock was wrong"
    if at > latest:
        return "dated in the future: a clock was wrong"
    if at < newest:
        return "dated before the newest version that was taken earlier"
    return ""
