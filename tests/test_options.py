"""What the operator decides, as Scrapy hears it: the browser for pages that need one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archive.errors import SettingsError
from crawler import options
from tests import crawling


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only program on PATH."""
    program = tmp_path / "google-chrome"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return program


def test_the_browser_is_found(tmp_path: Path, found: Path) -> None:
    assert options.browser(crawling.settings(tmp_path)) == (str(found), "")


def test_one_that_is_named_is_taken(tmp_path: Path, found: Path) -> None:
    own = replace(crawling.settings(tmp_path), browser=Path("/bin/sh"))
    assert options.browser(own) == ("/bin/sh", "")


def test_one_that_is_switched_off_is_not_looked_for(tmp_path: Path, found: Path) -> None:
    own = replace(crawling.settings(tmp_path), browser=False)
    assert options.browser(own) == ("", "it is switched off in the settings")


def test_what_is_missing_is_told(tmp_path: Path, found: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = crawling.settings(tmp_path)
    monkeypatch.setattr(options, "find_spec", lambda name: None)
    assert options.browser(own) == ("", "install smallprint[browser]")
    found.unlink()
    assert options.browser(own) == ("", "install smallprint[browser] and install Chromium")
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert options.browser(own) == ("", "install Chromium")


@pytest.mark.parametrize("name", ["missing", "folder", "no-program"])
def test_one_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "no-program").touch(mode=0o644)
    own = replace(crawling.settings(tmp_path), browser=tmp_path / name)
    with pytest.raises(SettingsError) as caught:
        options.scrapy_settings(own)
    assert str(caught.value) == f"{own.file}: crawl.browser: {tmp_path / name} is no program"
