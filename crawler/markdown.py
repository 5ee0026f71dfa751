"""Turns Markdown into passages, line by line: headings, paragraphs, lists, tables and the HTML that stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from archive.words import Kind, Passage
from crawler.html_passages import passages, row_text
from crawler.html_tree import parse
from crawler.markdown_inline import inline

FENCE = re.compile(r"(`{3,}|~{3,})")
HEADING = re.compile(r"(#{1,6})(?:\s+(.*?))?(?:\s+#+)?$")
UNDERLINE = re.compile(r"(=+|-{2,})$")
RULE = re.compile(r"([*_-])(?: *\1){2,}$")
TABLE_RULE = re.compile(r"\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)+\|?$|\|\s*:?-+:?\s*\|$")
CELL_BORDER = re.compile(r"(?<!\\)\|")
LIST_IN_CELL = re.compile(r"(^|<br\s*/?>)\s*(?:[*+-]|\d+\.)\s+", re.IGNORECASE)
ITEM = re.compile(r"([*+-]|\d{1,9}[.)])( {1,4}(?=\S)|\s*$| (?=\s))")
MOST_PARTS = 20_000  # that are remembered
MOST_ITEMS = 6  # that begin in one line
HTML_BLOCK = re.compile(r"<(table|div|section|ul|ol|dl|details|p|blockquote|h[1-6])\b", re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.DOTALL)


class _Line(NamedTuple):
    indent: int
    text: str


def markdown_passages(text: str, target: Callable[[str], str]) -> list[Passage]:
    """The passages of a Markdown text; `target` makes a link's address absolute."""
    return MarkdownReader(target).read(text)


class MarkdownReader:
    """Reads texts that share most of their lines, such as the versions of one page: what it has read, it knows."""

    def __init__(self, target: Callable[[str], str]) -> None:
        """`target` makes a link's address absolute."""
        self._target = target
        self._known: dict[tuple[str, tuple[int, ...]], tuple[list[Passage], tuple[int, ...]]] = {}

    def read(self, text: str) -> list[Passage]:
        """The passages of a text. What stands between empty lines is read alone, but for the lists open above it."""
        reader = _Reader(self._target)
        for part in COMMENT.sub("", text).expandtabs(4).split("\n\n"):
            known = None if reader.inside else self._known.get((part, reader.lists))
            if known:
                reader.go_on(*known)
            else:
                self._read_part(reader, part)
        reader.flush()
        return reader.passages

    def _read_part(self, reader: _Reader, part: str) -> None:
        """Reads what is new, and remembers it where it stands for itself."""
        state = None if reader.inside else (part, reader.lists)
        first = len(reader.passages)
        for line in (*part.splitlines(), ""):
            reader.read(_unquoted(line))
        if state and not reader.inside:
            if len(self._known) > MOST_PARTS:
                self._known.clear()
            self._known[state] = reader.passages[first:], reader.lists


def _unquoted(line: str) -> _Line:
    """The line without the signs of a quotation, and how far it stands in."""
    text = re.sub(r"^( {0,3}> ?)+", "", line)
    bare = text.strip()
    return _Line(len(text) - len(text.lstrip()), bare)


