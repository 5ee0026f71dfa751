"""Turns one block of Markdown into plain words and the links among them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from archive.words import Link
from crawler.plain import clean

# Every alternative begins with the character itself and looks back from there: so the search passes over all other
# characters at once. What no group names says nothing. Runs of signs are taken whole, or each sign would go through
# the rest of its run again.
HREF = r"""\]\(\s?(?P<{0}><[^<>\n]*>|(?:[^()\s\\]++|\\.|\((?:[^()\s\\]++|\\.)*\))*)
        (?:\s+(?:"[^"\n]*"|'[^'\n]*'))?\s?\)"""
TOKEN = re.compile(
    rf"""\\(?P<escaped>[!-/:-@\[-`{{-~])
    | `(?P<ticks>`*+)(?P<code>[^`]++)`(?P=ticks)
    | ``*+[^`]++``*+(?P<uneven>)
    | ``*+(?P<run>)
    | !\[[^\[\]\n]{{0,1000}}\]\((?:[^()\s\\]++|\\.|\([^()\s]*\))*(?:\s+"[^"\n]*")?\)
    | \[(?P<words>[^\\`!\[\]<&*_~]*+){HREF.format("url")}
    | \[(?P<open>)
    | {HREF.format("href")}
    | \](?P<close>)
    | <(?P<auto>(?:https?://|mailto:)[^\s<>]+)>
    | <br\s*/?>(?P<br>)
    | </?(?:a|abbr|b|cite|code|del|div|em|font|i|img|ins|kbd|li|mark|ol|p|q|s|small|span|strong|sub|sup|u|ul)\b[^<>]*>
    | &(?P<entity>\#?\w{{2,31}};)
    | \*(?<!\S\*)(?!\S)(?P<sign>)
    | \*\**+
    | ~~
    | _(?<!\w_)_*(?=\S)
    | _(?<=\S_)(?:(?<![^\\]__)_*+|(?!_))(?!\w)
    """,
    re.VERBOSE,
)
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
MARKUP = re.compile(r"[\\`!\[\]<&*_~]")
WORDS = {"br": " ", "close": "]", "sign": "*"}
MOST_OPEN = 100  # brackets inside each other: those further out are only brackets, or each would repeat all within


def inline(text: str, target: Callable[[str], str]) -> tuple[str, tuple[Link, ...]]:
    """The words without markup, and the links with their absolute targets."""
    if not MARKUP.search(text):
        return clean(text), ()
    line = _Line(target)
    parts = line.parts
    end = 0
    for token in TOKEN.finditer(text):
        start, stop = token.span()
        if start > end:
            parts.append(text[end:start])
        end = stop
        if token.lastgroup:  # all other signs say nothing
            line.take(token.lastgroup, token)
    parts.append(text[end:])
    return clean("".join(parts)), tuple(line.links)


class _Line:
    """The words so far; `open` are the places of brackets that may turn out to begin a link."""

    def __init__(self, target: Callable[[str], str]) -> None:
        self.parts: list[str] = []
        self.links: list[Link] = []
        self._open: list[int] = []
        self._target = target

    def take(self, kind: str, token: re.Match[str]) -> None:
        """Add what one piece of markup stands for."""
        if kind == "url":
            self.parts.append(token["words"])
            self._add_link(clean(token["words"]), _address(token["url"]))
        elif kind == "open":
            self._open = [*self._open[1 - MOST_OPEN :], len(self.parts)]
            self.parts.append("[")
        elif kind == "href":
            self._end_link(token)
        elif kind == "auto":
            self.parts.append(token["auto"])
            self._add_link(clean(token["auto"]), token["auto"])
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
        self._add_link(clean("".join(self.parts[start:])), _address(token["href"]))

    def _add_link(self, text: str, href: str) -> None:
        url = self._target(href)
        if url and text:
            self.links.append(Link(text, url))


def _address(href: str) -> str:
    """A link's target without the signs around it and before its own signs."""
    href = href.strip("<>")
    return ESCAPED.sub(r"\1", href) if "\\" in href else href


def _words(kind: str, token: re.Match[str]) -> str:
    """What markup other than a link says to a reader."""
    if kind in ("escaped", "code"):
        return token[kind]
    if kind == "entity":
        return html.unescape(token[0])
    if kind == "uneven":  # as many signs as end the code begin it: those before them stand for themselves
        length = len(token[0]) - len(token[0].rstrip("`"))
        return token[0][length:-length]
    return WORDS.get(kind, token[0])
