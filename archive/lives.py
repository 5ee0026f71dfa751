"""Reads the life of a passage: the documents that held it, what was flagged in it, what it was before and became."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive.edits import flag_of
from archive.placements import numbers_of
from archive.rows import Row, value
from archive.words import Flag


@dataclass(frozen=True, slots=True)
class Held:
    """A document that holds or held a passage; `gone` is None while it stands.

    `version` is the last that held it; between `last_seen` and `gone` nobody looked, or could.
    """

    document_id: int
    document: str
    origin: str
    language: str
    kind: str
    first_seen: str
    first_version: int
    first_change: int | None
    last_seen: str
    gone: str | None
    gone_version: int | None
    version: int


@dataclass(frozen=True, slots=True)
class Flagged:
    """A flag that a passage got, in the change of a document that it got it in first; others got it too."""

    flag: Flag
    severity: str
    change: int
    seen_at: str
    document: str
    others: int


@dataclass(frozen=True, slots=True)
class Wording:
    """A passage that took the place of another: `version` is where the later one first stood, of which documents."""

    before: int
    after: int
    version: int
    documents: tuple[int, ...]


def text(db: Database, passage_id: int) -> str | None:
    """The words of the passage, None if there is no such passage."""
    found: str | None = value(db, "SELECT text FROM passages WHERE id = ?", passage_id)
    return found


def texts(db: Database, passage_ids: Collection[int]) -> dict[int, str]:
    """The words of these passages, by their ids."""
    sql = "SELECT id, text FROM passages WHERE id IN (SELECT value FROM json_each(?))"
    return dict(db.conn.execute(sql, (json.dumps(sorted(passage_ids)),)).fetchall())


def documents(db: Database, passage_id: int) -> dict[int, bool]:
    """The documents that hold the passage (True) or held it, those that hold it first, then those that had it first."""
    return {row["document_id"]: bool(row["stands"]) for row in db.query(_DOCUMENTS, (passage_id,))}


def held(db: Database, passage_id: int, document_ids: Sequence[int]) -> list[Held]:
    """How long each of these documents has held the passage, in their order."""
    rows = db.query(_HELD, {"passage": passage_id, "documents": json.dumps(document_ids)})
    found = {row["document_id"]: Held(**row) for row in rows}
    return [found[one] for one in document_ids]


def heading(db: Database, passage_id: int, place: Held) -> str:
    """The path of headings above the passage in the last version that held it, joined by " › "."""
    content = value(db, "SELECT content FROM versions WHERE id = ?", place.version) or "[]"
    mine = {number for (number,) in db.conn.execute(_NUMBERS, (passage_id, place.document_id))}
    above = {number: (level, text) for number, level, text in db.conn.execute(_HEADINGS, (place.document_id,))}
    stack = list[tuple[int, str]]()
    for number in numbers_of(content):
        level = above[number][0] if number in above else 0
        if number in mine:
            return " › ".join(text for other, text in stack if not level or other < level)
        if level:
            stack = [*(one for one in stack if one[0] < level), above[number]]
    return ""


def flags(db: Database, passage_id: int, document_ids: Sequence[int]) -> list[Flagged]:
    """What was flagged in the passage in these documents when it came or went: each flag once, the first seen first."""
    asked = {"passage": passage_id, "documents": json.dumps(document_ids)}
    groups = defaultdict[tuple[object, ...], list[Row]](list)
    for row in db.query(_FLAGS, asked):
        groups[tuple(row[name] for name in ("topic", "effect", "mechanisms", "quote", "side"))].append(row)
    return [
        Flagged(flag_of(row), row["severity"], row["change"], row["seen_at"], row["document"], len(same) - 1)
        for same in groups.values()
        for row in same[:1]
    ]


def earlier(db: Database, passage_id: int, document_ids: Collection[int], most: int) -> list[Wording]:
    """What stood in its place before, step by step: at most so many, the last before it first."""
    return _followed(db, _EARLIER, passage_id, document_ids, most)


def later(db: Database, passage_id: int, document_ids: Collection[int], most: int) -> list[Wording]:
    """What took its place, step by step: at most so many, the first after it first."""
    return _followed(db, _LATER, passage_id, document_ids, most)


def _followed(db: Database, sql: str, passage_id: int, document_ids: Collection[int], most: int) -> list[Wording]:
    """The steps away from a passage. Only what came later took a place, so that no way leads round in a circle."""
    found, known, ends = list[Wording](), {passage_id}, {passage_id}
    while ends and len(found) < most:
        asked = {"passages": json.dumps(sorted(ends)), "documents": json.dumps(sorted(document_ids))}
        steps = [
            Wording(row["before"], row["after"], row["version"], tuple(json.loads(row["documents"])))
            for row in db.query(sql, asked)
        ]
        found += steps
        ends = {one for step in steps for one in (step.before, step.after)} - known
        known |= ends
    return found[:most]


_DOCUMENTS = """
SELECT document_id, max(gone_version_id IS NULL) AS stands FROM placements WHERE passage_id = ?
GROUP BY document_id ORDER BY stands DESC, min(first_version_id), document_id"""
_HELD = """
WITH spans AS (
    SELECT document_id, kind, min(first_version_id) AS first_version,
           CASE WHEN sum(gone_version_id IS NULL) THEN NULL ELSE max(gone_version_id) END AS gone_version
    FROM placements
    WHERE passage_id = :passage AND +document_id IN (SELECT value FROM json_each(:documents)) GROUP BY document_id)
