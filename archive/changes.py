"""Hands out the versions that nobody has compared yet, and records what each changed and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive.edits import Edits
from archive.plain_line import line
from archive.recording import set_language
from archive.rows import Row, insert, one, value
from archive.severity import highest
from archive.words import Decision, Edit, Passage, Reading

UNCHANGED = (Decision.BASELINE, Decision.TECHNICAL)  # what is flagged in these was not changed by anybody


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
    words: tuple[int, int]  # how many, before and after
    text_hash: str
    recent: frozenset[str]  # the text hashes of this document's believed versions within the gate's memory
    declared: str = ""  # the document's language, as a code, if somebody has said it
    language: str = ""  # the one that it goes by


@dataclass(frozen=True, slots=True)
class Compared:
    """What else a text was compared with: the last text that was told, and all since a time ("" for none)."""

    told: int | None = None  # a version's id
    since: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a pending version: the gate's decision, its reason in words, and each edit with its reading.

    `language` is the code of the one that was detected, "" for none; None where the document keeps what it has. `until`
    is when a change that waits is looked at again, "" for the others. `news` are the places of the edits that tell
    something new.
    """

    decision: Decision
    reason: str
    edits: Sequence[tuple[Edit, Reading]] = ()
    language: str | None = None
    until: str = ""
    compared: Compared = Compared()
    news: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Anew:
    """What was decided anew, by a look at this time, about the change to a version. `until` is "" where it is final.

    `news` are the places of the edits that tell something new, `over` those that were over before they were confirmed.
    `believed` is there for a version that leaves quarantine: what it is compared with, and what that brought.
    """

    version_id: int
    decision: Decision
    reason: str
    at: str
    until: str = ""
    news: frozenset[int] = frozenset()
    over: frozenset[int] = frozenset()
    believed: tuple[Pending, Verdict] | None = None


def pending_count(db: Database) -> int:
    """How many versions nobody has compared yet."""
    return int(value(db, "SELECT count(*) FROM versions WHERE id NOT IN (SELECT after_version_id FROM changes)"))


def pending_documents(db: Database) -> list[int]:
    """The ids of the documents that have versions without a change, the one that waits longest first."""
    sql = """SELECT document_id, min(id) AS oldest FROM versions
             WHERE id NOT IN (SELECT after_version_id FROM changes) GROUP BY document_id ORDER BY oldest"""
    return [row["document_id"] for row in db.query(sql)]


def waiting_documents(db: Database) -> list[int]:
    """The ids of the documents with a change that waits, by id."""
    sql = "SELECT DISTINCT document_id FROM changes WHERE held_until IS NOT NULL ORDER BY document_id"
    return [row["document_id"] for row in db.query(sql)]


def newest_records(db: Database) -> dict[str, str]:
    """When the newest record of each origin was made."""
    return {row["origin"]: row["newest"] for row in db.query(_NEWEST) if row["newest"]}


def finished_since(db: Database, version_id: int, *, whole: bool = False) -> tuple[int, list[int]]:
    """The highest version now, and the documents with versions after the given one that are not compared.

    The document that was written last is left out, as more of it may come, unless the `whole` is recorded.
    """
    newest = one(db, "SELECT id, document_id FROM versions ORDER BY id DESC LIMIT 1")
    if newest is None:
        return version_id, []
    last = newest["id"] if whole else int(value(db, _LAST_OF_OTHERS, newest["document_id"], version_id) or version_id)
    return last, [row["document_id"] for row in db.query(_WAITING, (version_id, last))]


def record_change(db: Database, pending: Pending, verdict: Verdict, edits: Edits | None = None) -> int:
    """The id of the change, stored with its edits, flags and facts in one transaction. Idempotent."""
    with db.atomic():
        known = value(db, "SELECT id FROM changes WHERE after_version_id = ?", pending.after_id)
        if known:
            return int(known)
        row: Row = {"document_id": pending.document_id, "before_version_id": pending.before_id}
        row |= {"after_version_id": pending.after_id, "decision": str(verdict.decision), "reason": verdict.reason}
        row |= {"held_until": verdict.until or None, "decided_at": pending.seen_at}
        row |= {"told_version_id": verdict.compared.told, "recent_since": verdict.compared.since}
        change = insert(db, "changes", row | outline(db, pending.document_id, verdict, pending.seen_at))
        _place(db, change, pending.document_id, verdict, edits)
    return change


def record_anew(db: Database, anew: Anew, edits: Edits | None = None) -> int:
    """The id of a change that was decided anew; what was decided before is kept. One transaction."""
    with db.atomic():
        change = int(value(db, "SELECT id FROM changes WHERE after_version_id = ?", anew.version_id))
        db.execute(_KEEP, (change,))
        row: Row = {"decision": str(anew.decision), "reason": anew.reason, "decided_at": anew.at}
        row |= {"held_until": anew.until or None}
        if anew.believed:
            pending, verdict = anew.believed
            row |= {"before_version_id": pending.before_id}
            row |= outline(db, pending.document_id, verdict, pending.seen_at)
            _place(db, change, pending.document_id, verdict, edits)
        db.table("changes").update(change, row)
        for places, news in ((anew.news, 1), (anew.over, 2)):
            marks = [(news, change, place) for place in sorted(places)]
            db.conn.executemany("UPDATE change_edits SET news = ? WHERE change_id = ? AND place = ?", marks)
    return change


def _place(db: Database, change: int, document_id: int, verdict: Verdict, edits: Edits | None) -> None:
    store = edits or Edits(db, document_id)
    store.place(change, verdict.edits, verdict.news)
    if verdict.language is not None:
        set_language(db, document_id, verdict.language)


def outline(db: Database, document_id: int, verdict: Verdict, seen: str) -> Row:
    """Severity and line of a change as they are stored; only those that are flagged ask for the service's name."""
    flagged = any(reading.flags for _, reading in verdict.edits)
    return outlined(value(db, _SERVICE, document_id) if flagged else "", verdict, seen)


def outlined(service: str, verdict: Verdict, seen: str = "") -> Row:
    """What a change of this service means: {"severity", "line"}, both "" where nothing is flagged, or was changed.

    `seen` is the day on which the new text was seen, where it is known.
    """
    telling = [(edit, reading) for edit, reading in verdict.edits if reading.flags or reading.facts]
    if verdict.decision in UNCHANGED:
        telling = []
    return {"severity": str(highest(telling) or ""), "line": line(service, telling, seen)}


_KEEP = """INSERT INTO earlier_decisions (change_id, decision, reason, decided_at, held_until)
           SELECT id, decision, reason, decided_at, held_until FROM changes WHERE id = ?"""
_NEWEST = """SELECT origin, max((SELECT max(fetched_at) FROM fetches WHERE document_id = documents.id
                                AND outcome IN ('recorded', 'unchanged', 'not modified'))) AS newest
             FROM documents WHERE origin != '' GROUP BY origin"""
_SERVICE = "SELECT services.name FROM services JOIN documents ON services.id = service_id WHERE documents.id = ?"
_LAST_OF_OTHERS = "SELECT max(id) FROM versions WHERE document_id != ? AND id > ?"
_WAITING = """SELECT DISTINCT document_id FROM versions WHERE id > ? AND id <= ?
              AND id NOT IN (SELECT after_version_id FROM changes)"""
