"""Judging in another process while an import records: the archive says what it says without, whatever ends early."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import pytest

from archive import store
from archive.changes import Anew, finished_since, pending_count
from archive.places import RULES
from archive.words import Document
from crawler import ota_versions
from diffing import ahead, rules, run
from diffing.course import Course, Step
from tests.builders import POLICY, new_archive, paragraphs, version
from tests.histories import content_hash, make, record

DOCUMENTS, DAYS = 5, 30


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some documents that change, flip and shrink."""
    lines = [f"{n}. We use your {n} files to train our models.\n\n" for n in range(40)]
    commits = [
        record(day, "".join(lines[: 5 + day % 7]) + f"Flip {day % 3}.\n", path=f"Service {number}/Privacy Policy.md")
        for day in range(DAYS)
        for number in range(DOCUMENTS)
    ]
    return make(tmp_path_factory.mktemp("history") / "versions.git", commits)


@pytest.fixture
def alone(repository: Path, tmp_path: Path) -> str:
    """What the archive says where one process does all."""
    with store.writing(tmp_path / "alone.db") as db:
        ota_versions.import_versions(db, repository)
        list(run.diff(db, rules.load(RULES)))
        return content_hash(db)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A few versions are enough to begin, and there are cores to do it."""
    monkeypatch.setattr(ahead, "MANY", 3)
    monkeypatch.setattr(ahead, "TOGETHER", 7)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    return


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The versions that this process judges."""
    versions = list[int]()

    class Here(Course):
        def steps(self) -> Iterator[list[Step]]:
            for steps in super().steps():
                versions.extend(step[0].after_id for step in steps if not isinstance(step, Anew))
                yield steps

    monkeypatch.setattr(run, "Course", Here)
    return versions


def take(archive: Path, repository: Path, disturb: int = -1) -> tuple[str, Counter[str]]:
    """What the archive says, and the decisions.

    After `disturb` records have been taken, the other process is killed.
    """
    made = Counter[str]()
    with store.writing(archive) as db, ahead.Ahead(db, archive, RULES) as other:

        def told(done: int, of: int) -> None:
            made.update(verdict.decision for _, verdict in other.go_on())
            if 0 <= disturb < db.table("fetches").count:
                for process in active_children():
                    process.kill()

        ota_versions.import_versions(db, repository, told=told)
        made.update(verdict.decision for _, verdict in other.finish())
        assert pending_count(db) == 0
        return content_hash(db), made


def test_the_archive_says_the_same(repository: Path, tmp_path: Path, alone: str, here: list[int]) -> None:
    here.clear()
    said, made = take(tmp_path / "archive.db", repository)
    assert said == alone
    assert made.total() >= DOCUMENTS * DAYS
    assert here == []
    assert active_children() == []


def test_where_the_other_process_ends_this_one_does_its_work(repository: Path, tmp_path: Path, alone: str) -> None:
    said, made = take(tmp_path / "archive.db", repository, disturb=2 * DAYS)
    assert said == alone
    assert made.total() >= DOCUMENTS * DAYS


def test_one_core_does_all_itself(
    repository: Path, tmp_path: Path, alone: str, here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    here.clear()
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    said, _ = take(tmp_path / "archive.db", repository)
    assert (said, len(here), active_children()) == (alone, DOCUMENTS * DAYS, [])


def test_little_is_not_worth_another_process(
    repository: Path, tmp_path: Path, alone: str, here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    here.clear()
    monkeypatch.setattr(ahead, "MANY", 500)
    said, _ = take(tmp_path / "archive.db", repository)
    assert (said, len(here), active_children()) == (alone, DOCUMENTS * DAYS, [])


def test_the_other_process_ends_with_this_one(repository: Path, tmp_path: Path) -> None:
    program = f"""
import sys
from multiprocessing import active_children
from pathlib import Path
from archive import store
from archive.places import RULES
from crawler import ota_versions
from diffing import ahead
if __name__ == "__main__":
    ahead.MANY, archive = 3, Path({str(tmp_path / "archive.db")!r})
    with store.writing(archive) as db, ahead.Ahead(db, archive, RULES) as other:
        ota_versions.import_versions(db, Path({str(repository)!r}))
        other._alone = False
        next(other.finish(), None) if list(other.go_on()) else print(active_children()[0].pid, flush=True)
        sys.stdin.read()
"""
    (tmp_path / "program.py").write_text(program)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen(
        [sys.executable, tmp_path / "program.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert _ends(child)


def _ends(process: int) -> bool:
    """Whether a process ends within some seconds."""
    try:
        told = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([told], [], [], 10)[0])
    finally:
        os.close(told)


def test_the_document_that_is_being_recorded_is_left_alone() -> None:
    with new_archive() as db:
        assert finished_since(db, 0) == (0, [])
        version(db, paragraphs("a"), 1)
        assert finished_since(db, 0) == (0, [])
        assert finished_since(db, 0, whole=True) == (1, [1])
        version(db, paragraphs("b"), 2, Document("Brill", "Privacy Policy", "https://brill.example/"))
        assert finished_since(db, 0) == (1, [1])
        assert finished_since(db, 1) == (1, [])
        assert finished_since(db, 1, whole=True) == (2, [2])
        version(db, paragraphs("c"), 3, POLICY)
        assert finished_since(db, 1) == (2, [2])