SELECT spans.document_id, documents.name AS document, documents.origin, documents.language, kind,
       born.seen_at AS first_seen, first_version, changes.id AS first_change, gone.seen_at AS gone, gone_version,
       max(born.seen_at, coalesce((SELECT fetched_at FROM fetches WHERE fetches.document_id = spans.document_id
           AND outcome IN ('recorded', 'unchanged', 'not modified')
           AND fetched_at < coalesce(gone.seen_at, '~') ORDER BY fetched_at DESC LIMIT 1), '')) AS last_seen,
       (SELECT max(id) FROM versions WHERE versions.document_id = spans.document_id
        AND (gone_version IS NULL OR id < gone_version)) AS version
FROM spans
JOIN documents ON documents.id = spans.document_id
JOIN versions born ON born.id = first_version
LEFT JOIN versions gone ON gone.id = gone_version
LEFT JOIN changes ON changes.after_version_id = first_version"""
_NUMBERS = "SELECT number FROM placements WHERE passage_id = ? AND +document_id = ?"
_HEADINGS = """
SELECT number, level, text FROM placements JOIN passages ON passages.id = passage_id
WHERE document_id = ? AND kind = 'heading'"""
_FLAGS = """
WITH mine AS (
    SELECT id, document_id, 'after' AS side FROM edits
    WHERE document_id IN (SELECT value FROM json_each(:documents)) AND after_passage_id = :passage
    UNION ALL
    SELECT id, document_id, 'before' FROM edits
    WHERE document_id IN (SELECT value FROM json_each(:documents)) AND before_passage_id = :passage
), first AS (
    SELECT mine.*, (SELECT min(change_id) FROM change_edits WHERE edit_id = mine.id AND telling = 1) AS change
    FROM mine)
SELECT flags.*, change, versions.seen_at, documents.name AS document
FROM first
JOIN flags ON flags.edit_id = first.id AND flags.side = first.side
JOIN changes ON changes.id = change
JOIN versions ON versions.id = after_version_id
JOIN documents ON documents.id = first.document_id
ORDER BY versions.seen_at, change, flags.id"""

# Of a page that flips, either text takes the other's place again and again: the one that came later took it.
_STEPS = """
WITH steps AS (
    SELECT document_id, before_passage_id AS before, after_passage_id AS after,
           (SELECT min(first_version_id) FROM placements
            WHERE passage_id = before_passage_id AND +placements.document_id = edits.document_id) AS was,
           (SELECT min(first_version_id) FROM placements
            WHERE passage_id = after_passage_id AND +placements.document_id = edits.document_id) AS born
    FROM edits
    WHERE document_id IN (SELECT value FROM json_each(:documents)) AND before_passage_id != after_passage_id
      AND {} IN (SELECT value FROM json_each(:passages)))
SELECT before, after, min(born) AS version, json_group_array(DISTINCT document_id) AS documents
FROM steps WHERE was < born GROUP BY before, after ORDER BY version {}"""
_EARLIER = _STEPS.format("after_passage_id", "DESC")
_LATER = _STEPS.format("before_passage_id", "ASC")
