"""Turns a page's tree into figures for each tag: how much of its text runs on, and how much is links and controls."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bs4.element import NavigableString, PageElement, Tag

from crawler.html_tree import attribute, walk

SENTENCE = 40  # bytes of UTF-8 from which a text reads like a sentence and not like a label, in any script
YEAR = re.compile(r"\b(19|20)\d\d\b")
CONTROLS = frozenset(["button", "input", "select", "textarea"])


@dataclass(slots=True)
class Figures:
    """What one tag holds. Characters: in all, in links that lead away, in sentences; then how many of what."""

    total: int = 0
    linked: int = 0
    running: int = 0
    texts: int = 0
    controls: int = 0
    headings: int = 0
    dates: int = 0
    title: bool = False

    @property
    def link_share(self) -> float:
        """How much of the text is links to other pages, from 0 to 1."""
        return self.linked / self.total if self.total else 0.0

    @property
    def told(self) -> int:
        """Characters that are not in links."""
        return self.total - self.linked

    def add(self, inner: Figures) -> None:
        """Count what an inner tag holds."""
        self.total += inner.total
        self.linked += inner.linked
        self.running += inner.running
        self.texts += inner.texts
        self.controls += inner.controls
        self.headings += inner.headings
        self.dates += inner.dates
        self.title = self.title or inner.title


Measures = dict[int, Figures]


def measure(root: Tag, dead: Callable[[Tag], bool]) -> Measures:
    """The figures of the root and every tag inside it that is not dead, by the tag's identity."""
    measures: Measures = {}
    open_tags = [Figures()]
    link: Tag | None = None
    for node, entering in walk([root], dead):
        if not isinstance(node, Tag):
            _count_text(open_tags[-1], node, link is not None)
        elif entering:
            link = node if link is None and _leads_away(node) else link
            open_tags.append(Figures(controls=node.name in CONTROLS or attribute(node, "role") == "button"))
        else:
            link = None if node is link else link
            measures[id(node)] = _close(open_tags, node)
    return measures


def _close(open_tags: list[Figures], tag: Tag) -> Figures:
    figures = open_tags.pop()
    if tag.name in ("h1", "h2", "h3", "h4") and figures.total:
        figures.headings += 1
        # A first heading that is all link is the site's logo.
        figures.title = figures.title or (tag.name == "h1" and figures.linked < figures.total)
    open_tags[-1].add(figures)
    return figures


def _count_text(figures: Figures, node: PageElement, in_link: bool) -> None:
    text = node.strip() if type(node) is NavigableString else ""
    if not text:
        return
    figures.total += len(text)
    figures.texts += 1
    figures.dates += YEAR.search(text) is not None
    if in_link:
        figures.linked += len(text)
    elif len(text.encode(errors="replace")) >= SENTENCE:
        figures.running += len(text)


def _leads_away(tag: Tag) -> bool:
    """Whether a tag is a link to another page; a table of contents leads nowhere else."""
    return tag.name == "a" and not attribute(tag, "href").startswith("#")
