"""Exporting: a git repository in the form of Open Terms Archive's versions, that only ever grows."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import store
from archive.errors import ArchiveError
from archive.export import export, file_name
from archive.placements import text_of
from archive.recording import record_document, record_fetch, record_version
from archive.words import Document, Fetch, Kind, Outcome, Passage, Snapshot
from crawler.html_links import link_target
from crawler.markdown import markdown_passages
from tests.builders import DAY, POLICY, fetch, page, paragraphs, version
from tests.commands import smallprint
from tests.test_store import run

ENGINE = "smallprint-0.0.0"
OTA = "Open Terms Archive"
FULL = """
import resource, signal, sys
from pathlib import Path
from archive import errors, export, store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    with store.reading(Path(sys.argv[1])) as db:
        export.export(db, Path(sys.argv[2]), "Quillo", None, "smallprint-0.0.0")
except errors.ArchiveError as error:
    print(error)
"""


def git(folder: Path, *words: str) -> str:
    """What git prints."""
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(folder), *words], capture_output=True, text=True, check=True
    )
    return done.stdout


def log(folder: Path, form: str, *more: str) -> list[str]:
    """One line a commit, oldest first."""
    return git(folder, "log", "--reverse", f"--format={form}", *more).splitlines()


def exported(db: Database, folder: Path, service: str = "Quillo", document: str | None = None, **more: str) -> int:
    """How many versions an export has added."""
    return export(db, folder, service, document, ENGINE, **more)


def refused(db: Database, folder: Path, **more: str) -> str:
    """The one line with which an export is refused."""
    with pytest.raises(ArchiveError) as caught:
        exported(db, folder, **more)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def imported(db: Database, text: bytes, day: int, name: str = "Quillo") -> int:
    """The id of a version that Open Terms Archive has recorded."""
    owner = record_document(db, Document(name, "Privacy Policy", "", origin=OTA))
    looked = Fetch("https://quillo.example/", DAY.format(day), Outcome.RECORDED, origin_id=f"{day:040x}")
    seen = record_fetch(db, owner, 0, looked, Snapshot(text, "text/markdown"))
    made = record_version(db, owner, [seen], paragraphs(text.decode(errors="replace")), "ota")
    assert made is not None
    return made


def test_one_commit_a_version(db: Database, tmp_path: Path) -> None:
    version(db, page("# Privacy\nWe do not train."), 1)
    version(db, page("# Privacy\nWe train.\n- on posts"), 2)
    version(db, page("# Privacy\nWe train."), 3, technical=True)
    folder = tmp_path / "new" / "export"
    assert exported(db, folder) == 3
    assert log(folder, "%s") == [
        "First record of Quillo Privacy Policy",
        "Record new changes of Quillo Privacy Policy",
        "Apply technical or declaration upgrade on Quillo Privacy Policy",
    ]
    assert log(folder, "%at") == log(folder, "%ct")
    assert log(folder, "%aI") == [f"2026-03-0{day}T06:00:00+00:00" for day in (1, 2, 3)]
    assert [line for line in git(folder, "log", "--format=", "--name-only").splitlines() if line] == [
        "Quillo/Privacy Policy.md"
    ] * 3
    assert git(folder, "show", "HEAD~1:Quillo/Privacy Policy.md") == "# Privacy\n\nWe train.\n\n- on posts\n"
    assert (folder / "Quillo" / "Privacy Policy.md").read_text() == "# Privacy\n\nWe train.\n"
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "fsck", "--strict") == ""


def test_the_words_of_a_commit(db: Database, tmp_path: Path) -> None:
    version(db, paragraphs("Hello."), 1)
    exported(db, tmp_path / "export")
    digest = hashlib.sha256(b"Hello.").hexdigest()
    assert log(tmp_path / "export", "%B") == [
        "First record of Quillo Privacy Policy",
        "",
        f"This version was recorded after extracting from snapshot {digest}",
        "",
        f"X-engine-version: {ENGINE}",
        "X-source-document-location: https://quillo.example/privacy",
        "X-smallprint-version: v1",
        "",
    ]
    assert log(tmp_path / "export", "%(trailers:key=X-engine-version,valueonly)")[0] == ENGINE
    assert log(tmp_path / "export", "%an <%ae>") == ["Smallprint <smallprint@localhost>"]


def test_a_document_of_several_pages_names_them_all(db: Database, tmp_path: Path) -> None:
    owner = record_document(db, POLICY)
    parts = [record_fetch(db, owner, part, fetch(1), Snapshot(b"%d" % part, "text/html")) for part in (0, 1)]
    record_version(db, owner, parts, paragraphs("Both."), "rules 1")
    exported(db, tmp_path / "export")
    lines = log(tmp_path / "export", "%B")
    assert lines[2].endswith("from and assembling the following snapshots from 2 source documents:")
    assert lines[3:5] == [f"- {hashlib.sha256(text).hexdigest()}" for text in (b"0", b"1")]
    assert len([line for line in lines if line.startswith("X-source-document-location")]) == 2


def test_a_second_export_adds_what_is_new(db: Database, tmp_path: Path) -> None:
    other = Document("Quillo", "Terms of Service", "https://quillo.example/terms", "Quillo")
    version(db, paragraphs("One."), 1)
    assert exported(db, tmp_path / "export") == 1
    first = git(tmp_path / "export", "rev-parse", "HEAD").strip()
    assert exported(db, tmp_path / "export") == 0
    version(db, paragraphs("Two."), 2)
    version(db, paragraphs("Terms."), 2, other)
    assert exported(db, tmp_path / "export") == 2
    assert git(tmp_path / "export", "rev-parse", "HEAD~2").strip() == first
    assert exported(db, tmp_path / "at once") == 3
    assert git(tmp_path / "export", "rev-parse", "HEAD") == git(tmp_path / "at once", "rev-parse", "HEAD")
    assert exported(db, tmp_path / "one", document="privacy policy") == 2


def test_an_export_that_was_cut_short_adds_nothing_and_is_made_again(db: Database, tmp_path: Path) -> None:
    for day in range(1, 6):
        version(db, paragraphs(f"Day {day}."), day)
    exported(db, tmp_path / "whole")

    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(db, tmp_path / "export", "Quillo", None, ENGINE, None, stop)
    assert [path.name for path in (tmp_path / "export").iterdir()] == [".git"]
    assert exported(db, tmp_path / "export") == 5
    assert git(tmp_path / "export", "rev-parse", "HEAD") == git(tmp_path / "whole", "rev-parse", "HEAD")


def test_one_cut_short_before_the_branch_moved(db: Database, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    version(db, paragraphs("One."), 1)
    exported(db, folder)
    first = git(folder, "rev-parse", "HEAD").strip()
    version(db, paragraphs("Two."), 2)
    exported(db, folder)
    whole = git(folder, "rev-parse", "HEAD").strip()
    git(folder, "reset", "--quiet", "--hard", first)
    git(folder, "update-ref", "refs/smallprint/new", whole)
    assert exported(db, folder) == 1
    assert git(folder, "rev-parse", "HEAD").strip() == whole
    assert "smallprint" not in git(folder, "for-each-ref")


def test_what_others_recorded_comes_out_byte_for_byte(db: Database, tmp_path: Path) -> None:
    texts = [b"# Privacy\r\n\r\n*   We  *train*\xff", b"no line end", b""" "quoted" \\ \n\n\n"""]
    for day, text in enumerate(texts, 1):
        imported(db, text, day)
    exported(db, tmp_path / "export")
    for back, text in zip(("HEAD~2", "HEAD~1", "HEAD"), texts, strict=True):
        command = ["git", "-C", str(tmp_path / "export"), "cat-file", "blob", f"{back}:Quillo/Privacy Policy.md"]
        assert subprocess.run(command, capture_output=True, check=True).stdout == text
    assert (tmp_path / "export" / "Quillo" / "Privacy Policy.md").read_bytes() == texts[-1]


def test_two_records_of_a_service_do_not_mix(db: Database, tmp_path: Path) -> None:
    version(db, paragraphs("Ours."), 1)
    imported(db, b"Theirs.", 2)
    folder = tmp_path / "export"
    assert "records of Open Terms Archive and of Smallprint: name one with --origin" in refused(db, folder)
    assert exported(db, folder, origin="smallprint") == 1
    assert "another record of Quillo/Privacy Policy.md" in refused(db, folder, origin=OTA)
    assert exported(db, tmp_path / "theirs", origin=OTA) == 1
    assert "nothing is recorded" in refused(db, folder, origin="Nobody")


def test_regions_have_files_of_their_own(db: Database, tmp_path: Path) -> None:
    version(db, paragraphs("Here."), 1)
    version(db, paragraphs("There."), 1, Document("Quillo", "Privacy Policy", POLICY.url, "Quillo", "EU"))
    exported(db, tmp_path / "export")
    names = sorted(path.name for path in (tmp_path / "export" / "Quillo").iterdir())
    assert names == ["Privacy Policy (EU).md", "Privacy Policy.md"]


def test_a_version_that_changes_nothing_in_the_file_makes_no_commit(db: Database, tmp_path: Path) -> None:
    first = Passage(Kind.ITEM, "deep", 8)
    version(db, [first], 1)
    version(db, [Passage(Kind.ITEM, "deep", 9)], 2)
    assert exported(db, tmp_path / "export") == 1
    assert exported(db, tmp_path / "export") == 0
    version(db, paragraphs("Flat."), 3)
    assert exported(db, tmp_path / "export") == 1


@pytest.mark.parametrize("name", ["../../up", "a/b", "/etc", ".git", "..", ".", "a\\b\nc", "x" * 400, "é" * 200, "-rf"])
def test_names_never_lead_out_of_the_folder(db: Database, tmp_path: Path, name: str) -> None:
    version(db, paragraphs("Hello."), 1, Document(name, name, "https://x.example/", name))
    assert exported(db, tmp_path / "deep" / "export", service=name) == 1
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["export"]
    [file] = (tmp_path / "deep" / "export").rglob("*.md")
    assert len(file.relative_to(tmp_path / "deep" / "export").parts) == 2
    version(db, paragraphs("Bye."), 2, Document(name, name, "https://x.example/", name))
    assert exported(db, tmp_path / "deep" / "export", service=name) == 1


@given(st.text(max_size=300), st.text(max_size=300))
@example("a/b", "a_b")
@example("git~1", "GIT~1")
def test_a_file_name_is_one_part_of_a_path(one: str, other: str) -> None:
    for name in (one, other):
        made = file_name(name)
        assert made and "/" not in made and "\\" not in made and not made.startswith(".") and "\0" not in made
        assert not made.lower().startswith("git~")
        assert len(made.encode()) <= 200
    assert one == other or file_name(one) != file_name(other)


def test_ordinary_names_stay_as_they_are() -> None:
    for name in ("DALL·E", "Claude.ai", "Terms of Service", "同意", 'He said "no": *'):
        assert file_name(name) == name


def test_a_folder_with_files_is_left_alone(db: Database, tmp_path: Path) -> None:
    version(db, paragraphs("Hello."), 1)
    (tmp_path / "diary.txt").write_text("Dear diary")
    assert "is no git repository" in refused(db, tmp_path)
    assert not (tmp_path / ".git").exists()
    assert "cannot be used" in refused(db, tmp_path / "diary.txt")


def test_a_repository_around_the_folder_is_left_alone(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version(db, paragraphs("Hello."), 1)
    git(tmp_path, "init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / ".git" / "index"))
    assert exported(db, tmp_path / "export") == 1
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert git(tmp_path, "for-each-ref") == ""
    assert log(tmp_path / "export", "%s") == ["First record of Quillo Privacy Policy"]


def test_an_export_of_another_archive_is_left_alone(db: Database, tmp_path: Path) -> None:
    version(db, paragraphs("Ours."), 1)
    with store.writing(tmp_path / "other.db") as other:
        version(other, paragraphs("Theirs."), 5)
        exported(other, tmp_path / "export")
    assert "an export of another archive" in refused(db, tmp_path / "export")


def test_what_people_add_is_kept(db: Database, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    version(db, paragraphs("One."), 1)
    exported(db, folder)
    (folder / "README.md").write_text("Mine")
    git(folder, "add", "README.md")
    git(folder, "-c", "user.name=I", "-c", "user.email=i@x.example", "commit", "--quiet", "-m", "A word of mine")
    version(db, paragraphs("Two."), 2)
    assert exported(db, folder) == 1
    assert log(folder, "%s")[1] == "A word of mine"
    assert (folder / "README.md").read_text() == "Mine"


def test_an_altered_file_is_not_overwritten(db: Database, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    version(db, paragraphs("One."), 1)
    exported(db, folder)
    (folder / "Quillo" / "Privacy Policy.md").write_text("Mine")
    version(db, paragraphs("Two."), 2)
    assert "git refuses: error: Your local changes" in refused(db, folder)
    assert (folder / "Quillo" / "Privacy Policy.md").read_text() == "Mine"
    git(folder, "checkout", "--quiet", ".")
    assert exported(db, folder) == 1


def test_a_broken_repository(db: Database, tmp_path: Path) -> None:
    version(db, paragraphs("One."), 1)
    (tmp_path / "export" / ".git").mkdir(parents=True)
    assert "git refuses: fatal: not a git repository" in refused(db, tmp_path / "export")


def test_a_full_disk(archive_path: Path, tmp_path: Path) -> None:
    with store.writing(archive_path) as db:
        version(db, paragraphs("One."), 1)
        exported(db, tmp_path / "export")
        for day in range(2, 8):
            version(db, paragraphs(os.urandom(200_000).hex()), day)
    said = run(FULL, archive_path, tmp_path / "export")
    assert said.startswith(f"{tmp_path / 'export'}: ")
    assert "\n" not in said
    assert log(tmp_path / "export", "%s") == ["First record of Quillo Privacy Policy"]
    with store.reading(archive_path) as db:
        assert exported(db, tmp_path / "export") == 6


def test_times_that_git_does_not_know(db: Database, tmp_path: Path) -> None:
    owner = record_document(db, POLICY)
    for number, at in enumerate(("1969-07-20T20:17:00Z", "1970-01-01T00:00:01Z", "2199-01-01T00:00:00Z")):
        looked = Fetch(POLICY.url, at, Outcome.RECORDED)
        seen = record_fetch(db, owner, 0, looked, Snapshot(b"%d" % number, "text/html"))
        record_version(db, owner, [seen], paragraphs(at), "rules 1")
    assert exported(db, tmp_path / "export") == 3
    assert log(tmp_path / "export", "%at") == ["0", "1", "7226582400"]
    assert exported(db, tmp_path / "export") == 0


def test_the_command_on_the_demo(tmp_path: Path) -> None:
    assert smallprint("demo", "--folder", ".", cwd=tmp_path).returncode == 0
    words = ("export", "gantry", "--into", "out", "--archive", "archive.db")
    assert smallprint(*words, cwd=tmp_path).stdout == "out: 10 versions added.\n"
    assert smallprint(*words, cwd=tmp_path).stdout == "out: there is nothing new.\n"
    with store.reading(tmp_path / "archive.db") as db:
        for line in log(tmp_path / "out", "%H %(trailers:key=X-smallprint-version,valueonly,separator=)"):
            commit, _, version_id = line.partition(" v")
            name = git(tmp_path / "out", "show", "--format=", "--name-only", commit).strip()
            written = git(tmp_path / "out", "show", f"{commit}:{name}")
            assert markdown_passages(written, link_target("")) == text_of(db, int(version_id))


def test_git_is_not_installed(archive_path: Path, tmp_path: Path) -> None:
    with store.writing(archive_path) as db:
        version(db, paragraphs("One."), 1)
    words = ("export", "Quillo", "--into", "out", "--archive", str(archive_path))
    done = smallprint(*words, cwd=tmp_path, env={"PATH": os.devnull})
    assert done.returncode == 2
    assert done.stderr == "Error: git is not installed, and an export is a git repository: install git\n"
    assert smallprint("export", "Nobody", *words[2:], cwd=tmp_path).returncode == 2
