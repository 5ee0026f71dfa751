"""What was decided, read again and told: about one change, a document over time, and all that waits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import decisions, store
from archive.decisions import KNOWN, NEWS, OVER, Compared, Earlier, Sibling, Text
from archive.errors import ArchiveError
from archive.recording import document_id
from archive.words import Decision, Document
from smallprint import explained
from tests.builders import DAY, POLICY, WORDS, added, decided, flag, paragraphs, pushed, version
from tests.commands import smallprint

TERMS = Document("Quillo", "Terms of Service", "https://quillo.example/terms", "Quillo")
GERMAN = replace(POLICY, region="DE")
FRENCH = replace(POLICY, region="FR")
OTHERS = replace(POLICY, origin="Open Terms Archive")
COMMA = Document("brill", "Privacy Policy", "https://brill.example/privacy", "Brill, Sons & Co.")
HELD = "1 flagged passage is new: a second look decides"


def settle(db: Database, change: int, **columns: object) -> None:
    """Gives a change what the gate writes when it decides it."""
    db.table("changes").update(change, columns)


def mark(db: Database, change: int, *news: int) -> None:
    """Says of each edit of a change whether it was news."""
    for place, value in enumerate(news):
        db.execute("UPDATE change_edits SET news = ? WHERE change_id = ? AND place = ?", (value, change, place))


def was_held(db: Database, change: int, day: int = 2) -> None:
    """The change waited for a day before its newest decision."""
    row = {"change_id": change, "decision": "held", "reason": HELD, "decided_at": DAY.format(day)}
    db.table("earlier_decisions").insert(row | {"held_until": DAY.format(day + 1)})
    settle(db, change, decided_at=DAY.format(day + 1))


def confirmed(db: Database, document: Document = POLICY) -> int:
    """A pushed change that was held for a day, with two passages that are news, one known, one over."""
    decided(db, version(db, paragraphs("Hello.", document.type), 1, document), Decision.BASELINE)
    texts = [f"{WORDS} {number}" for number in range(4)]
    after = version(db, paragraphs("Hello.", document.type, *texts), 2, document)
    change = decided(db, after, Decision.PUSH, *(added(text, "Data", flag(text)) for text in texts))
    mark(db, change, NEWS, KNOWN, NEWS, OVER)
    was_held(db, change)
    settle(db, change, told_in=change, told_version_id=after - 1, recent_since=DAY.format(1))
    return change


def of(db: Database, change: int) -> decisions.Decided:
    found = decisions.of_change(db, change)
    assert found is not None
    return found


def lines(db: Database, document: Document = POLICY) -> list[str]:
    """All that is told of a document."""
    everything = decisions.of_document(db, document_id(db, document) or 0)
    return [line for alike in explained.folded(everything) for line in explained.told(alike)]


def test_a_change_with_all_that_was_decided(db: Database) -> None:
    one = of(db, confirmed(db))
    assert (one.decision, one.reason, one.decided_at, one.held_until) == ("push", "because", DAY.format(3), None)
    assert one.earlier == (Earlier("held", HELD, DAY.format(2), DAY.format(3)),)
    before = Text(1, DAY.format(1), 1)
    assert one.compared == Compared(before, before, DAY.format(1), 1)
    assert [(edit.place, edit.news, edit.heading) for edit in one.flagged] == [
        (0, NEWS, "Data"),
        (1, KNOWN, "Data"),
        (2, NEWS, "Data"),
        (3, OVER, "Data"),
    ]
    assert one.flagged[0].flags == (flag(f"{WORDS} 0"),)
    assert decisions.of_change(db, 99) is None


def test_a_document_over_time_is_each_of_its_changes(db: Database) -> None:
    change = confirmed(db)
    pushed(db, TERMS)
    both = decisions.of_document(db, document_id(db, POLICY) or 0)
    assert both == [of(db, 1), of(db, change)]


def test_an_edit_with_two_flags_is_one(db: Database) -> None:
    first = version(db, paragraphs("Hello."))
    change = decided(db, first, Decision.BASELINE, added("Hello.", "", flag("Hel"), flag("lo")))
    (edit,) = of(db, change).flagged
    assert [found.quote for found in edit.flags] == ["Hel", "lo"]


def test_changes_of_one_message_know_each_other(db: Database) -> None:
    first, second, third = pushed(db), pushed(db, TERMS), pushed(db, GERMAN)
    for change in (first, second):
        settle(db, change, told_in=first)
    assert of(db, first).together == (Sibling(second, "Quillo, Terms of Service"),)
    assert of(db, second).together == (Sibling(first, "Quillo, Privacy Policy"),)
    assert of(db, third).together == ()
    assert "told together with Quillo, Terms of Service (change 4)" in lines(db)
    assert "told in the message of Quillo, Privacy Policy (change 2)" in lines(db, TERMS)


def test_a_third_of_a_message_names_the_teller_and_the_second(db: Database) -> None:
    changes = pushed(db), pushed(db, TERMS), pushed(db, GERMAN)
    for change in changes:
        settle(db, change, told_in=changes[1])
    assert [line for line in explained.details(of(db, changes[2])) if line.startswith("told")] == [
        "told in the message of Quillo, Terms of Service (change 4)",
        "told together with Quillo, Privacy Policy (change 2)",
    ]


@pytest.mark.parametrize(("since", "texts"), [("", 0), (DAY.format(1), 4), (DAY.format(3), 3), (DAY.format(5), 1)])
def test_texts_that_stood_since_a_day_are_counted(db: Database, since: str, texts: int) -> None:
    """One a day; the third is not believed, the sixth is asked about. On the third, the second still stood."""
    for day in (1, 2, 3, 4, 5, 6):
        decision = Decision.QUARANTINED if day == 3 else Decision.UNFLAGGED
        change = decided(db, version(db, paragraphs(f"Text {day}."), day), decision)
    settle(db, change, recent_since=since)
    assert of(db, change).compared.texts == texts


def test_what_it_was_compared_with_in_words() -> None:
    first, second = Text(1, DAY.format(1), 11), Text(2, DAY.format(2), 12)
    said = {
        "": Compared(None, None, "", 0),
        "the text before (2026-03-02 06:00, change 12)": Compared(second, None, "", 0),
        "the text before, the last that was told (2026-03-02 06:00, change 12)": Compared(second, second, "x", 1),
        "the text before (2026-03-02 06:00, change 12) and the last text that was told (2026-03-01 06:00, change 11)": (
            Compared(second, first, "", 0)
        ),
        "the text before (2026-03-02 06:00, change 12), the last text that was told (2026-03-01 06:00, change 11) and "
        "all 2 texts that stood since 2026-03-01 06:00": Compared(second, first, DAY.format(1), 2),
    }
    assert {explained.compared(texts): texts for texts in said.values()} == said


def test_a_confirmed_change_in_lines(db: Database) -> None:
    confirmed(db)
    settle(db, 1, decided_at=DAY.format(1))
    assert lines(db) == [
        "2026-03-01 06:00  baseline  change 1",
        "why: because",
        "decided 2026-03-01 06:00",
        "2026-03-02 06:00  push  change 2",
        "high: Quillo may now train AI models on people’s data or content",
        "why: because",
        f"at first held on 2026-03-02 06:00, until 2026-03-03 06:00: {HELD}",
        "decided 2026-03-03 06:00",
        "compared with the text before, the last that was told (2026-03-01 06:00, change 1)",
        f"news: “{WORDS} 0” (AI training: allows more)",
        f"news: “{WORDS} 2” (AI training: allows more)",
        "flagged, but known before: 1 passage",
        "flagged, but over before it was confirmed: 1 passage",
    ]


def test_news_is_quoted_in_short(db: Database) -> None:
    quotes = [f"{number} " + "word " * 100 for number in range(5)]
    change = decided(db, version(db, paragraphs(*quotes)), Decision.PUSH, *(added(q, "", flag(q)) for q in quotes))
    mark(db, change, *[NEWS] * 5)
    said = list(explained.news(of(db, change)))
    assert len(said) == 4
    assert said[0].startswith("news: “0 word word") and " …” (AI" in said[0] and len(said[0]) < 130
    assert said[-1] == "and 2 more news"


def test_a_push_without_marks_says_only_how_much_is_flagged(db: Database) -> None:
    change = pushed(db)
    db.execute("UPDATE change_edits SET news = 0")
    one = of(db, change)
    assert list(explained.news(one)) == ["flagged: 1 passage"]
    assert explained.notes(one) == {}


def test_passages_that_were_known_or_over_carry_a_note(db: Database) -> None:
    one = of(db, confirmed(db))
    assert explained.notes(one) == {
        1: "(known before: not told)",
        3: "(over before it was confirmed: not told)",
    }


# Folding


def flipping(db: Database, times: int = 4) -> None:
    """After a first version, a page that flips: returned and cosmetic by turns, then one that waits."""
    decided(db, version(db, paragraphs("Text 1."), 1), Decision.BASELINE)
    for day in range(2, 2 + times):
        decision = Decision.COSMETIC if day % 2 else Decision.RETURNED
        change = decided(db, version(db, paragraphs(f"Text {day}."), day), decision)
        settle(db, change, reason=f"{day} link targets" if day % 2 else "it stood before")
    waits = decided(db, version(db, paragraphs(WORDS), 20), Decision.HELD, added(WORDS, "", flag()))
    settle(db, waits, held_until=DAY.format(21))
    mark(db, waits, NEWS)


def test_quiet_changes_between_others_are_folded_by_their_decision(db: Database) -> None:
    flipping(db, 10)
    heads = [line for line in lines(db) if line.startswith("2026")]
    assert heads == [
        "2026-03-01 06:00  baseline  change 1",
        "2026-03-02 06:00 to 2026-03-10 06:00  returned, 5 times",
        "2026-03-03 06:00 to 2026-03-11 06:00  cosmetic, 5 times",
        "2026-03-20 06:00  held until 2026-03-21 06:00  change 12",
    ]
    assert "why: it stood before" in lines(db)
    assert lines(db).index("and for 2 other reasons (--all shows them)") == lines(db).index(heads[-1]) - 1


def test_what_was_held_at_first_is_folded_apart(db: Database) -> None:
    flipping(db, 6)
    for change in (2, 6):
        was_held(db, change)
    assert [line for line in lines(db) if "returned" in line or "at first" in line] == [
        "2026-03-02 06:00 to 2026-03-06 06:00  returned, 2 times",
        "at first held",
        "2026-03-04 06:00  returned  change 4",
    ]


def test_several_reasons_are_told_with_their_numbers(db: Database) -> None:
    flipping(db, 6)
    settle(db, 2, reason="another")
    assert lines(db)[4:6] == ["why: it stood before (2 times)", "why: another"]


def test_loud_changes_are_never_folded(db: Database) -> None:
    for day in range(1, 5):
        decided(db, version(db, paragraphs(f"Text {day}."), day), Decision.PUSH)
    everything = decisions.of_document(db, 1)
    assert list(explained.folded(everything)) == [[one] for one in everything]


# Which document is meant


@pytest.fixture
def several(db: Database) -> Iterator[Database]:
    """A policy that others have recorded too, with two regions of another type, and a service with a comma."""
    for document in (OTHERS, POLICY, replace(GERMAN, type="Terms"), replace(FRENCH, type="Terms"), COMMA):
        decided(db, version(db, paragraphs("Hello.", document.origin), 1, document), Decision.BASELINE)
    yield db


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Quillo, Privacy Policy", [2, 1]),
        ("  quillo,  PRIVACY policy ", [2, 1]),
        ("1", [1]),
        ("Quillo, Terms (DE)", [3]),
        ("quillo, terms (fr)", [4]),
        ("brill, privacy policy", [5]),
        ("Brill, Sons & Co., Privacy Policy", [5]),
    ],
)
def test_a_document_is_found_as_people_say_it(several: Database, asked: str, meant: list[int]) -> None:
    assert [row["document_id"] for row in decisions.records(several, asked)] == meant


def test_ours_comes_first_and_others_are_named(several: Database) -> None:
    assert [row["origin"] for row in decisions.records(several, "Quillo, Privacy Policy")] == ["", "Open Terms Archive"]


def test_without_a_region_the_one_without_is_meant(several: Database) -> None:
    decided(several, version(several, paragraphs("Hi."), 1, replace(GERMAN, type="Privacy Policy")), Decision.BASELINE)
    assert [row["document_id"] for row in decisions.records(several, "Quillo, Privacy Policy")] == [2, 1]


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (
            "Nobody, Privacy Policy",
            "nothing is recorded of 'Nobody, Privacy Policy'; recorded are: Brill, Sons & Co., Q",
        ),
        ("Quillo", "nothing is recorded of 'Quillo'; recorded are: Privacy Policy, Terms (DE), Terms (FR)"),
        ("brill, terms", "nothing is recorded of 'brill, terms'; recorded are: Privacy Policy"),
        ("Quillo, Terms", "'Quillo, Terms' has regions, name one: Quillo, Terms (DE), Quillo, Terms (FR)"),
        ("99", "nothing is recorded of '99'"),
    ],
)
def test_what_is_not_recorded_is_told_in_a_line(several: Database, asked: str, complaint: str) -> None:
    with pytest.raises(ArchiveError) as told:
        decisions.records(several, asked)
    assert str(told.value).startswith(complaint)


# Of all documents


def test_decisions_are_counted_and_what_waits_is_in_order(db: Database) -> None:
    assert (decisions.counts(db), decisions.waiting(db)) == ({}, [])
    late, soon, theirs = pushed(db), pushed(db, TERMS), pushed(db, OTHERS)
    for change, day in ((late, 9), (soon, 5), (theirs, 7)):
        settle(db, change, decision="held", held_until=DAY.format(day))
    assert decisions.counts(db) == {"baseline": 2, "held": 2}
    assert [row["change_id"] for row in decisions.waiting(db)] == [soon, late]
    assert [row["change_id"] for row in decisions.waiting(db, others=True)] == [soon, theirs, late]
    first = decisions.waiting(db)[0]
    assert (first["document"], first["held_until"]) == ("Quillo, Terms of Service", DAY.format(5))


# The commands


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A confirmed change (2) told for two documents, one that waits (6), one in quarantine (7), one of others."""
    path = tmp_path_factory.mktemp("gate") / "archive.db"
    with store.writing(path) as db:
        first = confirmed(db)
        settle(db, pushed(db, TERMS), told_in=first)
        waits = pushed(db, GERMAN)
        settle(db, waits, decision="held", reason=HELD, held_until="2999-03-03T06:00:00Z", told_version_id=5)
        mark(db, waits, NEWS)
        thin = decided(db, version(db, paragraphs("Hello."), 9, TERMS), Decision.QUARANTINED)
        settle(db, thin, held_until="2999-03-04T06:00:00Z")
        decided(db, version(db, paragraphs("Hello."), 3, OTHERS), Decision.BASELINE)
    return str(path)


