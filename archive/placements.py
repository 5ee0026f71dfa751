"""Stores a version's passages as changes to where each stands, and reads the text of any version back."""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlite_utils import Database

from archive.alignment import align, gaps
from archive.rows import Row, insert_all, value
from archive.words import Kind, Link, Passage

STEP = 1024.0  # distance of neighbours when positions are laid out anew
MOST_IDS = 50_000  # passages whose ids are remembered
COLUMNS = ("id", "document_id", "passage_id", "position", "kind", "level", "links", "first_version_id")


class _Placed(NamedTuple):
    """Where a placement is kept, and its place among the document's."""

    id: int
    position: float


class Standing:
    """The newest text of a document with its placements, kept while one version follows another."""

    def __init__(self, db: Database, document_id: int) -> None:
        self._db, self._document = db, document_id
        self._ids: dict[str, int] = {}  # of the passages met so far, by their text
        self._load()

    def _load(self) -> None:
        rows = list(self._db.query(_STANDING, (self._document,)))
        self.passages = [_passage(row) for row in rows]
        self._placed = [_Placed(row["id"], row["position"]) for row in rows]
        self._laid_out_anew = False

    def become(self, version_id: int, passages: Sequence[Passage]) -> None:
        """Makes `passages` the text of the document from this version on. Cost follows what differs."""
        old, new = self.passages, list(passages)
        # Alike in text is found faster than alike in all; where only links or the kind differ, both must be stored.
        same = align([p.text for p in old], [p.text for p in new])
        pairs = [(i, k) for i, k in same if old[i] is new[k] or old[i] == new[k]]
        kept = list[_Placed]()
        place = 0
        for first, last, start, stop in gaps(pairs, len(old), len(new)):
            kept += self._placed[place:first]
            self._end(version_id, self._placed[first:last])
            kept += self._add(version_id, new[start:stop], first, last)
            place = last
        self._placed, self.passages = kept + self._placed[place:], new
        if self._laid_out_anew:
            self._load()

    def _end(self, version_id: int, placed: Iterable[_Placed]) -> None:
        ended = [(version_id, one.id) for one in placed]
        self._db.conn.executemany("UPDATE placements SET gone_version_id = ? WHERE id = ?", ended)

    def _add(self, version_id: int, added: Sequence[Passage], first: int, last: int) -> list[_Placed]:
        """Places passages between those that stood before `first` and from `last` on."""
        if not added:
            return []
        following = int(value(self._db, "SELECT coalesce(max(id), 0) + 1 FROM placements"))
        positions = self._between(first, last, len(added))
        placed = [_Placed(following + n, position) for n, position in enumerate(positions)]
        rows: list[tuple[object, ...]] = [
            (at.id, self._document, self._id(p), at.position, str(p.kind), p.level, _links(p), version_id)
            for p, at in zip(added, placed, strict=True)
        ]
        insert_all(self._db, "placements", COLUMNS, rows)
        return placed

    def _between(self, first: int, last: int, count: int) -> list[float]:
        """Rising positions there; the document's are laid out anew when there is no room."""
        low = self._placed[first - 1].position if first else None
        high = self._placed[last].position if last < len(self._placed) else None
        positions = _rising(low, high, count)
        if positions is None:
            self._lay_out_anew()
            return self._between(first, last, count)
        return positions

    def _lay_out_anew(self) -> None:
        """Gives all placements of the document, gone ones too, wide positions in the order they have."""
        sql = "SELECT id FROM placements WHERE document_id = ? ORDER BY position, id"
        ids = [row["id"] for row in self._db.query(sql, (self._document,))]
        places = {identity: (rank + 1) * STEP for rank, identity in enumerate(ids)}
        changed = [(position, identity) for identity, position in places.items()]
        self._db.conn.executemany("UPDATE placements SET position = ? WHERE id = ?", changed)
        self._placed = [_Placed(one.id, places[one.id]) for one in self._placed]
        self._laid_out_anew = True

    def _id(self, passage: Passage) -> int:
        text = passage.text
        if text not in self._ids:
            if len(self._ids) > MOST_IDS:
                self._ids.clear()
            self._ids[text] = passage_id(self._db, passage)
        return self._ids[text]


