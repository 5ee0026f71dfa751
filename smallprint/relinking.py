"""Turns a page of the site into one that works as a file: its links lead to other files, or are plain text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from html.parser import HTMLParser
from urllib.parse import SplitResult, urlsplit

Attributes = Sequence[tuple[str, str | None]]
Find = Callable[[str], str | None]

HOLDS = {"a": "href", "area": "href", "link": "href", "use": "href", "script": "src", "img": "src"}
EMPTY = {"area", "img", "link", "meta"}  # elements that have no end
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
)


def relinked(html: str, find: Find, here: str) -> str:
    """The page, with a policy in its head that stands for the header which a folder of files cannot send.

    `find` gives where the page with an address of the site is found from this one, None if it is not published. `here`
    is the page's own full address, "" if nobody knows it: then nothing is said of it.
    """
    writer = _Writer(find, here)
    writer.feed(html)
    writer.close()
    return "".join(writer.written)


class _Writer(HTMLParser):
    """Writes what it reads, letter by letter, but for the tags that hold links. Forms, which need a server, go."""

    def __init__(self, find: Find, here: str) -> None:
        super().__init__(convert_charrefs=False)
        self.written: list[str] = []
        self._find, self._here = find, here
        self._dropped: list[str] = []  # names of elements without their tags, the innermost last
        self._hidden = 0  # forms we are in

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if tag == "form":
            self._hidden += 1
            return
        text = self._tag(tag, attrs)
        self._write(text)
        if not text and tag not in EMPTY:
            self._dropped.append(tag)
        if tag == "head":
            self._write(f'\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">')

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self._write(self._tag(tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._hidden -= 1
        elif self._dropped and self._dropped[-1] == tag:
            self._dropped.pop()
        else:
            self._write(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._write(data)

    def handle_entityref(self, name: str) -> None:
        self._write(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._write(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._write(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._write(f"<!{decl}>")

    def _write(self, text: str) -> None:
        if not self._hidden:
            self.written.append(text)

    def _tag(self, tag: str, attrs: Attributes) -> str:
        """A start tag as it is to be written, "" if it goes."""
        given = dict(attrs)
        if given.get("rel") == "canonical" or given.get("property") == "og:url":
            name = "href" if tag == "link" else "content"
            return _written(tag, given | {name: self._here}) if self._here else ""
        holder = HOLDS.get(tag)
        address = given.get(holder) if holder else None
        if holder is None or address is None or not _is_ours(parts := urlsplit(address)):
            return self.get_starttag_text() or ""
        found = self._find(_whole(parts))
        return (
            _written(tag, given | {holder: found + (f"#{parts.fragment}" if parts.fragment else "")}) if found else ""
        )


def _is_ours(parts: SplitResult) -> bool:
    """Whether it is an address of the site; "#part" is one in any place."""
    return not parts.scheme and not parts.netloc and bool(parts.path or parts.query)


def _whole(parts: SplitResult) -> str:
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _written(tag: str, attributes: dict[str, str | None]) -> str:
    held = [name if value is None else f'{name}="{escape(value)}"' for name, value in attributes.items()]
    return f"<{' '.join([tag, *held])}>"
