"""What every carrier is given and how it says that a message did not get through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from notify.letter import Letter


@dataclass(frozen=True, slots=True)
class Parcel:
    """A letter on its way to a target.

    One that goes in several parts (posts of a thread, mails to several people) has a receipt for each part that the
    target has taken: what is needed to go on, in order. `receipts` are those of earlier tries; `confirm` keeps one
    more, and is called before the next part leaves.
    """

    letter: Letter
    receipts: tuple[str, ...] = ()
    confirm: Callable[[str], None] = lambda receipt: None

    def receipt(self, part: str) -> str:
        """A receipt for a part that is known by an address: it does not tell by which."""
        return sha256(f"{self.letter.reference} {part}".encode()).hexdigest()[:16]


class DeliveryError(Exception):
    """The message did not get through. The text is for people and holds no address and no secret.

    `unknown`: it may have arrived all the same, as the answer did not come. `refused`: this message will never be
    taken; others may be. `down`: nothing gets through to this target at present, other messages neither. `after`: the
    seconds that the target asks to be left alone for.
    """

    def __init__(
        self, text: str, *, unknown: bool = False, refused: bool = False, down: bool = False, after: float = 0
    ):
        super().__init__(text)
        self.unknown, self.refused, self.down, self.after = unknown, refused, down, after
