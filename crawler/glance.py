"""Turns a page's HTML into what is seen of it at a glance: its title, headings, lines, buttons, and what it asks for.

It looks at tags one by one and builds no tree, so that a page made to be costly costs no more than its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import NamedTuple

MOST = 2**21  # characters that are looked at
TOKEN = re.compile(r"<!--|<(/?)([a-zA-Z][a-zA-Z0-9:-]*)([^<>]*)>?")
ATTRIBUTE = re.compile(r"""(?<![a-zA-Z-])([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
TAG = re.compile(r"<[^<>]*>")
HIDDEN = frozenset(["script", "style", "template", "svg", "textarea", "select", "iframe", "title", "noscript"])
CLOSING = {name: re.compile(rf"</{name}\b[^<>]*>?", re.IGNORECASE) for name in HIDDEN}
INLINE = frozenset(
    ["a", "b", "i", "em", "strong", "span", "u", "small", "sup", "sub", "font", "code", "abbr", "mark", "time", "wbr"]
)
HEADINGS = frozenset(["h1", "h2"])
DATA = re.compile(r"json|template|text/plain", re.IGNORECASE)  # types of scripts that nothing runs


@dataclass(frozen=True, slots=True)
class Glance:
    """What is seen of a page: `lines` are its visible text, `headings` those of the first two levels among them."""

    title: str = ""
    headings: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    noscript: str = ""  # what it says where no script runs
    asks_password: bool = False
    runs_scripts: bool = False


def glance(text: str) -> Glance:
    """What is seen of a page."""
    return _Reader().read(text[:MOST])


class _Token(NamedTuple):
    """A tag with the text before it. `content` is what a tag holds whose content is not seen."""

    before: str
    name: str = ""
    attributes: str = ""
    closes: bool = False
    content: str | None = None


class _Reader:
    """Collects what is seen while the tags go by."""

    def __init__(self) -> None:
        self._line: list[str] = []
        self._within = set[str]()  # which of headings and buttons are open
        self._title, self._noscript = "", list[str]()
        self._lines, self._headings, self._buttons = list[str](), list[str](), list[str]()
        self._password = self._scripts = False

    def read(self, text: str) -> Glance:
        """What was seen, at the end."""
        for token in _tokens(text):
            self._line.append(token.before)
            if token.content is not None:
                self._hidden(token, token.content)
            elif token.name == "input":
                self._input(_named(token.attributes))
            elif token.name not in INLINE:
                self._end_line(token)
        seen = (tuple(self._headings), tuple(self._lines), tuple(self._buttons), " ".join(self._noscript))
        return Glance(self._title, *seen, self._password, self._scripts)

    def _end_line(self, token: _Token) -> None:
        line, self._line = _plain("".join(self._line)), []
        if line:
            self._lines.append(line)
            if "button" in self._within:
                self._buttons.append(line)
            if self._within & HEADINGS:
                self._headings.append(line)
        if token.closes:
            self._within.discard(token.name)
        elif token.name in HEADINGS or token.name == "button":
            self._within.add(token.name)

    def _hidden(self, token: _Token, content: str) -> None:
        if token.name == "title":
            self._title = self._title or _plain(content)
        elif token.name == "noscript":
            self._noscript.append(_plain(TAG.sub(" ", content)))
        elif token.name == "script":
            self._scripts = self._scripts or not DATA.search(_named(token.attributes).get("type", ""))

    def _input(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("type", "").lower()
        self._password = self._password or kind == "password"
        if kind in ("submit", "button"):
            self._buttons.append(_plain(attributes.get("value", "")))


def _tokens(text: str) -> Iterator[_Token]:
    """Every tag, then what is left; comments are passed over."""
    place = 0
    while found := TOKEN.search(text, place):
        before, place = text[place : found.start()], found.end()
        name = (found[2] or "").lower()
        if not name:
            place = _after(text, text.find("-->", place), 3)
            yield _Token(before, "span")
        elif name in HIDDEN and not found[1]:
            closing = CLOSING[name].search(text, place)
            start, place = place, closing.end() if closing else len(text)
            yield _Token(before, name, found[3], content=text[start : closing.start() if closing else place])
        else:
            yield _Token(before, name, found[3], bool(found[1]))
    yield _Token(text[place:])


def _after(text: str, place: int, length: int) -> int:
    return len(text) if place < 0 else place + length


def _named(attributes: str) -> dict[str, str]:
    return {name.lower(): unescape(a or b or c) for name, a, b, c in ATTRIBUTE.findall(attributes)}


def _plain(text: str) -> str:
    return " ".join(unescape(text).split())
