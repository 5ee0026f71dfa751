"""Turns the lines of a PDF's pages into passages: headings told, wrapped lines joined, no running heads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from archive.words import Kind, Link, Passage
from crawler.plain import BULLET_SIGNS, clean

PAGE_NUMBER = re.compile(r"\W*(page|seite|página)?\s*\d{1,3}\s*((of|/|von|sur|de)\s*\d{1,3})?\W*", re.IGNORECASE)
BULLET = re.compile(r"\s*[•◦▪‣●■○\uf0a7\uf0b7]")
SIGN = re.compile(r"\s*([•◦▪‣●■○\uf0a7\uf0b7]|\(?[a-z]{1,3}\)\s)")  # begins a passage wherever it begins a line
NEW_BLOCK = re.compile(r"\s*\d{1,2}(\.\d{1,2})*[.)]?\s+[A-Z“\"(]")  # does so where a clause ends above it
NUMBER = re.compile(
    r"(\d{1,2}(?:\.\d{1,2})*)[.)]?\s+\S|(article|section|clause|annex|part|schedule|chapter)\s+\w+\b", re.IGNORECASE
)
CLAUSE_END = re.compile(r"[.,;:!?]\W{0,3}$")
PROMISE = re.compile(r"\b(may|will|shall|must|can|agree|are|is)\b", re.IGNORECASE)
HYPHEN = re.compile(r"\b(\w{1,40})-\n(?=([a-z]+))")
HYPHENED = re.compile(r"\b\w{1,40}-[a-z]+")
KEEPS_HYPHEN = frozenset(["cross", "non", "opt", "self", "third"])  # the first half of words that are written with one
LARGER = 1.12  # times the running text's size
LONGEST_TITLE = 150
A_TEXT = 60  # characters that no title has below a numbered one


class Piece(NamedTuple):
    """Signs drawn in one go. The place is where they begin, in points from the page's lower left; so is the size."""

    text: str
    x: float
    y: float
    size: float
    bold: bool


class Line(NamedTuple):
    """One line of text. Size and weight are those of most of its signs."""

    text: str
    pieces: tuple[Piece, ...]
    size: float
    bold: bool
    y: float


class Anchor(NamedTuple):
    """A rectangle of a page that leads to an address."""

    left: float
    bottom: float
    right: float
    top: float
    url: str


class Page(NamedTuple):
    """What stands on one page, in the order in which it is drawn."""

    lines: list[Line]
    anchors: list[Anchor]


class Row(NamedTuple):
    """A line that counts, with the number of its page and its links."""

    line: Line
    page: int
    links: tuple[Link, ...]


class Block(NamedTuple):
    """Lines that are one passage, and their words."""

    rows: tuple[Row, ...]
    text: str


class Norm(NamedTuple):
    """What most of the text looks like: size and weight, how long a full line is, how far lines are apart by size."""

    size: float
    bold: bool
    width: int
    step: float


def line_of(pieces: Sequence[Piece]) -> Line:
    """The line that pieces make; there is at least one."""
    looks = Counter[tuple[float, bool]]()
    for piece in pieces:
        looks[round(piece.size, 1), piece.bold] += len(piece.text.strip())
    (size, bold), _ = looks.most_common(1)[0]
    first = next((piece for piece in pieces if piece.text.strip()), pieces[0])
    return Line("".join(piece.text for piece in pieces).rstrip(), tuple(pieces), size, bold, first.y)


def layout_passages(pages: Sequence[Page], titles: Iterable[str]) -> list[Passage]:
    """The passages of a document; `titles` are those of its outline, which are headings wherever they stand."""
    rows = list(_rows(pages))
    if not rows:
        return []
    norm = _norm(rows)
    hyphened = frozenset(HYPHENED.findall("\n".join(row.line.text for row in rows)))
    blocks = [Block(tuple(block), _joined(block, hyphened)) for block in _blocks(rows, norm)]
    blocks = [block for block in blocks if block.text]
    outlined = frozenset(_key(title) for title in titles) - {""}
    heads = [_is_heading(block, after, norm, outlined) for block, after in pairwise([*blocks, None]) if block]
    looks = sorted({_look(block) for block, head in zip(blocks, heads, strict=True) if head})
    levels = {look: min(6, level) for level, look in enumerate(looks, 1)}
    return [_passage(block, levels[_look(block)] if head else 0) for block, head in zip(blocks, heads, strict=True)]


