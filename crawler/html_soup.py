"""Turns a web page's text into BeautifulSoup's tree, for CSS selectors, and parts of that into ours, for reading."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from itertools import islice

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement
from bs4.exceptions import ParserRejectedMarkup

from archive.errors import ExtractionError
from crawler.html_names import DEAD
from crawler.html_tree import DEEP, Node, Page, Run, show_email


def parse(text: str) -> BeautifulSoup:
    """The page as a tree without scripts and styles. Nothing is loaded or run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that XHTML or a short text may be meant otherwise
            soup = BeautifulSoup(text.replace("\x00", ""), "lxml", multi_valued_attributes=None)
    except (ParserRejectedMarkup, ValueError, AssertionError) as error:
        raise ExtractionError("the page cannot be read as HTML") from error
    for dead in soup(["script", "style"]):
        dead.decompose()
    return soup


def base(soup: BeautifulSoup) -> str:
    """What relative links are relative to, as written in the page; "" if it says nothing."""
    tag = soup.find("base", href=True)
    return str(tag["href"]) if isinstance(tag, Tag) else ""


def page(soup: BeautifulSoup) -> Page:
    """The whole page as our tree."""
    return Page(_copied(soup.contents, Node("", {}, None)), base(soup))


def runs(found: Iterable[list[PageElement]]) -> list[Run]:
    """Runs of siblings as our nodes, with the tags around them."""
    known: dict[int, Node] = {}
    result = []
    for nodes in found:
        around = _around(nodes[0], known)
        inside = Node(around.name, around.attrs, around.parent)
        _copied(nodes, inside)
        result.append(Run(inside, inside.contents))
    return result


def _around(node: PageElement, known: dict[int, Node]) -> Node:
    """The tag around a node as ours, with those around it. `known` are the ones made before, by the tag's identity."""
    made: Node = Node("", {}, None)
    for tag in reversed(list(islice(node.parents, DEEP))):
        if id(tag) not in known:
            known[id(tag)] = Node(tag.name, _attributes(tag), made)
        made = known[id(tag)]
    return made


def _copied(nodes: list[PageElement], root: Node) -> list[Node]:
    """The root, with copies of the nodes now in it, and every tag in it in their order, however deep their trees."""
    waiting, found = [(iter(nodes), root)], [root]
    while waiting:
        elements, parent = waiting[-1]
        for element in elements:
            if isinstance(element, Tag):
                if element.name in DEAD:
                    continue
                inner = Node(element.name, _attributes(element), parent)
                parent.contents.append(inner)
                found.append(inner)
                waiting.append((iter(element.contents), inner))
                break
            if type(element) is NavigableString:  # its subclasses are comments, doctypes and the like
                parent.contents.append(str(element))
        else:
            show_email(parent)
            waiting.pop()
    return found


def _attributes(tag: Tag) -> dict[str, str]:
    return {name: value if isinstance(value, str) else " ".join(value) for name, value in tag.attrs.items()}
