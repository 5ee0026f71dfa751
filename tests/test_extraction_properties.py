"""Extraction: what holds for every body, sound or not."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import ExtractionError
from archive.words import Kind, Passage
from crawler.declaration import Range, Source
from crawler.extraction import extract
from tests.mutations import broken, pdfs

URL = "https://example.org/a/b"
TYPES = ["text/html", "text/markdown", "text/plain", "application/pdf", "", "image/png", "application/xhtml+xml"]
TAGS = "div p span a b ul li h2 table tr td br pre nav footer main button details script section dl dd"
PIECES = [
    *[f"<{tag}>" for tag in TAGS.split()],
    *[f"</{tag}>" for tag in TAGS.split()],
    *["<a href='/x?utm_a=1'>", "<div class=cookie-banner role=dialog>", "<h1 role=heading>", "<!--", "-->"],
    *["<![CDATA[", "&amp;", "&#x202e;", "&#xd800;", "\u200b", "\u0301", "\x00", "\x1f", "\ufffe", "é", "同意"],
    *["\n\n", "* ", "| ", "# ", "](", "["],
    *["words ", "We keep what you write for as long as you have an account. ", "."],
]  # fmt: skip
SOUP = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=60).map("".join)
SOURCES = st.sampled_from(
    [
        Source(URL),
        Source(URL, ("body",)),
        Source(URL, ("p", "div", "li"), ("b",)),
        Source(URL, (Range("div", "p", True, True),)),
        Source(URL, ("body",), (Range("p", "ul", False, False),)),
    ]
)


def attempt(body: bytes, media_type: str, source: Source) -> list[Passage]:
    """The passages, or none with a reason: nothing else may happen."""
    try:
        return extract(body, media_type, source, URL)
    except ExtractionError as error:
        assert str(error) and "\n" not in str(error)
        return []


@settings(deadline=None, max_examples=200)
@given(
    st.binary(max_size=300), st.sampled_from(TYPES), SOURCES, st.sampled_from([None, "utf-8", "utf-16", "big5", "x"])
)
def test_no_bytes_break_it(body: bytes, media_type: str, source: Source, encoding: str | None) -> None:
    for prefix in (b"", b"<html>", b"%PDF-1.4\n", b"\xff\xfe", b"\xef\xbb\xbf"):
        try:
            extract(prefix + body, media_type, source, URL, encoding)
        except ExtractionError as error:
            assert str(error)


@settings(deadline=None, max_examples=300)
@given(SOUP, st.sampled_from(["text/html", "text/markdown", "text/plain"]), SOURCES)
def test_passages_are_plain_text(page: str, media_type: str, source: Source) -> None:
    for passage in attempt(page.encode(errors="surrogatepass"), media_type, source):
        text = passage.text
        assert text and text == " ".join(text.split())
        assert unicodedata.is_normalized("NFC", text)
        assert not any(unicodedata.category(char) in ("Cc", "Cs", "Co") for char in text)
        assert not any(char in text for char in "\u200b\u00ad\ufeff\u202e\u2066")
        assert passage.key
        levels = {Kind.HEADING: range(1, 7), Kind.ITEM: range(1, 1000)}.get(passage.kind, range(1))
        assert passage.level in levels
        assert all(link.url.startswith(("http://", "https://", "mailto:")) for link in passage.links)


@settings(deadline=None, max_examples=100)
@given(SOUP, SOURCES)
def test_the_same_bytes_give_the_same_passages(page: str, source: Source) -> None:
    body = page.encode(errors="replace")
    assert attempt(body, "text/html", source) == attempt(body, "text/html", source)


WORDS = st.text("abcdefghij", min_size=1, max_size=8)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), min_size=1, max_size=12), st.data())
def test_no_word_of_a_selected_part_is_lost(paragraphs: list[str], data: st.DataObject) -> None:
    tags = [
        data.draw(st.sampled_from(["p", "li", "h3", "div", "td", "dd", "summary", "blockquote"])) for _ in paragraphs
    ]
    page = "".join(f"<{tag}>{words}</{tag}>" for tag, words in zip(tags, paragraphs, strict=True))
    found = attempt(f"<main>{page}</main>".encode(), "text/html", Source(URL, ("main",)))
    assert " ".join(passage.text for passage in found).split() == " ".join(paragraphs).split()


BODIES = [page.read_bytes() for page in sorted((Path(__file__).parent / "pages").glob("*.html"))] + pdfs() * 2


@pytest.mark.parametrize("first", range(0, 500, 50))
def test_broken_pages_and_pdfs_give_passages_or_a_reason(first: int) -> None:
    for number in range(first, first + 50):
        body = broken(number, BODIES)
        assert body == broken(number, BODIES)
        for source in (Source(URL), Source(URL, ("body",), ("nav",))):
            attempt(body, "text/html", source)


def test_some_broken_ones_are_read_and_some_are_not() -> None:
    read = {bool(attempt(broken(number, BODIES), "text/html", Source(URL))) for number in range(40)}
    assert read == {True, False}
