"""An import that is killed at any instant goes on to the very archive that an undisturbed one makes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from archive import store
from archive.rows import value
from tests.commands import smallprint
from tests.histories import content_hash, make, record

KILLS = 7
DOCUMENTS = 6


def history(folder: Path) -> Path:
    """Some documents that change, flip back and grow."""
    lines = [f"{n}. We use your {n} files to train our models.\n\n" for n in range(60)]
    commits = [
        record(day, "".join(lines[: 10 + day]) + f"Flip {day % 3}.\n", path=f"Service {number}/Privacy Policy.md")
        for day in range(45)
        for number in range(DOCUMENTS)
    ]
    return make(folder, commits)


def words(repository: Path, archive: Path) -> tuple[str, ...]:
    return "import", "ota-versions", str(repository), "--archive", str(archive)


def logical(archive: Path) -> str:
    with store.reading(archive) as db:
        assert value(db, "PRAGMA integrity_check") == "ok"
        assert list(db.query("PRAGMA foreign_key_check")) == []
        assert value(db, "SELECT count(*) FROM changes") == value(db, "SELECT count(*) FROM versions") > 0
        return content_hash(db)


def test_killed_and_resumed_is_as_undisturbed(tmp_path: Path) -> None:
    repository = history(tmp_path / "versions.git")
    started = time.monotonic()
    assert smallprint(*words(repository, tmp_path / "whole.db")).returncode == 0
    whole = time.monotonic() - started
    instants = random.Random(3)
    for _ in range(KILLS):
        kill_after(words(repository, tmp_path / "killed.db"), instants.uniform(0.2, 1) * whole)
    assert smallprint(*words(repository, tmp_path / "killed.db")).returncode == 0
    assert logical(tmp_path / "killed.db") == logical(tmp_path / "whole.db")


def kill_after(command: tuple[str, ...], seconds: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "smallprint", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "SMALLPRINT_CONFIG": ""},
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
