"""Finds the stored pages that a version was, or can be, read from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache

from sqlite_utils import Database

from archive.rows import Row, one, value
from archive.snapshots import body
from archive.words import Outcome

MOST_DOUBTED = 50


@dataclass(frozen=True, slots=True)
class Page:
    """One stored response: where its bytes are and how the server described them."""

    fetch_id: int
    part: int
    snapshot_id: int
    outcome: Outcome
    media_type: str
    url: str
    encoding: str | None
    detail: str = ""
    origin_id: str | None = None  # the record's name where others have fetched it
    asked: str = ""  # the address it was asked for at, where `url` is the one that answered
    at: str = ""  # when it was fetched

    def body(self, db: Database) -> bytes:
        """The bytes as received."""
        return body(db, self.snapshot_id)


def newest_page(db: Database, document_id: int, part: int) -> Page | None:
    """The newest response for this part that was, or can be, read; None if there was never one."""
    sql = f"""{_PAGE} WHERE document_id = ? AND part = ? AND outcome IN ('fetched', 'recorded', 'unchanged')
              ORDER BY fetches.id DESC LIMIT 1"""
    row = one(db, sql, document_id, part)
    return _page(row) if row else None


def pages_of(db: Database, version_id: int) -> list[Page]:
    """The responses a version was read from, by part."""
    sql = f"{_PAGE} JOIN version_fetches ON fetch_id = fetches.id WHERE version_id = ? ORDER BY part"
    return [_page(row) for row in db.query(sql, (version_id,))]


def pages_of_origin(db: Database, document_id: int) -> list[Page]:
    """The responses that others recorded, in the order they were taken in."""
    sql = f"{_PAGE} WHERE document_id = ? AND origin_id IS NOT NULL ORDER BY fetches.id"
    return [_page(row) for row in db.query(sql, (document_id,))]


def doubted(db: Database, document_id: int, page: Page) -> list[Page]:
    """The responses before this page, from the same address, that nobody believed or read: newest first.

    They go back to when the document was last seen, fifty at most.
    """
    return [_page(row) for row in db.query(_DOUBTED, (document_id, page.part, page.asked, page.fetch_id, MOST_DOUBTED))]


def was_read(db: Database, document_id: int, page: Page, after: int) -> bool:
    """Whether these very bytes were read as the same part of a document since the fetch with the id `after`."""
    sql = """SELECT 1 FROM fetches WHERE document_id = ? AND part = ? AND id > ? AND snapshot_id = ?
             AND outcome IN ('recorded', 'unchanged') LIMIT 1"""
    return value(db, sql, document_id, page.part, after, page.snapshot_id) is not None


def extractor_of(db: Database, document_id: int) -> str:
    """The rules under which the document's newest version is current; "" before the first."""
    return str(value(db, "SELECT extractor FROM documents WHERE id = ?", document_id) or "")


def _page(row: Row) -> Page:
    headers = {name.lower(): text for name, text in json.loads(row.pop("headers"))}
    # As this answer was described: the same bytes may have come otherwise before.
    told, encoding = _described(headers.get("content-type") or row["media_type"])
    row |= {"outcome": Outcome(row["outcome"]), "encoding": encoding}
    return Page(**row | ({"media_type": told} if told.count("/") == 1 else {}))


@lru_cache(maxsize=100)
def _described(content_type: str) -> tuple[str, str | None]:
    """The media type and the encoding that a header names."""
    described = Message()
    described["content-type"] = content_type
    return described["content-type"].partition(";")[0].strip().lower(), described.get_content_charset()


_PAGE = """SELECT fetches.id AS fetch_id, part, snapshot_id, outcome, detail, origin_id, media_type,
           headers, coalesce(nullif(final_url, ''), url) AS url, url AS asked, fetched_at AS at
           FROM fetches JOIN snapshots ON snapshots.id = snapshot_id"""
_DOUBTED = f"""{_PAGE} WHERE document_id = ?1 AND part = ?2 AND fetches.url = ?3 AND fetches.id < ?4
               AND outcome IN ('suspect', 'fetched') AND fetches.id > coalesce(
                   (SELECT max(id) FROM fetches WHERE document_id = ?1 AND part = ?2 AND id < ?4
                    AND outcome IN ('recorded', 'unchanged', 'not modified')), 0)
               ORDER BY fetches.id DESC LIMIT ?5"""  # noqa: S608
