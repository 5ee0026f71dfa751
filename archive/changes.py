"""Hands out the versions that nobody has compared yet, and records what each changed and what was decided."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive.recording import now
from archive.rows import Row, insert, insert_all, value
from archive.words import Decision, Edit, Flag, Passage, Reading, Segment, passage_key


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


def record_change(db: Database, pending: Pending, verdict: Verdict, ids: Mapping[str, int] | None = None) -> int:
    """The id of the change, stored with its edits, flags and facts in one transaction. Idempotent.

    `ids` are those of passages by their text, as far as the caller knows them.
    """
    with db.atomic():
        known = value(db, "SELECT id FROM changes WHERE after_version_id = ?", pending.after_id)
        if known:
            return int(known)
        row: Row = {"document_id": pending.document_id, "before_version_id": pending.before_id}
        row |= {"after_version_id": pending.after_id, "decision": str(verdict.decision), "reason": verdict.reason}
        change = insert(db, "changes", row | {"decided_at": now()})
        _record_edits(db, change, verdict.edits, ids or {})
    return change


def _record_edits(db: Database, change: int, edits: Sequence[tuple[Edit, Reading]], ids: Mapping[str, int]) -> None:
    """All at once: a page that flips has as many edits as passages."""
    if not edits:
        return
    first = int(value(db, "SELECT coalesce(max(id), 0) + 1 FROM edits"))
    insert_all(db, "edits", EDIT, [(n, change, *_edit(db, edit, ids)) for n, (edit, _) in enumerate(edits, first)])
    insert_all(db, "flags", FLAG, [(n, *_flag(f)) for n, (_, read) in enumerate(edits, first) for f in read.flags])
    facts = [(n, fact.kind, fact.value, fact.quote) for n, (_, read) in enumerate(edits, first) for fact in read.facts]
    insert_all(db, "facts", ("edit_id", "kind", "value", "quote"), list(facts))


def _edit(db: Database, edit: Edit, ids: Mapping[str, int]) -> tuple[object, ...]:
    before, after = _passage(db, edit.before, ids), _passage(db, edit.after, ids)
    return str(edit.kind), edit.heading, before, after, _segments(edit.segments), edit.same_words


def _segments(segments: Sequence[Segment]) -> str:
    return json.dumps([[str(segment.run), segment.text] for segment in segments], ensure_ascii=False)


def _flag(flag: Flag) -> tuple[object, ...]:
    mechanisms = ", ".join(flag.mechanisms)
    return str(flag.topic), str(flag.effect), mechanisms, flag.quote, flag.side, flag.rule, flag.score


def _passage(db: Database, text: str, ids: Mapping[str, int]) -> int | None:
    """Both texts of an edit are passages of a stored version, so their words are known."""
    if not text:
        return None
    return ids.get(text) or value(db, "SELECT id FROM passages WHERE hash = ?", passage_key(text))


EDIT = ("id", "change_id", "kind", "heading", "before_passage_id", "after_passage_id", "segments", "same_words")
FLAG = ("edit_id", "topic", "effect", "mechanisms", "quote", "side", "rule", "score")
