"""Reads the history of one document for the gate: its versions, when it was looked at, what waits, what was told."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlite_utils import Database

from archive.changes import Anew, Compared, Pending, Verdict, record_anew, record_change
from archive.edits import Edits, edits_of
from archive.placements import Texts
from archive.recording import language_of, written
from archive.rows import value
from archive.words import Decision, Edit, Passage, Reading, passage_key


@dataclass(frozen=True, slots=True)
class Version:
    """A version as the archive has it; `decision` is None where it was not compared yet."""

    id: int
    seen_at: str
    technical: int
    words: int
    text_hash: str
    content: str
    decision: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that is held: the place of its version, its edits, and the places of its news among these."""

    place: int
    edits: Sequence[tuple[Edit, Reading]]
    news: frozenset[int]


@dataclass(frozen=True, slots=True)
class News:
    """What was new in a document: when that was decided, of which version (its place), and whether it was told."""

    at: str
    place: int
    edit: Edit
    reading: Reading
    told: bool


class Timeline:
    """A document's versions, by their place from 0. `record` and `record_anew` keep what became of them."""

    def __init__(self, db: Database, document_id: int, memory: timedelta) -> None:
        """`memory` is how far back the gate looks for a text that comes again."""
        self._db, self.document, self._memory = db, document_id, memory
        self.versions = [Version(**row) for row in db.query(_VERSIONS, (document_id,))]
        self.decisions = [version.decision for version in self.versions]
        self.believed = [n for n, decision in enumerate(self.decisions) if _is_believed(decision)]
        self._places = {version.id: n for n, version in enumerate(self.versions)}
        self._texts = Texts(db, document_id)
        self._edits = Edits(db, document_id, self._texts.ids)
        self._numbers = dict[str, list[int]]()  # the placements of a passage
        self._declared, self.language = language_of(db, document_id)
        self.origin = str(value(db, "SELECT origin FROM documents WHERE id = ?", document_id))

    @property
    def ids(self) -> Mapping[str, int]:
        """Of the passages in the texts so far, by their words."""
        return self._texts.ids

    @property
    def end(self) -> datetime:
        """When the newest version was seen; long ago where there is none."""
        return datetime.fromisoformat(self.versions[-1].seen_at if self.versions else "1970-01-01T00:00:00Z")

    def text(self, place: int) -> tuple[Passage, ...]:
        """The passages of a version."""
        return self._texts.passages(self.versions[place].content)

    def pending(self, place: int) -> Pending:
        """A version to compare with the last one that is believed."""
        version, before = self.versions[place], max(self.believed_before(place), default=None)
        return Pending(
            document_id=self.document,
            before_id=None if before is None else self.versions[before].id,
            after_id=version.id,
            seen_at=version.seen_at,
            technical=bool(version.technical),
            before=self.text(before) if before is not None else (),
            after=self.text(place),
            words=(0 if before is None else self.versions[before].words, version.words),
            text_hash=version.text_hash,
            recent=frozenset(self.versions[one].text_hash for one in self.recent(place)),
            declared=self._declared,
            language=self.language,
        )

    def believed_before(self, place: int) -> list[int]:
        """The places of the versions before this one that are believed, oldest first."""
        return self.believed[: bisect_left(self.believed, place)]

    def recent(self, place: int) -> Iterator[int]:
        """The believed versions that still stood within the memory before this one was seen, the newest first."""
        since = written(datetime.fromisoformat(self.versions[place].seen_at) - self._memory)
        for one in reversed(self.believed_before(place)):
            if self.versions[one + 1].seen_at < since:
                return
            yield one

    def compared(self, place: int, told: int | None) -> Compared:
        """What else the gate looks at beside the text before; `told` is the place of the last text that was told."""
        oldest = min(self.recent(place), default=None)
        since = "" if oldest is None else self.versions[oldest].seen_at
        return Compared(None if told is None else self.versions[told].id, since)

    def holds(self, place: int, text: str) -> bool:
        """Whether a passage with these words stands in a version."""
        return any(
            first <= number <= last
            for number in self._placed(text)
            for first, last in _runs(self.versions[place].content)
        )

    def first(self, text: str) -> int:
        """The place of the first version that held a passage with these words."""
        ids = self._db.conn.execute(_FIRST, (passage_key(text), self.document)).fetchone()
        return self._places[ids[0]]

    def looks(self, since: str) -> list[tuple[str, int]]:
        """When the document was looked at after this time and found as it was, with the place of that version."""
        looks = [row["fetched_at"] for row in self._db.query(_LOOKS, (self.document, since))]
        places, place = list[tuple[str, int]](), 0
        for at in looks:
            while place + 1 < len(self.versions) and self.versions[place + 1].seen_at <= at:
                place += 1
            places.append((at, place))
        return places

    def waiting(self) -> list[Waiting]:
        """The changes that are held, oldest first."""
        rows = self._db.conn.execute(_HELD, (self.document,)).fetchall()
        return [self._waiting(self._places[version], change) for change, version in rows]

    def news(self) -> Iterator[News]:
        """What was new in this document, as it was decided; what was over before it was confirmed was not told."""
        for change, version, at in self._db.conn.execute(_TOLD, (self.document,)).fetchall():
            marks = dict(self._db.conn.execute(_NEWS, (change,)).fetchall())
            for number, (edit, reading) in enumerate(edits_of(self._db, change)):
                if number in marks:
                    yield News(at, self._places[version], edit, reading, marks[number] == 1)

    def decide(self, place: int, decision: str, language: str | None = None) -> None:
        """Goes on as if this had been recorded; `language` is the one that was detected, None if nobody asked."""
        self.decisions[place] = decision
        self.language = self.language if language is None else language
        if _is_believed(decision) and (not self.believed or self.believed[-1] < place):
            self.believed.append(place)

    def record(self, pending: Pending, verdict: Verdict) -> int:
        """The id of the change, stored with its edits, flags and facts."""
        return record_change(self._db, pending, verdict, self._edits)

    def record_anew(self, anew: Anew) -> int:
        """The id of a change that was decided anew."""
        return record_anew(self._db, anew, self._edits)

    def _waiting(self, place: int, change: int) -> Waiting:
        marks = dict(self._db.conn.execute(_NEWS, (change,)).fetchall())
        return Waiting(place, edits_of(self._db, change), frozenset(n for n, mark in marks.items() if mark == 1))

    def _placed(self, text: str) -> list[int]:
        if text not in self._numbers:
            rows = self._db.conn.execute(_NUMBERS, (passage_key(text), self.document)).fetchall()
            self._numbers[text] = [number for (number,) in rows]
        return self._numbers[text]


