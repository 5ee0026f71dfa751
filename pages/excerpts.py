"""Turns a redline that is too long for a card into a short one, in which what came and what went can still be seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archive.words import Run, Segment

ROOM = 320  # characters
BESIDE = 60  # characters of kept words on either side of what came or went
OTHER = 120  # characters of words that stand on the other side only


def shortened(runs: Sequence[Segment], own: Run) -> tuple[Segment, ...]:
    """A redline in about ROOM characters: of words of `own` side, ADDED or REMOVED, as many as there is room for.

    Kept words stay where they are near others, and the other side's give way first. "…" stands for what is left out.
    """
    if sum(len(segment.text) for segment in runs) <= ROOM:
        return tuple(runs)
    last = len(runs) - 1
    return tuple(_fitting(_folded(run, own, starts=not at, ends=at == last) for at, run in enumerate(runs)))


def _fitting(runs: Iterable[Segment]) -> Iterable[Segment]:
    """The first runs, as far as there is room."""
    left = ROOM
    for run in runs:
        text = _head(run.text, left)
        yield Segment(run.run, text)
        if text != run.text:
            return
        left -= len(text)


def _folded(run: Segment, own: Run, *, starts: bool, ends: bool) -> Segment:
    """A run without the words that matter least; `starts` and `ends` say whether it is the first or the last one."""
    text = run.text
    if run.run is Run.KEPT and not (starts and ends):
        text = _kept(text, starts=starts, ends=ends)
    elif run.run not in (Run.KEPT, own):
        text = _head(text, OTHER)
    return Segment(run.run, text)


def _kept(text: str, *, starts: bool, ends: bool) -> str:
    if starts:
        return _tail(text, BESIDE)
    if ends or len(text) <= 2 * BESIDE:
        return _head(text, BESIDE if ends else 2 * BESIDE)
    return f"{_head(text, BESIDE)} {_tail(text, BESIDE).lstrip('… ')}"


def _head(text: str, room: int) -> str:
    """The first words, as many as there is room for, and "…" where there are more."""
    if len(text) <= room:
        return text
    cut = text[:room]
    return (cut[: cut.rfind(" ")] if " " in cut else cut).rstrip(" ,;:") + "…"


def _tail(text: str, room: int) -> str:
    """The last words, as many as there is room for, behind "…" where there are more."""
    if len(text) <= room:
        return text
    cut = text[-room:]
    return "…" + (cut[cut.find(" ") :] if " " in cut else cut)
