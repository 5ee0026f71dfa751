"""Turns passages into Markdown that says the same: kinds, levels, words and links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from archive.words import Kind, Link, Passage

MARK = "- "  # begins a list item; an item's own items stand in by as much
BORDER = re.compile(r"(?<!\S)\|(?!\S)")  # between the cells of a row's text
# What would be markup inside a line. A "<" becomes an entity, because nothing else hides a comment from every reader.
SIGNS = re.compile(r"[\\`*_\[\]~]|!$|&(?=#?\w+;)")
BAR_TOO = re.compile(rf"{SIGNS.pattern}|\|")
FIRST = re.compile(r"[#+>|=:-]")  # what would make a line something else than a paragraph
NUMBER = re.compile(r"(\d{1,9})([.)])")
CLOSING = re.compile(r"(?<!\S)#+$")  # would only close a heading
URL_SIGNS = re.compile(r"[()\\|]|&(?=#?\w+;)|(?<=<)!")

_ESCAPED = r"\\\g<0>"
Span = tuple[int, int, str]


def markdown(passages: Iterable[Passage]) -> str:
    """The passages as one text: an empty line between blocks, none inside a list or table.

    A link is left out where its words do not stand in the passage, and an item that is more than six levels deeper than
    the list it follows comes out at six.
    """
    blocks = list[str]()
    for kind, group in groupby(passages, lambda passage: passage.kind):
        run = list(group)
        if kind is Kind.ITEM:
            blocks.append("\n".join(_items(run)))
        elif kind is Kind.ROW:
            blocks += _tables(run)
        else:
            blocks += [_block(passage) for passage in run]
    return "\n\n".join(blocks) + "\n"


def _block(passage: Passage) -> str:
    words = _inline(passage)
    if passage.kind is Kind.HEADING:
        return f"{'#' * passage.level} {CLOSING.sub(_ESCAPED, words)}"
    return _first_escaped(words)


def _items(passages: Sequence[Passage]) -> Iterator[str]:
    """One line an item. A list that begins deep begins all its levels in one line."""
    standing = 0
    for passage in passages:
        above = min(standing, passage.level - 1)
        marks = min(passage.level - above, 6)
        standing = above + marks
        yield " " * len(MARK) * above + MARK * marks + _first_escaped(_inline(passage))


def _tables(rows: Sequence[Passage]) -> Iterator[str]:
    """Tables with a head, as Markdown wants them; a row with more cells than the head begins a table of its own."""
    table, width = list[str](), 0
    for row in rows:
        cells = [_first_escaped(cell.strip()) for cell in re.split(BORDER, _inline(row))]
        if table and len(cells) > width:
            yield "\n".join(table)
            table = []
        line = f"| {' | '.join(cells)} |"
        if not table:
            width = len(cells)
            table = [line, "|" + " --- |" * width]
        else:
            table.append(line)
    yield "\n".join(table)


def _inline(passage: Passage) -> str:
    """The passage's words with its links. In a row, the bars between cells stay bare and all others are escaped."""
    row, text, end = passage.kind is Kind.ROW, passage.text, 0
    parts = list[str]()
    for start, stop, url in _spans(text, passage.links):
        parts += [_row_words(text[end:start]) if row else _words(text[end:start])]
        parts += [f"[{_words(text[start:stop], bars=row)}]({_address(url)})"]
        end = stop
    return "".join([*parts, _row_words(text[end:]) if row else _words(text[end:])])


def _row_words(text: str) -> str:
    return "|".join(_words(piece, bars=True) for piece in BORDER.split(text))


def _words(text: str, bars: bool = False) -> str:
    return (BAR_TOO if bars else SIGNS).sub(_ESCAPED, text).replace("<", "&lt;")


def _first_escaped(line: str) -> str:
    """The line, so that its first sign is only a sign."""
    if FIRST.match(line):
        return f"\\{line}"
    return NUMBER.sub(r"\1\\\2", line, count=1) if NUMBER.match(line) else line


def _address(url: str) -> str:
    """Signs that would end the address are escaped; a ">" at its end cannot be."""
    escaped = URL_SIGNS.sub(_ESCAPED, url)
    return f"{escaped[:-1]}%3E" if escaped.endswith(">") else escaped


def _spans(text: str, links: Sequence[Link]) -> list[Span]:
    """Where the links' words stand, in order: as whole words if all links find a place so, else wherever they fit."""
    whole = _found(text, links, r"(?<!\w){}(?!\w)")
    return whole if len(whole) == len(links) else _found(text, links, "{}")


def _found(text: str, links: Sequence[Link], pattern: str) -> list[Span]:
    spans, end = list[Span](), 0
    for link in links:
        if link.text and (match := re.compile(pattern.format(re.escape(link.text))).search(text, end)):
            spans.append((match.start(), match.end(), link.url))
            end = match.end()
    return spans
