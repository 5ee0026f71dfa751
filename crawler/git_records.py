"""Turns a git repository or bundle into the files that its commits recorded, oldest first, without a checkout."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from archive.errors import HistoryError

BUNDLE = b"# v"  # what a bundle begins with: "# v2 git bundle"
AHEAD = 4  # blobs asked for before the first is read, so that git unpacks while we read
FILES = ("100644", "100755")
REMOVED = "000000"
FORMAT = "%x01%H%x02%at%x02%s%x02%b"  # no commit message can hold a NUL, which ends each
# What a repository's own settings could make git run or say: nothing of it is wanted.
HARDENED = ("-c", "log.showSignature=false", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
SPARING = ("-c", "core.deltaBaseCacheLimit=16m")  # of unpacked files; git's usual 96 MB make it no faster
LISTING = ("log", "--topo-order", "--reverse", "--raw", "--no-renames", "--no-abbrev", "--no-mailmap", "-z")
# What to do about what git complains of; "it ended with -9" is a signal of the system.
ADVICE = {
    "prerequisite": "it needs commits that it does not hold: get a bundle of the whole history",
    "not a git repo": "name the folder of a repository, or a bundle",
    "dubious ownership": "it is another user's: run as that user, or add it to git's safe.directory",
    "No space|too large|write error|ended with -": "check the free space and memory, or unpack elsewhere: set TMPDIR",
}
DAMAGED = "it is cut short or damaged: get it again"


@dataclass(frozen=True, slots=True)
class Change:
    """One file that a commit brought: `alone` is false where it brought others as well. `at` is the author's time.

    `plain` is false for what is no file: a link, or the commit of another repository.
    """

    commit: str
    at: int
    subject: str
    body: str
    path: str
    blob: str
    alone: bool = True
    plain: bool = True


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that git can read, and the commit whose history it is about. `path` is what people know it by."""

    folder: Path
    head: str
    path: Path

    def changes(self) -> Iterator[Change]:
        """The files that commits brought, parents first. What they removed, and merges, are left out."""
        listed = _git(self.path, "-C", str(self.folder), *LISTING, f"--format=tformat:{FORMAT}", self.head)
        yield from _changes(iter(listed.split(b"\0")))

    @contextmanager
    def blobs(self, names: Iterable[str]) -> Iterator[Iterator[bytes]]:
        """The contents of these blobs, in order, from one process of git."""
        command = ["git", *HARDENED, *SPARING, "-C", str(self.folder), "cat-file", "--batch"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=_surroundings()) as git:  # noqa: S603
            assert git.stdin and git.stdout  # noqa: S101  (both are pipes)
            try:
                yield _contents(git.stdin, git.stdout, iter(names), self.path)
            finally:
                git.kill()


def head_of(path: Path) -> str:
    """The commit whose history a repository or bundle holds, told without unpacking it."""
    if not _is_bundle(path):
        return _head(path)
    listed = [line.partition(" ") for line in _told(path, "bundle", "list-heads", str(path.absolute()))]
    heads = {name: commit for commit, _, name in listed}
    if not heads:
        raise HistoryError(f"{path}: this bundle holds no branch: it is cut short or was made of none: get it again")
    return heads.get("HEAD") or next(iter(heads.values()))


@contextmanager
def opened(path: Path) -> Iterator[Repository]:
    """The repository at `path`; a bundle is unpacked into a temporary folder. HistoryError says what is wrong."""
    head = head_of(path)
    if not _is_bundle(path):
        yield Repository(_whole(path), head, path)
        return
    with _room(path) as folder:
        # A mirror has every branch, whatever it is called: a bundle's may be "refs/remotes/origin/main".
        _told(path, "clone", "--quiet", "--mirror", str(path.absolute()), folder)
        yield Repository(Path(folder), head, path)


def _room(path: Path) -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="smallprint-")
    except OSError as error:
        raise HistoryError(f"{path}: nowhere to unpack it ({error.strerror}): free some space, or set TMPDIR") from None


def _whole(path: Path) -> Path:
    if _told(path, "-C", str(path), "rev-parse", "--is-shallow-repository") != ["false"]:
        raise HistoryError(f"{path}: a shallow clone, its history is cut off: run `git fetch --unshallow` in it first")
    return path


