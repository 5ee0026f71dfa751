"""Reads flagged changes as short cards have them: whose document, when, the flags that are news, what they state."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlite_utils import Database

from archive.decisions import Sibling
from archive.edits import flag_of
from archive.flagged import NEWS
from archive.rows import Row
from archive.words import EditKind, Fact, Flag


class Flagged(NamedTuple):
    """A flag with what it stands in: the edit, what the edit did, and the path of the headings above it."""

    edit_id: int
    kind: EditKind
    heading: str
    severity: str
    flag: Flag


class Stated(NamedTuple):
    """A fact with the edit that states it."""

    edit_id: int
    fact: Fact


@dataclass(frozen=True, slots=True)
class Card:
    """A flagged change in short; `name` is the document's, as people say it: "LinkedIn, Privacy Policy".

    `flags` are the news, of an old change all; `facts` are what the document states now, beside them or where nothing
    is flagged. Both come in the order of the text. `others` are the documents whose like changes are told with it.
    """

    id: int
    name: str
    service: str
    service_key: str
    document_id: int
    document: str  # its type
    region: str
    language: str
    url: str
    seen_at: str
    before_seen_at: str | None
    severity: str
    line: str
    origin: str  # whose record it is, where others have read the document: nobody is told
    others: Sequence[Sibling]
    flags: Sequence[Flagged]
    facts: Sequence[Stated]


class Linked(NamedTuple):
    """The passage that an edit brought: its text, and its links as words and target."""

    text: str
    links: Sequence[tuple[str, str]]


def cards(db: Database, changes: Sequence[int]) -> list[Card]:
    """The cards of these changes, in their order."""
    asked = {"changes": json.dumps(changes)}
    others, flags, facts = (_by_change(db.query(sql, asked)) for sql in (_OTHERS, _FLAGS, _FACTS))
    found = {row["id"]: row for row in db.query(_CARDS, asked)}
    return [
        Card(
            **found[change],
            others=[Sibling(row["change_id"], row["document"]) for row in others[change]],
            flags=[_flagged(row) for row in flags[change]],
            facts=[_stated(row) for row in facts[change]],
        )
        for change in changes
    ]


def texts(db: Database, edits: Iterable[int]) -> dict[int, tuple[str, str]]:
    """The texts before and after, by the edit; "" where there is none."""
    rows = db.query(_TEXTS, {"edits": json.dumps(list(edits))})
    return {row["id"]: (row["before"] or "", row["after"] or "") for row in rows}


def linked(db: Database, edits: Iterable[int]) -> dict[int, Linked]:
    """The passages that edits brought, by the edit, as they stand or last stood; of those that have links."""
    rows = db.query(_LINKED, {"edits": json.dumps(list(edits))})
    return {row["id"]: Linked(row["text"], json.loads(row["links"])) for row in rows}


def _by_change(rows: Iterable[Row]) -> defaultdict[int, list[Row]]:
    found = defaultdict[int, list[Row]](list)
    for row in rows:
        found[row["change"]].append(row)
    return found


def _flagged(row: Row) -> Flagged:
    return Flagged(row["edit_id"], EditKind(row["kind"]), row["heading"], row["severity"], flag_of(row))


def _stated(row: Row) -> Stated:
    return Stated(row["edit_id"], Fact(row["kind"], row["value"], row["quote"], tuple(row["codes"].split())))


_CARDS = """
SELECT changes.id, documents.name, services.name AS service, services.key AS service_key, documents.id AS document_id,
       documents.type AS document, documents.region, documents.language, documents.url, after.seen_at,
       before.seen_at AS before_seen_at, changes.severity, changes.line, documents.origin
FROM changes
JOIN documents ON documents.id = changes.document_id
JOIN services ON services.id = documents.service_id
JOIN versions after ON after.id = changes.after_version_id
LEFT JOIN versions before ON before.id = changes.before_version_id
WHERE changes.id IN (SELECT value FROM json_each(:changes))"""
_OTHERS = """
SELECT told_in AS change, changes.id AS change_id, documents.name AS document FROM changes
JOIN documents ON documents.id = changes.document_id
WHERE told_in IN (SELECT value FROM json_each(:changes)) AND changes.id != told_in ORDER BY changes.id"""
_FLAGS = f"""
SELECT changes.id AS change, edits.kind, headings.path AS heading, flags.*
FROM changes
JOIN change_edits ON change_edits.change_id = changes.id AND telling = 1
JOIN edits ON edits.id = change_edits.edit_id
JOIN headings ON headings.id = edits.heading_id
JOIN flags ON flags.edit_id = edits.id
WHERE changes.id IN (SELECT value FROM json_each(:changes)) AND {NEWS}
ORDER BY change_edits.place, flags.id"""  # noqa: S608  (no value is in it)
_FACTS = f"""
SELECT changes.id AS change, facts.*
FROM changes
JOIN change_edits ON change_edits.change_id = changes.id AND telling = 1
JOIN edits ON edits.id = change_edits.edit_id AND edits.after_passage_id IS NOT NULL
JOIN facts ON facts.edit_id = edits.id
WHERE changes.id IN (SELECT value FROM json_each(:changes))
  AND ({NEWS} OR NOT EXISTS (SELECT 1 FROM flags WHERE flags.edit_id = change_edits.edit_id))
ORDER BY change_edits.place, facts.id"""  # noqa: S608
_TEXTS = """
SELECT edits.id, before.text AS before, after.text AS after
FROM edits
LEFT JOIN passages before ON before.id = before_passage_id
LEFT JOIN passages after ON after.id = after_passage_id
WHERE edits.id IN (SELECT value FROM json_each(:edits))"""
# "+" keeps SQLite from walking all placements of the document: those of the passage are few. The last placement is the
# newest.
_LINKED = """
SELECT edits.id, passages.text, placements.links
FROM edits
JOIN passages ON passages.id = after_passage_id
JOIN placements ON placements.passage_id = after_passage_id AND +placements.document_id = edits.document_id
WHERE edits.id IN (SELECT value FROM json_each(:edits)) AND placements.links != '[]'
ORDER BY placements.number"""
