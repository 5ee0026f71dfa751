"""The pages of an Open Terms Archive repository come in whole, once, with their dates, and are read with our rules."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive import outbox, recording, store
from archive.errors import HistoryError
from archive.places import RULES
from archive.rows import value
from archive.snapshots import body
from archive.words import Document
from crawler import extraction, ota_snapshots, ota_versions
from crawler.declaration import Declaration, Source
from crawler.ota_parts import Record, looks
from diffing import rules, run
from tests import histories
from tests.commands import smallprint
from tests.histories import DAY, START, Commit, bundle, content_hash, git, make
from tests.test_extraction import pdf
from tests.test_import_kills import kill_after, logical

POLICY = "Quillo/Privacy Policy.html"
HOME = "https://quillo.example/"
TRAIN = "We use what you write to train our models since day {0}."
PREFIXES = ("First record of", "Record new changes of", "Start tracking", "Update")


def page(*texts: str, head: str = "") -> bytes:
    """A page of a site: paragraphs that count, between a menu and a footer."""
    words = "".join(f"<p>{text}</p>" for text in texts)
    return (
        f"<!doctype html><html><head><title>Quillo</title>{head}</head><body><nav>Menu</nav>"
        f"<main><h1>Privacy</h1>{words}</main><footer>Quillo Inc.</footer></body></html>"
    ).encode()


def fetched(
    day: float, content: bytes | None = None, path: str = POLICY, url: str = "", prefix: str = PREFIXES[1]
) -> Commit:
    """A page that was recorded on a day."""
    subject = f"{prefix} {path.rpartition('.')[0].replace('/', ' ')}"
    told = f"X-engine-version: 14.0.0\nX-fetcher: fullDom\nX-source-document-location: {url}\n" if url else ""
    content = page("We keep things.", TRAIN.format(day)) if content is None else content
    return Commit(subject, {path: content}, int(START + day * DAY), told)


def part(day: float, name: str, *texts: str, url: str = "") -> Commit:
    """A page of a document of several."""
    return fetched(day, page(*texts), f"Quillo/Privacy Policy #{name}.html", url)


def declared(*sources: Source, kind: str = "Privacy Policy") -> Declaration:
    """The operator's declaration."""
    return Declaration(Document("Quillo", kind, sources[0].fetch, "Quillo AG", language="en"), sources)


def take(db: Database, path: Path, *declarations: Declaration, name: str = "") -> ota_snapshots.Report:
    """The report, after comparing everything."""
    report = ota_snapshots.import_pages(db, path, lambda: declarations, name)
    list(run.diff(db, rules.load(RULES)))
    return report


def rows(db: Database, sql: str) -> list[tuple[Any, ...]]:
    return list(db.conn.execute(sql))


def texts(db: Database) -> list[tuple[str, list[str]]]:
    """When each version was seen, and its paragraphs."""
    sql = """SELECT versions.id, seen_at, text FROM versions
             JOIN version_passages ON version_id = versions.id AND kind = 'paragraph'
             ORDER BY versions.id, run, number"""
    found: dict[tuple[int, str], list[str]] = {}
    for version, seen, text in rows(db, sql):
        found.setdefault((version, seen), []).append(text)
    return [(seen[:10], passages) for (_, seen), passages in found.items()]


def outcomes(db: Database) -> list[tuple[str, str]]:
    return rows(db, "SELECT outcome, detail FROM fetches ORDER BY id")


HISTORY = [
    Commit("Add Readme and License", {"README.md": b"Hello", "LICENSE": b"Free"}),
    fetched(1, url=HOME, prefix="First record of"),
    fetched(2, page("Be kind."), "Brill/Terms of Service.html"),
    part(3, "a", "Words of a."),
    part(3, "b", "Words of b."),
    fetched(5, url=HOME + "now"),
    fetched(7, page("We keep things.", "Nothing else."), url=HOME + "now"),
    part(8, "b", "New words of b."),
    part(9, "a", "New words of a."),
]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make(tmp_path / "snapshots.git", HISTORY)


