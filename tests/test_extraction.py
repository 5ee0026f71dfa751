"""Extraction: golden pages, then each rule by the smallest page that shows it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from archive.errors import ExtractionError
from archive.words import Kind, Link, Passage
from crawler.declaration import Range, Source
from crawler.extraction import REVISION, check_selector, extract

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))
URL = "https://example.org/legal/privacy"
HTML = "text/html; charset=utf-8"
WHOLE = Source(URL, select=("body",))


def shown(passage: Passage) -> str:
    """A passage as the golden files hold it: Markdown's signs, each link on a line below."""
    signs = {Kind.HEADING: "#" * passage.level + " ", Kind.ITEM: "  " * (passage.level - 1) + "- ", Kind.ROW: "| "}
    links = [f"    [{link.text}] {link.url}" for link in passage.links]
    return "\n".join([signs.get(passage.kind, "") + passage.text, *links])


def texts(page: str | bytes, source: Source = WHOLE, media_type: str = HTML, encoding: str | None = None) -> list[str]:
    body = page.encode() if isinstance(page, str) else page
    return [shown(passage) for passage in extract(body, media_type, source, URL, encoding)]


def refusal(body: bytes, media_type: str = HTML, source: Source = WHOLE) -> str:
    with pytest.raises(ExtractionError) as error:
        extract(body, media_type, source, URL)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_golden_pages(page: Path) -> None:
    found = "\n".join(texts(page.read_bytes(), Source(URL)))
    assert found + "\n" == page.with_suffix(".txt").read_text(encoding="utf-8")


def test_the_revision_is_a_number_to_raise() -> None:
    assert isinstance(REVISION, int)


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("<p>Plan <b>A</b>.</p>", ["Plan A."]),
        ("<p>un<i>believ</i>able</p>", ["unbelievable"]),
        ("<p>one\n   two\tthree&nbsp;four</p>", ["one two three four"]),
        ("<p>one<br>two</p>", ["one two"]),
        ("<p>one<br><br/>two<br>\n<br>three</p>", ["one", "two", "three"]),
        ("<div>loose<p>inner</p>tail</div>", ["loose", "inner", "tail"]),
        ("<h2><div>1.</div><div>Scope</div></h2>", ["## 1. Scope"]),
        ("<div role=heading>Title<p>Text in a heading", ["Title", "Text in a heading"]),
        ("<ul><li>a<ol><li>b</li></ol></li><li><p>c</p><p>d</p></li></ul>", ["- a", "  - b", "- c", "- d"]),
        ("<ul><li><h3>Title</h3>text</li></ul>", ["### Title", "- text"]),
        ("<dl><dt>Term</dt><dd>What it means</dd></dl>", ["- Term", "- What it means"]),
        ("<table><tr><td>a</td><td></td><td><ul><li>b</li><li>c</li></ul></td></tr></table>", ["| a | | b c"]),
        ("<table><tr><td>a</td><td> </td></tr></table>", ["| a"]),
        ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", ["a", "b"]),
        ("<table><tr><td>x</td><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>", ["x", "| a | b"]),
        ("<details><summary>More</summary><p>Inside</p></details>", ["More", "Inside"]),
        ("<div hidden>hidden</div><p style='display:none'>folded</p>", ["hidden", "folded"]),
        ("<button>Press</button><select><option>a</select><textarea>b</textarea><p>c</p>", ["Press", "c"]),
        ("<p>a<script>b()</script><style>c{}</style><noscript>d</noscript><template>e</template></p>", ["a"]),
        ("<p>a<!-- b --></p><![CDATA[ c ]]>", ["a"]),
        ("<span>Effective 1 May 2026</span><a>Previous</a>", ["Effective 1 May 2026 Previous"]),
        ("<p><span>Chat</span><b>GPT</b> <b>A</b><b>B</b></p>", ["ChatGPT AB"]),
        ("<p>•</p><p>* * *</p><hr><p>1</p>", ["1"]),
        (f"<pre>{'.:-=+*#%@' * 40} art</pre><p>text</p>", ["text"]),
        ("<pre>one\ntwo\n \nthree</pre>", ["one two", "three"]),
        ("<p>caf\u0065\u0301 so\u00adft ze\u200bro \ufeffmark</p>", ["café soft zero mark"]),
        ("<p>price \u202e05\u202c \u2066a\u2069 \x1b[31mred</p>", ["price 05 a [31mred"]),
        ("<p>tra\u200din \u0645\u06cc\u200c\u062e\u0648</p>", ["train \u0645\u06cc\u200c\u062e\u0648"]),
        ("<p>&#xD800;&#0;a&#xE001;</p>", ["a"]),
    ],
)  # fmt: skip
def test_blocks(page: str, wanted: list[str]) -> None:
    found = texts(page)
    assert [line.replace("\ufffd", "") for line in found] == wanted


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/a", "https://example.org/a"),
        ("b?x=1&utm_source=mail&y=%20z", "https://example.org/legal/b?x=1&y=%20z"),
        ("https://a.example/?fbclid=1&gclid=2", "https://a.example/"),
        ("https://a.example/?lang=en&ref=7", "https://a.example/?lang=en"),
        ("https://a.example/#part", "https://a.example/#part"),
        ("mailto:dpo@a.example", "mailto:dpo@a.example"),
        (" ht\ntps://a.example/x ", "https://a.example/x"),
        ("//a.example/x", "https://a.example/x"),
        ("#top", ""),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("http://[broken", ""),
        ("https://:80/nowhere", ""),
        ("/cdn-cgi/l/email-protection#zz", ""),
        ("https://a.example/" + "x" * 3000, ""),
    ],
)
def test_link_targets(href: str, url: str) -> None:
    source = Source(URL, select=("body",), remove_query_params=("ref",))
    [passage] = extract(f'<p>see <a href="{href}">this <b>page</b></a>.</p>'.encode(), HTML, source, URL)
    assert passage.text == "see this page."
    assert passage.links == ((Link("this page", url),) if url else ())


