"""Letters for tests of carriers, about made-up services."""

from __future__ import annotations

from dataclasses import replace

from archive.frames import frame
from archive.words import Run, Segment
from notify.letter import Fact, Item, Letter, Line, Quote

TITLE = "Quillo, Privacy Policy: AI training"
PAGE = "https://quillo.example/privacy"
CHANGE = "https://watch.example/-/change/7"
REFERENCE = "0f1e2d3c4b5a6978"


def quote(words: str, intro: str = "It now says (AI training: allows more):") -> Quote:
    """Words that came."""
    return Quote(intro, (Segment(Run.ADDED, words),))


RUNS = [(Run.KEPT, "We use drafts to "), (Run.REMOVED, "show"), (Run.ADDED, "train"), (Run.KEPT, " things.")]
REDLINE = Quote(
    "It now says under “Data” (AI training: allows more):", tuple(Segment(run, words) for run, words in RUNS)
)
CHANGED = Letter(
    kind="change",
    title=TITLE,
    lead=(
        Line("Quillo may now train AI models on drafts", strong=True),
        Line("Severity: high"),
        Fact("How to refuse", "Settings > Drafts"),
        Fact("Applies from", "2026-12-01"),
    ),
    frame=frame(),
    quotes=(REDLINE, quote("Drafts of minors are left out.")),
    rest=(Line("Also new:"), Item("“We share drafts with partners.”"), Fact("Page", PAGE, PAGE)),
    severity="high",
    url=CHANGE,
    thread="quillo",
    reference=REFERENCE,
)
DIGEST = Letter(
    kind="digest",
    title="Digest of 2026-03-01 to 2026-03-08: 2 changes told",
    lead=(Line("Told", strong=True), Line("Quillo, Privacy Policy"), Item("high: trains on drafts", CHANGE)),
    frame=frame(),
    url="https://watch.example",
    reference=REFERENCE,
)


def saying(words: str) -> Letter:
    """A letter that has these words everywhere a page, or whoever declared it, may have put them."""
    return replace(
        CHANGED,
        title=f"{words}: AI training",
        lead=(Line(words, strong=True), Fact("How to refuse", words), Fact("Page", words, words)),
        quotes=(quote(words, f"It now says under “{words}”:"),),
        rest=(Item(words),),
        url=words,
    )


def short(title: str) -> str:
    """A title as it is told where it is too long."""
    return title if len(title) <= 200 else f"{title[:199]}…"
