"""Feeds: what stands in which, valid whatever a page says, and names that last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import feedparser
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import feeds, store
from archive.feeds import ALL, Feed, Kind, Told
from archive.labels import TOPICS
from archive.recording import record_document
from archive.words import Document, Fact, Flag, Mechanism, Topic
from notify import atom, feed_page
from notify import feeds as made
from notify.feeds import Place, Press
from tests.atom_rules import faults, fragment_faults
from tests.attacks import ATTACKS
from tests.builders import (
    DAY,
    POLICY,
    WORDS,
    Decision,
    added,
    decided,
    flag,
    new_archive,
    paragraphs,
    pushed,
    put,
    version,
)

NOWHERE = Place()
SITE = Place("https://watch.example", "https://watch.example/-/feed", "https://hub.example/")
TERMS = replace(POLICY, type="Terms of Service", url="https://quillo.example/terms")
OTHER = Document("Booking.com", "Privacy Policy", "https://booking.example/privacy", "Booking.com")


def told(db: Database, change: int, at: str = DAY.format(5), **columns: object) -> int:
    """The change, queued for whoever wants it."""
    return put(db, change, queued_at=at, **columns)


def feed(db: Database, name: str, where: Place = NOWHERE) -> bytes:
    """A feed that there is, valid by every rule."""
    found = feeds.feed(db, name)
    assert found is not None, name
    body = Press().write(db, found, where).body
    assert faults(body) == []
    return body


def parsed(body: bytes) -> feedparser.FeedParserDict:
    """The same as a feed reader sees it."""
    read = feedparser.parse(body)
    assert not read.bozo, read.bozo_exception
    return read


def entries(db: Database, name: str) -> list[str]:
    """The titles of a feed's entries."""
    return [entry.title for entry in parsed(feed(db, name)).entries]


def ids(db: Database, name: str = "all") -> list[str]:
    return [entry.id for entry in parsed(feed(db, name)).entries]


def consent(words: str = "You may refuse in your settings.", **more: object) -> Flag:
    return flag(words, Topic.CONSENT, mechanisms=(Mechanism.OPT_OUT,), **more)


def change_with(db: Database, *flags: Flag, document: Document = POLICY) -> int:
    """A pushed change with a sentence for each flag."""
    decided(db, version(db, paragraphs("Hello.", document.type), 1, document), Decision.BASELINE)
    after = version(db, paragraphs("Hello.", *(one.quote for one in flags)), 2, document)
    return decided(db, after, Decision.PUSH, *(added(one.quote, "", one) for one in flags))


# What stands where


def test_an_entry_as_a_reader_sees_it(db: Database) -> None:
    change = told(db, pushed(db))
    read = parsed(feed(db, "all", SITE))
    assert (read.feed.title, read.feed.author, read.feed.language) == ("Smallprint: All changes", "Smallprint", "en")
    assert {link.rel: link.href for link in read.feed.links} == {
        "self": "https://watch.example/-/feed/all.atom",
        "alternate": "https://watch.example/",
        "hub": "https://hub.example/",
    }
    [entry] = read.entries
    assert (entry.title, entry.link) == (
        "Quillo, Privacy Policy: AI training",
        f"https://watch.example/-/change/{change}",
    )
    assert (entry.published, entry.updated) == ("2026-03-05T06:00:00+00:00",) * 2
    assert entry.summary.startswith("Quillo may now train AI models")
    assert [(tag.term, tag.label) for tag in entry.tags] == [
        ("ai-training", "AI training"),
        ("high", "Severity: high"),
        ("Quillo", "Quillo"),
    ]
    shown = BeautifulSoup(entry.content[0].value, "lxml")
    assert entry.content[0].type == "text/html"
    assert shown.blockquote.text == WORDS
    assert {link["href"] for link in shown.find_all("a")} == {POLICY.url, entry.link}


def test_an_entry_has_the_redline(db: Database) -> None:
    before, after = "We use your posts to show them.", "We use your posts to train our models."
    decided(db, version(db, paragraphs(before), 1), Decision.BASELINE)
    edit, reading = added(after, "", flag(after))
    edit = replace(edit, kind="changed", before=before)  # type: ignore[arg-type]
    told(db, decided(db, version(db, paragraphs(after), 2), Decision.PUSH, (edit, reading)))
    [entry] = parsed(feed(db, "all")).entries
    quote = BeautifulSoup(entry.content[0].value, "lxml").blockquote
    assert quote.decode_contents() == "We use your posts to <del>show them</del><ins>train our models</ins>."