def test_links_hang_on_their_passage_and_follow_the_base() -> None:
    page = b'<base href="/de/"><a href="x"><p>one</p><p>two</p></a><table><tr><td><a href="y">a</a><td>b</table>'
    one, two, row = extract(page, HTML, WHOLE, URL)
    assert one.links == (Link("one", "https://example.org/de/x"),)
    assert two.links == (Link("two", "https://example.org/de/x"),)
    assert row == Passage(Kind.ROW, "a | b", 0, (Link("a", "https://example.org/de/y"),))


NO_BORDER = "has no border: '#gone' matches nothing"
BACKWARD = "holds nothing: it ends before it begins"
SECTIONS = """<h1>Terms</h1><nav>menu</nav><div class="a"><p>first</p><p>second</p></div>
<section><h2 id="s">Second part</h2><p>third <em>part</em></p><hr id="e"><p>fourth</p></section><p>last</p>"""


@pytest.mark.parametrize(
    ("select", "remove", "wanted"),
    [
        (("p",), (), ["first", "second", "third part", "fourth", "last"]),
        (("section p", "h1"), (), ["third part", "fourth", "# Terms"]),
        (("body", ".a", "p"), ("nav", "section", ".missing"), ["# Terms", "first", "second", "last"]),
        ((Range("#s", "#e", True, True),), (), ["## Second part", "third part"]),
        ((Range("#s", "#e", False, False),), (), ["third part"]),
        ((Range(".a p", "em", True, False),), (), ["first", "second", "## Second part", "third"]),
        ((Range("section", "#e", True, False),), (), ["## Second part", "third part"]),
        (("body",), (Range("nav", "em", True, True), "#e"), ["# Terms", "fourth", "last"]),
    ],
)
def test_selectors(select: tuple[str | Range, ...], remove: tuple[str | Range, ...], wanted: list[str]) -> None:
    assert texts(SECTIONS, Source(URL, select, remove)) == wanted


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (Source(URL, ("main article",)), "the selector 'main article' matches nothing"),
        (Source(URL, ("h1", ".gone")), "the selector '.gone' matches nothing"),
        (Source(URL, (Range("h1", "#gone", True, True),)), f"the range 'h1 … #gone' {NO_BORDER}"),
        (Source(URL, (Range("section", "h1", True, True),)), f"the range 'section … h1' {BACKWARD}"),
        (Source(URL, (Range("section", "#e", False, True),)), f"the range 'section … #e' {BACKWARD}"),
        (Source(URL, ("h1",), (Range("#gone", "h1", True, True),)), f"the range '#gone … h1' {NO_BORDER}"),
        (Source(URL, ("hr",)), "the page holds no text"),
        (Source(URL, ("p",), ("p",)), "the selector 'p' matches nothing"),
    ],
)  # fmt: skip
def test_selectors_that_find_nothing(source: Source, reason: str) -> None:
    assert refusal(SECTIONS.encode(), source=source) == reason


