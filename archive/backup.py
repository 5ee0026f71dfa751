"""Makes a consistent copy of the archive while others write to it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from archive import store
from archive.errors import ArchiveError

PAGES = 1000  # copied in one step: some 4 MB
BESIDE = ("", "-wal", "-shm", "-journal", ".lock")  # what SQLite and we keep under the archive's name

Told = Callable[[int, int], None]


def backup(archive: Path, target: Path, told: Told = lambda done, total: None) -> int:
    """Copies the archive to `target` as it stands at one instant, and gives the copy's size in bytes.

    `told` hears how many pages are copied, and of how many. The copy has no files beside it. Raises ArchiveError where
    there is a file already, where it cannot be written, or where the copy is not sound; then nothing is left behind.
    """
    with store.reading(archive, older=True) as db, _part(archive.resolve(), target) as part:
        db.conn.execute("BEGIN")  # held open, so that a step never begins again because others have written
        db.conn.execute("SELECT 1 FROM sqlite_master").fetchone()
        try:
            _copy(db.conn, part, told)
        finally:
            db.conn.rollback()
        shutil.copymode(archive, part)
        _move(part, target)
    return target.stat().st_size


def _expect_room(archive: Path, target: Path) -> None:
    """Refuses a place where the copy may not come to lie."""
    if not target.parent.is_dir():
        raise ArchiveError(f"{target.parent}: this folder does not exist: create it, or name another file")
    if target.parent.samefile(archive.parent) and target.name in [archive.name + end for end in BESIDE]:
        raise ArchiveError(f"{target}: this is the archive's own: name another file for the backup")
    if target.exists() or target.is_symlink():
        raise _taken(target)


@contextmanager
def _part(archive: Path, target: Path) -> Iterator[Path]:
    """A new file beside `target` for what is not finished, where there is room for both; it is gone at the end."""
    try:
        _expect_room(archive, target)
        handle, name = tempfile.mkstemp(".part", f"{target.name[:100]}.", target.parent)
    except OSError as error:
        raise _failed(target, error.strerror) from error
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for end in ("", "-journal"):
            Path(name + end).unlink(missing_ok=True)


def _copy(source: sqlite3.Connection, part: Path, told: Told) -> None:
    """Copies and checks. The copy leaves write-ahead mode, so that it can be opened where nothing may be written."""
    try:
        with closing(sqlite3.connect(part)) as copy:
            source.backup(copy, pages=PAGES, progress=lambda _, left, total: told(total - left, total))
            copy.execute("PRAGMA journal_mode = DELETE")
            faults = [row[0] for row in copy.execute("PRAGMA integrity_check(1)") if row[0] != "ok"]
            faults += [f"a row of {row[0]} points nowhere" for row in copy.execute("PRAGMA foreign_key_check")][:1]
    except (sqlite3.DatabaseError, OSError) as error:
        raise _failed(part, error) from error
    if faults:
        raise ArchiveError(f"no backup was made, the archive is damaged: {' '.join(faults[0].split())}")


def _move(part: Path, target: Path) -> None:
    """Gives the finished copy its name, unless another file has taken it meanwhile."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise _taken(target) from None
    except OSError:  # no hard links here, as on a USB stick
        _rename(part, target)
    with suppress(OSError):  # not every system can do so with a folder
        _sync(target.parent)


def _rename(part: Path, target: Path) -> None:
    if target.exists():
        raise _taken(target)
    try:
        part.rename(target)
    except OSError as error:
        raise _failed(target, error.strerror) from error


def _sync(folder: Path) -> None:
    """Makes a new name in the folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _taken(target: Path) -> ArchiveError:
    return ArchiveError(f"{target}: there is something here already, and a backup overwrites nothing: name a new file")


def _failed(target: Path, reason: object) -> ArchiveError:
    return ArchiveError(f"{target.parent}: the backup cannot be written ({reason}): check its rights and free space")
