"""Turns a passage into sentences and list items, each with its verbatim text and its words in a comparable form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

# Every repetition is bounded or cannot meet its own start again, so that no text makes these slow.
TARGET = re.compile(r"\]\([^()\s]{0,1000}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?(?:\s\"[^\"]{0,200}\")?\)")
SOLID = re.compile(r"\S*")
REDACTED = re.compile(r"\\?\[email\W{1,2}protected\\?\]")
ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
MAILBOX = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{1,64}")
TAG = re.compile(r"<(/?[A-Za-z][^<>]{0,300})>")
ITEM = re.compile(r"\((?:[ivx]{1,5}|[a-z]|\d{1,2})\)", re.IGNORECASE)
MARKED = re.compile(r"[*_\[\]`\\#>]")
MARKUP = str.maketrans("*_[]`\\#>", " " * 8)
NUMBERING = re.compile(
    r"[\W_]{0,12}(?:(?:(?:section|article)\s)?(?:(?:\d{1,3}(?:\.\d{1,3}){0,4}|[ivxlc]{1,5}|[a-z])\s?[.):]{1,2}|\d{1,3}(?:\.\d{1,3}){1,4})\s{1,4}){1,3}",
    re.IGNORECASE,
)
BREAK = re.compile(r"[.!?…][\"”’')]{0,3}\s+(?=[^\W_]|[\"“‘'(•|-])|[;:]\s+(?=[•|]|-\s)|\n+|\|")
ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|inc|ltd|no|nos|art|sec|vs|cf|st|mr|ms|dr|corp|co|para|approx|incl)|(?<![^\W_])[^\W\d_])\.$",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
LONGEST = 3000  # characters of a sentence; what runs on for longer is cut, so that comparing stays bounded
ENDINGS = {"n't": "not", "'ll": "will", "'ve": "have", "'re": "are", "'d": "would", "'m": "am"}
SHORT: dict[str, tuple[str, ...]] = {
    "cannot": ("can", "not"),
    "won't": ("will", "not"),
    "can't": ("can", "not"),
    "dont": ("do", "not"),
    "optout": ("opt", "out"),
    "optouts": ("opt", "outs"),
    "optin": ("opt", "in"),
}
BRITISH = re.compile(
    r"(?<=nal)ys(?=e|ing)|(?<=[a-z]{3})is(?=(?:e|ed|es|ing|ation|ations)$)|(?<=[a-z]{2})our(?=s?$|ed$|ing$|able$|ite$)"
)
AMERICAN = {"is": "iz", "ys": "yz", "our": "or"}


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _break_or_blank(found: re.Match[str]) -> str:
    """A tag that ends a line is a line's end; any other is nothing."""
    blank = " " * len(found[0])
    return "\n" + blank[1:] if found[1].lower().lstrip("/").startswith(("br", "p", "li", "tr", "td", "div")) else blank


BLANKED = (
    ("](", TARGET, _blank),
    ("<", TAG, _break_or_blank),
    ("email", REDACTED, _blank),
    ("://", ADDRESS, _blank),
    ("www.", ADDRESS, _blank),
    ("@", MAILBOX, _blank),
    ("(", ITEM, _blank),
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence or list item: its verbatim text, and its words as we compare them."""

    text: str
    words: tuple[str, ...]
    written: tuple[str, ...]

    @property
    def names(self) -> set[int]:
        """The places of words that stand capitalised inside the sentence."""
        places, place = set[int](), 0
        for word in self.written:
            folded = len(fold(word))
            if place and word[0].isupper():
                places.update(range(place, place + folded))
            place += folded
        return places


def split(text: str) -> list[Sentence]:
    """The sentences of a text, in order; those without any word are left out."""
    masked, found = mask(text), []
    for start, end in _borders(text, masked):
        for at in range(start, end, LONGEST):
            piece = slice(at, min(at + LONGEST, end))
            if made := _sentence(text[piece], masked[piece]):
                found.append(made)
    return found


def mask(text: str) -> str:
    """The text with markup, link targets and inline numbering blanked: as long as before, so that places keep."""
    for sign, pattern, blank in BLANKED:
        if sign in text:
            text = pattern.sub(blank, text)
    return text.translate(MARKUP) if MARKED.search(text) else text


@lru_cache(maxsize=20_000)
def fold(word: str) -> tuple[str, ...]:
    """A word as we compare it: lower case, one spelling, short forms written out ("won't" is "will not")."""
    word = word[:40].lower().replace("’", "'")
    if word in SHORT:
        return SHORT[word]
    for ending, written in ENDINGS.items():
        if word.endswith(ending) and len(word) > len(ending):
            return (word[: -len(ending)], written)
    word = word.removesuffix("'s").removesuffix("'")
    return (BRITISH.sub(lambda found: AMERICAN[found[0]], word),)


def _borders(text: str, masked: str) -> list[tuple[int, int]]:
    """Where sentences begin and end; markup that closes right behind a full stop belongs to the sentence before it."""
    borders, start = [], 0
    for found in BREAK.finditer(masked):
        if found[0].startswith(".") and ABBREVIATED.search(masked[max(start, found.start() - 12) : found.start() + 1]):
            continue
        closing = SOLID.match(text, found.start())
        end = min(closing.end(), found.end()) if closing else found.end()
        borders.append((start, end))
        start = end
    borders.append((start, len(masked)))
    return borders


@lru_cache(maxsize=1000)
def _sentence(text: str, masked: str) -> Sentence | None:
    """One sentence of its verbatim and its masked text; None where it holds no word."""
    numbered = NUMBERING.match(masked)
    written = WORD.findall(masked, numbered.end() if numbered else 0)
    words = tuple(chain.from_iterable(map(fold, written)))
    return Sentence(text.strip().strip("|").strip(), words, tuple(written)) if words else None
