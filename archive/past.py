"""Reads what a document said on a date: the version that stood then, as passages, and in a form for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time

from sqlite_utils import Database

from archive.errors import ArchiveError, SmallprintError
from archive.placements import text_of
from archive.rows import Row, one
from archive.words import Kind, Passage, heading_paths

MOST_NAMED = 12  # of what is recorded, in the line that says a name is not


@dataclass(frozen=True, slots=True)
class Stood:
    """The text of a document at a time: `origin` is empty where we fetched it, `next_seen_at` None if it stands still.

    `first_seen` has an entry for each passage: when the document first held its words. `doubt` is the gate's reason
    where it put this version into quarantine.
    """

    document: str
    origin: str
    url: str
    at: str
    version: int
    seen_at: str
    next_seen_at: str | None
    doubt: str
    sha256s: Sequence[str]
    passages: Sequence[Passage]
    first_seen: Sequence[str]

    @property
    def headings(self) -> list[str]:
        """The path of headings above each passage."""
        return heading_paths(self.passages)


def moment(text: str) -> str:
    """A date (its end, in UTC) or an ISO-8601 time as the archive writes times. Raises SmallprintError for others."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _time(text)
    return _written(datetime.combine(day, time(23, 59, 59), UTC))


def stood(db: Database, service: str, document: str, at: str) -> Stood:
    """What a document said at a time of the archive's form.

    `service` is a name or key in any case, `document` a type in any case, with its region in brackets where it has
    one. Of several records, ours wins, then the one that was seen last. Raises ArchiveError where there is no text.
    """
    records = _records(db, service, document)
    versions = [(record, one(db, _STOOD, record["id"], at)) for record in records]
    found = [(record, version) for record, version in versions if version]
    if not found:
        raise ArchiveError(_before_all(db, records, at))
    ours = [pair for pair in found if not pair[0]["origin"]]
    record, version = ours[0] if ours else max(found, key=lambda pair: pair[1]["seen_at"])
    return _read(db, record, version, at)


def version_at(db: Database, document_id: int, at: str) -> int | None:
    """The version of a document that stood at a time of the archive's form; None before the first."""
    found = one(db, _STOOD, document_id, at)
    return int(found["id"]) if found else None


def headline(text: Stood) -> str:
    """The line above a text: which version it is, since when and until when it stood, and where it comes from."""
    until = f"another from {text.next_seen_at} on" if text.next_seen_at else "no other since"
    source = f"recorded by {text.origin}" if text.origin else "fetched by us"
    doubt = f"; in quarantine: {text.doubt}" if text.doubt else ""
    return f"{text.document}: version {text.version}, seen {text.seen_at}, {until}; {source}, from {text.url}{doubt}"


def unknown(what: str, known: Sequence[str]) -> str:
    """The line for a name that the archive does not know."""
    return f"nothing is recorded of {what!r}; recorded are: {few(known) or 'no services yet'}"


def few(names: Sequence[str]) -> str:
    """The names in a line that can still be read."""
    names = sorted(set(names))
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def as_data(text: Stood) -> Row:
    """The same as plain values, for JSON."""
    told = asdict(text)
    named = ("document", "origin", "at", "version", "seen_at", "next_seen_at", "sha256s")
    lines = zip(told["passages"], text.headings, text.first_seen, strict=True)
    passages = [passage | {"heading": heading, "first_seen": since} for passage, heading, since in lines]
    return {name: told[name] for name in named} | {"passages": passages}


def readable(passages: Sequence[Passage]) -> str:
    """Passages with headings, list marks, table rows and links as in Markdown, for eyes only: nothing is escaped."""
    text, before = "", Kind.PARAGRAPH
    for passage in passages:
        close = before is passage.kind and before in (Kind.ITEM, Kind.ROW)
        text += ("\n" if close else "\n\n" if text else "") + _line(passage)
        before = passage.kind
    return text


def _line(passage: Passage) -> str:
    text = _with_links(passage)
    if passage.kind is Kind.HEADING:
        return f"{'#' * max(1, passage.level)} {text}"
    if passage.kind is Kind.ITEM:
        return f"{'  ' * (passage.level - 1)}- {text}"
    return f"| {text} |" if passage.kind is Kind.ROW else text


