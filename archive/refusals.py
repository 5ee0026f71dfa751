"""Reads how the documents of a service let people refuse: in which words, by which path or address, since when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from archive.links import addresses_of
from archive.rows import Row
from archive.sayings import Text
from archive.ways_out import addresses

PATH = " > "  # between the menus of a path through settings


@dataclass(frozen=True, slots=True)
class WayOut:
    """A way to refuse that a document tells now. `words` are the sentence that tells it; `path` is one through settings
    ("Settings > Privacy"), `url` an address of the web that anybody could be sent to; each "" where it gives none.

    `since` is when the document first said so, as ISO-8601 UTC.
    """

    words: str
    path: str
    url: str
    document_id: int
    document: str
    passage_id: int
    since: str


def of_service(db: Database, texts: Mapping[int, Text], service_id: int) -> list[WayOut]:
    """The ways out in these texts of a service, each once: those beside AI training first, then the newest."""
    own = {document: addresses_of(db, document) for document in texts}
    waiting = json.dumps([text.document_id for text in texts.values() if text.waits])
    rows = db.query(_TOLD, {"service": service_id, "waiting": waiting})
    standing = [row for row in rows if _stands(row, texts)]
    kept: dict[str, WayOut] = {}
    for row in standing:
        way = _way(row, texts[row["document_id"]], own[row["document_id"]])
        if not any(way.words == other.words for other in kept.values()):
            kept.setdefault(way.path or way.url or way.words.casefold(), way)
    return list(kept.values())


def _stands(row: Row, texts: Mapping[int, Text]) -> bool:
    text = texts.get(row["document_id"])
    gone = row["gone_version_id"]
    return text is not None and row["first_version_id"] <= text.version_id and (gone is None or gone > text.version_id)


def _way(row: Row, text: Text, own: list[str]) -> WayOut:
    found = addresses(row["text"], json.loads(row["links"]), [(row["quote"], row["value"])], own)
    path = row["value"] if PATH in row["value"] else ""
    url = found[0] if found and not path else ""
    return WayOut(row["quote"], path, url, text.document_id, text.document, row["passage_id"], row["since"])


# A sentence that lets people opt out tells a way even without a fact, where it stands beside AI training.
_TOLD = """
WITH RECURSIVE told AS (
    SELECT edits.id AS edit_id, document_id, after_passage_id AS passage_id, quote, value
    FROM documents CROSS JOIN edits ON edits.document_id = documents.id AND after_passage_id IS NOT NULL
    CROSS JOIN facts ON facts.edit_id = edits.id
    WHERE documents.service_id = :service AND facts.kind = 'optout'
    UNION ALL
    SELECT edits.id, document_id, after_passage_id, refused.quote, ''
    FROM flags trained CROSS JOIN edits ON edits.id = trained.edit_id
    CROSS JOIN documents ON documents.id = edits.document_id AND documents.service_id = :service
    CROSS JOIN flags refused ON refused.edit_id = edits.id
    WHERE trained.topic = 'ai-training' AND refused.side = 'after' AND instr(refused.mechanisms, 'opt_out')
), came AS (
    SELECT document_id, passage_id, passage_id AS came_id, quote, value,
           EXISTS (SELECT 1 FROM flags WHERE flags.edit_id = told.edit_id AND topic = 'ai-training') AS trains
    FROM told
), stayed AS (
    SELECT * FROM came
    UNION
    SELECT stayed.document_id, edits.after_passage_id, came_id, quote, value, trains FROM stayed
    CROSS JOIN edits ON edits.document_id = stayed.document_id AND before_passage_id = stayed.passage_id
    CROSS JOIN passages ON passages.id = edits.after_passage_id
    WHERE same_words OR instr(passages.text, quote)
)
SELECT stayed.document_id, stayed.passage_id, quote, value, passages.text, placements.links, first_version_id,
       gone_version_id,
       (SELECT seen_at FROM versions WHERE id = (
            SELECT min(first_version_id) FROM placements
            WHERE passage_id = came_id AND +document_id = stayed.document_id)) AS since
FROM stayed
CROSS JOIN placements ON placements.passage_id = stayed.passage_id AND +placements.document_id = stayed.document_id
CROSS JOIN passages ON passages.id = stayed.passage_id
WHERE gone_version_id IS NULL OR placements.document_id IN (SELECT value FROM json_each(:waiting))
ORDER BY trains DESC, since DESC, value = '', stayed.passage_id DESC"""
