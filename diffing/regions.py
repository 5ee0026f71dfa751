"""Turns the words of a region ("users in the EEA and Switzerland") into ISO 3166 codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from archive.countries import COUNTRIES
from archive.country_parts import PARTS

OTHER_NAMES = {
    "EU": ("EU",),
    "E.U.": ("EU",),
    "European Union": ("EU",),
    "EEA": ("EU", "IS", "LI", "NO"),
    "E.E.A.": ("EU", "IS", "LI", "NO"),
    "European Economic Area": ("EU", "IS", "LI", "NO"),
    "EFTA": ("IS", "LI", "NO", "CH"),
    "Washington, D.C.": ("US-DC",),  # a comma parts the names above
    "Washington, DC": ("US-DC",),
}
# Larger than any country, or no place at all: known only so that no name inside them is taken for one.
UNCODED = (
    "North America", "Latin America", "South America", "Central America", "North American", "Latin American",
    "South American", "Central American", "South Asia", "Native American", "African American", "American Express",
    "American Sign Language", "French Canadian", "New England", "New South Wales", "Bank of America",
    "American Indian", "Washington Post", "New York Times", "West Indian", "Guinea pig", "Guinea Pig",
)  # fmt: skip
DOUBTFUL = ("Chad", "Georgia", "Guinea", "Jersey", "Jordan", "Mali", "Turkey", "Virginia", "Washington")
PEOPLE = (
    r"\s(?:\w{1,20}\s){0,2}(?:users?|residents?|citizens?|nationals|members?|customers?|consumers?|people|persons?"
    r"|individuals|visitors|accounts?|subscribers?|minors|children|teens?|businesses|companies|organi[sz]ations"
    r"|schools|students|patients|law|territory|jurisdictions?|data|ones?)\b"
)
# In "Swiss, Brazilian and Korean users" each of them is one of people.
OTHERS = r"(?:(?:,|,?\sand|,?\sor)\s[A-Z][A-Za-zé.]{1,20}(?:\s[A-Z][a-z]{1,20})?){0,6}"
ADJECTIVE = re.compile(OTHERS + PEOPLE)
NAMED = re.compile(r"\s(?!(?:Users?|Residents?|Members?|Customers?|And|Or)\b)[A-Z][a-z]")  # "Jordan Smith"
CALLED = re.compile(
    r"\b(?!(?:In|Of|From|The|And|Or|For|Outside|Within|To|Except)\s)[A-Z][a-z]{1,30}\s$"
)  # "Air Jordan"


def codes(words: str) -> tuple[str, ...]:
    """The ISO 3166 codes of the regions that are named, each once, in the order of the words.

    "EU" (which ISO reserves for it) is the European Union; the European Economic Area is the Union and the three
    others in it: "EU", "IS", "LI", "NO". States, provinces and the parts of the United Kingdom have their codes of
    ISO 3166-2 ("US-CA"). What has no code ("Europe", "Latin America") gives none. "Georgia" is the state beside other
    states and the country beside other countries; by itself it gives no code.
    """
    found = (code for name, start, end in _names(words) for code in _codes(name, words, start, end))
    return tuple(_georgia(list(dict.fromkeys(found))))


def names_region(words: str) -> bool:
    """Whether a region is named, be it one of which the code cannot be told."""
    return any(_codes(name, words, start, end) for name, start, end in _names(words))


def _names(words: str) -> Iterator[tuple[str, int, int]]:
    """Each name and where it stands, the longest where several begin; nothing inside another."""
    if any(letter.isupper() for letter in words):
        yield from ((m[0], m.start(), m.end()) for m in _pattern().finditer(words))


def _codes(name: str, words: str, start: int, end: int) -> tuple[str, ...]:
    """The codes of a name where it stands for a place; "?" for Georgia."""
    if name in DOUBTFUL and (NAMED.match(words, end) or CALLED.search(words, max(0, start - 40), start)):
        return ()
    known, adjectives = _known()
    if name in adjectives:
        return adjectives[name] if ADJECTIVE.match(words, end) else ()
    return known[name]


def _georgia(found: list[str]) -> list[str]:
    """The codes with Georgia told by those beside it."""
    beside = [code for code in found if code != "?"]
    which = "" if not beside else "US-GA" if any(code.startswith("US") for code in beside) else "GE"
    told = [which if code == "?" else code for code in found]
    return [code for code in dict.fromkeys(told) if code]


@cache
def _known() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """The codes of names, and of the words for what comes from there."""
    names: dict[str, tuple[str, ...]] = {**OTHER_NAMES, **dict.fromkeys(UNCODED, ()), "Georgia": ("?",)}
    adjectives: dict[str, tuple[str, ...]] = {}
    for line in f"{COUNTRIES}\n{PARTS}".splitlines():
        code, _, rest = line.partition(" ")
        places, _, people = rest.partition(" | ")
        names |= {name: (code,) for name in places.split(", ") if name}
        adjectives |= {name: (code,) for name in people.split(", ") if name}
    return names, adjectives


@cache
def _pattern() -> re.Pattern[str]:
    """Any of the names, as words of their own; made when first asked for."""
    names = sorted({*_known()[0], *_known()[1]}, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w])")
