"""A folder that is a git repository: what has been exported to it, and new commits on top."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from archive.errors import ArchiveError

AUTHOR = "Smallprint <smallprint@localhost>"
VERSION_TRAILER = "X-smallprint-version"
NEW = "refs/smallprint/new"  # the commits that are not on the branch yet
OWN_SETTINGS = {  # nobody's configuration decides what an export looks like
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_COMMITTER_NAME": "Smallprint",
    "GIT_COMMITTER_EMAIL": "smallprint@localhost",
    "LC_ALL": "C",
}


@dataclass(frozen=True, slots=True)
class Commit:
    """One file's new content, with the words about it. `at` is author's and committer's time, in seconds since 1970."""

    path: str
    content: bytes
    message: str
    at: int


def open_folder(folder: Path) -> None:
    """Makes the folder a repository if it is new or empty. Raises ArchiveError where it is neither that nor one."""
    if shutil.which("git") is None:
        raise ArchiveError("git is not installed, and an export is a git repository: install git")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            _git(folder, "init", "--quiet", "--template=", "--initial-branch=main", ".", own=False)
    except OSError as error:
        raise ArchiveError(f"{folder}: cannot be used ({error.strerror}): name another folder") from error
    if not (folder / ".git").exists():
        raise ArchiveError(f"{folder}: holds files, but is no git repository: name a new or an empty folder")
    _git(folder, "rev-parse", "--git-dir")


def exported(folder: Path) -> dict[int, int]:
    """The ids of the versions that the current branch holds, each with its commit's time."""
    if _head(folder) is None:
        return {}
    form = f"--format=%at %(trailers:key={VERSION_TRAILER},valueonly,separator=%x20)"
    lines = (line.split() for line in _git(folder, "log", form, "HEAD").splitlines())
    return {int(words[1][1:]): int(words[0]) for words in lines if len(words) == 2 and words[1][1:].isdecimal()}


def paths(folder: Path) -> set[str]:
    """The paths of all files on the current branch."""
    if _head(folder) is None:
        return set()
    return set(_git(folder, "ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")) - {""}


def append(folder: Path, commits: Iterable[Commit]) -> int:
    """Adds the commits to the current branch and its files to the folder; all of them, or none. Gives their number.

    The same commits on the same branch get the same names: an export that was cut short is simply made again.
    """
    number = 0
    with _fast_import(folder) as stream:
        for number, commit in enumerate(commits, 1):
            stream.write(_head_of(commit))
            if number == 1 and (parent := _head(folder)):
                stream.write(f"from {parent}\n".encode())
            stream.write(b"M 100644 inline " + _quoted(commit.path) + b"\n" + _data(commit.content))
        stream.write(b"done\n")
    if number:
        _git(folder, "merge", "--ff-only", "--quiet", NEW)
        _git(folder, "update-ref", "-d", NEW)
    return number


def _head_of(commit: Commit) -> bytes:
    who = f"{AUTHOR} {commit.at} +0000"
    return f"commit {NEW}\nauthor {who}\ncommitter {who}\n".encode() + _data(commit.message.encode())


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _quoted(path: str) -> bytes:
    return b'"' + path.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


@contextmanager
def _fast_import(folder: Path) -> Iterator[IO[bytes]]:
    """The input of one `git fast-import`; what git says against it is raised in one line."""
    command = _command(folder, "fast-import", "--quiet", "--force", "--done")
    with tempfile.TemporaryFile() as said:
        pipe, surroundings = subprocess.PIPE, _environment()
        with subprocess.Popen(command, stdin=pipe, stderr=said, env=surroundings, cwd=folder) as process:  # noqa: S603
            try:
                with cast(IO[bytes], process.stdin) as stream:
                    yield stream
            except BrokenPipeError:
                pass  # git has ended early; its own words say why
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            said.seek(0)
            raise _refused(folder, said.read().decode(errors="replace"), process.returncode)


def _head(folder: Path) -> str | None:
    """The newest commit of the current branch; None where there is none yet."""
    return _git(folder, "rev-parse", "--verify", "--quiet", "HEAD", may_fail=True).strip() or None


def _git(folder: Path, *words: str, own: bool = True, may_fail: bool = False) -> str:
    """What a git command prints."""
    command = _command(folder, *words) if own else ["git", *words]
    done = subprocess.run(command, capture_output=True, check=False, env=_environment(), cwd=folder)  # noqa: S603
    if done.returncode and not may_fail:
        raise _refused(folder, done.stderr.decode(errors="replace"), done.returncode)
    return done.stdout.decode(errors="replace")


def _command(folder: Path, *words: str) -> list[str]:
    """The repository is this folder's own, never one around it; no hooks run and nothing goes on in the background."""
    own = ["git", "--git-dir=.git", "--work-tree=.", "--no-optional-locks"]
    return [*own, "-c", f"core.hooksPath={os.devnull}", "-c", "gc.auto=0", "-c", "core.autocrlf=false", *words]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, **OWN_SETTINGS}


def _refused(folder: Path, words: str, code: int) -> ArchiveError:
    """Git's own words in one line; one that the system has stopped, as on a full disk, says nothing."""
    said = " ".join(words.split())[:300] or f"it ended with {code}, check the free space"
    return ArchiveError(f"{folder}: git refuses: {said}")
