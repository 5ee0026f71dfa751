"""Passages written as Markdown: our own reader of Markdown gives the same passages back."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.markdown_text import markdown
from archive.words import Kind, Link, Passage
from crawler.declaration import Source
from crawler.extraction import extract
from crawler.html_links import link_target
from crawler.markdown import markdown_passages
from crawler.plain import clean
from smallprint.demo.site import DOCUMENTS

URL = "https://example.org/a/"
PIECES = [
    *["\\", "`", "``", "```", "*", "**", "_", "__", "~~", "[", "]", "](", "!", "![", "<", ">", "<b>", "<!--", "-->"],
    *["&", "&amp;", "&#60;", "&copy", "#", "##", "-", "---", "- ", "+", "1.", "12) ", "(", ")", "|", " | ", ":-", "="],
    *["<br>", "<table>", "</table>", "https://x.example/y_z", "snake_case", "é", "同意", "\u0301", "“", " "],
]  # fmt: skip
SOUP = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=6).map("".join)
TEXTS = st.tuples(SOUP, st.sampled_from(["words", " words "]), SOUP).map(lambda parts: clean("".join(parts)))
ADDRESSES = st.sampled_from(
    ["https://x.example/", "/a_(b)_c", "?q=a|b&lt;=\\", "mailto:a_b@c.example", "/<!--", "/((", "/*x*[y]", "/&amp;"]
).map(link_target(URL))


def back(passages: list[Passage]) -> list[Passage]:
    """What our reader makes of what our writer has written."""
    return markdown_passages(markdown(passages), link_target(URL))


@st.composite
def passage(draw: st.DrawFn) -> Passage:
    """A passage whose links stand, in order, on pieces of its text."""
    kind, text = draw(st.sampled_from(Kind)), draw(TEXTS)
    level = draw(st.integers(1, 6)) if kind in (Kind.HEADING, Kind.ITEM) else 0
    text = row(text) if kind is Kind.ROW else text
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [clean(text[start:stop]) for start, stop in zip(cuts[::2], cuts[1::2], strict=False)]
    links = [Link(piece, draw(ADDRESSES)) for piece in pieces if piece and piece in text]
    return Passage(kind, text, level, tuple(links))


def row(text: str) -> str:
    """A text as the reader of pages gives table rows: bars stand between cells, with a space on each side."""
    return " | ".join(cell for cell in map(clean, text.split("|")) if cell) or "cell"


@settings(max_examples=500)
@given(st.lists(passage(), min_size=1, max_size=8))
def test_kinds_levels_and_words_come_back(passages: list[Passage]) -> None:
    bare = [Passage(p.kind, p.text, p.level) for p in passages]
    assert back(bare) == bare
    assert [(p.kind, p.text, p.level) for p in back(passages)] == [(p.kind, p.text, p.level) for p in passages]


@settings(max_examples=500)
@given(passage())
def test_links_come_back_in_order(wanted: Passage) -> None:
    found, links = back([wanted])[0].links, iter(wanted.links)
    assert all(link in links for link in found)


WORDS = st.lists(st.text("abcé", min_size=1, max_size=4), min_size=1, max_size=4).map(" ".join)


@given(st.sampled_from(Kind), st.lists(st.tuples(WORDS, WORDS, ADDRESSES), min_size=1, max_size=5))
def test_every_link_that_follows_the_text_comes_back(kind: Kind, parts: list[tuple[str, str, str]]) -> None:
    text = ", ".join(f"{before} ({words})" for before, words, _ in parts)
    level = 1 if kind in (Kind.HEADING, Kind.ITEM) else 0
    wanted = Passage(kind, text, level, tuple(Link(words, url) for _, words, url in parts))
    assert back([wanted]) == [wanted]


@pytest.mark.parametrize("edition", ["first", "second"])
@pytest.mark.parametrize("name", DOCUMENTS.values())
def test_the_pages_of_the_demo_come_back(edition: str, name: str) -> None:
    page = files("smallprint.demo").joinpath("pages", edition, name).read_bytes()
    read = extract(page, "text/html", Source(URL), URL)
    assert any(p.links for p in read)
    assert back(read) == read


def test_markdown_as_people_write_it() -> None:
    passages = [
        Passage(Kind.HEADING, "1. Data_use #2", 2),
        Passage(Kind.PARAGRAPH, "See <here> & there.", 0, (Link("here", "https://x.example/a_(b)"),)),
        Passage(Kind.ITEM, "One", 1),
        Passage(Kind.ITEM, "Two", 2),
        Passage(Kind.PARAGRAPH, "1. A numbered clause"),
        Passage(Kind.ROW, "Purpose | Basis"),
        Passage(Kind.ROW, "Training | Consent"),
    ]
    assert markdown(passages).split("\n") == [
        *[r"## 1. Data\_use #2", ""],
        *[r"See &lt;[here](https://x.example/a_\(b\))> & there.", "", "- One", "  - Two", ""],
        *[r"1\. A numbered clause", "", "| Purpose | Basis |", "| --- | --- |", "| Training | Consent |", ""],
    ]  # fmt: skip


def test_a_link_stands_on_whole_words_where_it_can() -> None:
    text = "There is more here and there."
    assert "more [here](" in markdown([Passage(Kind.PARAGRAPH, text, 0, (Link("here", "https://x.example/"),))])


def test_a_wider_row_begins_a_table() -> None:
    rows = [Passage(Kind.ROW, text) for text in ("a | b", "c | d | e", "f | g")]
    assert markdown(rows).count("---") == 5
    assert back(rows) == rows


def test_what_markdown_cannot_say() -> None:
    lost = Passage(Kind.PARAGRAPH, "Some words", 0, (Link("elsewhere", "https://x.example/"),))
    assert back([lost]) == [Passage(Kind.PARAGRAPH, "Some words")]
    deep = Passage(Kind.ITEM, "deep", 9)
    assert back([deep]) == [Passage(Kind.ITEM, "deep", 6)]
    odd = Passage(Kind.PARAGRAPH, "odd", 0, (Link("odd", "https://x.example/>"),))
    assert back([odd])[0].links == (Link("odd", "https://x.example/%3E"),)
