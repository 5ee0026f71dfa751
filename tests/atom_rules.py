"""The rules of Atom (RFC 4287), and what the W3C's feed validator asks for beyond them, as a list of faults."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree

ATOM, LANG = "{http://www.w3.org/2005/Atom}", "{http://www.w3.org/XML/1998/namespace}lang"
ONE = {"id", "title", "updated"}
AT_MOST_ONE = {"generator", "icon", "logo", "rights", "subtitle", "summary", "content", "published", "source"}
IN_FEED = {
    *ONE,
    "author",
    "category",
    "contributor",
    "generator",
    "icon",
    "link",
    "logo",
    "rights",
    "subtitle",
    "entry",
}
IN_ENTRY = {*ONE, "author", "category", "content", "contributor", "link", "published", "rights", "source", "summary"}
ID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`\x7f-\xa0]+", re.IGNORECASE)
ELEMENTS = {
    **{name: set[str]() for name in ("p", "strong", "ul", "li", "blockquote", "ins", "del")},
    "a": {"href"},
}


def faults(body: bytes) -> list[str]:
    """What is wrong with a feed, each in a line."""
    if not body.startswith((b"<?xml version='1.0' encoding='UTF-8'?>", b'<?xml version="1.0" encoding="UTF-8"?>')):
        return ["no XML declaration in UTF-8"]
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, huge_tree=True))
    if root.tag != f"{ATOM}feed":
        return [f"the root is {root.tag}"]
    return [*_of_feed(root), *(fault for entry in root.iter(f"{ATOM}entry") for fault in _of_entry(entry))]


def fragment_faults(html: str) -> list[str]:
    """What is wrong with the content of an entry: it must be well formed, with simple elements alone."""
    try:
        inside = etree.fromstring(f"<div>{html}</div>")
    except etree.XMLSyntaxError as error:
        return [f"the content is not well formed: {error}"]
    found = []
    for element in list(inside.iter())[1:]:
        allowed = ELEMENTS.get(str(element.tag))
        if allowed is None or set(element.attrib) - allowed:
            found.append(f"the content has <{element.tag}> with {sorted(element.attrib)}")
        if element.tag == "a" and not _is_web(element.get("href")):
            found.append(f"the content leads to {element.get('href')!r}")
    return found


def _of_feed(feed: etree._Element) -> Iterator[str]:
    yield from _children(feed, IN_FEED)
    entries = feed.findall(f"{ATOM}entry")
    ids = Counter(entry.findtext(f"{ATOM}id") for entry in entries)
    yield from (f"{number} entries are {one}" for one, number in ids.items() if number > 1)
    if feed.findtext(f"{ATOM}id") in ids:
        yield "an entry has the id of the feed"
    times = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    if times != sorted(times, reverse=True):
        yield "the newest entry is not first"
    if times and feed.findtext(f"{ATOM}updated") != times[0]:
        yield "the feed was not updated with its newest entry"
    if feed.find(f"{ATOM}author") is None and not all(one.find(f"{ATOM}author") is not None for one in entries):
        yield "nobody is the author"
    if not re.fullmatch("[a-z]{2,3}(-[A-Za-z0-9]+)*", feed.get(LANG, "")):
        yield "no language"


def _of_entry(entry: etree._Element) -> Iterator[str]:
    yield from _children(entry, IN_ENTRY)
    content, published = entry.find(f"{ATOM}content"), entry.findtext(f"{ATOM}published")
    if content is None or not (content.text or "").strip():
        yield "an entry without content"
    elif content.get("type") != "html":
        yield f"content of type {content.get('type')}"
    else:
        yield from fragment_faults(content.text)
    if published and published > (entry.findtext(f"{ATOM}updated") or ""):
        yield "updated before it was published"


def _children(parent: etree._Element, known: set[str]) -> Iterator[str]:
    """What feed and entry share."""
    names = [str(child.tag).removeprefix(ATOM) for child in parent]
    yield from (f"{parent.tag} has {name}" for name in set(names) - known)
    yield from (f"{parent.tag} has {names.count(name)} of {name}" for name in ONE if names.count(name) != 1)
    yield from (f"{parent.tag} has several {name}" for name in AT_MOST_ONE if names.count(name) > 1)
    for child in parent:
        yield from _of_child(str(child.tag).removeprefix(ATOM), child)
    links = [child for child in parent if child.tag == f"{ATOM}link" and child.get("rel", "alternate") == "alternate"]
    kinds = Counter((link.get("type"), link.get("hreflang")) for link in links)
    yield from (f"{number} alternates of {kind}" for kind, number in kinds.items() if number > 1)


def _of_child(name: str, child: etree._Element) -> Iterator[str]:
    text = child.text or ""
    if name == "id" and not ID.fullmatch(text):
        yield f"an id is {text!r}"
    if name in ("updated", "published") and not _is_time(text):
        yield f"a time is {text!r}"
    if name in ("title", "subtitle", "summary") and (not text.strip() or child.get("type") not in (None, "text")):
        yield f"{name} is {text!r}"
    if name == "author" and not (child.findtext(f"{ATOM}name") or "").strip():
        yield "an author without a name"
    if name == "category" and not child.get("term", "").strip():
        yield "a category without a term"
    if name == "link" and (not _is_web(child.get("href")) or not child.get("rel", "alternate")):
        yield f"a link is {dict(child.attrib)}"


def _is_time(text: str) -> bool:
    return bool(TIME.fullmatch(text)) and datetime.fromisoformat(text).tzinfo is not None


def _is_web(href: str | None) -> bool:
    return bool(href and IRI.fullmatch(href) and urlsplit(href).scheme in ("http", "https") and urlsplit(href).netloc)
