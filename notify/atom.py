"""Writes a feed as Atom (RFC 4287): the same values always give the same bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from notify.as_html import is_web

TYPE = "application/atom+xml"
AUTHOR = "Smallprint"
NOT_IN_XML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
NOT_IN_ADDRESSES = re.compile('[\x00-\x20"<>\\\\^`{|}\x7f-\xa0]')


@dataclass(frozen=True, slots=True)
class Entry:
    """One message. Times are ISO-8601 UTC, `summary` is plain text, `html` a fragment, `url` where to read on.

    `categories` are terms with what people call them.
    """

    id: str
    title: str
    published: str
    updated: str
    summary: str
    html: str
    url: str
    categories: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A feed with its entries, the newest first. Addresses that nobody knows are "".

    `here` is where the feed itself is found, `site` where the archive can be browsed.
    """

    id: str
    title: str
    subtitle: str
    language: str
    updated: str
    entries: Sequence[Entry]
    here: str = ""
    site: str = ""
    hub: str = ""


def write(sheet: Sheet) -> bytes:
    """The feed as an XML document in UTF-8."""
    feed = FeedGenerator()
    feed.id(sheet.id)
    feed.title(clean(sheet.title))
    feed.subtitle(sheet.subtitle)
    feed.language(sheet.language)
    feed.updated(sheet.updated)
    feed.author(name=AUTHOR)
    feed.generator("Smallprint")
    links = ("self", sheet.here, TYPE), ("alternate", sheet.site, "text/html"), ("hub", sheet.hub, "")
    for rel, where, kind in links:
        if where:
            feed.link(_link(where, rel, kind))
    for entry in sheet.entries:
        feed.add_entry(_entry(entry), order="append")
    return bytes(feed.atom_str(pretty=True))


def clean(text: str) -> str:
    """The text with a mark in place of each character that XML cannot hold, or that is no text."""
    return NOT_IN_XML.sub("\ufffd", text)


def address(url: str) -> str:
    """An address of the web in the characters that one may have; "" for any other."""
    if not is_web(url):
        return ""
    return NOT_IN_ADDRESSES.sub(lambda found: quote_from_bytes(found[0].encode()), clean(url.strip()))


def _entry(entry: Entry) -> FeedEntry:
    made = FeedEntry()
    made.id(entry.id)
    made.title(clean(entry.title))
    made.published(entry.published)
    made.updated(entry.updated)
    made.summary(clean(entry.summary))
    made.content(clean(entry.html), type="html")
    for term, label in entry.categories:
        made.category(term=clean(term), label=clean(label))
    where = address(entry.url)
    if where:
        made.link(_link(where, "alternate"))
    return made


def _link(url: str, rel: str, kind: str = "") -> dict[str, str]:
    return {"href": url, "rel": rel} | ({"type": kind} if kind else {})
