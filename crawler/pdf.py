"""Turns a PDF's bytes into passages: reads the lines of its pages, with the look and the links of each."""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from pypdf import Configuration, PageObject, PdfReader, apply_configuration
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, WrongPasswordError
from pypdf.generic import DictionaryObject, StreamObject

from archive.errors import ExtractionError
from archive.words import Passage
from crawler.html_links import link_target
from crawler.pdf_layout import Anchor, Line, Page, Piece, layout_passages, line_of

MOST_PAGES = 1000
# Bytes of drawing orders, and of what fonts say of their signs, that are read of one document: about half a minute.
MOST_WORK = 8_000_000
MOST_SIGNS = 120_000  # that the fonts of one page may name: each takes some 200 bytes of memory
MANY_SIGNS = 20_000
MOST_LINKS = 500  # of one page
DEEPEST = 4  # drawings inside drawings
A_CALL = 1000  # bytes that reading a page or a drawing costs in any case
LIMITS = Configuration(
    maximum_declared_stream_length=50_000_000,
    array_based_stream_maximum_output_length=MOST_WORK,
    lzw_maximum_output_length=MOST_WORK,
    run_length_maximum_output_length=MOST_WORK,
    zlib_maximum_output_length=MOST_WORK,
    zlib_maximum_recovery_input_length=500_000,
    stream_filters_maximum_length=4,
    stream_decoding_work_maximum_length=4 * MOST_WORK,
    stream_parsing_work_maximum_count=500_000,
    page_tree_maximum_entries=10_000,
    page_tree_maximum_page_entries=200_000,
    outline_maximum_entries=5_000,
    xform_maximum_invocations_per_extraction=0,  # the drawings inside a page are read here, so that they count
)
TOO_MUCH = "the PDF is larger, or packed more tightly, than what we read"
BOLD = re.compile(r"bold|black|heavy|demi|[-,]bd\b", re.IGNORECASE)
SIGN_RANGE = re.compile(rb"<\s*([0-9a-fA-F]{1,8})\s*>\s*<\s*([0-9a-fA-F]{1,8})\s*>\s*[<\[]")
Matrix = tuple[float, ...]  # a, b, c, d, e, f as the PDF standard writes them
SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

logger = logging.getLogger(__name__)
logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of every oddity that it then copes with


def pdf_passages(body: bytes) -> list[Passage]:
    """The passages of a PDF, none where it holds no text; ExtractionError says why it cannot be read."""
    try:
        with apply_configuration(LIMITS):
            return layout_passages(*_read(body))
    except ExtractionError:
        raise
    except (FileNotDecryptedError, WrongPasswordError, DependencyError) as error:
        raise ExtractionError("the PDF is protected") from error
    except (LimitReachedError, MemoryError, RecursionError) as error:
        raise ExtractionError(TOO_MUCH) from error
    except Exception as error:  # a broken file fails in as many ways as there are bytes
        raise ExtractionError(f"the PDF is broken or cut off ({type(error).__name__})") from error


def _read(body: bytes) -> tuple[list[Page], list[str]]:
    """The pages, and the titles in the document's own table of contents."""
    reader = PdfReader(BytesIO(body))
    if reader.is_encrypted and not reader.decrypt(""):
        raise ExtractionError("the PDF is protected by a password")
    count = len(reader.pages)
    if count > MOST_PAGES:
        raise ExtractionError(f"the PDF has {count} pages, more than the {MOST_PAGES} that we read")
    if not count:
        raise ExtractionError("the PDF has no pages")
    work = _Work()
    return [_PageReader(page, work).read() for page in reader.pages], list(_titles(reader))


def _titles(reader: PdfReader) -> Iterator[str]:
    """The titles of the outline; one that is broken says nothing."""
    try:
        waiting: list[Any] = [reader.outline]
    except Exception:  # the text can be read all the same
        return
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, list):
            waiting += entry
        elif isinstance(title := entry.get("/Title"), str):
            yield title


class _Work:
    """What may still be read of one document."""

    def __init__(self) -> None:
        self.left = MOST_WORK
        self._signs: dict[int, int] = {}

    def spend(self, amount: int) -> None:
        """Raises ExtractionError when the document is too large."""
        self.left -= amount
        if self.left < 0:
            raise ExtractionError(TOO_MUCH)

    def spend_fonts(self, fonts: Any) -> None:
        """Fonts are read anew for each page, with all the signs that they name, whether they stand there or not."""
        if not isinstance(fonts, DictionaryObject):
            return
        signs = sum(self._signs_of(_value(fonts, name)) for name in fonts)
        if signs > MOST_SIGNS:
            raise ExtractionError(TOO_MUCH)
        if signs > MANY_SIGNS:
            gc.collect()  # what pypdf made of the fonts of earlier pages holds itself, and would wait for its turn
        self.spend(2 * signs)

    def _signs_of(self, font: Any) -> int:
        """About how many signs a font names; remembered, for a font serves many pages."""
        if id(font) not in self._signs:
            self._signs[id(font)] = 100 + _mapped(font) + _measured(font)
        return self._signs[id(font)]