def _with_links(passage: Passage) -> str:
    """The text with each link where its words stand, in order; one whose words are not there follows the text."""
    done, rest, loose = "", passage.text, ""
    for link in passage.links:
        before, words, after = rest.partition(link.text) if link.text else ("", "", "")
        if words:
            done, rest = f"{done}{before}[{words}]({link.url})", after
        else:
            loose += f" <{link.url}>"
    return done + rest + loose


def _time(text: str) -> str:
    try:
        read = datetime.fromisoformat(text)
        return _written(read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise SmallprintError(
            f"{text!r} is no date: write it as 2023-08-07 (the end of that day, UTC) or 2023-08-07T06:00:00Z"
        ) from None


def _written(read: datetime) -> str:
    return read.isoformat(timespec="seconds").replace("+00:00", "Z")


def _records(db: Database, service: str, document: str) -> list[Row]:
    """The rows of one document, one for each origin. A key beats a name, and no region a region."""
    rows = list(db.query(_DOCUMENTS, {"service": service}))
    if not rows:
        raise ArchiveError(unknown(service, [row["name"] for row in db.query("SELECT name FROM services")]))
    asked = document.casefold()
    named = [row for row in rows if asked in (row["type"].casefold(), _regional(row).casefold())]
    if not named:
        raise ArchiveError(unknown(f"{service}, {document}", [_regional(row) for row in rows]))
    first = named[0]
    if first["region"] and len({row["region"] for row in named}) > 1:
        raise ArchiveError(f"{document!r} has regions, name one: {few([_regional(row) for row in named])}")
    return [row for row in named if row["region"] == first["region"]]


def _regional(row: Row) -> str:
    return f"{row['type']} ({row['region']})" if row["region"] else str(row["type"])


def _before_all(db: Database, records: Sequence[Row], at: str) -> str:
    firsts = [one(db, _FIRST, record["id"]) for record in records]
    earliest = min((row["seen_at"] for row in firsts if row and row["seen_at"]), default=None)
    what = f"its first text was seen {earliest}" if earliest else "no text of it was ever read"
    return f"{records[0]['label']}: nothing is recorded for {at}: {what}"


def _read(db: Database, record: Row, version: Row, at: str) -> Stood:
    identity, following = version["id"], one(db, _NEXT, record["id"], at)
    pages = list(db.query(_PAGES, (identity,)))
    passages = text_of(db, identity)
    since = {
        row["text"]: row["first_seen"] for row in db.query(_SINCE, {"document": record["id"], "version": identity})
    }
    return Stood(
        document=record["label"],
        origin=record["origin"],
        url=pages[0]["url"] if pages else record["url"],
        at=at,
        version=identity,
        seen_at=version["seen_at"],
        next_seen_at=following["seen_at"] if following else None,
        doubt=version["doubt"] or "",
        sha256s=[page["sha256"] for page in pages if page["sha256"]],
        passages=passages,
        first_seen=[since[passage.text] for passage in passages],
    )


_DOCUMENTS = """
SELECT documents.id, documents.name AS label, type, region, origin, url FROM documents
WHERE service_id = (SELECT id FROM services WHERE key = :service COLLATE NOCASE OR name = :service COLLATE NOCASE
                    ORDER BY key = :service DESC, key = :service COLLATE NOCASE DESC, id LIMIT 1)
ORDER BY type, region, origin"""
_STOOD = """
SELECT versions.id, seen_at, reason AS doubt FROM versions
LEFT JOIN changes ON after_version_id = versions.id AND decision = 'quarantined'
WHERE versions.document_id = ? AND seen_at <= ? ORDER BY seen_at DESC, versions.id DESC LIMIT 1"""
_NEXT = "SELECT min(seen_at) AS seen_at FROM versions WHERE document_id = ? AND seen_at > ?"
_FIRST = "SELECT min(seen_at) AS seen_at FROM versions WHERE document_id = ?"
_PAGES = """
SELECT coalesce(nullif(final_url, ''), url) AS url, sha256 FROM version_fetches
JOIN fetches ON fetches.id = fetch_id
LEFT JOIN snapshots ON snapshots.id = snapshot_id
WHERE version_id = ? ORDER BY part"""
_SINCE = """
SELECT passages.text, min(seen_at) AS first_seen FROM placements
JOIN passages ON passages.id = passage_id
JOIN versions ON versions.id = first_version_id
WHERE placements.document_id = :document AND first_version_id <= :version GROUP BY passage_id"""