class Replay:
    """The texts of a document's versions, one after the other, from one reading of its placements."""

    def __init__(self, db: Database, document_id: int, since: int) -> None:
        """`since` is the first version whose text will be asked for."""
        self._passages = list[Passage]()
        self._come: dict[int, list[int]] = {}
        self._gone: dict[int, list[int]] = {}
        self.ids: dict[str, int] = {}  # of the passages, by their text
        seen: dict[tuple[object, ...], Passage] = {}
        for place, row in enumerate(db.query(_SINCE, {"document": document_id, "since": since})):
            key = (row["passage_id"], row["kind"], row["level"], row["links"])
            passage = seen[key] if key in seen else seen.setdefault(key, _passage(row))
            self._passages.append(passage)
            self.ids[passage.text] = row["passage_id"]
            self._come.setdefault(max(row["first_version_id"], since), []).append(place)
            if row["gone_version_id"]:
                self._gone.setdefault(row["gone_version_id"], []).append(place)
        self._standing = list[int]()

    def text(self, version_id: int) -> list[Passage]:
        """The passages of a version; ask for the versions in their order, and leave none out."""
        for place in self._gone.get(version_id, ()):
            del self._standing[bisect_left(self._standing, place)]
        for place in self._come.get(version_id, ()):
            insort(self._standing, place)
        return [self._passages[place] for place in self._standing]


def place(db: Database, document_id: int, version_id: int, passages: Sequence[Passage]) -> None:
    """Makes `passages` the text of the document from this version on."""
    Standing(db, document_id).become(version_id, passages)


def text_of(db: Database, document_id: int, version_id: int) -> list[Passage]:
    """The passages of a version, in order; empty for a version the document does not have."""
    return [_passage(row) for row in db.query(_TEXT, {"document": document_id, "version": version_id})]


def passage_id(db: Database, passage: Passage) -> int:
    """The id of the passage's text, stored if it is new."""
    key = passage.key
    known = db.conn.execute("SELECT id FROM passages WHERE hash = ?", (key,)).fetchone()
    if known:
        return int(known[0])
    made = db.conn.execute("INSERT INTO passages (text, hash) VALUES (?, ?)", (passage.text, key))
    return int(made.lastrowid or 0)


def _passage(row: Row) -> Passage:
    links = tuple(Link(text, url) for text, url in json.loads(row["links"])) if row["links"] != "[]" else ()
    return Passage(Kind(row["kind"]), row["text"], row["level"], links)


def _links(passage: Passage) -> str:
    return json.dumps([[link.text, link.url] for link in passage.links], ensure_ascii=False) if passage.links else "[]"


def _rising(low: float | None, high: float | None, count: int) -> list[float] | None:
    """`count` rising positions between two, or None where there is no room."""
    if high is None:
        return [(low or 0.0) + STEP * (i + 1) for i in range(count)]
    if low is None:
        low = high - STEP * (count + 1)
    positions = [low + (high - low) * (i + 1) / (count + 1) for i in range(count)]
    rising = all(a < b for a, b in zip([low, *positions], [*positions, high], strict=True))
    return positions if rising else None


_STANDING = """SELECT placements.id, text, position, kind, level, links FROM placements
               JOIN passages ON passages.id = passage_id
               WHERE document_id = ? AND gone_version_id IS NULL ORDER BY position"""
_SINCE = """SELECT text, passage_id, kind, level, links, first_version_id, gone_version_id FROM placements
            JOIN passages ON passages.id = passage_id
            WHERE document_id = :document AND (gone_version_id IS NULL OR gone_version_id > :since)
            ORDER BY position"""
_TEXT = """SELECT text, kind, level, links FROM placements JOIN passages ON passages.id = passage_id
           WHERE document_id = :document AND first_version_id <= :version
           AND (gone_version_id IS NULL OR gone_version_id > :version) ORDER BY position"""
