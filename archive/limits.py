"""Puts limits on a connection that strangers may ask: on what they can reach, and on the memory that answers take."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

LONGEST = 300_000  # bytes of a text or a blob, read or made; instr() of two such takes a second, and nothing ends it
LARGEST = 8_000_000  # bytes of all texts and blobs of an answer
MEMORY = 128_000_000  # bytes that SQLite takes for all connections of this process together
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 50_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,  # the work of one comparison, which no time limit ends
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
SETTINGS = {"query_only": 1, "temp_store": 2, "hard_heap_limit": MEMORY}  # what is sorted stays in memory, not on disk
INDEXES = {"index_info", "index_list", "index_xinfo"}
TABLES = {"foreign_key_list", "table_info", "table_xinfo"}
SIZES = {"max_page_count", "page_count", "page_size"}
PRAGMAS = INDEXES | TABLES | SIZES | {"function_list", "schema_version", "data_version"}  # the full-text index asks
# the last; Datasette asks and allows the others, and this, which names the file: it gets no answer.
SILENT = "database_list"
FUNCTIONS = {"load_extension", "fts3_tokenizer", "printf", "format", "json_patch"}  # the last three work for minutes
TRIMS = {"trim": str.strip, "ltrim": str.lstrip, "rtrim": str.rstrip}  # SQLite's own do so with long sets of letters
HIDDEN = {"dbstat", "sqlite_stmt"}  # the first reads the whole file in one step, the second tells what others ask

PRIVATE = {"bulletins": {"told"}, "notifications": {"last_error", "receipts"}}  # what targets said: it may tell of them


def restrain(connection: sqlite3.Connection) -> None:
    """From now on the connection only reads, within these limits; its rows are sqlite3.Row.

    What goes beyond them raises sqlite3.DataError, DatabaseError or OperationalError, or MemoryError.
    """
    for name, number in SETTINGS.items():
        connection.execute(f"PRAGMA {name} = {number}")
    for limit, number in LIMITS.items():
        connection.setlimit(limit, number)
    for name, strip in TRIMS.items():
        connection.create_function(name, 2, partial(_trimmed, strip), deterministic=True)
    connection.row_factory = _Budget(LARGEST)
    connection.set_authorizer(_allowed)


class _Budget:
    """Makes rows, until those of one cursor have grown too large together."""

    def __init__(self, most: int) -> None:
        self._most, self._left = most, most
        self._cursor: weakref.ref[sqlite3.Cursor] | None = None

    def __call__(self, cursor: sqlite3.Cursor, row: Sequence[Any]) -> sqlite3.Row:
        if self._cursor is None or self._cursor() is not cursor:
            self._cursor, self._left = weakref.ref(cursor), self._most
        self._left -= sum(len(cell) for cell in row if isinstance(cell, str | bytes))
        if self._left < 0:
            raise sqlite3.OperationalError("the answer is too large: ask for fewer rows or columns")
        return sqlite3.Row(cursor, tuple(row))


def _trimmed(strip: Callable[[str, str], str], text: object, letters: object) -> str | None:
    return None if text is None or letters is None else strip(str(text), str(letters))


def _allowed(action: int, first: str | None, second: str | None, database: str | None, within: str | None) -> int:
    """What SQLite asks for each part of a statement, while it is compiled."""
    private = action == sqlite3.SQLITE_READ and second in PRIVATE.get(first or "", ())
    if private or (action == sqlite3.SQLITE_PRAGMA and first == SILENT):
        return sqlite3.SQLITE_IGNORE
    refused = (
        (action == sqlite3.SQLITE_PRAGMA and first not in PRAGMAS)
        or (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in FUNCTIONS)
        or (action == sqlite3.SQLITE_READ and (first or "").lower() in HIDDEN)
        or action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH)
    )
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK
