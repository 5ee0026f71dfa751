"""Letters for the tests of channels: one about a change as it is told, and one in which a text stands everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from archive.frames import frame
from archive.words import Edit, EditKind, Fact, Reading, Run, Segment
from notify import message
from notify.layout import Reader, letter
from notify.letter import Fact as Told
from notify.letter import Item, Letter, Line, Quote
from tests.builders import flag
from tests.test_message import FACTS, report

BEFORE = "We never use what you write to train our models."
AFTER = "We use what you write to train our models, unless you object."
DIGEST = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
SITE = "https://watch.example"


def changed(site: str = SITE, language: str = "en", facts: Sequence[Fact] = tuple(FACTS[2:4])) -> Letter:
    """A sentence about training that was turned round, known by a reference."""
    edit = Edit(EditKind.CHANGED, "Your data › AI", BEFORE, AFTER)
    told = report((edit, Reading((flag(AFTER),), tuple(facts))), digests=[DIGEST])
    return letter(message.compose(told), Reader(frame(language), site)).addressed("sp-7-1", repeated=False)


def hostile(text: str) -> Letter:
    """A page, and a declaration, that say this wherever a letter has their words."""
    page = "https://quillo.example/privacy"
    runs = (
        Segment(Run.KEPT, "We "),
        Segment(Run.REMOVED, text),
        Segment(Run.ADDED, f"{text} "),
        Segment(Run.KEPT, text),
    )
    return Letter(
        kind="change",
        title=f"{text}: AI training",
        lead=(Line(text, strong=True), Told("How to refuse", text)),
        frame=frame(),
        quotes=(Quote(f"It now says under “{text}”:", runs), Quote("It now says:", (Segment(Run.ADDED, text),))),
        rest=(Line("Also new:"), Item(f"“{text}”"), Told(text, page, page)),
        url="https://watch.example/-/change/7",
        thread=text,
        data={"line": text},
    ).addressed("sp-7-1", repeated=False)
