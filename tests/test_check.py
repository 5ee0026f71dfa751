"""The dry run: what would be read and flagged, with nothing left behind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import smallprint
from tests.servers import Answer, Server, serving

PAGE = b"""<html><body><nav><a href="/">Home</a></nav><main><h1>Data</h1><p>We keep your notes for as long as you want
us to, and not a day longer than that.</p><ul><li>We may use your notes to train our AI models.</li><li>You can opt out
of training under Settings &gt; Privacy.</li></ul></main></body></html>"""


@pytest.fixture(scope="module")
def company() -> Iterator[Server]:
    with serving({"/data": Answer(PAGE)}) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user's folder whose settings let loopback through."""
    text = 'contact = "ann@quillo.example"\n[crawl]\ndelay = 0\nallow_addresses = ["127.0.0.1"]\n'
    (tmp_path / "smallprint.toml").write_text(text, "utf-8")
    return tmp_path


def test_it_shows_text_and_flags(company: Server, folder: Path) -> None:
    done = smallprint("check", f"{company.url}/data", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 passages, 40 words, 2 flagged" in done.stdout
    assert re.search(r"\nrecorded\nfetched in \d+\.\d\d s, read in \d+\.\d\d s\n", done.stdout)
    assert '"select": "main" reads the same' in done.stdout
    assert "# Data" in done.stdout
    assert "⚑ AI training: allows more  (rule train-model)\n  - We may use your notes to train" in done.stdout
    assert "Home" not in done.stdout
    assert [path.name for path in folder.iterdir()] == ["smallprint.toml"]


def test_json_has_passages_with_flags(company: Server, folder: Path) -> None:
    (look,) = json.loads(smallprint("check", f"{company.url}/data", "--json", cwd=folder).stdout)
    assert look["outcome"] == "recorded"
    assert (look["words"], look["selector"], look["saved"]) == (40, "main", None)
    assert look["fetch_seconds"] > 0
    assert look["read_seconds"] > 0
    flagged = [passage for passage in look["passages"] if passage["flags"]]
    assert flagged[0]["kind"] == "item"
    assert flagged[0]["flags"][0]["quote"] == "We may use your notes to train our AI models."


def test_what_cannot_be_read_is_told(company: Server, folder: Path) -> None:
    done = smallprint("check", f"{company.url}/nothing", cwd=folder)
    assert done.returncode == 1
    assert "unreachable: there is no page at this address (404)" in done.stdout


def test_without_settings_only_public_addresses(company: Server, tmp_path: Path) -> None:
    done = smallprint("check", f"{company.url}/data", cwd=tmp_path)
    assert done.returncode == 1
    assert "not a public address" in done.stdout


def test_settings_that_are_named_must_be_there(company: Server, tmp_path: Path) -> None:
    done = smallprint("check", f"{company.url}/data", "--config", "none.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "none.toml: there is no settings file" in done.stderr


def test_an_unknown_service(tmp_path: Path) -> None:
    done = smallprint("check", "Redit", cwd=tmp_path)
    assert done.returncode == 2
    assert "Reddit" in done.stderr
