"""Backing up: a copy that opens as an archive by itself, and one clear line where none can be made."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import store
from archive.backup import backup
from archive.errors import ArchiveError
from archive.placements import text_of
from archive.rows import value
from tests.builders import paragraphs, version
from tests.commands import smallprint
from tests.test_store import other_writer, run

FULL = """
import resource, signal, sys
from pathlib import Path
from archive import backup, errors
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    backup.backup(Path(sys.argv[1]), Path(sys.argv[2]))
except errors.ArchiveError as error:
    print(error)
"""


@pytest.fixture
def kept(archive_path: Path) -> Path:
    """An archive with two versions."""
    with store.writing(archive_path) as db:
        version(db, paragraphs("Hello.", "We train."), 1)
        version(db, paragraphs("Hello.", "We do not train."), 2)
    return archive_path


def refused(archive: Path, target: Path) -> str:
    """The one line with which a backup is refused; nothing is left beside the target."""
    before = sorted(target.parent.iterdir()) if target.parent.is_dir() else []
    with pytest.raises(ArchiveError) as caught:
        backup(archive, target)
    assert "\n" not in str(caught.value)
    after = sorted(target.parent.iterdir()) if target.parent.is_dir() else []
    assert [path for path in after if path.suffix == ".part"] == []
    assert {path.name for path in after} - {path.name for path in before} <= {
        f"{archive.name}-wal",
        f"{archive.name}-shm",
    }
    return str(caught.value)


def test_the_copy_is_an_archive_by_itself(kept: Path, tmp_path: Path) -> None:
    target = tmp_path / "far" / "copy.db"
    target.parent.mkdir()
    assert backup(kept, target) == target.stat().st_size
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]
    with store.reading(target) as db:
        assert text_of(db, 2) == paragraphs("Hello.", "We do not train.")
        assert value(db, "PRAGMA journal_mode") == "delete"
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]


def test_restoring_is_putting_it_back(kept: Path, tmp_path: Path) -> None:
    backup(kept, tmp_path / "copy.db")
    for path in tmp_path.glob("archive.db*"):
        path.unlink()
    shutil.copy(tmp_path / "copy.db", kept)
    with store.writing(kept) as db:
        assert version(db, paragraphs("Hello."), 3) == 3
        assert value(db, "PRAGMA journal_mode") == "wal"


def test_an_older_archive_is_copied_before_it_is_brought_up_to_date(archive_path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(archive_path)) as connection:
        store.migrations.ensure_migrations_table(Database(connection))
        connection.commit()
    backup(archive_path, tmp_path / "copy.db")
    with pytest.raises(ArchiveError, match="older Smallprint"), store.reading(tmp_path / "copy.db"):
        pytest.fail("it is up to date")


def test_what_is_still_in_the_log_is_copied_and_what_is_not_committed_is_not(kept: Path, tmp_path: Path) -> None:
    with other_writer(kept):
        backup(kept, tmp_path / "copy.db")
    with store.reading(tmp_path / "copy.db") as db:
        assert [row["key"] for row in db.query("SELECT key FROM services ORDER BY id")] == ["Quillo", "kept"]


def test_writing_during_the_copy_neither_restarts_nor_enters_it(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.backup.PAGES", 5)
    steps = list[int]()
    with store.writing(kept) as db:

        def told(done: int, total: int) -> None:
            steps.append(done)
            version(db, paragraphs(f"Meanwhile {done}."), 3)

        backup(kept, tmp_path / "copy.db", told)
    assert len(steps) > 3
    assert steps == sorted(set(steps))
    with store.reading(tmp_path / "copy.db") as db:
        assert value(db, "SELECT count(*) FROM versions") == 2


def test_nothing_is_ever_overwritten(kept: Path, tmp_path: Path) -> None:
    target = tmp_path / "diary.txt"
    target.write_text("Dear diary")
    assert "overwrites nothing" in refused(kept, target)
    assert target.read_text() == "Dear diary"


def test_nor_is_what_comes_while_it_is_made(kept: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    with pytest.raises(ArchiveError, match="overwrites nothing"):
        backup(kept, target, lambda done, total: target.write_text("mine") and None)
    assert target.read_text() == "mine"
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal", ".lock"])
def test_the_archives_own_files(kept: Path, end: str) -> None:
    assert "the archive's own" in refused(kept, kept.with_name(kept.name + end))


def test_a_link_to_the_archive(kept: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked" / "archive.db"
    linked.parent.mkdir()
    linked.symlink_to(kept)
    assert "overwrites nothing" in refused(kept, linked)
    assert "the archive's own" in refused(linked, kept.with_name("archive.db-wal"))


def test_missing_places(kept: Path, tmp_path: Path) -> None:
    assert "this folder does not exist" in refused(kept, tmp_path / "nowhere" / "copy.db")
    assert "no archive here yet" in refused(tmp_path / "none.db", tmp_path / "copy.db")
    assert "cannot be written" in refused(kept, tmp_path / ("long" * 70))


def test_a_full_disk(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    assert "cannot be written" in run(FULL, kept, tmp_path / "far" / "copy.db")
    assert list((tmp_path / "far").iterdir()) == []


def test_a_folder_without_rights(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir(0o555)
    ordinary = ("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override") if os.getuid() == 0 else ()
    said = run(FULL, kept, tmp_path / "far" / "copy.db", wrap=ordinary)
    assert said.startswith(f"{tmp_path / 'far'}: the backup cannot be written (Permission denied)")


def test_a_disk_without_hard_links(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*paths: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuses)
    backup(kept, tmp_path / "copy.db")
    assert "overwrites nothing" in refused(kept, tmp_path / "copy.db")
    assert list(tmp_path.glob("*.part")) == []


def test_a_damaged_archive_makes_no_backup(kept: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(kept)) as connection:
        connection.execute("DELETE FROM services")  # plain SQLite does not look at foreign keys
        connection.commit()
    assert "damaged: a row of documents points nowhere" in refused(kept, tmp_path / "copy.db")


def test_the_command(kept: Path, tmp_path: Path) -> None:
    done = smallprint("backup", "copy.db", "--archive", str(kept), cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("copy.db: 0.")
    again = smallprint("backup", "copy.db", "--archive", str(kept), cwd=tmp_path)
    assert again.returncode == 2
    assert again.stderr.count("\n") == 1
    assert "overwrites nothing" in again.stderr
