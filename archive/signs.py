"""Counts what a sign of life tells: how much is watched, since when, and how much was told in a month."""

from __future__ import annotations

from sqlite_utils import Database

from archive.rows import Row, one, value


def first_recorded(db: Database) -> str:
    """When a text of ours was recorded first, as ISO-8601 UTC; "" where none was."""
    sql = "SELECT min(recorded_at) FROM documents JOIN versions ON document_id = documents.id WHERE origin = ''"
    return str(value(db, sql) or "")


def watched(db: Database, since: str) -> Row:
    """How many `documents` of how many `services` were looked at since a time (ISO-8601 UTC)."""
    return one(db, _WATCHED, since) or {}


def told_in(db: Database, month: str) -> int:
    """How many messages on changes of ours were queued in a month ("2026-10")."""
    return int(value(db, _TOLD, f"{month}%"))


_WATCHED = """
SELECT count(*) AS documents, count(DISTINCT service_id) AS services FROM documents
WHERE origin = '' AND EXISTS (SELECT 1 FROM fetches WHERE document_id = documents.id AND fetched_at >= ?)"""
_TOLD = """
SELECT count(*) FROM changes JOIN documents ON documents.id = document_id
WHERE origin = '' AND decision = 'push' AND told_in = changes.id AND queued_at LIKE ?"""
