"""Compares, flags and decides about every version that nobody has compared yet, and about all that waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, islice

from sqlite_utils import Database

from archive.changes import Anew, Pending, Verdict, newest_records, pending_documents, waiting_documents
from archive.language import detector
from archive.placements import text_of
from archive.recording import set_language, without_language
from archive.settings import USUAL, Waits
from archive.timelines import Timeline
from diffing import gate, together
from diffing.course import Course, Step, moment
from diffing.readings import Readings
from diffing.rules import Rules

TOGETHER = 100  # looks whose decisions are stored in one transaction
Change = tuple[int, Verdict | Anew]  # a change's id, and what was decided


def diff(db: Database, rules: Rules, waits: Waits = USUAL, now: datetime | None = None) -> Iterator[Change]:
    """The ids of changes with what was decided, each stored before it is given. Safe to stop at any instant.

    What others have recorded is known up to their newest record, what we fetch ourselves up to `now`.
    """
    ends = {origin: moment(at) for origin, at in newest_records(db).items()} | {"": now or datetime.now(UTC)}
    for document in dict.fromkeys([*pending_documents(db), *waiting_documents(db)]):
        line = Timeline(db, document, gate.MEMORY)
        yield from _recorded(db, line, Course(line, Readings(rules), waits, ends[line.origin]))
    _detect(db, rules)
    together.merge(db)


def diff_document(db: Database, document_id: int, rules: Rules, waits: Waits = USUAL) -> Iterator[Change]:
    """The same for one document that others have recorded, up to its own newest version."""
    line = Timeline(db, document_id, gate.MEMORY)
    yield from _recorded(db, line, Course(line, Readings(rules), waits, line.end))


def judge(pending: Pending, readings: Readings) -> Verdict:
    """The verdict on two texts without a history."""
    edits = readings.of(pending)
    language = readings.language(pending, len(edits))
    return Verdict(*gate.alone(pending, edits, readings.not_read(language)), edits, language)


def _recorded(db: Database, line: Timeline, course: Course) -> Iterator[Change]:
    steps = course.steps()
    while batch := _batch(db, line, steps):
        yield from batch


def _batch(db: Database, line: Timeline, steps: Iterator[list[Step]]) -> list[Change]:
    """The next decisions about a document, stored in one transaction."""
    done = list[Change]()
    with db.atomic():
        for step in chain.from_iterable(islice(steps, TOGETHER)):
            if isinstance(step, Anew):
                done.append((line.record_anew(step), step))
            else:
                done.append((line.record(*step), step[1]))
    return done


def _detect(db: Database, rules: Rules) -> None:
    """Looks for the language of documents that have none: those compared before languages were told, above all."""
    for document, version in without_language(db).items():
        if language := detector(rules.languages).of(text_of(db, version)):
            with db.atomic():
                set_language(db, document, language)
