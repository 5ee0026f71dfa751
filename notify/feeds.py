"""Makes the feeds: what was told as entries with their full text, each with a name that it keeps for ever."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlite_utils import Database

from archive import feeds, reports
from archive.feeds import Feed, Told
from archive.frames import Frame, frame
from archive.settings import Telling
from archive.words import Segment
from notify import as_html, atom, layout, message
from notify.atom import Entry, Sheet
from notify.letter import Block, Letter, Quote
from notify.message import Message

MOST = 50  # entries of a feed
KEPT = 10 * MOST  # messages that are kept to be written again
LARGEST = 1_000_000  # characters of all entries of a feed; one is there in any case
LONG = 8_000  # characters of a quote or a line; a reader of feeds need not take a page that is one sentence
NAMES = uuid.UUID("5f0e2c1d-6f0a-4c3e-9d5b-0f3f3a1f7c52")  # of feeds and entries of Smallprint, wherever it runs
BELOW = "/-/feed"  # where `serve` has the feeds
ENDING = ".atom"
SUBTITLE = "Passages on AI training and consent that came, changed or went in policies and terms."


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are found on the web, without a slash at the end; "" where nobody knows.

    `site` is where the archive can be browsed, `feeds` where the feeds lie, and `hub` the one that is told of them.
    """

    site: str = ""
    feeds: str = ""
    hub: str = ""

    def address(self, feed: Feed) -> str:
        """Where a feed is found."""
        return f"{self.feeds}/{feed.name}{ENDING}" if self.feeds else ""


@dataclass(frozen=True, slots=True)
class News:
    """A message, what tells its change from all others, and the services that it is about: their keys with names."""

    message: Message
    name: tuple[str, ...]
    services: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A feed as bytes, and when its newest entry was told: never the time of writing."""

    feed: Feed
    body: bytes
    updated: str


def place(telling: Telling, elsewhere: str = "") -> Place:
    """Where things are found by the settings; the feeds at the site, if they lie nowhere else."""
    site, own = atom.address(telling.site), atom.address(elsewhere).rstrip("/")
    return Place(site, own or (site and site + BELOW), atom.address(telling.hub))


class Press:
    """Writes the feeds of one archive, in several threads at once too.

    What was gathered for a message is kept: feeds share it, and visits do.
    """

    def __init__(self) -> None:
        self._known: dict[Told, News] = {}
        self._lock = threading.Lock()

    def write(self, db: Database, feed: Feed, where: Place) -> Written:
        """A feed with its newest entries, as many as it may hold."""
        told = feeds.told(db, feed, MOST)
        entries = list(_fitting(entry(one, self._news(db, one), where.site) for one in told))
        updated = max((one.updated for one in entries), default=feeds.since(db))
        return Written(feed, atom.write(_sheet(feed, entries, updated, feeds.born(db), where)), updated)

    def _news(self, db: Database, told: Told) -> News:
        """By when it was told too: a message may get another document to tell of."""
        news = self._known.get(told) or _news(db, told.change_id)
        with self._lock:
            self._known[told] = news
            while len(self._known) > KEPT:
                del self._known[next(iter(self._known))]
        return news


def addresses(db: Database, change_ids: Iterable[int], where: Place) -> list[str]:
    """Where the feeds are that have the messages which tell these changes; the one with everything comes first."""
    found = dict[Feed, None]()
    for teller in {feeds.teller(db, change_id) for change_id in change_ids}:
        said = _news(db, teller).message
        about = {"", *said.topics, said.severity}
        found |= dict.fromkeys(one for one in feeds.GENERAL if one.key in about)
        found |= dict.fromkeys(feeds.of_services(db, teller))
    return [where.address(feed) for feed in found]


def entry(told: Told, news: News, site: str) -> Entry:
    """The entry of a message, for everybody: with links to the change where the archive can be browsed."""
    words, said = frame(), news.message
    letter = _short(layout.letter(said, layout.Reader(words, site, public=True)))
    kinds = [(str(topic), words.name("topics", topic)) for topic in said.topics]
    if said.severity:
        kinds.append((said.severity, words.say("change", "severity", severity=words.name("severity", said.severity))))
    return Entry(
        id=_identity("entry", *news.name),
        title=letter.title,
        published=told.published,
        updated=told.updated,
        summary=said.line or letter.title,
        html=as_html.body(letter),
        url=letter.url,
        categories=(*kinds, *news.services),
    )


def _news(db: Database, change_id: int) -> News:
    report = reports.change(db, change_id)
    assert report is not None  # noqa: S101  (the archive has just named it)
    return News(message.compose(report), feeds.name_of(db, change_id), tuple(report.services.items()))


def _sheet(feed: Feed, entries: Sequence[Entry], updated: str, born: str, where: Place) -> Sheet:
    """A hub is of use only to those who know where the feed is."""
    here = where.address(feed)
    return Sheet(
        id=_identity("feed", born, feed.kind, feed.key),
        title=f"Smallprint: {feed.title}",
        subtitle=SUBTITLE,
        language=frame().language,
        updated=updated,
        entries=entries,
        here=here,
        site=where.site and where.site + "/",
        hub=where.hub if here else "",
    )


def _identity(*parts: str) -> str:
    return uuid.uuid5(NAMES, "\x1f".join(parts)).urn


def _fitting(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The first, and as many more as a feed may hold."""
    size = 0
    for one in entries:
        size += len(one.html)
        if size > LARGEST and size > len(one.html):
            return
        yield one


def _short(letter: Letter) -> Letter:
    """The same with what is too long cut, and a word that says so."""
    lead, rest = (tuple(_cut(block, letter.frame) for block in some) for some in (letter.lead, letter.rest))
    return replace(letter, lead=lead, rest=rest, quotes=tuple(_cut_quote(one, letter.frame) for one in letter.quotes))


def _cut(block: Block, words: Frame) -> Block:
    return _cut_quote(block, words) if isinstance(block, Quote) else replace(block, text=_start(block.text, words))


def _cut_quote(quote: Quote, words: Frame) -> Quote:
    """The mark is of the last kind that is shown: what all came, or all went, stays so."""
    runs, left = list[Segment](), LONG
    for segment in quote.runs:
        runs += [replace(segment, text=segment.text[:left])] * (left > 0)
        left -= len(segment.text)
    if left < 0:
        runs.append(Segment(runs[-1].run, f" {_mark(LONG - left, words)}"))
    return Quote(_start(quote.intro, words), tuple(runs))


def _start(text: str, words: Frame) -> str:
    return text if len(text) <= LONG else f"{text[:LONG]} {_mark(len(text), words)}"


def _mark(length: int, words: Frame) -> str:
    return words.say("message", "cut", shown=LONG, length=length)
