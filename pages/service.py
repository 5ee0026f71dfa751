"""Turns a service into its page: what it says now, how to refuse, its history as a picture and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeVar

from sqlite_utils import Database

from archive import lanes, stances
from archive.labels import TOPICS
from archive.lanes import Mark, Span, Watched
from archive.stances import Saying, Stance, WayOut
from archive.words import Decision
from pages.lanes import picture
from pages.serving import Asked, MissingError, Page

NEWEST = 200  # flagged changes on the page
PASSAGES = 100  # on AI training, in the list of those that stand and stood
LISTED = (Decision.PUSH, Decision.MUTED, Decision.HELD)  # with a severity: what is, may be, or was left to be told
Called = TypeVar("Called", Saying, WayOut)
CHANGED = (*LISTED, Decision.UNFLAGGED)  # the words are others, and nobody doubts it


@dataclass(frozen=True, slots=True)
class Record:
    """Documents by whose record they are ("" for ours): how many, and from when to when they were read."""

    origin: str
    documents: int
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Said:
    """A stance: its name, a sentence ("" where nothing is stated), and by the names of its positions what says so."""

    topic: str
    name: str
    sentence: str
    positions: Sequence[tuple[str, Sequence[Saying]]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A document with the number of its texts, by decision too, of the flagged ones, and its last change of words."""

    document: Watched
    texts: int
    decisions: dict[str, int]
    flagged: int
    last_id: int | None
    last_at: str


@dataclass(frozen=True, slots=True)
class Flagged:
    """A flagged change, and what its document is called beside the service's others."""

    change: Mark
    document: str
    origin: str


def page(db: Database, asked: Asked) -> Page:
    """One service. `asked` has its slug."""
    service = lanes.service(db, asked["slug"])
    if service is None:
        raise MissingError("There is no service of this name in this archive.")
    documents, marks = lanes.documents(db, service.id), lanes.marks(db, service.id)
    spans, flagged = lanes.spans(db, service.id), list(_flagged(documents, marks))
    labels = {one.id: one.label for one in documents}
    values = {
        "service": service,
        "records": records(documents),
        "stances": [said(stance, stances.NAMES, labels) for stance in stances.of_service(db, service.id)],
        "ways": [_called(way, labels) for way in stances.ways_out(db, service.id)],
        "picture": picture(documents, marks, spans, lanes.gaps(db, service.id)),
        "passages": _passages(documents, spans),
        "documents": entries(documents, marks),
        "years": [(year, list(found)) for year, found in groupby(flagged[:NEWEST], lambda one: one.change.seen_at[:4])],
        "older": len(flagged[NEWEST:]),
        "has_feed": any(not one.origin for one in documents) or any(mark.told for mark in marks),
    }
    return Page("service.html", values)


def records(documents: Iterable[Watched]) -> list[Record]:
    """Whose records the documents are, ours first."""
    by_origin = groupby(sorted(documents, key=lambda one: one.origin), lambda one: one.origin)
    return [_record(origin, list(found)) for origin, found in by_origin]


def said(stance: Stance, names: Mapping[str, str], labels: Mapping[int, str]) -> Said:
    """A stance for people; `names` are those of the positions, `labels` those of the documents, by id."""
    positions = [(names[key], [_called(one, labels) for one in found]) for key, found in stance.positions.items()]
    told = TOPICS[stance.topic]
    return Said(stance.topic, told[:1].upper() + told[1:], sentence([name for name, _ in positions]), positions)


def sentence(names: Sequence[str]) -> str:
    """Positions in one sentence: "Trains on your data by default; offers a way to opt out."; "" for none."""
    rest = (name if name[1:2].isupper() else name[:1].lower() + name[1:] for name in names[1:])
    return f"{'; '.join((names[0], *rest))}." if names else ""


def entries(documents: Iterable[Watched], marks: Iterable[Mark]) -> list[Entry]:
    """The documents with what there is of each. `marks` come the oldest first."""
    found: dict[int, list[Mark]] = {}
    for mark in marks:
        found.setdefault(mark.document_id, []).append(mark)
    return [_entry(one, found.get(one.id, [])) for one in documents]


def _called(one: Called, labels: Mapping[int, str]) -> Called:
    """The same with its document's name as it is beside the service's others."""
    return replace(one, document=labels.get(one.document_id, one.document))


def _record(origin: str, documents: Sequence[Watched]) -> Record:
    read = [one for one in documents if one.first_seen]
    since, until = min((one.first_seen for one in read), default=""), max((one.last_seen for one in read), default="")
    return Record(origin, len(documents), since, until)


def _entry(document: Watched, marks: Sequence[Mark]) -> Entry:
    decisions = Counter(mark.decision for mark in marks)
    last = next((mark for mark in reversed(marks) if mark.decision in CHANGED), None)
    flagged = sum(_is_listed(mark) for mark in marks)
    found = (last.change_id, last.seen_at) if last else (None, "")
    return Entry(document, len(marks), dict(decisions), flagged, *found)


def _flagged(documents: Iterable[Watched], marks: Iterable[Mark]) -> Iterable[Flagged]:
    """The newest first."""
    known = {one.id: one for one in documents}
    for mark in sorted(filter(_is_listed, marks), key=lambda mark: (mark.seen_at, mark.change_id), reverse=True):
        document = known[mark.document_id]
        yield Flagged(mark, document.label, document.origin)


def _is_listed(mark: Mark) -> bool:
    return mark.severity != "" and mark.decision in LISTED


def _passages(documents: Iterable[Watched], spans: Sequence[Span]) -> list[tuple[Watched, list[Span]]]:
    """The passages by document; where there are too many, those that stand and the newest of the others."""
    chosen = sorted(spans, key=lambda span: (span.until is None, span.until, span.since), reverse=True)[:PASSAGES]
    by_document = [(one, [span for span in chosen if span.document_id == one.id]) for one in documents]
    return [(one, sorted(found, key=lambda span: span.since)) for one, found in by_document if found]
