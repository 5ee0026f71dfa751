"""Reads how the last looks at our documents went and which changes wait, as a timetable needs it: a statement each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive.rows import Row, value
from archive.words import Outcome

RETRY = "retry-after"
PROMPTS = (429, 503)  # the answers whose Retry-After is an order: "too many requests" and "not now"


@dataclass(frozen=True, slots=True)
class Look:
    """The newest look at one page of a document of ours. Times are ISO-8601 UTC, "" where there is none.

    `failed` counts the looks in a row, this one included, that did not see the page; `blocked` those that a host
    refused. `retry_after` is the header as sent. `changed_at` is when the document's newest version was seen first,
    `before_at` the version before it; versions that only newer rules of reading made do not count.
    """

    service: str  # its key
    type: str
    region: str
    owner: str  # the service's
    name: str
    part: int
    url: str
    proxy: str  # the name of the way it was asked by; "" for none
    at: str
    outcome: Outcome
    detail: str
    failed: int
    blocked: int
    retry_after: str
    changed_at: str
    before_at: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change of a document of ours that is not decided for good before another look. Times are ISO-8601 UTC.

    `since` is when the changed text was seen first, `until` when the next look is to come. `held` is false of a
    capture that is not believed.
    """

    service: str  # its key
    type: str
    region: str
    owner: str  # the service's
    held: bool
    since: str
    until: str


def newest(db: Database) -> list[Look]:
    """The newest look at every page of every document of ours that was ever looked at, by document and page."""
    return [_look(row) for row in db.query(_NEWEST)]


def waiting(db: Database) -> list[Waiting]:
    """The changes of our documents that wait for a further look."""
    return [Waiting(**row | {"held": bool(row["held"])}) for row in db.query(_WAITING)]


def next_delivery(db: Database, targets: Sequence[str]) -> str:
    """When the outbox has something to send to these targets next, or had; "" where there is nothing."""
    marks = ", ".join("?" * len(targets))
    sql = f"""SELECT min(coalesce(next_try_at, queued_at)) FROM notifications JOIN targets ON targets.id = target_id
              WHERE state IN ('pending', 'failed') AND targets.name IN ({marks})"""  # noqa: S608
    return str(value(db, sql, *targets) or "")


def _look(row: Row) -> Look:
    headers, ordered = json.loads(row.pop("headers")), row.pop("status") in PROMPTS
    asked = [text for name, text in headers if ordered and name.lower() == RETRY]
    return Look(**row | {"outcome": Outcome(row["outcome"]), "retry_after": asked[0] if asked else ""})


# The pages are those of the declaration that was crawled last. Every subquery walks an index from its newest end and
# stops at the first row that fits, so that the whole costs a few steps for each document, however long its history.
PAGES = """
WITH pages AS (
    SELECT documents.id AS document, part.key AS part, services.key AS service, documents.type, documents.region,
           services.owner, documents.name, coalesce(json_extract(nullif(declaration, ''), '$.proxy'), '') AS proxy
    FROM documents
    JOIN services ON services.id = documents.service_id
    CROSS JOIN json_each(coalesce(json_extract(nullif(declaration, ''), '$.combine'), '[0]')) AS part
    WHERE documents.origin = ''
), looks AS (
    SELECT pages.*,
           (SELECT max(id) FROM fetches WHERE document_id = document AND part = pages.part) AS fetch,
           coalesce((SELECT id FROM fetches WHERE document_id = document AND part = pages.part
                     AND outcome IN ('recorded', 'unchanged', 'not modified') ORDER BY id DESC LIMIT 1), 0) AS saw,
           coalesce((SELECT id FROM fetches WHERE document_id = document AND part = pages.part
                     AND outcome != 'blocked' ORDER BY id DESC LIMIT 1), 0) AS answered
    FROM pages
)"""
_NEWEST = f"""{PAGES}
SELECT looks.service, looks.type, looks.region, looks.owner, looks.name, looks.part, fetches.url, looks.proxy,
       fetches.fetched_at AS at, fetches.outcome, fetches.detail, fetches.status, fetches.headers,
       (SELECT count(*) FROM fetches WHERE document_id = document AND part = looks.part AND id > saw) AS failed,
       (SELECT count(*) FROM fetches WHERE document_id = document AND part = looks.part AND id > answered) AS blocked,
       coalesce((SELECT seen_at FROM versions WHERE document_id = document AND NOT technical
                 ORDER BY id DESC LIMIT 1), '') AS changed_at,
       coalesce((SELECT seen_at FROM versions WHERE document_id = document AND NOT technical
                 ORDER BY id DESC LIMIT 1 OFFSET 1), '') AS before_at
FROM looks JOIN fetches ON fetches.id = looks.fetch
ORDER BY looks.document, looks.part"""  # noqa: S608  (no value is in it)

# The index holds the changes that wait and no others, so that the whole costs a few steps for each of them.
_WAITING = """
SELECT services.key AS service, documents.type, documents.region, services.owner, decision = 'held' AS held,
       versions.seen_at AS since, held_until AS until
FROM changes INDEXED BY changes_that_wait
JOIN documents ON documents.id = changes.document_id AND documents.origin = ''
JOIN services ON services.id = documents.service_id
JOIN versions ON versions.id = after_version_id
WHERE held_until IS NOT NULL"""
