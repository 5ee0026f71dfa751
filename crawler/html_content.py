"""Turns a page's tree into its main content: what holds nearly all running text, without what is the site's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from crawler.html_chrome import A_PART, ENOUGH, Place, is_chrome, is_control, is_wordless
from crawler.html_measure import Measures, leave_out, measure
from crawler.html_tree import Node

NEARLY_ALL = 0.95
ARTICLES = frozenset(["main", "article", "section"])


def main_content(nodes: list[Node]) -> tuple[Node, Callable[[Node], bool]]:
    """The tag that holds the document, of a page's tags in their order, and whether to leave out a tag inside it."""
    start = next((number for number, node in enumerate(nodes) if node.name == "body"), 0)
    page, measures = nodes[start], measure(nodes[start:])
    chrome, mains = _chrome(page, measures)
    leave_out(measures, chrome)
    best = _main(page, mains, measures)
    chrome.update(_beside_the_text(best, measures, chrome))
    return best, lambda tag: tag in chrome or is_control(tag)


def _chrome(page: Node, measures: Measures) -> tuple[set[Node], list[Node]]:
    """The outermost tags that are the site's, and the `main` elements outside them."""
    chrome, mains = set[Node](), list[Node]()
    has_main = any(_is_main(node) and figures.told >= ENOUGH for node, figures in measures.items())
    waiting = [(page, Place(in_article=False, beside_main=has_main))]
    while waiting:
        node, place = waiting.pop()
        if is_chrome(node, measures[node], measures[page], place):
            chrome.add(node)
            continue
        if _is_main(node):
            mains.append(node)
            place = Place(in_article=True, beside_main=False)
        elif node.name in ARTICLES:
            place = Place(in_article=True, beside_main=place.beside_main)
        waiting += [(tag, place) for tag in reversed(node.tags) if measures[tag].total]
    return chrome, mains


def _main(page: Node, mains: list[Node], measures: Measures) -> Node:
    """The `main` element that holds most text, if that is a good part of the page's, else the page."""
    best = max(mains, key=lambda node: measures[node].running, default=page)
    return best if measures[best].running >= A_PART * measures[page].running else page


def _is_main(node: Node) -> bool:
    return node.name == "main" or node.attrs.get("role") == "main"


def _beside_the_text(root: Node, measures: Measures, chrome: set[Node]) -> Iterator[Node]:
    """What stands beside the one child that holds nearly all running text, on each level, and is no text itself."""
    while inner := _holder(root, measures, chrome):
        for tag in root.tags:
            if tag is not inner and tag not in chrome and is_wordless(measures[tag]):
                yield tag
        root = inner


def _holder(node: Node, measures: Measures, chrome: set[Node]) -> Node | None:
    """The child that holds nearly all of the tag's running text."""
    least = measures[node].running * NEARLY_ALL
    tags = [tag for tag in node.tags if tag not in chrome]
    return next((tag for tag in tags if least and measures[tag].running >= least), None)
