"""Turns the feeds of an archive into files of a folder, of which only those are written that have changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from sqlite_utils import Database

from archive import feeds
from archive.errors import SmallprintError
from archive.feeds import Feed
from notify import feed_page
from notify.feeds import ENDING, Place, Press

INDEX = "index.html"


def write(db: Database, folder: Path, where: Place, told: Callable[[int, int], None]) -> tuple[list[Feed], list[Feed]]:
    """All feeds, and those whose files are new or have changed. Files that are not of today's feeds stay.

    `told` is called with how many are done and how many there are. Raises SmallprintError where the folder cannot be
    written; every file in it is whole all the same, the old one or the new.
    """
    press, found, changed = Press(), feeds.feeds(db), list[Feed]()
    for done, feed in enumerate(found):
        told(done, len(found))
        if _put(folder / f"{feed.name}{ENDING}", press.write(db, feed, where).body):
            changed.append(feed)
    _put(folder / INDEX, feed_page.page(found, where.site).encode())
    return found, changed


def _put(path: Path, body: bytes) -> bool:
    """Whether the file had to be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and path.read_bytes() == body:
            return False
        _replace(path, body)
    except OSError as error:
        raise SmallprintError(f"{path}: cannot be written ({error.strerror}): name another folder") from error
    return True


def _replace(path: Path, body: bytes) -> None:
    """Whoever reads the file meanwhile gets the old one or the new one."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with new.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
