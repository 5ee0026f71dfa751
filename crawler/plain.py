"""Turns any text into plain text (single spaces, nothing invisible), and a text file into passages."""

from __future__ import annotations

import re
import unicodedata

from archive.words import Kind, Passage

# What a reader cannot see: soft hyphens, zero-width and bidirectional controls, fillers, control characters, halves of
# surrogate pairs, icon-font glyphs (private use) and tag characters. A page could hide or reorder words with them.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufeff\uffa0\ufff9-\ufffc\ufffe\uffff\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
# Those of them that Python takes for printable.
FILLER = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufffc]")
# Joiners shape letters in Persian or Hindi and glue emoji; beside ASCII they only split words.
STRAY_JOINER = re.compile(
    r"(?<=[\x00-\x7f])[\u200c\u200d]+|(?<![\u200c\u200d])[\u200c\u200d]+(?=[\x00-\x7f]|$)|^[\u200c\u200d]+"
)
BULLET_SIGNS = re.compile(r"[*•◦▪‣·○●■–—-]\s+")


def clean(text: str) -> str:
    """The text as a reader sees it: NFC, single spaces, no invisible characters."""
    printable = text.isprintable()
    single = text.strip() if printable and "  " not in text else " ".join(text.split())
    if (printable or single.isprintable()) and (single.isascii() or not FILLER.search(single)):
        return unicodedata.normalize("NFC", single)
    visible = INVISIBLE.sub("", text)
    if "\u200c" in visible or "\u200d" in visible:
        visible = STRAY_JOINER.sub("", visible)
    return " ".join(unicodedata.normalize("NFC", visible).split())


def text_passages(text: str) -> list[Passage]:
    """The passages of a plain-text file: blank lines part paragraphs, a line that opens with a bullet is an item."""
    blocks = [block for part in re.split(r"\n\s*\n", text) for block in _blocks(part)]
    return [passage for passage in map(_passage, blocks) if passage.text]


def _blocks(part: str) -> list[str]:
    """Wrapped lines joined; a bullet begins a new block."""
    blocks: list[list[str]] = []
    for line in part.splitlines():
        if blocks and not BULLET_SIGNS.match(line.lstrip()):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return [" ".join(lines) for lines in blocks]


def _passage(block: str) -> Passage:
    text = clean(block)
    sign = BULLET_SIGNS.match(text)
    return Passage(Kind.ITEM, text[sign.end() :], 1) if sign else Passage(Kind.PARAGRAPH, text)
