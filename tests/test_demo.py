"""The demo, and every command that looks at the archive it leaves."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import first_answer, free_port, smallprint


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """An empty folder in which the demo was run, and how it went."""
    folder = tmp_path_factory.mktemp("demo")
    return folder / "smallprint-demo" / "archive.db", smallprint("demo", cwd=folder)


@pytest.fixture(scope="module")
def archive(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> str:
    return str(demo[0])


def changes(archive: str, decision: str) -> list[dict[str, object]]:
    rows = json.loads(smallprint("history", "Gantry", "--archive", archive, "--json").stdout)
    return [row for row in rows if row["decision"] == decision]


def test_it_ends_well_and_says_nothing_on_stderr(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert (demo[1].returncode, demo[1].stderr) == (0, "")


@pytest.mark.parametrize(
    "words",
    [
        "5 baseline",
        "[-Gantry does not use members’ posts or profiles to train generative AI models. -]",
        "⚑ AI training: allows more",
        "Trackers Policy: cosmetic: no word changed",
        "It no longer says",
        "“Gantry and its affiliates may use your posts, articles and profile to train content-generating AI models.”",
        "smallprint serve --archive",
    ],
)
def test_it_tells_the_story(demo: tuple[Path, subprocess.CompletedProcess[str]], words: str) -> None:
    assert words in demo[1].stdout


def test_a_notification_begins_with_the_line(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    told = demo[1].stdout.split("The notifications, as a mailbox")[1]
    assert told.count("\nGantry may now train AI models on ") == 4
    assert told.count("\nSeverity: high\n") == 4


@pytest.mark.parametrize(
    "quote",
    [
        "Gantry and its affiliates may use your profile, your posts and your articles to train AI models",
        "and to develop and train artificial intelligence (AI) models",
        "The setting is on by default",
        "your continued use counts as acceptance",
    ],
)
def test_the_news_is_told_once(demo: tuple[Path, subprocess.CompletedProcess[str]], quote: str) -> None:
    told = demo[1].stdout.split("The notifications, as a mailbox")[1]
    assert told.count(quote) == 1


def test_noise_is_told_to_nobody(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    told = demo[1].stdout.split("The notifications, as a mailbox")[1]
    assert "Trackers Policy" not in told
    assert "days ago" not in told


def test_the_first_look_is_silent(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert "Told" not in demo[1].stdout.split("The second look.")[0]


def test_history_lists_decisions(archive: str) -> None:
    assert len(changes(archive, "baseline")) == 5
    assert {row["document"] for row in changes(archive, "push")} == {
        "Privacy Policy",
        "Terms of Service",
        "Help Page (generative AI)",
        "Settings Page",
    }
    assert [row["document"] for row in changes(archive, "cosmetic")] == ["Trackers Policy"]


def test_history_of_one_document_as_a_table(archive: str) -> None:
    done = smallprint("history", "gantry", "privacy policy", "--archive", archive)
    assert "baseline" in done.stdout and "push" in done.stdout
    assert "Trackers" not in done.stdout
    assert "high" in done.stdout and "Gantry may now train AI models on personal data" in done.stdout


def test_history_of_an_unknown_service(archive: str) -> None:
    done = smallprint("history", "Nobody", "--archive", archive)
    assert done.returncode == 2
    assert "nothing is recorded of 'Nobody'; recorded are: Gantry" in done.stderr


def test_show_quotes_what_moved_and_what_was_relinked(archive: str) -> None:
    change = next(row for row in changes(archive, "push") if row["document"] == "Privacy Policy")
    told = smallprint("show", str(change["change_id"]), "--all", "--archive", archive).stdout
    assert "moved" in told and "links elsewhere" in told
    assert "https://www.gantry.example/settings/advertising" in told
    assert "evidence: SHA-256 " in told
    assert "\nhigh: Gantry may now train AI models on personal data" in told
    assert "(high; rule " in told


def test_show_json_rebuilds_both_texts(archive: str) -> None:
    change = next(row for row in changes(archive, "push") if row["document"] == "Terms of Service")
    report = json.loads(smallprint("show", str(change["change_id"]), "--json", "--archive", archive).stdout)
    flags = [flag for _, reading in report["edits"] for flag in reading["flags"]]
    assert {flag["severity"] for flag in flags} == {report["severity"], "medium"}
    assert report["line"].startswith("Gantry may now train AI models on ")
    for edit, _ in report["edits"]:
        if edit["kind"] != "links":
            assert "".join(s["text"] for s in edit["segments"] if s["run"] != "added") == edit["before"]
            assert "".join(s["text"] for s in edit["segments"] if s["run"] != "removed") == edit["after"]


def test_show_of_an_unknown_change(archive: str) -> None:
    done = smallprint("show", "999", "--archive", archive)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no change 999" in done.stderr


def test_status_is_well(archive: str) -> None:
    done = smallprint("status", "--archive", archive)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "5 documents, 5 seen at the last look.")


def test_status_json(archive: str) -> None:
    state = json.loads(smallprint("status", "--json", "--archive", archive).stdout)
    assert [(row["document"][:8], row["waits"]) for row in state.pop("due")] == [("Gantry, ", "")] * 5
    quiet = ("not_seen", "dead_links", "held", "quarantined", "undelivered", "not_read")
    assert state == {"documents": 5} | {name: [] for name in quiet}


def test_links_to_refuse_are_looked_at_on_this_machine_only(archive: str) -> None:
    db = sqlite3.connect(archive)
    looks = db.execute("SELECT url, outcome, detail FROM link_looks ORDER BY id").fetchall()
    db.close()
    assert {url.partition("//")[2].partition(":")[0] for url, _, _ in looks} == {"127.0.0.1"}
    assert {(outcome, detail) for _, outcome, detail in looks} == {("alive", "")}


def test_the_archive_holds_together(archive: str) -> None:
    db = sqlite3.connect(archive)
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert db.execute("SELECT state, count(*) FROM notifications GROUP BY state").fetchall() == [("sent", 4)]
    db.close()


def test_again_in_the_same_folder_begins_anew(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder = demo[0].parent
    settings = folder.parent / "other" / "smallprint.toml"
    settings.parent.mkdir()
    settings.write_text("contact = 'me'", "utf-8")
    done = smallprint("demo", "--folder", str(settings.parent))
    assert done.returncode == 2
    assert "holds settings of your own" in done.stderr
    assert settings.read_text("utf-8") == "contact = 'me'"


def test_serve_opens_it_in_a_browser_and_ends_when_asked(archive: str) -> None:
    port = free_port()
    words = [sys.executable, "-m", "smallprint", "serve", "--archive", archive, "--port", str(port)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as site:
        try:
            assert site.stdout is not None
            assert site.stdout.readline() == f"The archive is at http://127.0.0.1:{port}/ (Ctrl-C ends it)\n"
            page = first_answer(f"http://127.0.0.1:{port}/", site)
        finally:
            site.terminate()
    assert "<bdi>Gantry</bdi>" in page
    assert site.returncode in (0, -15)
