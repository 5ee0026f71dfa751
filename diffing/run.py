"""Compares, flags and decides about every version that nobody has compared yet."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import date
from functools import lru_cache
from itertools import chain, islice

from sqlite_utils import Database

from archive.changes import Pending, Verdict, pending_documents
from archive.language import detector
from archive.placements import text_of
from archive.recording import set_language, without_language
from archive.timelines import Timeline
from archive.words import Edit, Kind, Reading
from diffing import flags, gate
from diffing.compare import compare
from diffing.rules import Rules

TOGETHER = 100  # versions compared in one transaction
MOST_FLIPS = 32  # pairs of texts of one document whose edits are remembered
MOST_KNOWN = 50_000  # readings of one document that are remembered
MOST_SHARED = 10_000  # readings of all documents of a day that are remembered


def diff(db: Database, rules: Rules) -> Iterator[tuple[int, Verdict]]:
    """The ids of new changes with their verdicts, each stored before it is given. Safe to stop at any instant."""
    for document in pending_documents(db):
        yield from diff_document(db, document, rules)
    _detect(db, rules)


def diff_document(db: Database, document_id: int, rules: Rules) -> Iterator[tuple[int, Verdict]]:
    """The same for one document."""
    timeline = Timeline(db, document_id, gate.MEMORY_DAYS)
    pending, readings = timeline.pending(), Readings(rules)
    while batch := _batch(db, timeline, pending, readings):
        yield from batch


def _batch(
    db: Database, timeline: Timeline, pending: Iterator[Pending], readings: Readings
) -> list[tuple[int, Verdict]]:
    """The next changes of a document, stored in one transaction."""
    done = []
    with db.atomic():
        for version in islice(pending, TOGETHER):
            verdict = judge(version, readings)
            done.append((timeline.record(version, verdict), verdict))
    return done


def _detect(db: Database, rules: Rules) -> None:
    """Looks for the language of documents that have none: those compared before languages were told, above all."""
    for document, version in without_language(db).items():
        if language := detector(rules.languages).of(text_of(db, version)):
            with db.atomic():
                set_language(db, document, language)


def judge(pending: Pending, readings: Readings) -> Verdict:
    """The verdict on one version: pure. A first version is read as if all of it were added; what is flagged is kept."""
    if doubt := gate.quarantine(pending):
        return Verdict(*doubt)
    edits = readings.of(pending)
    language = readings.language(pending, len(edits))
    if pending.before_id is None:
        edits = [(edit, reading) for edit, reading in edits if reading.flags]
    decision, reason = gate.decide(pending, edits, readings.not_read(language))
    return Verdict(decision, reason, edits, None if pending.declared else language)


class Readings:
    """The edits of a document's versions with their flags and facts, and the language of these.

    Each edit is read once, however often a page flips.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._known: dict[tuple[str, str, str], Reading] = {}
        self._language, self._edits = "", 0  # of the text that was last asked for its language, and edits since then
        self._flips: dict[tuple[int, int], tuple[Pending, list[tuple[Edit, Reading]]]] = {}

    def of(self, pending: Pending) -> list[tuple[Edit, Reading]]:
        """Each edit of a version with what it says: nothing where no word changed, or it is a mere heading."""
        pair = (id(pending.before), id(pending.after))  # a timeline gives a text that comes again as the same object
        if pair not in self._flips:
            if len(self._flips) >= MOST_FLIPS:
                del self._flips[next(iter(self._flips))]
            self._flips[pair] = pending, self._of(pending)  # as long as the texts are kept, nothing else has their ids
        return self._flips[pair][1]

    def language(self, pending: Pending, edits: int) -> str:
        """The code of a version's language: the declared one, else the detected one, "" where that is in doubt.

        A text is asked where nothing is known yet, or where there were so many edits that half of it may be new.
        """
        if pending.declared:
            return pending.declared
        self._edits += edits
        if not self._language or 2 * self._edits > len(pending.after):
            self._language, self._edits = detector(self._rules.languages).of(pending.after), 0
        return self._language

    def not_read(self, language: str) -> str:
        """Its name, if no rule reads it, else ""."""
        return self._rules.languages.not_read(language)

    def _of(self, pending: Pending) -> list[tuple[Edit, Reading]]:
        edits, seen = compare(pending.before, pending.after), date.fromisoformat(pending.seen_at[:10])
        headings = {p.text for p in chain(pending.before, pending.after) if p.kind is Kind.HEADING} if edits else set()
        return [(edit, Reading() if _is_silent(edit, headings) else self._read(edit, seen)) for edit in edits]

    def _read(self, edit: Edit, seen: date) -> Reading:
        """Of the headings above, the last counts."""
        key = (edit.before, edit.after, edit.heading.rpartition(" › ")[2])
        if key not in self._known:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            self._known[key] = _read(*key, self._rules, seen)
        return self._known[key]


@lru_cache(maxsize=MOST_SHARED)
def _read(before: str, after: str, heading: str, rules: Rules, seen: date) -> Reading:
    """What an edit says: remembered, as the documents of a service say much alike."""
    return flags.read(before, after, heading, rules, seen)


def _is_silent(edit: Edit, headings: Set[str]) -> bool:
    return gate.is_cosmetic(edit) or (edit.after or edit.before) in headings
