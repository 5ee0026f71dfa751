"""What the site tells of a decision: on the page of a change and on the front page, as the terminal tells it."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import Tag
from sqlite_utils import Database

from archive import cards, flagged, recording, store
from archive.decisions import KNOWN, NEWS, OVER, Sibling
from archive.flagged import Wanted
from archive.words import Decision, Document
from tests.builders import DAY, POLICY, WORDS, added, decided, flag, paragraphs, pushed, version
from tests.site_pages import HOSTILE, SCRIPT, page, visit, words
from tests.test_decisions import GERMAN, HELD, OTHERS, TERMS, confirmed, mark, settle, was_held

PAPER = Document("Plume", "Privacy Policy", "https://plume.example/privacy", "Plume")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A confirmed change (2) told with another (4), one that waits (6), one of others (8), a hostile one (10, 12)."""
    path = tmp_path_factory.mktemp("site") / "demo.db"
    with store.writing(path) as db:
        first = confirmed(db)
        settle(db, pushed(db, TERMS), told_in=first)
        waits = pushed(db, GERMAN)
        settle(db, waits, decision="held", reason=HELD, held_until=DAY.format(3), told_version_id=5)
        mark(db, waits, NEWS)
        pushed(db, OTHERS)
        hostile(db)
    return path


def hostile(db: Database) -> None:
    """A message that tells of a document which attacks with its name, and with a reason."""
    teller = pushed(db, PAPER)
    other = pushed(db, HOSTILE)
    was_held(db, other)
    db.execute("UPDATE earlier_decisions SET reason = ? WHERE change_id = ?", (SCRIPT, other))
    for change in (teller, other):
        settle(db, change, told_in=teller)


def facts(path: Path, change: int) -> dict[str, str]:
    """What stands in the block of the decision, by name."""
    block = block_of(path, change)
    return dict(zip(map(words, block("dt")), map(words, block("dd")), strict=True))


def block_of(path: Path, change: int) -> Tag:
    block = page(path, f"/-/change/{change}").select_one("main > .decided")
    assert block is not None
    return block


def test_a_change_tells_what_was_decided_when_and_after_what(archive: Path) -> None:
    assert facts(archive, 2) == {
        "At first": f"Held for confirmation on 2 March 2026, 06:00 UTC, until 3 March 2026, 06:00 UTC: {HELD}",
        "Decided": "3 March 2026, 06:00 UTC",
        "Compared with": "the text before, the last that was told (1 March 2026)",
        "Told together with": "Quillo, Terms of Service",
    }


def test_texts_and_siblings_lead_to_their_changes(archive: Path) -> None:
    assert [a["href"] for a in block_of(archive, 2)("a")] == ["/-/change/1", "/-/change/4"]
    assert [a["href"] for a in block_of(archive, 4)("a")] == ["/-/change/3", "/-/change/2"]
    assert facts(archive, 4)["Told in the message of"] == "Quillo, Privacy Policy"
    assert "Told together with" not in facts(archive, 4)


def test_a_change_that_waits_tells_until_when(archive: Path) -> None:
    assert words(page(archive, "/-/change/6").select_one(".decision")) == "Held for confirmation"
    assert facts(archive, 6)["Waits until"] == "3 March 2026, 06:00 UTC"


def test_a_first_version_was_compared_with_nothing(archive: Path) -> None:
    assert list(facts(archive, 1)) == ["Decided"]


def test_all_texts_that_were_compared_are_linked(tmp_path: Path) -> None:
    with store.writing(tmp_path / "demo.db") as db:
        for day in (1, 2, 3, 4):
            change = decided(db, version(db, paragraphs(f"Text {day}."), day), Decision.UNFLAGGED)
        settle(db, change, recent_since=DAY.format(2), told_version_id=1)
    told = facts(tmp_path / "demo.db", 4)["Compared with"]
    assert told == (
        "the text before (3 March 2026); the last text that was told (1 March 2026); "
        "all 2 texts that stood since 2 March 2026"
    )
    links = [a["href"] for a in block_of(tmp_path / "demo.db", 4)("a")]
    assert links == ["/-/change/3", "/-/change/1", "/demo/versions?document_id=1"]
    assert [answer.status_code for answer in visit(tmp_path / "demo.db", *links)] == [200] * 3


def test_what_is_no_news_is_listed_apart_with_the_reason(archive: Path) -> None:
    shown = page(archive, "/-/change/2")
    titles = ["2 flagged passages", "Flagged, but no news: 2", "What changed", "Evidence", "Cite this change"]
    assert [heading.text for heading in shown("h2")] == titles
    edits = {words(edit.select_one(".redline")): words(edit.select_one(".kind")) for edit in shown(class_="edit")}
    assert edits == {
        f"{WORDS} 0": "New passage",
        f"{WORDS} 2": "New passage",
        f"{WORDS} 1": "New passage · Known before, so not told",
        f"{WORDS} 3": "New passage · Over before it was confirmed, so not told",
    }


