"""One writer, many readers: processes that read, copy and write the same archive at the same time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import store
from archive.backup import backup
from archive.errors import ArchiveError
from archive.placements import text_of
from archive.recording import text_hash
from archive.rows import value
from tests.builders import paragraphs, version
from tests.test_store import ROOT, sound

FEWEST = 300  # versions that the writer records at least
WRITER = """
import random, select, sys
from pathlib import Path
from archive import store
from tests.builders import decided, paragraphs, version
from archive.words import Decision
chance, texts, number = random.Random(7), ["first", "last"], 0
with store.writing(Path(sys.argv[1])) as db:
    while number < int(sys.argv[2]) or not select.select([sys.stdin], [], [], 0)[0]:
        number += 1
        if len(texts) > 30:
            texts.pop(chance.randrange(1, len(texts) - 1))
        texts.insert(chance.randrange(1, len(texts)), f"passage {number}")
        decided(db, version(db, paragraphs(*texts)), Decision.UNFLAGGED)
        print(number, flush=True)
"""
READER = """
import random, select, sys
from pathlib import Path
from archive import store
from archive.rows import value
from tests.test_readers_and_writer import is_whole
seen = set()
with store.reading(Path(sys.argv[1])) as db:
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        newest = value(db, "SELECT max(id) FROM versions")
        assert is_whole(db, newest) and is_whole(db, random.randint(1, newest)), newest
        for view in ("passage_lives", "decided_changes", "document_health", "flagged_changes"):
            db.execute(f"SELECT * FROM {view} LIMIT 20").fetchall()
        seen.add(newest)
print(len(seen))
"""


def is_whole(db: Database, version_id: int) -> bool:
    """Whether a version's text is the one that was recorded: each passage, in order."""
    row = next(db.query("SELECT document_id, passages, text_hash FROM versions WHERE id = ?", (version_id,)))
    text = text_of(db, version_id)
    return len(text) == row["passages"] and text_hash(text) == row["text_hash"]


@contextmanager
def started(script: str, *words: object) -> Iterator[subprocess.Popen[str]]:
    """A process that runs the script until its input ends."""
    command, pipe = [sys.executable, "-c", script, *map(str, words)], subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: subprocess.Popen[str]) -> str:
    """The next line of a process."""
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line or not process.wait(60), process.stderr and process.stderr.read()
    return line


def ended(process: subprocess.Popen[str]) -> str:
    """The last line of a process that is told to end; it has nothing to complain of."""
    assert process.stdin and process.stdout and process.stderr
    process.stdin.close()
    lines, complaints = process.stdout.read().split(), process.stderr.read()  # as `heard` reads, through one buffer
    assert (process.wait(60), complaints) == (0, "")
    return lines[-1] if lines else ""


@pytest.fixture
def begun(archive_path: Path) -> Path:
    """An archive with its first version, which a reader may open."""
    with store.writing(archive_path) as db:
        version(db, paragraphs("first", "last"))
    return archive_path


def test_readers_see_whole_versions_while_one_writes(begun: Path) -> None:
    with started(READER, begun) as one, started(READER, begun) as other:
        assert [heard(one), heard(other)] == ["ready", "ready"]
        with started(WRITER, begun, FEWEST) as writer:
            assert int(ended(writer)) >= FEWEST
        assert int(ended(one)) > 1
        assert int(ended(other)) > 1
    with store.reading(begun) as db:
        assert value(db, "SELECT count(*) FROM versions") >= FEWEST
        assert sound(db)


def test_a_backup_in_the_middle_holds_only_whole_versions(
    begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.backup.PAGES", 20)
    with started(READER, begun) as reader, started(WRITER, begun, FEWEST) as writer:
        assert heard(reader) == "ready"
        while int(heard(writer)) < 100:
            pass
        backup(begun, tmp_path / "copy.db", lambda done, total: until_written_on(begun, done == 20))
        assert int(ended(writer)) >= FEWEST
        assert int(ended(reader)) > 1
    with store.reading(tmp_path / "copy.db") as db:
        kept = value(db, "SELECT max(id) FROM versions")
        assert sound(db)
        assert all(is_whole(db, identity) for identity in range(1, kept + 1))
        assert value(db, "SELECT count(*) FROM changes") in (kept - 1, kept - 2)
    with store.reading(begun) as db:
        assert 100 <= kept < value(db, "SELECT max(id) FROM versions")


def until_written_on(path: Path, wanted: bool) -> None:
    """Lets the writer record at least one more version, if that is wanted, however slow the machine is."""
    deadline = time.monotonic() + 60
    with store.reading(path) as db:
        first = value(db, "SELECT max(id) FROM versions")
        while wanted and value(db, "SELECT max(id) FROM versions") == first:
            assert time.monotonic() < deadline
            threading.Event().wait(0.01)


def test_a_second_writer_gets_its_line_and_a_reader_its_text(begun: Path) -> None:
    with started(WRITER, begun, 1) as writer:
        assert heard(writer) == "1"
        line = rf"another Smallprint \(process {writer.pid}\) is writing: wait until"
        with pytest.raises(ArchiveError, match=line), store.writing(begun):
            pytest.fail("it was let in")
        with store.reading(begun) as db:
            assert is_whole(db, 2)
        ended(writer)
    with store.writing(begun) as db:
        assert sound(db)
