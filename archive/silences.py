"""Reads which documents cannot be read at present, and keeps what was told of that, and of its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

from sqlite_utils import Database

from archive.looks import PAGES
from archive.rows import Row, insert, value
from archive.words import Outcome

NETWORK = "network"  # the kind of a silence that is our own: nothing at all can be reached
LINK = "link"  # that of a link to refuse, which leads nowhere


@dataclass(frozen=True, slots=True)
class Sight:
    """How the looks at a document of ours went of late. Times are ISO-8601 UTC, "" where there is none.

    `since` is the first look of those in a row that did not see a page of it, "" where the last look saw all; `at` is
    the newest look, `outcome` and `detail` are of the page that was not seen, else of the newest look.
    """

    document_id: int
    service: str  # its key
    service_name: str
    name: str
    region: str
    url: str
    at: str
    since: str
    outcome: Outcome
    detail: str

    @property
    def host(self) -> str:
        """Who is asked for it."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class Silence:
    """A document, or a link in it, that was told as not readable. `document_id` None: nothing at all was.

    `ended_at` is the look that found it again, None while it lasts; `told_in` the bulletin that told its beginning.
    """

    id: int
    document_id: int | None
    kind: str  # unreadable, blocked, broken, link, network
    url: str
    detail: str
    since: str
    told_in: int
    ended_at: str | None
    service: str
    service_name: str
    name: str
    region: str


def sights(db: Database) -> list[Sight]:
    """Of every document of ours that was ever looked at, by service and type."""
    pages = groupby(db.query(_SIGHTS), lambda row: row["document_id"])
    worst = [min(list(rows), key=lambda row: (row["since"] == "", row["since"])) for _, rows in pages]
    return [Sight(**row | {"outcome": Outcome(row["outcome"])}) for row in worst]


def untold(db: Database) -> list[Silence]:
    """The silences that last, and those whose end is not told yet, oldest first."""
    return [Silence(**row) for row in db.query(f"{_SILENCES} WHERE ended_in IS NULL ORDER BY silences.id")]


def lasting(db: Database, at: str) -> list[Silence]:
    """The silences that lasted at that time, oldest first."""
    sql = f"{_SILENCES} WHERE since <= :at AND (ended_at IS NULL OR ended_at > :at) ORDER BY silences.id"
    return [Silence(**row) for row in db.query(sql, {"at": at})]


def recent(db: Database, most: int) -> list[Silence]:
    """Those that last, oldest first, and then so many of those that ended, the last one first."""
    ended = db.query(
        f"{_SILENCES} WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, silences.id DESC LIMIT ?", (most,)
    )
    rows = [*db.query(f"{_SILENCES} WHERE ended_at IS NULL ORDER BY silences.since, silences.id"), *ended]
    return [Silence(**row) for row in rows]


def resumed(db: Database) -> str:
    """When documents could be reached again after the last time that none could; "" where that never was."""
    return str(value(db, "SELECT max(ended_at) FROM silences WHERE kind = ?", NETWORK) or "")


def begin(db: Database, bulletin: int, rows: Iterable[Row]) -> None:
    """Keeps what a bulletin tells the beginning of: document_id, kind, url, detail and since of each."""
    for row in rows:
        insert(db, "silences", row | {"told_in": bulletin})


def end(db: Database, silence: int, at: str) -> None:
    """It was over at that time. Its end is still to be told."""
    db.table("silences").update(silence, {"ended_at": at})


def end_told(db: Database, silences: Iterable[int], bulletin: int | None = None) -> None:
    """Keeps which bulletin tells that these are over; None: nobody is told, as what was silent is watched no more."""
    for identity in silences:
        db.execute("UPDATE silences SET ended_in = coalesce(?, told_in) WHERE id = ?", (bulletin, identity))


_SIGHTS = f"""{PAGES}
SELECT looks.document AS document_id, looks.service, services.name AS service_name, looks.name, looks.region,
       documents.url, last.fetched_at AS at, coalesce(first.fetched_at, '') AS since, last.outcome, last.detail
FROM looks
JOIN documents ON documents.id = looks.document
JOIN services ON services.id = documents.service_id
JOIN fetches last ON last.id = looks.fetch
LEFT JOIN fetches first ON first.id =
    (SELECT min(id) FROM fetches WHERE document_id = document AND part = looks.part AND id > saw)
ORDER BY looks.document, looks.part"""  # noqa: S608  (no value is in it)
_SILENCES = """
SELECT silences.id, document_id, kind, silences.url, detail, since, told_in, ended_at,
       coalesce(services.key, '') AS service, coalesce(services.name, '') AS service_name,
       coalesce(documents.name, '') AS name, coalesce(documents.region, '') AS region
FROM silences
LEFT JOIN documents ON documents.id = document_id
LEFT JOIN services ON services.id = documents.service_id"""
