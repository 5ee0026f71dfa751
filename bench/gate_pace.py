"""Tells how many pushes the documents of replayed archives make a year, before and after the gate."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from sqlite_utils import Database

from archive import store

YEAR = timedelta(days=365)
MOST = 12


def told_pace(archives: dict[str, Path]) -> None:
    """Print, for each collection, the decisions, and what a document pushes in a year: the median and the worst ten."""
    for name, path in archives.items():
        with store.reading(path) as db:
            decisions = Counter(dict(db.conn.execute("SELECT decision, count(*) FROM changes GROUP BY decision")))
            before, after, alone = (times(db, sql) for sql in (_FLAGGED, _PUSHED, _TOLD))
        print(f"{name}: {decisions.total():,} changes: {', '.join(f'{n} {d}' for d, n in decisions.most_common())}")
        print(
            f"  {sum(map(len, before.values()))} with flags, {sum(map(len, after.values()))} pushed, "
            f"{sum(map(len, alone.values()))} messages"
        )
        for label, found in (("flagged", before), ("pushed", after), ("messages", alone)):
            worst = sorted(((most_in_a_year(some), who) for who, some in found.items()), reverse=True)[:10]
            rates = [a_year(some, since) for some, since in zip(found.values(), years_of(path, found), strict=True)]
            print(
                f"  {label}: a year and document, median {median(rates):.2f}; most in any year (at most {MOST}): "
                + "; ".join(f"{n} {who}" for n, who in worst),
                flush=True,
            )
        print()


def times(db: Database, sql: str) -> dict[str, list[datetime]]:
    """When something happened to each document, by the document's name; an empty list where it never did."""
    found = defaultdict[str, list[datetime]](list)
    for name, at in db.conn.execute(sql):
        found[name] += [datetime.fromisoformat(at)] if at else []
    return dict(found)


def most_in_a_year(some: Sequence[datetime]) -> int:
    """The most in any 365 days."""
    ordered = sorted(some)
    return max((bisect_left(ordered, at + YEAR) - n for n, at in enumerate(ordered)), default=0)


def a_year(some: Sequence[datetime], years: float) -> float:
    """How many a year."""
    return len(some) / years


def years_of(path: Path, names: Iterable[str]) -> list[float]:
    """For how many years each document was watched, one at least."""
    with store.reading(path) as db:
        spans = {name: (first, last) for name, first, last in db.conn.execute(_SPANS)}
    years = ((datetime.fromisoformat(spans[name][1]) - datetime.fromisoformat(spans[name][0])) / YEAR for name in names)
    return [max(1.0, one) for one in years]


_EACH = """SELECT documents.name, {at} FROM documents LEFT JOIN (
    SELECT changes.document_id, changes.decided_at, seen_at FROM changes
    JOIN versions ON versions.id = after_version_id WHERE {which}) AS these ON these.document_id = documents.id"""
_FLAGGED = _EACH.format(at="seen_at", which="severity != ''")
_PUSHED = _EACH.format(at="decided_at", which="decision = 'push'")
_TOLD = _EACH.format(at="decided_at", which="decision = 'push' AND told_in = changes.id")
_SPANS = """SELECT documents.name, min(seen_at), max(seen_at) FROM documents
            JOIN versions ON versions.document_id = documents.id GROUP BY documents.id"""
