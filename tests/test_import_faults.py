"""Whatever is wrong with a history or the disk: an import tells in one line, keeps what it has, and can go on."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive import store
from archive.errors import HistoryError
from archive.places import RULES
from archive.rows import value
from crawler import ota_snapshots, ota_versions
from crawler.git_records import head_of, opened
from diffing import rules, run
from tests.commands import smallprint
from tests.histories import DAY, START, Commit, bundle, content_hash, git, make, record
from tests.test_extraction import pdf
from tests.test_ota_snapshots import fetched, page

TRAIN = "We use what you write to train our models since day {0}."
NAMES = ("Alba", "Brill", "Cordo")
LINK, EXECUTABLE, PLAIN = b"120000", b"100755", b"100644"


@cache
def loaded() -> rules.Rules:
    return rules.load(RULES)


@dataclass(frozen=True)
class Way:
    """One of the two commands, at work in a folder."""

    command: str
    ending: str
    folder: Path

    @property
    def archive(self) -> Path:
        return self.folder / "archive.db"

    def commit(self, day: int, *texts: str, name: str = "Quillo/Privacy Policy") -> Commit:
        """A text, or the page that it stands on, which was recorded on a day."""
        path = f"{name}.{self.ending}"
        if self.ending == "html":
            return fetched(day, page(*texts), path)
        return record(day, "\n\n".join(texts), path)

    def history(self, days: int, *more: str) -> list[Commit]:
        """Some documents that change every day."""
        return [
            self.commit(day, f"{name}.", TRAIN.format(day), *more, name=f"{name}/Privacy Policy")
            for day in range(1, days)
            for name in NAMES
        ]

    def run(self, path: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        words = ("import", self.command, str(path), "--archive", str(self.archive))
        return smallprint(*words, cwd=self.folder, env=dict(env or {}))

    def takes(self, path: Path) -> list[str]:
        """What the command tells that took everything."""
        done = self.run(path)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    def refusal(self, path: Path, env: Mapping[str, str] | None = None) -> str:
        """The one line of the command that could not go on."""
        done = self.run(path, env)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr
        return done.stderr

    def record(self, db: Database, path: Path) -> None:
        """Takes in without comparing."""
        if self.ending == "md":
            ota_versions.import_versions(db, path)
        else:
            ota_snapshots.import_pages(db, path)

    def complete(self, path: Path, archive: str = "archive.db") -> str:
        """What an archive says after what the command does was done in this process."""
        with store.writing(self.folder / archive) as db:
            self.record(db, path)
            list(run.diff(db, loaded()))
            return content_hash(db)

    def undisturbed(self, path: Path) -> str:
        """What an archive says that nothing has come between."""
        return self.complete(path, "undisturbed.db")

    def content(self) -> str:
        """What the archive says; it is sound."""
        with store.reading(self.archive) as db:
            assert value(db, "PRAGMA integrity_check") == "ok"
            assert list(db.query("PRAGMA foreign_key_check")) == []
            return content_hash(db)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with store.reading(self.archive) as db:
            return list(db.conn.execute(sql))

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])


@pytest.fixture(params=[("ota-versions", "md"), ("ota-snapshots", "html")], ids=lambda param: param[0])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Way:
    return Way(*request.param, tmp_path)


# What is no whole history.


def cut(whole: Path, length: int) -> Path:
    """The beginning of a bundle; a negative length leaves so much out at its end."""
    short = whole.with_name("cut.bundle")
    short.write_bytes(whole.read_bytes()[:length])
    return short


def shallow(repository: Path) -> Path:
    folder = repository.with_name("shallow.git")
    git("clone", "--quiet", "--bare", "--depth=2", f"file://{repository}", str(folder))
    return folder


def part(repository: Path) -> Path:
    """A bundle of the newest commits alone."""
    file = repository.with_name("part.bundle")
    git("-C", str(repository), "bundle", "create", "--quiet", str(file), "main~2..main")
    return file


def empty(folder: Path) -> Path:
    git("init", "--quiet", "--bare", str(folder))
    return folder


def obstacles(repository: Path, whole: Path) -> Iterator[tuple[Path, str]]:
    """What cannot be imported, and words of the line that says so."""
    yield make(whole.with_name("other.git"), [Commit("Update the docs", {"docs/a.txt": b"x"})]), "Open Terms Archive"
    yield empty(whole.with_name("empty.git")), "no commit yet: fetch its history"
    yield shallow(repository), "run `git fetch --unshallow` in it"
    yield part(repository), "commits that it does not hold: get a bundle of the whole history"
    yield cut(whole, 400), "cut short or damaged: get it again"


def test_what_is_no_whole_history_is_told_and_nothing_changes(way: Way) -> None:
    repository = make(way.folder / "r.git", way.history(3))
    before = way.complete(repository)
    make(repository, way.history(5)[6:])
    whole = bundle(repository, way.folder / "whole.bundle")
    for path, words in obstacles(repository, whole):
        line = way.refusal(path)
        assert words in line
        assert str(path) in line
    assert way.content() == before
    way.takes(whole)
    assert way.content() == way.undisturbed(repository)


@pytest.mark.parametrize("length", range(0, 500, 37))
def test_a_bundle_cut_anywhere_is_told(tmp_path: Path, length: int) -> None:
    whole = bundle(make(tmp_path / "r.git", [record(1), record(2)]), tmp_path / "whole.bundle")
    with pytest.raises(HistoryError, match=r"get it again$"), opened(cut(whole, length)):
        pytest.fail("it was opened")


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="check its name and rights"):
        head_of(tmp_path / ("x" * 300))


def test_git_is_missing(way: Way) -> None:
    repository = make(way.folder / "r.git", way.history(2))
    line = way.refusal(repository, {"PATH": str(way.folder)})
    assert line.startswith(f"Error: {repository}: git cannot be started")
    assert line.endswith("only git can read it: install git\n")
    assert way.count("fetches") == 0


def test_a_bundle_of_another_branch_is_whole(tmp_path: Path) -> None:
    repository, file = make(tmp_path / "r.git", [record(1)]), tmp_path / "r.bundle"
    git("-C", str(repository), "update-ref", "refs/remotes/origin/main", "main")
    git("-C", str(repository), "bundle", "create", "--quiet", str(file), "refs/remotes/origin/main")
    with opened(file) as found:
        assert len(list(found.changes())) == 1
    assert head_of(file) == head_of(repository)


# What no recorder would write.


def add(repository: Path, day: int, path: str | bytes, content: bytes | None, mode: bytes = PLAIN) -> None:
    """Records anything, a link too, under any bytes; None removes."""
    name = path if isinstance(path, bytes) else path.encode()
    place = b'"' + b"".join(b"\\%03o" % byte for byte in name) + b'"'
    lines = b"commit refs/heads/main\ncommitter Bot <bot@example.org> %d +0000\n" % (START + day * DAY)
    lines += b"data 9\nUpdate it\nfrom refs/heads/main^0\n"
    if content is None:
        lines += b"D %s\n" % place
    else:
        lines += b"M %s inline %s\ndata %d\n%s\n" % (mode, place, len(content), content)
    command = ["git", "-C", str(repository), "fast-import", "--quiet", "--date-format=raw-permissive"]
    subprocess.run(command, input=lines, check=True)


def told_rows(way: Way) -> list[tuple[Any, ...]]:
    return way.rows("SELECT fetched_at, outcome, detail FROM fetches ORDER BY id")


def test_a_document_that_becomes_something_else_for_a_while(way: Way) -> None:
    name = f"Quillo/Privacy Policy.{way.ending}"
    text, other = (next(iter(way.commit(0, words).files.values())) or b"" for words in ("Words.", "Other words."))
    repository = make(way.folder / "r.git", [way.commit(1, "Words.")])
    add(repository, 2, name, b"Terms of Service", LINK)
    add(repository, 3, name, text, EXECUTABLE)
    add(repository, 4, f"{name}/deeper.{way.ending}", text)
    add(repository, 5, name, other)
    add(repository, 6, name, None)
    add(repository, 7, name, other)
    assert way.takes(repository)[:3] == [
        "1 left out: not a record: a link, not a file",
        "1 left out: not a record: another path or another subject",
        "4 new records of 1 documents, 2 new versions.",
    ]
    assert [(at[8:10], outcome) for at, outcome, _ in told_rows(way)] == [
        ("14", "recorded"), ("16", "unchanged"), ("18", "recorded"), ("20", "unchanged"),
    ]  # fmt: skip
    assert way.content() == way.undisturbed(repository)


def test_dates_and_bytes_that_cannot_be_are_noted(way: Way) -> None:
    repository = make(way.folder / "r.git", [way.commit(1, "One."), way.commit(1, "Two."), way.commit(1, "Three.")])
    name = f"Quillo/Privacy Policy.{way.ending}"
    for day, content in (
        (-START // DAY, b"<p>From 1970."),
        (90_000, b"<p>From far."),
        (4, b"<p>Caf\xe9 \xff."),
        (5, b"\0"),
    ):
        add(repository, day, name, content)
    way.takes(repository)
    faults = {"dated before the year 2000: a clock was wrong", "dated in the future: a clock was wrong"}
    faults |= {"the text is not UTF-8"} if way.ending == "md" else set()
    rows = told_rows(way)
    assert faults <= {detail for _, outcome, detail in rows if outcome == "unextractable"}
    assert [outcome for at, outcome, _ in rows if at.startswith("2020-09-14")] == ["recorded"] * 3
    assert len(rows) == way.count("fetches WHERE snapshot_id > 0") == 7
    assert way.content() == way.complete(repository) == way.undisturbed(repository)


ANY = ("a b  c", "Zażółć 🎉", 'it\'s "so"', "-rf", "100%", "#1", "C:\\x", "%s;--", "*?[a]", "~", "@{u}", "a..")


def test_a_path_is_any_text(way: Way) -> None:
    commits = [way.commit(1, "Words.", name=f"{name}/{name}") for name in (*ANY, ".hidden")]
    repository = make(way.folder / "r.git", commits)
    for path in (b"No \xff UTF/Terms", b"Line\nbreak/Terms", b"Tab\t/Terms", b"a/\x7f\x1b[2J\n"):
        add(repository, 2, path + b"." + way.ending.encode(), b"<p>Words.")
    assert way.takes(repository) == [
        "4 left out: not a record: another path or another subject",
        "1 left out: not a record: its folder is hidden",
        f"{len(ANY)} new records of {len(ANY)} documents, {len(ANY)} new versions.",
        f"Compared {len(ANY)} versions: {len(ANY)} baseline.",
    ]
    assert {kind for (kind,) in way.rows("SELECT type FROM documents")} == set(ANY)
    assert way.content() == way.undisturbed(repository)


def test_a_page_becomes_a_file_to_print(tmp_path: Path) -> None:
    way = Way("ota-snapshots", "html", tmp_path)
    moved = fetched(2, pdf(["Words of a file."]), "Quillo/Privacy Policy.pdf")
    moved.files["Quillo/Privacy Policy.html"] = None
    repository = make(tmp_path / "r.git", [way.commit(1, "Words."), moved, way.commit(3, "Words.")])
    assert "3 new records of 1 documents, 3 new versions." in way.takes(repository)
    assert way.content() == way.undisturbed(repository)


# What is broken in the middle.


def damaged(repository: Path, name: str) -> Path:
    """A copy in whose pack one byte in the middle of an object is another."""
    copy = repository.with_name("damaged.git")
    shutil.copytree(repository, copy)
    git("-C", str(copy), "-c", "pack.window=0", "repack", "-adfq")
    check = "--batch-check=%(objectname) %(objectsize:disk)"
    identity, size = asked(copy, "cat-file", check, told=name).split()
    index, pack = (next((copy / "objects/pack").glob(f"*.{ending}")) for ending in ("idx", "pack"))
    listed = asked(copy, "show-index", told=index.read_bytes()).splitlines()
    offset = next(int(line.split()[0]) for line in listed if line.split()[1] == identity)
    content = bytearray(pack.read_bytes())
    content[offset + int(size) // 2] ^= 0xFF
    pack.chmod(0o644)
    pack.write_bytes(content)
    return copy


def asked(repository: Path, *words: str, told: str | bytes) -> str:
    command = ["git", "-C", str(repository), *words]
    told = told.encode() if isinstance(told, str) else told
    return subprocess.run(command, input=told, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize(("name", "kept"), [("main~3", 0), ("main:Brill", 4), ("main:Cordo", 8)])
def test_a_damaged_pack_costs_nothing_that_was_read_before(way: Way, name: str, kept: int) -> None:
    """A commit, a text in the middle, and the last text of all, after which nothing more is asked for."""
    repository = make(way.folder / "r.git", way.history(5))
    broken = damaged(repository, name if "~" in name else f"{name}/Privacy Policy.{way.ending}")
    line = way.refusal(broken)
    assert line.startswith(f"Error: {broken}: git ")
    assert line.endswith("get it again\n")
    assert way.count("fetches") == way.count("versions") == kept
    assert way.complete(repository) == way.undisturbed(repository)


# A disk that fills.


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file of a process that is started meanwhile can grow longer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def sizes(way: Way, repository: Path) -> tuple[int, int]:
    """How long SQLite's log of the archive is after recording, and after comparing."""
    archive = way.folder / "measured.db"
    log = archive.with_name("measured.db-wal")
    with store.writing(archive) as db:
        way.record(db, repository)
        recorded = log.stat().st_size
        list(run.diff(db, loaded()))
        return recorded, log.stat().st_size