def test_a_bad_selector_in_a_source_is_a_reason_too() -> None:
    assert "'p[' is not a CSS selector" in refusal(b"<p>a</p>", source=Source(URL, ("p[",)))


@pytest.mark.parametrize("css", ["main", "#a > .b:not(:first-child)", '[href$="x"] ~ ol', "div.page[id$='X']", "a, b"])
def test_good_selectors(css: str) -> None:
    check_selector(css)


@pytest.mark.parametrize("css", ["", "p[", "..a", "p::before", "//div", ":nosuch", "a,"])
def test_bad_selectors(css: str) -> None:
    with pytest.raises(ValueError, match="is not a CSS selector") as error:
        check_selector(css)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("body", "encoding", "wanted"),
    [
        ("<p>naïve – €</p>".encode(), None, "naïve – €"),
        ("<p>naïve – €</p>".encode(), "iso-8859-1", "naïve – €"),
        ("<p>naïve – €</p>".encode("cp1252"), None, "naïve – €"),
        ("<p>naïve</p>".encode("latin-1"), "ISO-8859-1", "naïve"),
        ("<p>naïve</p>".encode("latin-1"), "no-such-name", "naïve"),
        ("<p>naïve</p>".encode("latin-1"), "unicode_escape", "naïve"),
        ("<p>naïve</p>".encode("utf-16"), None, "naïve"),
        ("<p>naïve</p>".encode("utf-16-le"), "utf-16le", "naïve"),
        (b"\xef\xbb\xbf<p>na\xc3\xafve</p>", "cp1252", "naïve"),
        ("<meta charset=koi8-r><p>согласие</p>".encode("koi8-r"), None, "согласие"),
        ("<p>同意</p>".encode("shift_jis"), "Shift_JIS", "同意"),
        ("<meta charset='utf-16'><p>naïve</p>".encode(), None, "naïve"),
        ("<p>каждое согласие \u2013 да".encode() + b"\xff</p>", None, "каждое согласие – да\ufffd"),
    ],
)
def test_encodings(body: bytes, encoding: str | None, wanted: str) -> None:
    assert texts(body, encoding=encoding) == [wanted]


@pytest.mark.parametrize(
    ("body", "media_type", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png", "the file is not a web page, text or PDF: image/png"),
        (b"\x89PNG\r\n\x1a\n....", "text/html", "the file is said to be text/html, but is a PNG image"),
        (bytes(range(256)) * 20, "text/html", "the file is said to be text/html, but is binary data"),
        (b"PK\x03\x04 ...", "text/plain", "the file is said to be text/plain, but is a ZIP or office file"),
        (b"{}", "application/json", "the file is not a web page, text or PDF: application/json"),
        (b"words", "application/octet-stream", "the file is not a web page, text or PDF: application/octet-stream"),
        (b"words", "", "the file is not a web page, text or PDF: no media type"),
        (b"<p>x</p>", "application/pdf", "the file is said to be a PDF, but is none"),
        (b"", "text/html", "the page holds no text"),
        (b"   ", "text/plain", "the page holds no text"),
        (b"<html><script>x</script></html>", "text/html", "the page holds no text"),
        (b"%PDF-1.7 nothing more", "text/html", "the PDF is broken or cut off (PdfStreamError)"),
    ],
)  # fmt: skip
def test_refusals(body: bytes, media_type: str, reason: str) -> None:
    assert refusal(body, media_type, Source(URL)) == reason


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/octet-stream", "application/xhtml+xml", "TEXT/HTML"]
)
def test_a_page_is_known_by_its_looks(media_type: str) -> None:
    page = "<?xml version='1.0' encoding='utf-8'?><!DOCTYPE html><html><body><p>Hello</p></body></html>"
    assert texts(page, media_type=media_type) == ["Hello"]