def test_where_no_site_is_known_nothing_leads_to_it(db: Database) -> None:
    told(db, pushed(db))
    read = parsed(feed(db, "all", Place(hub="https://hub.example/")))
    assert "links" not in read.feed
    assert read.entries[0].link == POLICY.url
    assert "smallprint show" not in read.entries[0].content[0].value


def test_only_what_was_told_is_there(db: Database) -> None:
    pushed(db)
    told(db, pushed(db, OTHER))
    decided(db, version(db, paragraphs("Hello."), 1, TERMS), Decision.BASELINE)
    assert entries(db, "all") == ["Booking.com, Privacy Policy: AI training"]


def test_the_record_of_others_is_there_when_it_was_told(db: Database) -> None:
    theirs = pushed(db, replace(OTHER, origin="Open Terms Archive"))
    assert entries(db, "all") == []
    assert feeds.feeds(db) == list(feeds.GENERAL)
    told(db, theirs)
    assert entries(db, "service/booking-com") == ["Booking.com, Privacy Policy: AI training"]


def test_a_service_has_a_feed_before_anything_is_told_of_it(db: Database) -> None:
    record_document(db, POLICY)
    body = feed(db, "service/quillo")
    assert parsed(body).entries == []
    assert parsed(body).feed.updated == feeds.since(db).replace("Z", "+00:00")


def test_feeds_have_what_belongs_to_them(db: Database) -> None:
    told(db, change_with(db, flag()), DAY.format(5))
    told(db, change_with(db, consent(), document=OTHER), DAY.format(6))
    told(db, change_with(db, flag("We train."), consent("You consent."), document=TERMS), DAY.format(7))
    both, mine, theirs = (
        "Terms of Service: AI training and consent",
        "Privacy Policy: AI training",
        "Privacy Policy: consent",
    )
    assert entries(db, "all") == [f"Quillo, {both}", f"Booking.com, {theirs}", f"Quillo, {mine}"]
    assert entries(db, "topic/ai-training") == [f"Quillo, {both}", f"Quillo, {mine}"]
    assert entries(db, "topic/consent") == [f"Quillo, {both}", f"Booking.com, {theirs}"]
    assert entries(db, "severity/high") == [f"Quillo, {both}", f"Quillo, {mine}"]
    assert entries(db, "severity/medium") == [f"Booking.com, {theirs}"]
    assert entries(db, "severity/low") == []
    assert entries(db, "service/quillo") == [f"Quillo, {both}", f"Quillo, {mine}"]


def test_a_feed_and_the_entries_in_it_agree(db: Database) -> None:
    """A flag that was known before is told to nobody, and puts a message in no feed."""
    change = told(db, change_with(db, flag(), consent()))
    db.execute("UPDATE change_edits SET news = 0 WHERE place = 0")
    [entry] = parsed(feed(db, "all")).entries
    assert [tag.term for tag in entry.tags] == ["consent", "medium", "Quillo"]
    holding = [one.name for one in feeds.feeds(db) if feeds.told(db, one, 50)]
    assert holding == ["all", "topic/consent", "severity/medium", "service/quillo"]
    assert made.addresses(db, [change], SITE) == [SITE.address(feeds.feed(db, name) or ALL) for name in holding]


def test_a_message_stands_in_every_feed_as_the_same(db: Database) -> None:
    told(db, change_with(db, flag(), consent()))
    assert len({str(parsed(feed(db, name)).entries[0]) for name in ("all", "topic/consent", "service/quillo")}) == 1


def test_what_is_told_together_is_one_entry(db: Database) -> None:
    first = told(db, pushed(db), DAY.format(5))
    published = parsed(feed(db, "all")).entries[0]
    told(db, pushed(db, OTHER), DAY.format(6), told_in=first)
    for name in ("all", "service/quillo", "service/booking-com"):
        [entry] = parsed(feed(db, name)).entries
        assert entry.title == "Quillo, Booking.com (2 documents): AI training"
        assert (entry.id, entry.published) == (published.id, published.published)
        assert entry.updated == "2026-03-06T06:00:00+00:00"
    assert [one.name for one in feeds.of_services(db, first)] == ["service/booking-com", "service/quillo"]


