"""Writes a letter as plain text: for the console, for mails beside their HTML, and for channels without formatting."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from archive.frames import Frame
from notify.letter import Block, Fact, Item, Letter, Line, Quote, marked


def body(letter: Letter) -> str:
    """The whole letter without its title; parts are apart by an empty line."""
    return text(letter.blocks, letter.frame)


def text(blocks: Iterable[Block], frame: Frame) -> str:
    """Pieces of a letter, one after the other."""
    return joined(blocks, lambda block: _written(block, frame))


def joined(blocks: Iterable[Block], write: Callable[[Block], str]) -> str:
    """Pieces as they are written, with an empty line between those of different kinds and around quotes."""
    written, before = list[str](), None
    for block in blocks:
        heads = isinstance(block, Quote) or (isinstance(block, Line) and block.strong)
        apart = before is not None and (type(block) is not type(before) or heads)
        lists = {type(block), type(before)} == {Item, Line} and not heads
        written += [""] * (apart and not lists) + [write(block)]
        before = block
    return "\n".join(written)


def _written(block: Block, frame: Frame) -> str:
    if isinstance(block, Quote):
        return f"{block.intro}\n  “{marked(block, frame)}”"
    if isinstance(block, Fact):
        return f"{block.name}: {_with_address(block.text, block.url)}"
    return f"{'  ' * isinstance(block, Item)}{_with_address(block.text, block.url)}"


def _with_address(words: str, url: str) -> str:
    return words if not url or url in words else f"{words}: {url}" if words else url
