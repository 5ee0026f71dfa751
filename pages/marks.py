"""Turns an edit's redline into the pieces that its page shows: flagged words marked, long unchanged runs folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from archive.words import Run, Segment

LONG = 600  # characters of an unchanged run beyond which its middle is folded
EDGE = 200  # characters of it that stay on each side


class Mark(NamedTuple):
    """Words that a flag quotes: its number on the page, and from where to where they stand in one of the two texts.

    `run` says in which: ADDED the text after, REMOVED the text before.
    """

    number: int
    run: Run
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a redline. `marks` are the numbers of the marks on them, `begins` those that begin with them.

    Words that are folded are not shown, only how many there are.
    """

    run: Run
    text: str
    marks: tuple[int, ...] = ()
    begins: tuple[int, ...] = ()
    folded: bool = False

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())


def pieces(segments: Iterable[Segment], marks: Sequence[Mark]) -> list[Piece]:
    """The redline cut where marks begin and end. Joining the pieces gives the redline, always.

    A mark lies on the kept words and on those of its own side, whatever the other side has between them.
    """
    found, seen = list[Piece](), set[int]()
    at = {Run.ADDED: 0, Run.REMOVED: 0}
    for segment in segments:
        for piece in _cut(segment, marks, at):
            begins = tuple(number for number in piece.marks if number not in seen)
            seen.update(begins)
            found.append(replace(piece, begins=begins))
        for run in at:
            at[run] += len(segment.text) if segment.run in (Run.KEPT, run) else 0
    return found


def folded(shown: Sequence[Piece]) -> list[Piece]:
    """The pieces with the middle of each long run that is neither changed nor marked folded."""
    last = len(shown) - 1
    return [
        part
        for number, piece in enumerate(shown)
        for part in (_folded(piece, number == 0 < last, number == last > 0) if _is_long(piece) else (piece,))
    ]


def sliced(shown: Sequence[Piece], number: int, count: int) -> list[Piece]:
    """The slice with this number, from 0, of as many that are about as long: for a passage larger than a page."""
    if count == 1:
        return list(shown)
    total = sum(len(piece.text) for piece in shown)
    start, end = total * number // count, total * (number + 1) // count
    found, at = list[Piece](), 0
    for piece in shown:
        text = piece.text[max(0, start - at) : max(0, end - at)]
        if text:
            found.append(replace(piece, text=text, begins=piece.begins if at >= start else ()))
        at += len(piece.text)
    return found


def _cut(segment: Segment, marks: Sequence[Mark], at: dict[Run, int]) -> Iterator[Piece]:
    here = [
        Mark(mark.number, mark.run, mark.start - at[mark.run], mark.end - at[mark.run])
        for mark in marks
        if segment.run in (Run.KEPT, mark.run)
    ]
    borders = {border for mark in here for border in (mark.start, mark.end) if 0 < border < len(segment.text)}
    edges = sorted(borders | {0, len(segment.text)})
    for start, end in pairwise(edges):
        on = tuple(mark.number for mark in here if mark.start <= start and end <= mark.end)
        yield Piece(segment.run, segment.text[start:end], on)


def _is_long(piece: Piece) -> bool:
    return piece.run is Run.KEPT and not piece.marks and len(piece.text) > LONG


def _folded(piece: Piece, is_first: bool, is_last: bool) -> Iterator[Piece]:
    """What stands before the first change, or after the last, needs no beginning, or no end."""
    top = 0 if is_first else _border(piece.text, EDGE)
    end = len(piece.text) if is_last else _border(piece.text, len(piece.text) - EDGE)
    cuts = ((piece.text[:top], False), (piece.text[top:end], True), (piece.text[end:], False))
    yield from (replace(piece, text=text, folded=hidden) for text, hidden in cuts if text)


def _border(text: str, near: int) -> int:
    """The end of the white space next after a place, or the place itself where there is none soon."""
    found = text.find(" ", near, near + 40)
    return found + 1 if found >= 0 else near
