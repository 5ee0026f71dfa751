"""Digests on their way: queued for the targets that they tell something, sent once, the same at every try."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive import outbox, reports, store
from archive.rows import value
from archive.settings import WEEK
from archive.targets import Target
from archive.words import Decision, Document
from notify.posting import Delivered
from notify.queueing import queue_digests
from notify.run import notify
from tests.builders import POLICY, decide_anew, decided, paragraphs, pushed, version
from tests.commands import smallprint
from tests.receivers import Hook, hook

BRILL = Document("Brill", "Privacy Policy", "https://brill.example/privacy", "Brill & Sons")
PAST = "2020-01-01T00:00:00Z"
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's, of its plugins


@pytest.fixture
def receiver() -> Iterator[Hook]:
    with hook() as server:
        yield server


def recorded(db: Database, words: str, document: Document = POLICY, decision: Decision = Decision.UNFLAGGED) -> int:
    """The id of a change that is not pushed."""
    return decided(db, version(db, paragraphs("Hello.", words), 2, document), decision)


def age(db: Database, days: float) -> None:
    """As if so much time had passed since everything was recorded, and since the last digest."""
    back = f"{-days} days"
    for table, columns in (("versions", ("recorded_at",)), ("digests", ("since", "until"))):
        for column in columns:
            db.execute(f"UPDATE {table} SET {column} = strftime('%Y-%m-%dT%H:%M:%SZ', {column}, ?)", (back,))


def told(db: Database, *targets: Target, every: timedelta = WEEK) -> list[Delivered]:
    return list(notify(db, targets, pytest.fail, every))


def digests(db: Database) -> int:
    return int(value(db, "SELECT count(*) FROM digests"))


def said(posted: dict[str, Any]) -> str:
    """What a digest says of what was recorded."""
    text = str(posted["message"]).removeprefix("Recorded, not pushed\n")
    return text.rpartition("\n\nMessage: ")[0]


def test_a_digest_arrives_once_a_span(db: Database, receiver: Hook) -> None:
    recorded(db, "One.")
    chat = Target("chat", receiver.url)
    assert told(db, chat) == []
    age(db, 7)
    [sent] = told(db, chat)
    assert (sent.target, sent.error) == ("chat", "")
    assert sent.title.endswith(": 1 change recorded, not pushed")
    assert told(db, chat) == []
    recorded(db, "Two.", BRILL)
    age(db, 6.9)
    assert told(db, chat) == []
    age(db, 0.2)
    assert len(told(db, chat)) == 1
    assert [said(posted) for posted in receiver.posted] == [
        "Quillo, Privacy Policy\n  unflagged: because (change 1)",
        "Brill & Sons, Privacy Policy\n  unflagged: because (change 2)",
    ]


def test_the_time_between_two_is_a_setting(db: Database, receiver: Hook) -> None:
    recorded(db, "One.")
    age(db, 1.1)
    chat = Target("chat", receiver.url)
    assert told(db, chat) == []
    assert len(told(db, chat, every=timedelta(days=1))) == 1


def test_nobody_gets_an_empty_one_and_the_next_span_begins(db: Database, receiver: Hook) -> None:
    recorded(db, "One.", decision=Decision.BASELINE)
    chat = Target("chat", receiver.url)
    age(db, 7)
    assert (told(db, chat), digests(db)) == ([], 1)
    recorded(db, "Two.")
    age(db, 3)
    assert (told(db, chat), digests(db)) == ([], 1)
    age(db, 4)
    assert (len(told(db, chat)), digests(db)) == (1, 2)
    assert said(receiver.posted[0]) == "Quillo, Privacy Policy\n  unflagged: because (change 2)"


def test_nothing_is_begun_before_there_is_a_text_of_ours(db: Database, receiver: Hook) -> None:
    recorded(db, "One.", Document("Quillo", "Imprint", "https://quillo.example/i", origin="contrib"))
    age(db, 70)
    assert (told(db, Target("chat", receiver.url)), digests(db)) == ([], 0)


def test_a_target_gets_what_it_asked_for(db: Database, receiver: Hook) -> None:
    recorded(db, "One.")
    recorded(db, "One.", BRILL)
    age(db, 7)
    targets = [
        Target("all", receiver.url),
        Target("brill", receiver.url, services=("brill & SONS",)),
        Target("nobody's", receiver.url, services=("Nobody",)),
        Target("without", receiver.url, digest=False),
    ]
    assert sorted(sent.target for sent in told(db, *targets)) == ["all", "brill"]
    mine, every = sorted((said(posted) for posted in receiver.posted), key=len)
    assert "Quillo, Privacy Policy" in every and "Brill & Sons, Privacy Policy" in every
    assert mine == "Brill & Sons, Privacy Policy\n  unflagged: because (change 2)"


def test_a_target_whose_wishes_changed_since_is_told_all_the_same(db: Database, receiver: Hook) -> None:
    recorded(db, "One.")
    age(db, 7)
    queue_digests(db, [Target("chat", receiver.url)], WEEK)
    assert len(told(db, Target("chat", receiver.url, services=("Nobody",)))) == 1
    assert said(receiver.posted[0]) == "Quillo, Privacy Policy\n  unflagged: because (change 1)"


def test_a_later_try_says_the_same(db: Database, receiver: Hook) -> None:
    change = recorded(db, "One.", decision=Decision.HELD)
    age(db, 7)
    receiver.status = 503
    chat = Target("chat", receiver.url)
    [failed] = told(db, chat)
    assert failed.error == "the service answered with 503"
    [waiting] = reports.undelivered(db)
    until = value(db, "SELECT substr(until, 1, 10) FROM digests")
    assert (waiting["what"], waiting["change_id"], waiting["state"]) == (f"digest until {until}", None, "failed")
    decide_anew(db, change, Decision.UNFLAGGED)
    recorded(db, "Two.", BRILL)
    db.execute("UPDATE notifications SET next_try_at = ?", (PAST,))
    receiver.status = 200
    assert [(sent.title, sent.error) for sent in told(db, chat)] == [(failed.title, "")]
    first, second = receiver.posted
    assert said(first) == said(second) == "Quillo, Privacy Policy\n  held: because (change 1)"
    assert (reports.undelivered(db), digests(db)) == ([], 1)


def test_a_digest_is_stored_whole_or_not_at_all(db: Database, receiver: Hook) -> None:
    recorded(db, "One.")
    age(db, 7)
    with pytest.raises(Exception, match="NOT NULL"):
        queue_digests(db, [Target(None, receiver.url)], WEEK)  # type: ignore[arg-type]
    assert (digests(db), outbox.due(db)) == (0, [])


def test_pushed_changes_are_sent_before(db: Database) -> None:
    pushed(db)
    recorded(db, "Two.", BRILL)
    age(db, 7)
    printed = list[str]()
    assert [sent.target for sent in notify(db, (), printed.append)] == ["console", "console"]
    assert printed[0].startswith("Quillo, Privacy Policy: AI training\n\n")
    assert printed[1].startswith("Digest of ")
    assert "\n\nTold\nQuillo, Privacy Policy\n  high: Quillo may now train AI models on" in printed[1]
    assert printed[1].endswith("\n1 document recorded for the first time.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with settings and an archive."""
    with store.writing(tmp_path / "quillo.db") as db:
        recorded(db, "One.")
        db.execute("UPDATE changes SET decided_at = '2026-03-02T06:00:00Z'")
    (tmp_path / "smallprint.toml").write_text('archive = "quillo.db"\n[gate]\ndigest = "1d"\n', "utf-8")
    return tmp_path


