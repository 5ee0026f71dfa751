"""Reads which flagged changes apply soon: those whose passage still stands and names a day that is still to come."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Ahead:
    """A change that was told and applies from a day to come ("2026-12-01"). `told_at` is when it was queued."""

    change_id: int
    day: str
    told_at: str
    document: str
    service: str  # its key
    service_name: str
    region: str
    severity: str
    line: str


def ahead(db: Database, today: str, until: str) -> list[Ahead]:
    """Those that apply after `today`, up to the day `until`, the soonest first; of a change only its next day.

    The passage that names the day stands in the newest version. Changes that another one's message told are that one.
    """
    found = dict[int, Ahead]()
    for row in db.query(_AHEAD, {"today": today, "until": until}):
        found.setdefault(row["change_id"], Ahead(**row))
    return list(found.values())


_AHEAD = """
SELECT DISTINCT changes.id AS change_id, substr(facts.value, 1, 10) AS day, changes.queued_at AS told_at,
       documents.name AS document, services.key AS service, services.name AS service_name, documents.region,
       changes.severity, changes.line
FROM facts
JOIN change_edits ON change_edits.edit_id = facts.edit_id AND telling = 1
JOIN changes ON changes.id = change_edits.change_id AND decision = 'push' AND told_in = changes.id
JOIN edits ON edits.id = facts.edit_id
JOIN documents ON documents.id = changes.document_id
JOIN services ON services.id = documents.service_id
WHERE facts.kind = 'effective' AND facts.value > :today || '~' AND facts.value < :until || '~'
AND facts.value GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND changes.queued_at IS NOT NULL
AND EXISTS (SELECT 1 FROM placements WHERE passage_id = edits.after_passage_id
            AND placements.document_id = edits.document_id AND gone_version_id IS NULL)
ORDER BY day, changes.id"""