def test_a_push_without_marks_is_all_news(archive: Path) -> None:
    assert page(archive, "/-/change/4").h2.text == "1 flagged passage"


# The front page


def test_a_message_is_one_card_with_the_names_of_the_others(archive: Path) -> None:
    cards = {card.h3.a["href"]: card for card in page(archive, "/").select("article.card")}
    assert set(cards) == {"/-/change/2", "/-/change/8", "/-/change/10"}
    (others,) = [name.find_next("dd") for name in cards["/-/change/2"]("dt") if "same edit" in name.text]
    assert words(others) == "Quillo, Terms of Service"
    assert others.a["href"] == "/-/change/4"
    assert "same edit" not in cards["/-/change/8"].text


def test_a_card_quotes_only_news(archive: Path) -> None:
    (card,) = [card for card in page(archive, "/").select("article.card") if card.h3.a["href"] == "/-/change/2"]
    assert [quote.text for quote in card("blockquote")] == [f"{WORDS} 0", f"{WORDS} 2"]


def test_what_others_have_recorded_is_not_called_pushed(archive: Path) -> None:
    cards = {card.h3.a["href"]: words(card) for card in page(archive, "/").select("article.card")}
    assert "Seen 2 March 2026; the text before, 1 March 2026" in cards["/-/change/2"]
    assert "· Recorded by Open Terms Archive" in cards["/-/change/8"]
    assert not [text for text in cards.values() if "Pushed" in text]
    assert words(page(archive, "/-/change/8").select_one(".decision")) == "Flagged"


def test_names_and_reasons_are_shown_as_words(archive: Path) -> None:
    for address in ("/", "/-/change/10", "/-/change/12", "/demo/earlier_decisions"):
        shown = page(archive, address)
        assert not [script for script in shown("script") if "alert(" in script.text], address
        assert not shown.select("[onerror]"), address
    assert HOSTILE.label in facts(archive, 10)["Told together with"]
    assert facts(archive, 12)["At first"].endswith(SCRIPT)


def test_the_newest_messages_are_counted_not_the_changes(db: Database) -> None:
    first, second = pushed(db), pushed(db, TERMS)
    last = pushed(db, PAPER)
    for change in (first, second):
        settle(db, change, told_in=first)
    found = [change.id for change in flagged.dated(db, Wanted())]
    assert [(card.id, card.others) for card in cards.cards(db, found)] == [
        (last, []),
        (first, [Sibling(second, "Quillo, Terms of Service")]),
    ]


def test_a_card_of_an_edit_that_was_over_or_known_alone_keeps_its_quotes(db: Database) -> None:
    changes = [pushed(db, document) for document in (POLICY, TERMS)]
    for change, news in zip(changes, (KNOWN, OVER), strict=True):
        mark(db, change, news)
    assert [len(card.flags) for card in cards.cards(db, changes)] == [1, 1]


# The tables


def test_who_tells_is_a_link_in_tables_and_views(archive: Path) -> None:
    for address in ("/demo/decided_changes", "/demo/changes"):
        links = {a["href"] for a in page(archive, address).select("td.col-told_in a")}
        assert links == {f"/-/change/{change}" for change in (2, 6, 8, 10)}, address


def test_new_tables_have_titles(archive: Path) -> None:
    titles = {address: page(archive, f"/demo/{address}").h1.text for address in ("earlier_decisions", "digests")}
    assert titles == {"earlier_decisions": "Earlier decisions", "digests": "Digests"}


def test_an_unknown_origin_of_a_document_is_shown_as_words(tmp_path: Path) -> None:
    with store.writing(tmp_path / "demo.db") as db:
        pushed(db, Document("Plume", "Terms", "https://plume.example/t", "Plume", origin=SCRIPT))
        recording.record_document(db, PAPER)
    card = page(tmp_path / "demo.db", "/").select_one("article.card")
    assert f"Recorded by {SCRIPT}" in words(card)
    assert not card("script")


def test_flags_that_are_news_are_listed_first_whatever_their_place(tmp_path: Path) -> None:
    with store.writing(tmp_path / "demo.db") as db:
        decided(db, version(db, paragraphs("Hello."), 1), Decision.BASELINE)
        both = [f"{WORDS} 0", f"{WORDS} 1"]
        after = version(db, paragraphs("Hello.", *both), 2)
        change = decided(db, after, Decision.HELD, *(added(text, "", flag(text)) for text in both))
        mark(db, change, KNOWN, NEWS)
    shown = page(tmp_path / "demo.db", "/-/change/2")
    assert [(one["value"], words(one.q)) for one in shown.select(".jumps li")] == [
        ("2", f"{WORDS} 1"),
        ("1", f"{WORDS} 0"),
    ]
    assert [words(line) for line in shown.select(".redline")] == both
