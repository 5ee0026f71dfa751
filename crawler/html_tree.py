"""Turns a web page's text into a light tree of what could be words of a document; nothing is loaded or run.

lxml reads the page, which is fast, and of its tree only that part is copied which a reader could see: most of a page's
bytes are scripts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lxml import etree

from archive.errors import ExtractionError
from crawler.html_links import cloudflare_email
from crawler.html_names import DEAD, role_name

DEEP = 300  # ancestors that are looked at: no real page nests deeper, and one made to does not cost us minutes


class Node:
    """One tag: its name, the name of the tag whose part it plays, its attributes, and the tags and texts in it."""

    __slots__ = ("attrs", "contents", "name", "parent", "plays")

    def __init__(self, name: str, attrs: dict[str, str], parent: Node | None) -> None:
        self.name = name
        self.attrs = attrs
        self.parent = parent
        self.contents: list[Node | str] = []
        self.plays = role_name(name, attrs) if "role" in attrs else name

    @property
    def tags(self) -> list[Node]:
        """The tags right inside this one."""
        return [child for child in self.contents if not isinstance(child, str)]

    def parents(self, most: int = DEEP) -> list[Node]:
        """The tags around this one, the nearest first."""
        found = list[Node]()
        node = self.parent
        while node is not None and len(found) < most:
            found.append(node)
            node = node.parent
        return found


class Page(NamedTuple):
    """A page: its tags in their order, of which the first holds all others, and where its relative links begin.

    `base` is as written there; "" if the page says nothing.
    """

    nodes: list[Node]
    base: str

    @property
    def root(self) -> Node:
        """What holds the whole page."""
        return self.nodes[0]

    def release(self) -> None:
        """Lets the tags go at once when nobody needs them: they hold each other, and would wait to be collected."""
        for node in self.nodes:
            node.parent = None


class Run(NamedTuple):
    """Siblings that are read together, and the tag around them."""

    around: Node | None
    nodes: list[Node | str]


def parse(text: str) -> Page:
    """The page without scripts, styles and the like, e-mail addresses readable. ExtractionError: there is no tree."""
    planter = _Planter()
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, target=planter)
    try:
        etree.fromstring(text.replace("\x00", "").encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ExtractionError("the page cannot be read as HTML") from error
    return Page(planter.nodes, planter.base)


class _Planter:
    """Hears of tags and texts from lxml's parser, in the order of the page, and makes nodes of what is not dead."""

    def __init__(self) -> None:
        self._here = Node("", {}, None)
        self.nodes = [self._here]
        self.base = ""
        self._dead = 0  # how many tags deep in what nobody reads
        self._texts: list[str] = []

    def start(self, name: str, attrs: dict[str, str]) -> None:
        """A tag begins."""
        if self._dead or name in DEAD:
            self._dead += 1
            if name == "base" and not self.base:
                self.base = attrs.get("href", "")
            return
        self._end_text()
        inner = Node(name, attrs or {}, self._here)  # lxml's empty mapping is slow to ask
        self._here.contents.append(inner)
        self.nodes.append(inner)
        self._here = inner

    def end(self, name: str) -> None:
        """A tag ends."""
        if self._dead:
            self._dead -= 1
            return
        self._end_text()
        show_email(self._here)
        self._here = self._here.parent or self.nodes[0]

    def data(self, text: str) -> None:
        """A text, or a part of one."""
        if not self._dead:
            self._texts.append(text)

    def close(self) -> None:
        """The page ends."""
        self._end_text()

    def _end_text(self) -> None:
        if self._texts:
            self._here.contents.append("".join(self._texts))
            self._texts.clear()


def show_email(node: Node) -> None:
    """Put the e-mail address into a tag that stands for a hidden one."""
    if "data-cfemail" in node.attrs:
        email = cloudflare_email(node.attrs["data-cfemail"])
        node.contents = [email] if email else node.contents


def walk(
    nodes: Iterable[Node | str], skip: Callable[[Node], bool] = lambda tag: False
) -> Iterator[tuple[Node | str, bool]]:
    """Each node on entering (True) and each tag on leaving (False), in document order, however deep the tree."""
    levels: list[tuple[Node | None, Iterator[Node | str]]] = [(None, iter(list(nodes)))]
    while levels:
        parent, siblings = levels[-1]
        for node in siblings:
            if isinstance(node, str):
                yield node, True
            elif not skip(node):
                yield node, True
                levels.append((node, iter(node.contents)))
                break
        else:
            levels.pop()
            if parent is not None:
                yield parent, False
