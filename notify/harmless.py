"""Turns words of a page into words that steer nothing: no screen, no link, no mention, no formatting."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from archive.words import Run, Segment
from notify.clean import clean
from notify.letter import Block, Fact, Letter, Quote

JOINER = "\u2060"  # the word joiner: it shows nothing, and keeps apart what a reader of links would take together
_BEFORE = re.compile(r"(?<=[^\W\d_]):(?=\S)")
_AFTER = re.compile(r"[@＠#＃](?=\S)|(?<=\w)\.(?=[^\W\d_]{2})")
_FORMATS = re.compile(r"[<&](?=[\w/!?#])|:(?=\w+:)|~(?=~)|_(?=_)|\](?=\()")
_ALIKE = str.maketrans({"*": "∗", "`": "ˋ"})
_HASH = re.compile(rf"#(?={JOINER})")

Some = TypeVar("Some", bound=Block)
Write = Callable[[str], str]


def unlinked(text: str) -> str:
    """Clean text in which nobody finds an address, a mention or a hashtag.

    A word joiner stands behind @ and #, before the : of an address, and in the names of hosts. Words that are copied
    have it too; the exact words are in the archive.
    """
    return _AFTER.sub(rf"\g<0>{JOINER}", _BEFORE.sub(rf"{JOINER}\g<0>", clean(text)))


def plain(text: str) -> str:
    """Unlinked text in which servers with Mastodon's API find no emoji, element or formatting either.

    Where a word joiner is not enough (some servers make formatting of pairs of these signs, and hashtags of any #),
    the sign is another that looks alike: ∗ for *, ˋ for `, ＃ for #.
    """
    text = _FORMATS.sub(rf"\g<0>{JOINER}", unlinked(text.translate(_ALIKE)))
    return _HASH.sub("＃", text)


def rewritten(letter: Letter, write: Write) -> Letter:
    """The letter with all its words written anew; its addresses are ours, and stay, and so do words that are one."""
    return replace(
        letter,
        title=write(letter.title),
        lead=tuple(_block(block, write) for block in letter.lead),
        quotes=tuple(_block(quote, write) for quote in letter.quotes),
        rest=tuple(_block(block, write) for block in letter.rest),
    )


def joined(runs: Iterable[Segment]) -> Iterator[tuple[Run, str]]:
    """Neighbours of the same kind as one: what is apart might make a sign that is not seen in either."""
    said = [segment for segment in runs if segment.text]
    for run, same in groupby(said, lambda segment: segment.run):
        yield run, "".join(segment.text for segment in same)


def _block(block: Some, write: Write) -> Some:
    if isinstance(block, Quote):
        runs = tuple(Segment(run, write(text)) for run, text in joined(block.runs))
        return replace(block, intro=write(block.intro), runs=runs)
    words = replace(block, text=block.text if block.text == block.url else write(block.text))
    return replace(words, name=write(words.name)) if isinstance(words, Fact) else words
