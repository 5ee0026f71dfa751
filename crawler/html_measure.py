"""Turns a page's tree into figures for each tag: how much of its text runs on, and how much is links and controls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crawler.html_tree import Node

SENTENCE = 40  # bytes of UTF-8 from which a text reads like a sentence and not like a label, in any script
YEAR = re.compile(r"\b(19|20)\d\d\b")
TITLES = frozenset(["h1", "h2", "h3", "h4"])


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
    cookies: int = 0
    titles: int = 0

    @property
    def link_share(self) -> float:
        """How much of the text is links to other pages, from 0 to 1."""
        return self.linked / self.total if self.total else 0.0

    @property
    def told(self) -> int:
        """Characters that are not in links."""
        return self.total - self.linked

    def add(self, inner: Figures, sign: int = 1) -> None:
        """Count what an inner tag holds; with the sign -1, no longer."""
        self.total += sign * inner.total
        self.linked += sign * inner.linked
        self.running += sign * inner.running
        self.texts += sign * inner.texts
        self.controls += sign * inner.controls
        self.headings += sign * inner.headings
        self.dates += sign * inner.dates
        self.cookies += sign * inner.cookies
        self.titles += sign * inner.titles


Measures = dict[Node, Figures]


def measure(nodes: list[Node]) -> Measures:
    """The figures of tags that come in the order of their page, each with all tags inside it."""
    links = _in_links(nodes)
    measures: Measures = {}
    for node in reversed(nodes):  # what stands inside a tag comes before it
        measures[node] = _figures(node, node in links, measures)
    return measures


def leave_out(measures: Measures, nodes: set[Node]) -> None:
    """Take tags that do not lie in each other out of what is measured around them."""
    lost: Measures = {}
    for node, figures in measures.items():  # what stands inside a tag comes before it
        less = figures if node in nodes else lost.get(node)
        if less is None:
            continue
        if less is not figures:
            figures.add(less, -1)
        if node.parent:
            lost.setdefault(node.parent, Figures()).add(less)


def _in_links(nodes: list[Node]) -> set[Node]:
    """The links that lead to another page, and what stands in them; a table of contents leads nowhere else."""
    found = set[Node]()
    for node in nodes:
        if node.parent in found or (node.name == "a" and not node.attrs.get("href", "").startswith("#")):
            found.add(node)
    return found


def _figures(node: Node, linked: bool, measures: Measures) -> Figures:
    figures = Figures(controls=int(node.name == "button" or node.attrs.get("role") == "button"))
    for child in node.contents:
        if isinstance(child, str):
            _count(figures, child, linked)
        elif (inner := measures[child]).texts or inner.controls:
            figures.add(inner)
    if node.name in TITLES and figures.total:
        figures.headings += 1
        # A first heading that is all link is the site's logo.
        figures.titles += node.name == "h1" and figures.linked < figures.total
    return figures


def _count(figures: Figures, text: str, linked: bool) -> None:
    total, runs_on, dated, on_cookies = _weighed(text)
    if not total:
        return
    figures.total += total
    figures.texts += 1
    figures.dates += dated
    figures.cookies += on_cookies
    if linked:
        figures.linked += total
    elif runs_on:
        figures.running += total


@lru_cache(maxsize=2**13)
def _weighed(text: str) -> tuple[int, bool, bool, bool]:
    """How many characters a text has, and whether it runs on, names a year, and speaks of cookies."""
    words = text.strip()
    runs_on = len(words.encode(errors="replace")) >= SENTENCE
    return len(words), runs_on, YEAR.search(words) is not None, "cookie" in words.lower()
