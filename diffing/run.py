"""Compares, flags and decides about every version that nobody has compared yet."""

from __future__ import annotations

from collections.abc import Iterator, Set

from sqlite_utils import Database

from archive.changes import Pending, Verdict, load_pending, pending_versions, record_change
from archive.words import Decision, Edit, Kind, Reading
from diffing import flags, gate
from diffing.compare import compare
from diffing.rules import Rules


def diff(db: Database, rules: Rules) -> Iterator[tuple[int, Verdict]]:
    """The ids of new changes with their verdicts, each stored before it is given. Safe to stop at any instant."""
    for version in pending_versions(db):
        pending = load_pending(db, version, gate.MEMORY_DAYS)
        verdict = judge(pending, rules)
        yield record_change(db, pending, verdict), verdict


def judge(pending: Pending, rules: Rules) -> Verdict:
    """The verdict on one version: pure."""
    early = gate.before_comparing(pending)
    if early and early[0] is Decision.BASELINE:
        return Verdict(*early)
    plain = [(edit, Reading()) for edit in compare(pending.before, pending.after)]
    early = early or gate.quarantine(pending)
    if early:
        return Verdict(*early, plain)
    headings = {p.text for p in [*pending.before, *pending.after] if p.kind is Kind.HEADING}
    edits = [(edit, _read(edit, headings, rules, int(pending.seen_at[:4]))) for edit, _ in plain]
    return Verdict(*gate.decide(pending, edits), edits)


def _read(edit: Edit, headings: Set[str], rules: Rules, year: int) -> Reading:
    """The flags and facts of an edit; none where no word changed, or where a heading merely names what follows."""
    if gate.is_cosmetic(edit) or (edit.after or edit.before) in headings:
        return Reading()
    return flags.read(edit.before, edit.after, edit.heading, rules, year)
