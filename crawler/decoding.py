"""Turns a body's bytes into text, and tells by looking at them what kind of file they are."""

from __future__ import annotations

import codecs
import re

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP or office file"),
    (b"\xd0\xcf\x11\xe0", "an old office file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"{\\rtf", "an RTF file"),
)
CONTROLS = bytes([*range(9), *range(14, 27)])
META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
# Only encodings of text: Python also knows some that unpack or transform, such as "unicode_escape".
KNOWN = re.compile(
    r"(utf_?8|utf_?16(_?[lb]e)?|us_ascii|ascii|(x_)?mac_\w+|(cp|windows_?|iso_?8859_|latin_?|koi8_|iso_2022_|euc_|ks_c_)\w+"
    r"|big5\w*|gbk|gb2312|gb18030|shift_?jis|sjis|tis_620)\Z"
)
LATIN = re.compile(r"(us_ascii|ascii|latin_?1|iso_?8859_1|cp1252|windows_?1252)\Z")


def foreign(body: bytes) -> str:
    """What the bytes are when they are no text ("a PNG image"), else an empty string."""
    for magic, name in MAGIC:
        if body.startswith(magic):
            return name
    head = body[:4096]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _wide(head):
        return ""
    controls = len(head) - len(head.translate(None, CONTROLS))
    return "binary data" if controls > len(head) // 50 else ""


def is_pdf(body: bytes) -> bool:
    """Whether the bytes begin like a PDF; some servers put a few bytes before its mark."""
    return b"%PDF-" in body[:1024] and body.lstrip()[:1] != b"<"


def is_html(body: bytes) -> bool:
    """Whether the bytes begin like a web page."""
    return (
        re.match(rb"(\xef\xbb\xbf)?\s*(<\?xml|<!--|<!doctype\s+html|<html|<head|<body)", body[:1024], re.IGNORECASE)
        is not None
    )


def decode(body: bytes, encoding: str | None) -> str:
    """The text: by its byte-order mark, the charset of the response, that of the page, or the best guess."""
    for mark, name in BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    labels = _labels(body, encoding)
    for label in labels:
        try:
            return body.decode(label)
        except UnicodeError:
            continue
    # A page that is UTF-8 but for one broken byte reads far better as UTF-8.
    told = labels[0] if labels[0] != "utf-8" or _mostly_utf8(body) else "cp1252"
    return body.decode(told, "replace")


def _labels(body: bytes, encoding: str | None) -> list[str]:
    """Encodings worth trying, first the best. A Latin label is often a mere default of the server."""
    meta = META.search(body[:4096])
    told = [_known(encoding or ""), _known(meta[1].decode("ascii", "ignore") if meta else "")]
    labels = [label for label in told if label and (not label.startswith("utf_16") or _wide(body[:4096]))]
    if not labels or LATIN.match(labels[0]):
        labels.insert(0, "utf-8")
    return [*("cp1252" if LATIN.match(label) else label for label in labels), "utf-8"]


def _known(label: str) -> str:
    """The label as Python spells it, or nothing if it names no encoding of text."""
    name = label.strip().lower().replace("-", "_")
    if not KNOWN.match(name):
        return ""
    try:
        return "utf-8" if codecs.lookup(name).name == "utf-8" else codecs.lookup(name).name.replace("-", "_")
    except LookupError:
        return ""


def _wide(head: bytes) -> bool:
    """Whether every second byte is mostly empty, as in UTF-16 without a mark."""
    return len(head) > 3 and max(head[::2].count(0), head[1::2].count(0)) > len(head) // 5


def _mostly_utf8(body: bytes) -> bool:
    """Whether broken bytes are few beside the sound characters past ASCII."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return broken * 4 < sum(char > "\x7f" for char in text[:200_000]) - broken
