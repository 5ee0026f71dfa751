"""Finds passages by their words, the best first, and where each stands or stood, in bounded work as a page needs it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive.edits import flag_of
from archive.rows import Row, value
from archive.search import expression
from archive.words import Flag, Topic

RANKED = 10_000  # passages among which the best are looked for: of more, those that were recorded last
BEST = 1_000  # of these the best: what can be turned to, and what is counted
START, END = "\x01", "\x02"  # around words that were found; a text with these in it is marked wrongly, and that is all


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which passages count: those that were flagged on a topic, and that have a life, in such a document, like this.

    `service` is a key, `type` a document's, `stands` whether it stands now, `year` the one that it was first seen in
    ("2024"), `on` a time at which it stood (ISO-8601 UTC). What is empty or None narrows nothing.
    """

    service: str = ""
    type: str = ""
    topic: Topic | None = None
    stands: bool | None = None
    year: str = ""
    on: str = ""


@dataclass(frozen=True, slots=True)
class Matches:
    """The best passages by their ids, and how many there are in all: RANKED + 1 says "more than that"."""

    total: int
    best: Sequence[int]


@dataclass(frozen=True, slots=True)
class Life:
    """How long a passage has stood in a document. Times are ISO-8601 UTC; `gone` is None while it stands."""

    passage_id: int
    document_id: int
    first_seen: str
    gone: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A document that passages stand in. `since` is when its first text was seen: what it said earlier nobody knows."""

    document_id: int
    name: str
    type: str
    origin: str
    service: str  # its key
    service_name: str
    since: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text: whether it is a word that was asked for, or what stands between."""

    text: str
    found: bool


def matches(db: Database, words: str, narrowing: Narrowing) -> Matches:
    """The passages that hold all the words, as `archive.search` takes them, and are not narrowed away."""
    asked = _asked(db, narrowing) | {"words": expression(words)}
    rows = db.conn.execute(_MATCHES.format(_conditions(narrowing)), asked).fetchall()
    return Matches(rows[0][1] if rows else 0, [row[0] for row in rows])


def lives(db: Database, passages: Sequence[int], narrowing: Narrowing) -> list[Life]:
    """The lives of these passages that are not narrowed away, the first seen first; the topic narrows none."""
    asked = _asked(db, narrowing) | {"passages": json.dumps(passages)}
    sql = _LIVES.format(passages="passage_id IN (SELECT value FROM json_each(:passages))", like=_like(narrowing))
    return [Life(*row) for row in db.conn.execute(sql, asked)]


def documents(db: Database, passages: Sequence[int]) -> dict[int, int]:
    """How many documents hold or held each of these passages."""
    return dict(db.conn.execute(_DOCUMENTS, {"passages": json.dumps(passages)}).fetchall())


def places(db: Database) -> dict[int, Place]:
    """All documents, by their ids."""
    return {row[0]: Place(*row) for row in db.conn.execute(_PLACES)}


def flags(db: Database, passages: Sequence[int]) -> dict[int, list[Flag]]:
    """What these passages were flagged for, when they came or when they went."""
    found = defaultdict[int, list[Flag]](list)
    for row in db.query(_FLAGS, {"passages": json.dumps(passages)}):
        found[row.pop("passage_id")].append(flag_of(row))
    return found


def snippets(db: Database, words: str, passages: Sequence[int]) -> dict[int, list[Part]]:
    """The part of each of these passages that is around the words."""
    asked = {"words": expression(words), "passages": json.dumps(passages), "start": START, "end": END}
    return {row[0]: parts(row[1]) for row in db.conn.execute(_SNIPPETS, asked)}


def parts(marked: str) -> list[Part]:
    """A text with marks around some words, in pieces."""
    found = list[Part]()
    for number, piece in enumerate(marked.split(START)):
        word, _, rest = piece.rpartition(END) if number else ("", "", piece)
        found += [Part(text.replace(END, ""), one) for text, one in ((word, True), (rest, False)) if text]
    return found


def _asked(db: Database, narrowing: Narrowing) -> Row:
    """The values of the SQL's names."""
    values: Row = {"topic": narrowing.topic, "stands": narrowing.stands, "year": narrowing.year, "on": narrowing.on}
    asked = (narrowing.service, narrowing.type)
    return values | {"documents": value(db, _OF, *asked) if any(asked) else None}