def _rows(pages: Sequence[Page]) -> Iterator[Row]:
    """The lines of all pages, without page numbers and without what stands at the edge of most pages."""
    cut = [Page([line for line in page.lines if line.text.strip()], page.anchors) for page in pages]
    shapes = Counter(shape for page in cut for shape in {_shape(line) for line in _edge(page)})
    repeated = {shape for shape, count in shapes.items() if count > 2 and count > len(pages) // 2}
    for number, page in enumerate(cut):
        edge = {id(line) for line in _edge(page)}
        for line in page.lines:
            if id(line) not in edge or not (_shape(line) in repeated or PAGE_NUMBER.fullmatch(line.text)):
                yield Row(line, number, tuple(_links(line, page.anchors)))


def _edge(page: Page) -> list[Line]:
    """The lines at the top and at the bottom, by their place and in the order in which they are drawn."""
    falling = sorted(page.lines, key=lambda line: -line.y)
    return [*page.lines[:2], *page.lines[-2:], *falling[:2], *falling[-2:]]


def _shape(line: Line) -> str:
    """A line without its digits, so that page numbers do not tell running heads apart."""
    return re.sub(r"\d+", "0", line.text.strip())


def _links(line: Line, anchors: Iterable[Anchor]) -> Iterator[Link]:
    """The links that lie over a line, on the pieces that they cover, or on all of it where they cover a part of one."""
    for anchor in anchors:
        if anchor.bottom - 1 <= line.y <= anchor.top:
            covered = [piece.text for piece in line.pieces if anchor.left - 1 <= piece.x < anchor.right]
            text = clean("".join(covered)) or clean(line.text)
            if text:
                yield Link(text, anchor.url)


def _norm(rows: Sequence[Row]) -> Norm:
    """The looks of running text: what most signs have, and the smaller third of the steps between lines."""
    looks = Counter[tuple[float, bool]]()
    for row in rows:
        looks[row.line.size, row.line.bold] += len(row.line.text)
    (size, bold), _ = looks.most_common(1)[0]
    lengths = sorted(len(row.line.text) for row in rows)
    steps = sorted(filter(None, (_step(one, two) for one, two in pairwise(rows))))
    return Norm(size, bold, lengths[len(lengths) * 9 // 10], steps[len(steps) // 3] if steps else 0.0)


def _step(row: Row, after: Row) -> float:
    """How far the next line is below this one, in sizes of it; 0 where it is not below it, or looks different."""
    same = row.page == after.page and abs(row.line.size - after.line.size) < 0.1
    return max(0.0, (row.line.y - after.line.y) / row.line.size) if same and row.line.size else 0.0


def _blocks(rows: Sequence[Row], norm: Norm) -> Iterator[list[Row]]:
    """Lines joined while a sentence goes on."""
    block: list[Row] = []
    for row in rows:
        if block and _begins(block[-1], row, norm):
            yield block
            block = []
        block.append(row)
    yield block


def _begins(before: Row, row: Row, norm: Norm) -> bool:
    """Whether a line begins a new passage: by its sign or number, its looks, its distance, or how the last one ends."""
    one, two = before.line, row.line
    if abs(one.size - two.size) > 0.05 * max(one.size, two.size):
        return True
    step = _step(before, row)
    if step > 1.25 * norm.step > 0:
        return not (_is_large(two, norm) and step <= 1.5) or NEW_BLOCK.match(two.text) is not None
    large = _is_large(two, norm)
    if SIGN.match(two.text) or (_ends(one.text, norm.width) and not (large and step)):
        return True
    if NEW_BLOCK.match(two.text) and (large or CLAUSE_END.search(one.text)):
        return True
    return one.bold != two.bold and (len(one.text) <= norm.width * 0.85 or CLAUSE_END.search(one.text) is not None)


def _is_large(line: Line, norm: Norm) -> bool:
    return line.size >= norm.size * LARGER


def _ends(line: str, width: int) -> bool:
    """Whether a line is the last of its paragraph: it is short, or ends a sentence before the margin."""
    return len(line) <= width * (0.85 if line.endswith((".", ":", ";", "!", "?")) else 0.5)


def _joined(rows: Iterable[Row], hyphened: frozenset[str]) -> str:
    """The words of lines; a hyphen at a line's end stays where the word is written with one elsewhere."""

    def whole(found: re.Match[str]) -> str:
        first, rest = found[1], found[2]
        kept = first.lower() in KEEPS_HYPHEN or f"{first}-{rest}" in hyphened or not first[-1].islower()
        return f"{first}-" if kept else first

    return clean(HYPHEN.sub(whole, "\n".join(row.line.text for row in rows)))


def _is_heading(block: Block, after: Block | None, norm: Norm, outlined: frozenset[str]) -> bool:
    """Whether a block is a title: one in the outline, larger or bolder than the text, or a numbered one above a text.

    What reads like a sentence is none: a heading is not looked at for its meaning.
    """
    text = block.text
    if BULLET_SIGNS.match(text) or len(text) > LONGEST_TITLE or not any(map(str.isalpha, text)) or _is_row(block):
        return False
    if _key(text) in outlined:
        return True
    words = len(text.split())
    line = block.rows[0].line
    if _is_large(line, norm):
        return words <= 20 and not (CLAUSE_END.search(text) and words > 6)
    if words > 12 or PROMISE.search(text) or CLAUSE_END.search(text.rstrip(".") if words <= 4 else text):
        return False
    if line.bold and not norm.bold:
        return all(row.line.bold for row in block.rows)
    stands_above = after is not None and len(after.text) > A_TEXT and line.size >= norm.size * 0.95
    return stands_above and len(block.rows) == 1 and (NUMBER.match(text) is not None or _is_shouted(text))


def _is_row(block: Block) -> bool:
    """Whether words stand far apart in a line, as in a table; a number may stand apart from its title."""
    for row in block.rows:
        words = [piece for piece in row.line.pieces if any(map(str.isalpha, piece.text))]
        for one, two in pairwise(words):
            if two.x - one.x > (len(one.text) * 0.7 + 1) * one.size and abs(one.y - two.y) < one.size:
                return True
    return False


def _is_shouted(text: str) -> bool:
    return text.isupper() and sum(map(str.isalpha, text)) > 3


def _look(block: Block) -> tuple[float, bool, int]:
    """What tells the levels of headings apart, the highest first: size, weight, and how deep the number is."""
    line, number = block.rows[0].line, NUMBER.match(block.text)
    return -line.size, not line.bold, number[1].count(".") if number and number[1] else 0


def _key(title: str) -> str:
    """A title as it is looked up: letters and digits only."""
    return re.sub(r"[\W_]+", "", title).casefold()


def _passage(block: Block, level: int) -> Passage:
    """A heading of a level above 0; else a list item where the lines begin with a bullet, else a paragraph."""
    links = _links_of(block)
    if level:
        return Passage(Kind.HEADING, block.text, level, links)
    sign = BULLET_SIGNS.match(block.text)
    if sign or BULLET.match(block.rows[0].line.text):
        return Passage(Kind.ITEM, block.text[sign.end() :] if sign else block.text, 1, links)
    return Passage(Kind.PARAGRAPH, block.text, 0, links)


def _links_of(block: Block) -> tuple[Link, ...]:
    """The block's links; the parts of one that is wrapped are one."""
    found: list[Link] = []
    for link in (link for row in block.rows for link in row.links):
        if found and found[-1].url == link.url:
            link = Link(f"{found.pop().text} {link.text}", link.url)
        found.append(link)
    return tuple(found)
