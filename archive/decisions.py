"""Reads what the gate decided: about one change, about a document over time, about all of ours, and what waits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlite_utils import Database

from archive.changes import UNCHANGED
from archive.edits import flag_of
from archive.errors import ArchiveError
from archive.past import few, unknown
from archive.rows import Row
from archive.words import Decision, Flag

KNOWN, NEWS, OVER = 0, 1, 2  # what a flagged edit was: told before, told by this change, gone before it was confirmed


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a change was compared with; `change_id` is the change that brought it."""

    version_id: int
    seen_at: str
    change_id: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What a change was compared with: the text before (None for a first version), the last one that was told.

    And with all those that stood since `since`, `texts` of them; "" and 0 where none were compared.
    """

    before: Text | None
    told: Text | None
    since: str
    texts: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was decided about a change before it was decided anew."""

    decision: str
    reason: str
    decided_at: str
    held_until: str | None


@dataclass(frozen=True, slots=True)
class Sibling:
    """A change that is told in the same message, and the name of its document."""

    change_id: int
    document: str


@dataclass(frozen=True, slots=True)
class Flagged:
    """A flagged edit of a change, by its place among all edits from 0; `news` is KNOWN, NEWS or OVER."""

    place: int
    news: int
    heading: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """One change with its newest decision. Times are ISO-8601 UTC; `held_until` is set while it waits.

    `told_in` is the change whose message tells it, its own or that of one in `together`; None where none is written.
    """

    change_id: int
    seen_at: str
    decision: str
    reason: str
    decided_at: str
    held_until: str | None
    severity: str
    line: str
    told_in: int | None
    compared: Compared
    earlier: Sequence[Earlier]  # the oldest first
    together: Sequence[Sibling]
    flagged: Sequence[Flagged]

    @property
    def has_news(self) -> bool:
        """Whether there is something that a push tells, or will tell."""
        return any(edit.news == NEWS for edit in self.flagged)

    @property
    def told_apart(self) -> bool:
        """Whether news and what was known were told apart: not where nobody changed the text, nor in old pushes."""
        return self.decision not in UNCHANGED and (self.decision != Decision.PUSH or self.has_news)


def records(db: Database, asked: str) -> list[Row]:
    """The documents that people mean, one row for each record of it, ours first: document_id, document, origin.

    `asked` is an id, or "SERVICE, TYPE" with the service's name or key, in any case; a region in brackets names one
    of several. Raises ArchiveError where nothing or too much is meant.
    """
    rows, wanted = list(db.query(_DOCUMENTS)), " ".join(asked.split()).casefold()
    meant = [row for row in rows if wanted in _names(row)]
    if len({row["region"] for row in meant}) > 1:
        whole = [row for row in meant if not row["region"]]
        if not whole:
            raise ArchiveError(f"{asked!r} has regions, name one: {few([row['document'] for row in meant])}")
        meant = whole
    if not meant:
        raise ArchiveError(unknown(asked, _near(rows, wanted)))
    return [{name: row[name] for name in ("document_id", "document", "origin")} for row in meant]


def of_document(db: Database, document_id: int) -> list[Decided]:
    """All decisions about a document, the oldest change first."""
    return [_decided(row) for row in db.query(f"{_DECIDED} WHERE changes.document_id = ? {_IN_TIME}", (document_id,))]


def of_change(db: Database, change_id: int) -> Decided | None:
    """The decision about one change, None if there is no such change."""
    rows = db.query(f"{_DECIDED} WHERE changes.id = ?", (change_id,))
    return next((_decided(row) for row in rows), None)


def counts(db: Database) -> dict[str, int]:
    """How many changes of our documents were decided how, in the order of `Decision`."""
    found = {row["decision"]: row["changes"] for row in db.query(_COUNTS)}
    return {str(decision): found[decision] for decision in Decision if decision in found}


def waiting(db: Database, *, others: bool = False) -> list[Row]:
    """The changes of our documents that wait, the first to be looked at again first; with `others`, those of all.

    Each with change_id, document, seen_at, decision (held or quarantined), reason, held_until, severity and line.
    """
    return list(db.query(_WAITING, {"others": others}))


def _names(row: Row) -> set[str]:
    """All that people may call a document."""
    places = ("", f" ({row['region']})" if row["region"] else "")
    said = {f"{who}, {row['type']}{place}" for who in (row["name"], row["key"]) for place in places}
    return {name.casefold() for name in said} | {str(row["document_id"])}


def _near(rows: Sequence[Row], wanted: str) -> list[str]:
    """What is recorded of the service that was named; if there is none such, the names of all services."""
    asked = f"{wanted},"
    same = [row for row in rows if any(asked.startswith(f"{row[who]},".casefold()) for who in ("name", "key"))]
    return [f"{row['type']} ({row['region']})".removesuffix(" ()") for row in same] or [row["name"] for row in rows]


