"""Turns a change that is held and one more look at its document into what to do: tell it, drop it, or wait longer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from diffing.news import Item, Wait


class State(Enum):
    """What the looks so far say of one item."""

    OPEN = "it was so at every look"
    DOUBTED = "a look found it otherwise"
    OVER = "it is no longer so"
    SURE = "it was so for long enough"


@dataclass(frozen=True, slots=True)
class Held:
    """One item that waits, and what the looks so far say of it."""

    item: Item
    wait: Wait
    state: State = State.OPEN


@dataclass(frozen=True, slots=True)
class Change:
    """What is held of the version at this place, since it was seen."""

    place: int
    since: datetime
    items: tuple[Held, ...]

    @property
    def told(self) -> frozenset[int]:
        """The places of the edits that are told with what is sure: all that is still so."""
        return frozenset(one.item.place for one in self.items if one.state in (State.SURE, State.OPEN))

    @property
    def over(self) -> frozenset[int]:
        """The places of the others."""
        return frozenset(one.item.place for one in self.items) - self.told

    @property
    def is_sure(self) -> bool:
        """Whether there is something to tell."""
        return any(one.state is State.SURE for one in self.items)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to wait for."""
        return all(one.state is State.OVER for one in self.items)

    def due(self, at: datetime, longest: timedelta) -> datetime | None:
        """When it has to be looked at next after `at`; None where any look is late."""
        times = {self.since + one.wait.time for one in self.items if one.state is State.OPEN} | {self.since + longest}
        return min((time for time in times if time > at), default=None)


def look(change: Change, at: datetime, longest: timedelta, stands: Callable[[Item], bool]) -> Change:
    """The same after a look at this time; `stands` tells of an item whether that look finds it so."""
    age = at - change.since
    return replace(change, items=tuple(_looked(one, age, longest, stands(one.item)) for one in change.items))


def end(change: Change) -> Change:
    """The same when the longest wait is over and nobody could look again: what was never doubted is told."""
    states = {State.OPEN: State.SURE, State.DOUBTED: State.OVER}
    return replace(change, items=tuple(replace(one, state=states.get(one.state, one.state)) for one in change.items))


def hold(place: int, since: datetime, items: Sequence[tuple[Item, Wait]]) -> Change:
    """A change that waits; where something is back from earlier, this may be another variant of the page: all waits."""
    if any(item.came and wait.unbroken for item, wait in items):
        slowest = max(wait.time for _, wait in items)
        items = [(item, replace(wait, time=slowest)) for item, wait in items]
    return Change(place, since, tuple(Held(item, wait) for item, wait in items))


def _looked(one: Held, age: timedelta, longest: timedelta, stands: bool) -> Held:
    if one.state in (State.OVER, State.SURE):
        return one
    if stands:
        return replace(one, state=State.SURE) if age >= one.wait.time else one
    return replace(one, state=State.OVER if one.wait.unbroken or age >= longest else State.DOUBTED)
