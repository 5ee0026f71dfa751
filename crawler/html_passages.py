"""Turns parts of a page's tree into passages: one walk, a passage per block."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

from bs4 import NavigableString, PageElement, Tag

from archive.words import Kind, Link, Passage
from crawler.html_tree import attribute, walk
from crawler.plain import clean

DEAD = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "head",
        "title",
        "svg",
        "math",
        "iframe",
        "frame",
        "object",
        "embed",
        "canvas",
        "video",
        "audio",
        "map",
        "input",
        "select",
        "textarea",
        "datalist",
        "meter",
        "progress",
        "area",
        "img",
        "picture",
    ]
)
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
SPACED = frozenset(["button", "option", "label"])  # boxes in a line: apart from the words around them
LISTS = frozenset(["ul", "ol", "menu", "dl", "dir"])
ITEMS = frozenset(["li", "dt", "dd"])
HEADINGS = {f"h{level}": level for level in range(1, 7)}
ROLES = {
    "list": "ul",
    "listitem": "li",
    "row": "tr",
    "cell": "td",
    "gridcell": "td",
    "columnheader": "th",
    "rowheader": "th",
}
NO_HEADING = frozenset(["p", "ul", "ol", "table", *HEADINGS])
CELL = "\x1f"  # parts the cells of a row; never in a text, which holds no control characters
END, BEGIN = "\x1d", "\x1e"  # where a box in a line ends or begins
GROWN_TOGETHER = re.compile(f"(?<=[a-z0-9.,:]){END}+{BEGIN}+(?=[A-Z])")  # words that only a style sheet keeps apart
BORDERS = re.compile(f"[{END}{BEGIN}]+")
BOXES = frozenset(["a", "span", "time", "small"])
FEW = 600  # nodes looked at to tell a heading or row from a whole column of the page
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
        self._anchor: Tag | None = None
        self._anchor_start = 0
        self._breaks = 0

    def text(self, text: str) -> None:
        """Add words as they stand; in `pre`, an empty line ends a paragraph."""
        if text.isspace():
            self._parts.append(" ")
            return
        self._breaks = 0
        if self._states[-1].literal and not self._states[-1].joined:
            *ended, text = re.split(r"\n[ \t]*\n", text)
            for paragraph in ended:
                self._parts.append(paragraph)
                self.flush()
        self._parts.append(text)

    def enter(self, tag: Tag) -> None:
        """Begin a tag: a block ends what came before it."""
        name = _name(tag)
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
        self._states.append(_inside(tag, name, self._states[-1]))

    def leave(self, tag: Tag) -> None:
        """End a tag: a block ends its own words."""
        name = _name(tag)
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

    def _end_box(self, tag: Tag) -> None:
        if tag is self._anchor:
            self._end_link()
            self._anchor = None
        self._parts.append(END)

    def flush(self) -> None:
        """Make a passage of the gathered words, if there are any."""
        state = self._states[-1]
        if self._anchor is not None:
            self._end_link()
        text = (
            row_text([clean(cell) for cell in _joined(self._parts).split(CELL)[1:]])
            if state.kind is Kind.ROW
            else clean(_joined(self._parts))
        )
        if _speaks(text):
            self.passages.append(Passage(state.kind, text, state.level, tuple(self._links)))
        self._parts, self._links, self._anchor_start, self._breaks = [], [], 0, 0

    def _border(self, name: str) -> None:
        if not self._states[-1].joined:
            self.flush()
        else:
            self._parts.append(CELL if name in ("td", "th") else " ")

    def _line_break(self) -> None:
        self._parts.append("\n")
        self._breaks += 1
        if self._breaks > 1 and not self._states[-1].joined:
            self.flush()

    def _end_link(self) -> None:
        """The open link with the words gathered since it began."""
        text = clean(_joined(self._parts[self._anchor_start :]))
        url = self._target(attribute(self._anchor, "href")) if self._anchor and text else ""
        if url:
            self._links.append(Link(text, url))


def passages(
    fragments: Iterable[list[PageElement]],
    target: Callable[[str], str],
    skip: Callable[[Tag], bool] = lambda tag: False,
) -> list[Passage]:
    """The passages of the fragments in order. Each fragment is a run of siblings; what `skip` names is left out."""
    found: list[Passage] = []
    for nodes in fragments:
        writer = Writer(target, [_around(nodes[0])])
        for node, entering in walk(nodes, lambda tag: tag.name in DEAD or skip(tag)):
            _write(writer, node, entering)
        writer.flush()
        found += writer.passages
    return found


def _write(writer: Writer, node: PageElement, entering: bool) -> None:
    if isinstance(node, Tag):
        (writer.enter if entering else writer.leave)(node)
    elif type(node) is NavigableString:  # its subclasses are comments, doctypes and the like
        writer.text(node)


def _name(tag: Tag) -> str:
    role = tag.attrs.get("role")
    if not role:
        return tag.name
    return _heading_name(tag) if role == "heading" else ROLES.get(str(role), tag.name)


def _heading_name(tag: Tag) -> str:
    level = attribute(tag, "aria-level").strip()
    return tag.name if tag.name in HEADINGS and not level else f"h{level if level in '123456' and level else 2}"


def _inside(tag: Tag, name: str, state: State) -> State:
    """What a text inside the tag would be, given what it is around it."""
    if state.joined or name not in BLOCKS:
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


def _around(node: PageElement) -> State:
    """The state in which a fragment begins: that of its ancestors."""
    state = State()
    for tag in reversed(list(node.parents)):
        state = _inside(tag, _name(tag), state)
    return state._replace(joined=False) if state.joined else state


def _is_heading(tag: Tag) -> bool:
    """Whether a heading tag holds a heading, not (unclosed, or by mistake) the text below it."""
    length = 0
    for node in islice(tag.descendants, FEW):
        if isinstance(node, Tag) and node.name in NO_HEADING and length:
            return False
        length += 0 if isinstance(node, Tag) else len(str(node).strip())
    return length < LONGEST_HEADING


def _is_row(tag: Tag) -> bool:
    """Whether a table row is a row of data, not the layout of a page: several cells, no table inside, not endless."""
    length, cells = 0, 0
    for number, node in enumerate(islice(tag.descendants, FEW + 1)):
        if isinstance(node, Tag):
            cells += node.parent is tag and _name(node) in ("td", "th")
        else:
            length += len(node)
        if number == FEW or length > LONGEST_ROW or (isinstance(node, Tag) and node.name == "table"):
            return False
    return cells > 1


def _joined(parts: list[str]) -> str:
    """The parts as one text, with a space where only a style sheet would keep two words apart."""
    text = "".join(parts)
    return BORDERS.sub("", GROWN_TOGETHER.sub(" ", text)) if END in text or BEGIN in text else text


def _speaks(text: str) -> bool:
    """Whether a text holds words, and is not a bullet, a rule or a picture made of signs."""
    signs = sum(not char.isalnum() for char in text[:FEW])
    return signs < len(text[:FEW]) * (1 if len(text) < 80 else 0.8)


def row_text(cells: list[str]) -> str:
    """The cells joined by bars; a lone cell stands without them."""
    filled = [cell for cell in cells if cell]
    return filled[0] if len(filled) == 1 else clean(" | ".join(cells)) if filled else ""
