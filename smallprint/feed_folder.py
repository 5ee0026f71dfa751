"""Turns the feeds of an archive into files of a folder, of which only those are written that have changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlite_utils import Database

from archive import feeds
from archive.feeds import Feed
from notify import feed_page
from notify.feeds import ENDING, Place, Press
from smallprint.files import put

INDEX = "index.html"


def write(db: Database, folder: Path, where: Place, told: Callable[[int, int], None]) -> tuple[list[Feed], list[Feed]]:
    """All feeds, and those whose files are new or have changed. Files that are not of today's feeds stay.

    `told` is called with how many are done and how many there are. Raises SmallprintError where the folder cannot be
    written; every file in it is whole all the same, the old one or the new.
    """
    press, found, changed = Press(), feeds.feeds(db), list[Feed]()
    for done, feed in enumerate(found):
        told(done, len(found))
        if put(folder / f"{feed.name}{ENDING}", press.write(db, feed, where).body):
            changed.append(feed)
    put(folder / INDEX, feed_page.page(found, where.site).encode())
    return found, changed
