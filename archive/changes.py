"""Hands out the versions that nobody has compared yet, and records what each changed and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive.edits import Edits
from archive.recording import now
from archive.rows import Row, insert, value
from archive.words import Decision, Edit, Passage, Reading


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


def pending_count(db: Database) -> int:
    """How many versions nobody has compared yet."""
    return int(value(db, "SELECT count(*) FROM versions WHERE id NOT IN (SELECT after_version_id FROM changes)"))


def pending_documents(db: Database) -> list[int]:
    """The ids of the documents that have versions without a change, the one that waits longest first."""
    sql = """SELECT document_id, min(id) AS oldest FROM versions
             WHERE id NOT IN (SELECT after_version_id FROM changes) GROUP BY document_id ORDER BY oldest"""
    return [row["document_id"] for row in db.query(sql)]


def record_change(db: Database, pending: Pending, verdict: Verdict, edits: Edits | None = None) -> int:
    """The id of the change, stored with its edits, flags and facts in one transaction. Idempotent."""
    with db.atomic():
        known = value(db, "SELECT id FROM changes WHERE after_version_id = ?", pending.after_id)
        if known:
            return int(known)
        row: Row = {"document_id": pending.document_id, "before_version_id": pending.before_id}
        row |= {"after_version_id": pending.after_id, "decision": str(verdict.decision), "reason": verdict.reason}
        change = insert(db, "changes", row | {"decided_at": now()})
        store = edits or Edits(db, pending.document_id)
        store.place(change, verdict.edits)
    return change
