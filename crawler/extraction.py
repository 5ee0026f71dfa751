"""Turns a response's bytes into passages, by a declaration's selectors or by finding the main content."""

from __future__ import annotations

from collections.abc import Callable

from archive.errors import ExtractionError
from archive.words import Passage
from crawler import html_soup
from crawler.declaration import Source
from crawler.decoding import decode, foreign, is_html, is_pdf
from crawler.html_content import main_content
from crawler.html_links import link_target
from crawler.html_passages import passages
from crawler.html_selection import check_selector, remove, select
from crawler.html_tree import Run, parse
from crawler.idle import without_idle
from crawler.markdown import markdown_passages
from crawler.plain import text_passages

__all__ = ["REVISION", "check_selector", "extract"]

REVISION = 2  # raised when the same bytes give other passages: versions are then made anew, as a technical change

HTML = frozenset(["text/html", "application/xhtml+xml"])
MARKDOWN = frozenset(["text/markdown", "text/x-markdown"])
UNTOLD = frozenset(["", "text/plain", "application/octet-stream", "binary/octet-stream", "text/xml", "application/xml"])


def extract(body: bytes, media_type: str, source: Source, url: str = "", encoding: str | None = None) -> list[Passage]:
    """The document's passages. Raises ExtractionError, with the reason in plain words, when there are none."""
    found = _reader(body, media_type)(body, source, url, encoding)
    if not found:
        raise ExtractionError("the page holds no text")
    return found


def _reader(body: bytes, media_type: str) -> Callable[[bytes, Source, str, str | None], list[Passage]]:
    """The reader for what the bytes are; the media type decides only where they can be several things."""
    kind = media_type.partition(";")[0].strip().lower()
    if is_pdf(body):
        return _pdf
    if kind == "application/pdf":
        raise ExtractionError("the file is said to be a PDF, but is none")
    if kind not in HTML | MARKDOWN | UNTOLD:
        raise ExtractionError(f"the file is not a web page, text or PDF: {kind}")
    if other := foreign(body):
        raise ExtractionError(f"the file is said to be {kind or 'nothing'}, but is {other}")
    if kind in HTML or (kind in UNTOLD and is_html(body)):
        return _html
    if kind in MARKDOWN:
        return _markdown
    if kind == "text/plain":
        return _text
    raise ExtractionError(f"the file is not a web page, text or PDF: {kind or 'no media type'}")


def _pdf(body: bytes, source: Source, url: str, encoding: str | None) -> list[Passage]:
    from crawler.pdf import pdf_passages  # its library takes half a second to load, and few documents are PDFs

    found = pdf_passages(body)
    if not found:
        raise ExtractionError("the PDF holds no text: it may be a scan")
    return found


def _text(body: bytes, source: Source, url: str, encoding: str | None) -> list[Passage]:
    return text_passages(decode(body, encoding))


def _markdown(body: bytes, source: Source, url: str, encoding: str | None) -> list[Passage]:
    return markdown_passages(decode(body, encoding), link_target(url, source.remove_query_params))


def _html(body: bytes, source: Source, url: str, encoding: str | None) -> list[Passage]:
    """Selectors are BeautifulSoup's work; where there are none, lxml alone is many times as fast."""
    text = decode(body, encoding)
    if source.select or source.remove:
        soup = html_soup.parse(text)
        remove(soup, source.remove)
        if source.select:
            target = _target(html_soup.base(soup), source, url)
            return passages(select(soup, source.select), target)
        page = html_soup.page(soup)
    else:
        page = parse(text)
    root, skip = main_content(page.nodes)
    found = passages([Run(root.parent, [root])], _target(page.base, source, url), skip)
    page.release()
    return without_idle(found)


def _target(base: str, source: Source, url: str) -> Callable[[str], str]:
    """Where links lead that are relative to the base, which may itself be relative to the page's address."""
    return link_target(link_target(url)(base) or url, source.remove_query_params)
