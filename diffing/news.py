"""Turns a flagged edit and what its passage has done before into whether it is news, and how long it has to stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from archive.settings import Waits
from archive.words import Edit, Reading
from diffing.gate import MEMORY

AGAIN = timedelta(days=90)  # so long, nobody is told the same of a passage once more


@dataclass(frozen=True, slots=True)
class Item:
    """A flagged edit, by its place in the change: the passage that came, or went, by its words."""

    place: int
    came: bool
    text: str


@dataclass(frozen=True, slots=True)
class Past:
    """What a passage has done in its document before. Times are counted back from when the change was seen.

    `gone`: how long ago it stood last, None if it never did, of one that came. `stood`: how long it has stood, of one
    that went, and `again` if it had been gone before that. `told_came`, `told_went`: when people were told last that it
    came or went. `unheard`: it came before, and went before anybody was told. `alike`: the same was said, or is still
    said, in other words.
    """

    gone: timedelta | None = None
    stood: timedelta = timedelta()
    again: bool = False
    told_came: timedelta | None = None
    told_went: timedelta | None = None
    unheard: bool = False
    alike: bool = False

    @property
    def flips(self) -> bool:
        """Whether what went had been back for a short time only."""
        return self.again and self.stood < MEMORY


@dataclass(frozen=True, slots=True)
class Wait:
    """How long an item has to stand before it is told; `unbroken` if every look until then has to find it so."""

    time: timedelta
    unbroken: bool


def item_of(place: int, edit: Edit, reading: Reading) -> Item | None:
    """What an edit tells: the words that came, if anything is flagged in them, else those that went."""
    if not reading.flags:
        return None
    came = any(flag.side == "after" for flag in reading.flags)
    return Item(place, came, edit.after if came else edit.before)


def known(item: Item, past: Past) -> str:
    """Why nobody need be told: "" if it is news."""
    newest = min((time for time in (past.told_came, past.told_went) if time is not None), default=None)
    same = past.told_came if item.came else past.told_went
    if same is not None and same == newest and same < AGAIN:
        return f"told {_days(same)} ago"
    if not item.came:
        return _known_to_be_gone(past)
    if past.unheard:
        return ""
    if past.gone is not None and past.gone < MEMORY:
        return f"stood here {_days(past.gone)} ago"
    return "stood here in other words that say the same" if past.alike else ""


def wait(item: Item, past: Past, waits: Waits) -> Wait:
    """A passage that came is looked at once more; what went or comes back is more often a page that flips."""
    if item.came:
        return (
            Wait(waits.confirm, unbroken=False)
            if past.gone is None or past.unheard
            else Wait(waits.longest, unbroken=True)
        )
    return Wait(waits.longest if past.flips else waits.removal, unbroken=True)


def _known_to_be_gone(past: Past) -> str:
    if past.flips and past.told_went is not None:
        return "it was back for a short time only"
    return "what went is said in other words still" if past.alike else ""


def _days(time: timedelta) -> str:
    return f"{time.days} days" if time.days > 1 else "a day" if time.days else "less than a day"
