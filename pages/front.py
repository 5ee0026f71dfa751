"""Turns what was flagged, as far as it was asked for, into the front page: cards, a year, and how things stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlite_utils import Database

from archive import cards, feeds, flagged
from archive.flagged import Dated
from archive.standing import standing
from pages.asking import AskedError, Known, Question, choices, question
from pages.cards import Shown, chosen, shown
from pages.serving import Asked, Page
from pages.year import year

MOST = 20  # cards on a page


def page(db: Database, asked: Asked) -> Page:
    """The front page. `asked` has what the names of pages/asking.py say, and the number of a page."""
    slugs = feeds.slugs(db)
    known = Known({slugs[one.key]: one for one in flagged.services(db)}, flagged.regions(db))
    wanted = question(asked, known, datetime.now(UTC).date())
    changes = flagged.dated(db, wanted.wanted)
    found = within(changes, wanted.since, wanted.until)
    pages = max(1, -(-len(found) // MOST))
    if wanted.page > pages:
        raise AskedError(f"There is no page {wanted.page} of this: the last one is {pages}.")
    here = found[MOST * (wanted.page - 1) : MOST * wanted.page]
    values = {
        "cards": _cards(db, [one.id for one in here], wanted, slugs),
        "found": len(found),
        "page": wanted.page,
        "pages": pages,
        "given": wanted.given,
        "lasting": wanted.lasting,
        "filters": wanted.filters,
        "choices": choices(known, wanted.given),
        "year": year(changes, wanted.until[:4]),
        "standing": standing(db),
    }
    return Page("index.html", values)


def within(changes: Sequence[Dated], since: str, until: str) -> Sequence[Dated]:
    """Those that were seen between two days, both included; "" is no bound."""
    return [one for one in changes if since <= one.day and (not until or one.day <= until)]


def _cards(db: Database, changes: Sequence[int], wanted: Question, slugs: dict[str, str]) -> list[Shown]:
    """What is shown of these changes, in their order."""
    chose = [chosen(card, wanted.wanted) for card in cards.cards(db, changes)]
    texts = cards.texts(db, [edit for one in chose for edit in one.reworded])
    links = cards.linked(db, [way.edit_id for one in chose for way in one.ways])
    return [shown(one, texts, links, slugs[one.card.service_key]) for one in chose]
