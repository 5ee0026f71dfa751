"""Turns one text of a document into its page: since when each passage stands there, and where the text comes from."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from archive import blame, watched
from archive.watched import Version, Watched
from pages import texts
from pages.parts import cuts, part
from pages.serving import Asked, MissingError, Page


def page(db: Database, asked: Asked) -> Page:
    """One version, by its id, or a part of it."""
    number = int(asked["id"])
    version = watched.version(db, number)
    document = watched.document(db, version.document_id) if version else None
    if version is None or document is None:
        raise MissingError(f"There is no version {number} in this archive.")
    values = {"document": document, "version": version, "evidence": watched.evidence(db, number)}
    return Page("version.html", values | text(db, document, version, asked))


def text(db: Database, document: Watched, version: Version, asked: Asked) -> dict[str, Any]:
    """The part of a version's text that was asked for, as _text.html shows it: part, stretches, contents."""
    passages = blame.placed(db, version.id)
    spans = cuts(texts.costs(passages), texts.breaks(passages))
    shown = part(asked, spans)
    mine = passages[shown.start : shown.end]
    causes = blame.causes(db, {one.since for one in mine})
    brought = {one.passage: change for one in mine if (change := causes[one.since].change)}
    replaced = blame.replaced(db, document.id, brought)
    life = (document.first_seen or version.seen_at, version.seen_at)
    return {
        "part": shown,
        "stretches": texts.stretches(mine, causes, blame.flagged(db, document.id), replaced, life),
        "contents": texts.contents(passages, spans),
    }
