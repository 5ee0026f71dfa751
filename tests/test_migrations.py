"""Migrations: archives that earlier versions made say the same afterwards, word by word.

The files in tests/archives were made by the program of that time: a demo and a small imported history. The JSON beside
each is what that program told of it.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlite_utils import Database

from archive import reports, store
from archive.errors import ArchiveError
from archive.migrations import migrations
from archive.placements import text_of
from archive.places import RULES
from archive.plain_line import line
from archive.redline import segments
from archive.severity import highest
from archive.words import Severity
from diffing import rules, run
from tests.builders import paragraphs
from tests.builders import version as record

OLD = Path(__file__).parent / "archives"
SCHEMAS = [path.name.removesuffix(".db.zst") for path in OLD.glob("*.db.zst")]
LATE = {
    "schema-1": "_keep_edits",
    "schema-2": "outline",
    "schema-3": "_make_what_is_missing",
    "schema-4": "_take_notifications_back",
}  # what the migration of each does late
PAGE = """SELECT fetches.* FROM fetches JOIN version_fetches ON fetch_id = fetches.id
          JOIN changes ON after_version_id = version_id WHERE changes.id = ?"""
FLAG = ("topic", "effect", "quote", "side", "rule", "score", "mechanisms")


def unpacked(name: str) -> bytes:
    return zstandard.ZstdDecompressor().decompress((OLD / f"{name}.zst").read_bytes(), max_output_size=10**8)


@pytest.fixture(params=SCHEMAS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """An archive as an earlier program left it, and what that program told of it."""
    path = tmp_path / "archive.db"
    path.write_bytes(unpacked(f"{request.param}.db"))
    return path, json.loads(unpacked(f"{request.param}.json"))


def shape(db: Database) -> dict[str, Any]:
    """Tables with their columns, indexes, views and triggers, without comments and layout."""
    shapes: dict[str, Any] = {}
    for kind, name, sql in db.conn.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'passages_fts_%'"
    ):
        if kind == "table":
            columns = db.conn.execute(
                f"SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('{name}')"
            )
            keys = db.conn.execute(f'SELECT "from", "table", "to" FROM pragma_foreign_key_list(\'{name}\')')
            shapes[name] = [*columns, *sorted(keys), "STRICT" in sql, "WITHOUT ROWID" in sql]
        else:
            shapes[name] = " ".join(re.sub(r"--[^\n]*", "", sql or "").split())
    return shapes


def passages(db: Database, version: int) -> list[list[Any]]:
    return [
        [str(p.kind), p.text, p.level, [list(asdict(link).values()) for link in p.links]] for p in text_of(db, version)
    ]


def change(db: Database, number: int) -> dict[str, Any]:
    """A change in the form of the JSON."""
    report = reports.change(db, number)
    assert report is not None
    edits = []
    for edit, reading in report.edits:
        row: dict[str, Any] = {"kind": str(edit.kind), "heading": edit.heading, "before": edit.before}
        row |= {"after": edit.after, "segments": [[str(run.run), run.text] for run in segments(edit)]}
        row |= {"same_words": edit.same_words, "facts": [[f.kind, f.value, f.quote] for f in reading.facts]}
        flags = [json.loads(json.dumps(asdict(flag))) for flag in reading.flags]
        edits.append(row | {"flags": [[flag[name] for name in FLAG] for flag in flags]})
    return {"id": number, "decision": report.decision, "reason": report.reason, "edits": edits}


def content(db: Database) -> list[str]:
    """Everything in an archive."""
    return list(db.conn.iterdump())


def test_every_schema_before_this_one_has_a_file() -> None:
    with store.Database(memory=True) as empty:
        names = [migration.name for migration in migrations.pending(empty)]
    assert sorted(SCHEMAS) == [f"schema-{number}" for number in range(1, len(names))]


def test_texts_read_back_exactly(old: tuple[Path, dict[str, Any]]) -> None:
    path, told = old
    with store.writing(path) as db:
        assert [passages(db, version["id"]) for version in told["versions"]] == [
            v["passages"] for v in told["versions"]
        ]


def test_changes_say_the_same(old: tuple[Path, dict[str, Any]]) -> None:
    path, told = old
    with store.writing(path) as db:
        assert [change(db, known["id"]) for known in told["changes"]] == told["changes"]


def test_lives_and_notifications_stay(old: tuple[Path, dict[str, Any]]) -> None:
    path, told = old
    with store.writing(path) as db:
        assert list(db.query("SELECT * FROM passage_lives ORDER BY 1, 2, 4, 5")) == told["lives"]
        assert list(db.query("SELECT * FROM ai_training_passages ORDER BY 1, 2, 3")) == told["ai"]
        known = ", ".join(told["notifications"][0])
        assert list(db.query(f"SELECT {known} FROM notifications ORDER BY id")) == told["notifications"]


def test_nothing_is_lost_and_the_file_is_sound(old: tuple[Path, dict[str, Any]]) -> None:
    path, told = old
    # Schema 1: an edit that a page made again and again is now one row, and so is what it states.
    once = set() if "change_edits" in told["counts"] else {"flags", "facts"}
    with store.writing(path) as db:
        assert {table: db.table(table).count for table in told["counts"] if table not in once} == {
            table: count for table, count in told["counts"].items() if table not in once
        }
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        db.execute("INSERT INTO passages_fts(passages_fts, rank) VALUES ('integrity-check', 1)")


def test_the_schema_is_that_of_a_new_archive(old: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    with store.writing(old[0]) as db, store.writing(tmp_path / "new.db") as new:
        assert shape(db) == shape(new)


def test_a_migrated_archive_goes_on(old: tuple[Path, dict[str, Any]]) -> None:
    path, _ = old
    with store.writing(path) as db:
        made = record(db, paragraphs("A new text."), 700)
        assert [text for _, text, _, _ in passages(db, made)] == ["A new text."]
    with store.writing(path) as db:
        assert migrations.pending(db) == []


def test_readers_ask_for_the_migration_first(old: tuple[Path, dict[str, Any]]) -> None:
    with (
        pytest.raises(ArchiveError, match="made by an older Smallprint: run `smallprint diff` once"),
        store.reading(old[0]),
    ):
        pass


def test_a_migration_that_is_stopped_leaves_the_file_as_it_was(
    old: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    path, _ = old
    with store.reading(path, older=True) as db:
        before = content(db)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"archive.migrations.{LATE[request.node.callspec.params['old']]}", stop)
    with pytest.raises(KeyboardInterrupt), store.writing(path):
        pass
    with store.reading(path, older=True) as db:
        assert content(db) == before
    monkeypatch.undo()
    with store.writing(path) as db:
        assert migrations.pending(db) == []


def test_old_flags_and_changes_are_weighed_and_told(old: tuple[Path, dict[str, Any]]) -> None:
    with store.writing(old[0]) as db:
        rows = list(db.query("SELECT id, decision, severity, line FROM changes"))
        for row in rows:
            report = reports.change(db, row["id"])
            assert report is not None
            changed = row["decision"] not in ("baseline", "technical")
            assert bool(row["line"]) is bool(row["severity"]) is bool(report.flagged and changed)
            if row["line"]:
                assert row["line"] == line(report.service, report.edits, report.seen_at)
                assert row["severity"] == highest(report.edits)
        assert {severity for (severity,) in db.execute("SELECT severity FROM flags")} == set(Severity)


def test_what_was_pushed_was_told_with_all_its_flags(old: tuple[Path, dict[str, Any]]) -> None:
    with store.writing(old[0]) as db:
        pushed = [row["id"] for row in db.query("SELECT id FROM changes WHERE decision = 'push' ORDER BY id")]
        assert [row["id"] for row in db.query("SELECT id FROM changes WHERE told_in = id ORDER BY id")] == pushed
        news = db.conn.execute("SELECT change_id, edit_id FROM change_edits WHERE news = 1").fetchall()
        flagged = db.conn.execute(
            "SELECT DISTINCT change_id, edit_id FROM change_edits JOIN flags USING (edit_id)"
        ).fetchall()
        assert sorted(news) == sorted(pair for pair in flagged if pair[0] in pushed) != []


def test_a_line_of_an_old_change(old: tuple[Path, dict[str, Any]]) -> None:
    with store.writing(old[0]) as db:
        told = [row["line"] for row in reports.history(db, "Quillo", "Privacy Policy") if row["severity"] == "high"]
        listed = [row["line"] for row in db.query("SELECT * FROM flagged_changes WHERE severity = 'high'")]
    assert told[0].startswith("Quillo may now train AI models on ")
    assert "; opt out under Settings > Privacy" in told[0]
    assert set(told) <= set(listed)


def test_what_was_left_in_quarantine_is_believed_when_it_still_stands(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(unpacked("schema-3.db"))
    with store.Database(str(path)) as db:
        newest = db.execute("SELECT id FROM changes WHERE reason LIKE '8 flagged%'").fetchone()[0]
        db.execute("UPDATE changes SET decision = 'quarantined' WHERE id = ?", (newest,))
        db.execute("DELETE FROM change_edits WHERE change_id = ?", (newest,))
        db.conn.commit()
    with store.writing(path) as db:
        assert db.execute("SELECT id FROM changes WHERE held_until IS NOT NULL").fetchall() == [(newest,)]
        (page,) = db.query(PAGE, (newest,))
        db.table("fetches").insert(page | {"id": None, "outcome": "unchanged", "fetched_at": "2100-01-01T00:00:00Z"})
        decided = [(change, str(made.decision), made.reason) for change, made in run.diff(db, rules.load(RULES))]
        assert [row[:2] for row in decided] == [(newest, "held"), (newest, "push")]
        assert decided[0][2].startswith("it has stood for 3 days and is believed; 8 flagged: ")
