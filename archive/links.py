"""Knows the links by which people can refuse, as our documents give them now, and how the looks at them went."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlite_utils import Database

from archive.recording import written
from archive.rows import Row, insert, one
from archive.ways_out import addresses, page

MOST = 5  # links of a document
USUAL, SOON = timedelta(days=7), timedelta(days=1)  # from one look to the next: at a link that was alive, at another
CLOCK = timedelta(minutes=1)  # a look that is further ahead than this was taken before the clock was set back
CERTAIN = 2  # looks that found a link dead before it is called so


class LinkOutcome(StrEnum):
    """How one look at a link ended."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"  # we could not look, or were not shown


@dataclass(frozen=True, slots=True)
class WayOut:
    """A link by which people can refuse, and the document that gives it."""

    document_id: int
    url: str


@dataclass(frozen=True, slots=True)
class DeadLink:
    """A link to refuse that leads nowhere. `since` is the first look that found it dead (ISO-8601 UTC), `detail` says
    in words what the last one found; `document` is the document's type."""

    document_id: int
    service: str
    document: str
    region: str
    url: str
    since: str
    detail: str


def standing(db: Database, *, doubtful: bool = False) -> list[WayOut]:
    """The links by which people can refuse, as documents of ours give them in their newest text; five a document.

    With `doubtful`, only of documents with a link that some look found dead.

    They belong to a sentence that was flagged as a way to opt out, or states one, and stands there still. Those beside
    a flag on AI training come first.
    """
    found = defaultdict[int, list[str]](list)
    for document_id, group in _passages(db, doubtful).items():
        own = addresses_of(db, document_id)
        for row in group:
            found[document_id] += addresses(row["text"], json.loads(row["links"]), row["told"], own)
    return [WayOut(document, url) for document, urls in found.items() for url in _first(urls)]


def due(db: Database, now: datetime) -> list[WayOut]:
    """The standing links that are to be looked at: those never looked at, those whose last look was a week ago or
    more, and those that it did not find alive a day ago or more. `now` is aware (UTC)."""
    return [way for way in standing(db) if is_due(one(db, _LAST, way.document_id, way.url), now)]


def is_due(last: Row | None, now: datetime) -> bool:
    """Whether a link is to be looked at. `last` is the newest look: its looked_at and its outcome; None for none."""
    if last is None or last["looked_at"] > written(now + CLOCK):
        return True
    wait = USUAL if last["outcome"] == LinkOutcome.ALIVE else SOON
    return bool(last["looked_at"] <= written(now - wait))


def keep(
    db: Database, way_out: WayOut, looked_at: str, outcome: LinkOutcome, detail: str = "", status: int | None = None
) -> None:
    """Keeps a look at a link. `looked_at` is ISO-8601 UTC, `detail` one line that says why it is not alive."""
    row: Row = {"document_id": way_out.document_id, "url": way_out.url, "looked_at": looked_at}
    with db.atomic():
        insert(db, "link_looks", row | {"outcome": str(outcome), "detail": detail, "status": status})


def dead(db: Database) -> list[DeadLink]:
    """The links to refuse that lead nowhere: that still stand, and were found dead at two looks or more since the last
    one that found them alive, or since the first look of all.

    A look that ended unknown counts for nothing: it neither begins nor ends this, and may lie between. A link whose
    newest look that counts found it alive is not here, nor one that its document does not give any more. By document
    and, within it, in the order of `standing`; a link that two documents give is here twice.
    """
    return [_dead(db, way, rows) for way in standing(db, doubtful=True) if len(rows := _run(db, way)) >= CERTAIN]


def is_alive(db: Database, document_id: int, url: str) -> bool:
    """Whether the newest look at a link found it alive."""
    last = one(db, _LAST, document_id, url)
    return last is not None and last["outcome"] == LinkOutcome.ALIVE


def _passages(db: Database, doubtful: bool) -> dict[int, list[Row]]:
    """The standing passages in which a refusal is told, by document, each as text, links and what is told in it."""
    rows = dict[tuple[int, int], Row]()
    for row in db.query(_STANDING, {"doubtful": doubtful}):
        known = rows.setdefault((row["document_id"], row["number"]), row | {"told": [], "trains": 0})
        known["told"].append((row["quote"], row["value"]))
        known["trains"] |= row["trains"]
    found = defaultdict[int, list[Row]](list)
    for (document_id, _), row in sorted(rows.items(), key=lambda item: (item[0][0], -item[1]["trains"], item[0][1])):
        found[document_id].append(row)
    return found


