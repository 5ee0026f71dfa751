"""Reads which words of documents were flagged on a topic and stand in them now, with the passage and since when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from sqlite_utils import Database

from archive.feeds import born
from archive.words import Topic


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a document that counts now: its newest version that was compared and is not in quarantine.

    `seen` is the last look that saw the document, as ISO-8601 UTC; "" for none.
    """

    document_id: int
    service_id: int
    document: str  # its name, as people say it
    type: str
    language: str
    version_id: int
    seen: str
    waits: bool  # a newer text is there that is not believed, or not compared yet


class Found(NamedTuple):  # there are thousands: a tuple is made in a third of the time of a dataclass
    """Flagged words that stand now: the passage they stand in, the first time that the document said them, the change.

    `change_id` is None where the change that brought them is not known: they had been there, went, and came back.
    """

    text: Text
    quote: str
    mechanisms: str  # as in the table of flags
    score: float
    passage_id: int
    passage: str  # its text; "" where nobody asks for it
    since: str
    change_id: int | None


def texts(db: Database, service_id: int | None = None) -> dict[int, Text]:
    """The texts that count, by document: of one service, or of all.

    Where others have recorded a document that we have read ourselves, ours counts.
    """
    where = "" if service_id is None else "AND service_id = :service"
    rows = db.conn.execute(f"{_TEXTS} {where}", {"service": service_id}).fetchall()
    own = {row[:3] for row in rows if not row[3]}
    counted = [row for row in rows if not row[3] or row[:3] not in own]
    return {row[4]: _text(*row) for row in counted}


def found(db: Database, topic: Topic, known: Mapping[int, Text]) -> list[Found]:
    """What stands now in the known texts, each quote of a document once, the surest first, of these the newest.

    Words on AI training are followed into passages that were reworded around them. Those on consent are not: there are
    too many of them, and the others tell the same.
    """
    waiting = [text.document_id for text in known.values() if text.waits]
    sql = _SAID[topic].format(_WAITING if waiting else "")
    rows = db.conn.execute(sql, {"topic": str(topic), "waiting": json.dumps(waiting)})
    kept: dict[tuple[int, str], Found] = {}
    for document, first, gone, *words in rows:
        text = known.get(document)
        if text and first <= text.version_id and (gone is None or gone > text.version_id):
            one = Found(text, *words)
            before = kept.setdefault((document, one.quote), one)
            if before is not one:
                kept[document, one.quote] = _merged(before, one)
    newest = sorted(kept.values(), key=attrgetter("since"), reverse=True)
    return sorted(newest, key=attrgetter("score"), reverse=True)


def place(db: Database) -> str:
    """The file of an archive."""
    return str(db.conn.execute("PRAGMA database_list").fetchone()[2])


def state(db: Database) -> tuple[object, ...]:
    """What is the same for as long as nothing was recorded, compared or decided anew; another in another archive."""
    return (*db.conn.execute(_STATE).fetchone(), born(db))


def _text(
    service: int,
    kind: str,
    _region: str,
    _origin: str,
    document: int,
    name: str,
    language: str,
    version: int,
    seen: str | None,
    newest: int,
) -> Text:
    return Text(document, service, name, kind, language, version, seen or "", version != newest)


def _merged(one: Found, other: Found) -> Found:
    """Two flags on the same words: the earlier one, with what both say."""
    first = one if one.since <= other.since else other
    said = dict.fromkeys(name for both in (one, other) for name in both.mechanisms.split(", ") if name)
    return first._replace(mechanisms=", ".join(said), score=max(one.score, other.score))


_STATE = """
SELECT (SELECT max(id) FROM versions), (SELECT max(id) FROM changes), (SELECT max(id) FROM flags),
       (SELECT max(id) FROM earlier_decisions), (SELECT count(*) FROM documents)"""
_TEXTS = """
SELECT * FROM (
    SELECT service_id, type, region, origin, id, name, language,
           (SELECT after_version_id FROM changes WHERE document_id = documents.id AND decision != 'quarantined'
            ORDER BY id DESC LIMIT 1) AS version_id,
           (SELECT max(fetched_at) FROM fetches WHERE document_id = documents.id
            AND outcome IN ('recorded', 'unchanged', 'not modified')) AS seen,
           (SELECT max(id) FROM versions WHERE document_id = documents.id) AS newest
    FROM documents
) WHERE version_id IS NOT NULL"""

# "+" keeps SQLite from walking all placements of a document: those of a passage are few. CROSS JOIN keeps the order.
_FLAGGED = """
said AS MATERIALIZED (
    SELECT flags.id AS flag_id, flags.quote, flags.mechanisms, flags.score, edits.document_id,
           CASE flags.side WHEN 'after' THEN edits.after_passage_id ELSE edits.before_passage_id END AS passage_id,
           CASE flags.side WHEN 'after' THEN edits.id END AS edit_id
    FROM flags CROSS JOIN edits ON edits.id = flags.edit_id WHERE flags.topic = :topic
)"""
_PLACED = """
       (SELECT seen_at FROM versions WHERE id = (
            SELECT min(first_version_id) FROM placements
            WHERE passage_id = said.passage_id AND +document_id = said.document_id)) AS since,
       (SELECT min(change_id) FROM change_edits WHERE edit_id = said.edit_id AND telling = 1) AS change_id"""
_WAITING = "OR placements.document_id IN (SELECT value FROM json_each(:waiting))"
_SAID = {
    Topic.CONSENT: f"""
WITH {_FLAGGED}
SELECT said.document_id, placements.first_version_id, placements.gone_version_id,
       said.quote, said.mechanisms, said.score, said.passage_id, '' AS passage, {_PLACED}
FROM said
CROSS JOIN placements ON placements.passage_id = said.passage_id AND +placements.document_id = said.document_id
WHERE placements.gone_version_id IS NULL {{}}""",  # noqa: S608  (no value is in it)
    Topic.AI_TRAINING: f"""
WITH RECURSIVE {_FLAGGED}, carried AS (
    SELECT flag_id, document_id, passage_id, quote FROM said
    UNION
    SELECT flag_id, carried.document_id, edits.after_passage_id, quote FROM carried
    CROSS JOIN edits ON edits.document_id = carried.document_id AND edits.before_passage_id = carried.passage_id
    CROSS JOIN passages ON passages.id = edits.after_passage_id
    WHERE edits.kind = 'changed' AND (same_words OR instr(passages.text, quote))
)
SELECT said.document_id, placements.first_version_id, placements.gone_version_id,
       said.quote, said.mechanisms, said.score, carried.passage_id, passages.text AS passage, {_PLACED}
FROM carried
CROSS JOIN said USING (flag_id)
CROSS JOIN placements
    ON placements.passage_id = carried.passage_id AND +placements.document_id = carried.document_id
CROSS JOIN passages ON passages.id = carried.passage_id
WHERE placements.gone_version_id IS NULL {{}}""",  # noqa: S608  (no value is in it)
}
