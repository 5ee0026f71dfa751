"""The commands that need no archive of their own, and what all commands say when they are used wrongly."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from archive import store
from smallprint.cli import COMMANDS
from tests.commands import smallprint

BEFORE = "# Data\n\nWe use your data to run the service.\n\nWe never train AI models on your posts.\n"
AFTER = "# Data\n\nWe use your data to run the service.\n\nWe may train AI models on your posts.\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_page(command: str) -> None:
    done = smallprint(command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: python -m smallprint {command} ")
    assert len(done.stdout.splitlines()) > 4


def test_help_lists_every_command_with_a_line_each() -> None:
    lines = smallprint("--help").stdout.splitlines()
    for command in COMMANDS:
        assert any(line.startswith(f"  {command} ") and len(line.split()) > 3 for line in lines), command


def test_unknown_command() -> None:
    assert smallprint("nonsense").returncode == 2


def test_flag_answers_line_by_line_in_order() -> None:
    lines = [
        {"id": "a", "heading": "Data", "before": "", "after": "We may use your posts to train our AI models."},
        {"id": "b", "heading": "", "before": "We sell tea.", "after": "We sell tea and coffee."},
    ]
    done = smallprint("flag", stdin="\n".join(json.dumps(line) for line in lines) + "\n\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", "b"]
    assert answers[0]["ai_training"] == {
        "flagged": True,
        "effect": "permits",
        "quote": "We may use your posts to train our AI models.",
    }
    assert answers[1]["ai_training"]["flagged"] is False
    assert answers[1]["consent"] == {"flagged": False, "mechanisms": [], "quote": ""}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "line 1: not JSON"),
        ("[1]", 'line 1: an object with "id"'),
        ('{"id": 1, "before": null}', "line 1: 'before' is not a text"),
    ],
)
def test_flag_names_the_line_it_cannot_read(line: str, complaint: str) -> None:
    done = smallprint("flag", stdin=line)
    assert done.returncode == 2
    assert complaint in done.stderr


def test_compare_shows_redline_and_flags(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text(BEFORE, "utf-8")
    (tmp_path / "new.md").write_text(AFTER, "utf-8")
    done = smallprint("compare", "old.md", "new.md", cwd=tmp_path)
    assert done.returncode == 0
    assert "We [-never-]{+may+} train AI models on your posts." in done.stdout
    assert done.stdout.startswith("high: The service may now train AI models on ")
    assert "⚑ AI training: allows more  (high; rule train-model, score 0." in done.stdout


def test_compare_json_has_the_promised_shape(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("We never train AI models on your posts.", "utf-8")
    (tmp_path / "new.html").write_text("<p>We may train AI models on your posts.</p>", "utf-8")
    told = json.loads(smallprint("compare", "old.txt", "new.html", "--json", cwd=tmp_path).stdout)
    assert told["decision"] == "push"
    (passage,) = told["passages"]
    assert passage["op"] == "changed"
    assert passage["before"] == "We never train AI models on your posts."
    assert [(flag["topic"], flag["effect"]) for flag in passage["flags"]] == [("ai-training", "permits")]
    assert [(flag["severity"], type(flag["why"])) for flag in passage["flags"]] == [("high", str)]
    assert told["severity"] == "high"
    assert told["line"].startswith("The service may now train AI models on ")
    assert isinstance(told["facts"], dict)


def test_compare_of_equal_texts(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(BEFORE, "utf-8")
    assert "The texts are the same." in smallprint("compare", "a.md", "a.md", cwd=tmp_path).stdout
    told = json.loads(smallprint("compare", "a.md", "a.md", "--json", cwd=tmp_path).stdout)
    assert (told["severity"], told["line"]) == ("", "")


@pytest.mark.parametrize(
    ("name", "complaint"), [("missing.md", "cannot be read"), ("picture.png", "cannot be compared"), ("empty.html", "")]
)
def test_compare_of_what_cannot_be_read(tmp_path: Path, name: str, complaint: str) -> None:
    (tmp_path / "a.md").write_text(BEFORE, "utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "empty.html").write_bytes(b"")
    done = smallprint("compare", "a.md", name, cwd=tmp_path)
    assert done.returncode == 2
    assert name in done.stderr and complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_init_asks_nothing_without_a_terminal(tmp_path: Path) -> None:
    done = smallprint("init", "--contact", 'me "x" \\ @example.org', "--service", "Reddit", cwd=tmp_path)
    assert done.returncode == 0
    written = tomllib.loads((tmp_path / "smallprint.toml").read_text("utf-8"))
    assert written["contact"] == 'me "x" \\ @example.org'
    assert written["services"] == ["Reddit"]
    assert (tmp_path / "data").is_dir()


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "smallprint.toml").write_text("mine", "utf-8")
    done = smallprint("init", cwd=tmp_path)
    assert done.returncode == 2
    assert (tmp_path / "smallprint.toml").read_text("utf-8") == "mine"


def test_init_of_an_unknown_service_writes_nothing(tmp_path: Path) -> None:
    done = smallprint("init", "--service", "Redit", cwd=tmp_path)
    assert done.returncode == 2
    assert "Reddit" in done.stderr
    assert not (tmp_path / "smallprint.toml").exists()


@pytest.mark.parametrize("command", ["run", "crawl", "diff", "notify", "status"])
def test_without_settings_the_next_step_is_named(tmp_path: Path, command: str) -> None:
    done = smallprint(command, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "smallprint init" in done.stderr


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("contract = 'me'", "contract: unknown key"),
        ("contact = 'me'\narchive = 'nowhere/archive.db'", "folder"),
        ("contact = ''\narchive = 'a.db'\nservices = ['Reddit']", "contact is empty"),
        ("contact = 'me'\narchive = 'a.db'\nservices = ['Nobody Inc']", "Nobody Inc"),
        ("contact = 'me'\narchive = 'a.db'\n[[target]]\nname = 'x'\nurl = 'nonsense://s3cret'", "target 'x'"),
    ],
)
def test_run_with_wrong_settings_is_one_line(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "smallprint.toml").write_text(text, "utf-8")
    done = smallprint("run", cwd=tmp_path)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "s3cret" not in done.stderr + done.stdout


def watched(folder: Path) -> Path:
    """A folder with settings; the place of its archive."""
    (folder / "smallprint.toml").write_text("contact = 'me'\narchive = 'a.db'\nservices = ['Reddit']\n", "utf-8")
    return folder / "a.db"


def test_an_archive_in_use_is_left_alone(tmp_path: Path) -> None:
    with store.writing(watched(tmp_path)):
        done = smallprint("run", cwd=tmp_path)
    assert done.returncode == 2
    assert "is writing: wait until it ends" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_archive_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    archive = watched(tmp_path)
    with store.writing(archive) as db:
        row = {"migration_set": "smallprint", "name": "999 tomorrow", "applied_at": "2030-01-01"}
        db.table("_sqlite_migrations").insert(row)
    kept = archive.read_bytes()
    for command in ("run", "diff", "status"):
        done = smallprint(command, cwd=tmp_path)
        assert done.returncode == 2
        assert "999 tomorrow" in done.stderr and "upgrade" in done.stderr
    assert archive.read_bytes() == kept


def test_init_asks_on_a_terminal(tmp_path: Path) -> None:
    screen, inside = pty.openpty()
    words = [sys.executable, "-m", "smallprint", "init"]
    with subprocess.Popen(words, stdin=inside, stdout=inside, stderr=inside, cwd=tmp_path) as asking:
        os.close(inside)
        os.write(screen, b"ann@quillo.example\nReddit, slack\n")
        drain(screen)
    assert asking.returncode == 0
    written = tomllib.loads((tmp_path / "smallprint.toml").read_text("utf-8"))
    assert (written["contact"], written["services"]) == ("ann@quillo.example", ["Reddit", "slack"])


def drain(screen: int) -> None:
    """Reads a terminal until nobody writes to it any more."""
    try:
        while os.read(screen, 65536):
            pass
    except OSError:  # how a terminal says that its other side is closed
        os.close(screen)


def test_targets_list_and_test(tmp_path: Path) -> None:
    (tmp_path / "smallprint.toml").write_text("[[target]]\nname = 'print'\nurl = 'console:'\n", "utf-8")
    assert "print: ai-training, consent; all services" in smallprint("targets", "list", cwd=tmp_path).stdout
    assert "print: delivered" in smallprint("targets", "test", "print", cwd=tmp_path).stdout
    missing = smallprint("targets", "test", "other", cwd=tmp_path)
    assert missing.returncode == 2
    assert "there is no target 'other' in the settings; there are: print" in missing.stderr


def test_import_of_declarations(tmp_path: Path) -> None:
    theirs = tmp_path / "declarations"
    theirs.mkdir()
    declaration = {
        "name": "Teapot",
        "terms": {"Privacy Policy": {"fetch": "https://teapot.example/p", "select": "main"}},
    }
    (theirs / "Teapot.json").write_text(json.dumps(declaration), "utf-8")
    done = smallprint("import", "ota-declarations", str(tmp_path), "--into", str(tmp_path / "own"))
    assert done.stdout.strip() == "1 services written, 0 already there."
    assert (tmp_path / "own" / "Teapot.json").is_file()
