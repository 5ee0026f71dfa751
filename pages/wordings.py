"""Turns long texts into what a reader needs of them: what differs, the words beside it, links where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from archive.words import Run, Segment

BESIDE = 140  # characters of what was kept, beside what was not
LONGEST = 12_000  # characters of one run of words that came or went
TELLING = 6  # letters of a word that says what a text is about, at least
WORD = re.compile(r"[^\W\d_]+")


def instead(before: str, after: str, most: int = 80) -> str:
    """The words of `before` that `after` does not begin or end with; "" where it has only more."""
    old, new = before.split(), after.split()
    top = _shared(old, new)
    end = _shared(old[top:][::-1], new[top:][::-1])
    return clipped(" ".join(old[top : len(old) - end]), most)


def clipped(text: str, most: int) -> str:
    """The text, or its beginning up to the end of a word, with an ellipsis."""
    if len(text) <= most:
        return text
    begun = text[: most + 1]
    return (begun.rpartition(" ")[0] or begun[:most]).rstrip() + " …"


def shortened(segments: Sequence[Segment]) -> list[Segment]:
    """A redline without the middle of what was kept, and of what is very long."""
    last = len(segments) - 1
    return [_short(segment, first=place == 0, last=place == last) for place, segment in enumerate(segments)]


def linked(text: str, links: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with the address it links to, else ""; links whose words are not in it are left out."""
    at = 0
    for words, target in links:
        place = text.find(words, at) if words else -1
        if place < 0:
            continue
        yield text[at:place], ""
        yield words, target
        at = place + len(words)
    yield text[at:], ""


def telling_words(text: str, most: int = 5) -> str:
    """Its longest words in their order, which find texts like it."""
    words = dict.fromkeys(WORD.findall(text[:LONGEST]))
    chosen = set(sorted(words, key=len, reverse=True)[:most])
    return " ".join(word for word in words if word in chosen and (len(word) >= TELLING or len(words) <= most))


def _shared(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _short(segment: Segment, *, first: bool, last: bool) -> Segment:
    text = segment.text
    if segment.run is not Run.KEPT:
        return Segment(segment.run, clipped(text, LONGEST))
    if first and last:
        return Segment(Run.KEPT, clipped(text, 2 * BESIDE))
    begin = "" if first else text[: BESIDE + 1].rpartition(" ")[0]
    end = "" if last else text[-BESIDE - 1 :].partition(" ")[2]
    is_long = len(text) > (1 if first or last else 2) * (BESIDE + 1) + 20
    return Segment(Run.KEPT, f"{begin} … {end}") if is_long else segment
