"""Reads one service for its page: its documents and how they are seen, what was decided, how long passages stood."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from archive import feeds, languages
from archive.rows import one
from archive.words import Effect

TURNED = {Effect.PERMITS: Effect.RESTRICTS, Effect.RESTRICTS: Effect.PERMITS}  # what went had said the opposite


@dataclass(frozen=True, slots=True)
class Service:
    """Whose documents they are. `slug` is its name in addresses; `owner` is "" where none is declared."""

    id: int
    key: str
    name: str
    owner: str
    slug: str


@dataclass(frozen=True, slots=True)
class Watched:
    """A document of the service. Times are ISO-8601 UTC, "" where there is none.

    `first_seen` and `last_seen` are the oldest and the newest look that read it, or left a text. `missed_at`, with
    `outcome` and `detail`, is the newest look that did not, if it is the newest of all. `origin` says whose record it
    is, "" for ours; `not_read` names a language that no rule reads.
    """

    id: int
    type: str
    region: str
    language: str
    not_read: str
    origin: str
    url: str
    first_seen: str
    last_seen: str
    missed_at: str
    outcome: str
    detail: str

    @property
    def label(self) -> str:
        """How it is called beside others of the same service: "Privacy Policy (EU)"."""
        return f"{self.type} ({self.region})" if self.region else self.type


@dataclass(frozen=True, slots=True)
class Mark:
    """A version of a document, and what was decided about its change; `told` is 1 where that was queued for targets."""

    change_id: int
    document_id: int
    seen_at: str
    decision: str
    severity: str
    line: str
    told: int


@dataclass(frozen=True, slots=True)
class Span:
    """A passage that was flagged on AI training, and how long it stood in a document; `until` None: it still does.

    `effect` is what its words do: permit training, restrict it, or speak of it. Where it was flagged only when it went,
    that is the opposite of what its going did.
    """

    document_id: int
    passage_id: int
    since: str
    until: str | None
    effect: str
    quote: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Looks in a row that did not read a document: from the first to the next that did, None: there was none yet."""

    document_id: int
    since: str
    until: str | None
    last: str  # of these looks


def service(db: Database, slug: str) -> Service | None:
    """The service that has this name in addresses, or None."""
    key = next((key for key, name in feeds.slugs(db).items() if name == slug), None)
    row = None if key is None else one(db, "SELECT id, key, name, owner FROM services WHERE key = ?", key)
    return Service(**row, slug=slug) if row else None


def documents(db: Database, service_id: int) -> list[Watched]:
    """The documents of a service, by type, region and origin, ours first."""
    known = languages.ours()
    rows = db.query(_DOCUMENTS, (service_id,))
    return [Watched(**row, not_read=known.not_read(row["language"])) for row in rows]


def marks(db: Database, service_id: int) -> list[Mark]:
    """What was decided about every version of the service's documents, the oldest first."""
    found = db.conn.execute(_MARKS, (service_id,)).fetchall()
    return [Mark(*row) for row in sorted(found, key=lambda row: (row[2], row[0]))]


def spans(db: Database, service_id: int) -> list[Span]:
    """The lives of the passages on AI training in the service's documents, as the view ai_training_passages has them;
    by document and the day they came."""
    return [_span(*row) for row in db.conn.execute(_SPANS, (service_id,))]


def gaps(db: Database, service_id: int) -> list[Gap]:
    """When the service's documents could not be read, by document and time."""
    return [Gap(*row) for row in db.conn.execute(_GAPS, (service_id,))]


def _span(document: int, passage: int, since: str, until: str | None, side: str, effect: str, quote: str) -> Span:
    said = Effect(effect) if side == "after" else TURNED.get(Effect(effect), Effect(effect))
    return Span(document, passage, since, until, str(said), quote)


_SEEN = "('recorded', 'unchanged', 'not modified')"
_MISSED = "('unreachable', 'refused', 'blocked', 'unextractable', 'suspect')"
_DOCUMENTS = f"""
WITH looked AS (
    SELECT documents.*,
           coalesce((SELECT seen_at FROM versions WHERE document_id = documents.id ORDER BY id LIMIT 1), '')
               AS first_seen,
           max(coalesce((SELECT seen_at FROM versions WHERE document_id = documents.id ORDER BY id DESC LIMIT 1), ''),
               coalesce((SELECT max(fetched_at) FROM fetches
                         WHERE document_id = documents.id AND outcome IN {_SEEN}), '')
           ) AS last_seen,
           (SELECT id FROM fetches WHERE document_id = documents.id AND outcome IN {_MISSED}
            ORDER BY fetched_at DESC, id DESC LIMIT 1) AS missed
    FROM documents WHERE service_id = ?
)
SELECT looked.id, looked.type, looked.region, looked.language, looked.origin, looked.url, first_seen, last_seen,
       coalesce(fetched_at, '') AS missed_at, coalesce(outcome, '') AS outcome, coalesce(detail, '') AS detail
FROM looked
LEFT JOIN fetches ON fetches.id = missed AND fetched_at > last_seen
ORDER BY type, region, origin, looked.id"""  # noqa: S608  (no value is in it)
_MARKS = """
SELECT changes.id, changes.document_id, versions.seen_at, decision, severity, line, queued_at IS NOT NULL
FROM documents
CROSS JOIN changes ON changes.document_id = documents.id
CROSS JOIN versions ON versions.id = changes.after_version_id
WHERE service_id = ?"""
# From the documents to their flags, so that it costs what the service has and not what the archive has.
_SPANS = """
WITH said AS (
    SELECT edits.document_id, flags.side, flags.effect, flags.quote, flags.score, flags.id,
           CASE flags.side WHEN 'after' THEN edits.after_passage_id ELSE edits.before_passage_id END AS passage_id
    FROM documents
    CROSS JOIN edits ON edits.document_id = documents.id
    CROSS JOIN flags ON flags.edit_id = edits.id
    WHERE documents.service_id = ? AND flags.topic = 'ai-training'
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY document_id, passage_id ORDER BY side, score DESC, id) AS place FROM said
)
SELECT ranked.document_id, ranked.passage_id, min(born.seen_at) AS since,
       CASE WHEN sum(gone_version_id IS NULL) THEN NULL ELSE max(gone.seen_at) END, side, effect, quote
FROM ranked
JOIN placements ON placements.passage_id = ranked.passage_id AND +placements.document_id = ranked.document_id
JOIN versions born ON born.id = placements.first_version_id
LEFT JOIN versions gone ON gone.id = placements.gone_version_id
WHERE place = 1
GROUP BY ranked.document_id, ranked.passage_id
ORDER BY ranked.document_id, since, ranked.passage_id"""
_GAPS = f"""
SELECT document_id, min(fetched_at) AS since,
       (SELECT min(fetched_at) FROM fetches saw WHERE saw.document_id = missed.document_id
        AND saw.outcome IN {_SEEN} AND saw.fetched_at > missed.fetched_at) AS until, max(fetched_at)
FROM fetches missed
WHERE document_id IN (SELECT id FROM documents WHERE service_id = ?) AND outcome IN {_MISSED}
GROUP BY document_id, until ORDER BY document_id, since"""  # noqa: S608  (no value is in it)