def test_the_command_prints_one(folder: Path) -> None:
    done = smallprint("digest", "--since", "2026-03-02", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Digest of 2026-03-02 to 2")
    assert done.stdout.endswith("\n\nRecorded, not pushed\nQuillo, Privacy Policy\n  unflagged: because (change 1)\n")
    assert smallprint("digest", "--since", "2026-03-02T06:00:01Z", cwd=folder).stdout.endswith(
        "Nothing was recorded.\n"
    )


def test_the_command_gives_data(folder: Path) -> None:
    found = json.loads(smallprint("digest", "--since", "9999d", "--json", cwd=folder).stdout)
    counts = ["pushed", "together", "first_seen", "read_anew", "silent", "soon"]
    assert list(found) == ["since", "until", "told", "documents", *counts]
    [document] = found["documents"]
    assert (document["document"], document["not_read"]) == ("Quillo, Privacy Policy", "")
    assert document["entries"] == [
        {
            "change_id": 1,
            "decision": "unflagged",
            "reason": "because",
            "severity": "",
            "line": "",
            "held_until": None,
            "times": 1,
        }
    ]


@pytest.mark.parametrize("since", ["yesterday", "7", "d", "7w", "2026-13-01", "0001-01-01T00:00:00+14:00", ""])
def test_a_time_that_is_none_is_told_in_one_line(folder: Path, since: str) -> None:
    done = smallprint("digest", "--since", since, cwd=folder)
    assert done.returncode == 2
    assert done.stderr == f"Error: {since!r} is no time: write 7d, 12h, 2026-11-15 or 2026-11-15T06:00:00Z\n"


def test_notify_sends_one_as_often_as_the_settings_say(folder: Path) -> None:
    with store.writing(folder / "quillo.db") as db:
        age(db, 1)
    done = smallprint("notify", cwd=folder)
    assert done.returncode == 0
    assert "\n  unflagged: because (change 1)\n" in done.stdout
    assert "Told console: Digest of " in done.stdout
    assert smallprint("notify", cwd=folder).stdout == ""
