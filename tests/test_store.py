"""Opening the archive: every surrounding that is wrong gets one clear line, and nothing stored is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import store
from archive.errors import ArchiveError
from archive.recording import document_id, record_document, record_fetch
from archive.rows import insert, value
from archive.words import Snapshot
from notify.run import notify
from tests.builders import POLICY, fetch, paragraphs, version

ROOT = Path(__file__).parent.parent
HOLD = """
import sys
from pathlib import Path
from archive import store
from archive.rows import insert
with store.writing(Path(sys.argv[1])) as db:
    insert(db, "services", {"key": "kept", "name": "Kept"})
    db.begin()
    insert(db, "services", {"key": "half", "name": "Half"})
    print("writing", flush=True)
    sys.stdin.read()
"""
WRITE = """
import sys
from pathlib import Path
from archive import errors, store
try:
    with getattr(store, sys.argv[2])(Path(sys.argv[1])):
        print("opened")
except errors.ArchiveError as error:
    print(error)
"""
FILL = """
import os, resource, signal, sys
from pathlib import Path
from archive import errors, store
from archive.recording import record_document, record_fetch
from archive.words import Snapshot
from tests.builders import POLICY, fetch
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (900_000, 900_000))
try:
    with store.writing(Path(sys.argv[1])) as db:
        document = record_document(db, POLICY)
        for number in range(100):
            record_fetch(db, document, 0, fetch(), Snapshot(os.urandom(50_000), "text/html"))
except errors.ArchiveError as error:
    print(error)
