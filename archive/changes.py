"""Hands out the versions that nobody has compared yet, and records what each changed and what was decided."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive.placements import text_of
from archive.recording import now
from archive.rows import Row, insert, one, value
from archive.words import Decision, Edit, Passage, Reading, passage_key


@dataclass(frozen=True, slots=True)
class Pending:
    """A version to compare, with the last believed text before it: `before_id` is None for a first version."""

    document_id: int
    before_id: int | None
    after_id: int
    seen_at: str
    technical: bool
    before: Sequence[Passage]
    after: Sequence[Passage]
    text_hash: str
    recent: frozenset[str]  # the text hashes of this document's believed versions within the gate's memory


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a pending version: the gate's decision, its reason in words, and each edit with its reading."""

    decision: Decision
    reason: str
    edits: Sequence[tuple[Edit, Reading]] = ()


def pending_versions(db: Database) -> list[int]:
    """The ids of the versions without a change, oldest first."""
    sql = "SELECT id FROM versions WHERE id NOT IN (SELECT after_version_id FROM changes) ORDER BY id"
    return [row["id"] for row in db.query(sql)]


def load_pending(db: Database, version_id: int, memory_days: int) -> Pending:
    """All that is needed to compare a version and to decide about it."""
    version = one(db, "SELECT * FROM versions WHERE id = ?", version_id)
    if version is None:
        raise LookupError(f"no version {version_id}")
    document, before = version["document_id"], _believed_before(db, version)
    return Pending(
        document_id=document,
        before_id=before,
        after_id=version_id,
        seen_at=version["seen_at"],
        technical=bool(version["technical"]),
        before=text_of(db, document, before) if before else (),
        after=text_of(db, document, version_id),
        text_hash=version["text_hash"],
        recent=_recent_hashes(db, version, memory_days),
    )


def record_change(db: Database, pending: Pending, verdict: Verdict) -> int:
    """The id of the change, stored with its edits, flags and facts in one transaction. Idempotent."""
    with db.atomic():
        known = value(db, "SELECT id FROM changes WHERE after_version_id = ?", pending.after_id)
        if known:
            return int(known)
        row: Row = {"document_id": pending.document_id, "before_version_id": pending.before_id}
        row |= {"after_version_id": pending.after_id, "decision": str(verdict.decision), "reason": verdict.reason}
        change = insert(db, "changes", row | {"decided_at": now()})
        for edit, reading in verdict.edits:
            _record_reading(db, _record_edit(db, change, edit), reading)
    return change


def _record_edit(db: Database, change: int, edit: Edit) -> int:
    segments = [[str(segment.run), segment.text] for segment in edit.segments]
    row: Row = {"change_id": change, "kind": str(edit.kind), "heading": edit.heading, "same_words": edit.same_words}
    row |= {"before_passage_id": _passage(db, edit.before), "after_passage_id": _passage(db, edit.after)}
    return insert(db, "edits", row | {"segments": json.dumps(segments, ensure_ascii=False)})


def _record_reading(db: Database, edit: int, reading: Reading) -> None:
    for flag in reading.flags:
        row: Row = {"edit_id": edit, "topic": str(flag.topic), "effect": str(flag.effect), "quote": flag.quote}
        row |= {"mechanisms": ", ".join(flag.mechanisms), "side": flag.side, "rule": flag.rule, "score": flag.score}
        insert(db, "flags", row)
    for fact in reading.facts:
        insert(db, "facts", {"edit_id": edit, "kind": fact.kind, "value": fact.value, "quote": fact.quote})


def _passage(db: Database, text: str) -> int | None:
    """Both texts of an edit are passages of a stored version, so their words are known."""
    return value(db, "SELECT id FROM passages WHERE hash = ?", passage_key(text)) if text else None


def _believed_before(db: Database, version: Row) -> int | None:
    """The newest earlier version that the gate did not put into quarantine."""
    sql = """SELECT max(versions.id) FROM versions JOIN changes ON after_version_id = versions.id
             WHERE versions.document_id = ? AND versions.id < ? AND decision != 'quarantined'"""
    return value(db, sql, version["document_id"], version["id"])  # type: ignore[no-any-return]


def _recent_hashes(db: Database, version: Row, days: int) -> frozenset[str]:
    """Of the earlier believed versions that still stood within the last days before this one was seen."""
    values = {"document": version["document_id"], "version": version["id"], "seen": version["seen_at"]}
    return frozenset(row["text_hash"] for row in db.query(_RECENT, values | {"memory": f"-{days} days"}))


_RECENT = """
SELECT DISTINCT text_hash FROM versions earlier
JOIN changes ON after_version_id = earlier.id AND decision != 'quarantined'
WHERE earlier.document_id = :document AND earlier.id < :version
  AND (SELECT seen_at FROM versions next WHERE next.document_id = :document AND next.id > earlier.id
       ORDER BY next.id LIMIT 1) >= strftime('%Y-%m-%dT%H:%M:%SZ', :seen, :memory)"""