class _Reader:
    """Gathers lines until a block ends, then adds a passage."""

    def __init__(self, target: Callable[[str], str]) -> None:
        self.passages: list[Passage] = []
        self._target = target
        self._block: list[str] = []
        self._lists: list[int] = []  # how far the words of each open list item stand in
        self._until = ""  # what ends the fence or HTML block that is open
        self._blank = True

    @property
    def inside(self) -> bool:
        """Whether a fence or HTML block is open, which empty lines do not end."""
        return bool(self._until)

    @property
    def lists(self) -> tuple[int, ...]:
        """How far the words of each open list item stand in."""
        return tuple(self._lists)

    def go_on(self, passages: list[Passage], lists: tuple[int, ...]) -> None:
        """Go on after lines that are known to give these passages and leave these lists open."""
        self.passages += passages
        self._lists = list(lists)
        self._blank = True

    def read(self, line: _Line) -> None:
        """Take in the next line."""
        if self._until:
            self._read_inside(line.text)
        elif not line.text:
            self.flush()
            self._blank = True
        else:
            self._leave_lists(line)
            self._begin(line)
            self._blank = False

    def flush(self) -> None:
        """Make a passage of the gathered lines, if there are any."""
        if self._until:
            self._end_inside()
        elif self._block:
            level = len(self._lists)
            self._add(Kind.ITEM if level else Kind.PARAGRAPH, "\n".join(self._block), level)
        self._block = []

    def _begin(self, line: _Line) -> None:
        """Tell what the line is; only then do its words count."""
        text = self._open_items(line)
        if self._block and UNDERLINE.match(text):
            self._add(Kind.HEADING, " ".join(self._block), 1 if text[0] == "=" else 2)
            self._block = []
        elif RULE.match(text) or TABLE_RULE.match(text):
            self.flush()
        elif heading := HEADING.match(text):
            self.flush()
            self._add(Kind.HEADING, heading[2] or "", len(heading[1]))
        elif text:
            self._begin_other(text)

    def _open_items(self, line: _Line) -> str:
        """What the line says after the signs of the list items that it begins."""
        indent, text = line
        for _ in range(MOST_ITEMS):
            item = None if RULE.match(text) else ITEM.match(text)
            if item is None:
                break
            self.flush()
            while self._lists and indent < self._lists[-1]:
                self._lists.pop()
            indent, text = indent + item.end(), text[item.end() :].lstrip()
            self._lists.append(indent)
        return text

    def _begin_other(self, text: str) -> None:
        fence = FENCE.match(text)
        if text.startswith("|"):
            self.flush()
            self._add_row(text)
        elif fence or HTML_BLOCK.match(text):
            self.flush()
            self._until = fence[1] if fence else _html_end(text)
            self._read_inside("" if fence else text)
        else:
            self._block.append(text)

    def _leave_lists(self, line: _Line) -> None:
        """After an empty line, words that stand further out than an item's are no longer its own."""
        if self._blank and not ITEM.match(line.text):
            while self._lists and line.indent < min(self._lists[-1], 2 * len(self._lists)):
                self._lists.pop()

    def _read_inside(self, text: str) -> None:
        """Lines of code and of HTML stand for themselves."""
        fenced = self._until[0] in "`~"
        if fenced and text.startswith(self._until):
            self._end_inside()
            return
        if not fenced or text:
            self._block.append(text)
        if not fenced and self._until in text.lower():
            self._end_inside()

    def _end_inside(self) -> None:
        block, fenced, self._block = "\n".join(self._block), self._until[0] in "`~", []
        self._until = ""
        wrapped = f"<pre>{block.replace('&', '&amp;').replace('<', '&lt;')}</pre>" if fenced else block
        if block.strip():
            self.passages += passages([[parse(wrapped)]], self._target)

    def _add_row(self, text: str) -> None:
        cells = CELL_BORDER.split(text.strip().removeprefix("|").removesuffix("|"))
        read = [inline(LIST_IN_CELL.sub(r"\1 ", cell.strip()).replace("\\|", "|"), self._target) for cell in cells]
        row = row_text([words for words, _ in read])
        if row:
            self.passages.append(Passage(Kind.ROW, row, 0, tuple(link for _, links in read for link in links)))

    def _add(self, kind: Kind, block: str, level: int) -> None:
        text, links = inline(block, self._target)
        if text:
            self.passages.append(Passage(kind, text, level, links))


def _html_end(text: str) -> str:
    """The closing tag that ends a block of HTML."""
    tag = HTML_BLOCK.match(text)
    return f"</{tag[1].lower()}>" if tag else "</div>"
