"""What most tests need: a place for an archive, and one that is open for writing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlite_utils import Database

from archive import store

settings.register_profile("any machine", deadline=None)  # what is slow today may be quick tomorrow
settings.load_profile("any machine")


@pytest.fixture
def archive_path(tmp_path: Path) -> Path:
    """Where an archive may be made; there is none yet."""
    return tmp_path / "archive.db"


@pytest.fixture
def db(archive_path: Path) -> Iterator[Database]:
    """An archive open for writing."""
    with store.writing(archive_path) as db:
        yield db
