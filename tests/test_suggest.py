"""Suggested selectors: the lasting name of the part that holds the text, or none."""

from __future__ import annotations

import pytest

from crawler.declaration import Source
from crawler.extraction import extract
from crawler.suggest import suggest
from tests.pdfs import document, lines

TEXT = "<p>We keep what you write for as long as you have an account with us, and delete it when you leave.</p>" * 5
FOOTER = "<footer><a href=/a>About us</a><a href=/b>Jobs</a> © 2026 Tollhatch</footer>"


def suggested(page: str, encoding: str | None = None) -> str:
    body = page.encode(encoding or "utf-8")
    return suggest(body, encoding, extract(body, "text/html", Source("https://tollhatch.example"), "", encoding))


@pytest.mark.parametrize(
    ("opened", "selector"),
    [
        ("<main>", "main"),
        ("<article>", "article"),
        ("<main><article class=policy>", "main"),
        ("<div role=main>", "[role=main]"),
        ("<div id=policy-text>", "#policy-text"),
        ('<div class="grid legal_body mx-auto">', ".legal_body"),
        ("<div id=content><div class=policy>", "#content"),
        ("<div class=articleBody><div class=content>", ".content"),
        ("<div class=sc-content>", ""),
        ("<div class=css-1abcontent>", ""),
        ("<div class=Page_content__aBcDe>", ""),
        ("<div class=Content--ldJRupka>", ""),
        ("<div class=_a9zc id=root7>", ""),
        ("<div class=mx-auto>", ""),
        ("<div>", ""),
    ],
)
def test_names_that_last(opened: str, selector: str) -> None:
    closed = "".join(f"</{part.split()[0].strip('>')}>" for part in reversed(opened.split("<")[1:]))
    assert suggested(f"<body>{opened}{TEXT}{closed}{FOOTER}</body>") == selector


@pytest.mark.parametrize(
    "page",
    [
        f"<div class=content>{TEXT}</div><div>{TEXT}</div>",
        f"<div>{TEXT}</div><main><p>Sign in.</p></main>",
        f"<div class=content>{TEXT}<nav><a href=/a>{'Another article of ours ' * 9}</a></nav></div>",
    ],
    ids=["half of it", "hardly any", "more than it"],
)
def test_what_reads_other_words_is_not_suggested(page: str) -> None:
    assert suggested(f"<body>{page}{FOOTER}</body>") == ""


def test_the_words_are_those_of_the_encoding() -> None:
    text = "<p>Мы храним то, что вы пишете, пока у вас есть учётная запись, и удаляем потом.</p>" * 5
    assert suggested(f"<body><main>{text}</main>{FOOTER}</body>", "koi8-r") == "main"


def test_markup_that_never_ends() -> None:
    assert suggested(f"<main>{TEXT}<![x{'<div class=content>' * 5000}") in ("main", "")


def test_a_pdf_has_no_selector() -> None:
    body = document(lines("We keep what you write."))
    assert suggest(body, None, extract(body, "application/pdf", Source(""), "")) == ""
