"""Reads what a published site has pages of: everything about flagged changes, and of each document what it says now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from archive import feeds


@dataclass(frozen=True, slots=True)
class Scope:
    """What there is to publish: names of services and feeds, ids, SHA-256s of stored pages."""

    services: frozenset[str]
    documents: frozenset[str]
    changes: frozenset[str]
    versions: frozenset[str]
    passages: frozenset[str]
    snapshots: frozenset[str]
    feeds: frozenset[str]


def scope(db: Database) -> Scope:
    """Of versions, passages and stored pages those that a flagged change is about."""
    return Scope(
        services=frozenset(feeds.slugs(db).values()),
        feeds=frozenset(feed.name for feed in feeds.feeds(db)),
        **{name: frozenset(str(row[0]) for row in db.conn.execute(sql)) for name, sql in _IDS.items()},
    )


_IDS = {
    "documents": "SELECT id FROM documents",
    "changes": "SELECT id FROM changes WHERE decision = 'push'",
    "versions": """
        SELECT after_version_id FROM changes WHERE decision = 'push'
        UNION SELECT before_version_id FROM changes WHERE decision = 'push' AND before_version_id IS NOT NULL
        UNION SELECT max(id) FROM versions GROUP BY document_id""",
    "passages": """
        SELECT passages.id FROM changes
        JOIN change_edits ON change_edits.change_id = changes.id AND telling = 1
        JOIN edits ON edits.id = change_edits.edit_id
        JOIN passages ON passages.id IN (before_passage_id, after_passage_id)
        WHERE decision = 'push'""",
    "snapshots": """
        SELECT snapshots.sha256 FROM changes
        JOIN version_fetches ON version_fetches.version_id IN (changes.after_version_id, changes.before_version_id)
        JOIN fetches ON fetches.id = version_fetches.fetch_id
        JOIN snapshots ON snapshots.id = fetches.snapshot_id WHERE decision = 'push'""",
}
