"""Turns a PDF's bytes into passages: the text of its pages, without page numbers and running heads."""

from __future__ import annotations

import logging
import re
from collections import Counter
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, WrongPasswordError

from archive.errors import ExtractionError
from archive.words import Passage
from crawler.plain import text_passages

MOST_PAGES = 400
PAGE_NUMBER = re.compile(r"\W*(page|seite|página)?\s*\d{1,3}\s*((of|/|von|sur|de)\s*\d{1,3})?\W*", re.IGNORECASE)
NEW_BLOCK = re.compile(r"\s*([•◦▪‣●■○]|\(?[a-z]{1,3}\)|\d{1,2}(\.\d{1,2})*[.)]?\s+[A-Z“\"(])")

logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns of every oddity that it then copes with


def pdf_passages(body: bytes) -> list[Passage]:
    """The passages of a PDF; ExtractionError says why there are none."""
    try:
        reader = PdfReader(BytesIO(body))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ExtractionError("the PDF is protected by a password")
        pages = [page.extract_text() for page in reader.pages[:MOST_PAGES]]
    except ExtractionError:
        raise
    except (FileNotDecryptedError, WrongPasswordError, DependencyError) as error:
        raise ExtractionError("the PDF is protected") from error
    except Exception as error:  # a broken file fails in as many ways as there are bytes
        raise ExtractionError(f"the PDF cannot be read: {type(error).__name__}") from error
    return text_passages(_paragraphs(_lines(pages)))


def _lines(pages: list[str]) -> list[str]:
    """The lines of all pages, without those that stand at the edge of most pages."""
    cut = [[line.rstrip() for line in page.splitlines() if line.strip()] for page in pages]
    edges = Counter(_shape(line) for page in cut for line in {*page[:2], *page[-2:]})
    repeated = {shape for shape, count in edges.items() if count > 2 and count > len(pages) // 2}
    return [line for page in cut for line in page if _shape(line) not in repeated and not PAGE_NUMBER.fullmatch(line)]


def _shape(line: str) -> str:
    """A line without its digits, so that page numbers do not tell running heads apart."""
    return re.sub(r"\d+", "0", line.strip())


def _paragraphs(lines: list[str]) -> str:
    """Lines joined while a sentence goes on; a bullet or a clause number begins a new paragraph."""
    width = sorted(map(len, lines))[len(lines) * 9 // 10] if lines else 0
    text, last = "", ""
    for line in lines:
        text += ("\n\n" if _ends(last, width) or NEW_BLOCK.match(line) else "\n") + line
        last = line
    return re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", text)


def _ends(line: str, width: int) -> bool:
    """Whether a line is the last of its paragraph: it is short, or ends a sentence before the margin."""
    return len(line) <= width * (0.85 if line.endswith((".", ":", ";", "!", "?")) else 0.5)
