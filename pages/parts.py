"""Cuts what is too long for one page into parts, at a good place where there is one near."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pages.serving import Asked, MissingError

PART = 75_000  # bytes of HTML, about


@dataclass(frozen=True, slots=True)
class Part:
    """One part of `of`, counted from 1, and the places of what stands in it: from `start` up to `end`."""

    number: int
    of: int
    start: int
    end: int


def cuts(costs: Sequence[int], breaks: Collection[int] = (), most: int = PART) -> list[tuple[int, int]]:
    """The parts as (start, end): none costs more than `most`, but for what costs so much alone.

    A part ends before the last of the `breaks` in its second half; without one, where it is full.
    """
    found, start, total, good = list[tuple[int, int]](), 0, 0, 0
    for place, cost in enumerate(costs):
        if total + cost > most and place > start:
            end = good or place
            found.append((start, end))
            start, total, good = end, sum(costs[end:place]), 0
        if place in breaks and total > most / 2:
            good = place
        total += cost
    return [*found, (start, len(costs))]


def part(asked: Asked, spans: Sequence[tuple[int, int]]) -> Part:
    """The part that was asked for, the first by default. Raises MissingError where there are not so many."""
    number = int(asked.get("part") or 1)
    if not 1 <= number <= len(spans):
        raise MissingError(f"There is no part {number}: this text has {len(spans)}.")
    return Part(number, len(spans), *spans[number - 1])
