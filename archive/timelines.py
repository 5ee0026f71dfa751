"""Hands out the versions of one document that nobody has compared yet, in order, reading its history once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.changes import Pending, Verdict, record_change
from archive.edits import Edits
from archive.placements import Texts
from archive.recording import language_of
from archive.words import Decision, Passage


@dataclass(frozen=True, slots=True)
class _Version:
    """A version as the archive has it; `decision` is None where it was not compared yet."""

    id: int
    seen_at: str
    technical: int
    words: int
    text_hash: str
    content: str
    decision: str | None


class Timeline:
    """A document's versions: `pending` gives the next to compare, `record` keeps what became of it."""

    def __init__(self, db: Database, document_id: int, memory_days: int) -> None:
        """`memory_days` is how far back the gate looks for a text that comes again."""
        self._db, self._document, self._memory = db, document_id, timedelta(days=memory_days)
        self._versions = [_Version(**row) for row in db.query(_VERSIONS, (document_id,))]
        undecided = [n for n, version in enumerate(self._versions) if version.decision is None]
        self._place = undecided[0] if undecided else len(self._versions)
        self._believed = [n for n in range(self._place) if _is_believed(self._versions[n].decision)]
        self._texts = Texts(db, document_id)
        self._edits = Edits(db, document_id, self._texts.ids)
        self._declared, _ = language_of(db, document_id)

    @property
    def ids(self) -> Mapping[str, int]:
        """Of the passages in the texts so far, by their words."""
        return self._texts.ids

    def pending(self) -> Iterator[Pending]:
        """The versions to compare, oldest first; each has to be recorded before the next is asked for."""
        while self._place < len(self._versions):
            version = self._versions[self._place]
            if version.decision is None:
                yield self._pending(version)
            else:
                self.decide(version.decision)

    def record(self, pending: Pending, verdict: Verdict) -> int:
        """The id of the change, stored with its edits, flags and facts."""
        change = record_change(self._db, pending, verdict, self._edits)
        self.decide(verdict.decision)
        return change

    def _text(self, place: int) -> tuple[Passage, ...]:
        return self._texts.passages(self._versions[place].content)

    def decide(self, decision: str) -> None:
        """Goes on as if the version that was asked for last had been recorded with this decision."""
        if _is_believed(decision):
            self._believed.append(self._place)
        self._place += 1

    def _pending(self, version: _Version) -> Pending:
        before = self._believed[-1] if self._believed else None
        return Pending(
            document_id=self._document,
            before_id=None if before is None else self._versions[before].id,
            after_id=version.id,
            seen_at=version.seen_at,
            technical=bool(version.technical),
            before=self._text(before) if before is not None else (),
            after=self._text(self._place),
            words=(0 if before is None else self._versions[before].words, version.words),
            text_hash=version.text_hash,
            recent=frozenset(self._recent(version)),
            declared=self._declared,
        )

    def _recent(self, version: _Version) -> Iterator[str]:
        """The text hashes of the believed versions that still stood within the memory before this one was seen."""
        since = (datetime.fromisoformat(version.seen_at) - self._memory).strftime("%Y-%m-%dT%H:%M:%SZ")
        for place in reversed(self._believed):
            if self._versions[place + 1].seen_at < since:
                return
            yield self._versions[place].text_hash


def _is_believed(decision: str | None) -> bool:
    return decision is not None and decision != Decision.QUARANTINED


_VERSIONS = """SELECT versions.id, seen_at, technical, words, text_hash, content, decision FROM versions
               LEFT JOIN changes ON after_version_id = versions.id
               WHERE versions.document_id = ? ORDER BY versions.id"""