@pytest.mark.parametrize("tag", ["div", "b", "a", "ul", "h2", "table", "blockquote", "nav", "button", "span"])
@pytest.mark.parametrize("source", [WHOLE, Source(URL)], ids=["declared", "automatic"])
def test_ten_thousand_tags_deep(tag: str, source: Source) -> None:
    deep = f"{f'<{tag}>' * 10_000}deep{f'</{tag}>' * 10_000}"
    page = f"<p>A first sentence that is long enough.</p>{deep}<p>after it all</p>"
    found = texts(page, source)
    assert found[0] == "A first sentence that is long enough."
    assert found[-1] == "after it all"


def test_deep_rows_and_ranges_lose_nothing() -> None:
    assert texts("<div role=row><div role=cell>x" * 3000) == ["x"] * 3000
    assert texts("<div>x" * 3000 + "<i>z", Source(URL, (Range("div", "i", True, True),))) == ["x"] * 2999 + ["xz"]
    assert texts("<table><tr><td>" * 3000 + "x") == ["x"]


def article(extra: str) -> str:
    """A page with a text, and something beside it."""
    sentence = "We keep what you write for as long as you have an account, and delete it when you leave us. "
    return f"<body>{extra}<div class=text>{f'<p>{sentence * 3}</p>' * 6}</div></body>"


@pytest.mark.parametrize(
    "chrome",
    [
        "<nav><a href=/a>Alpha</a> <a href=/b>Beta</a></nav>",
        "<div role=navigation>Alpha Beta</div>",
        "<header><a href=/><h1>Alpha</h1></a><a href=/b>Beta</a></header>",
        "<div class='site-footer'><a href=/a>Alpha</a> © 2026 Alpha</div>",
        "<div id=footerLinks><a href=/a>Alpha</a><a href=/b>Beta</a></div>",
        "<div class=relatedArticles><h3>Alpha</h3><ul><li><a href=/a>Beta is another article</a></ul></div>",
        "<div class=x9><a href=/a>Alpha</a><a href=/b>Beta</a></div>",
        "<div class=cookie-consent><p>Alpha sets cookies that know you again.</p><button>Beta</button></div>",
        "<div role=dialog><p>Alpha sets cookies on your device to know you again.</p></div>",
        "<div id=usercentrics-root><p>Alpha sets cookies on your device to know you again.</p></div>",
        "<footer><p>Alpha is a registered mark of Beta Ltd, 5 Mill Lane, in the valley.</p></footer>",
        "<button>Alpha</button>",
        "<form role=search><label>Alpha</label><input><button>Beta</button></form>",
        "<p>Back to top</p>",
    ],
)  # fmt: skip
def test_what_is_the_sites_goes(chrome: str) -> None:
    assert len(texts(article(chrome), Source(URL))) == 6


@pytest.mark.parametrize(
    "kept",
    [
        "<header><h1>Alpha</h1></header>",
        "<div class=page-header>Last updated: May 2026</div>",
        "<div class=doc-header><span>Version</span><span>of</span><span>May 2026</span></div>",
        "<div class=toc><ol><li><a href=#a>Alpha</a><li><a href=#b>Beta</a></ol></div>",
        "<section class=section-header><h2>Alpha</h2></section>",
        "<aside><p>In short: we keep what you write, and we delete it when you leave.</p></aside>",
        "<div class=data-sharing><p>We share what you write with those who run our servers.</p></div>",
        "<div class=accordion><button aria-expanded=false>Alpha</button><div hidden>Beta</div></div>",
        "<section id=cookie-notice><p>We set a cookie that keeps you signed in on this device.</p></section>",
        "<form><p>To object to training, tick the box and send this form to us.</p><button>Send</button></form>",
    ],
)
def test_what_may_be_the_documents_stays(kept: str) -> None:
    assert len(texts(article(kept), Source(URL))) > 6


def test_a_short_main_is_trusted_beside_a_long_footer() -> None:
    rows = "<tr><td>Alpha</td><td>Hosting</td></tr>" * 30
    footer = f"<footer><p>{'This offer holds for as long as it holds, and not longer. ' * 40}</p></footer>"
    found = texts(f"<main><h1>Processors</h1><table>{rows}</table></main>{footer}", Source(URL))
    assert found == ["# Processors", *["| Alpha | Hosting"] * 30]


