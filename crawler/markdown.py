"""Turns Markdown into passages, line by line: headings, paragraphs, lists, tables and the HTML that stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from archive.words import Kind, Passage
from crawler import html_passages
from crawler.html_tree import Run, parse
from crawler.markdown_inline import inline

SIGN = re.compile(r"[-=*_+#|:`~<\d]")  # what begins a line that may be more than words
FENCE = re.compile(r"(`{3,}|~{3,})")
HEADING = re.compile(r"(#{1,6})(?:\s+(.*))?$")
UNDERLINE = re.compile(r"(=+|-{2,})$")
RULE = re.compile(r"([*_-])(?: *\1){2,}$")
TABLE_RULE = re.compile(r"\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)+\|?$|\|\s*:?-+:?\s*\|$")
CELL_BORDER = re.compile(r"(?<!\\)\|")
LIST_IN_CELL = re.compile(r"(^|<br\s*/?>)\s*(?:[*+-]|\d+\.)\s+", re.IGNORECASE)
ITEM = re.compile(r"([*+-]|\d{1,9}[.)])( {1,4}(?=\S)|\s*$| (?=\s))")
NEXT_ITEM = re.compile(r" *(?:[*+-]|\d{1,9}[.)]) [ *_-]*[^\s*_-]")  # no rule: it has words
QUOTATION = re.compile(r"( {0,3}> ?)+")
MOST_ITEMS = 6  # that begin in one line
HTML_BLOCK = re.compile(r"<(table|div|section|ul|ol|dl|details|p|blockquote|h[1-6])\b", re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.DOTALL)
MOST_REMEMBERED = 8_000_000  # bytes, about, of what is new; as much again of what is older
LONGEST_REMEMBERED = 50_000  # characters, of lines that are remembered item by item as well

Lists = tuple[int, ...]  # how far the words of each open list item stand in
State = tuple[str, Lists]  # lines, and the lists open above them


class _Read(NamedTuple):
    """What lines gave, and the lists that they left open."""

    passages: list[Passage]
    lists: Lists


def markdown_passages(text: str, target: Callable[[str], str]) -> list[Passage]:
    """The passages of a Markdown text; `target` makes a link's address absolute."""
    return MarkdownReader(target).read(text)


class MarkdownReader:
    """Reads texts that share most of their lines, such as the versions of one page: what it has read, it knows."""

    def __init__(self, target: Callable[[str], str]) -> None:
        """`target` makes a link's address absolute."""
        self._target = target
        self._memory = _Memory()

    def read(self, text: str) -> list[Passage]:
        """The passages of a text. What stands between empty lines is read alone, but for the lists open above it."""
        read = self._read(text)
        if read is None:
            text = COMMENT.sub("", text)
            reader = MarkdownReader(self._target) if "<!--" in text else self  # what looks like a comment now is none
            read = reader._read(text, whole=True) or []
        return read

    def _read(self, text: str, whole: bool = False) -> list[Passage] | None:
        """None where a comment begins, but for a text that is to be read as it is: what is remembered holds none."""
        reader = _Reader(self._target)
        known, older, found = self._memory.new.get, self._memory.again, reader.passages
        for part in text.split("\n\n"):
            state = part, reader.lists
            read = None if reader.until else known(state) or older(state)
            if read:
                passages, reader.lists = read
                found += passages
            elif whole or "<!--" not in part:
                self._read_part(reader, part)
            else:
                return None
        reader.flush()
        return found

    def _read_part(self, reader: _Reader, part: str) -> None:
        """Reads what is new item by item, for most items of a long list are known."""
        state = None if reader.until else (part, reader.lists)
        first = len(reader.passages)
        items = _items(part.expandtabs(4) if "\t" in part else part)
        for item in items:
            self._read_item(reader, item)
        reader.read("")
        if state and (len(items) > 1 or "\t" in part) and len(part) <= LONGEST_REMEMBERED:
            self._remember(reader, state, first)

    def _read_item(self, reader: _Reader, item: str) -> None:
        """Reads the lines up to the next item, which ends them in any case."""
        state = None if reader.until else (item, reader.lists)
        read = self._memory.get(state) if state else None
        if read:
            reader.passages += read.passages
            reader.lists = read.lists
            return
        first = len(reader.passages)
        for line in item.splitlines():
            reader.read(line)
        if not reader.until:
            reader.flush()
        if state:
            self._remember(reader, state, first)

    def _remember(self, reader: _Reader, state: State, first: int) -> None:
        """What lines gave that stand for themselves: no fence or HTML block goes on after them."""
        if not reader.until:
            self._memory.keep(state, _Read(reader.passages[first:], reader.lists))


class _Memory:
    """What was read lately. What is older is forgotten by halves, unless it was met again."""

    def __init__(self) -> None:
        self.new: dict[State, _Read] = {}
        self._old: dict[State, _Read] = {}
        self._size = 0

    def get(self, state: State) -> _Read | None:
        """What lines gave below these lists, if they are remembered."""
        return self.new.get(state) or self.again(state)

    def again(self, state: State) -> _Read | None:
        """The same for what is no longer new: it becomes new again."""
        read = self._old.pop(state, None)
        if read:
            self.keep(state, read)
        return read

    def keep(self, state: State, read: _Read) -> None:
        """Remember it, at the cost of what was not met for longest."""
        self._size += _size(state[0])
        if self._size > MOST_REMEMBERED:
            self._old, self.new, self._size = self.new, {}, _size(state[0])
        self.new[state] = read