def _mapped(font: Any) -> int:
    """How many signs a font says the meaning of, at most."""
    table = _value(font, "/ToUnicode")
    data = table.get_data() if isinstance(table, StreamObject) else b""
    ranges = sum(max(0, int(last, 16) - int(first, 16)) for first, last in SIGN_RANGE.findall(data))
    differences = _value(_value(font, "/Encoding"), "/Differences")
    return ranges + len(data) // 10 + (len(differences) if isinstance(differences, list) else 0)


def _measured(font: Any) -> int:
    """How many signs a font says the width of by ranges (first, last, width), at most."""
    inner = _value(font, "/DescendantFonts")
    widths = _value(inner[0].get_object(), "/W") if isinstance(inner, list) and inner else None
    listed = widths if isinstance(widths, list) else []
    spans = zip(listed, listed[1:], listed[2:], strict=False)
    return int(sum(max(0, two - one) for one, two, three in spans if all(map(_is_number, (one, two, three)))))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


class _PageReader:
    """Collects the lines of one page as they are drawn."""

    def __init__(self, page: PageObject, work: _Work) -> None:
        self._page, self._work = page, work
        self._pieces: list[Piece] = []
        self._lines: list[Line] = []

    def read(self) -> Page:
        """The page's lines and links."""
        contents = self._page.get_contents()
        if contents is not None:
            self._draw(self._page, contents, SAME, 0)
        self._end_line()
        return Page(self._lines, list(_anchors(self._page)))

    def _draw(self, part: Any, contents: StreamObject, outer: Matrix, depth: int) -> None:
        """Takes in the text of a page, or of a drawing in it, which has its own orders, fonts and place."""
        resources = _value(part, "/Resources")
        self._work.spend(len(contents.get_data()) + A_CALL)
        self._work.spend_fonts(_value(resources, "/Font"))
        drawings = _value(resources, "/XObject")

        def after(operator: bytes, operands: Any, cm: list[float], tm: list[float]) -> None:
            if operator == b"Do" and operands and depth < DEEPEST:
                self._draw_inner(_value(drawings, operands[0]), _times(cm, outer), depth)

        if part is self._page:
            self._page.extract_text(visitor_text=self._visitor(outer), visitor_operand_after=after)
        else:
            self._page.extract_xform_text(part, visitor_text=self._visitor(outer), visitor_operand_after=after)

    def _draw_inner(self, drawing: Any, outer: Matrix, depth: int) -> None:
        if not isinstance(drawing, StreamObject) or _value(drawing, "/Subtype") != "/Form":
            return
        placed = _numbers(_value(drawing, "/Matrix"), 6)
        try:
            self._draw(drawing, drawing, _times(placed, outer) if placed else outer, depth + 1)
        except (ExtractionError, LimitReachedError, MemoryError, RecursionError):
            raise
        except Exception:  # viewers pass over a broken drawing too
            logger.debug("A drawing inside a page is broken", exc_info=True)
        self._end_line()

    def _visitor(self, outer: Matrix) -> Callable[..., None]:
        def take(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
            place = _times(_times(tm, cm), outer)
            high = size * (place[2] ** 2 + place[3] ** 2) ** 0.5
            first, *following = text.split("\n")
            for number, words in enumerate([first, *following]):
                if number:
                    self._end_line()
                if words:
                    self._pieces.append(Piece(words, place[4], place[5], high, _is_bold(font)))

        return take

    def _end_line(self) -> None:
        if self._pieces:
            self._lines.append(line_of(self._pieces))
        self._pieces = []


def _anchors(page: PageObject) -> Iterator[Anchor]:
    """The places of a page that lead to an address."""
    found, absolute = _value(page, "/Annots"), link_target("")
    for reference in found[:MOST_LINKS] if isinstance(found, list) else ():
        entry = reference.get_object()
        url = _value(_value(entry, "/A"), "/URI")
        if isinstance(url, bytes):
            url = url.decode("utf-8", "replace")
        place = _numbers(_value(entry, "/Rect"), 4) if isinstance(url, str) else ()
        target = absolute(url) if isinstance(url, str) and place else ""
        if target:
            left, bottom, right, top = place
            yield Anchor(min(left, right), min(bottom, top), max(left, right), max(bottom, top), target)


def _value(holder: Any, key: str) -> Any:
    """What a dictionary has under a key, wherever it stands in the file; None where it is no dictionary."""
    found = holder.get(key) if isinstance(holder, DictionaryObject) else None
    return found.get_object() if found is not None else None


def _numbers(value: Any, count: int) -> Matrix:
    """The numbers of an array, nothing if they are not as many as they should be."""
    try:
        numbers = tuple(float(number) for number in value)
    except (TypeError, ValueError):
        return ()
    return numbers if len(numbers) == count else ()


def _is_bold(font: Any) -> bool:
    return BOLD.search(str(_value(font, "/BaseFont"))) is not None


def _times(inner: Any, outer: Any) -> Matrix:
    """The matrix of what stands inside something else."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)
