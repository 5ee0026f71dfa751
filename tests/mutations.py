"""Turns a page or PDF into a broken one: how it is broken is said by a number, so that it can be done again."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable, Sequence

from tests.pdfs import document, lines, link, said, stream

Break = Callable[[random.Random, bytes], bytes]
LONGEST = 400_000  # bytes of what comes out
A_PIECE = 20_000  # bytes of a large page, which is rarely taken whole
TAGS = b"div p span a b ul ol li dl dt dd h1 h2 h6 table tr td th caption form button label details summary pre".split()
TAGS += (
    b"nav main article section footer header aside dialog script style template noscript svg math iframe title".split()
)
ENTITIES = (
    b"&amp;",
    b"&#x202e;",
    b"&#0;",
    b"&#xd800;",
    b"&#1114112;",
    b"&#99999999999;",
    b"&nbsp",
    b"&",
    b"&lt;/p&gt;",
)
RAW = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\x1b$B",
    b"\xc3",
    b"\x80" * 9,
    "\u202e\u2066\u0301".encode(),
)
ODD = (
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<!",
    b"</",
    b"<",
    b'="',
    b"<p",
    b"<base href='//x'>",
    b"<meta charset=utf-16>",
)
PDF_ODD = (
    b" R",
    b"obj",
    b"endobj",
    b"stream\n",
    b"endstream",
    b"<<",
    b">>",
    b"[",
    b"(",
    b"/Kids",
    b"/Length",
    b"-1",
    b"9" * 12,
)
TOKEN = re.compile(rb"</?[a-zA-Z][^<>]{0,80}>|/[A-Za-z]+|\d+ \d+ R|\b\d+\b")


def broken(seed: object, bodies: Sequence[bytes]) -> bytes:
    """One of the bodies, broken one to four times; the same seed breaks the same."""
    chance = random.Random(str(seed))
    body = chance.choice(bodies)
    if len(body) > A_PIECE and body[:5] != b"%PDF-" and chance.random() < 0.9:
        start = chance.randrange(len(body) - A_PIECE)
        body = body[:500] + body[start : start + A_PIECE]  # with the head, which may name the encoding
    for _ in range(chance.randint(1, 4)):
        body = chance.choice(PDF_BREAKS if body[:5] == b"%PDF-" else BREAKS)(chance, body)[:LONGEST]
    return body


def flipped(chance: random.Random, body: bytes) -> bytes:
    """Some bits turned over."""
    changed = bytearray(body)
    for _ in range(chance.choice((1, 3, 30, 300)) if body else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(chance: random.Random, body: bytes) -> bytes:
    """A part missing: the end, the beginning, or something between."""
    start, end = _part(chance, body)
    return chance.choice((body[:start], body[end:], body[:start] + body[end:]))


def repeated(chance: random.Random, body: bytes) -> bytes:
    """A part several times."""
    start, end = _part(chance, body)
    end = min(end, start + 3000)
    return body[:start] + body[start:end] * chance.choice((2, 5, 50)) + body[end:]


def swapped(chance: random.Random, body: bytes) -> bytes:
    """Tags, names, numbers or references in each other's place."""
    found = list(TOKEN.finditer(body))
    for _ in range(chance.choice((1, 5, 20)) if len(found) > 1 else 0):
        one, two = sorted(chance.sample(found, 2), key=lambda token: token.start())
        if len(one[0]) == len(two[0]):
            body = body[: one.start()] + two[0] + body[one.end() : two.start()] + one[0] + body[two.end() :]
        else:
            return body[: one.start()] + two[0] + body[one.end() : two.start()] + one[0] + body[two.end() :]
    return body


def nested(chance: random.Random, body: bytes) -> bytes:
    """A part deep inside tags."""
    start, end = _part(chance, body)
    tags = [chance.choice(TAGS) for _ in range(chance.randint(1, 3))]
    depth = chance.choice((10, 300, 3000))
    opened = b"".join(b"<%b>" % tag for tag in tags) * depth
    closed = b"".join(b"</%b>" % tag for tag in reversed(tags)) * chance.choice((0, depth))
    return body[:start] + opened + body[start:end] + closed + body[end:]


