"""Turns two texts into runs of kept, removed and added words (diff-match-patch over word tokens)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, groupby

from diff_match_patch import diff_match_patch

from archive.words import Edit, EditKind, Relink, Run, Segment

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
LONG = 20_000  # characters of reworded sentences of one passage that are compared by words
FIRST = 0x4E00  # token codes are letters, clear of the spaces and breaks that the clean-up looks for


@lru_cache(maxsize=2**10)
def segments(edit: Edit) -> tuple[Segment, ...]:
    """The redline of an edit. Where the kind is LINKS: the words, the old and the new target of each that moved."""
    if edit.kind is EditKind.LINKS:
        return tuple(chain.from_iterable(map(_relinked, edit.links))) or (Segment(Run.KEPT, edit.after),)
    if edit.before and edit.after:
        return tuple(redline(edit.before, edit.after))
    return (Segment(Run.REMOVED, edit.before) if edit.before else Segment(Run.ADDED, edit.after),)


def redline(before: str, after: str) -> list[Segment]:
    """The runs that turn `before` into `after`, cut at word borders.

    Joining the kept and removed runs gives `before`, the kept and added ones `after`, always, and the same texts give
    the same runs. In long texts sentences are compared first, and words where sentences differ; where too much differs
    for that, it is told as wholes, so that time stays bounded.
    """
    if _few(before, after, WORDS):
        return _runs(before, after, WORDS)
    if _few(before, after, SENTENCES):
        return list(_joined(_finer(_runs(before, after, SENTENCES))))
    return [Segment(Run.REMOVED, before), Segment(Run.ADDED, after)]


def side(segments: Iterable[Segment], run: Run) -> str:
    """The text with the given changed run: REMOVED gives the text before, ADDED the text after."""
    return "".join(s.text for s in segments if s.run in (Run.KEPT, run))


def around(segments: Iterable[Segment], run: Run, start: int, end: int) -> tuple[Segment, ...]:
    """The part of a redline that makes the characters from `start` to `end` of one side's text.

    `run` says which side: ADDED the text after, REMOVED the text before. The other side's words are given where they
    stand between these, or give place to the first of them.
    """
    found, at = list[Segment](), 0
    for segment in segments:
        if segment.run in (Run.KEPT, run):
            kept = segment.text[max(0, start - at) : max(0, end - at)]
            found += [Segment(segment.run, kept)] * bool(kept)
            at += len(segment.text)
        elif start <= at < end:
            found.append(segment)
    lonely = len(found) > 1 and found[0].run not in (Run.KEPT, run) and found[1].run is Run.KEPT
    return tuple(found[1:] if lonely else found)


def _relinked(link: Relink) -> Iterator[Segment]:
    yield Segment(Run.KEPT, f"{link.text}: ")
    if link.before:
        yield Segment(Run.REMOVED, f"{link.before} ")
    if link.after:
        yield Segment(Run.ADDED, f"{link.after} ")


def _few(before: str, after: str, pattern: re.Pattern[str]) -> bool:
    return len(pattern.findall(before)) + len(pattern.findall(after)) <= FEW


def _runs(before: str, after: str, pattern: re.Pattern[str]) -> list[Segment]:
    """The runs over the tokens that the pattern cuts: diff-match-patch sees each as one character."""
    old, new = pattern.findall(before), pattern.findall(after)
    tokens = list(dict.fromkeys(old + new))
    code = {token: chr(number) for number, token in enumerate(tokens, FIRST)}
    dmp = diff_match_patch()
    dmp.Diff_Timeout = 0
    runs = dmp.diff_main("".join(code[t] for t in old), "".join(code[t] for t in new), False)
    dmp.diff_cleanupSemantic(runs)
    text = {char: token for token, char in code.items()}
    return [Segment(RUNS[op], "".join(text[char] for char in chars)) for op, chars in runs if chars]


def _finer(runs: Iterable[Segment]) -> Iterator[Segment]:
    """Sentences that took the place of others, by words while there are few of them; the rest as it is."""
    left = LONG
    for old, new in _changes(runs):
        size = len(old.text) + len(new.text)
        if old.run is Run.REMOVED and new.text and size <= left and _few(old.text, new.text, WORDS):
            left -= size
            yield from _runs(old.text, new.text, WORDS)
        else:
            yield from (run for run in (old, new) if run.text)


def _changes(runs: Iterable[Segment]) -> Iterator[tuple[Segment, Segment]]:
    """Each run alone, beside an empty one; a removed run with the added one that follows it."""
    waiting = list(runs)
    while waiting:
        first = waiting.pop(0)
        pair = first.run is Run.REMOVED and bool(waiting) and waiting[0].run is Run.ADDED
        yield first, waiting.pop(0) if pair else Segment(Run.ADDED, "")


def _joined(runs: Iterable[Segment]) -> Iterator[Segment]:
    """Neighbours of the same kind as one."""
    for kind, same in groupby(runs, key=lambda segment: segment.run):
        yield Segment(kind, "".join(segment.text for segment in same))
