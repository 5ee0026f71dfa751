"""Repositories and bundles: what their commits brought, oldest first, and a clear line for what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.errors import HistoryError
from crawler.git_records import head_of, opened
from tests.histories import START, Commit, bundle, git, make, record

ODD = "Quillo \"\\ ü\n'/Terms of Service.md"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make(tmp_path / "versions.git", [record(1), record(2, path=ODD), record(3)])


def subjects(path: Path) -> list[str]:
    with opened(path) as found:
        return [change.subject.split(" Quillo")[0] for change in found.changes()]


def test_what_commits_brought_comes_oldest_first(repository: Path) -> None:
    with opened(repository) as found:
        changes = list(found.changes())
        assert [change.at for change in changes] == [START + day * 86400 for day in (1, 2, 3)]
        assert [change.path for change in changes] == ["Quillo/Privacy Policy.md", ODD, "Quillo/Privacy Policy.md"]
        with found.blobs(change.blob for change in changes) as contents:
            assert [b"day 1" in content or b"day 3" in content for content in contents] == [True, False, True]


def test_a_bundle_is_a_repository(repository: Path, tmp_path: Path) -> None:
    packed = bundle(repository, tmp_path / "versions.bundle")
    assert subjects(packed) == subjects(repository)
    assert head_of(packed) == head_of(repository)


def test_a_checkout_is_a_repository(repository: Path, tmp_path: Path) -> None:
    plain = make(tmp_path / "plain.git", [record(1)])
    git("clone", "--quiet", str(plain), str(tmp_path / "checkout"))
    assert subjects(tmp_path / "checkout") == ["Record new changes of"]


def test_removed_files_are_left_out_and_several_are_told(tmp_path: Path) -> None:
    both = Commit("Update a b", {"A/b.md": b"one", "A/c.md": b"two"})
    made = make(tmp_path / "r.git", [record(1), Commit("Remove", {"Quillo/Privacy Policy.md": None}), both])
    with opened(made) as found:
        assert [(change.path, change.alone) for change in found.changes()] == [
            ("Quillo/Privacy Policy.md", True), ("A/b.md", False), ("A/c.md", False),
        ]  # fmt: skip


def test_a_repository_cannot_make_git_run_anything(repository: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    program.chmod(0o755)
    for name in ("gpg.program", "core.pager", "core.fsmonitor", "diff.external"):
        git("-C", str(repository), "config", name, str(program))
    git("-C", str(repository), "config", "log.showSignature", "true")
    assert len(subjects(repository)) == 3
    assert not ran.exists()


def test_a_blob_that_is_missing_is_told(repository: Path) -> None:
    with opened(repository) as found, found.blobs(["0" * 40]) as contents, pytest.raises(HistoryError, match="broken"):
        next(contents)


def refusal(path: Path) -> str:
    with pytest.raises(HistoryError) as refused, opened(path):
        pass
    assert "\n" not in str(refused.value)
    assert str(path) in str(refused.value)
    return str(refused.value)


def test_what_is_no_repository_is_told_in_one_line(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"hello")
    git("init", "--quiet", "--bare", str(tmp_path / "empty.git"))
    assert "nothing here" in refusal(tmp_path / "missing")
    assert "not a git repository" in refusal(tmp_path / "folder")
    assert "neither a git repository nor a bundle" in refusal(tmp_path / "file")
    assert "no commit yet" in refusal(tmp_path / "empty.git")


def test_a_shallow_clone_is_told(repository: Path, tmp_path: Path) -> None:
    git("clone", "--quiet", "--bare", "--depth=1", f"file://{repository}", str(tmp_path / "shallow.git"))
    assert "shallow clone" in refusal(tmp_path / "shallow.git")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_bundle_cut_short_is_told(repository: Path, tmp_path: Path, share: float) -> None:
    packed = bundle(repository, tmp_path / "versions.bundle")
    whole = packed.read_bytes()
    packed.write_bytes(whole[: int(len(whole) * share) or 1])
    refusal(packed)
