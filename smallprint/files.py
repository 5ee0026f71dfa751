"""Puts files into a folder that others read meanwhile: whole at every instant, written only where they differ."""

from __future__ import annotations

import os
from pathlib import Path

from archive.errors import SmallprintError


def put(path: Path, body: bytes) -> bool:
    """Whether the file had to be written. Raises SmallprintError where it cannot be."""
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
