"""Reads the archive for people: a change with its edits and flags, a document's history, the health of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlite_utils import Database

from archive import languages
from archive.edits import edits_of
from archive.redline import segments
from archive.rows import Row, one
from archive.severity import severity
from archive.words import Document, Edit, Reading, Topic


@dataclass(frozen=True, slots=True)
class Fellow:
    """A change of another document that is told in the same message: its id, and whose document it is."""

    change_id: int
    service: str
    service_key: str
    document: str
    region: str
    url: str

    @property
    def label(self) -> str:
        """The document as people name it."""
        return Document(self.service_key, self.document, self.url, self.service, self.region).label


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """A change as it is told: whose document, when, what was decided and why, each edit with its reading."""

    id: int
    document_id: int
    service: str
    service_key: str
    document: str
    region: str
    url: str
    seen_at: str
    before_seen_at: str | None
    decision: str
    reason: str
    edits: Sequence[tuple[Edit, Reading]]
    snapshots: Sequence[str]  # SHA-256 of the pages the new version was read from
    origin: str = ""  # whose record it is, where others have fetched the page
    severity: str = ""  # of the most severe flag; "" where nothing is flagged
    line: str = ""  # what it does, in plain words
    not_read: str = ""  # the name of the document's language, if no rule reads it
    owner: str = ""  # the company behind the service, where it is declared
    decided_at: str = ""  # the look that decided it
    held_until: str | None = None
    told_in: int | None = None  # of a push: the change whose message tells it
    news: Sequence[int] = ()  # the places of the edits that are flagged and new
    together: Sequence[Fellow] = ()  # the changes of other documents that this one's message tells

    @property
    def title(self) -> str:
        """As people name it: "LinkedIn, Privacy Policy (EU)"."""
        return Document(self.service_key, self.document, self.url, self.service, self.region).label

    @property
    def flagged(self) -> list[tuple[Edit, Reading]]:
        """The edits that carry a flag."""
        return [(edit, reading) for edit, reading in self.edits if reading.flags]

    @property
    def told(self) -> list[tuple[Edit, Reading]]:
        """The edits that a message tells: not those whose flags were known; all where nothing is marked as new."""
        if not self.news:
            return list(self.edits)
        return [pair for place, pair in enumerate(self.edits) if place in self.news or not pair[1].flags]

    @property
    def services(self) -> dict[str, str]:
        """The names of all services whose documents are told of, by their keys."""
        return {self.service_key: self.service} | {one.service_key: one.service for one in self.together}

    @property
    def topics(self) -> set[Topic]:
        """What is told is about."""
        return {flag.topic for _, reading in self.told for flag in reading.flags}


def change(db: Database, change_id: int) -> ChangeReport | None:
    """The change with this id, or None."""
    row = one(db, _CHANGE, change_id)
    if row is None:
        return None
    after, row["not_read"] = row.pop("after_version_id"), languages.ours().not_read(row["not_read"])
    return ChangeReport(
        **row,
        edits=edits_of(db, change_id),
        snapshots=[found["sha256"] for found in db.query(_EVIDENCE, (after,))],
        news=[found["place"] for found in db.query(_NEWS, (change_id,))],
        together=[Fellow(**found) for found in db.query(_TOGETHER, {"change": change_id})],
    )


def as_data(report: ChangeReport) -> Row:
    """The same as plain values, for JSON: each edit with its redline, a list of {run, text}; flags with severity."""
    told = asdict(report)
    for (edit, reading), (row, read) in zip(report.edits, told["edits"], strict=True):
        row["segments"] = [asdict(segment) for segment in segments(edit)]
        for flag, told_flag in zip(reading.flags, read["flags"], strict=True):
            told_flag["severity"] = str(severity(flag, edit, reading))
    return told


def history(db: Database, service: str, document: str | None = None) -> list[Row]:
    """The changes of a service, oldest first: change_id, seen_at, document, decision, reason, severity, line, counts.

    `service` is its name or key in any case; `document` a type in any case, with a region in brackets for that one
    alone, all if None. The region stands beside the document.
    """
    return list(db.query(_HISTORY, {"service": service, "document": document}))


def services(db: Database) -> list[str]:
    """The names of all services in the archive."""
    return [row["name"] for row in db.query("SELECT name FROM services ORDER BY name")]


def recent(db: Database, after_change: int) -> list[Row]:
    """The changes decided after the one with this id, oldest first, in the form of `history`."""
    return list(db.query(f"{_HISTORY_ROWS} WHERE changes.id > ? ORDER BY changes.id", (after_change,)))


def health(db: Database) -> list[Row]:
    """One row for each document: when it was last looked at and last seen, and how the last look ended.

    `not_read` is the name of its language, if no rule reads it, else "".
    """
    known = languages.ours()
    return [row | {"not_read": known.not_read(row["language"])} for row in db.query("SELECT * FROM document_health")]


def not_read(db: Database) -> list[Row]:
    """The documents that no rule reads, those from others too: service, document, region, origin, language (a code),
    not_read (the language's name), url, document_id."""
    known = languages.ours()
    rows = [row | {"not_read": known.not_read(row["language"])} for row in db.query(_DOCUMENTS)]
    return [row for row in rows if row["not_read"]]


def undelivered(db: Database) -> list[Row]:
    """Notifications that are not sent yet or never will be: target (a name), what, state, attempts, last_error.

    `what` is "change 12", "digest until 2026-11-22" or a bulletin's kind and key; change_id is None of these.
    """
    return list(db.query(_UNDELIVERED))


def quarantined(db: Database) -> list[Row]:
    """Documents of ours whose newest version waits in quarantine, in the form of `history`."""
    sql = """ WHERE documents.origin = '' AND decision = 'quarantined'
              AND changes.id IN (SELECT max(id) FROM changes GROUP BY document_id)"""
    return list(db.query(_HISTORY_ROWS + sql))


_CHANGE = """
SELECT changes.id, changes.document_id, services.name AS service, services.key AS service_key,
       documents.type AS document, documents.region, documents.url, after.seen_at, before.seen_at AS before_seen_at,
       changes.decision, changes.reason, changes.after_version_id, documents.origin, documents.language AS not_read,
       changes.severity, changes.line, services.owner, changes.decided_at, changes.held_until, changes.told_in
FROM changes
JOIN documents ON documents.id = changes.document_id
JOIN services ON services.id = documents.service_id
JOIN versions after ON after.id = changes.after_version_id
LEFT JOIN versions before ON before.id = changes.before_version_id
WHERE changes.id = ?"""
_DOCUMENTS = """
SELECT services.name AS service, documents.type AS document, documents.region, documents.origin, documents.language,
       documents.url, documents.id AS document_id
FROM documents JOIN services ON services.id = documents.service_id
WHERE documents.language != '' ORDER BY services.name, documents.type, documents.region, documents.id"""
_EVIDENCE = """
SELECT snapshots.sha256 FROM version_fetches
JOIN fetches ON fetches.id = fetch_id
JOIN snapshots ON snapshots.id = fetches.snapshot_id
WHERE version_id = ? ORDER BY fetches.part"""
_NEWS = "SELECT place FROM change_edits WHERE change_id = ? AND news = 1 ORDER BY place"
_TOGETHER = """
SELECT changes.id AS change_id, services.name AS service, services.key AS service_key, documents.type AS document,
       documents.region, documents.url
FROM changes
JOIN documents ON documents.id = changes.document_id
JOIN services ON services.id = documents.service_id
WHERE changes.told_in = :change AND changes.id != :change ORDER BY changes.id"""
_UNDELIVERED = """
SELECT targets.name AS target, state, attempts, last_error, notifications.change_id, next_try_at,
       coalesce('change ' || notifications.change_id, 'digest until ' || substr(digests.until, 1, 10),
                bulletins.kind || ' ' || bulletins.key) AS what
FROM notifications
JOIN targets ON targets.id = target_id
LEFT JOIN digests ON digests.id = digest_id
LEFT JOIN bulletins ON bulletins.id = bulletin_id
WHERE state != 'sent' ORDER BY notifications.id"""
_HISTORY_ROWS = """
SELECT changes.id AS change_id, versions.seen_at, services.name AS service, documents.type AS document,
       documents.region, changes.decision, changes.reason, changes.severity, changes.line,
       (SELECT count(*) FROM change_edits WHERE change_id = changes.id) AS edits,
       (SELECT count(*) FROM flags JOIN change_edits ON change_edits.edit_id = flags.edit_id
        WHERE change_id = changes.id) AS flags
FROM changes
JOIN documents ON documents.id = changes.document_id
JOIN services ON services.id = documents.service_id
JOIN versions ON versions.id = changes.after_version_id"""
_HISTORY = f"""{_HISTORY_ROWS}
WHERE (services.name = :service COLLATE NOCASE OR services.key = :service COLLATE NOCASE)
  AND (:document IS NULL OR documents.type = :document COLLATE NOCASE
       OR documents.type || ' (' || documents.region || ')' = :document COLLATE NOCASE)
ORDER BY versions.seen_at, changes.id"""
