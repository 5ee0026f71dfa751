"""Reads how much the archive holds, how the last looks at our documents went, and what waits to be decided."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlite_utils import Database

from archive import languages
from archive.rows import value
from archive.words import Outcome

COUNTED = ("services", "documents", "versions", "changes", "flags")


@dataclass(frozen=True, slots=True)
class Standing:
    """How much there is, by table, and how the last looks went at the documents that are watched.

    `seen` of the watched were read, `unseen` could not be, `never_looked` were not looked at yet. The last look at all
    was `looked_at`, "" for none. `waiting` counts their changes that are not decided for good, `not_read` the documents
    in languages that no rule reads, those of others too.
    """

    counts: dict[str, int]
    watched: int
    seen: int
    unseen: int
    never_looked: int
    looked_at: str
    waiting: int
    not_read: int


def standing(db: Database) -> Standing:
    """How things stand."""
    counts = {table: int(value(db, f"SELECT count(*) FROM {table}")) for table in COUNTED}  # noqa: S608
    looks = list(db.query(_LOOKS))
    ended = Counter(_ended(row["outcomes"].split(",")) for row in looks)
    return Standing(
        counts,
        len(looks),
        ended["seen"],
        ended["unseen"],
        ended["never looked"],
        max((row["looked_at"] for row in looks), default=""),
        int(value(db, _WAITING)),
        _not_read(db),
    )


def _ended(outcomes: list[str]) -> str:
    """How the last looks at all pages of a document went; "" is no look. A stored page was seen."""
    if "" in outcomes:
        return "never looked"
    seen = all(outcome == Outcome.FETCHED or Outcome(outcome).seen for outcome in outcomes)
    return "seen" if seen else "unseen"


def _not_read(db: Database) -> int:
    known = languages.ours()
    rows = db.query("SELECT language, count(*) AS documents FROM documents GROUP BY language")
    return sum(row["documents"] for row in rows if known.not_read(row["language"]))


# The newest look at each page of the declaration that was crawled last: a step in an index for each.
_LOOKS = """
SELECT group_concat(coalesce(last.outcome, '')) AS outcomes, coalesce(max(last.fetched_at), '') AS looked_at
FROM documents
CROSS JOIN json_each(coalesce(json_extract(nullif(declaration, ''), '$.combine'), '[0]')) AS part
LEFT JOIN fetches last ON last.id = (
    SELECT max(id) FROM fetches WHERE document_id = documents.id AND part = part.key)
WHERE documents.origin = ''
GROUP BY documents.id"""
_WAITING = """
SELECT count(*) FROM changes INDEXED BY changes_that_wait
JOIN documents ON documents.id = changes.document_id AND documents.origin = ''
WHERE held_until IS NOT NULL"""
