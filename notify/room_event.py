"""Writes a letter as the content of an event in a room of Matrix: text, and HTML with the redline; never too long."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import Any

from archive.words import Segment
from notify import as_html, as_text
from notify.as_html import Marks
from notify.harmless import rewritten, unlinked
from notify.letter import Block, Letter, Line, Quote

MOST = 60_000  # bytes of a content; with what the server adds, an event may have 65,536
MARKS = Marks(added="u", removed="del")  # clients drop <ins>: it is not among the elements that Matrix lists
LONGEST_LINK = 2_000
SHORTER = (10_000, 2_000, 500)  # characters of a quote, where all of it is too long


def content(letter: Letter, kind: str = "m.notice") -> dict[str, Any]:
    """The content of an m.room.message. It mentions nobody, whatever the page says.

    Of a letter that is too long, first the HTML is left out, then quotes are cut, then the end; the text says so.
    """
    words = rewritten(letter, unlinked)
    html = f"<h4>{escape(words.title)}</h4>\n{as_html.body(words, MARKS)}"
    whole = _content(_text(words, words.blocks), kind)
    full = whole | {"format": "org.matrix.custom.html", "formatted_body": html}
    for some in (full, whole, *(_content(_text(words, _cut(words, most)), kind) for most in SHORTER)):
        if _size(some) <= MOST:
            return some
    return _content(_bounded(words, _text(words, _cut(words, SHORTER[-1]))), kind)


def _content(body: str, kind: str) -> dict[str, Any]:
    return {"msgtype": kind, "body": body, "m.mentions": {}}


def _size(some: dict[str, Any]) -> int:
    return len(json.dumps(some, ensure_ascii=False).encode())


def _text(letter: Letter, blocks: tuple[Block, ...]) -> str:
    return f"{letter.title}\n\n{as_text.text(blocks, letter.frame)}"


def _cut(letter: Letter, most: int) -> tuple[Block, ...]:
    """The blocks of a letter with quotes of at most so many characters; below one that is cut, a line says so."""

    def shorter() -> Iterator[Block]:
        for block in letter.blocks:
            length = sum(len(run.text) for run in block.runs) if isinstance(block, Quote) else 0
            yield replace(block, runs=tuple(_start(block, most))) if isinstance(block, Quote) else block
            if length > most:
                yield Line(letter.frame.say("message", "cut", shown=most, length=length))

    return tuple(shorter())


def _start(quote: Quote, most: int) -> Iterator[Segment]:
    for run in quote.runs:
        yield replace(run, text=run.text[:most])
        most = max(0, most - len(run.text))


def _bounded(letter: Letter, text: str) -> str:
    """The start of a text, with how much of it that is, where to read on, and the message's name."""
    say, start = letter.frame.say, text[: MOST // 5]  # a character has four bytes at most
    lines = [start, say("message", "cut", shown=len(start), length=len(text))]
    if as_html.is_web(letter.url) and len(letter.url) < LONGEST_LINK:
        lines.append(say("message", "read_on", url=letter.url))
    if letter.reference:
        lines.append(f"{say('message', 'reference')}: {letter.reference}")
    return "\n".join(lines)
