"""PDFs written by hand: pages from drawing orders, with fonts, links, an outline, and drawings inside pages."""

from __future__ import annotations

from collections.abc import Sequence

FONTS = b"/F1 3 0 R /F2 4 0 R"  # Helvetica and its bold
FIRST_FREE = 6  # the number of the first object that a test may add


def said(text: str, y: float, size: float = 12, font: str = "F1", x: float = 40) -> str:
    """The orders that draw one line."""
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{font} {size} Tf {x} {y} Td ({escaped}) Tj ET\n"


def lines(*texts: str, top: float = 800, step: float = 14) -> str:
    """The orders that draw lines below each other."""
    return "".join(said(text, top - step * number) for number, text in enumerate(texts))


def link(left: float, bottom: float, right: float, top: float, url: str) -> bytes:
    """An annotation that leads to an address."""
    place = f"[{left} {bottom} {right} {top}]"
    return f"<< /Type /Annot /Subtype /Link /Rect {place} /A << /S /URI /URI ({url}) >> >>".encode()


def stream(content: bytes, more: bytes = b"") -> bytes:
    """An object that holds bytes; `more` are further entries of its dictionary."""
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(content), more, content)


def document(
    *pages: str | bytes,
    links: Sequence[bytes] = (),
    titles: Sequence[str] = (),
    objects: Sequence[bytes] = (),
    fonts: bytes = FONTS,
    drawings: bytes = b"",
) -> bytes:
    """A PDF of pages, given as their orders or as a whole content object.

    `objects` have the numbers from 6 on, for `fonts` and `drawings` to name; the links are on every page.
    """
    told = [b"", b"", *map(_font, ("Helvetica", "Helvetica-Bold"))]
    told += [b"<< /Font << %b >> /XObject << %b >> >>" % (fonts, drawings), *objects]
    kids = []
    for page in pages:
        told.append(stream(page.encode("cp1252")) if isinstance(page, str) else page)
        told.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 840] /Contents %d 0 R /Resources 5 0 R /Annots [%b] >>"
            % (len(told), b" ".join(links))
        )
        kids.append(b"%d 0 R" % len(told))
    told[1] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(kids), b" ".join(kids))
    told[0] = b"<< /Type /Catalog /Pages 2 0 R /Outlines %d 0 R >>" % (len(told) + 1)
    return written([*told, *_outline(titles, len(told) + 1)])


def written(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalog."""
    body, places = b"%PDF-1.7\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, text)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (size, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


def _font(name: str) -> bytes:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()


def _outline(titles: Sequence[str], number: int) -> list[bytes]:
    """The outline's root, which has this number, and its entries."""
    if not titles:
        return [b"<< /Type /Outlines >>"]
    entries = [
        f"<< /Title ({title}) /Parent {number} 0 R"
        + (f" /Next {number + place + 1} 0 R" if place < len(titles) else "")
        + " >>"
        for place, title in enumerate(titles, 1)
    ]
    root = f"<< /Type /Outlines /First {number + 1} 0 R /Last {number + len(titles)} 0 R /Count {len(titles)} >>"
    return [root.encode(), *(entry.encode() for entry in entries)]
