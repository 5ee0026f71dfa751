"""Finds passages by their words: each once, the best first, with its life in every document that holds or held it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive.rows import Row, value
from archive.words import Topic

ASKED = re.compile(r'"([^"]*)"?(\*?)|([^\s"]+)')  # a quoted phrase, whose end may be missing, or a word


@dataclass(frozen=True, slots=True)
class Life:
    """How long a passage has stood in a document; `gone` is None while it stands, `origin` empty where we fetch it.

    `last_seen` is the last fetch that found it: between that and `gone` nobody looked, or could.
    """

    document: str
    origin: str
    first_seen: str
    last_seen: str
    gone: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with the words that were asked for, the part of it around them, and its lives, the first seen first."""

    passage_id: int
    text: str
    snippet: str
    lives: Sequence[Life]


@dataclass(frozen=True, slots=True)
class Answer:
    """The best passages, and how many there are in all."""

    total: int
    passages: Sequence[Found]


def search(db: Database, words: str, most: int, service: str | None = None, topic: Topic | None = None) -> Answer:
    """The passages that hold all the words, in any form and order; "a phrase" keeps its order, word* is a beginning.

    `service` is a name or key in any case, and narrows the lives too; with a topic, only passages that were flagged on
    it are given.
    """
    asked: Row = {"words": expression(words), "service": service, "topic": str(topic) if topic else None}
    total = int(next(iter(db.query(_COUNT, asked)))["total"])
    rows = list(db.query(_FOUND, asked | {"most": most}))
    lives = _lives(db, [row["passage_id"] for row in rows], service)
    return Answer(total, [Found(**row, lives=lives[row["passage_id"]]) for row in rows])


def is_known(db: Database, service: str) -> bool:
    """Whether the archive has a service of this name or key."""
    sql = "SELECT 1 FROM services WHERE name = ? COLLATE NOCASE OR key = ? COLLATE NOCASE"
    return value(db, sql, service, service) is not None


def told(life: Life) -> str:
    """A life in a line."""
    place = f"{life.document} (from {life.origin})" if life.origin else life.document
    until = f"last seen {life.last_seen[:10]}, gone {life.gone[:10]}" if life.gone else "still there"
    return f"{place}: first seen {life.first_seen[:10]}, {until}"


def expression(words: str) -> str:
    """What people type, in FTS5's language, where every word stands quoted: no character of it can be an operator."""
    # SQLite takes a zero byte for the end, and cannot store half a character pair.
    plain = words.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    return " ".join(_quoted(*match) for match in ASKED.findall(plain)) or '""'


def _quoted(phrase: str, star: str, word: str) -> str:
    return f'"{phrase}{word.rstrip("*")}"' + ("*" if star or word.endswith("*") else "")


def _lives(db: Database, passages: Sequence[int], service: str | None) -> dict[int, list[Life]]:
    """By passage."""
    lives = defaultdict[int, list[Life]](list)
    for row in db.query(_LIVES, {"passages": json.dumps(passages), "service": service}):
        lives[row.pop("passage_id")].append(Life(**row))
    return lives


_OF_SERVICE = """(:service IS NULL OR {document} IN (
    SELECT documents.id FROM documents JOIN services ON services.id = service_id
    WHERE services.name = :service COLLATE NOCASE OR services.key = :service COLLATE NOCASE))"""
_MATCHES = f"""
FROM passages_fts WHERE passages_fts MATCH :words
AND (:service IS NULL OR EXISTS (SELECT 1 FROM placements WHERE passage_id = passages_fts.rowid
                                 AND {_OF_SERVICE.format(document="document_id")}))
AND (:topic IS NULL OR passages_fts.rowid IN (
    SELECT CASE side WHEN 'after' THEN after_passage_id ELSE before_passage_id END
    FROM flags JOIN edits ON edits.id = edit_id WHERE topic = :topic))"""  # noqa: S608
_COUNT = f"SELECT count(*) AS total {_MATCHES}"
_FOUND = f"""
SELECT rowid AS passage_id, text, snippet(passages_fts, 0, '', '', ' … ', 40) AS snippet
{_MATCHES} ORDER BY rank LIMIT :most"""
_LIVES = f"""
WITH lives AS (
    SELECT passage_id, placements.document_id, min(born.seen_at) AS first_seen,
           CASE WHEN sum(gone_version_id IS NULL) THEN NULL ELSE max(gone.seen_at) END AS gone
    FROM placements
    JOIN versions born ON born.id = first_version_id
    LEFT JOIN versions gone ON gone.id = gone_version_id
    WHERE passage_id IN (SELECT value FROM json_each(:passages))
    AND {_OF_SERVICE.format(document="placements.document_id")}
    GROUP BY passage_id, placements.document_id)
SELECT passage_id, documents.name AS document, documents.origin, first_seen, gone,
       max(first_seen, coalesce((SELECT fetched_at FROM fetches WHERE fetches.document_id = lives.document_id
           AND outcome IN ('recorded', 'unchanged', 'not modified')
           AND fetched_at < coalesce(gone, '~') ORDER BY fetched_at DESC LIMIT 1), '')) AS last_seen
FROM lives JOIN documents ON documents.id = document_id
ORDER BY first_seen, documents.id"""  # noqa: S608