def addresses_of(db: Database, document_id: int) -> list[str]:
    """The addresses of a document: those it is asked for at, and those that answered."""
    return [address for row in db.query(_OWN, [document_id]) for address in row.values() if address]


def _first(urls: Iterable[str]) -> list[str]:
    """The first addresses, each page once."""
    pages = dict[str, str]()
    for url in urls:
        pages.setdefault(page(url), url)
    return list(pages.values())[:MOST]


def _run(db: Database, way: WayOut) -> list[Row]:
    """The looks that found a link dead since it was last found alive, oldest first."""
    return list(db.query(_RUN, {"document": way.document_id, "url": way.url}))


def _dead(db: Database, way: WayOut, run: list[Row]) -> DeadLink:
    named = one(db, _NAMED, way.document_id) or {}
    return DeadLink(way.document_id, **named, url=way.url, since=run[0]["looked_at"], detail=run[-1]["detail"])


# Where a passage came with an edit that tells a refusal, and was changed in another place since, it tells it still: the
# edits of the passage are followed for as long as they leave the sentence.
_STANDING = """
WITH RECURSIVE told AS (
    SELECT edit_id, quote, '' AS value FROM flags WHERE side = 'after' AND instr(mechanisms, 'opt_out')
    UNION ALL
    SELECT edit_id, quote, value FROM facts WHERE kind = 'optout'
), came AS (
    SELECT edits.document_id, after_passage_id AS passage_id, quote, value,
           EXISTS (SELECT 1 FROM flags WHERE flags.edit_id = told.edit_id AND topic = 'ai-training') AS trains
    FROM told
    CROSS JOIN edits ON edits.id = told.edit_id AND after_passage_id IS NOT NULL
    CROSS JOIN documents ON documents.id = edits.document_id AND documents.origin = ''
        AND (NOT :doubtful OR documents.id IN (SELECT document_id FROM link_looks WHERE outcome = 'dead'))
), stayed AS (
    SELECT * FROM came
    UNION
    SELECT stayed.document_id, edits.after_passage_id, quote, value, trains
    FROM stayed
    CROSS JOIN edits ON edits.document_id = stayed.document_id AND before_passage_id = stayed.passage_id
    CROSS JOIN passages ON passages.id = edits.after_passage_id
    WHERE same_words OR instr(passages.text, quote)
)
SELECT stayed.document_id, placements.number, text, placements.links, quote, value, trains
FROM stayed
-- "+" keeps SQLite from walking all placements of the document: those of the passage are few.
CROSS JOIN placements ON placements.passage_id = stayed.passage_id AND +placements.document_id = stayed.document_id
    AND gone_version_id IS NULL
CROSS JOIN passages ON passages.id = stayed.passage_id
WHERE placements.links != '[]' OR instr(value, 'http')
ORDER BY stayed.document_id, placements.number, instr(text, quote), value DESC"""

# Each walks an index from its newest end.
_LAST = "SELECT looked_at, outcome FROM link_looks WHERE document_id = ? AND url = ? ORDER BY id DESC LIMIT 1"
_RUN = """
SELECT looked_at, detail FROM link_looks
WHERE document_id = :document AND url = :url AND outcome = 'dead' AND id > coalesce((
    SELECT id FROM link_looks WHERE document_id = :document AND url = :url AND outcome = 'alive'
    ORDER BY id DESC LIMIT 1), 0)
ORDER BY id"""
_NAMED = """SELECT services.name AS service, documents.type AS document, documents.region
            FROM documents JOIN services ON services.id = service_id WHERE documents.id = ?"""
_OWN = """SELECT fetches.url, final_url FROM versions
          JOIN version_fetches ON version_id = versions.id
          JOIN fetches ON fetches.id = fetch_id
          WHERE versions.id = (SELECT max(id) FROM versions WHERE document_id = ?)"""
