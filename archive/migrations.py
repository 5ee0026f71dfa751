"""Brings an archive that an earlier Smallprint has made to today's schema, one numbered step after the other.

The first step makes today's tables, so that a new archive needs no other; each later one does nothing where its tables
are already there.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Iterator
from importlib.resources import files

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from archive.changes import Verdict, outline
from archive.edits import Edits, edits_of, flag_of, reading_of
from archive.placements import Standing
from archive.rows import Row
from archive.severity import severity
from archive.words import Decision, Edit, EditKind, Fact, Kind, Link, Passage, Reading, Relink, Run

NAMED = re.compile(r"CREATE (?:UNIQUE |VIRTUAL )?(?:TABLE|INDEX|VIEW) (\w+)")

# What step 2 makes anew, each table after those that point to it, with what its rows are then asked for by.
OLD = {"flags": "edit_id", "facts": "edit_id", "edits": "change_id", "placements": "document_id", "passages": "id"}

# What step 3 adds.
TEXT = "TEXT NOT NULL DEFAULT ''"
COLUMNS = (("flags", "severity"), ("flags", "why"), ("facts", "codes"), ("changes", "severity"), ("changes", "line"))

# What step 4 adds.
COLUMNS_4 = (
    ("services", f"owner {TEXT}"),
    ("changes", "held_until TEXT"),
    ("changes", "told_version_id INTEGER REFERENCES versions(id)"),
    ("changes", f"recent_since {TEXT}"),
    ("changes", "told_in INTEGER REFERENCES changes(id)"),
    ("change_edits", "news INTEGER NOT NULL DEFAULT 0"),
)

LATER = ("changes_that_wait", "changes_told_together")  # indexes of these columns

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
    _drop_views(db)
    _set_aside(db)
    db.execute("ALTER TABLE versions ADD COLUMN content TEXT NOT NULL DEFAULT '[]'")
    _make_what_is_missing(db, but=LATER)
    passages = db.conn.execute("SELECT id, text, hash FROM passages_1 ORDER BY id")
    rows = ((identity, text, bytes.fromhex(key)) for identity, text, key in passages)
    db.conn.executemany("INSERT INTO passages (id, text, hash) VALUES (?, ?, ?)", rows)
    db.execute("INSERT INTO passages_fts(passages_fts) VALUES ('rebuild')")
    for (document,) in db.conn.execute("SELECT id FROM documents").fetchall():
        _place_again(db, document)
        _keep_edits(db, document)
    for table in OLD:
        db.execute(f"DROP TABLE {table}_1")


@migrations(name="3 severity and line")
def _severity_and_line(db: Database) -> None:
    """Every flag says how much it matters, and every change that is flagged what it does, in a line."""
    if "line" in db.table("changes").columns_dict:
        return
    _drop_views(db)
    for table, column in COLUMNS:
        if column not in db.table(table).columns_dict:  # step 2 makes flags and facts as they are today
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {TEXT}")
    for statement in statements():
        if "CREATE VIEW" in statement:
            db.execute(statement)
    _weigh_flags(db)
    for row in list(db.query(_FLAGGED_2)):
        verdict = Verdict(Decision(row["decision"]), "", edits_of(db, row["id"], telling=True))
        db.table("changes").update(row["id"], outline(db, row["document_id"], verdict, row["seen_at"]))


@migrations(name="4 what waits and what is told")
def _waiting_and_telling(db: Database) -> None:
    """A change can wait, and be told with others; what was pushed so far was told with all its flags, by itself.

    What is in quarantine, which had no end so far, waits from now on.
    """
    if "told_in" in db.table("changes").columns_dict:
        return
    _drop_views(db)
    for table, column in COLUMNS_4:
        if column.split()[0] not in db.table(table).columns_dict:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    _set_notifications_aside(db)
    _make_what_is_missing(db)
    _take_notifications_back(db)
    db.execute(_NEWS_3)
    db.execute("UPDATE changes SET told_in = id WHERE decision = 'push'")
    db.execute(_DOUBTED_3)


@migrations(name="5 what is told beside changes")
def _told_beside_changes(db: Database) -> None:
    """Digests have schedules, notifications a name at their target and how far they came; more than changes is told."""
    if "schedule" in db.table("digests").columns_dict:
        return
    _drop_views(db)
    db.execute(f"ALTER TABLE digests ADD COLUMN schedule {TEXT}")
    _set_notifications_aside(db)
    _make_what_is_missing(db)
    _take_notifications_back(db)


def _set_notifications_aside(db: Database) -> None:
    db.execute("ALTER TABLE notifications RENAME TO old_notifications")
    for index in ("notifications_to_send", "notifications_given_up"):
        db.execute(f"DROP INDEX IF EXISTS {index}")


def _take_notifications_back(db: Database) -> None:
    """What is new about them is as it is of one that was not tried."""
    names = ", ".join(db.table("old_notifications").columns_dict)
    db.execute(f"INSERT INTO notifications ({names}) SELECT {names} FROM old_notifications")  # noqa: S608
    db.execute("DROP TABLE old_notifications")


def _weigh_flags(db: Database) -> None:
    """Gives the flags of every edit their severity; `severity` is asked as when they are stored."""
    for row in list(db.query(_EDITS_2)):
        edit = Edit(EditKind(row["kind"]), "", row["before_text"] or "", row["after_text"] or "")
        reading = reading_of(db, row["id"])
        numbers = db.conn.execute("SELECT id FROM flags WHERE edit_id = ? ORDER BY id", (row["id"],)).fetchall()
        weights = [
            (str(severity(flag, edit, reading)), *number) for flag, number in zip(reading.flags, numbers, strict=True)
        ]
        db.conn.executemany("UPDATE flags SET severity = ? WHERE id = ?", weights)


def _make_what_is_missing(db: Database, but: Collection[str] = ()) -> None:
    known = {name for (name,) in db.conn.execute("SELECT name FROM sqlite_master")}
    for statement in statements():
        if named(statement) not in known and named(statement) not in but:
            db.execute(statement)


def _drop_views(db: Database) -> None:
    for name in db.view_names():
        db.execute(f"DROP VIEW {name}")


def _set_aside(db: Database) -> None:
    """Keeps the rows of tables that are made anew, and drops those with what is made from them."""
    db.execute("DROP TABLE passages_fts")
    for table, key in OLD.items():
        db.execute(f"CREATE TABLE {table}_1 AS SELECT * FROM {table}")  # noqa: S608
        db.execute(f"CREATE INDEX {table}_1_by_{key} ON {table}_1({key})")
        db.execute(f"DROP TABLE {table}")


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
        edits.place(change, [(_edit(row), _reading(db, row["id"])) for row in db.query(_EDITS_1, (change,))])


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
_NEWS_3 = """
UPDATE change_edits SET news = 1 WHERE telling = 1
AND change_id IN (SELECT id FROM changes WHERE decision = 'push')
AND EXISTS (SELECT 1 FROM flags WHERE flags.edit_id = change_edits.edit_id)"""
_DOUBTED_3 = """
UPDATE changes SET held_until = (SELECT strftime('%Y-%m-%dT%H:%M:%SZ', seen_at, '+3 days') FROM versions
                                 WHERE versions.id = after_version_id)
WHERE decision = 'quarantined' AND id IN (SELECT max(id) FROM changes GROUP BY document_id)"""
_FLAGGED_2 = """
SELECT changes.id, changes.document_id, decision, seen_at FROM changes
JOIN versions ON versions.id = after_version_id
WHERE EXISTS (SELECT 1 FROM change_edits JOIN flags ON flags.edit_id = change_edits.edit_id
              WHERE change_id = changes.id AND telling = 1)"""
_EDITS_2 = """
SELECT edits.id, kind, before.text AS before_text, after.text AS after_text FROM edits
LEFT JOIN passages before ON before.id = before_passage_id
LEFT JOIN passages after ON after.id = after_passage_id
WHERE edits.id IN (SELECT edit_id FROM flags)"""
