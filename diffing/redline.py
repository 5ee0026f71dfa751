"""Turns two texts into runs of kept, removed and added words (diff-match-patch over word tokens)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from diff_match_patch import diff_match_patch

from archive.words import Run, Segment

RUNS = {0: Run.KEPT, -1: Run.REMOVED, 1: Run.ADDED}
ZERO = "\u200c\u200d"  # the joiners
# Vowel signs and accents that are characters of their own belong to the word, though \w leaves them out; so do the
# joiners and variations within an emoji.
MARKS = "".join(char for char in map(chr, range(0x300, 0xFE30)) if unicodedata.category(char)[0] == "M" or char in ZERO)
WORDS = re.compile(
    rf"\d+(?:[-/.,:]\d+)*|[^\W\d][\w{MARKS}]*(?:['’.][\w{MARKS}]+)*|\s+|\w[\w{MARKS}]*"
    rf"|[^\w\s][{MARKS}]*(?:(?<=\u200d)[^\w\s][{MARKS}]*)*"
)
SENTENCES = re.compile(r".+?(?:[.!?;\n]\s+|$)", re.DOTALL)
FEW = 1000  # tokens of both texts up to which a comparison ends in half a second even where nothing is shared
FIRST = 0x4E00  # token codes are letters, clear of the spaces and breaks that the clean-up looks for


def redline(before: str, after: str) -> list[Segment]:
    """The runs that turn `before` into `after`, cut at word borders.

    Joining the kept and removed runs gives `before`, the kept and added ones `after`, always, and the same texts give
    the same runs. Very long texts are compared by sentences, or as wholes, so that time stays bounded.
    """
    old, new = _tokens(before, after)
    words = list(dict.fromkeys(old + new))
    code = {word: chr(number) for number, word in enumerate(words, FIRST)}
    dmp = diff_match_patch()
    dmp.Diff_Timeout = 0
    runs = dmp.diff_main("".join(code[w] for w in old), "".join(code[w] for w in new), False)
    dmp.diff_cleanupSemantic(runs)
    text = {char: word for word, char in code.items()}
    return [Segment(RUNS[op], "".join(text[char] for char in chars)) for op, chars in runs if chars]


def side(segments: Iterable[Segment], run: Run) -> str:
    """The text with the given changed run: REMOVED gives the text before, ADDED the text after."""
    return "".join(s.text for s in segments if s.run in (Run.KEPT, run))


def _tokens(before: str, after: str) -> tuple[list[str], list[str]]:
    """Both texts cut alike: into words if those are few, else sentences, else not at all."""
    for pattern in (WORDS, SENTENCES):
        old, new = pattern.findall(before), pattern.findall(after)
        if len(old) + len(new) <= FEW:
            return old, new
    return [before], [after]
