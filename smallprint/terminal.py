"""Shows changes, flags and redlines on a terminal, in colour where there is one; page text can do nothing there."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from archive.words import Edit, EditKind, Reading, Run, Segment
from notify.message import label

STYLES = {Run.KEPT: "", Run.REMOVED: "red strike", Run.ADDED: "green underline"}
MARKS = {Run.KEPT: ("", ""), Run.REMOVED: ("[-", "-]"), Run.ADDED: ("{+", "+}")}
KEPT_WORDS = 12  # of unchanged text shown around a change
NAMES = {
    EditKind.ADDED: "new",
    EditKind.REMOVED: "gone",
    EditKind.CHANGED: "changed",
    EditKind.MOVED: "moved",
    EditKind.LINKS: "links elsewhere",
}


def console(stderr: bool = False) -> Console:
    """A console that takes text as text: no markup, no highlighting."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def safe(text: str) -> str:
    """Text without control and direction characters, so that a page cannot steer the reader's terminal."""
    return "".join(c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf") else "\ufffd" for c in text)


def redline(segments: Iterable[Segment], colour: bool) -> Text:
    """The runs of a change; without colour, removed and added words stand in [-…-] and {+…+}."""
    line = Text()
    for segment in segments:
        words = safe(segment.text)
        if segment.run is Run.KEPT:
            line.append(_shortened(words))
        else:
            before, after = ("", "") if colour else MARKS[segment.run]
            line.append(f"{before}{words}{after}", STYLES[segment.run])
    return line


def edit_lines(edit: Edit, reading: Reading, colour: bool) -> list[Text]:
    """An edit for people: where it stands, what it is flagged as, its redline, its facts."""
    head = Text("  ")
    head.append(NAMES[edit.kind], "bold")
    if edit.heading:
        head.append(f"  {safe(edit.heading)}", "dim")
    lines = [head]
    lines += [Text(f"  ⚑ {label(flag)}  (rule {flag.rule})", "yellow") for flag in reading.flags]
    lines += [Text("    ") + redline(edit.segments, colour)]
    lines += [Text(f"    {fact.kind}: {safe(fact.value)}", "cyan") for fact in reading.facts]
    return [*lines, Text()]


def _shortened(words: str) -> str:
    """Long unchanged runs keep only their ends."""
    parts = words.split(" ")
    if len(parts) <= 2 * KEPT_WORDS + 4:
        return words
    return " ".join([*parts[:KEPT_WORDS], "[…]", *parts[-KEPT_WORDS:]])
