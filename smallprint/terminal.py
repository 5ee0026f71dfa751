"""Shows changes, flags and redlines on a terminal, in colour where there is one; page text can do nothing there."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.style import Style
from rich.table import Table
from rich.text import Text

from archive.labels import FACTS, label, told
from archive.redline import segments
from archive.severity import severity
from archive.words import Edit, EditKind, Flag, Reading, Run, Segment

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
    """A console that takes text as text: no markup, no highlighting, and lines are only wrapped on a terminal."""
    made = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    made.soft_wrap = not made.is_terminal
    return made


def safe(text: str) -> str:
    """Text without control and direction characters, so that a page cannot steer the reader's terminal."""
    return "".join(c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf") else "\ufffd" for c in text)


def redline(runs: Iterable[Segment], colour: bool) -> Text:
    """The runs of a change; without colour, removed and added words stand in [-…-] and {+…+}."""
    line = Text()
    for segment in runs:
        words = safe(segment.text)
        if segment.run is Run.KEPT:
            line.append(_shortened(words))
        else:
            before, after = ("", "") if colour else MARKS[segment.run]
            line.append(f"{before}{words}{after}", STYLES[segment.run])
    return line


@contextmanager
def progress(words: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal, nothing elsewhere; it is told how much is done, and of how much."""
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(show_speed=True), TimeRemainingColumn()
    with Progress(*columns, console=console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_edit(out: Console, edit: Edit, reading: Reading, note: str = "") -> None:
    """Prints an edit: where it stands, what it is flagged as, a note on that, its redline, its facts."""
    colour = out.is_terminal and not out.no_color
    for indent, line in _edit_lines(edit, reading, colour, note):
        print_indented(out, indent, line)
    out.print()


def print_indented(out: Console, indent: int, line: Text) -> None:
    """Prints a line that keeps its indent where it is wrapped."""
    out.print(Padding(line, (0, 0, 0, indent)) if out.is_terminal else Text(" " * indent) + line)


def print_table(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Prints these columns of the rows, under their names."""
    table = Table(*(column.replace("_", " ") for column in columns), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(safe(str(row[column])) for column in columns))
    console().print(table)


def _edit_lines(edit: Edit, reading: Reading, colour: bool, note: str) -> list[tuple[int, Text]]:
    """Each line with its indent."""
    head = Text(NAMES[edit.kind], "bold")
    if edit.heading:
        head = head.append(f"  {safe(edit.heading)}", Style(bold=False, dim=True))
    lines = [(2, head)]
    lines += [(2, _flag(flag, edit, reading)) for flag in reading.flags]
    lines += [(2, Text(note, "dim"))] * bool(note)
    lines += [(4, redline(segments(edit), colour))]
    lines += [(4, Text(f"{FACTS[fact.kind]}: {safe(told(fact.kind, fact.value))}", "cyan")) for fact in reading.facts]
    return lines


def _flag(flag: Flag, edit: Edit, reading: Reading) -> Text:
    """What a flag is, how much it matters, and what its score is made of."""
    why = f": {flag.why}" if flag.why else ""
    weight = severity(flag, edit, reading)
    told = f"⚑ {label(flag)}  ({weight}; rule {flag.rule}, score {flag.score:.2f}{why})"
    return Text(safe(told), "yellow")


def _shortened(words: str) -> str:
    """Long unchanged runs keep only their ends."""
    parts = words.split(" ")
    if len(parts) <= 2 * KEPT_WORDS + 4:
        return words
    return " ".join([*parts[:KEPT_WORDS], "[…]", *parts[-KEPT_WORDS:]])
