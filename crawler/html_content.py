"""Turns a page's tree into its main content: what holds nearly all running text, without what is the site's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from bs4 import BeautifulSoup, Tag

from archive.words import Passage
from crawler.html_chrome import A_PART, ENOUGH, Place, is_chrome, is_control, is_wordless
from crawler.html_measure import Measures, measure
from crawler.html_names import DEAD
from crawler.html_tree import walk

NEARLY_ALL = 0.95
ARTICLES = frozenset(["main", "article", "section"])
IDLE = re.compile(
    r"(skip|jump) to (main )?content|(back|return|scroll) to (the )?top|did this (answer your question|help)\W*"
    r"|(was|is) this (page|article|information|answer|content)? ?helpful\W*|print( this page)?|copy link"
    r"|share( this (page|article))?|on this page|in this article"
    r"|search\W*|search for articles\W*|loading\W*|all collections|home",
    re.IGNORECASE,
)


def main_content(soup: BeautifulSoup) -> tuple[Tag, Callable[[Tag], bool]]:
    """The tag that holds the document, and whether to leave out a tag inside it."""
    page = soup.body or soup
    chrome = _chrome(page, measure(page, lambda tag: tag.name in DEAD))
    content = measure(page, lambda tag: tag.name in DEAD or id(tag) in chrome)
    root = _main(page, content)
    chrome.update(id(tag) for tag in _beside_the_text(root, content))
    return root, lambda tag: id(tag) in chrome or is_control(tag)


def without_idle(found: Iterable[Passage]) -> list[Passage]:
    """The passages without the lines that only serve the page's reading, such as "Back to top"."""
    return [passage for passage in found if not IDLE.fullmatch(passage.text)]


def _chrome(page: Tag, measures: Measures) -> set[int]:
    """The identities of the outermost tags that are the site's."""
    chrome: set[int] = set()
    has_main = any(measures[id(tag)].told >= ENOUGH for tag in page.find_all(_is_main) if id(tag) in measures)
    mains = articles = 0

    def passed_over(tag: Tag) -> bool:
        place = Place(articles > 0, has_main and not mains)
        if id(tag) not in measures or is_chrome(tag, measures[id(tag)], measures[id(page)], place):
            chrome.add(id(tag))
        return id(tag) in chrome

    for node, entering in walk([page], passed_over):
        if isinstance(node, Tag):
            step = 1 if entering else -1
            mains += step * _is_main(node)
            articles += step * (node.name in ARTICLES)
    return chrome


def _main(page: Tag, content: Measures) -> Tag:
    """The `main` element that holds most text, if that is a good part of the page's, else the page."""
    mains = [tag for tag in page.find_all(_is_main) if id(tag) in content]
    best = max(mains, key=lambda tag: content[id(tag)].running, default=page)
    return best if content[id(best)].running >= A_PART * content[id(page)].running else page


def _is_main(tag: Tag) -> bool:
    return tag.name == "main" or tag.attrs.get("role") == "main"


def _beside_the_text(root: Tag, content: Measures) -> Iterator[Tag]:
    """What stands beside the one child that holds nearly all running text, on each level, and is no text itself."""
    while inner := _holder(root, content):
        for tag in root.find_all(True, recursive=False):
            if tag is not inner and id(tag) in content and is_wordless(content[id(tag)]):
                yield tag
        root = inner


def _holder(tag: Tag, content: Measures) -> Tag | None:
    """The child that holds nearly all of the tag's running text."""
    least = content[id(tag)].running * NEARLY_ALL
    children = [child for child in tag.find_all(True, recursive=False) if id(child) in content]
    return next((child for child in children if least and content[id(child)].running >= least), None)
