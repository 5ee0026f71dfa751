"""Makes a letter fit where little is taken: whole pieces in the order that matters; what is left out or cut is said."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from archive.frames import Frame
from archive.words import Segment
from notify.letter import Block, Fact, Item, Letter, Line, Quote

FEW = 160  # characters: lines are not cut to less, as long as some can be left out
Fits = Callable[[Sequence[Block]], bool]


def fitted(letter: Letter, heading: Sequence[Block], fits: Fits) -> tuple[Block, ...]:
    """The pieces under a heading of which `fits` holds: all, or the lead, whole quotes and what else has room.

    The lead is shortened only if it alone is too long, and a quote only if no whole one has room. Whatever is missing,
    the last lines say so, and where to read on.
    """
    whole = (*heading, *letter.blocks)
    if fits(whole):
        return whole
    end = _end(letter)
    start = _shortened((*heading, *_mark(letter), *letter.lead), end, letter.frame, fits)
    quotes = list[Block]()
    for quote in letter.quotes:
        if fits((*start, *quotes, quote, *end)):
            quotes.append(quote)
    if letter.quotes and not quotes:
        return (*start, *_cut_quote(letter.quotes[0], (start, end), letter.frame, fits), *end)
    return (*start, *quotes, *_first_of(letter.rest, (*start, *quotes), end, fits), *end)


def length(text: str) -> int:
    """The length of a text as the services count it: some signs are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _first_of(rest: Sequence[Block], start: Sequence[Block], end: Sequence[Block], fits: Fits) -> list[Block]:
    """As many pieces of the rest, in order, as have room; a line that heads others is never the last."""
    kept = list[Block]()
    for block in rest:
        if not fits((*start, *kept, block, *end)):
            break
        kept.append(block)
    while kept and isinstance(kept[-1], Line) and kept[-1].strong:
        kept.pop()
    return kept


def _mark(letter: Letter) -> tuple[Block, ...]:
    """What says that it may have arrived before, which stands before the lead."""
    return letter.blocks[: int(letter.repeated)]


def _end(letter: Letter) -> tuple[Block, ...]:
    frame = letter.frame
    more = (Line(frame.say("message", "read_on", url=letter.url), letter.url),) if letter.url else ()
    name = letter.blocks[-1:] if letter.reference else ()
    return (Line(frame.say("message", "shortened")), *more, *name)


def _shortened(start: Sequence[Block], end: Sequence[Block], frame: Frame, fits: Fits) -> tuple[Block, ...]:
    """The pieces with their texts cut to one length; without the last ones rather than down to a few words."""
    longest = max((len(_text(block)) for block in start), default=0)
    few = min(longest, FEW)
    for count in range(len(start), 0, -1):
        some = start[:count]
        if count == 1 or _fits_cut(some, end, frame, fits, few):
            most = _most(longest, partial(_fits_cut, some, end, frame, fits))
            return _all_cut(some, most, frame) if most else ()
    return ()


def _fits_cut(blocks: Sequence[Block], end: Sequence[Block], frame: Frame, fits: Fits, most: int) -> bool:
    return fits((*_all_cut(blocks, most, frame), *end))


def _all_cut(blocks: Sequence[Block], most: int, frame: Frame) -> tuple[Block, ...]:
    return tuple(_cut(block, most, frame) for block in blocks)


def _cut(block: Block, most: int, frame: Frame) -> Block:
    """A piece of the lead with at most so many characters, and how many there are."""
    text = _text(block)
    if len(text) <= most:
        return block
    said = f"{text[:most].rstrip()}… {_told(frame, most, len(text))}"
    return Quote(said, block.runs) if isinstance(block, Quote) else replace(block, text=said, url="")


def _text(block: Block) -> str:
    return block.text if isinstance(block, Line | Fact | Item) else block.intro


def _cut_quote(quote: Quote, around: tuple[Sequence[Block], Sequence[Block]], frame: Frame, fits: Fits) -> list[Block]:
    """The start of a quote; how much of it that is stands outside of the words. None where nothing of it fits."""
    start, end = around
    total = sum(len(segment.text) for segment in quote.runs)

    def cut(most: int) -> Quote:
        return Quote(f"{quote.intro} {_told(frame, most, total)}", _first(quote.runs, most))

    most = _most(total - 1, lambda most: fits((*start, cut(most), *end)))
    return [cut(most)] if most else []


def _first(runs: Sequence[Segment], most: int) -> tuple[Segment, ...]:
    """The runs of the first so many characters."""
    kept, left = list[Segment](), most
    for segment in runs:
        if left > 0:
            kept.append(Segment(segment.run, segment.text[:left]))
        left -= len(segment.text)
    return tuple(kept)


def _told(frame: Frame, shown: int, length: int) -> str:
    return frame.say("message", "cut", shown=shown, length=length)


def _most(longest: int, fits: Callable[[int], bool]) -> int:
    """The greatest number up to `longest` that fits; 0 if none does."""
    return bisect_right(range(1, longest + 1), 0, key=lambda most: not fits(most))
