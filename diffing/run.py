"""Compares, flags and decides about every version that nobody has compared yet."""

from __future__ import annotations

from collections.abc import Iterator, Set
from functools import cached_property, lru_cache
from itertools import chain, islice

from sqlite_utils import Database

from archive.changes import Pending, Verdict, pending_documents
from archive.timelines import Timeline
from archive.words import Edit, Kind, Reading
from diffing import flags, gate
from diffing.compare import compare
from diffing.rules import Rules

TOGETHER = 100  # versions compared in one transaction


def diff(db: Database, rules: Rules) -> Iterator[tuple[int, Verdict]]:
    """The ids of new changes with their verdicts, each stored before it is given. Safe to stop at any instant."""
    for document in pending_documents(db):
        timeline = Timeline(db, document, gate.MEMORY_DAYS)
        pending = timeline.pending()
        while batch := _batch(db, timeline, pending, rules):
            yield from batch


def _batch(db: Database, timeline: Timeline, pending: Iterator[Pending], rules: Rules) -> list[tuple[int, Verdict]]:
    """The next changes of a document, stored in one transaction."""
    done = []
    with db.atomic():
        for version in islice(pending, TOGETHER):
            verdict = judge(version, rules)
            done.append((timeline.record(version, verdict), verdict))
    return done


def judge(pending: Pending, rules: Rules) -> Verdict:
    """The verdict on one version: pure. A first version is read as if all of it were added; what is flagged is kept."""
    context = _Context(pending, rules)
    if doubt := gate.quarantine(pending):
        return Verdict(*doubt)
    edits = [(edit, context.read(edit)) for edit in compare(pending.before, pending.after)]
    if pending.before_id is None:
        edits = [(edit, reading) for edit, reading in edits if reading.flags]
    return Verdict(*gate.decide(pending, edits), edits)


class _Context:
    """What an edit is read with: the rules, the year, and which texts are headings, gathered when first needed."""

    def __init__(self, pending: Pending, rules: Rules) -> None:
        self._pending, self._rules, self._year = pending, rules, int(pending.seen_at[:4])

    @cached_property
    def _headings(self) -> Set[str]:
        both = chain(self._pending.before, self._pending.after)
        return {p.text for p in both if p.kind is Kind.HEADING}

    def read(self, edit: Edit) -> Reading:
        """The flags and facts; none where no word changed, or where a heading merely names what follows."""
        if gate.is_cosmetic(edit) or (edit.after or edit.before) in self._headings:
            return Reading()
        return _read(edit.before, edit.after, edit.heading.rpartition(" › ")[2], self._rules, self._year)


@lru_cache(maxsize=2**13)
def _read(before: str, after: str, heading: str, rules: Rules, year: int) -> Reading:
    """Each pair of texts is read once, however often a page flips between them; of the headings, the last counts."""
    return flags.read(before, after, heading, rules, year)
