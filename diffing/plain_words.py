"""Turns a text into the words that carry its meaning: without punctuation, case, spacing, numbering, relative dates."""

from __future__ import annotations

import re
import unicodedata

# "3.", "(a)", "iv)", "Section 2.1", "1.1 Title"; not a day or a price at the start ("3. März 2024", "5.99 a month").
NUMBERING = re.compile(
    r"^\s*(?:(?i:section|article|clause)\s+)?"
    r"(?:\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|(?i:[ivxl]+))[.)](?=\s|$)(?!\s+\w+\s+\d{4}\b)"
    r"|\d{1,2}(?:\.\d{1,2})+(?=\s+[^\W\d_a-z]))\s*"
)
# "Updated over a week ago": when the page was made, which changes by itself. "Older than 30 days ago" is meaning.
AGO = re.compile(
    r"(?:^|\b(?:updated|modified|edited|published|posted|reviewed|revised|created)\b:?\s+)"
    r"(?:(?:over|about|almost)\s+)?(?:a\s+few|\w+)\s+(?:second|minute|hour|day|week|month|year)s?\s+ago\b",
    re.IGNORECASE,
)
SILENT_SYMBOLS = frozenset("|~©®™→▸►●■\ufe0f")  # all others speak: a table's ✓ or ✗, the currency of a price


class _Plain(dict[int, str | None]):
    """For str.translate: marks become spaces, invisible characters nothing, and all else stays."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        category = unicodedata.category(char)
        if category[0] in "PZ" or category == "Sk" or char in SILENT_SYMBOLS or char.isspace():
            self[code] = " "
        elif category[0] == "C":
            self[code] = None
        else:
            self[code] = char
        return self[code]


_PLAIN = _Plain()
_SIMPLE = bytes(ord(_PLAIN[code] or " ") for code in range(128)).lower().ljust(256)  # the same for ASCII, in lower case
_GONE = bytes(code for code in range(128) if _PLAIN[code] is None)


def plain_words(text: str) -> tuple[str, ...]:
    """The words of a text; two texts with the same ones mean the same to a reader."""
    if numbered := NUMBERING.match(text):
        text = text[numbered.end() :]
    if "ago" in text.lower():
        text = AGO.sub(" ago ", text)
    if text.isascii():
        return tuple(text.encode().translate(_SIMPLE, _GONE).decode().split())
    return tuple(unicodedata.normalize("NFKC", text.translate(_PLAIN)).casefold().split())
