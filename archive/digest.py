"""Turns what was decided in some days into lines for each document: what a digest tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from sqlite_utils import Database

from archive import languages, reminders, silences
from archive.hours import Schedule
from archive.recording import written
from archive.reminders import Ahead
from archive.rows import Row, one, value
from archive.silences import NETWORK, Silence
from archive.words import Decision, Severity

FOLDED = (Decision.COSMETIC, Decision.UNFLAGGED, Decision.RETURNED, Decision.QUARANTINED)  # one line for a document's
COUNTED = (Decision.BASELINE, Decision.TECHNICAL)  # nobody has changed anything


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a digest, as ISO-8601 UTC, and which rows belong to them: those after one id, up to another."""

    since: str
    until: str
    after_change: int
    last_change: int
    after_decision: int
    last_decision: int
    schedule: str = ""  # whose days they are


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a digest: a change, or as many of a document with the same decision as `times` says.

    It speaks for the most severe of these, of several the newest.
    """

    change_id: int
    decision: str
    reason: str
    severity: str
    line: str
    held_until: str | None
    times: int


@dataclass(frozen=True, slots=True)
class Section:
    """What was decided about one document; the flagged come first. `not_read` names a language that no rule reads."""

    document: str
    not_read: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Told:
    """A pushed change that the message of another document's change tells."""

    change_id: int
    document: str
    told_in: int
    told_with: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What was decided in some days: document by document what was told and what was not, and the rest in numbers.

    `silent` are the documents that could not be read at its end, `soon` the changes that apply after it.
    """

    since: str
    until: str
    told: Sequence[Section]
    documents: Sequence[Section]
    pushed: int
    together: Sequence[Told]
    first_seen: int
    read_anew: int
    silent: Sequence[Silence] = ()
    soon: Sequence[Ahead] = ()

    @property
    def changes(self) -> int:
        """How many the lines tell of."""
        return sum(entry.times for section in self.documents for entry in section.entries)


def recent(db: Database, since: str, until: str) -> Digest:
    """What was decided about our own documents by looks from `since` on, as it stands now."""
    rows = db.query(_RECENT, {"since": since, "last_decision": _ALL, "until": "~"})
    return _complete(db, digested(since, until, rows), _everything)


def read(db: Database, span: Span, wanted: Wanted | None = None) -> Digest:
    """The same for the rows of a span, as it stood at its end, however much has been decided anew since.

    `wanted` says of a row (service_name, service (its key), region; of a change its change_id and decision) whether it
    is told.
    """
    chosen = wanted or _everything
    rows = (row for row in db.query(_SPAN, asdict(span)) if chosen(row))
    return _complete(db, digested(span.since, span.until, rows), chosen)


def kept(db: Database, digest_id: int) -> Span:
    """The span of a digest that was queued."""
    row = one(db, "SELECT * FROM digests WHERE id = ?", digest_id) or {}
    return Span(**{name: row[name] for name in Span.__slots__})


def over(db: Database, days: Schedule | timedelta, now: str) -> Span | None:
    """The span of a schedule that ends now, None while it goes on, or where no text of ours was ever recorded.

    It takes up all rows that no digest of this schedule has. The first one goes back two spans at most: what was
    recorded before there were digests is history.
    """
    name, every = (days.name, days.period) if isinstance(days, Schedule) else ("", days)
    first = value(db, "SELECT since FROM digests WHERE schedule = ? ORDER BY id LIMIT 1", name) or value(db, _FIRST)
    last = one(db, _LAST, name)
    if not first or not _ends(days, _time(first), _time(last["until"] if last else first), _time(now)):
        return None
    since = min(last["until"] if last else max(first, written(_time(now) - 2 * every)), now)
    ends = one(db, _NEWEST) or {}
    begin = last or {"last_change": value(db, _BEFORE, since, ends["change"]), "last_decision": 0}
    return Span(since, now, begin["last_change"], ends["change"], begin["last_decision"], ends["decision"], name)


def next_end(db: Database, days: Schedule | timedelta, now: datetime) -> datetime | None:
    """When the span of a schedule that goes on now will be over, `now` at the earliest; None where none has begun."""
    name = days.name if isinstance(days, Schedule) else ""
    first = value(db, "SELECT since FROM digests WHERE schedule = ? ORDER BY id LIMIT 1", name) or value(db, _FIRST)
    if not first:
        return None
    last = one(db, _LAST, name)
    began = _time(last["until"] if last else first)
    if _ends(days, _time(first), began, now):
        return now
    if isinstance(days, Schedule):
        return days.following(now)
    return _time(first) + days * ((began - _time(first) + days / 2) // days + 1)


def _ends(days: Schedule | timedelta, first: datetime, last: datetime, now: datetime) -> bool:
    """Whether a span is over that began at `last`."""
    if isinstance(days, Schedule):
        return last > now or last < days.latest(now)
    return is_over(first, last, now, days)


def is_over(first: datetime, last: datetime, now: datetime, every: timedelta) -> bool:
    """Whether a span is over that began at `last`; the very first one began at `first`.

    Spans end at whole multiples of `every` after that, and `last` is taken for the nearest: one that ended late shifts
    no other. An end in the future was written by a wrong clock.
    """
    return last > now or (now - first) // every > (last - first + every / 2) // every


def digested(since: str, until: str, rows: Iterable[Row]) -> Digest:
    """The digest of these changes: rows of one document follow each other, oldest first."""
    told, sections, pushed, together = list[Section](), list[Section](), 0, list[Told]()
    counts = dict.fromkeys(COUNTED, 0)
    for _, group in groupby(rows, lambda row: row["document_id"]):
        changes = list(group)
        told += _section([row for row in changes if row["decision"] == Decision.PUSH and not row["told_with"]])
        sections += _section([row for row in changes if row["decision"] not in (Decision.PUSH, *COUNTED)])
        together += [_told(row) for row in changes if row["decision"] == Decision.PUSH and row["told_with"]]
        pushed += sum(row["decision"] == Decision.PUSH for row in changes)
        for decision in COUNTED:
            counts[decision] += any(row["decision"] == decision for row in changes)
    told.sort(key=lambda section: _rank(section.entries[0]))
    sections.sort(key=lambda section: _rank(section.entries[0]))
    first_seen, read_anew = counts.values()
    return Digest(since, until, told, sections, pushed, together, first_seen, read_anew)


def _section(changes: Sequence[Row]) -> list[Section]:
    """The lines on one document: none where there is nothing to tell."""
    if not changes:
        return []
    found = dict[object, list[Row]]()
    for row in changes:
        key = row["decision"] if row["decision"] in FOLDED else row["change_id"]
        found.setdefault(key, []).append(row)
    entries = sorted((_entry(rows) for rows in found.values()), key=lambda entry: (_rank(entry), entry.change_id))
    return [Section(changes[0]["document"], languages.ours().not_read(changes[0]["language"]), entries)]


def _entry(rows: Sequence[Row]) -> Entry:
    lead = min(reversed(rows), key=lambda row: _weight(row["severity"]))
    names = ("change_id", "decision", "reason", "severity", "line", "held_until")
    return Entry(**{name: lead[name] for name in names}, times=len(rows))


def _told(row: Row) -> Told:
    return Told(row["change_id"], row["document"], row["told_in"], row["told_with"])


def _rank(entry: Entry) -> int:
    return _weight(entry.severity)


def _weight(severity: str) -> int:
    return list(Severity).index(Severity(severity)) if severity else len(Severity)


def _complete(db: Database, found: Digest, wanted: Wanted) -> Digest:
    """With what cannot be read and what applies soon, as of its end."""
    silent = [one for one in silences.lasting(db, found.until) if one.kind == NETWORK or wanted(asdict(one))]
    last_day = written(_time(found.until) + SOON)[:10]
    soon = [one for one in reminders.ahead(db, found.until[:10], last_day) if wanted(asdict(one))]
    return replace(found, silent=silent, soon=soon)


def _everything(row: Row) -> bool:
    return True


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


Wanted = Callable[[Row], bool]
SOON = timedelta(days=60)  # so far ahead, what is to apply is told
_ALL = 2**62  # an id that no row has
_FIRST = """SELECT min(recorded_at) FROM documents JOIN versions ON versions.document_id = documents.id
            WHERE origin = ''"""
_LAST = """SELECT until, last_change, last_decision FROM digests WHERE schedule = ?
           ORDER BY id DESC LIMIT 1"""
_NEWEST = """SELECT (SELECT coalesce(max(id), 0) FROM changes) AS change,
           (SELECT coalesce(max(id), 0) FROM earlier_decisions) AS decision"""
_BEFORE = """SELECT coalesce((SELECT min(changes.id) - 1 FROM changes JOIN versions ON versions.id = after_version_id
             WHERE recorded_at >= ?), ?)"""

# What was decided last, before later rows of earlier_decisions were made: the first of these has it. A change that has
# left quarantine since had neither severity nor line in there, and one told in a message that was queued since was not
# told with another yet.
_ROWS = """
SELECT changes.id AS change_id, documents.id AS document_id, documents.name AS document, documents.language,
       services.name AS service_name, services.key AS service, documents.region,
       coalesce(later.decision, changes.decision) AS decision,
       coalesce(later.reason, changes.reason) AS reason,
       CASE WHEN later.id IS NULL THEN changes.held_until ELSE later.held_until END AS held_until,
       CASE later.decision WHEN 'quarantined' THEN '' ELSE changes.severity END AS severity,
       CASE later.decision WHEN 'quarantined' THEN '' ELSE changes.line END AS line,
       telling.id AS told_in, tellers.name AS told_with
FROM changes
JOIN documents ON documents.id = changes.document_id
JOIN services ON services.id = documents.service_id
LEFT JOIN earlier_decisions later ON later.id =
    (SELECT min(id) FROM earlier_decisions WHERE change_id = changes.id AND id > :last_decision)
LEFT JOIN changes telling ON telling.id = changes.told_in AND telling.id != changes.id AND telling.queued_at <= :until
LEFT JOIN documents tellers ON tellers.id = telling.document_id
WHERE documents.origin = '' AND """
_ORDER = " ORDER BY services.name, documents.type, documents.region, documents.id, changes.id"
_SINCE = "changes.decided_at >= :since"
_WITHIN = """(changes.id > :after_change AND changes.id <= :last_change OR changes.id IN
    (SELECT change_id FROM earlier_decisions WHERE id > :after_decision AND id <= :last_decision))"""
_RECENT, _SPAN = f"{_ROWS}{_SINCE}{_ORDER}", f"{_ROWS}{_WITHIN}{_ORDER}"
