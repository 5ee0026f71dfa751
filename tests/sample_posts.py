"""Letters about made-up services, for the tests of channels."""

from __future__ import annotations

from archive.frames import frame
from archive.words import Run, Segment
from notify.letter import Block, Fact, Item, Letter, Line, Quote

TITLE = "Quillo, Privacy Policy: AI training"
READ_ON = "https://archive.quillo.example/-/change/7"
PAGE = "https://quillo.example/privacy"
REDLINE = (
    Segment(Run.KEPT, "We use what you write to "),
    Segment(Run.REMOVED, "improve "),
    Segment(Run.ADDED, "train "),
    Segment(Run.KEPT, "our models."),
)
LEAD = (
    Line("Quillo may now train on what you write.", strong=True),
    Line("Severity: high"),
    Fact("How to refuse", "Settings, then Data"),
    Fact("Applies from", "2026-05-01"),
)
REST = (
    Line("Also new:"),
    Item("“We share what we keep with our partners.”"),
    Fact("Page", PAGE, PAGE),
    Line("Seen 2026-03-02."),
    Line(f"Evidence: SHA-256 {'4f' * 32}"),
)


def quote(*runs: Segment, heading: str = "Your content") -> Quote:
    """A quote below a heading."""
    return Quote(f"It now says under “{heading}” (AI training: allows more):", runs or REDLINE)


def added(words: str, heading: str = "Your content") -> Quote:
    """Words that came as a whole."""
    return quote(Segment(Run.ADDED, words), heading=heading)


def letter(*quotes: Quote, rest: tuple[Block, ...] = REST, title: str = TITLE, reference: str = "m-1") -> Letter:
    """A letter about a change, with these quotes; the redline above where there are none."""
    return Letter(
        kind="change",
        title=title,
        lead=LEAD,
        frame=frame(),
        quotes=quotes or (quote(),),
        rest=rest,
        severity="high",
        url=READ_ON,
        thread="quillo",
        hashtags=("privacy", "AI"),
        reference=reference,
    )


def attacked(words: str) -> Letter:
    """A letter in which the page says these words wherever it has a say."""
    return letter(
        added(words, heading=words),
        rest=(Fact("Others involved", words), Item(words), Fact("Page", PAGE, PAGE)),
        title=f"{words}: AI training",
    )
