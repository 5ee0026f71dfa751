"""Turns a web page's text into a tree, and a tree into the order in which a reader meets its parts."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement
from bs4.exceptions import ParserRejectedMarkup

from archive.errors import ExtractionError
from crawler.html_links import cloudflare_email

DEEP = 300  # ancestors that are looked at: no real page nests deeper, and one made to does not cost us minutes


def parse(text: str) -> BeautifulSoup:
    """The page as a tree without scripts and styles, e-mail addresses readable. Nothing is loaded or run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that XHTML or a short text may be meant otherwise
            soup = BeautifulSoup(text.replace("\x00", ""), "lxml", multi_valued_attributes=None)
    except (ParserRejectedMarkup, ValueError, AssertionError) as error:
        raise ExtractionError("the page cannot be read as HTML") from error
    for dead in soup(["script", "style"]):
        dead.decompose()
    if "data-cfemail" in text:
        _show_emails(soup)
    return soup


def walk(
    nodes: Iterable[PageElement], skip: Callable[[Tag], bool] = lambda tag: False
) -> Iterator[tuple[PageElement, bool]]:
    """Each node on entering (True) and each tag on leaving (False), in document order, however deep the tree."""
    levels: list[tuple[Tag | None, Iterator[PageElement]]] = [(None, iter(list(nodes)))]
    while levels:
        parent, siblings = levels[-1]
        node = next(siblings, None)
        if node is None:
            levels.pop()
            if parent is not None:
                yield parent, False
        elif not isinstance(node, Tag):
            yield node, True
        elif not skip(node):
            yield node, True
            levels.append((node, iter(node.contents)))


def attribute(tag: Tag, name: str) -> str:
    """An attribute's text, "" where it is missing."""
    value = tag.attrs.get(name, "")
    return value if isinstance(value, str) else " ".join(value)


def _show_emails(soup: BeautifulSoup) -> None:
    for tag in soup.select("[data-cfemail]"):
        email = cloudflare_email(attribute(tag, "data-cfemail"))
        if email:
            tag.string = email