def _conditions(narrowing: Narrowing) -> str:
    """Cheap ones first. Which documents are meant is asked once, how a passage has lived of each passage."""
    like = _like(narrowing)
    lived = _LIFE.format(passages="passage_id = passages_fts.rowid", like=like)
    needed = {
        _FLAGGED: narrowing.topic is not None,
        _THERE: bool(narrowing.service or narrowing.type),
        f"EXISTS (SELECT 1 {lived})": bool(like),
    }
    return _joined(needed)


def _like(narrowing: Narrowing) -> str:
    return _joined({_NOW: narrowing.stands is not None, _YEAR: bool(narrowing.year), _ON: bool(narrowing.on)})


def _joined(conditions: dict[str, bool]) -> str:
    return "".join(f" AND {condition}" for condition, is_needed in conditions.items() if is_needed)


# "+" keeps SQLite from asking the index of words anew for each passage, and from walking all placements of a document.
_OF = """SELECT json_group_array(documents.id) FROM documents JOIN services ON services.id = service_id
         WHERE ?1 IN ('', services.key) AND ?2 IN ('', documents.type)"""
_PASSAGE = "CASE side WHEN 'after' THEN after_passage_id ELSE before_passage_id END"
_FLAGGED = f"+rowid IN (SELECT {_PASSAGE} FROM flags JOIN edits ON edits.id = edit_id WHERE topic = :topic)"  # noqa: S608
_THERE = """+rowid IN (SELECT passage_id FROM placements
                          WHERE document_id IN (SELECT value FROM json_each(:documents)))"""
_SEEN = "(SELECT seen_at FROM versions WHERE id = {})"
_FIRST, _GONE = _SEEN.format("born"), _SEEN.format("died")
_NOW = "(died IS NULL) = :stands"
_YEAR = "born IN (SELECT id FROM versions WHERE substr(seen_at, 1, 4) = :year)"
_ON = f"{_FIRST} <= :on AND (died IS NULL OR {_GONE} > :on)"
_LIFE = """
FROM (SELECT passage_id, document_id, min(first_version_id) AS born,
             CASE WHEN sum(gone_version_id IS NULL) THEN NULL ELSE max(gone_version_id) END AS died
      FROM placements
      WHERE {passages} AND (:documents IS NULL OR +document_id IN (SELECT value FROM json_each(:documents)))
      GROUP BY passage_id, document_id)
WHERE 1{like}"""
_LIVES = f"SELECT passage_id, document_id, {_FIRST} AS first_seen, {_GONE} AS gone {_LIFE} ORDER BY first_seen, 2"

# The index of words gives passages by id: so the last ones come without reading all, and only these are weighed.
_MATCHES = f"""
WITH found AS MATERIALIZED (
    SELECT rowid AS id, bm25(passages_fts) AS place FROM passages_fts
    WHERE passages_fts MATCH :words{{}} ORDER BY rowid DESC LIMIT {RANKED + 1})
SELECT id, (SELECT count(*) FROM found) FROM found ORDER BY place, id DESC LIMIT {BEST}"""  # noqa: S608
_DOCUMENTS = """SELECT passage_id, count(DISTINCT document_id) FROM placements
                WHERE passage_id IN (SELECT value FROM json_each(:passages)) GROUP BY passage_id"""
_PLACES = """
SELECT documents.id, documents.name, documents.type, documents.origin, services.key, services.name,
       coalesce((SELECT seen_at FROM versions WHERE document_id = documents.id ORDER BY versions.id LIMIT 1), '')
FROM documents JOIN services ON services.id = service_id"""
_FLAGS = f"""
SELECT {_PASSAGE} AS passage_id, flags.* FROM flags JOIN edits ON edits.id = edit_id
WHERE {_PASSAGE} IN (SELECT value FROM json_each(:passages)) ORDER BY flags.topic, flags.score DESC, flags.id"""  # noqa: S608
_SNIPPETS = """
SELECT rowid, snippet(passages_fts, 0, :start, :end, ' … ', 40) FROM passages_fts
WHERE passages_fts MATCH :words AND +rowid IN (SELECT value FROM json_each(:passages))"""