def test_the_newest_come_first_and_not_all(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 8):
        told(db, pushed(db, replace(POLICY, type=f"Policy {number}")), DAY.format(10 + number))
    monkeypatch.setattr(made, "MOST", 3)
    assert entries(db, "all") == [f"Quillo, Policy {number}: AI training" for number in (7, 6, 5)]


def test_a_feed_ends_before_it_is_too_large(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 8):
        told(db, pushed(db, replace(POLICY, type=f"Policy {number}")), DAY.format(10 + number))
    one = len(parsed(feed(db, "all")).entries[0].content[0].value)
    monkeypatch.setattr(made, "LARGEST", 2 * one + 10)
    assert len(entries(db, "all")) == 2
    monkeypatch.setattr(made, "LARGEST", 10)
    assert entries(db, "all") == ["Quillo, Policy 7: AI training"]


def test_a_page_that_is_one_sentence_is_cut(db: Database) -> None:
    long = ("word " * made.LONG).strip()
    told(db, change_with(db, flag(long), flag(f"{long}!", side="before")))
    [entry] = parsed(feed(db, "all")).entries
    quotes = [quote.text for quote in BeautifulSoup(entry.content[0].value, "lxml").find_all("blockquote")]
    assert quotes == [
        f"{long[: made.LONG]} [cut: {made.LONG} of {len(one)} characters are shown]" for one in (long, f"{long}!")
    ]
    told(db, pushed(db, OTHER), DAY.format(4))
    assert len(entries(db, "all")) == 2


def test_what_is_kept_to_be_written_again_has_an_end(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 6):
        told(db, pushed(db, replace(POLICY, type=f"Policy {number}")), DAY.format(10 + number))
    monkeypatch.setattr(made, "KEPT", 2)
    press = Press()
    twice = [press.write(db, ALL, SITE).body for _ in range(2)]
    assert twice == [feed(db, "all", SITE)] * 2
    assert len(press._known) == 2


# Whatever a page says


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_hostile_page_stays_text(db: Database, attack: str) -> None:
    document = Document(f"key {attack[:200]}", attack[:200], attack, attack[:300])
    decided(db, version(db, paragraphs("Hello."), 1, document), Decision.BASELINE)
    edit = added(attack, f"{attack} › {attack}", flag(attack), facts=[Fact("optout", attack, attack)])
    told(db, decided(db, version(db, paragraphs(attack), 2, document), Decision.PUSH, edit))
    for name in [one.name for one in feeds.feeds(db)]:
        body = feed(db, name, SITE)
        assert b"\x1b" not in body
    [entry] = parsed(body).entries
    quote = BeautifulSoup(entry.content[0].value, "lxml").blockquote
    assert quote.text.split() == atom.clean(attack)[: made.LONG].split() or "[cut:" in quote.text
    assert fragment_faults(entry.content[0].value) == []
    assert "<script" not in feed_page.page(feeds.feeds(db), SITE.site)


@given(st.text(), st.text(min_size=1), st.text())
def test_any_text_makes_a_valid_feed(title: str, words: str, url: str) -> None:
    entry = atom.Entry(
        "urn:uuid:5f0e2c1d-6f0a-5c3e-9d5b-0f3f3a1f7c52",
        f"T{title}",
        DAY.format(1),
        DAY.format(2),
        f"S{title}",
        f"<p>{words.replace('&', '&amp;').replace('<', '&lt;')}</p>",
        f"https://quillo.example/{url}",
        ((f"t{title}", title),),
    )
    name = "urn:uuid:5f0e2c1d-6f0a-5c3e-9d5b-0f3f3a1f7c53"
    sheet = atom.Sheet(name, f"T{title}", "S", "en", DAY.format(2), [entry])
    body = atom.write(sheet)
    assert faults(body) == []
    assert atom.write(sheet) == body


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"<feed/>", "no XML declaration in UTF-8"),
        (b"<?xml version='1.0' encoding='UTF-8'?>\n<rss/>", "the root is rss"),
    ],
)
def test_the_rules_find_faults(body: bytes, fault: str) -> None:
    assert faults(body) == [fault]