def test_a_wall_of_consent_is_no_document() -> None:
    wall = "<div role=dialog><h2>Cookies</h2><p>We use cookies to show you what you like. Say whether we may.</p></div>"
    assert refusal(wall.encode(), source=Source(URL)) == "the page holds no text"


def test_paragraphs_that_are_spans() -> None:
    one = "We may change these terms, and we tell you thirty days before we do."
    two = "These terms are between you and us, and you agree to them when you use the service."
    page = (
        f"<div><span>{one}</span><span><u>Updated: May 2026</u></span><span>{two} (“<span>Terms</span>”).</span></div>"
    )
    assert texts(page) == [one, "Updated: May 2026", f"{two} (“Terms”)."]
    assert texts("<p><span>1.</span><span>Scope</span></p>") == ["1. Scope"]


MARKDOWN = """Terms *of* use
============

Effective **1 May 2026**[Old](/old?utm_x=1 "Title")

2\\. Scope
---------

*   one [link](https://a.example/b_(c)) and `code *x*`
    more of one

    second paragraph
    *   inner
1.  numbered
> quoted <b>words</b> &amp; more

| Data | Why |
| --- | --- |
| Name | *   post<br>*   answers |
| only |  |

- - -

<table><tr><td>a</td><td>b</td></tr></table>

```
# no heading
```
![image](x.png) snake_case_name \\[not a link\\] <https://c.example/> 5 * 3
### Last ###
"""


def test_markdown() -> None:
    assert texts(MARKDOWN, media_type="text/markdown") == [
        "# Terms of use",
        "Effective 1 May 2026Old\n    [Old] https://example.org/old",
        "## 2. Scope",
        "- one link and code *x* more of one\n    [link] https://a.example/b_(c)",
        "- second paragraph",
        "  - inner",
        "- numbered quoted words & more",
        "| Data | Why",
        "| Name | post answers",
        "| only",
        "| a | b",
        "# no heading",
        "snake_case_name [not a link] https://c.example/ 5 * 3\n    [https://c.example/] https://c.example/",
        "### Last",
    ]


def test_plain_text() -> None:
    page = "TERMS\r\n\r\nA line that is\r\nwrapped.\r\n\r\n- one\r\n  goes on\r\n- two\r\n"
    assert texts(page, media_type="text/plain") == ["TERMS", "A line that is wrapped.", "- one goes on", "- two"]


def pdf(*pages: list[str]) -> bytes:
    """A small PDF with the given lines on each page."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        stream = "BT /F1 12 Tf 14 TL 40 800 Td " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        content = len(objects)
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 840] /Contents {content} 0 R"
                       " /Resources << /Font << /F1 3 0 R >> >> >>")  # fmt: skip
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    body, places = "%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    return f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode("latin-1")


def test_pdf() -> None:
    body = pdf(
        [
            "Tollhatch Terms",
            "We may use what you write to im-",
            "prove our models unless you tell us not to.",
            "1 of 3",
        ],
        ["Tollhatch Terms", "2. You may leave at any time, and we will", "delete it all.", "- one", "2 of 3"],
        ["Tollhatch Terms", "The end of the terms is here and", "nothing follows.", "3 of 3"],
    )
    assert texts(body, media_type="application/pdf") == [
        "We may use what you write to improve our models unless you tell us not to.",
        "2. You may leave at any time, and we will delete it all.",
        "- one",
        "The end of the terms is here and nothing follows.",
    ]


def test_a_protected_pdf() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(["secret words"]))))
    writer.encrypt("password", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert refusal(out.getvalue(), "application/pdf") == "the PDF is protected by a password"


def test_a_pdf_without_text() -> None:
    assert refusal(pdf([]), "application/pdf") == "the PDF holds no text: it may be a scan"


def test_what_is_removed_may_hold_itself_however_deep() -> None:
    deep = Source(URL, ("body",), ("b",))
    assert texts(f"<p>A first sentence.</p>{'<b>' * 3000}gone{'</b>' * 3000}<p>after it all</p>", deep) == [
        "A first sentence.",
        "after it all",
    ]
