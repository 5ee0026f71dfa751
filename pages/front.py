"""Turns the newest flagged changes, and what the archive holds, into the front page."""

from __future__ import annotations

from sqlite_utils import Database

from archive import browse
from pages.serving import Asked, Page

NEWEST = 20  # changes on the page


def page(db: Database, asked: Asked) -> Page:
    """The front page."""
    del asked
    return Page("index.html", {"pushed": browse.pushed(db, NEWEST), "totals": browse.totals(db)})
