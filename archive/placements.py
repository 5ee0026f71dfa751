"""Stores a version's text as the placements it is made of, each kept once for its document, and reads it back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from sqlite_utils import Database

from archive.rows import insert_all, one, value
from archive.words import Kind, Link, Passage, passage_key

MOST_IDS = 50_000  # passages whose ids are remembered
MOST_TEXTS = 32  # of a document that are remembered whole: a page that flips has a few
COLUMNS = ("document_id", "number", "passage_id", "kind", "level", "links", "first_version_id", "gone_version_id")

Runs = list[list[int]]  # the numbers of placements in order, as [first, last] or [number]


class Standing:
    """The newest text of a document, kept while one version follows another. `settle` it before its transaction ends.

    Nobody else may write to the document while it is in use.
    """

    def __init__(self, db: Database, document_id: int) -> None:
        self._db, self._document = db, document_id
        newest = value(db, _NEWEST, document_id)
        self._placed = list(_numbers(json.loads(newest))) if newest else []
        self.passages: Sequence[Passage] = Texts(db, document_id).passages(newest) if newest else ()
        self._known = dict(zip(self.passages, self._placed, strict=True))
        self._passage_ids: dict[str, int] = {}
        self._gone: dict[int, int | None] = {}  # placements that went, or came back, and are not stored so yet
        self._new: list[tuple[int, int, int, str, int, str, int]] = []  # placements that are not stored yet
        self._indexed = _newest_passage(db)
        self._count = int(value(db, _COUNT, document_id))
        self._older = bool(self._count)  # placements that are not known here

    def become(self, version_id: int, passages: Sequence[Passage]) -> None:
        """Makes `passages` the text of the version, the document's newest. Cost follows what differs."""
        top, end = _shared(self.passages, passages)
        below = len(self._placed) - end
        went = self._placed[top:below]
        came = self._place(version_id, passages[top : len(passages) - end])
        self._placed = [*self._placed[:top], *came, *self._placed[below:]]
        self.passages = tuple(passages)
        stands = set(self._placed) if went else set[int]()  # what stood twice may lose one place and still stand
        self._gone |= {placement: version_id for placement in went if placement not in stands}
        content = json.dumps(_runs(self._placed), separators=(",", ":"))
        self._db.conn.execute("UPDATE versions SET content = ? WHERE id = ?", (content, version_id))

    def settle(self) -> None:
        """Writes what has come, gone or come back, and makes new passages ready to be searched."""
        insert_all(self._db, "placements", COLUMNS, [(*row, self._gone.pop(row[1], None)) for row in self._new])
        gone = [(version, self._document, number) for number, version in self._gone.items()]
        self._db.conn.executemany(_GONE, gone)
        self._gone, self._new = {}, []
        self._db.conn.execute(_INDEX, (self._indexed,))
        self._indexed = _newest_passage(self._db)

    def _place(self, version_id: int, passages: Sequence[Passage]) -> list[int]:
        """The placements of these passages, made where the document has none."""
        fresh = [passage for passage in dict.fromkeys(passages) if not self._recall(passage)]
        known, self._count = self._count, self._count + len(fresh)
        self._known |= {passage: number for number, passage in enumerate(fresh, known + 1)}
        self._new += [
            (self._document, self._known[p], self._passage_id(p.text), str(p.kind), p.level, _links(p), version_id)
            for p in fresh
        ]
        placed = [self._known[passage] for passage in passages]
        self._gone |= dict.fromkeys(number for number in placed if number <= known)
        return placed

    def _recall(self, passage: Passage) -> bool:
        """Whether the document has held the passage in this way."""
        if passage in self._known:
            return True
        known = self._find(passage) if self._older else None
        if known:
            self._known[passage] = known
        return bool(known)

    def _find(self, passage: Passage) -> int | None:
        how = (passage.key, self._document, str(passage.kind), passage.level, _links(passage))
        found = self._db.conn.execute(_FIND, how).fetchone()
        return int(found[0]) if found else None

    def _passage_id(self, text: str) -> int:
        if text not in self._passage_ids:
            if len(self._passage_ids) > MOST_IDS:
                self._passage_ids.clear()
            self._passage_ids[text] = passage_id(self._db, text)
        return self._passage_ids[text]


