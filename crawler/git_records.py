"""Turns a git repository or bundle into the files that its commits recorded, oldest first, without a checkout."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from archive.errors import HistoryError

BUNDLE = b"# v"  # what a bundle begins with: "# v2 git bundle"
AHEAD = 4  # blobs asked for before the first is read, so that git unpacks while we read
FILES = ("100644", "100755")
FORMAT = "%x01%H%x02%at%x02%s%x02%b"  # no commit message can hold a NUL, which ends each
# What a repository's own settings could make git run or say: nothing of it is wanted.
HARDENED = ("-c", "log.showSignature=false", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
FRUGAL = ("-c", "core.deltaBaseCacheLimit=16m")  # git would take 96 MB, and is not faster
LISTING = ("log", "--topo-order", "--reverse", "--raw", "--no-renames", "--no-abbrev", "--no-mailmap", "-z")


@dataclass(frozen=True, slots=True)
class Change:
    """One file that a commit brought: `alone` is false where it brought others as well. `at` is the author's time."""

    commit: str
    at: int
    subject: str
    body: str
    path: str
    blob: str
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that git can read, and the commit whose history it is about."""

    folder: Path
    head: str

    def changes(self) -> Iterator[Change]:
        """The files that commits brought, parents first. What they removed, merges and links are left out."""
        listed = _git(self.folder, *LISTING, f"--format=tformat:{FORMAT}", self.head)
        yield from _changes(iter(listed.split(b"\0")))

    @contextmanager
    def blobs(self, names: Iterable[str]) -> Iterator[Iterator[bytes]]:
        """The contents of these blobs, in order, from one process of git."""
        command = ["git", *HARDENED, *FRUGAL, "-C", str(self.folder), "cat-file", "--batch"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=_surroundings()) as git:  # noqa: S603
            assert git.stdin and git.stdout  # noqa: S101  (both are pipes)
            try:
                yield _contents(git.stdin, git.stdout, iter(names))
            finally:
                git.kill()


def head_of(path: Path) -> str:
    """The commit whose history a repository or bundle holds, told without unpacking it."""
    if not _is_bundle(path):
        return _head(path)
    listed = [line.partition(" ") for line in _told(path, "bundle", "list-heads", str(path.absolute()))]
    heads = {name: commit for commit, _, name in listed}
    if not heads:
        raise HistoryError(f"{path}: this bundle holds no branch")
    return heads.get("HEAD") or next(iter(heads.values()))


@contextmanager
def opened(path: Path) -> Iterator[Repository]:
    """The repository at `path`; a bundle is unpacked into a temporary folder. HistoryError says what is wrong."""
    head = head_of(path)
    if not _is_bundle(path):
        yield Repository(_whole(path), head)
        return
    with tempfile.TemporaryDirectory(prefix="smallprint-") as folder:
        _told(path, "clone", "--quiet", "--bare", str(path.absolute()), folder)
        yield Repository(Path(folder), head)


def _whole(path: Path) -> Path:
    if _told(path, "-C", str(path), "rev-parse", "--is-shallow-repository") != ["false"]:
        raise HistoryError(f"{path}: a shallow clone, its history is cut off: run `git fetch --unshallow` in it first")
    return path


def _head(path: Path) -> str:
    if not path.exists():
        raise HistoryError(f"{path}: there is nothing here: name a git repository or a bundle")
    if not path.is_dir():
        raise HistoryError(f"{path}: neither a git repository nor a bundle")
    _told(path, "-C", str(path), "rev-parse", "--git-dir")
    try:
        return _git(path, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
    except HistoryError:
        raise HistoryError(f"{path}: this repository has no commit yet") from None


def _is_bundle(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(BUNDLE)) == BUNDLE


def _told(path: Path, *words: str) -> list[str]:
    """The lines that git answers; what it complains of is told with the path that was named."""
    try:
        return _git(None, *words).decode("utf-8", "replace").splitlines()
    except HistoryError as error:
        raise HistoryError(f"{path}: git cannot read it: {error}") from None


def _git(folder: Path | None, *words: str) -> bytes:
    where = ("-C", str(folder)) if folder else ()
    command = ["git", *HARDENED, *where, *words]
    try:
        done = subprocess.run(command, capture_output=True, check=True, env=_surroundings())  # noqa: S603
    except FileNotFoundError:
        raise HistoryError("git is not installed, and only git can read a repository") from None
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        raise HistoryError(" ".join((lines or ["no reason given"])[-1].split())) from None
    return done.stdout


def _surroundings() -> dict[str, str]:
    """Ours, but git answers in English, asks nothing, and is not told by a hook which repository it is in."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}


def _changes(tokens: Iterator[bytes]) -> Iterator[Change]:
    """Of git's listing: each commit's header, and after it pairs of what happened and the path."""
    header: list[str] = []
    files: list[tuple[str, str]] = []
    for token in tokens:
        if token.startswith(b"\x01"):
            yield from _of_commit(header, files)
            header, files = token[1:].decode("utf-8", "replace").split("\x02", 3), []
        elif token.lstrip(b"\n").startswith(b":"):
            _, mode, _, blob, *_ = token.decode("ascii").split()
            path = next(tokens).decode("utf-8", "surrogateescape")
            if mode in FILES:
                files.append((path, blob))
    yield from _of_commit(header, files)


def _of_commit(header: list[str], files: list[tuple[str, str]]) -> Iterator[Change]:
    for path, blob in files:
        commit, at, subject, body = header
        yield Change(commit, int(at or 0), subject, body, path, blob, len(files) == 1)


def _contents(asking: IO[bytes], answers: IO[bytes], names: Iterator[str]) -> Iterator[bytes]:
    waiting = [_ask(asking, name) for name in islice(names, AHEAD)]
    while waiting:
        name = waiting.pop(0)
        waiting += [_ask(asking, following) for following in islice(names, 1)]
        yield _answer(answers, name)


def _ask(asking: IO[bytes], name: str) -> str:
    asking.write(f"{name}\n".encode())
    asking.flush()
    return name


def _answer(answers: IO[bytes], name: str) -> bytes:
    told = answers.readline().split()
    if len(told) != 3:
        raise HistoryError(f"git does not give the file {name}: the repository is broken or not complete")
    content = answers.read(int(told[2]))
    answers.read(1)  # the line's end after it
    return content
