"""What most tests need: a place for an archive, and one that is open for writing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser
from sqlite_utils import Database

from archive import store
from archive.settings import Settings
from crawler import options
from tests.commands import smallprint
from tests.site_browser import Served, browsing, served
from tests.site_hostile import record_hostile_services
from tests.site_pages import record_all

pytest_plugins = ["tests.channels.fixtures"]  # the servers that take notifications

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


@pytest.fixture(scope="session")
def site_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive for the site to show, which no test writes to."""
    path = tmp_path_factory.mktemp("site") / "demo.db"
    record_all(path)
    return path


@pytest.fixture(scope="session")
def chromium() -> None:
    """A test that opens pages in a browser is left out where there is none, but never in CI."""
    _, missing = options.browser(Settings(Path(), Path()))
    if missing and os.environ.get("CI"):
        pytest.fail(f"no browser to test with: {missing}")
    if missing:
        pytest.skip(f"no browser to test with: {missing}")


@pytest.fixture(scope="session")
def shown_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the demo leaves, and beside it documents that attack their readers; no test writes to it."""
    folder = tmp_path_factory.mktemp("shown")
    done = smallprint("demo", "--folder", ".", cwd=folder)
    assert done.returncode == 0, done.stderr
    path = folder / "archive.db"
    record_all(path)
    with store.writing(path) as db:
        record_hostile_services(db)
    return path


@pytest.fixture(scope="session")
def shown(shown_archive: Path) -> Iterator[Served]:
    """The site of that archive, by the command that people start."""
    with served(shown_archive) as site:
        yield site


@pytest.fixture(scope="module")
def window(chromium: None) -> Iterator[Browser]:
    """Chromium, for one module: while it is open, no other test of this process could run an event loop."""
    with browsing() as browser:
        yield browser