def _size(lines: str) -> int:
    """About how many bytes it takes to remember lines and what they give: passages by the line, and links."""
    return 400 * (1 + lines.count("\n") + lines.count("](") + lines.count("<")) + 4 * len(lines)


def _items(part: str) -> list[str]:
    """The lines before the first list item, then those of each item."""
    if "\n" not in part:
        return [part]
    items, start, end = [], 0, 0
    for line in part.split("\n"):
        if start < end and NEXT_ITEM.match(line):
            items.append(part[start:end])
            start = end
        end += len(line) + 1
    return [*items, part[start:]]


class _Reader:
    """Gathers lines until a block ends, then adds a passage."""

    def __init__(self, target: Callable[[str], str]) -> None:
        self.passages: list[Passage] = []
        self.lists: Lists = ()
        self.until = ""  # what ends the fence or HTML block that is open, which empty lines do not end
        self._target = target
        self._block: list[str] = []
        self._blank = True

    def read(self, line: str) -> None:
        """Take in the next line."""
        text = line.strip()
        if text.startswith(">") and (signs := QUOTATION.match(line)):
            line = line[signs.end() :]
            text = line.strip()
        if self.until:
            self._read_inside(text)
        elif not text:
            self.flush()
            self._blank = True
        else:
            self._read_words(len(line) - len(line.lstrip()), text)

    def flush(self) -> None:
        """Make a passage of the gathered lines, if there are any."""
        if self.until:
            self._end_inside()
        elif self._block:
            level = len(self.lists)
            self._add(Kind.ITEM if level else Kind.PARAGRAPH, "\n".join(self._block), level)
        self._block = []

    def _read_words(self, indent: int, text: str) -> None:
        if self._blank and self.lists and not ITEM.match(text):
            self._leave_lists(indent)
        self._blank = False
        if SIGN.match(text):
            self._begin(self._open_items(indent, text))
        else:
            self._block.append(text)

    def _leave_lists(self, indent: int) -> None:
        """After an empty line, words that stand further out than an item's are no longer its own."""
        while self.lists and indent < min(self.lists[-1], 2 * len(self.lists)):
            self.lists = self.lists[:-1]

    def _open_items(self, indent: int, text: str) -> str:
        """What the line says after the signs of the list items that it begins."""
        for _ in range(MOST_ITEMS):
            item = ITEM.match(text)
            if item is None or RULE.match(text):
                break
            self.flush()
            while self.lists and indent < self.lists[-1]:
                self.lists = self.lists[:-1]
            indent, text = indent + item.end(), text[item.end() :].lstrip()
            self.lists = (*self.lists, indent)
        return text

    def _begin(self, text: str) -> None:
        """Tell what the line is; only then do its words count."""
        if not SIGN.match(text):
            self._block += [text] if text else []
        elif self._block and UNDERLINE.match(text):
            self._add(Kind.HEADING, " ".join(self._block), 1 if text[0] == "=" else 2)
            self._block = []
        elif RULE.match(text) or TABLE_RULE.match(text):
            self.flush()
        elif heading := HEADING.match(text):
            self.flush()
            self._add(Kind.HEADING, _without_end(heading[2] or ""), len(heading[1]))
        else:
            self._begin_other(text)

    def _begin_other(self, text: str) -> None:
        fence = FENCE.match(text)
        if text.startswith("|"):
            self.flush()
            self._add_row(text)
        elif fence or HTML_BLOCK.match(text):
            self.flush()
            self.until = fence[1] if fence else _html_end(text)
            self._read_inside("" if fence else text)
        else:
            self._block.append(text)

    def _read_inside(self, text: str) -> None:
        """Lines of code and of HTML stand for themselves."""
        fenced = self.until[0] in "`~"
        if fenced and text.startswith(self.until):
            self._end_inside()
            return
        if not fenced or text:
            self._block.append(text)
        if not fenced and self.until in text.lower():
            self._end_inside()

    def _end_inside(self) -> None:
        block, fenced, self._block = "\n".join(self._block), self.until[0] in "`~", []
        self.until = ""
        wrapped = f"<pre>{block.replace('&', '&amp;').replace('<', '&lt;')}</pre>" if fenced else block
        if block.strip():
            self.passages += html_passages.passages([Run(None, [parse(wrapped).root])], self._target)

    def _add_row(self, text: str) -> None:
        cells = CELL_BORDER.split(text.strip().removeprefix("|").removesuffix("|"))
        read = [inline(_unlisted(cell.strip()).replace("\\|", "|"), self._target) for cell in cells]
        row = html_passages.row_text([words for words, _ in read])
        if row:
            self.passages.append(Passage(Kind.ROW, row, 0, tuple(link for _, links in read for link in links)))

    def _add(self, kind: Kind, block: str, level: int) -> None:
        text, links = inline(block, self._target)
        if text:
            self.passages.append(Passage(kind, text, level, links))


def _unlisted(cell: str) -> str:
    """A table's cell without the signs of list items, which begin it or a line in it."""
    return LIST_IN_CELL.sub(r"\1 ", cell) if "<" in cell or SIGN.match(cell) else cell


def _without_end(heading: str) -> str:
    """A heading without the signs that close it."""
    words = heading.rstrip("#")
    return words if words[-1:].isspace() else heading


def _html_end(text: str) -> str:
    """The closing tag that ends a block of HTML."""
    tag = HTML_BLOCK.match(text)
    return f"</{tag[1].lower()}>" if tag else "</div>"