def struck(way: Way, repository: Path, size: int) -> None:
    """An import that comes to the end of the disk, in one line."""
    with room(size):
        line = way.refusal(repository)
    assert line.startswith(f"Error: {way.archive}")
    assert "free space" in line


def test_a_disk_that_fills_stops_an_import_and_no_more(way: Way) -> None:
    """While the archive is made, while it records, while it compares."""
    texts = [f"{n}. {TRAIN.format(n)}" for n in range(60)]
    days = [way.history(day + 2, *texts[day * 10 : day * 10 + 20])[day * 3 :] for day in range(4)]
    repository = make(way.folder / "r.git", [commit for day in days for commit in day])
    whole, (recorded, compared) = way.undisturbed(repository), sizes(way, repository)
    struck(way, repository, 99_000)
    assert way.complete(repository) == whole
    way.archive.unlink()
    struck(way, repository, recorded - 20_000)
    assert 0 < way.count("fetches") < 12
    assert way.count("changes") == 0
    assert way.complete(repository) == whole
    way.archive.unlink()
    struck(way, repository, (recorded + compared) // 2)
    assert 0 < way.count("changes") < way.count("versions") == 12
    assert way.complete(repository) == whole


def test_a_bundle_that_finds_no_room(tmp_path: Path) -> None:
    """The disk is full for git alone, which says so itself."""
    way = Way("ota-versions", "md", tmp_path)
    words = " ".join(hashlib.sha256(b"%d" % n).hexdigest() for n in range(2000))
    file = bundle(make(way.folder / "r.git", [way.commit(1, words)]), way.folder / "r.bundle")
    script = way.folder / "bin" / "git"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\ntrap '' XFSZ\nulimit -f 80\nexec '{shutil.which('git')}' \"$@\"\n")
    script.chmod(0o755)
    line = way.refusal(file, {"PATH": f"{script.parent}{os.pathsep}{os.environ['PATH']}"})
    assert line.startswith(f"Error: {file}: git cannot read it (")
    assert "File too large" in line
    assert line.endswith("check the free space and memory, or unpack elsewhere: set TMPDIR\n")
    assert way.count("fetches") == 0


def test_no_folder_to_unpack_a_bundle_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = bundle(make(tmp_path / "r.git", [record(1)]), tmp_path / "r.bundle")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(HistoryError, match="free some space, or set TMPDIR"), opened(file):
        pytest.fail("it was opened")
