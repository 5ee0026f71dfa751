"""Opens the archive: creates it, brings its schema up to date, and lets in one writer at a time."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO

from sqlite_utils import Database

from archive.errors import ArchiveError
from archive.frozen import is_frozen
from archive.migrations import migrations

PAGE = (
    8192  # bytes; most stored deltas and passages are a good part of SQLite's usual 4096, and would leave much unused
)
BUSY_MS = 5000  # how long a reader's or writer's statement waits for another's short transaction


@contextmanager
def writing(path: Path) -> Iterator[Database]:
    """The archive at `path`, created or migrated if needed, for the only writer.

    Raises ArchiveError where the folder is missing or read-only, another process is writing, the file is no archive,
    or a newer Smallprint has made it. Nothing in it is altered in these cases.
    """
    with _explained(path), _alone(path):
        db = _connect(path, f"file:{_quoted(path)}")
        try:
            _check(db, path)
            db.execute(f"PRAGMA page_size = {PAGE}")  # of a file that has no page yet
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last commits, never the file
            migrations.apply(db)
            yield db
        finally:
            db.close()


@contextmanager
def reading(path: Path, *, older: bool = False) -> Iterator[Database]:
    """The archive at `path`, read-only, while others may write. Raises ArchiveError as `writing` does.

    One with the schema of an earlier Smallprint is refused too, unless `older` says that it is only copied.
    """
    with _explained(path):
        _expect_file(path)
        db = _connect(path, f"file:{_quoted(path)}?mode=ro{'&immutable=1' * is_frozen(path)}")
        try:
            _check(db, path)
            if migrations.pending(db) and not older:
                raise ArchiveError(
                    f"{path}: made by an older Smallprint: run `smallprint diff` once to bring it up to date"
                )
            yield db
        finally:
            db.close()


@contextmanager
def watching(path: Path) -> Iterator[None]:
    """Holds the place of the one `smallprint watch` of an archive, which others may write to meanwhile."""
    with _held(path, "watch", "a watch (process {}) is running on this archive already"):
        yield


def outlast(db: Database) -> None:
    """From now on each commit waits for the disk, so that a power cut costs nothing that was committed before it."""
    db.execute("PRAGMA synchronous = FULL")


def _connect(path: Path, uri: str) -> Database:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_MS / 1000, check_same_thread=False)
    db = Database(connection)
    db.execute("PRAGMA foreign_keys = ON")
    return db


def _check(db: Database, path: Path) -> None:
    """Refuses a database that is not ours, or one that a newer version has migrated."""
    with closing(Database(memory=True)) as empty:
        known = {migration.name for migration in migrations.pending(empty)}
    applied = {migration.name for migration in migrations.applied(db)}
    if applied - known:
        raise ArchiveError(
            f"{path}: made by a newer Smallprint ({max(applied - known)}): upgrade this one, nothing was changed"
        )
    # A process that was killed while it made the archive may leave the migrations' own table behind, alone.
    if not applied and set(db.table_names()) - {migrations.migrations_table}:
        raise ArchiveError(f"{path}: a database, but not an archive of Smallprint: name another file as 'archive'")


def _expect_file(path: Path) -> None:
    with _granted(path):
        missing, folder = not path.exists(), path.is_dir()
    if missing:
        raise ArchiveError(f"{path}: there is no archive here yet: `smallprint run` makes one")
    if folder:
        raise ArchiveError(f"{path}: a folder, not an archive: name a file as 'archive' in smallprint.toml")


def _alone(path: Path) -> AbstractContextManager[None]:
    """Holds the writer's lock beside the archive."""
    return _held(path, "lock", "another Smallprint (process {}) is writing: wait until it ends")


@contextmanager
def _held(path: Path, suffix: str, taken: str) -> Iterator[None]:
    """Holds a lock beside the archive; the system frees it when the process ends, however it ends."""
    with _granted(path):
        missing = not path.parent.is_dir()
    if missing:
        raise ArchiveError(
            f"{path.parent}: this folder does not exist: create it, or change 'archive' in smallprint.toml"
        )
    with _lock(path, suffix, taken):
        yield


def _lock(path: Path, suffix: str, taken: str) -> IO[str]:
    """The lock file, locked and holding our process id; closing it frees the lock."""
    with _granted(path), ExitStack() as unless_locked:
        lock = unless_locked.enter_context(Path(f"{path}.{suffix}").open("a+"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            raise ArchiveError(f"{path}: {taken.format(owner)}") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        unless_locked.pop_all()
    return lock


@contextmanager
def _granted(path: Path) -> Iterator[None]:
    """Says in one line what the system refuses. Only around our own steps: what the caller does is not ours."""
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"{path}: cannot be used ({error.strerror}): check the owner and rights of its folder, and the free space"
        ) from error


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Says in one line what SQLite refuses."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if not _is_ours_to_explain(error):
            raise
        raise ArchiveError(
            f"{path}: the archive cannot be used ({error}): check the file, its folder and the free space"
        ) from error


def _is_ours_to_explain(error: sqlite3.DatabaseError) -> bool:
    """Surroundings are explained; a broken rule of the schema or a wrong statement is a fault of ours and surfaces."""
    return type(error) is sqlite3.DatabaseError or (
        isinstance(error, sqlite3.OperationalError)
        and any(word in str(error) for word in ("readonly", "unable to open", "disk", "full", "locked", "malformed"))
    )


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
