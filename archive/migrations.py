"""Brings an archive that an earlier Smallprint has made to today's schema, one numbered step after the other.

The first step makes today's tables, so that a new archive needs no other; each later one does nothing where its tables
are already there.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from importlib.resources import files

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from archive.edits import Edits, flag_of
from archive.placements import Standing
from archive.rows import Row, insert_all
from archive.words import Edit, EditKind, Fact, Kind, Link, Passage, Reading, Relink, Run

NAMED = re.compile(r"CREATE (?:UNIQUE |VIRTUAL )?(?:TABLE|INDEX|VIEW) (\w+)")

OLD_KEYS = {"placements_1": "document_id", "edits_1": "change_id", "flags_1": "edit_id", "facts_1": "edit_id"}

migrations = Migrations("smallprint")


@migrations(name="1 first schema")
def _first_schema(db: Database) -> None:
    for statement in statements():
        db.execute(statement)


@migrations(name="2 each text and each edit once")
def _each_once(db: Database) -> None:
    """A version names its placements in order, and edits are a document's: both were stored for every version."""
    if "content" in db.table("versions").columns_dict:
        return
    _set_aside(db, ("placements", "edits", "flags", "facts"))
    db.execute("ALTER TABLE versions ADD COLUMN content TEXT NOT NULL DEFAULT '[]'")
    known = {name for (name,) in db.conn.execute("SELECT name FROM sqlite_master")}
    for statement in statements():
        if named(statement) not in known:
            db.execute(statement)
    for (document,) in db.conn.execute("SELECT id FROM documents").fetchall():
        _place_again(db, document)
        _keep_edits(db, document)
    for table in ("flags", "facts", "edits", "placements"):
        db.execute(f"DROP TABLE {table}_1")


def _set_aside(db: Database, tables: Sequence[str]) -> None:
    """Renames tables that are made anew, and drops what is made from them: views, their indexes, an old trigger."""
    for name in db.view_names():
        db.execute(f"DROP VIEW {name}")
    db.execute("DROP TRIGGER passages_come")
    for table in tables:
        for index in db.table(table).indexes:
            db.execute(f"DROP INDEX {index.name}")
        db.execute(f"ALTER TABLE {table} RENAME TO {table}_1")
    for table, column in OLD_KEYS.items():
        db.execute(f"CREATE INDEX {table}_by_{column} ON {table}({column})")


def _place_again(db: Database, document: int) -> None:
    """Gives each version of a document its text once more, in the new form."""
    standing = Standing(db, document)
    for (version,) in db.conn.execute(
        "SELECT id FROM versions WHERE document_id = ? ORDER BY id", (document,)
    ).fetchall():
        standing.become(
            version, [_passage(row) for row in db.query(_TEXT_1, {"document": document, "version": version})]
        )
    standing.settle()


def _keep_edits(db: Database, document: int) -> None:
    """Gives each change of a document its edits once more; what they had in common is now one row."""
    edits = Edits(db, document)
    changes = db.conn.execute("SELECT id FROM changes WHERE document_id = ? ORDER BY id", (document,)).fetchall()
    for (change,) in changes:
        rows = list(db.query(_EDITS_1, (change,)))
        placed = [(change, place, edits.id(_edit(row), _reading(db, row["id"]))) for place, row in enumerate(rows)]
        insert_all(db, "change_edits", ("change_id", "place", "edit_id"), placed)


def _reading(db: Database, edit: int) -> Reading:
    flags = [flag_of(row) for row in db.query("SELECT * FROM flags_1 WHERE edit_id = ? ORDER BY id", (edit,))]
    facts = db.query("SELECT kind, value, quote FROM facts_1 WHERE edit_id = ? ORDER BY id", (edit,))
    return Reading(tuple(flags), tuple(Fact(**row) for row in facts))


def _passage(row: Row) -> Passage:
    links = tuple(Link(*link) for link in json.loads(row["links"]))
    return Passage(Kind(row["kind"]), row["text"], row["level"], links)


def _edit(row: Row) -> Edit:
    """The links that moved were told as runs: their words, the old and the new target."""
    kind, links = EditKind(row["kind"]), list[Relink]()
    for run, text in json.loads(row["segments"]) if kind is EditKind.LINKS else ():
        if run == Run.KEPT:
            links.append(Relink(text.removesuffix(": "), "", ""))
        else:
            links[-1] = links[-1]._replace(**{"before" if run == Run.REMOVED else "after": text.removesuffix(" ")})
    before, after = row["before_text"] or "", row["after_text"] or ""
    return Edit(kind, row["heading"], before, after, tuple(links), bool(row["same_words"]))


def statements() -> Iterator[str]:
    """The single statements of the schema, so that a migration stays inside its transaction."""
    statement = ""
    for line in files("archive").joinpath("schema.sql").read_text("utf-8").splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def named(statement: str) -> str:
    """What a statement of the schema makes."""
    found = NAMED.search(statement)
    return found[1] if found else ""


_TEXT_1 = """
SELECT text, kind, level, links FROM placements_1 JOIN passages ON passages.id = passage_id
WHERE document_id = :document AND first_version_id <= :version
AND (gone_version_id IS NULL OR gone_version_id > :version) ORDER BY position"""
_EDITS_1 = """
SELECT edits_1.*, before.text AS before_text, after.text AS after_text FROM edits_1
LEFT JOIN passages before ON before.id = before_passage_id
LEFT JOIN passages after ON after.id = after_passage_id
WHERE change_id = ? ORDER BY edits_1.id"""
