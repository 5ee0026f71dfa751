"""What a document said on a date: the right version, of the right record, word for word."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import past, store
from archive.errors import ArchiveError, SmallprintError
from archive.recording import record_document
from archive.words import Decision, Kind, Link, Passage
from tests.builders import DAY, POLICY, decided, new_archive, paragraphs, version
from tests.commands import smallprint

OTHERS = replace(POLICY, origin="Open Terms Archive")
PAGE = [
    Passage(Kind.HEADING, "Your data", 2),
    Passage(Kind.PARAGRAPH, "See here and there.", 0, (Link("here", "https://a.example/"), Link("", "/lost"))),
    Passage(Kind.ITEM, "Posts", 1),
    Passage(Kind.ITEM, "Photos", 2),
    Passage(Kind.ROW, "Data | Use"),
    Passage(Kind.ROW, "Posts | Training"),
    Passage(Kind.PARAGRAPH, "The end."),
]
READABLE = """## Your data

See [here](https://a.example/) and there. </lost>

- Posts
  - Photos

| Data | Use |
| Posts | Training |

The end."""


def at(db: Database, day: int, document: str = "Privacy Policy", service: str = "quillo") -> past.Stood:
    return past.stood(db, service, document, past.moment(f"2026-03-{day:02}"))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2023-08-07", "2023-08-07T23:59:59Z"),
        ("2023-08-07T06:00:00Z", "2023-08-07T06:00:00Z"),
        ("2023-08-07T06:00", "2023-08-07T06:00:00Z"),
        ("2023-08-07 06:00:00.9+02:00", "2023-08-07T04:00:00Z"),
        ("0900-01-01", "0900-01-01T23:59:59Z"),
    ],
)
def test_a_date_is_its_end_and_a_time_is_itself(text: str, time: str) -> None:
    assert past.moment(text) == time


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2023-02-30", "2023-08", "0001-01-01T00:00:00+23:00", "2023-08-07T25"]
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(SmallprintError, match="is no date: write it as 2023-08-07") as told:
        past.moment(text)
    assert "\n" not in str(told.value)


@settings(max_examples=40)
@given(st.lists(st.lists(st.sampled_from("abcde"), max_size=6), min_size=1, max_size=12))
def test_every_date_gives_the_text_that_was_recorded(lists: list[list[str]]) -> None:
    with new_archive() as db:
        standing: list[Passage] | None = None
        for day, letters in enumerate(lists, 1):
            texts = paragraphs(*letters)
            if texts != standing:
                version(db, texts, day)
            standing = texts
        for day, letters in enumerate(lists, 1):
            found = at(db, day)
            assert [p.text for p in found.passages] == letters
            assert found.seen_at <= DAY.format(day)
            assert found.first_seen == [DAY.format(_first_day(lists, letter)) for letter in letters]


def _first_day(lists: Sequence[Sequence[str]], letter: str) -> int:
    return next(day for day, letters in enumerate(lists, 1) if letter in letters)


def test_a_version_stands_until_the_next(db: Database) -> None:
    version(db, paragraphs("One."), 2)
    later = version(db, paragraphs("Two."), 20)
    assert (at(db, 2).seen_at, at(db, 19).next_seen_at) == (DAY.format(2), DAY.format(20))
    assert (at(db, 20).version, at(db, 31).next_seen_at) == (later, None)


def test_of_two_readings_of_a_page_the_later_counts(db: Database) -> None:
    version(db, paragraphs("Read by old rules."), 2)
    technical = version(db, paragraphs("Read by new rules."), 2, technical=True)
    assert at(db, 2).version == technical


def test_our_record_wins_once_it_begins(db: Database) -> None:
    version(db, paragraphs("As others read it."), 1, OTHERS)
    version(db, paragraphs("As others read it later."), 12, OTHERS)
    version(db, paragraphs("As we read it."), 10)
    assert (at(db, 5).origin, at(db, 5).passages[0].text) == ("Open Terms Archive", "As others read it.")
    assert (at(db, 15).origin, at(db, 15).passages[0].text) == ("", "As we read it.")
    assert "recorded by Open Terms Archive, from https://quillo.example/privacy" in past.headline(at(db, 5))
    assert "fetched by us" in past.headline(at(db, 15))


def test_of_the_records_of_others_the_last_seen_counts(db: Database) -> None:
    version(db, paragraphs("First."), 1, replace(POLICY, origin="A"))
    version(db, paragraphs("Second."), 3, replace(POLICY, origin="B"))
    assert (at(db, 2).origin, at(db, 3).origin) == ("A", "B")


def test_regions_are_documents_of_their_own(db: Database) -> None:
    version(db, paragraphs("In Europe."), 1, replace(POLICY, region="EU"))
    assert at(db, 1).passages[0].text == "In Europe."
    version(db, paragraphs("In the States."), 1, replace(POLICY, region="US"))
    with pytest.raises(ArchiveError, match=r"has regions, name one: Privacy Policy \(EU\), Privacy Policy \(US\)"):
        at(db, 1)
    assert at(db, 1, "privacy policy (us)").passages[0].text == "In the States."
    version(db, paragraphs("Everywhere."), 1)
    assert at(db, 1).passages[0].text == "Everywhere."


def test_a_key_beats_a_name(db: Database) -> None:
    version(db, paragraphs("Of the name."), 1, replace(POLICY, service="other", service_name="Quillo"))
    version(db, paragraphs("Of the key."), 1, replace(POLICY, service_name="Quillo Inc."))
    assert at(db, 1).passages[0].text == "Of the key."


def test_a_text_in_quarantine_says_so(db: Database) -> None:
    decided(db, version(db, paragraphs("Are you a robot?"), 1), Decision.QUARANTINED)
    assert past.headline(at(db, 1)).endswith("; in quarantine: because")


def test_where_there_is_nothing_the_line_says_what_there_is(db: Database) -> None:
    with pytest.raises(ArchiveError, match="nothing is recorded of 'quillo'; recorded are: no services yet"):
        at(db, 1)
    record_document(db, POLICY)
    with pytest.raises(ArchiveError, match="no text of it was ever read"):
        at(db, 1)
    version(db, paragraphs("Hello."), 9)
    with pytest.raises(ArchiveError, match="its first text was seen 2026-03-09T06:00:00Z"):
        at(db, 8)
    with pytest.raises(ArchiveError, match="of 'quillo, Imprint'; recorded are: Privacy Policy"):
        at(db, 9, "Imprint")


def test_a_line_names_a_few_of_many() -> None:
    assert past.few([f"{n:02}" for n in range(40)]).endswith("10, 11 and 28 more")


def test_a_text_is_readable() -> None:
    assert past.readable(PAGE) == READABLE
    assert past.readable([]) == ""


@pytest.fixture
def past_archive(archive_path: Path) -> Path:
    """The page as it stood from the second of March on, and a shorter one from the twentieth."""
    with store.writing(archive_path) as db:
        version(db, PAGE, 2)
        version(db, PAGE[:1], 20)
    return archive_path


def test_the_command_prints_the_text(past_archive: Path) -> None:
    done = smallprint("history", "Quillo", "privacy policy", "--at", "2026-03-10", "--archive", str(past_archive))
    assert done.returncode == 0
    head, _, text = done.stdout.partition("\n\n")
    assert head == (
        "Quillo, Privacy Policy: version 1, seen 2026-03-02T06:00:00Z, another from 2026-03-20T06:00:00Z on; "
        "fetched by us, from https://quillo.example/privacy"
    )
    assert text == f"{READABLE}\n"


def test_the_command_gives_data(past_archive: Path) -> None:
    words = ("history", "Quillo", "Privacy Policy", "--at", "2026-03-10", "--json", "--archive", str(past_archive))
    told = json.loads(smallprint(*words).stdout)
    passages = told.pop("passages")
    assert len(told.pop("sha256s")) == 1
    assert told == {
        "document": "Quillo, Privacy Policy",
        "origin": "",
        "at": "2026-03-10T23:59:59Z",
        "version": 1,
        "seen_at": DAY.format(2),
        "next_seen_at": DAY.format(20),
    }
    assert passages[1] == {
        "kind": "paragraph",
        "level": 0,
        "heading": "Your data",
        "text": "See here and there.",
        "links": [{"text": "here", "url": "https://a.example/"}, {"text": "", "url": "/lost"}],
        "first_seen": DAY.format(2),
    }


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["Quillo", "Privacy Policy", "--at", "2026-03-01"], "its first text was seen 2026-03-02"),
        (["Quillo", "Privacy Policy", "--at", "soon"], "'soon' is no date"),
        (["Quillo", "Imprint", "--at", "2026-03-10"], "recorded are: Privacy Policy"),
        (["Nobody", "Imprint", "--at", "2026-03-10"], "recorded are: Quillo"),
        (["Quillo", "--at", "2026-03-10"], "name the document too"),
    ],
)
def test_the_command_complains_in_one_line(past_archive: Path, words: list[str], complaint: str) -> None:
    done = smallprint("history", *words, "--archive", str(past_archive))
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1
