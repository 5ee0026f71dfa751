"""The history of an Open Terms Archive repository comes in whole, once, with its own dates, and tells nobody."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import outbox, store
from archive.errors import HistoryError
from archive.places import RULES
from archive.rows import value
from archive.snapshots import body
from crawler import ota_versions
from crawler.markdown import MarkdownReader, markdown_passages
from crawler.ota_commits import Report
from diffing import rules, run
from tests.commands import smallprint
from tests.histories import DAY, START, WORDS, Commit, bundle, content_hash, make, record

COMMIT = "https://github.com/OpenTermsArchive/contrib-snapshots/commit/2916d5faa81558c488afec6c0f3b265af81c0323"
HISTORY = [
    Commit("Add Readme and License", {"README.md": b"Hello", "LICENSE": b"Free"}),
    record(1, prefix="Start tracking"),
    record(2, "# Terms\n\nBe kind.\n", path="Brill/Terms of Service.md", prefix="First record of"),
    record(4, body=f"This version was recorded after extracting from snapshot {COMMIT}\n\nX-engine-version: 15.1.0\n"),
    record(3, prefix="Update", body="This version was recorded after filtering snapshot 5f0c3b265af8\n"),
    record(5, WORDS.format(5) + "\n\nMenu\n", prefix="Apply technical or declaration upgrade on"),
    record(6, WORDS.format(5) + "\n\nMenu bar\n", prefix="Refilter"),
    Commit("Remove Brill", {"Brill/Terms of Service.md": None}),
]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make(tmp_path / "versions.git", HISTORY)


def take(db: Database, path: Path, name: str = "") -> Report:
    """The report, after comparing everything."""
    report = ota_versions.import_versions(db, path, name)
    list(run.diff(db, rules.load(RULES)))
    return report


def rows(db: Database, sql: str) -> list[tuple[Any, ...]]:
    return list(db.conn.execute(sql))


def test_every_record_becomes_a_version_with_the_authors_date(db: Database, repository: Path) -> None:
    report = take(db, repository)
    assert (report.records, report.documents, report.versions) == (6, 2, 6)
    assert rows(db, "SELECT seen_at, technical FROM versions WHERE document_id = 2 ORDER BY id") == [
        ("2020-09-14T12:26:40Z", 0), ("2020-09-16T12:26:40Z", 0), ("2020-09-17T12:26:40Z", 0),
        ("2020-09-18T12:26:40Z", 1), ("2020-09-19T12:26:40Z", 1),
    ]  # fmt: skip
    assert rows(db, "SELECT name, key, type, origin FROM documents JOIN services USING (name)") == []
    assert rows(db, "SELECT key, type, origin FROM documents JOIN services ON services.id = service_id") == [
        ("Brill", "Terms of Service", "Open Terms Archive"), ("Quillo", "Privacy Policy", "Open Terms Archive"),
    ]  # fmt: skip


def test_texts_read_back_exactly_beside_what_the_recorder_tells(db: Database, repository: Path) -> None:
    take(db, repository)
    told = rows(db, "SELECT snapshot_id, outcome, detail, origin_id FROM fetches WHERE document_id = 2 ORDER BY id")
    kept = [body(db, snapshot).decode() for snapshot, *_ in told]
    assert kept[:3] == [WORDS.format(day) for day in (1, 3, 4)]
    assert {outcome for _, outcome, _, _ in told} == {"recorded"}
    assert [detail for _, _, detail, _ in told][:3] == ["", "from 5f0c3b265af8", f"from {COMMIT}"]
    assert len({commit for *_, commit in told}) == 5


def test_versions_are_decided_as_of_their_date_and_nobody_is_told(db: Database, repository: Path) -> None:
    take(db, repository)
    assert [decision for (decision,) in rows(db, "SELECT decision FROM changes ORDER BY id")] == [
        "baseline", "baseline", "push", "push", "technical", "technical",
    ]  # fmt: skip
    assert rows(db, "SELECT DISTINCT topic FROM flags") == [("ai-training",)]
    assert outbox.unqueued(db) == []


def test_what_is_news_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    today = int(time.time()) // DAY * DAY - START
    days = [today // DAY - ago for ago in (90, 60, 5, 2)]
    source = make(tmp_path / "r.git", [record(day) for day in days])
    settings = tmp_path / "smallprint.toml"
    settings.write_text('archive = "archive.db"\n')
    words = ("import", "ota-versions", str(source), "--config", str(settings))
    assert smallprint(*words).returncode == 0
    assert smallprint("notify", "--config", str(settings)).stdout == ""
    make(source, [record(days[-1] + 1)])
    assert smallprint(*words, "--notify").returncode == 0
    told = smallprint("notify", "--config", str(settings)).stdout
    seen = [time.strftime("%Y-%m-%d", time.gmtime(START + day * DAY)) for day in [*days, days[-1] + 1]]
    assert [day in told for day in (f"Seen {one};" for one in seen)] == [False, False, True, True, False]
    assert told.count("Recorded by Open Terms Archive.") == 2
    make(source, [record(days[-1] + 2, "Be kind.\n", path="Brill/Terms of Service.md")])
    assert smallprint(*words, "--notify").returncode == 0
    assert f"Seen {seen[-1]};" in smallprint("notify", "--config", str(settings)).stdout
    assert smallprint(*words, "--notify").returncode == 0
    assert smallprint("notify", "--config", str(settings)).stdout == ""


def test_a_second_run_takes_only_what_is_new(db: Database, repository: Path) -> None:
    take(db, repository)
    before = content_hash(db)
    assert take(db, repository).records == 0
    assert content_hash(db) == before
    make(repository, [record(9)])
    assert take(db, repository).records == 1
    assert value(db, "SELECT max(seen_at) FROM versions") == "2020-09-22T12:26:40Z"


def test_in_two_runs_as_in_one(tmp_path: Path, repository: Path) -> None:
    with store.writing(tmp_path / "once.db") as db:
        take(db, make(tmp_path / "whole.git", [*HISTORY, record(8), record(9)]))
        once = content_hash(db)
    with store.writing(tmp_path / "twice.db") as db:
        take(db, repository)
        take(db, make(repository, [record(8), record(9)]))
        assert content_hash(db) == once


def test_a_bundle_gives_the_same(db: Database, repository: Path, tmp_path: Path) -> None:
    take(db, bundle(repository, tmp_path / "versions.bundle"))
    with store.writing(tmp_path / "other.db") as other:
        take(other, repository)
        assert content_hash(db) == content_hash(other)


def test_two_collections_are_told_apart(db: Database, repository: Path, tmp_path: Path) -> None:
    take(db, repository)
    take(db, make(tmp_path / "pga.git", [record(1, "Other words.\n")]), "pga")
    assert rows(db, "SELECT DISTINCT origin FROM documents ORDER BY 1") == [
        ("Open Terms Archive",), ("Open Terms Archive: pga",),
    ]  # fmt: skip


def test_commits_of_the_same_second_keep_their_order(db: Database, tmp_path: Path) -> None:
    take(db, make(tmp_path / "r.git", [record(1, f"Words number {n}.\n") for n in range(9)]))
    texts = rows(db, "SELECT text FROM placements JOIN passages ON passages.id = passage_id ORDER BY first_version_id")
    assert [text for (text,) in texts] == [f"Words number {n}." for n in range(9)]


def test_what_cannot_be_used_is_kept_with_the_reason(db: Database, tmp_path: Path) -> None:
    path = "Quillo/Privacy Policy.md"
    bad = [
        record(1),
        Commit("Update Quillo", {path: b"\xff\xfe broken \xe9"}, START + 200_000),
        Commit("Update Quillo", {path: b"From the dawn of time."}, 0),
        Commit("Update Quillo", {path: b"From the far future."}, 9_000_000_000),
        Commit("Update Quillo", {path: b"\n"}, START + 300_000),
        Commit("Fix a typo", {path: b"By hand."}, START + 400_000),
        Commit("Update Quillo", {"Quillo/deeper/down.md": b"Deep."}, START + 400_000),
        Commit("Update Quillo", {path: b"One.", "Quillo/Other.md": b"Two."}, START + 400_000),
        record(9),
    ]
    report = take(db, make(tmp_path / "r.git", bad))
    assert report.versions == 2
    assert sorted(report.refused.items()) == [
        ("dated before the year 2000: a clock was wrong", 1),
        ("dated in the future: a clock was wrong", 1),
        ("not a record: another path or another subject", 2),
        ("not a record: its commit brought several files", 2),
        ("the page holds no text", 1),
        ("the text is not UTF-8", 1),
    ]
    assert len(rows(db, "SELECT 1 FROM fetches WHERE outcome = 'unextractable' AND snapshot_id > 0")) == 4


def test_a_late_record_does_not_disturb_the_order(db: Database, repository: Path) -> None:
    take(db, repository)
    report = take(db, make(repository, [record(2, "Late words.\n")]))
    assert list(report.refused) == ["dated before the newest version that was taken earlier"]
    assert report.versions == 0


def test_a_document_that_became_another_type_is_two(db: Database, tmp_path: Path) -> None:
    moved = Commit(
        "Update Quillo Terms", {"Quillo/Privacy Policy.md": None, "Quillo/Terms.md": b"Words."}, START + 200_000
    )
    take(db, make(tmp_path / "r.git", [record(1), moved]))
    assert rows(db, "SELECT type FROM documents ORDER BY id") == [("Privacy Policy",), ("Terms",)]


def test_any_name_is_a_name(db: Database, tmp_path: Path) -> None:
    names = ["Ünï/Tërms 🎉.md", 'it\'s "so"; DROP/100% # ?.md', "a/.md.md"]
    take(db, make(tmp_path / "r.git", [record(n, path=name) for n, name in enumerate(names)]))
    assert value(db, "SELECT count(*) FROM documents") == 3


def test_another_repository_is_refused(db: Database, tmp_path: Path) -> None:
    other = make(tmp_path / "r.git", [Commit("Update the docs", {"docs.txt": b"x"})])
    with pytest.raises(HistoryError, match="holds no records of Open Terms Archive"):
        take(db, other)


def test_the_command_tells_what_it_took(repository: Path, tmp_path: Path) -> None:
    words = ("import", "ota-versions", str(repository), "--archive", str(tmp_path / "archive.db"))
    first, again = smallprint(*words), smallprint(*words)
    assert first.returncode == again.returncode == 0
    assert "6 new records of 2 documents, 6 new versions." in first.stdout
    assert "Compared 6 versions: 2 baseline, 2 push, 2 technical." in first.stdout
    assert again.stdout == "0 new records of 0 documents, 0 new versions.\n"
    assert first.stderr == again.stderr == ""


def test_the_command_refuses_in_one_line(tmp_path: Path) -> None:
    done = smallprint("import", "ota-versions", str(tmp_path), "--archive", str(tmp_path / "archive.db"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert "git cannot read it" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


LINES = ["Words.", "* item", "  * inner", "    more", "```", "<div>", "</div>", "| a | b |", "# H", "===", "1. one"]
PIECES = st.lists(st.sampled_from(LINES) | st.just(""), max_size=14).map("\n".join)


@given(st.lists(PIECES, max_size=6))
def test_a_reader_that_remembers_reads_as_a_new_one(texts: list[str]) -> None:
    reader = MarkdownReader(str)
    assert [reader.read(text) for text in [*texts, *texts]] == [markdown_passages(text, str) for text in [*texts] * 2]
