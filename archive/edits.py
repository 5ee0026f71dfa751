"""Keeps what happened to passages: each edit of a document once, with the flags and facts that were read in it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from archive.rows import Row, insert, insert_all, value
from archive.severity import severity
from archive.words import Edit, EditKind, Effect, Fact, Flag, Mechanism, Reading, Relink, Topic, passage_key

EDIT = ("id", "document_id", "kind", "heading_id", "before_passage_id", "after_passage_id", "links", "same_words")
FLAG = ("edit_id", "topic", "effect", "mechanisms", "quote", "side", "rule", "score", "severity", "why")
FACT = ("edit_id", "kind", "value", "quote", "codes")
PLACED = ("change_id", "place", "edit_id", "telling", "news")
MOST = 20_000  # edits whose ids are remembered


class Edits:
    """The edits of one document. The same edit, read in the same way, is the same row."""

    def __init__(self, db: Database, document_id: int, passages: Mapping[str, int] | None = None) -> None:
        """`passages` are the ids of passages by their text, as far as the caller knows them."""
        self._db, self._document = db, document_id
        self._passages = {} if passages is None else passages
        self._ids: dict[tuple[Edit, Reading], int] = {}
        self._headings: dict[str, int] = {}
        self._last = 0  # the highest id of an edit
        self._new: list[tuple[Any, ...]] = []  # rows that are stored together, and those that point to them
        self._flags: list[tuple[Any, ...]] = []
        self._facts: list[tuple[Any, ...]] = []
        self._has_any = value(db, "SELECT 1 FROM edits WHERE document_id = ? LIMIT 1", document_id) is not None

    def place(self, change_id: int, edits: Iterable[tuple[Edit, Reading]], news: Collection[int] = ()) -> None:
        """Makes these the edits of a change, in their order; `news` are the places of those that tell something new."""
        if len(self._ids) > MOST:
            self._ids, self._has_any = {}, True
        self._last = int(value(self._db, "SELECT coalesce(max(id), 0) FROM edits"))
        rows = [
            (change_id, place, self._id(edit, reading), int(bool(reading.flags or reading.facts)), int(place in news))
            for place, (edit, reading) in enumerate(edits)
        ]
        insert_all(self._db, "edits", EDIT, self._new)
        insert_all(self._db, "flags", FLAG, self._flags)
        insert_all(self._db, "facts", FACT, self._facts)
        insert_all(self._db, "change_edits", PLACED, rows)
        self._new, self._flags, self._facts = [], [], []

    def _id(self, edit: Edit, reading: Reading) -> int:
        """The id of an edit, stored with its flags and facts if it is new."""
        key = (edit, reading)
        if key not in self._ids:
            row = self._row(edit)
            self._ids[key] = self._find(row, reading) or self._add(row, edit, reading)
        return self._ids[key]

    def _row(self, edit: Edit) -> Row:
        row: Row = {"document_id": self._document, "kind": str(edit.kind), "heading_id": self._heading(edit.heading)}
        row |= {"before_passage_id": self._passage(edit.before), "after_passage_id": self._passage(edit.after)}
        return row | {"links": json.dumps(edit.links, ensure_ascii=False), "same_words": int(edit.same_words)}

    def _find(self, row: Row, reading: Reading) -> int | None:
        found = self._db.conn.execute(_SAME, list(row.values())) if self._has_any else ()
        return next((int(known) for (known,) in found if reading_of(self._db, known) == reading), None)

    def _add(self, row: Row, edit: Edit, reading: Reading) -> int:
        self._last += 1
        self._new.append((self._last, *row.values()))
        weights = [str(severity(flag, edit, reading)) for flag in reading.flags]
        self._flags += [(self._last, *_flag_row(f), s, f.why) for f, s in zip(reading.flags, weights, strict=True)]
        self._facts += [(self._last, *_fact_row(fact)) for fact in reading.facts]
        return self._last

    def _heading(self, path: str) -> int:
        if path not in self._headings:
            known = value(self._db, "SELECT id FROM headings WHERE path = ?", path)
            self._headings[path] = int(known or insert(self._db, "headings", {"path": path}))
        return self._headings[path]

    def _passage(self, text: str) -> int | None:
        """Both texts of an edit are passages of a stored version, so their words are known."""
        if not text:
            return None
        return self._passages.get(text) or value(self._db, "SELECT id FROM passages WHERE hash = ?", passage_key(text))


def edits_of(db: Database, change_id: int, *, telling: bool = False) -> list[tuple[Edit, Reading]]:
    """The edits of a change in their order, each with what was read in it; if `telling`, those with flags or facts."""
    rows = db.query(_OF_CHANGE, {"change": change_id, "least": int(telling)})
    return [(edit_of(row), reading_of(db, row["id"])) for row in rows]


def reading_of(db: Database, edit_id: int) -> Reading:
    """The flags and facts of an edit."""
    flags = [flag_of(row) for row in db.query("SELECT * FROM flags WHERE edit_id = ? ORDER BY id", (edit_id,))]
    facts = db.query("SELECT * FROM facts WHERE edit_id = ? ORDER BY id", (edit_id,))
    return Reading(tuple(flags), tuple(map(fact_of, facts)))


def flag_of(row: Row) -> Flag:
    """The flag of a row; one of schema 1 or 2 has no `why`."""
    mechanisms = tuple(Mechanism(name) for name in row["mechanisms"].split(", ") if name)
    topic, effect = Topic(row["topic"]), Effect(row["effect"])
    return Flag(topic, effect, row["quote"], row["side"], row["rule"], row["score"], mechanisms, row.get("why", ""))


def fact_of(row: Row) -> Fact:
    """The fact of a row."""
    return Fact(row["kind"], row["value"], row["quote"], tuple(row["codes"].split()))


def edit_of(row: Row) -> Edit:
    """The edit of a row that has the heading's path and both texts beside it."""
    links = tuple(Relink(*link) for link in json.loads(row["links"]))
    before, after = row["before_text"] or "", row["after_text"] or ""
    return Edit(EditKind(row["kind"]), row["heading"], before, after, links, bool(row["same_words"]))


def _flag_row(flag: Flag) -> tuple[object, ...]:
    mechanisms = ", ".join(flag.mechanisms)
    return str(flag.topic), str(flag.effect), mechanisms, flag.quote, flag.side, flag.rule, flag.score


def _fact_row(fact: Fact) -> tuple[object, ...]:
    return fact.kind, fact.value, fact.quote, " ".join(fact.codes)


_SAME = """SELECT id FROM edits WHERE document_id = ? AND kind = ? AND heading_id = ?
           AND before_passage_id IS ? AND after_passage_id IS ? AND links = ? AND same_words = ?"""
_OF_CHANGE = """
SELECT edits.*, headings.path AS heading, before.text AS before_text, after.text AS after_text
FROM change_edits
JOIN edits ON edits.id = edit_id
JOIN headings ON headings.id = heading_id
LEFT JOIN passages before ON before.id = edits.before_passage_id
LEFT JOIN passages after ON after.id = edits.after_passage_id
WHERE change_id = :change AND telling >= :least ORDER BY place"""