def swollen(chance: random.Random, body: bytes) -> bytes:
    """A tag with an attribute of many bytes, or with many attributes."""
    value = chance.choice((b"x", b"x ", b"&amp;", b"javascript:", b"\xff", b"'")) * chance.choice((100, 10_000))
    name = chance.choice((b"class", b"id", b"href", b"style", b"role", b"aria-level", b"colspan", b"data-cfemail"))
    many = b" ".join(b"a%d=%d" % (number, number) for number in range(chance.choice((1, 2000))))
    return _inserted(chance, body, b'<%b %b="%b" %b>' % (chance.choice(TAGS), name, value, many))


def crowded(chance: random.Random, body: bytes) -> bytes:
    """Many links, cells or entities in a row."""
    unit = chance.choice(
        (b"<a href='/x?a=%d'>y</a> ", b"<a href='http://[%d'>", b"<td>%d", b"<li>%d", b"<p>%d. ", b"&#%d;")
    )
    return _inserted(chance, body, b"".join(unit % number for number in range(chance.choice((20, 2000)))))


def sprinkled(chance: random.Random, body: bytes) -> bytes:
    """Entities, bytes of other encodings, and pieces of markup anywhere."""
    pieces = chance.choice((ENTITIES, RAW, ODD, PDF_ODD))
    for _ in range(chance.choice((1, 10, 40))):
        body = _inserted(chance, body, chance.choice(pieces))
    return body


def recoded(chance: random.Random, body: bytes) -> bytes:
    """The text in another encoding than it was, or than it says."""
    text = body.decode("utf-8", "replace")
    return text.encode(chance.choice(("utf-16", "utf-16-be", "utf-32", "cp1252", "shift_jis", "utf-7")), "replace")


def unpacked_and_broken(chance: random.Random, body: bytes) -> bytes:
    """The orders of one page broken, and packed again; the places of all that follows are then wrong."""
    found = list(re.finditer(rb"stream\n(.{1,200000}?)\nendstream", body, re.DOTALL))
    if not found:
        return body
    chosen = chance.choice(found)
    try:
        content = zlib.decompress(chosen[1])
    except zlib.error:
        content = chosen[1]
    content = chance.choice((flipped, cut, repeated, swapped, sprinkled))(chance, content)[:100_000]
    packed = zlib.compress(content)[: chance.choice((None, -4, 40))] if chosen[1] != content else content
    return body[: chosen.start(1)] + packed + body[chosen.end(1) :]


BREAKS: tuple[Break, ...] = (flipped, cut, repeated, swapped, nested, swollen, crowded, sprinkled, recoded)
PDF_BREAKS: tuple[Break, ...] = (flipped, cut, repeated, swapped, sprinkled, unpacked_and_broken, unpacked_and_broken)


def pdfs() -> list[bytes]:
    """PDFs with all that is read of them: packed orders, fonts, drawings, links, an outline."""
    text = [f"Sentence {number} says what we keep of you, and for how long we do so." for number in range(30)]
    page = said("Tollhatch Terms", 820, 20) + said("1. What we keep", 800, font="F2") + lines(*text, top=780)
    packed = stream(zlib.compress((page + "/X1 Do").encode()), b"/Filter /FlateDecode")
    signs = stream(b"1 beginbfchar\n<41> <0042>\nendbfchar\n1 beginbfrange\n<61> <7a> <0061>\nendbfrange")
    drawing = stream(
        said("In a drawing", 10).encode(), b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources 5 0 R"
    )
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 8 0 R >>"
    links = [link(0, 0, 600, 700, "https://tollhatch.example/help")]
    return [
        document(page, page, links=links, titles=["What we keep", "Notes"]),
        document(*[packed] * 3, objects=[drawing, font, signs], fonts=b"/F1 7 0 R /F2 4 0 R", drawings=b"/X1 6 0 R"),
    ]


def _part(chance: random.Random, body: bytes) -> tuple[int, int]:
    """Where a part of the bytes begins and ends; most are short."""
    start = chance.randint(0, len(body))
    return start, min(len(body), start + chance.choice((1, 20, 1000, len(body))))


def _inserted(chance: random.Random, body: bytes, piece: bytes) -> bytes:
    place = chance.randint(0, len(body))
    return body[:place] + piece + body[place:]
