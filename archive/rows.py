"""Reads and adds single rows: the few lines of SQL plumbing that every module of the archive needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

Row = dict[str, Any]


def one(db: Database, sql: str, *values: object) -> Row | None:
    """The first row of a query, or None."""
    cursor = db.conn.execute(sql, values)
    row = cursor.fetchone()
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)} if row else None


def value(db: Database, sql: str, *values: object) -> Any:
    """The first column of a query's first row, or None."""
    row = db.conn.execute(sql, values).fetchone()
    return row[0] if row else None


def insert(db: Database, table: str, row: Row) -> int:
    """Adds a row and gives its id."""
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    cursor = db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608
    return int(cursor.lastrowid or 0)


def insert_all(db: Database, table: str, names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    """Adds many rows of the same columns."""
    marks = ", ".join("?" * len(names))
    db.conn.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)  # noqa: S608
