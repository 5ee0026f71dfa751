"""Turns a text that differs much from the one that stands, and who has seen it before, into a doubt or belief."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.languages import Languages
from crawler import locales

SHRUNK = 0.5  # of the words: the gate's figure, too
ENOUGH = 3  # fetches that have to bring the same text
LONG_ENOUGH = timedelta(hours=48)  # between the first and the last of them


@dataclass(frozen=True, slots=True)
class Seen:
    """A text at a time, by its hash and its number of words."""

    at: str
    text_hash: str
    words: int


def shrunk(words: int, before: int) -> str:
    """The doubt about a text of so many words where another number stood; "" for none."""
    return f"only {words:,} of {before:,} words are left" if words < SHRUNK * before else ""


def foreign(language: str, expected: Collection[str], known: Languages) -> str:
    """The doubt about a text in this language; "" where that is not known, or is one of those expected.

    Codes may name a country as well ("de-AT"), which does not count; empty ones are left out.
    """
    plain = [code.partition("-")[0].lower() for code in expected if code]
    if not language or not plain or language in plain:
        return ""
    here, there = (known.names.get(code, code) for code in (language, plain[0]))
    return f"the page is in {here}, the document in {there}"


def elsewhere(asked: str, final: str, before: str) -> str:
    """The doubt about a page that a redirect brought from another place than the one that stands; "" for none."""
    other = locales.moved(before, final) if final != asked else ""
    return f"led to another region or language: {other}" if other else ""


def is_believed(now: Seen, earlier: Iterable[Seen]) -> bool:
    """Whether a doubted text has been there often and long enough. `earlier` are doubted texts before it, newest first.

    A longer one in between says that the document was there, and the count begins anew; a shorter one says nothing.
    """
    count = 1
    for seen in earlier:
        if seen.text_hash == now.text_hash:
            count += 1
            if count >= ENOUGH and _time(now.at) - _time(seen.at) >= LONG_ENOUGH:
                return True
        elif seen.words > now.words:
            return False
    return False


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
