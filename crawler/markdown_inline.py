"""Turns one block of Markdown into plain words and the links among them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from archive.words import Link
from crawler.plain import clean

TOKEN = re.compile(
    r"""(?=[\\`!\[\]<&*_~])(?:  # most characters begin none of these: told at once
      \\(?P<escaped>[!-/:-@\[-`{-~])
    | (?P<ticks>`+)(?P<code>[^`]+)(?P=ticks)
    | (?P<image>!\[[^\[\]\n]{0,1000}\]\((?:[^()\s\\]|\\.|\([^()\s]*\))*(?:\s+"[^"\n]*")?\))
    | (?P<open>\[)
    | \]\(\s?(?P<href><[^<>\n]*>|(?:[^()\s\\]|\\.|\((?:[^()\s\\]|\\.)*\))*)(?:\s+(?:"[^"\n]*"|'[^'\n]*'))?\s?\)
    | (?P<close>\])
    | <(?P<auto>(?:https?://|mailto:)[^\s<>]+)>
    | (?P<br><br\s*/?>)
    | (?P<tag></?(?:a|abbr|b|cite|code|del|div|em|font|i|img|ins|kbd|li|mark|ol|p|q|s|small|span|strong|sub|sup|u|ul)
        \b[^<>]*>)
    | (?P<entity>&\#?\w{2,31};)
    | (?P<sign>(?<!\S)\*(?!\S))
    | (?P<emphasis>\*+|~~|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)))
    """,
    re.VERBOSE,
)


def inline(text: str, target: Callable[[str], str]) -> tuple[str, tuple[Link, ...]]:
    """The words without markup, and the links with their absolute targets."""
    line = _Line(target)
    end = 0
    for token in TOKEN.finditer(text):
        line.parts.append(text[end : token.start()])
        line.take(token)
        end = token.end()
    return clean("".join([*line.parts, text[end:]])), tuple(line.links)


class _Line:
    """The words so far; `open` are the places of brackets that may turn out to begin a link."""

    def __init__(self, target: Callable[[str], str]) -> None:
        self.parts: list[str] = []
        self.links: list[Link] = []
        self._open: list[int] = []
        self._target = target

    def take(self, token: re.Match[str]) -> None:
        """Add what one piece of markup stands for."""
        kind = token.lastgroup or ""
        if kind == "open":
            self._open.append(len(self.parts))
            self.parts.append("[")
        elif kind == "href":
            self._end_link(token)
        elif kind == "auto":
            self._add_link(token["auto"], token["auto"])
        else:
            self.parts.append(_words(kind, token))
            if kind == "close" and self._open:
                self._open.pop()

    def _end_link(self, token: re.Match[str]) -> None:
        if not self._open:
            self.parts.append(token[0])
            return
        start = self._open.pop()
        self.parts[start] = ""
        text = clean("".join(self.parts[start:]))
        href = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", token["href"].strip("<>"))
        self._add_link("", href, text)

    def _add_link(self, shown: str, href: str, text: str = "") -> None:
        self.parts.append(shown)
        url = self._target(href)
        if url and (text or shown):
            self.links.append(Link(text or clean(shown), url))


def _words(kind: str, token: re.Match[str]) -> str:
    """What markup other than a link says to a reader."""
    if kind in ("escaped", "code", "sign"):
        return token[kind]
    if kind == "entity":
        return html.unescape(token[0])
    return {"br": " ", "close": "]"}.get(kind, "")
