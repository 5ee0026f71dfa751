"""Reads a version passage by passage: since which change the document has held each, and what stood there before."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive.edits import flag_of
from archive.words import Flag


@dataclass(frozen=True, slots=True)
class Placed:
    """A passage where it stands; `since` is the document's first version with these words.

    `links` are (words, target), `level` is 1-6 for a heading, the depth of a list item, else 0.
    """

    passage: int
    kind: str
    level: int
    text: str
    links: tuple[tuple[str, str], ...]
    since: int


@dataclass(frozen=True, slots=True)
class Cause:
    """The version that brought passages, and its change; `change` is None while it is not compared yet."""

    version: int
    seen_at: str
    change: int | None
    decision: str
    severity: str
    line: str
    origin: str


def placed(db: Database, version_id: int) -> list[Placed]:
    """The passages of a version, in order; empty for a version that there is not."""
    rows = db.conn.execute(_PLACED, (version_id,)).fetchall()
    asked = (version_id, json.dumps([passage for passage, *_ in rows]))
    since = dict(db.conn.execute(_SINCE, asked).fetchall())
    return [
        Placed(passage, kind, level, text, _links(links), since[passage]) for passage, kind, level, text, links in rows
    ]


def causes(db: Database, version_ids: Collection[int]) -> dict[int, Cause]:
    """What brought these versions, by version."""
    rows = db.query(_CAUSES, (json.dumps(sorted(version_ids)),))
    return {row["version"]: Cause(**row) for row in rows}


def replaced(db: Database, document_id: int, brought: Mapping[int, int]) -> dict[int, tuple[int, str]]:
    """The passages whose place others took when they came: id and text, by the passage that took it.

    `brought` has the change that brought each passage, by passage.
    """
    rows = list(db.query(_REWORDED, (document_id, json.dumps(list(brought)))))
    mine = {row["edit"]: brought[row["after"]] for row in rows}
    asked = (json.dumps(sorted(set(mine.values()))), json.dumps(sorted(mine)))
    made = {(change, edit) for change, edit in db.conn.execute(_MADE, asked)}
    texts = {row["after"]: row["before"] for row in rows if (mine[row["edit"]], row["edit"]) in made}
    known = dict(db.conn.execute(_TEXTS, (json.dumps(sorted(set(texts.values()))),)).fetchall())
    return {after: (before, known[before]) for after, before in texts.items()}


def flagged(db: Database, document_id: int) -> dict[int, list[Flag]]:
    """The flags that passages of a document got when they came, by passage."""
    found = defaultdict[int, list[Flag]](list)
    for row in db.query(_FLAGS, (document_id,)):
        found[row["passage"]].append(flag_of(row))
    return dict(found)


def _links(stored: str) -> tuple[tuple[str, str], ...]:
    links: Sequence[Sequence[str]] = json.loads(stored) if stored != "[]" else ()
    return tuple((words, target) for words, target in links)


_PLACED = """
SELECT passage_id, kind, level, text, links FROM version_passages WHERE version_id = ? ORDER BY run, number"""
_SINCE = """
SELECT value, (SELECT min(first_version_id) FROM placements
               WHERE passage_id = value AND +placements.document_id = versions.document_id)
FROM versions JOIN json_each(?2) WHERE versions.id = ?1"""
_CAUSES = """
SELECT versions.id AS version, versions.seen_at, changes.id AS change, coalesce(decision, '') AS decision,
       coalesce(severity, '') AS severity, coalesce(line, '') AS line, documents.origin
FROM versions
JOIN documents ON documents.id = versions.document_id
LEFT JOIN changes ON changes.after_version_id = versions.id
WHERE versions.id IN (SELECT value FROM json_each(?))"""

# From what took whose place at any time, of which there is an index, to the few edits of the changes that brought it.
_REWORDED = """
SELECT id AS edit, before_passage_id AS before, after_passage_id AS after FROM edits
WHERE document_id = ? AND before_passage_id != after_passage_id
  AND after_passage_id IN (SELECT value FROM json_each(?))"""
_MADE = """
SELECT change_id, edit_id FROM change_edits
WHERE change_id IN (SELECT value FROM json_each(?)) AND edit_id IN (SELECT value FROM json_each(?))"""
_TEXTS = "SELECT id, text FROM passages WHERE id IN (SELECT value FROM json_each(?))"
_FLAGS = """
SELECT flags.*, edits.after_passage_id AS passage FROM edits JOIN flags ON flags.edit_id = edits.id
WHERE edits.document_id = ? AND flags.side = 'after' ORDER BY flags.topic, flags.score DESC, flags.id"""
