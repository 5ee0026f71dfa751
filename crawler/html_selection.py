"""Turns a declaration's selectors and ranges into the parts of a page's tree that they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice

import soupsieve
from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement

from archive.errors import ExtractionError
from crawler import html_soup
from crawler.declaration import Range, Selector
from crawler.html_tree import DEEP, Run


def check_selector(css: str) -> None:
    """Raise ValueError, saying what is wrong in one line, unless the text is a CSS selector that can be used."""
    try:
        soupsieve.compile(css)
    except (soupsieve.SelectorSyntaxError, NotImplementedError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it is empty"
        raise ValueError(f"'{css}' is not a CSS selector: {reason}") from error


def remove(soup: BeautifulSoup, selectors: Iterable[Selector]) -> None:
    """Take out of the tree what the selectors match. All are looked up first, as if the page were still whole."""
    single = [selector for selector in selectors if isinstance(selector, str)]
    ranges = [selector for selector in selectors if isinstance(selector, Range)]
    doomed: list[PageElement] = [node for wanted in ranges for run in _ranged(soup, wanted) for node in run]
    doomed += _matches(soup, *single) if single else []
    for node in reversed(doomed):  # from within: what holds others is walked through to its end
        node.extract()


def select(soup: BeautifulSoup, selectors: Iterable[Selector]) -> list[Run]:
    """Runs of siblings that the selectors name, in the selectors' order; nothing is taken twice."""
    runs: list[list[PageElement]] = []
    for selector in selectors:
        found: list[list[PageElement]] = (
            _ranged(soup, selector) if isinstance(selector, Range) else [[tag] for tag in _matches(soup, selector)]
        )
        if not found:
            raise ExtractionError(f"the selector '{describe(selector)}' matches nothing")
        runs += found
    return html_soup.runs(_outermost(runs))


def describe(selector: Selector) -> str:
    """A selector as a person would name it."""
    return selector if isinstance(selector, str) else f"{selector.start} … {selector.end}"


def _matches(soup: BeautifulSoup, *selectors: str) -> list[Tag]:
    """The tags that any of the selectors matches, in document order; looked for in one go, which is much faster."""
    try:
        for css in selectors:
            check_selector(css)
        return list(soupsieve.select(", ".join(selectors), soup))
    except ValueError as error:
        raise ExtractionError(str(error)) from error


def _ranged(soup: BeautifulSoup, wanted: Range) -> list[list[PageElement]]:
    """The largest nodes that lie wholly inside the range, siblings together."""
    start, end = _first(soup, wanted, wanted.start), _first(soup, wanted, wanted.end)
    nodes = list(_between(start, end, wanted))
    return [list(run) for _, run in groupby(nodes, key=lambda node: id(node.parent))]


def _first(soup: BeautifulSoup, wanted: Range, css: str) -> Tag:
    found = _matches(soup, css)
    if not found:
        raise ExtractionError(f"the range '{describe(wanted)}' has no border: '{css}' matches nothing")
    return found[0]


def _between(start: Tag, end: Tag, wanted: Range) -> Iterator[PageElement]:
    """Nodes from the start on; one that holds the end is opened, so that only its first part is taken."""
    holders = {id(tag) for tag in end.parents}
    node = start if wanted.start_included and id(start) not in holders else _after(start, wanted.start_included)
    while node is not None:
        if node is end:
            if wanted.end_included:
                yield node
            return
        if id(node) in holders:
            node = node.next_element
        else:
            yield node
            node = _after(node)
    raise ExtractionError(f"the range '{describe(wanted)}' holds nothing: it ends before it begins")


def _after(node: PageElement, inside: bool = False) -> PageElement | None:
    """The next node in document order, inside this one or past all that it holds."""
    if inside:
        return node.next_element
    last: PageElement | None = node
    while isinstance(last, Tag) and last.contents:
        last = last.contents[-1]
    return last.next_element if last is not None else None


def _outermost(runs: list[list[PageElement]]) -> list[list[PageElement]]:
    """Without what stands inside something else that was selected, and without repeats."""
    chosen = {id(node) for run in runs for node in run}
    seen: set[int] = set()
    kept = [[node for node in run if not _repeated(node, chosen, seen)] for run in runs]
    return [run for run in kept if run]


def _repeated(node: PageElement, chosen: set[int], seen: set[int]) -> bool:
    if id(node) in seen or any(id(parent) in chosen for parent in islice(node.parents, DEEP)):
        return True
    seen.add(id(node))
    return False
