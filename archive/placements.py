"""Stores a version's passages as changes to where each stands, and reads the text of any version back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from sqlite_utils import Database

from archive.alignment import align, gaps
from archive.rows import Row, insert, insert_all, value
from archive.words import Kind, Link, Passage

STEP = 1024.0  # distance of neighbours when positions are laid out anew
COLUMNS = ("document_id", "passage_id", "position", "kind", "level", "links", "first_version_id")


class _Standing(NamedTuple):
    """What a placement holds, apart from where and when."""

    passage_id: int
    kind: str
    level: int
    links: str


def place(db: Database, document_id: int, version_id: int, passages: Sequence[Passage]) -> None:
    """Makes `passages` the text of the document from this version on. Cost follows what differs."""
    rows = list(db.query(_STANDING, (document_id,)))
    old = [_Standing(row["passage_id"], row["kind"], row["level"], row["links"]) for row in rows]
    new = [_standing(db, passage) for passage in passages]
    for first, last, start, stop in gaps(align(old, new), len(old), len(new)):
        _end(db, version_id, rows[first:last])
        above, below = rows[first - 1]["id"] if first else None, rows[last]["id"] if last < len(rows) else None
        positions = _between(db, document_id, above, below, stop - start)
        _add(db, document_id, version_id, new[start:stop], positions)


def text_of(db: Database, document_id: int, version_id: int) -> list[Passage]:
    """The passages of a version, in order; empty for a version the document does not have."""
    return [_passage(row) for row in db.query(_TEXT, {"document": document_id, "version": version_id})]


def passage_id(db: Database, passage: Passage) -> int:
    """The id of the passage's text, stored if it is new."""
    known = value(db, "SELECT id FROM passages WHERE hash = ?", passage.key)
    return int(known) if known else insert(db, "passages", {"text": passage.text, "hash": passage.key})


def _standing(db: Database, passage: Passage) -> _Standing:
    links = json.dumps([[link.text, link.url] for link in passage.links], ensure_ascii=False)
    return _Standing(passage_id(db, passage), str(passage.kind), passage.level, links)


def _passage(row: Row) -> Passage:
    links = tuple(Link(text, url) for text, url in json.loads(row["links"]))
    return Passage(Kind(row["kind"]), row["text"], row["level"], links)


def _end(db: Database, version_id: int, rows: list[Row]) -> None:
    ids = [(version_id, row["id"]) for row in rows]
    db.conn.executemany("UPDATE placements SET gone_version_id = ? WHERE id = ?", ids)


def _add(db: Database, document_id: int, version_id: int, added: list[_Standing], positions: list[float]) -> None:
    rows: list[tuple[object, ...]] = [
        (document_id, item.passage_id, position, item.kind, item.level, item.links, version_id)
        for item, position in zip(added, positions, strict=True)
    ]
    insert_all(db, "placements", COLUMNS, rows)


def _between(db: Database, document_id: int, above: int | None, below: int | None, count: int) -> list[float]:
    """`count` rising positions between two placements; lays the document's positions out anew when there is no room."""
    low, high = _position(db, above), _position(db, below)
    if high is None:
        return [(low or 0.0) + STEP * (i + 1) for i in range(count)]
    if low is None:
        low = high - STEP * (count + 1)
    positions = [low + (high - low) * (i + 1) / (count + 1) for i in range(count)]
    if all(a < b for a, b in zip([low, *positions], [*positions, high], strict=True)):
        return positions
    _spread(db, document_id)
    return _between(db, document_id, above, below, count)


def _position(db: Database, placement_id: int | None) -> float | None:
    return value(db, "SELECT position FROM placements WHERE id = ?", placement_id) if placement_id else None


def _spread(db: Database, document_id: int) -> None:
    """Gives all placements of a document, gone ones too, wide positions in the order they have."""
    sql = "SELECT id FROM placements WHERE document_id = ? ORDER BY position, id"
    ids = [row["id"] for row in db.query(sql, (document_id,))]
    places = [((rank + 1) * STEP, identity) for rank, identity in enumerate(ids)]
    db.conn.executemany("UPDATE placements SET position = ? WHERE id = ?", places)


_STANDING = """SELECT id, passage_id, kind, level, links FROM placements
               WHERE document_id = ? AND gone_version_id IS NULL ORDER BY position"""
_TEXT = """SELECT text, kind, level, links FROM placements JOIN passages ON passages.id = passage_id
           WHERE document_id = :document AND first_version_id <= :version
           AND (gone_version_id IS NULL OR gone_version_id > :version) ORDER BY position"""