"""


def run(script: str, *arguments: object, wrap: tuple[str, ...] = ()) -> str:
    """What a script prints, run in a process of its own."""
    command = [*wrap, sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


@contextmanager
def other_writer(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of a transaction."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        try:
            yield process
        finally:
            process.kill()


def refused(path: Path, mode: str = "writing") -> str:
    """The one line with which the archive is refused."""
    with pytest.raises(ArchiveError) as caught, getattr(store, mode)(path):
        pytest.fail("it was opened")
    message = str(caught.value)
    assert "\n" not in message
    assert str(path.parent) in message
    return message


def made(path: Path) -> Path:
    """An archive with one document in it."""
    with store.writing(path) as db:
        record_document(db, POLICY)
    return path


def sound(db: Database) -> bool:
    """Whether SQLite finds nothing wrong in the file."""
    return value(db, "PRAGMA integrity_check") == "ok" and value(db, "PRAGMA foreign_key_check") is None


def test_creates_and_reopens(archive_path: Path) -> None:
    made(archive_path)
    with store.writing(archive_path) as db:
        assert document_id(db, POLICY) == 1
        assert value(db, "PRAGMA journal_mode") == "wal"
        assert value(db, "PRAGMA foreign_keys") == 1
        assert sound(db)
    with store.reading(archive_path) as db:
        assert document_id(db, POLICY) == 1


def test_foreign_keys_hold(db: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        insert(db, "bodies", {"snapshot_id": 77, "zstd": b""})


def test_a_creation_that_was_killed_is_finished(archive_path: Path) -> None:
    with closing(sqlite3.connect(archive_path)) as connection:
        store.migrations.ensure_migrations_table(Database(connection))
        connection.commit()
    assert "older Smallprint" in refused(archive_path, "reading")
    made(archive_path)


def test_an_empty_file_becomes_an_archive(archive_path: Path) -> None:
    archive_path.touch()
    made(archive_path)


def test_a_strange_name_is_no_address(tmp_path: Path) -> None:
    path = made(tmp_path / "50% of #1?mode=memory.db")
    assert path.stat().st_size > 0
    with store.reading(path) as db:
        assert document_id(db, POLICY) == 1


def test_only_what_was_told_to_others_waits_for_the_disk(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        assert value(db, "PRAGMA synchronous") == 1  # normal: the log is written, and reaches the disk a little later
        assert list(notify(db, (), print)) == []
        assert value(db, "PRAGMA synchronous") == 2  # full


def test_readers_do_not_write(archive_path: Path) -> None:
    made(archive_path)
    with pytest.raises(ArchiveError, match="readonly"), store.reading(archive_path) as db:
        record_document(db, POLICY, "{}")


@pytest.mark.parametrize("mode", ["writing", "reading"])
def test_missing_folder(tmp_path: Path, mode: str) -> None:
    message = refused(tmp_path / "nowhere" / "archive.db", mode)
    assert "does not exist" in message or "no archive here yet" in message


def test_nothing_to_read_yet(archive_path: Path) -> None:
    assert "no archive here yet" in refused(archive_path, "reading")
    assert not archive_path.exists()


def test_a_folder_in_its_place(archive_path: Path) -> None:
    archive_path.mkdir()
    assert "unable to open" in refused(archive_path)
    assert "a folder" in refused(archive_path, "reading")


@pytest.mark.parametrize("mode", ["writing", "reading"])
def test_a_file_that_is_no_database(archive_path: Path, mode: str) -> None:
    archive_path.write_bytes(b"Dear diary, " * 500)
    assert "not a database" in refused(archive_path, mode)
    assert archive_path.read_bytes() == b"Dear diary, " * 500


@pytest.mark.parametrize("mode", ["writing", "reading"])
def test_a_database_of_somebody_else(archive_path: Path, mode: str) -> None:
    with closing(sqlite3.connect(archive_path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    before = archive_path.read_bytes()
    assert "not an archive of Smallprint" in refused(archive_path, mode)
    assert archive_path.read_bytes() == before


@pytest.mark.parametrize("mode", ["writing", "reading"])
def test_an_archive_from_the_future(archive_path: Path, mode: str) -> None:
    made(archive_path)
    with closing(sqlite3.connect(archive_path)) as connection:
        connection.execute("INSERT INTO _sqlite_migrations VALUES (99, 'smallprint', '99 holograms', 'tomorrow')")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = archive_path.read_bytes()
    assert "newer Smallprint (99 holograms)" in refused(archive_path, mode)
    assert archive_path.read_bytes() == before


@pytest.mark.parametrize("mode", ["writing", "reading"])
def test_a_damaged_archive(archive_path: Path, mode: str) -> None:
    made(archive_path)
    with archive_path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 4000)
    assert "malformed" in refused(archive_path, mode)


@pytest.mark.parametrize("there_already", [True, False])
def test_a_folder_without_rights(archive_path: Path, there_already: bool) -> None:
    if there_already:
        made(archive_path)
    before = archive_path.read_bytes() if there_already else b""
    archive_path.with_name("archive.db.lock").unlink(missing_ok=True)
    archive_path.parent.chmod(0o555)
    ordinary = ("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override") if os.getuid() == 0 else ()
    try:
        message = run(WRITE, archive_path, "writing", wrap=ordinary)
        looked = run(WRITE, archive_path, "reading", wrap=ordinary)
    finally:
        archive_path.parent.chmod(0o755)
    assert message.startswith(f"{archive_path}: cannot be used (Permission denied)")
    assert looked.startswith(f"{archive_path}: ")
    assert ("readonly" if there_already else "no archive here yet") in looked
    assert (archive_path.read_bytes() if there_already else b"") == before


def test_one_writer_and_many_readers(archive_path: Path) -> None:
    made(archive_path)
    with other_writer(archive_path) as process:
        assert f"another Smallprint (process {process.pid}) is writing" in refused(archive_path)
        with store.reading(archive_path) as db:
            names = [row["key"] for row in db.query("SELECT key FROM services ORDER BY id")]
    assert names == ["Quillo", "kept"]


def test_a_writer_may_be_killed_at_any_instant(archive_path: Path) -> None:
    with other_writer(archive_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        with store.writing(archive_path) as db:
            assert [row["key"] for row in db.query("SELECT key FROM services")] == ["kept"]
            assert sound(db)


def test_a_full_archive_keeps_what_it_has(archive_path: Path) -> None:
    with store.writing(archive_path) as db:
        first = version(db, paragraphs("Hello."))
    with pytest.raises(ArchiveError, match="full"), store.writing(archive_path) as db:
        db.execute(f"PRAGMA max_page_count = {value(db, 'PRAGMA page_count')}")
        record_fetch(db, 1, 0, fetch(2), Snapshot(os.urandom(200_000), "text/html"))
    with store.reading(archive_path) as db:
        assert [row["id"] for row in db.query("SELECT id FROM versions")] == [first]
        assert value(db, "SELECT count(*) FROM fetches") == value(db, "SELECT count(*) FROM snapshots") == 1
        assert sound(db)


def test_a_disk_that_takes_no_more(archive_path: Path) -> None:
    assert "the archive cannot be used (disk I/O error)" in run(FILL, archive_path)
    with store.writing(archive_path) as db:
        kept = value(db, "SELECT count(*) FROM fetches")
        assert 0 < kept < 100
        assert kept == value(db, "SELECT count(*) FROM bodies")
        assert sound(db)


def test_what_goes_wrong_outside_is_not_explained_away(archive_path: Path) -> None:
    with pytest.raises(PermissionError, match="elsewhere"), store.writing(archive_path):
        raise PermissionError("elsewhere")
    with pytest.raises(sqlite3.OperationalError, match="no such table"), store.writing(archive_path) as db:
        db.execute("SELECT 1 FROM nowhere")