def _decided(row: Row) -> Decided:
    before, told = _text(row, "before"), _text(row, "told")
    return Decided(
        compared=Compared(before, told, row.pop("recent_since"), row.pop("texts")),
        earlier=tuple(Earlier(**told) for told in json.loads(row.pop("earlier"))),
        together=tuple(Sibling(**other) for other in json.loads(row.pop("together"))),
        flagged=_flagged(json.loads(row.pop("flagged"))),
        **row,
    )


def _text(row: Row, name: str) -> Text | None:
    version, seen, change = (row.pop(f"{name}_{part}") for part in ("version_id", "seen_at", "change_id"))
    return None if version is None else Text(version, seen, change)


def _flagged(rows: Sequence[Row]) -> tuple[Flagged, ...]:
    """The flags of a change, in the order of the text, by the edit they stand in."""
    edits = groupby(rows, key=lambda row: (row["place"], row["news"], row["heading"]))
    return tuple(Flagged(*edit, tuple(flag_of(row) for row in flags)) for edit, flags in edits)


_DOCUMENTS = """
SELECT documents.id AS document_id, documents.name AS document, services.name, services.key, type, region, origin
FROM documents JOIN services ON services.id = service_id ORDER BY origin != '', origin, documents.id"""
_COUNTS = """
SELECT decision, count(*) AS changes FROM changes JOIN documents ON documents.id = document_id
WHERE origin = '' GROUP BY decision"""
_WAITING = """
SELECT changes.id AS change_id, documents.name AS document, seen_at, decision, reason, held_until, severity, line
FROM changes
JOIN documents ON documents.id = changes.document_id
JOIN versions ON versions.id = after_version_id
WHERE held_until IS NOT NULL AND (origin = '' OR :others) ORDER BY held_until, changes.id"""
_IN_TIME = "ORDER BY after.seen_at, changes.id"

# One query for all: what belongs to a change is read as JSON beside it.
_EARLIER = """
SELECT json_group_array(json_object('decision', decision, 'reason', reason, 'decided_at', decided_at,
                                    'held_until', held_until))
FROM (SELECT * FROM earlier_decisions WHERE change_id = changes.id ORDER BY id)"""
_TOGETHER = """
SELECT json_group_array(json_object('change_id', id, 'document', name))
FROM (SELECT other.id, documents.name FROM changes other JOIN documents ON documents.id = other.document_id
      WHERE other.told_in = changes.told_in AND other.id != changes.id ORDER BY other.id)"""
_FLAGS = """
SELECT json_group_array(json_object('place', place, 'news', news, 'heading', path, 'topic', topic, 'effect', effect,
    'mechanisms', mechanisms, 'quote', quote, 'side', side, 'rule', rule, 'score', score, 'why', why))
FROM (SELECT place, news, path, flags.* FROM change_edits
      JOIN edits ON edits.id = change_edits.edit_id
      JOIN headings ON headings.id = edits.heading_id
      JOIN flags ON flags.edit_id = edits.id
      WHERE change_id = changes.id AND telling = 1 ORDER BY place, flags.id)"""
_STOOD = "stood.document_id = changes.document_id AND stood.id < changes.after_version_id"
_BELIEVED = "versions stood JOIN changes brought ON after_version_id = stood.id AND brought.decision != 'quarantined'"
_TEXTS = f"""
SELECT count(*) FROM {_BELIEVED} WHERE changes.recent_since != '' AND {_STOOD} AND stood.id >= coalesce(
    (SELECT stood.id FROM {_BELIEVED} WHERE {_STOOD} AND seen_at <= changes.recent_since
     ORDER BY stood.id DESC LIMIT 1), 0)"""  # noqa: S608
_DECIDED = f"""
SELECT changes.id AS change_id, after.seen_at, changes.decision, changes.reason, changes.decided_at,
       changes.held_until, changes.severity, changes.line, changes.told_in, changes.recent_since, ({_TEXTS}) AS texts,
       before.id AS before_version_id, before.seen_at AS before_seen_at, brought_before.id AS before_change_id,
       told.id AS told_version_id, told.seen_at AS told_seen_at, brought_told.id AS told_change_id,
       ({_EARLIER}) AS earlier, ({_TOGETHER}) AS together, ({_FLAGS}) AS flagged
FROM changes
JOIN versions after ON after.id = changes.after_version_id
LEFT JOIN versions before ON before.id = changes.before_version_id
LEFT JOIN changes brought_before ON brought_before.after_version_id = before.id
LEFT JOIN versions told ON told.id = changes.told_version_id
LEFT JOIN changes brought_told ON brought_told.after_version_id = told.id"""  # noqa: S608
