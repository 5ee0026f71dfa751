"""Turns a quoted sentence into where it says the service stands: on AI training or on consent.

The words it looks for are data: data/rules/stances.toml. A sentence that says none of it plainly has no position.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from archive import phrases
from archive.errors import RuleError
from archive.places import RULES
from archive.words import Mechanism

FILE = "stances.toml"
LISTS = (
    "blanks",
    "speaks",
    "silent",
    "opt-in",
    "goes-on",
    "refused",
    "no",
    "opt-out",
    "with-permission",
    "data",
    "elsewhere",
)
LONGEST = 2000  # characters of a sentence that are read
SENTENCE = re.compile(r"\s*(.{3,600}?[.!?](?=\s|$))", re.DOTALL)
FEWEST = 4  # words of a sentence; what has fewer is a heading
WHOLE = re.compile(r" (?:we|is|are|was|were|can|will|may|has|have|involves?|learns?) ")  # of a sentence with a verb
BARE = re.compile(r"[^A-Z]{0,12}(?:[a-z]|(?:To|Or|Train|Training|Develop|Create|Build)\b)")  # no subject


class Position(StrEnum):
    """Where a service stands: on AI training the first four; on consent the others, with opt-out and opt-in."""

    TRAINS = "trains"
    OPT_OUT = "opt-out"
    OPT_IN = "opt-in"
    NO = "says no"
    DEEMED = "deemed"
    DEFAULT = "default"
    WITHDRAW = "withdraw"


MECHANISMS: Mapping[str, Position] = {  # by their names, as the table of flags has them
    Mechanism.DEEMED: Position.DEEMED,
    Mechanism.DEFAULT: Position.DEFAULT,
    Mechanism.OPT_OUT: Position.OPT_OUT,
    Mechanism.OPT_IN: Position.OPT_IN,
    Mechanism.WITHDRAW: Position.WITHDRAW,
}
Said = tuple[Position, str]  # what is said, and the words that say it


@dataclass(frozen=True, slots=True)
class Words:
    """The lists of stances.toml, each as a pattern over folded words; on consent what says a position, and what not."""

    lists: Mapping[str, phrases.Pattern]
    consent: Mapping[Position, tuple[phrases.Pattern, phrases.Pattern]]

    def has(self, name: str, text: str) -> bool:
        """Whether a folded text has a phrase of the list."""
        return self.lists[name].search(text) is not None


@lru_cache(maxsize=20_000)
def on_training(quote: str, passage: str, *, policy: bool) -> tuple[Said, ...]:
    """What a flagged quote says on AI training, and what the sentence behind it says of refusing.

    `policy` tells that the document is about data: a list item in it ("to train our models") names a purpose, while in
    terms it may as well be a ban.
    """
    words = _words()
    said = _sentence(quote, policy, words)
    if said == [Position.TRAINS] and (behind := _behind(quote, passage)) and _is_way_out(behind, words):
        return (Position.TRAINS, quote), (Position.OPT_OUT, behind)
    if not said and _is_way_out(quote, words) and words.has("speaks", _blanked(passage[: 2 * LONGEST], words)):
        return ((Position.OPT_OUT, quote),)
    return tuple((position, quote) for position in said)


@lru_cache(maxsize=20_000)
def on_consent(quote: str, mechanisms: str) -> tuple[Position, ...]:
    """What a flagged quote says on consent by itself, of the mechanisms that its flag finds in the passage.

    What takes use as consent is often flagged as asking for it.
    """
    text = phrases.folded(quote[:LONGEST])
    if text.count(" ") <= FEWEST:
        return ()
    flagged = [MECHANISMS[name] for name in mechanisms.split(", ") if name]
    if Position.OPT_IN in flagged and Position.DEEMED not in flagged:
        flagged.append(Position.DEEMED)
    pairs = ((position, *_words().consent[position]) for position in flagged)
    return tuple(position for position, says, unless in pairs if says.search(text) and not unless.search(text))


def _sentence(quote: str, policy: bool, words: Words) -> Sequence[Position]:
    text = _blanked(quote[:LONGEST], words)
    if not words.has("speaks", text) or words.has("silent", text) or text.count(" ") <= FEWEST:
        return []
    for name, positions in _ASKED:
        if words.has(name, text):
            return positions
    plain = words.has("data", text) or not WHOLE.search(text)
    return [Position.TRAINS] if plain and (policy or not BARE.match(quote)) else []


def _is_way_out(sentence: str, words: Words) -> bool:
    """Whether a sentence in a passage about training tells that it may be refused."""
    text = _blanked(sentence[:LONGEST], words)
    return words.has("opt-out", text) and not words.has("elsewhere", text) and not words.has("silent", text)


def _behind(quote: str, passage: str) -> str:
    """The sentence behind a quote, "" where none is."""
    at = passage.find(quote)
    found = SENTENCE.match(passage, at + len(quote)) if at >= 0 else None
    return found[1] if found else ""


def _blanked(text: str, words: Words) -> str:
    return words.lists["blanks"].sub("– ", phrases.folded(text))


_ASKED: Sequence[tuple[str, Sequence[Position]]] = (
    ("goes-on", [Position.TRAINS, Position.OPT_OUT]),
    ("refused", [Position.OPT_OUT]),
    ("opt-in", [Position.OPT_IN]),
    ("no", [Position.NO]),
    ("opt-out", [Position.OPT_OUT]),
    ("with-permission", [Position.OPT_IN]),
)


@cache
def _words() -> Words:
    """The lists that come with Smallprint. RuleError names the fault."""
    try:
        content = tomllib.loads((RULES / FILE).read_text("utf-8"))
        groups = content["words"]
        lists = {name: phrases.compiled(content[name]["phrases"], groups) for name in LISTS}
        pairs = {
            Position(name): (phrases.compiled(table["says"], groups), phrases.compiled(table["unless"], groups))
            for name, table in content["consent"].items()
        }
        return Words(lists, pairs)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise RuleError(f"{FILE}: {' '.join(str(error).split())}") from error