def run(*words: str, code: int = 0) -> str:
    done = smallprint(*words)
    assert done.returncode == code, done.stderr
    return done.stdout if code < 2 else done.stderr


def test_gate_tells_what_was_decided_and_what_waits(archive: str) -> None:
    rows = [line.split() for line in run("gate", "--archive", archive).splitlines()]
    assert rows[1:4] == [["baseline", "3"], ["push", "2"], ["held", "1"]]
    assert rows[7] == ["2999-03-03", "06:00", "held", "6", "Quillo,", "Privacy", "Policy", "(DE)"]
    assert rows[8][2:4] == ["quarantined", "7"]


def test_gate_as_json(archive: str) -> None:
    told = json.loads(run("gate", "--json", "--archive", archive))
    assert told["decisions"] == {"baseline": 3, "push": 2, "held": 1, "quarantined": 1}
    assert [(row["change_id"], row["held_until"][:4]) for row in told["waiting"]] == [(6, "2999"), (7, "2999")]


def test_gate_of_an_empty_archive(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db"):
        pass
    assert run("gate", "--archive", str(tmp_path / "a.db")) == "Nothing is decided yet.\n"


def test_gate_explains_each_record_of_a_document(archive: str) -> None:
    told = run("gate", "--explain", "quillo, privacy policy", "--archive", archive).splitlines()
    heads = [line for line in told if line.startswith("Quillo")]
    assert heads == [
        "Quillo, Privacy Policy (document 1, fetched by us): 2 changes",
        "Quillo, Privacy Policy (document 4, recorded by Open Terms Archive): 1 change",
    ]
    assert "    told together with Quillo, Terms of Service (change 4)" in told
    assert f"    news: “{WORDS} 0” (AI training: allows more)" in told


def test_gate_explains_as_json(archive: str) -> None:
    (record,) = json.loads(run("gate", "--explain", "1", "--json", "--archive", archive))
    assert (record["document_id"], record["document"], record["origin"]) == (1, "Quillo, Privacy Policy", "")
    change = record["changes"][1]
    assert change["earlier"] == [
        {"decision": "held", "reason": HELD, "decided_at": DAY.format(2), "held_until": DAY.format(3)}
    ]
    assert change["compared"]["before"] == {"version_id": 1, "seen_at": DAY.format(1), "change_id": 1}
    assert [edit["news"] for edit in change["flagged"]] == [1, 0, 1, 2]
    assert change["flagged"][0]["flags"][0]["quote"] == f"{WORDS} 0"
    assert change["together"] == [{"change_id": 4, "document": "Quillo, Terms of Service"}]


def test_gate_folds_unless_all_is_asked_for(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        flipping(db)
    asked = ("gate", "--explain", "1", "--archive", str(tmp_path / "a.db"))
    assert "2026-03-02 06:00 to 2026-03-04 06:00  returned, 2 times" in run(*asked)
    told = run(*asked, "--all")
    assert "times" not in told
    assert [f"change {number}" in told for number in range(1, 8)] == [True] * 6 + [False]


def test_gate_of_an_unknown_document_is_one_line(archive: str) -> None:
    told = run("gate", "--explain", "Quillo, Cookies", "--archive", archive, code=2)
    assert told == (
        "Error: nothing is recorded of 'Quillo, Cookies'; recorded are: Privacy Policy, Privacy Policy (DE), "
        "Terms of Service\n"
    )


def test_show_tells_the_decision_and_marks_what_was_known(archive: str) -> None:
    told = run("show", "2", "--archive", archive)
    assert (
        f"\n  at first held on 2026-03-02 06:00, until 2026-03-03 06:00: {HELD}\n  decided 2026-03-03 06:00\n" in told
    )
    assert "\n  told together with Quillo, Terms of Service (change 4)\n" in told
    order = [told.index(f"{{+{WORDS} {number}+}}") for number in (0, 2, 1, 3)]
    assert order == sorted(order)
    known, over = (told.index(f"({name}: not told)") for name in ("known before", "over before it was confirmed"))
    assert order[1] < known < order[2] < over < order[3]
    assert "not told" not in run("show", "4", "--archive", archive)


def test_show_tells_until_when_a_change_waits(archive: str) -> None:
    assert f"\nheld until 2999-03-03 06:00: {HELD}\n" in run("show", "6", "--archive", archive)


def test_history_tells_until_when_a_change_waits(archive: str) -> None:
    rows = run("history", "Quillo", "--archive", archive).splitlines()
    assert [line.split()[0] for line in rows if "(until 2999-03-0" in line] == ["6", "7"]


def test_status_tells_of_both_and_needs_a_person_for_the_quarantined_alone(archive: str) -> None:
    told = run("status", "--archive", archive, code=1)
    assert "\n1 change waits for a second look, the next at 2999-03-03 06:00 UTC.\n" in told
    assert "change 7 waits until 2999-03-04 06:00 UTC, to be believed if it stays: because" in told
    state = json.loads(run("status", "--json", "--archive", archive, code=1))
    assert [row["change_id"] for row in state["held"]] == [6]
    assert [row["held_until"] for row in state["quarantined"]] == ["2999-03-04T06:00:00Z"]


def test_what_is_held_needs_nobody(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        for document in (POLICY, TERMS):
            settle(db, pushed(db, document), decision="held", held_until=DAY.format(3))
    told = run("status", "--archive", str(tmp_path / "a.db"))
    assert "2 changes wait for a second look, the next at " in told  # now, as the time is past
    assert "2026-03-03" not in told


def test_words_of_a_page_steer_no_terminal(tmp_path: Path) -> None:
    steering = "\x1b[2J\u202eWe train models."
    with store.writing(tmp_path / "a.db") as db:
        hostile = pushed(db, replace(POLICY, service_name=f"Quillo{steering}"), steering)
        mark(db, hostile, NEWS)
        settle(db, hostile, told_in=hostile, reason=steering, decision="held", held_until=DAY.format(3))
        settle(db, pushed(db, TERMS), told_in=hostile)
    for command in (("gate",), ("gate", "--explain", "1"), ("gate", "--explain", "2"), ("show", "2"), ("show", "4")):
        told = run(*command, "--archive", str(tmp_path / "a.db"))
        assert not set(told) & set("\x1b\u202e"), command
    explained_words = run("gate", "--explain", "1", "--archive", str(tmp_path / "a.db"))
    assert "news: “\ufffd[2J\ufffdWe train models.”" in explained_words
