"""Turns parts of a page's tree into passages: one walk, a passage per block."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

from archive.words import Kind, Link, Passage
from crawler.html_names import BLOCKS, BOXES, CELLS, HEADINGS, ITEMS, LISTS, NO_HEADING, SHAPING, SPACED
from crawler.html_tree import Node, Run, walk
from crawler.plain import clean

# Marks among the gathered words: between the cells of a row, and where a box in a line ends or begins.
CELL, END, BEGIN = "\x1f", "\x1d", "\x1e"
# Words that only a style sheet keeps apart, and sentences that it makes paragraphs of.
GROWN_TOGETHER = re.compile(f"(?<=[a-z0-9.,:;]){END}+{BEGIN}+(?=[A-Z])|(?<=[a-z][.:;]){END}+{BEGIN}+(?=\\d)")
SENTENCE_END = re.compile(r"[.:;?!][)”\"]?\Z")
BOX_END, BOX_BEGIN = re.compile(r"[a-z0-9.:;?!)”\"]\Z"), re.compile(r"[A-Z0-9“\"(•]")
CLAUSE_NUMBER = re.compile(r"\(?(\d+(\.\d+)*\.?|[a-z]{1,3}\))\s")
SENTENCE = 40  # characters
BORDERS = re.compile(f"[{END}{BEGIN}]+")
LONG = 200  # characters that tell whether a longer text is words
SHORT = 80  # characters up to which one letter or digit makes a text worth keeping
FEW = 1200  # steps taken to tell a heading or row from a whole column of the page
LONGEST_ROW = 4000
LONGEST_HEADING = 400


class State(NamedTuple):
    """What a text would be at one place of the tree. `joined`: blocks inside are only spaces (headings, rows)."""

    kind: Kind = Kind.PARAGRAPH
    level: int = 0
    depth: int = 0
    joined: bool = False
    literal: bool = False


class Writer:
    """Gathers words until a block ends, then adds a passage."""

    def __init__(self, target: Callable[[str], str], states: list[State]) -> None:
        self.passages: list[Passage] = []
        self._target = target
        self._states = states
        self._parts: list[str] = []
        self._links: list[Link] = []
        self._anchor: Node | None = None
        self._anchor_start = 0
        self._breaks = 0

    def text(self, text: str) -> None:
        """Add words as they stand; in `pre`, an empty line ends a paragraph."""
        if text.isspace():
            if self._parts:
                self._parts.append(" ")
            return
        self._breaks = 0
        if not self._states[-1].joined and _is_apart(self._parts, text):
            self.flush()
        if self._states[-1].literal and not self._states[-1].joined:
            *ended, text = re.split(r"\n[ \t]*\n", text)
            for paragraph in ended:
                self._parts.append(paragraph)
                self.flush()
        self._parts.append(text)

    def enter(self, tag: Node) -> None:
        """Begin a tag: a block ends what came before it."""
        name = tag.plays
        if name == "br":
            self._line_break()
        elif name in BLOCKS:
            self._border(name)
        elif name in SPACED:
            self._parts.append(" ")
        elif name in BOXES:
            self._parts.append(BEGIN)
        if name == "a" and self._anchor is None:
            self._anchor, self._anchor_start = tag, len(self._parts)
        state = self._states[-1]
        self._states.append(_inside(tag, name, state) if name in SHAPING else state)

    def leave(self, tag: Node) -> None:
        """End a tag: a block ends its own words."""
        name = tag.plays
        inner, outer = self._states[-1], self._states[-2]
        if inner.joined and not outer.joined:
            self.flush()
        elif name in BLOCKS:
            self._border("")
        elif name in SPACED:
            self._parts.append(" ")
        elif name in BOXES:
            self._end_box(tag)
        self._states.pop()

    def _end_box(self, tag: Node) -> None:
        if tag is self._anchor:
            self._end_link()
            self._anchor = None
        self._parts.append(END)

    def flush(self) -> None:
        """Make a passage of the gathered words, if there are any."""
        self._breaks = 0
        if not self._parts:
            return
        state = self._states[-1]
        if self._anchor is not None:
            self._end_link()
        gathered = _joined(self._parts)
        is_row = state.kind is Kind.ROW
        text = row_text([clean(cell) for cell in gathered.split(CELL)[1:]]) if is_row else clean(gathered)
        if _speaks(text):
            self.passages.append(Passage(state.kind, text, state.level, tuple(self._links)))
        self._parts, self._links, self._anchor_start = [], [], 0

    def _border(self, name: str) -> None:
        if self._states[-1].joined:
            self._parts.append(CELL if name in CELLS else " ")
        elif self._parts:
            self.flush()
        else:
            self._breaks = 0

    def _line_break(self) -> None:
        self._parts.append("\n")
        self._breaks += 1
        if self._breaks > 1 and not self._states[-1].joined:
            self.flush()

    def _end_link(self) -> None:
        """The open link with the words gathered since it began."""
        text = clean(_joined(self._parts[self._anchor_start :]))
        url = self._target(self._anchor.attrs.get("href", "")) if self._anchor and text else ""
        if url:
            self._links.append(Link(text, url))


def passages(
    runs: Iterable[Run],
    target: Callable[[str], str],
    skip: Callable[[Node], bool] = lambda tag: False,
) -> list[Passage]:
    """The passages of the runs in order; what `skip` names is left out."""
    found: list[Passage] = []
    for run in runs:
        writer = Writer(target, [_around(run.around)])
        for node, entering in walk(run.nodes, skip):
            if isinstance(node, str):
                writer.text(node)
            elif entering:
                writer.enter(node)
            else:
                writer.leave(node)
        writer.flush()
        found += writer.passages
    return found


def _inside(tag: Node, name: str, state: State) -> State:
    """What a text inside the tag would be, given what it is around it."""
    if state.joined:
        return state
    if name in LISTS:
        return state._replace(depth=state.depth + 1)
    if name in ITEMS:
        return state._replace(kind=Kind.ITEM, level=max(1, state.depth))
    if name in HEADINGS and _is_heading(tag):
        return State(Kind.HEADING, HEADINGS[name], state.depth, joined=True)
    if name == "tr" and _is_row(tag):
        return State(Kind.ROW, 0, state.depth, joined=True)
    return state._replace(literal=True) if name == "pre" else state


def _around(tag: Node | None) -> State:
    """The state in which a run of siblings begins: that of the tags around it."""
    state = State()
    for outer in reversed([tag, *tag.parents()] if tag else []):
        state = _inside(outer, outer.plays, state)
    return state._replace(joined=False) if state.joined else state


def _is_heading(tag: Node) -> bool:
    """Whether a heading tag holds a heading, not (unclosed, or by mistake) the text below it."""
    length = 0
    for node, _ in islice(walk(tag.contents), FEW):
        if isinstance(node, str):
            length += len(node.strip())
        elif node.name in NO_HEADING and length:
            return False
    return length < LONGEST_HEADING


def _is_row(tag: Node) -> bool:
    """Whether a table row is a row of data, not the layout of a page: several cells, no table inside, not endless."""
    length = cells = nodes = 0
    for node, entering in islice(walk(tag.contents), FEW):
        nodes += 1
        if isinstance(node, str):
            length += len(node)
        elif node.name == "table" or node.plays == "tr" or length > LONGEST_ROW:
            return False
        else:
            cells += entering and node.parent is tag and node.plays in CELLS
    return cells > 1 and nodes < FEW


def _is_apart(parts: list[str], text: str) -> bool:
    """Whether a text in a box of its own is a paragraph: it touches the box before, and one of them is a sentence."""
    ended = len(parts)
    while ended and parts[ended - 1] == BEGIN:
        ended -= 1
    if ended == len(parts) or ended < 2 or parts[ended - 1] != END or not BOX_BEGIN.match(text):
        return False
    before = next((part for part in reversed(parts[:ended]) if part != END), "")
    if not BOX_END.search(before):
        return False
    if SENTENCE_END.search(before) and (len(before) >= SENTENCE or CLAUSE_NUMBER.match(text)):
        return True
    return len(text) >= SENTENCE


def _joined(parts: list[str]) -> str:
    """The parts as one text, with a space where only a style sheet would keep two words apart."""
    text = "".join(parts)
    return BORDERS.sub("", GROWN_TOGETHER.sub(" ", text)) if END in text or BEGIN in text else text


def _speaks(text: str) -> bool:
    """Whether a text holds words, and is not a bullet, a rule or a picture made of signs."""
    if len(text) < SHORT:
        return any(map(str.isalnum, text))
    return sum(map(str.isalnum, text[:LONG])) > len(text[:LONG]) // 5


def row_text(cells: list[str]) -> str:
    """The cells joined by bars; a lone cell stands without them."""
    filled = [cell for cell in cells if cell]
    return filled[0] if len(filled) == 1 else clean(" | ".join(cells)) if filled else ""