BREAKS = [
    (b"<id>urn:uuid:", b"<id>"),
    (b"<title>", b"<title></title><title>"),
    (b"2026-03-05T06:00:00+00:00</published>", b"2026-03-05 06:00</published>"),
    (b"2026-03-05T06:00:00+00:00</published>", b"2026-03-06T06:00:00+00:00</published>"),
    (b'<link href="https://watch.example/-/change', b'<link href="/x"/><link href="https://watch.example/-/change'),
    (b"<category", b'<link href="https://x.example/"/><category'),
    (b"&lt;blockquote&gt;", b"&lt;blockquote onclick='x'&gt;"),
    (b"&lt;/blockquote&gt;", b""),
    (b'href="https://quillo', b'href="javascript:https://quillo'),
    (b"&lt;strong&gt;", b"&lt;strong&gt;&lt;img/&gt;"),
    (b"<name>Smallprint</name>", b"<name/>"),
    (b"<author>", b"<author xmlns='urn:x'>"),
    (b"<generator>", b"<generator/><generator>"),
    (b' xml:lang="en"', b""),
    (b'term="high"', b'term=""'),
    (b'type="html"', b'type="text"'),
    (b"  <updated>", b"  <updated>1"),
]


@pytest.mark.parametrize(("old", "new"), BREAKS)
def test_the_rules_find_what_is_broken(db: Database, old: bytes, new: bytes) -> None:
    told(db, pushed(db))
    body = feed(db, "all", SITE)
    assert old in body
    assert faults(body.replace(old, new)) != []


def test_the_rules_find_what_is_wrong_among_entries(db: Database) -> None:
    for day, document in ((5, POLICY), (6, OTHER)):
        told(db, pushed(db, document), DAY.format(day))
    body = feed(db, "all")
    first, second = ids(db)
    assert faults(body.replace(first.encode(), second.encode())) == [f"2 entries are {first}".replace(first, second)]
    assert faults(body.replace(b"2026-03-06", b"2026-03-04")) == ["the newest entry is not first"]
    assert faults(body.replace(b"2026-03-06", b"2026-03-07", 1)) == ["the feed was not updated with its newest entry"]


# Names


def test_an_entry_keeps_its_id(tmp_path: Path) -> None:
    """Whichever row it has: in another archive with the same records, and where others came before it."""
    kept = list[tuple[str, str]]()
    for number, documents in enumerate([(POLICY, OTHER), (TERMS, OTHER, POLICY)]):
        with store.writing(tmp_path / f"{number}.db") as db:
            for document in documents:
                told(db, pushed(db, document))
            kept.append((ids(db, "service/booking-com")[0], parsed(feed(db, "all")).feed.id))
            before = [feed(db, one.name) for one in feeds.feeds(db)]
        with closing(Database(tmp_path / f"{number}.db")) as plain:
            plain.vacuum()
        with store.reading(tmp_path / f"{number}.db") as db:
            assert [feed(db, one.name) for one in feeds.feeds(db)] == before
    assert kept[0][0] == kept[1][0]
    assert kept[0][1] != kept[1][1]


def test_ids_differ(db: Database) -> None:
    for document in (POLICY, replace(POLICY, region="EU"), replace(POLICY, origin="Others"), TERMS, OTHER):
        told(db, pushed(db, document))
    found = [*ids(db), *(parsed(feed(db, one.name)).feed.id for one in feeds.feeds(db))]
    assert len(found) == len(set(found)) == 5 + 8


def test_a_feed_has_its_id_wherever_it_lies(db: Database) -> None:
    there, here = parsed(feed(db, "all")), parsed(feed(db, "all", SITE))
    assert there.feed.id == here.feed.id


KEYS = [
    "Slack",
    "slack",
    "SLACK",
    "Booking.com",
    "booking com",
    "../x",
    "x",
    ".",
    "抖音",
    "Ünïcode",
    "a" * 300,
    "A" * 300,
    "con",
]


