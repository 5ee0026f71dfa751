"""Turns a passage in which a refusal is told into the addresses that lead to it: of all its links those that belong."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from urllib.parse import urlsplit

LONGEST = 2000  # characters of an address
WORD = re.compile(r"\w+")
ADDRESS = re.compile(r"https?://[^\s()<>\[\]\"“”]*[^\s()<>\[\]\"“”.,;:!?]")
# What a link to another document is called. Where it says how to refuse, it is a document to watch, not a way out.
DOCUMENT = re.compile(
    r"\b(polic(y|ies)|notices?|statements?|terms( of (service|use))?|agreements?|guidelines|addendum|licen[cs]e)\W*$",
    re.IGNORECASE,
)
RESERVED = re.compile(r"(^|\.)(example(\.(com|net|org))?|invalid)\.?$")  # of examples: nobody has these names

Link = Sequence[str]  # the words it hangs on, and its target
Told = tuple[str, str]  # the sentence that tells how to refuse, and the words that say where, "" for none
Span = tuple[int, int]  # characters, the first one and the one after the last


def addresses(text: str, links: Sequence[Link], told: Sequence[Told], own: Collection[str] = ()) -> list[str]:
    """The addresses, once each, in the order in which the refusals are told. The document's `own` are not among them.

    Of a sentence that says where to go, the links in those very words are meant; where there are none, an address
    written out in them; else the links of the sentence. A link that is named like a document is never meant.
    """
    plain = _plain(text)
    placed = list(_placed(plain, links))
    said = {quote for quote, value in told if value}
    ways = [(quote, value) for quote, value in told if value or quote not in said]
    found = [address for quote, value in ways for address in _told(plain, placed, quote, value)]
    pages = {page(address).rstrip("/") for address in own}
    other = (address for address in dict.fromkeys(found) if page(address).rstrip("/") not in pages)
    return [address for address in other if is_open(address)]


def is_open(address: str) -> bool:
    """Whether anybody could be sent to an address: http or https, no control characters, nobody's password in it."""
    if len(address) > LONGEST or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "@" not in parts.netloc and bool(host) and not RESERVED.search(host)


def page(address: str) -> str:
    """An address without the place within its page: what is asked for."""
    return address.partition("#")[0]


def _told(plain: str, placed: Sequence[tuple[Span, str]], quote: str, value: str) -> list[str]:
    """Where one sentence leads."""
    sentence = _place(plain, quote)
    if sentence is None:
        return []
    where = _place(plain, value, sentence[0])
    written = [address for address in ADDRESS.findall(value) if not DOCUMENT.search(address)]
    return _within(where, placed) or written or _within(sentence, placed)


def _within(span: Span | None, placed: Sequence[tuple[Span, str]]) -> list[str]:
    """The targets of the links that stand in a span, or reach into it."""
    return [target for (start, end), target in placed if span and start < span[1] and span[0] < end]


def _placed(plain: str, links: Sequence[Link]) -> Iterator[tuple[Span, str]]:
    """The links that may lead to a refusal, each with its place. Links come in the order of the text."""
    start = 0
    for words, target in links:
        span = _place(plain, words, start)
        start = span[1] if span else start
        if span and not DOCUMENT.search(words):
            yield span, target


def _place(plain: str, words: str, start: int = 0) -> Span | None:
    """Where words stand in a plain text; None where they do not, or are none."""
    wanted = _plain(words)
    at = plain.find(wanted, max(0, start - 1)) if wanted.strip() else -1
    return None if at < 0 else (at + 1, at + len(wanted) - 1)


def _plain(text: str) -> str:
    """A text as its words alone, with a blank on either side of each: "here" is not found in "there"."""
    return f" {' '.join(WORD.findall(text.casefold()))} "
