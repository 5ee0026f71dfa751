"""Tells whether an archive is a file that nobody writes, to be read without locks and files beside it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

WAITING = ("-wal", "-journal")  # what SQLite leaves beside a file for as long as something belongs into it
WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def is_frozen(path: Path) -> bool:
    """Whether the file has no right to be written, or lies in a file system that has none, and is complete by itself.

    The rights count as they are written, for root too: who takes them away says that the file stays as it is. Raises
    OSError where there is no such file.
    """
    closed = not path.stat().st_mode & WRITE or bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    return closed and not any(_has_content(Path(f"{path}{ending}")) for ending in WAITING)


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0
