"""Reads a change in outline, by the numbers of its passages, and then only those texts that are to be shown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from sqlite_utils import Database

from archive.edits import edit_of, fact_of, flag_of
from archive.rows import Row
from archive.words import Edit, Fact, Flag


class Outlined(NamedTuple):
    """An edit without its texts: `place` is its number among the change's edits from 0, sizes are bytes of UTF-8."""

    place: int
    kind: str
    same_words: int
    news: int
    before_id: int | None  # of the passage
    after_id: int | None
    before_size: int
    after_size: int


class Standing(NamedTuple):
    """A passage of a text without its words; `title` has those of a heading. The size is bytes of UTF-8."""

    passage_id: int
    kind: str
    level: int
    size: int
    title: str


class Spotted(NamedTuple):
    """A flag with how much it matters, and where its quote begins in the passage: characters, -1 where it is not."""

    flag: Flag
    severity: str
    start: int


@dataclass(frozen=True, slots=True)
class Told:
    """What was read in the edit at a place."""

    flags: tuple[Spotted, ...]
    facts: tuple[Fact, ...]


def outline(db: Database, change_id: int) -> list[Outlined]:
    """All edits of a change in their order."""
    return [Outlined(*row) for row in db.conn.execute(_OUTLINE, (change_id,))]


def standing(db: Database, version_id: int | None) -> list[Standing]:
    """The passages of a version in their order; none of a version that there is not."""
    return [Standing(*row) for row in db.conn.execute(_STANDING, (version_id,))]


def told(db: Database, change_id: int) -> dict[int, Told]:
    """What was read in the edits of a change, by their places, where there is anything."""
    flags, facts = _by_place(db, _FLAGS, change_id), _by_place(db, _FACTS, change_id)
    return {
        place: Told(tuple(map(_spotted, flags.get(place, ()))), tuple(map(fact_of, facts.get(place, ()))))
        for place in sorted(flags.keys() | facts.keys())
    }


def edits_at(db: Database, change_id: int, first: int, last: int) -> dict[int, Edit]:
    """The edits from one place to another, both included, with their texts."""
    return {row["place"]: edit_of(row) for row in db.query(_EDITS, (change_id, first, last))}


def texts(db: Database, passage_ids: Iterable[int]) -> dict[int, str]:
    """The words of these passages, by their ids."""
    sql = "SELECT id, text FROM passages WHERE id IN (SELECT value FROM json_each(?))"
    return dict(db.conn.execute(sql, (json.dumps(list(passage_ids)),)))


def _by_place(db: Database, sql: str, change_id: int) -> dict[int, list[Row]]:
    rows = db.query(sql, (change_id,))
    return {place: list(same) for place, same in groupby(rows, key=lambda row: int(row["place"]))}


def _spotted(row: Row) -> Spotted:
    return Spotted(flag_of(row), row["severity"], int(row["spot"] or 0) - 1)


_OUTLINE = """
SELECT place, kind, same_words, news, before_passage_id, after_passage_id,
       coalesce(length(CAST(before.text AS BLOB)), 0), coalesce(length(CAST(after.text AS BLOB)), 0)
FROM change_edits
JOIN edits ON edits.id = edit_id
LEFT JOIN passages before ON before.id = before_passage_id
LEFT JOIN passages after ON after.id = after_passage_id
WHERE change_id = ? ORDER BY place"""
_STANDING = """
SELECT placements.passage_id, placements.kind, placements.level, length(CAST(passages.text AS BLOB)),
       CASE placements.kind WHEN 'heading' THEN passages.text ELSE '' END
FROM versions
CROSS JOIN json_each(versions.content) AS runs
CROSS JOIN placements ON placements.document_id = versions.document_id
    AND placements.number BETWEEN json_extract(runs.value, '$[0]') AND json_extract(runs.value, '$[#-1]')
CROSS JOIN passages ON passages.id = placements.passage_id
WHERE versions.id = ? ORDER BY runs.key, placements.number"""
_FLAGS = """
SELECT place, flags.*, instr(CASE side WHEN 'after' THEN after.text ELSE before.text END, quote) AS spot
FROM change_edits
JOIN edits ON edits.id = change_edits.edit_id
JOIN flags ON flags.edit_id = edits.id
LEFT JOIN passages before ON before.id = before_passage_id
LEFT JOIN passages after ON after.id = after_passage_id
WHERE change_id = ? AND telling = 1 ORDER BY place, flags.side DESC, spot, flags.id"""
_FACTS = """
SELECT place, facts.* FROM change_edits JOIN facts USING (edit_id)
WHERE change_id = ? AND telling = 1 ORDER BY place, facts.id"""
_EDITS = """
SELECT place, edits.*, headings.path AS heading, before.text AS before_text, after.text AS after_text
FROM change_edits
JOIN edits ON edits.id = edit_id
JOIN headings ON headings.id = heading_id
LEFT JOIN passages before ON before.id = edits.before_passage_id
LEFT JOIN passages after ON after.id = edits.after_passage_id
WHERE change_id = ? AND place BETWEEN ? AND ?"""