@lru_cache(maxsize=2**9)
def _runs(content: str) -> list[tuple[int, int]]:
    return [(run[0], run[-1]) for run in json.loads(content)]


def _is_believed(decision: str | None) -> bool:
    return decision is not None and decision != Decision.QUARANTINED


_VERSIONS = """SELECT versions.id, seen_at, technical, words, text_hash, content, decision, held_until AS until
               FROM versions LEFT JOIN changes ON after_version_id = versions.id
               WHERE versions.document_id = ? ORDER BY versions.id"""
_LOOKS = """SELECT DISTINCT fetched_at FROM fetches WHERE document_id = ? AND fetched_at > ?
            AND outcome IN ('unchanged', 'not modified') ORDER BY fetched_at"""
_HELD = """SELECT id, after_version_id FROM changes
           WHERE document_id = ? AND held_until IS NOT NULL AND decision = 'held' ORDER BY id"""
_NEWS = "SELECT place, news FROM change_edits WHERE change_id = ? AND news > 0"
_TOLD = """SELECT DISTINCT changes.id, after_version_id, decided_at FROM changes
           JOIN change_edits ON change_id = changes.id AND news > 0
           WHERE changes.document_id = ? AND decision IN ('push', 'returned') ORDER BY decided_at, changes.id"""
_NUMBERS = """SELECT number FROM placements JOIN passages ON passages.id = passage_id
              WHERE hash = ? AND document_id = ?"""
_FIRST = """SELECT min(first_version_id) FROM placements JOIN passages ON passages.id = passage_id
            WHERE hash = ? AND document_id = ?"""