def test_every_page_becomes_a_fetch_as_it_was_recorded(db: Database, repository: Path) -> None:
    report = take(db, repository)
    assert (report.records, report.documents) == (8, 2)
    told = rows(
        db,
        """SELECT fetched_at, url, media_type, snapshots.id FROM fetches JOIN snapshots ON snapshots.id = snapshot_id
           WHERE headers LIKE '%charset=utf-8%' ORDER BY fetches.id LIMIT 4""",
    )
    assert [row[:3] for row in told] == [
        ("2020-09-15T12:26:40Z", "", "text/html"),
        ("2020-09-14T12:26:40Z", HOME, "text/html"),
        ("2020-09-16T12:26:40Z", "", "text/html"),
        ("2020-09-16T12:26:40Z", "", "text/html"),
    ]
    assert value(db, "SELECT max(url) FROM fetches") == HOME + "now"
    assert body(db, told[1][3]) == page("We keep things.", TRAIN.format(1))
    listed = subprocess.run(["git", "-C", repository, "log", "--format=%H"], capture_output=True, text=True, check=True)
    assert {commit for (commit,) in rows(db, "SELECT origin_id FROM fetches")} < set(listed.stdout.split())
    assert rows(db, "SELECT key, type, documents.url FROM documents JOIN services ON services.id = service_id") == [
        ("Brill", "Terms of Service", ""), ("Quillo", "Privacy Policy", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("prefix", [*PREFIXES, "Refilter", "Apply technical or declaration upgrade on"])
def test_old_and_new_subjects(db: Database, tmp_path: Path, prefix: str) -> None:
    assert take(db, make(tmp_path / "r.git", [fetched(1, prefix=prefix)])).versions == 1


def test_pages_are_read_as_declared_else_by_their_main_content(db: Database, tmp_path: Path) -> None:
    other = "Quillo/Terms of Service.html"
    source = make(tmp_path / "r.git", [fetched(1, page("One.", "Two.")), fetched(1, page("Three.", "Four."), other)])
    take(db, source, declared(Source(HOME, select=("p:last-child",))))
    assert texts(db) == [("2020-09-14", ["Two."]), ("2020-09-14", ["Three.", "Four."])]
    assert rows(db, "SELECT name, language, url, extractor LIKE '%:auto' FROM documents ORDER BY id") == [
        ("Quillo AG, Privacy Policy", "en", HOME, 0), ("Quillo AG, Terms of Service", "", "", 1),
    ]  # fmt: skip
    assert rows(db, "SELECT name FROM services") == [("Quillo AG",)]


def test_versions_are_decided_as_of_their_date_and_nobody_is_told(db: Database, tmp_path: Path) -> None:
    take(db, make(tmp_path / "r.git", [fetched(1), fetched(4), fetched(6)]))
    assert rows(db, "SELECT decision, seen_at FROM changes JOIN versions ON versions.id = after_version_id") == [
        ("baseline", "2020-09-14T12:26:40Z"), ("push", "2020-09-17T12:26:40Z"), ("held", "2020-09-19T12:26:40Z"),
    ]  # fmt: skip
    assert rows(db, "SELECT DISTINCT topic FROM flags") == [("ai-training",)]
    assert outbox.unqueued(db) == []


def test_what_we_read_is_never_mixed_with_what_others_read(db: Database, repository: Path, tmp_path: Path) -> None:
    ota_versions.import_versions(db, make(tmp_path / "versions.git", [histories.record(1), histories.record(6)]))
    recording.record_document(db, Document("Quillo", "Privacy Policy", HOME))
    take(db, repository)
    take(db, make(tmp_path / "pga.git", [fetched(1, page("Other words."))]), name="pga")
    assert rows(db, "SELECT DISTINCT origin FROM documents ORDER BY 1") == [
        ("",), ("Open Terms Archive",), ("Open Terms Archive pages",), ("Open Terms Archive pages: pga",),
    ]  # fmt: skip
    mixed = """SELECT 1 FROM changes JOIN versions ON versions.id = before_version_id
               WHERE versions.document_id != changes.document_id"""
    assert rows(db, mixed) == []
    assert value(db, "SELECT count(*) FROM changes WHERE before_version_id IS NULL") == 4


# Documents of several pages.


def test_a_document_of_several_pages_waits_for_all_of_them(db: Database, tmp_path: Path) -> None:
    commits = [part(1, "b", "B1."), part(3, "b", "B2."), part(5, "a", "A1."), part(8, "b", "B3.")]
    take(db, make(tmp_path / "r.git", commits))
    assert texts(db) == [("2020-09-18", ["A1.", "B2."]), ("2020-09-21", ["A1.", "B3."])]
    assert outcomes(db) == [
        ("fetched", ota_snapshots.WAITING), ("recorded", ""), ("recorded", ""), ("recorded", ""),
    ]  # fmt: skip
    assert rows(db, "SELECT version_id, fetch_id FROM version_fetches") == [(1, 2), (1, 3), (2, 3), (2, 4)]


def test_pages_stand_as_declared(db: Database, tmp_path: Path) -> None:
    """The first is told by its address, the second by its name; each is read by its own selectors."""
    sources = (Source(HOME + "z", select=("p",)), Source("http://www.quillo.example/legal/b/?l=1", select=("h1",)))
    commits = [part(1, "legal-b", "B."), part(1, "odd", "Odd.", url=HOME + "z/"), part(4, "legal-b", "B, too.")]
    take(db, make(tmp_path / "r.git", commits), declared(*sources))
    passages = "SELECT text FROM version_passages ORDER BY run, number"
    assert rows(db, passages) == [("Odd.",), ("Privacy",)]
    assert rows(db, "SELECT part, outcome FROM fetches") == [(1, "recorded"), (0, "recorded"), (1, "unchanged")]


def test_a_page_that_is_declared_is_waited_for(db: Database, tmp_path: Path) -> None:
    sources = [Source(HOME + name) for name in "abc"]
    early = [part(1, "a", "A."), part(1, "b", "B.")]
    repository = make(tmp_path / "r.git", early)
    assert take(db, repository, declared(*sources)).versions == 0
    take(db, make(repository, [part(6, "c", "C.")]), declared(*sources))
    assert texts(db) == [("2020-09-19", ["A.", "B.", "C."])]
    assert {outcome for outcome, _ in outcomes(db)} == {"recorded"}


def test_a_page_that_joins_much_later_does_not_cost_the_years_before(db: Database, tmp_path: Path) -> None:
    commits = [part(day, name, f"{name}{day}.") for day in (1, 50, 400) for name in "ab"] + [part(400, "c", "C.")]
    take(db, make(tmp_path / "r.git", commits))
    assert [passages for _, passages in texts(db)] == [["a1.", "b1."], ["a50.", "b50."], ["a400.", "b400.", "C."]]


def test_a_declared_page_that_never_came_keeps_the_others_back_for_a_month(db: Database, tmp_path: Path) -> None:
    commits = [part(day, name, f"{name}{day}.") for day in (1, 20, 50) for name in "ab"]
    take(db, make(tmp_path / "r.git", commits), declared(*[Source(HOME + name) for name in "bca"]))
    assert texts(db) == [("2020-11-02", ["b50.", "a50."])]


def test_a_page_beside_the_declaration_is_left_aside(db: Database, tmp_path: Path) -> None:
    commits = [part(1, "a", "A."), part(1, "old", "Old."), part(2, "b", "B."), part(3, "old", "Older.")]
    take(db, make(tmp_path / "r.git", commits), declared(Source(HOME + "b"), Source(HOME + "a")))
    assert texts(db) == [("2020-09-15", ["B.", "A."])]
    assert [detail for _, detail in outcomes(db)] == ["", ota_snapshots.ASIDE, "", ota_snapshots.ASIDE]


def test_a_look_at_several_pages_makes_one_version(db: Database, tmp_path: Path) -> None:
    commits = [part(day + later / 100, name, f"{name}{day}.") for day in (1, 2) for later, name in enumerate("ab")]
    assert take(db, make(tmp_path / "r.git", commits)).versions == 2


def test_one_page_that_became_several_and_one_again(db: Database, tmp_path: Path) -> None:
    commits = [fetched(1, page("One.")), part(2, "a", "A."), part(2, "b", "B."), fetched(3, page("Whole."))]
    take(db, make(tmp_path / "r.git", commits))
    assert texts(db) == [("2020-09-14", ["One."]), ("2020-09-15", ["A.", "B."]), ("2020-09-16", ["Whole."])]


def record(part: str, seconds: int) -> Record:
    return Record(f"{part}{seconds}", seconds, "Quillo", "Terms", part, "text/html", "", "")


def test_looks_end_where_a_page_comes_again_and_after_an_hour() -> None:
    seen = [("a", 0), ("b", 9), ("b", 20), ("c", 20), ("", 30), ("", 30), ("a", 40), ("b", 3640), ("c", 3641)]
    found = [[entry.commit for entry in look] for look in looks([record(*one) for one in seen])]
    assert found == [["a0", "b9"], ["b20", "c20"], ["30"], ["30"], ["a40", "b3640"], ["c3641"]]


# What is not as it should be.


def test_pages_that_cannot_be_read_are_kept_with_the_reason(db: Database, tmp_path: Path) -> None:
    commits = [
        fetched(1),
        fetched(2, b"%PNG no" + bytes(range(30))),
        fetched(3, b"<html><body></body></html>"),
        fetched(4, pdf(["Words of a file."])[:60], "Quillo/Privacy Policy.pdf"),
        fetched(5),
    ]
    report = take(db, make(tmp_path / "r.git", commits))
    assert report.versions == 2
    assert report.refused == {detail: 1 for _, detail in outcomes(db)[1:4]}
    assert [outcome for outcome, _ in outcomes(db)] == ["recorded", *["unextractable"] * 3, "recorded"]
    assert outcomes(db)[2][1] == "the page holds no text"
    assert value(db, "SELECT count(*) FROM fetches WHERE snapshot_id IS NULL") == 0


def test_a_part_that_cannot_be_read_leaves_the_older_one_standing(db: Database, tmp_path: Path) -> None:
    commits = [part(1, "a", "A."), part(1, "b", "B."), part(2, "a"), part(2, "b", "B, too."), part(3, "c", "C.")]
    commits[2].files["Quillo/Privacy Policy #a.html"] = b"<nav></nav>"
    take(db, make(tmp_path / "r.git", commits), declared(*[Source(HOME + name) for name in "ab"]))
    assert texts(db) == [("2020-09-14", ["A.", "B."]), ("2020-09-15", ["A.", "B, too."])]


def test_dates_that_cannot_be_are_kept_with_the_reason(db: Database, tmp_path: Path) -> None:
    commits = [fetched(1), fetched(2), fetched(3)]
    for commit, at in zip(commits, (0, 9_000_000_000, START), strict=True):
        object.__setattr__(commit, "at", at)
    repository = make(tmp_path / "r.git", commits)
    assert take(db, repository).versions == 1
    report = take(db, make(repository, [fetched(-9)]))
    assert outcomes(db) == [
        ("unextractable", "dated before the year 2000: a clock was wrong"),
        ("recorded", ""),
        ("unextractable", "dated in the future: a clock was wrong"),
        ("unextractable", "dated before the newest version that was taken earlier"),
    ]
    assert dict(report.refused) == {"dated before the newest version that was taken earlier": 1}
    assert value(db, "SELECT count(snapshot_id) FROM fetches") == 4


def test_a_wall_among_the_pages_is_no_version_and_stays_with_its_evidence(db: Database, tmp_path: Path) -> None:
    missing = b"<title>Page not found</title><main><h1>Page not found</h1><p>Look elsewhere.</p></main>"
    challenge = b"<title>Just a moment...</title><script>window._cf_chl_opt={}</script><main></main>"
    history = [fetched(1), fetched(2, missing), fetched(3, challenge), fetched(4)]
    repository = make(tmp_path / "r.git", history)
    report = take(db, repository)
    errors = {"an error page: “Page not found”": 1, "a bot wall answered (Cloudflare: _cf_chl_opt)": 1}
    assert (report.versions, dict(report.refused)) == (2, errors)
    assert [outcome for outcome, _ in outcomes(db)] == ["recorded", "unreachable", "blocked", "recorded"]
    assert {detail for _, detail in outcomes(db)} == {"", *errors}
    assert value(db, "SELECT count(*) FROM fetches WHERE snapshot_id IS NULL") == 0
    gone = Commit("Remove Quillo", {POLICY: None})
    take(db, make(repository, [gone, fetched(5, fetched(4).files[POLICY])]))
    assert outcomes(db)[-1] == ("unchanged", "")


def test_the_same_bytes_are_unchanged_and_not_read_again(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Commit("Remove Quillo", {POLICY: None})
    read, extract = list[bytes](), extraction.extract
    monkeypatch.setattr(extraction, "extract", lambda body, *more: read.append(body) or extract(body, *more))
    same = [fetched(1), gone, fetched(2, fetched(1).files[POLICY]), gone, fetched(3, b"<p>"), gone]
    repository = make(tmp_path / "r.git", [*same, fetched(4, fetched(1).files[POLICY])])
    assert take(db, repository).versions == 1
    take(db, make(repository, [gone, fetched(5, fetched(1).files[POLICY])]))
    assert [outcome for outcome, _ in outcomes(db)] == [
        "recorded", "unchanged", "unextractable", "unchanged", "unchanged",
    ]  # fmt: skip
    assert len(read) == 2


def test_bytes_that_changed_around_the_text_are_unchanged_too(db: Database, tmp_path: Path) -> None:
    commits = [fetched(day, page("Words.", head=f"<meta name=nonce content={day}>")) for day in (1, 2)]
    assert take(db, make(tmp_path / "r.git", commits)).versions == 1
    assert [outcome for outcome, _ in outcomes(db)] == ["recorded", "unchanged"]


def test_a_page_is_read_as_utf_8_whatever_it_says(db: Database, tmp_path: Path) -> None:
    """The recorder writes what a browser showed; bytes that are not UTF-8 are read by what the page says."""
    said = page("Zażółć.", head="<meta charset=iso-8859-2>")
    kept = page("Jaźń.", head="<meta charset=iso-8859-2>").decode().encode("iso-8859-2")
    take(db, make(tmp_path / "r.git", [fetched(1, said), fetched(2, kept)]))
    assert [passages for _, passages in texts(db)] == [["Zażółć."], ["Jaźń."]]


def test_a_page_that_became_a_pdf_is_the_same_document(db: Database, tmp_path: Path) -> None:
    moved = fetched(2, pdf(["Words of a file."]), "Quillo/Privacy Policy.pdf")
    moved.files[POLICY] = None
    take(db, make(tmp_path / "r.git", [fetched(1), moved]))
    assert [passages for _, passages in texts(db)][1] == ["Words of a file."]
    assert rows(db, "SELECT media_type FROM snapshots ORDER BY id") == [("text/html",), ("application/pdf",)]
    assert value(db, "SELECT count(*) FROM documents") == 1


def test_commits_of_the_same_second_keep_their_order(db: Database, tmp_path: Path) -> None:
    take(db, make(tmp_path / "r.git", [fetched(1, page(f"Words {n}.")) for n in range(9)]))
    assert [passages for _, passages in texts(db)] == [[f"Words {n}."] for n in range(9)]


def test_any_name_is_a_name_and_what_is_no_record_is_told(db: Database, tmp_path: Path) -> None:
    names = ["Ünï/Tërms 🎉.html", 'it\'s "so"; DROP/100% # ?.html', "a/.html.html", "Two #1/T #x #y.html"]
    odd = [
        fetched(1, path="Quillo/line\nbreak.html"),
        fetched(1, path="Quillo/deep/er.html"),
        fetched(1, path="Quillo/Image.png"),
        fetched(1, prefix="Tidy"),
        Commit("Update Quillo", {POLICY: b"<p>One.", "Quillo/Terms.html": b"<p>Two."}),
    ]
    report = take(db, make(tmp_path / "r.git", [*odd, *[fetched(2, path=name) for name in names]]))
    assert dict(report.refused) == {
        "not a record: another path or another subject": 4,
        "not a record: its commit brought several files": 2,
    }
    assert rows(db, "SELECT key, type FROM documents JOIN services ON services.id = service_id ORDER BY 1") == [
        ("Two #1", "T"), ("a", ".html"), ('it\'s "so"; DROP', "100%"), ("Ünï", "Tërms 🎉"),
    ]  # fmt: skip


def test_another_repository_is_refused(db: Database, tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="holds no pages of Open Terms Archive"):
        take(db, make(tmp_path / "r.git", [Commit("Update the docs", {"docs/a.txt": b"x"})]))
    with pytest.raises(HistoryError, match="texts, not pages: use `smallprint import ota-versions`"):
        take(db, make(tmp_path / "v.git", [histories.record(1)]))
    with pytest.raises(HistoryError, match="neither a git repository nor a bundle"):
        take(db, Path(__file__))


def test_a_history_that_is_cut_off_is_refused(db: Database, repository: Path, tmp_path: Path) -> None:
    git("clone", "--quiet", "--bare", "--depth", "2", f"file://{repository}", str(tmp_path / "shallow.git"))
    with pytest.raises(HistoryError, match="a shallow clone"):
        take(db, tmp_path / "shallow.git")
    whole = bundle(repository, tmp_path / "whole.bundle")
    cut = tmp_path / "cut.bundle"
    cut.write_bytes(whole.read_bytes()[:-100])
    with pytest.raises(HistoryError, match=r"cut\.bundle: git cannot read it"):
        take(db, cut)
    assert value(db, "SELECT count(*) FROM fetches") == 0


# Again, in pieces, and in little memory.


def test_a_second_run_takes_only_what_is_new(db: Database, repository: Path) -> None:
    take(db, repository)
    before = content_hash(db)
    assert take(db, repository).records == 0
    assert content_hash(db) == before
    assert take(db, make(repository, [part(11, "a", "A, at last.")])).records == 1
    assert texts(db)[-1] == ("2020-09-24", ["A, at last.", "New words of b."])


def test_nothing_is_unpacked_where_the_head_is_the_same(db: Database, repository: Path, tmp_path: Path) -> None:
    """Of the bundle only the first lines are left: they name the head, and nothing could be unpacked."""
    file = bundle(repository, tmp_path / "snapshots.bundle")
    take(db, file)
    file.write_bytes(file.read_bytes().partition(b"PACK")[0])
    assert take(db, file).records == 0


def test_in_two_runs_as_in_one(tmp_path: Path) -> None:
    sources = declared(Source(HOME + "b"), Source(HOME + "a"))
    found = set()
    for cut in range(2, len(HISTORY) + 1):
        with store.writing(tmp_path / f"{cut}.db") as db:
            folder = make(tmp_path / f"{cut}.git", HISTORY[:cut])
            take(db, folder, sources)
            if HISTORY[cut:]:
                take(db, make(folder, HISTORY[cut:]), sources)
            found.add(content_hash(db))
    assert len(found) == 1


def test_a_bundle_and_an_ordinary_repository_give_the_same(db: Database, repository: Path, tmp_path: Path) -> None:
    take(db, bundle(repository, tmp_path / "snapshots.bundle"))
    git("clone", "--quiet", str(repository), str(tmp_path / "clone"))
    with store.writing(tmp_path / "other.db") as other:
        take(other, tmp_path / "clone")
        assert content_hash(db) == content_hash(other)


def test_other_selectors_make_a_technical_version_first(db: Database, tmp_path: Path) -> None:
    repository = make(tmp_path / "r.git", [fetched(1), part(2, "a", "A.", "B."), part(2, "b", "C.")])
    take(db, repository)
    selected = [Source(HOME + name, select=("p:first-of-type",)) for name in "ab"]
    take(db, make(repository, [part(5, "b", "D.", "E.")]), declared(*selected))
    assert [passages for _, passages in texts(db)][1:] == [["A.", "B.", "C."], ["A.", "C."], ["A.", "D."]]
    assert rows(db, "SELECT technical FROM versions ORDER BY id") == [(0,), (0,), (1,), (0,)]


def test_an_older_page_that_other_selectors_cannot_read_keeps_the_document_back(db: Database, tmp_path: Path) -> None:
    repository = make(tmp_path / "r.git", [part(2, "a", "A."), part(2, "b", "B.")])
    take(db, repository)
    selected = declared(*[Source(HOME + name, select=("p.new",)) for name in "ab"])
    new = [page("").replace(b"<p>", b"<p class=new>" + text) for text in (b"New.", b"Newer.")]
    commits = [fetched(5, new[n], f"Quillo/Privacy Policy #{name}.html") for n, name in enumerate("ab")]
    assert take(db, make(repository, commits[:1]), selected).versions == 0
    assert outcomes(db)[2] == ("fetched", f"{ota_snapshots.BROKEN}the selector 'p.new' matches nothing")
    take(db, make(repository, commits[1:]), selected)
    assert texts(db) == [("2020-09-15", ["A.", "B."]), ("2020-09-18", ["New.", "Newer."])]
    assert {outcome for outcome, _ in outcomes(db)} == {"recorded"}


def test_progress_is_told_in_small_steps(db: Database, tmp_path: Path) -> None:
    steps = list[tuple[int, int]]()
    repository = make(tmp_path / "r.git", [part(day, name, f"{day}.") for day in range(40) for name in "abc"])
    ota_snapshots.import_pages(db, repository, told=lambda done, of: steps.append((done, of)))
    assert sum(done for done, _ in steps) == 120
    assert {of for _, of in steps} == {120}
    assert all(20 <= done <= 50 for done, _ in steps[:-1])


def test_one_process_of_git_reads_all_pages(
    db: Database, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, log, folder = shutil.which("git"), tmp_path / "calls", tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\necho "$*" >> "{log}"\nexec "{real}" "$@"\n')
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    take(db, repository)
    assert log.read_text().count("cat-file --batch") == 1
    assert len(log.read_text().splitlines()) < 8


def test_long_pages_are_never_all_in_memory(db: Database, tmp_path: Path) -> None:
    pages = [page(f"Words {n}.", head=f"<script>{f'{n:03}' * 1_000_000}</script>") for n in range(20)]
    repository = make(tmp_path / "r.git", [fetched(n, content) for n, content in enumerate(pages)])
    whole = sum(map(len, pages))
    pages.clear()
    tracemalloc.start()
    assert take(db, repository).versions == 20
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < whole * 0.7


def many(folder: Path) -> Path:
    """Documents of one and of three pages that change, flip back and fail."""
    commits: list[Commit] = []
    for day in range(1, 30):
        for number in range(3):
            name = f"Service {number}"
            commits += [fetched(day, page(TRAIN.format(day % 4), "Flip."), f"{name}/Privacy Policy.html")]
            commits += [
                fetched(day, page(f"{one}{day}.") if (day + number) % 7 else b"-", f"{name}/Terms #{one}.html")
                for one in "cab"
            ]
    return make(folder, commits)


def test_killed_and_resumed_is_as_undisturbed(tmp_path: Path) -> None:
    def words(archive: str) -> tuple[str, ...]:
        return "import", "ota-snapshots", str(repository), "--archive", str(tmp_path / archive)

    repository = many(tmp_path / "snapshots.git")
    started = time.monotonic()
    assert smallprint(*words("whole.db")).returncode == 0
    whole = time.monotonic() - started
    instants = random.Random(5)
    for _ in range(7):
        kill_after(words("killed.db"), instants.uniform(0.3, 1) * whole)
    assert smallprint(*words("killed.db")).returncode == 0
    assert logical(tmp_path / "killed.db") == logical(tmp_path / "whole.db")


# The command.


def command(repository: Path, folder: Path, *more: str) -> Any:
    return smallprint("import", "ota-snapshots", str(repository), *more, cwd=folder)


def test_the_command_tells_what_it_took(tmp_path: Path) -> None:
    repository = make(tmp_path / "r.git", [fetched(1), fetched(2), fetched(3), fetched(4, b"")])
    words = ("--archive", str(tmp_path / "archive.db"), "--origin", "eu")
    first, again = command(repository, tmp_path, *words), command(repository, tmp_path, *words)
    assert first.returncode == again.returncode == 0
    assert first.stdout.splitlines() == [
        "1 left out: the page holds no text",
        "4 new records of 1 documents, 3 new versions.",
        "Compared 3 versions: 1 baseline, 1 held, 1 push.",
    ]
    assert again.stdout == "0 new records of 0 documents, 0 new versions.\n"
    assert first.stderr == again.stderr == ""


def test_the_command_reads_with_the_operators_declarations(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "Quillo.json").write_text(
        '{"name": "Quillo AG", "terms": {"Privacy Policy": {"fetch": "https://quillo.example/", "select": "h1"}}}'
    )
    (tmp_path / "smallprint.toml").write_text('archive = "a.db"\ndeclarations = ["own"]\nservices = ["OpenAI"]\n')
    done = command(make(tmp_path / "r.git", [fetched(1)]), tmp_path)
    assert done.returncode == 0, done.stderr
    with store.reading(tmp_path / "a.db") as db:
        assert rows(db, "SELECT text FROM passages") == [("Privacy",)]


@pytest.mark.parametrize("wrong", ["versions", "settings", "nothing"])
def test_the_command_refuses_in_one_line(tmp_path: Path, wrong: str) -> None:
    repository = make(tmp_path / "versions.git", [histories.record(1)])
    more: Sequence[str] = () if wrong == "settings" else ("--archive", "archive.db")
    done = command(tmp_path / "none" if wrong == "nothing" else repository, tmp_path, *more)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert {"versions": "import ota-versions", "settings": "no settings file", "nothing": "nothing here"}[
        wrong
    ] in done.stderr
