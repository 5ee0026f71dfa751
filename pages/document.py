"""Turns a document into its page: its newest text with what brought each passage, its changes, and its health."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlite_utils import Database

from archive import feeds, past, watched
from archive.watched import Made, Watched
from pages import version
from pages.addresses import BARE
from pages.serving import Asked, Elsewhere, MissingError, Page
from pages.words import day

NEWEST = 30  # changes that are all listed
MOST_FLAGGED = 40  # changes that are listed because they stand out
FEW = 40  # texts of which one can be chosen from a list


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes that follow one another, the newest first: one that stands out, or the others between two of them.

    `count` is how many there are; `listed` are those that the page names.
    """

    flagged: bool
    count: int
    since: str
    until: str
    listed: list[Made]


def page(db: Database, asked: Asked) -> Page:
    """A document, by its id, or a part of its newest text."""
    document = known(db, int(asked["id"]))
    newest = watched.version(db, document.newest) if document.newest else None
    text = version.text(db, document, newest, asked) if newest else {}
    made = watched.changes(db, document.id)
    values = {
        "document": document,
        "version": newest,
        "declared": declared(document.declaration),
        "changes": grouped(made),
        "count": len(made),
        "siblings": watched.siblings(db, document.id),
        "slug": feeds.slugs(db)[document.service_key],
        "evidence": watched.evidence(db, newest.id) if newest else [],
        "times": watched.times(db, document.id, FEW),
    }
    return Page("document.html", values | text)


def at(db: Database, asked: Asked) -> Elsewhere:
    """The version that stood on a date, or at a time: `date`, the newest by default."""
    document = known(db, int(asked["id"]))
    return Elsewhere(BARE.version(stood(db, document, asked.get("date", ""))))


def known(db: Database, number: int) -> Watched:
    """The document with this id. Raises MissingError."""
    document = watched.document(db, number)
    if document is None:
        raise MissingError(f"There is no document {number} in this archive.")
    return document


def stood(db: Database, document: Watched, date: str) -> int:
    """The version that stood then; the newest if nothing is said. Raises SmallprintError for what is no date, and
    MissingError where there was no text yet."""
    found = past.version_at(db, document.id, past.moment(date)) if date else document.newest
    if found:
        return found
    began = f"its first text was seen {day(document.first_seen)}" if document.first_seen else "no text was ever read"
    raise MissingError(f"{document.name}: nothing is recorded for {date or 'it'}: {began}.")


def grouped(made: Sequence[Made]) -> list[Changes]:
    """Changes, the newest first: those with flags alone, the others counted between them."""
    groups = [(flagged, list(run)) for flagged, run in groupby(made, key=lambda one: one.stands_out)]
    found, listed, shown = list[Changes](), 0, 0
    for flagged, run in groups:
        for few in [[one] for one in run] if flagged else [run]:
            left = MOST_FLAGGED - shown if flagged else NEWEST - listed
            named = few[: max(0, left)]
            listed, shown = listed + len(few), shown + flagged
            found.append(Changes(flagged, len(few), few[-1].seen_at, few[0].seen_at, named))
    return list(_joined(found))


def declared(declaration: str) -> str:
    """The declaration as people read JSON; "" where there is none, or no more than where it was imported from."""
    try:
        value = json.loads(declaration or "{}")
    except ValueError:
        return declaration
    return json.dumps(value, ensure_ascii=False, indent=2) if set(value) - {"head"} else ""


def _joined(groups: Iterable[Changes]) -> Iterable[Changes]:
    """Neighbours of which none is named are counted together."""
    for named, run in groupby(groups, key=lambda group: bool(group.listed)):
        same = list(run)
        if named:
            yield from same
        else:
            yield Changes(False, sum(group.count for group in same), same[-1].since, same[0].until, [])
