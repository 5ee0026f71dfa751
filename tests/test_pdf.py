"""PDFs: headings, paragraphs, lists and links, by the smallest document that shows each; and what is refused."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

import pytest
from pypdf import PdfReader, PdfWriter

from tests.pdfs import document, lines, link, said, stream, written
from tests.test_extraction import refusal, texts

PDF = "application/pdf"
LONG = "We keep what you write for as long as you have an account, and"
TEXT = (LONG, "we delete it within thirty days when you leave us for good.")
TOO_MUCH = "the PDF is larger, or packed more tightly, than what we read"
BROKEN = "the PDF is broken or cut off (Pdf"
FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 600 840] /Resources 5 0 R"
WIDE = [
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 7 0 R >>",
    stream(b"beginbfrange\n<0000> <FFFF> <0000>\nendbfrange"),
]

MEASURED = [
    b"<< /Type /Font /Subtype /Type0 /BaseFont /Helvetica /Encoding /Identity-H /DescendantFonts [7 0 R] >>",
    b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Helvetica /W [0 65000 500 0 65000 500] >>",
]


def read(*pages: str | bytes, links: Sequence[bytes] = (), titles: Sequence[str] = ()) -> list[str]:
    return texts(document(*pages, links=links, titles=titles), media_type=PDF)


def packed(content: bytes) -> bytes:
    """A content object as most PDFs have it."""
    return stream(zlib.compress(content), b"/Filter /FlateDecode")


def test_headings_by_size_weight_and_number() -> None:
    page = (
        said("Tollhatch Terms", 800, 24)
        + said("1. What we keep", 770, 16)
        + lines(*TEXT, top=750)
        + said("Notes", 710, font="F2")
        + lines(*TEXT, top=695)
        + said("2. What we pass on", 650, 16)
        + said("2.1 To whom", 630, 16)
        + lines(*TEXT, top=610)
    )
    text = " ".join(TEXT)
    assert read(page) == [
        "# Tollhatch Terms",
        "## 1. What we keep",
        text,
        "#### Notes",
        text,
        "## 2. What we pass on",
        "### 2.1 To whom",
        text,
    ]


@pytest.mark.parametrize(
    ("title", "size", "font", "is_title"),
    [
        ("Data of children", 18, "F1", True),
        ("Data of children", 12, "F2", True),
        ("Data of children", 12, "F1", False),
        ("4. Data of children", 12, "F1", True),
        ("Article 4 - Data of children", 12, "F1", True),
        ("DATA OF CHILDREN", 12, "F1", True),
        ("DATA OF CHILDREN", 9, "F1", False),
        ("4. Children.", 12, "F1", True),
        ("4. Children may not use this service without their parents.", 12, "F1", False),
        ("WE MAY USE YOUR NOTES TO TRAIN MODELS", 12, "F1", False),
        ("We may use your notes to train models.", 12, "F2", False),
        ("2026", 18, "F1", False),
    ],
)
def test_what_is_a_heading(title: str, size: float, font: str, is_title: bool) -> None:
    first, text = read(said(title, 800, size, font) + lines(*TEXT, *TEXT, *TEXT, top=770))
    assert first == ("# " if is_title else "") + title
    assert text == " ".join([*TEXT, *TEXT, *TEXT])


def test_the_outline_names_headings() -> None:
    page = said("Data of children", 800) + lines(*TEXT, top=770)
    assert read(page, titles=["Some other part", "Data  of Children"])[0] == "# Data of children"
    assert read(page, titles=["Some other part"])[0] == "Data of children"


def test_a_wrapped_title_is_one_and_the_text_below_is_not_in_it() -> None:
    page = said("Whom we give what you have", 800, 20) + said("written to", 776, 20) + lines(*TEXT, top=750)
    assert read(page) == ["# Whom we give what you have written to", " ".join(TEXT)]


def test_bold_words_within_a_text_make_no_heading() -> None:
    bold = "What we keep of you and of those who have given you their notes:"
    page = said(bold, 800, font="F2") + lines(*TEXT, *TEXT, top=786)
    assert [line.startswith("#") for line in read(page)] == [False] * len(read(page))
    mixed = f"BT /F2 12 Tf 40 800 Td (Notes. ) Tj /F1 12 Tf ({LONG}) Tj ET\n" + said(TEXT[1], 786)
    assert read(mixed) == [f"Notes. {' '.join(TEXT)}"]


def test_a_row_of_a_table_is_no_heading() -> None:
    page = said("Data", 800, font="F2") + said("Purpose", 800, font="F2", x=300) + lines(*TEXT, top=780)
    assert read(page)[0] == "Data Purpose"


def test_paragraphs_end_at_a_gap_though_the_line_is_full() -> None:
    full = "We keep what you write for as long as you have an account, and."
    page = lines(LONG, full, top=800) + lines(LONG, full, top=752)
    assert read(page) == [f"{LONG} {full}"] * 2


def test_a_number_that_begins_a_line_within_a_sentence() -> None:
    page = lines(
        "We move data out of the countries of the union only under Article", "46 GDPR and its rules.", LONG, LONG
    )
    assert read(page)[0].startswith("We move data out of the countries of the union only under Article 46 GDPR")


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("to im-", "prove", "to improve"),
        ("you may opt-", "out", "you may opt-out"),
        ("on a case-", "by-case", "on a case-by-case"),
        ("the UTF-", "encoded", "the UTF-encoded"),
    ],
)
def test_hyphens_at_the_end_of_a_line(first: str, second: str, joined: str) -> None:
    filled = "We keep what you write, for as long as we need it, "
    known = "We look at each thing on a case-by-case basis, and not otherwise than so."
    found = " ".join(read(lines(known, filled + first, second + " of it all.")))
    assert f"{joined} of it all." in found


def test_bullets_are_items() -> None:
    page = lines(
        "We keep:", "• your name and what you have told us of yourself in your profile and", "your notes", "• pictures"
    )
    assert read(page) == [
        "We keep:",
        "- your name and what you have told us of yourself in your profile and your notes",
        "- pictures",
    ]


def test_running_heads_and_page_numbers_go_wherever_they_are_drawn() -> None:
    pages = [
        lines(*(f"{place} {name} says something of its own" for place in "ABCD"), top=700)
        + said("Tollhatch Ltd", 820)
        + said(f"Page {page} of 4", 30)
        for page, name in enumerate(("north", "south", "east", "west"), 1)
    ]
    found = " ".join(read(*pages))
    assert "Tollhatch" not in found
    assert "Page" not in found
    assert found.count("something of its own") == 16


def test_a_number_within_the_page_is_no_page_number() -> None:
    assert "30" in " ".join(
        read(lines("We keep it for this many days:", "see below", "30", "and not longer", "than that"))
    )


def test_links_hang_on_their_words() -> None:
    page = said("See the ", 800) + said("help page", 800, x=90) + said(" for more.", 800, x=150)
    found = read(
        page, links=[link(88, 798, 149, 812, "https://tollhatch.example/help"), link(0, 0, 9, 9, "https://x.example")]
    )
    assert found == ["See the help page for more.\n    [help page] https://tollhatch.example/help"]


@pytest.mark.parametrize("url", ["javascript:alert\\(1\\)", "file:///etc/passwd", "relative", ""])
def test_links_that_lead_nowhere(url: str) -> None:
    assert read(said("See this.", 800), links=[link(40, 790, 90, 812, url)]) == ["See this."]


def test_text_in_a_drawing_has_its_place_on_the_page() -> None:
    drawing = stream(said("Tollhatch", 0, 20, x=0).encode(), FORM)
    page = "q 1 0 0 1 40 800 cm /X1 Do Q " + lines(*TEXT, top=770)
    anchor = link(40, 795, 90, 815, "https://tollhatch.example/")
    body = document(page, objects=[drawing], drawings=b"/X1 6 0 R", links=[anchor])
    assert texts(body, media_type=PDF) == ["# Tollhatch\n    [Tollhatch] https://tollhatch.example/", " ".join(TEXT)]


def test_a_drawing_that_holds_itself_ends() -> None:
    body = document(lines(*TEXT) + "/X1 Do", objects=[stream(b"/X1 Do /X1 Do", FORM)], drawings=b"/X1 6 0 R")
    assert texts(body, media_type=PDF) == [" ".join(TEXT)]


def protected(password: str, algorithm: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(document(lines("Words of a page.")))))
    writer.encrypt(password, "owner", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_protected(algorithm: str) -> None:
    assert refusal(protected("secret", algorithm), PDF) == "the PDF is protected by a password"
    assert texts(protected("", algorithm), media_type=PDF) == ["Words of a page."]


WHOLE = document(lines(*TEXT))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (document("q 600 0 0 840 0 0 cm /Scan Do Q"), "the PDF holds no text: it may be a scan"),
        (document(), "the PDF has no pages"),
        (b"%PDF-1.7\n", BROKEN),
        (b"%PDF-1.7\n" + bytes(range(256)) * 40, BROKEN),
        (WHOLE[:600], BROKEN),
        (written([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] >>"]), BROKEN),
        (document(*["q Q"] * 1001), "the PDF has 1001 pages, more than the 1000 that we read"),
        (document("[" * 50_000), TOO_MUCH),
        (document(packed(b"q " * 5_000_000)), TOO_MUCH),
        (document(*[packed(b"(" + b"a" * 3_000_000 + b")")] * 3), TOO_MUCH),
        (document("q Q", objects=WIDE, fonts=b"/F1 6 0 R /F2 6 0 R"), TOO_MUCH),
        (document("q Q", objects=MEASURED, fonts=b"/F1 6 0 R"), TOO_MUCH),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else f"{len(value)} bytes",
)  # fmt: skip
def test_what_cannot_be_read(body: bytes, reason: str) -> None:
    assert refusal(body, PDF).startswith(reason)