def _head(path: Path) -> str:
    if not path.exists():
        raise HistoryError(f"{path}: there is nothing here: name a git repository or a bundle")
    if not path.is_dir():
        raise HistoryError(f"{path}: neither a git repository nor a bundle: name one, or get it again")
    _told(path, "-C", str(path), "rev-parse", "--git-dir")
    try:
        return _told(path, "-C", str(path), "rev-parse", "--verify", "--quiet", "HEAD")[0]
    except HistoryError:
        raise HistoryError(
            f"{path}: this repository has no commit yet: fetch its history, or check out the branch that has it"
        ) from None


def _is_bundle(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(BUNDLE)) == BUNDLE
    except OSError as error:
        raise HistoryError(f"{path}: cannot be read ({error.strerror}): check its name and rights") from None


def _told(path: Path, *words: str) -> list[str]:
    """The lines that git answers."""
    return _git(path, *words).decode("utf-8", "replace").splitlines()


def _git(path: Path, *words: str) -> bytes:
    """What git answers; what it complains of is told with the path that was named, and with what to do."""
    command = ["git", *HARDENED, *SPARING, *words]
    try:
        return subprocess.run(command, capture_output=True, check=True, env=_surroundings()).stdout  # noqa: S603
    except OSError as error:
        raise HistoryError(
            f"{path}: git cannot be started ({error.strerror}), and only git can read it: install git"
        ) from None
    except subprocess.CalledProcessError as error:
        complaint = _complaint(error.stderr.decode("utf-8", "replace")) or f"it ended with {error.returncode}"
        advice = next((told for words, told in ADVICE.items() if re.search(words, complaint)), DAMAGED)
        raise HistoryError(f"{path}: git cannot read it ({complaint}): {advice}") from None


def _complaint(told: str) -> str:
    """The first of git's lines, which has the reason; those after it say that something else failed therefore."""
    lines = [" ".join(line.split()) for line in told.splitlines()]
    return next((line.removeprefix("fatal: ").removeprefix("error: ").rstrip(":") for line in lines if line), "")


def _surroundings() -> dict[str, str]:
    """Ours, but git answers in English, asks nothing, and is not told by a hook which repository it is in."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}


def _changes(tokens: Iterator[bytes]) -> Iterator[Change]:
    """Of git's listing: each commit's header, and after it pairs of what happened and the path."""
    header: list[str] = []
    files: list[tuple[str, str, bool]] = []
    for token in tokens:
        if token.startswith(b"\x01"):
            yield from _of_commit(header, files)
            header, files = token[1:].decode("utf-8", "replace").split("\x02", 3), []
        elif token.lstrip(b"\n").startswith(b":"):
            _, mode, _, blob, *_ = token.decode("ascii").split()
            path = next(tokens).decode("utf-8", "surrogateescape")
            if mode != REMOVED:
                files.append((path, blob, mode in FILES))
    yield from _of_commit(header, files)


def _of_commit(header: list[str], files: list[tuple[str, str, bool]]) -> Iterator[Change]:
    for path, blob, plain in files:
        commit, at, subject, body = header
        yield Change(commit, int(at or 0), subject, body, path, blob, len(files) == 1, plain)


def _contents(asking: IO[bytes], answers: IO[bytes], names: Iterator[str], path: Path) -> Iterator[bytes]:
    waiting = [_ask(asking, name) for name in islice(names, AHEAD)]
    while waiting:
        name = waiting.pop(0)
        waiting += [_ask(asking, following) for following in islice(names, 1)]
        content = _answer(answers)
        if content is None:
            raise HistoryError(f"{path}: git does not give the file {name}: the repository is broken: get it again")
        yield content


def _ask(asking: IO[bytes], name: str) -> str:
    with suppress(BrokenPipeError):  # git has ended, over a file that was asked for before: its answer is missing
        os.write(asking.fileno(), f"{name}\n".encode())
    return name


def _answer(answers: IO[bytes]) -> bytes | None:
    """The file that was asked for; None where git has none, or ended before the whole of it was told."""
    told = answers.readline().split()
    if len(told) != 3:
        return None
    content = answers.read(int(told[2]) + 1)  # and the line's end after it
    return content[:-1] if len(content) == int(told[2]) + 1 else None