def service_names(keys: Sequence[str]) -> dict[str, str]:
    with new_archive() as db:
        for key in keys:
            record_document(db, Document(key, "Privacy Policy", "https://x.example/", key))
        return {one.key: one.name for one in feeds.feeds(db) if one.kind is Kind.SERVICE}


def test_odd_names_make_plain_files() -> None:
    found = service_names(KEYS)
    assert (found["Slack"], found["Booking.com"], found["../x"]) == (
        "service/slack",
        "service/booking-com",
        "service/x",
    )
    assert re.fullmatch("service/slack-[0-9a-f]{8}", found["slack"])
    assert found["Ünïcode"] == "service/unicode"
    assert found["a" * 300] == f"service/{'a' * 60}"


@given(st.lists(st.one_of(st.text(min_size=1), st.sampled_from(KEYS)), unique=True, min_size=1, max_size=8))
def test_names_of_services_are_safe_unique_and_last(keys: list[str]) -> None:
    keys = [key for key in keys if key.isprintable()] or ["x"]
    found = service_names(keys)
    assert set(found) == set(keys)
    assert len(set(found.values())) == len(keys)
    assert all(re.fullmatch("service/[a-z0-9]+(-[a-z0-9]+)*", name) and len(name) < 140 for name in found.values())
    assert service_names([*keys, "one more"]).items() >= {key: found[key] for key in keys}.items()


def test_a_name_that_looks_like_a_second_one_is_no_trap() -> None:
    second = service_names(["slack", "Slack"])["Slack"].removeprefix("service/")
    found = service_names([second, "slack", "Slack"])
    assert len(set(found.values())) == 3


def test_every_general_feed_has_a_name_for_people() -> None:
    titles = [one.title for one in feeds.GENERAL]
    assert titles == ["All changes", "AI training", "Consent", "High severity", "Medium severity", "Low severity"]
    assert len(TOPICS) + 4 == len(titles)


@pytest.mark.parametrize(
    "name", ["", "ALL", "all.atom", "service/", "service/nobody", "topic/x", "../all", "severity/"]
)
def test_there_is_no_other_feed(db: Database, name: str) -> None:
    assert feeds.feed(db, name) is None


def test_the_page_lists_all_feeds(db: Database) -> None:
    record_document(db, Document("odd", "Privacy Policy", "https://x.example/", '<b>"Odd" & Sons'))
    record_document(db, POLICY)
    shown = BeautifulSoup(feed_page.page(feeds.feeds(db), "https://watch.example"), "lxml")
    named = {link["href"]: link.text for link in shown.select("li a")}
    assert named == {f"{one.name}.atom": one.title for one in feeds.feeds(db)}
    assert list(named)[-2:] == ["service/odd.atom", "service/quillo.atom"]
    found = shown.find_all("link", rel="alternate", type="application/atom+xml")
    assert [link["href"] for link in found] == [f"{one.name}.atom" for one in feeds.GENERAL]
    assert shown.find("a", string="Browse the archive")["href"] == "https://watch.example/"
    assert shown.find("script") is None
    assert "Browse" not in feed_page.page([ALL], "")


def test_a_message_is_gathered_once(db: Database) -> None:
    told(db, pushed(db))
    press = Press()
    bodies = [press.write(db, one, SITE).body for one in feeds.feeds(db)]
    assert list(press._known) == [Told(2, DAY.format(5), DAY.format(5))]
    assert [feed(db, one.name, SITE) for one in feeds.feeds(db)] == bodies


@pytest.mark.parametrize("kind", Kind)
def test_a_feed_is_found_from_its_newest_end(db: Database, kind: Kind) -> None:
    """Its cost follows what it shows: no table is read as a whole, and nothing is sorted first."""
    plan = [
        row["detail"] for row in db.query(f"EXPLAIN QUERY PLAN {feeds._TOLD.format(feeds._ONLY[kind])}", {"key": "x"})
    ]
    assert plan[0].startswith("SEARCH changes USING INDEX changes_to_queue")
    assert not [step for step in plan if step.startswith("SCAN")]


def test_an_archive_tells_when_it_was_made(db: Database) -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", feeds.since(db))
    assert feeds.since(db)[:10] == feeds.born(db)[:10]
    assert Feed(Kind.ALL, "", "all", "All changes") == ALL
