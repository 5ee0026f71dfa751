"""Turns a passage into sentences and list items, each with its verbatim text and its words in a comparable form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Generic, TypeVar

# Every repetition is bounded or cannot meet its own start again, so that no text makes these slow.
TARGET = re.compile(r"\]\([^()\s]{0,1000}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?(?:\s\"[^\"]{0,200}\")?\)")
SOLID = re.compile(r"\S*")
REDACTED = re.compile(r"\\?\[email\W{1,2}protected\\?\]")
ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
MAILBOX = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{1,64}")
TAG = re.compile(r"<(/?[A-Za-z][^<>]{0,300})>")
ITEM = re.compile(r"\((?:[ivx]{1,5}|[a-z]|\d{1,2})\)", re.IGNORECASE)
MARKUP = "*_[]`\\#>"
NUMBERING = re.compile(
    r"[\W_]{0,12}(?:(?:(?:section|article)\s)?(?:(?:\d{1,3}(?:\.\d{1,3}){0,4}|[ivxlc]{1,5}|[a-z])\s?[.):]{1,2}|\d{1,3}(?:\.\d{1,3}){1,4})\s{1,4}){1,3}",
    re.IGNORECASE,
)
# One class of signs stands first: what holds none of them is skipped fast. A full stop behind something SHORTENED is
# caught in a group; it ends nothing.
SHORTENED = (
    r"(?i:(?<=\b(?:no|vs|cf|st|mr|ms|dr|co)\.)|(?<=\b(?:e\.g|i\.e|inc|ltd|nos|art|sec|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)\.)"
    r"|(?<=\b(?:corp|para|incl|sept)\.)|(?<=\bapprox\.)|(?<=(?<![^\W_])[^\W\d_]\.))"
)
BREAK = re.compile(
    rf"[.!?…;:\n|](?:(?<=[.!?…])({SHORTENED})?[\"”’')]{{0,3}}\s+(?=[^\W_]|[\"“‘'(•|-])"
    r"|(?<=[;:])\s+(?=[•|]|-\s)|(?<=\n)\n*|(?<=\|))"
)
# What nobody sees: soft hyphens, blanks of no width, signs for the direction of writing, fillers, variants, tags.
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\U000e0000-\U000e0fff]+"
)
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
APART = b"\x22!#$%&()*+,-./:;<=>?@[\\]^_`{|}~"  # no word crosses these, as none crosses a blank
PLAIN = bytes.maketrans(APART + bytes(range(65, 91)), b" " * len(APART) + bytes(range(97, 123)))
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
    **{f"pretrain{ending}": ("pre", f"train{ending}") for ending in ("", "s", "ed", "ing")},
    **{f"finetun{ending}": ("fine", f"tun{ending}") for ending in ("e", "es", "ed", "ing")},
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


MOST = 20_000  # texts whose answers are remembered
SHORT_ENOUGH = 60  # characters of a text to remember: longer ones are rarely met twice
Text = TypeVar("Text", bound=str | bytes)
Found = TypeVar("Found")
Cut = tuple[str, str]  # a sentence verbatim and masked


class Remembered(dict[Text, Found], Generic[Text, Found]):
    """What a short text answers, found out once; all is forgotten when it becomes too much."""

    def __init__(self, find: Callable[[Text], Found]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, text: Text) -> Found:
        found: Found = self._find(text)
        if len(text) <= SHORT_ENOUGH:
            if len(self) >= MOST:
                self.clear()
            self[text] = found
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Sentence:
    """A sentence or list item: its verbatim text, its words as we compare them, and the text they were read from."""

    text: str
    words: tuple[str, ...]
    masked: str

    @property
    def names(self) -> set[int]:
        """The places of words that stand capitalised inside the sentence."""
        places, place = set[int](), 0
        for word in WORD.findall(UNSEEN.sub("", self.masked)):
            folded = len(WORDS[word.encode("utf-8", "surrogatepass")])
            if place and word[0].isupper():
                places.update(range(place, place + folded))
            place += folded
        return places


def split(text: str) -> list[Sentence]:
    """The sentences of a text, in order; those without any word are left out."""
    return sentences(cut(text))


def cut(text: str) -> list[Cut]:
    """Each sentence of a text, verbatim and masked."""
    masked, found = mask(text), []
    for start, end in _borders(text, masked):
        for at in range(start, end, LONGEST):
            piece = slice(at, min(at + LONGEST, end))
            found.append((text[piece], masked[piece]))
    return found


def sentences(parts: Iterable[Cut]) -> list[Sentence]:
    """The sentences that have been cut; those without any word are left out."""
    return [made for text, masked in parts if (made := _sentence(text, masked))]


@lru_cache(maxsize=8)
def mask(text: str) -> str:
    """The text with markup, link targets and inline numbering blanked: as long as before, so that places keep."""
    for sign, pattern, blank in BLANKED:
        if sign in text:
            text = pattern.sub(blank, text)
    for sign in MARKUP:
        text = text.replace(sign, " ")
    return text


def with_all_words(text: str) -> str:
    """Of a text no longer than a sentence may be, one that holds every word that `split` finds in it.

    Only an address or a mailbox can begin or end inside a word; whatever else `mask` blanks ends where words end.
    """
    return mask(text) if "@" in text or "://" in text or "www." in text else text


def fold(word: str) -> tuple[str, ...]:
    """A word as we compare it: lower case, one spelling, short forms written out ("won't" is "will not")."""
    word = word[:40].lower().replace("’", "'")
    if word in SHORT:
        return SHORT[word]
    if "'" in word:
        for ending, written in ENDINGS.items():
            if word.endswith(ending) and len(word) > len(ending):
                return (word[: -len(ending)], written)
        word = word.removesuffix("'s").removesuffix("'")
    return (BRITISH.sub(lambda found: AMERICAN[found[0]], word) if _maybe_british(word) else word,)


def _maybe_british(word: str) -> bool:
    return "is" in word or "our" in word or "ys" in word


def _borders(text: str, masked: str) -> list[tuple[int, int]]:
    """Where sentences begin and end; markup that closes right behind a full stop belongs to the sentence before it."""
    borders, start = [], 0
    for found in BREAK.finditer(masked):
        if found.lastindex:
            continue
        closing = SOLID.match(text, found.start(), found.end())
        end = closing.end() if closing else found.end()
        borders.append((start, end))
        start = end
    borders.append((start, len(masked)))
    return borders


def pieces(text: str) -> list[bytes]:
    """What stands between blanks and the like in a text: mostly a word each, in lower case as far as it is English."""
    if not text.isascii():
        text = text.replace("’", "'").replace("“", " ").replace("”", " ")
    return text.encode("utf-8", "surrogatepass").translate(PLAIN).split()


def _words(piece: bytes) -> tuple[str, ...]:
    """The words of a piece; what nobody sees hides none and parts none."""
    text = UNSEEN.sub("", piece.decode("utf-8", "surrogatepass"))
    return tuple(chain.from_iterable(map(fold, WORD.findall(text))))


WORDS = Remembered(_words)  # the words of a piece, as we compare them


@lru_cache(maxsize=1000)
def _sentence(text: str, masked: str) -> Sentence | None:
    """One sentence of its verbatim and its masked text; None where it holds no word."""
    if numbered := NUMBERING.match(masked):
        masked = masked[numbered.end() :]
    words = tuple(chain.from_iterable(map(WORDS.__getitem__, pieces(masked))))
    return Sentence(text.strip().strip("|").strip(), words, masked) if words else None
