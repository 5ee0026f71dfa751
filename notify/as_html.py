"""Writes a letter as HTML: what channels share of it. All texts are escaped here, and links lead to the web alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from itertools import groupby
from urllib.parse import urlsplit

from archive.words import Run
from notify.letter import Block, Fact, Item, Letter, Line, Quote


@dataclass(frozen=True, slots=True)
class Marks:
    """The elements, with their attributes, that mark what came and what went."""

    added: str = "ins"
    removed: str = "del"


def body(letter: Letter, marks: Marks | None = None) -> str:
    """The whole letter without its title, as a fragment of simple elements."""
    return html(letter.blocks, marks or Marks())


def html(blocks: Iterable[Block], marks: Marks) -> str:
    """Pieces of a letter; those of a list stand in one."""
    written = list[str]()
    for are_items, some in groupby(blocks, lambda block: isinstance(block, Item)):
        parts = [_written(block, marks) for block in some]
        written.append(f"<ul>{''.join(parts)}</ul>" if are_items else "\n".join(parts))
    return "\n".join(written)


def linked(words: str, url: str) -> str:
    """Words that lead to an address, where it is one of the web."""
    said = escape(words or url)
    return f'<a href="{escape(url)}">{said}</a>' if is_web(url) else said


def is_web(url: str) -> bool:
    """Whether an address may be followed: http and https only, with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def redline(quote: Quote, marks: Marks) -> str:
    """The page's words with what came and what went marked; nothing is marked where that is all of them."""
    if quote.is_whole:
        return escape("".join(segment.text for segment in quote.runs))
    elements = {Run.ADDED: marks.added, Run.REMOVED: marks.removed}
    return "".join(
        escape(one.text) if one.run is Run.KEPT else _element(elements[one.run], escape(one.text)) for one in quote.runs
    )


def _written(block: Block, marks: Marks) -> str:
    if isinstance(block, Quote):
        return f"<p>{escape(block.intro)}</p>\n<blockquote>{redline(block, marks)}</blockquote>"
    if isinstance(block, Fact):
        return f"<p><strong>{escape(block.name)}:</strong> {linked(block.text, block.url)}</p>"
    if isinstance(block, Item):
        return f"<li>{linked(block.text, block.url)}</li>"
    return f"<p>{_strong(linked(block.text, block.url), block)}</p>"


def _strong(said: str, line: Line) -> str:
    return f"<strong>{said}</strong>" if line.strong else said


def _element(start: str, said: str) -> str:
    """`start` may have attributes after the element's name."""
    return f"<{start}>{said}</{start.split()[0]}>"