class Texts:
    """The texts of versions as passages; what several share is read once and is the same object."""

    def __init__(self, db: Database, document_id: int) -> None:
        self._db, self._document = db, document_id
        self._known: dict[int, Passage] = {}
        self._texts: dict[str, tuple[Passage, ...]] = {}
        self.ids: dict[str, int] = {}  # of the passages, by their text

    def passages(self, content: str) -> tuple[Passage, ...]:
        """The passages that a version's `content` names, in order; of a text that comes again soon, the same object."""
        if content not in self._texts:
            if len(self._texts) >= MOST_TEXTS:
                del self._texts[next(iter(self._texts))]
            self._texts[content] = tuple(self._passages(json.loads(content)))
        return self._texts[content]

    def _passages(self, runs: Runs) -> list[Passage]:
        numbers = list(_numbers(runs))
        new = sorted(set(numbers) - self._known.keys())
        for run in _runs(new):
            self._read(run[0], run[-1])
        return list(map(self._known.__getitem__, numbers))

    def _read(self, first: int, last: int) -> None:
        rows = self._db.conn.execute(_BETWEEN, (self._document, first, last))
        for number, passage, *how in rows:
            self._known[number] = _passage(*how)
            self.ids[how[0]] = passage


def text_of(db: Database, version_id: int) -> list[Passage]:
    """The passages of a version, in order; empty for a version that there is not."""
    version = one(db, "SELECT document_id, content FROM versions WHERE id = ?", version_id)
    return list(Texts(db, version["document_id"]).passages(version["content"])) if version else []


def numbers_of(content: str) -> list[int]:
    """The numbers of placements that a version's `content` names, in order."""
    return list(_numbers(json.loads(content)))


def passage_id(db: Database, text: str) -> int:
    """The id of the passage, stored if it is new."""
    key = passage_key(text)
    known = db.conn.execute("SELECT id FROM passages WHERE hash = ?", (key,)).fetchone()
    if known:
        return int(known[0])
    made = db.conn.execute("INSERT INTO passages (text, hash) VALUES (?, ?)", (text, key))
    return int(made.lastrowid or 0)


def _newest_passage(db: Database) -> int:
    return int(value(db, "SELECT coalesce(max(id), 0) FROM passages"))


def _shared(old: Sequence[Passage], new: Sequence[Passage]) -> tuple[int, int]:
    """How many passages both begin with, and how many of the others they end with."""
    most = min(len(old), len(new))
    top = _alike(zip(old, new, strict=False), most)
    return top, _alike(zip(reversed(old), reversed(new), strict=False), most - top)


def _alike(pairs: Iterable[tuple[Passage, Passage]], most: int) -> int:
    """How many of the first pairs, at most so many, are equal; those read from the same lines are the same object."""
    for number, (old, new) in enumerate(pairs):
        if number >= most or (old is not new and old != new):
            return number
    return most


def _numbers(runs: Runs) -> Iterator[int]:
    for run in runs:
        yield from range(run[0], run[-1] + 1)


def _runs(numbers: Iterable[int]) -> Runs:
    runs: Runs = []
    following = None
    for number in numbers:
        if number == following:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
        following = number + 1
    return runs


def _passage(text: str, kind: str, level: int, links: str) -> Passage:
    return Passage(Kind(kind), text, level, tuple(Link(*link) for link in json.loads(links)) if links != "[]" else ())


def _links(passage: Passage) -> str:
    return json.dumps([[link.text, link.url] for link in passage.links], ensure_ascii=False) if passage.links else "[]"


_NEWEST = "SELECT content FROM versions WHERE document_id = ? ORDER BY id DESC LIMIT 1"
_INDEX = "INSERT INTO passages_fts(rowid, text) SELECT id, text FROM passages WHERE id > ?"
_COUNT = "SELECT coalesce(max(number), 0) FROM placements WHERE document_id = ?"
_GONE = "UPDATE placements SET gone_version_id = ? WHERE document_id = ? AND number = ?"
_FIND = """SELECT number FROM placements WHERE passage_id = (SELECT id FROM passages WHERE hash = ?) AND document_id = ?
           AND kind = ? AND level = ? AND links = ?"""
_BETWEEN = """SELECT number, passage_id, text, kind, level, links FROM placements
              JOIN passages ON passages.id = passage_id WHERE document_id = ? AND number BETWEEN ? AND ?"""
