"""What a PDF page shows, as PDFium tells: letters with their places, ruled lines; y grows downwards, in points."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from admin.report.reading.limits import MOST_PAGES

LOCKED, BROKEN, LONG = "locked", "broken", "long"
MOST_LETTERS, MOST_RULES = 20_000, 20_000  # on one page
THIN = 2.5  # a filled box this narrow is a line
PATHS_DEEP = 5


@dataclass(frozen=True)
class Letter:
    """A sign, its left and right edge, its baseline, and how large it is set."""

    sign: str
    left: float
    right: float
    base: float
    size: float


@dataclass(frozen=True)
class Rule:
    """A straight line, level or upright."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Page:
    """One page."""

    width: float
    height: float
    letters: tuple[Letter, ...]
    rules: tuple[Rule, ...]


def pages(content: bytes) -> list[Page]:
    """Every page; ValueError with LOCKED, BROKEN or LONG where there is none to be had."""
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) == pdfium_c.FPDF_ERR_PASSWORD
        raise ValueError(LOCKED if locked else BROKEN) from None
    try:
        if len(document) > MOST_PAGES:
            raise ValueError(LONG)
        return [_page(document[number]) for number in range(len(document))]
    except pdfium.PdfiumError:
        raise ValueError(BROKEN) from None
    finally:
        document.close()


def _page(page: pdfium.PdfPage) -> Page:
    width, height = page.get_size()
    found = Page(width, height, tuple(_letters(page, height)), tuple(_rules(page, height)))
    page.close()
    return found


def _letters(page: pdfium.PdfPage, height: float) -> Iterator[Letter]:
    text = page.get_textpage()
    x, y, box = ctypes.c_double(), ctypes.c_double(), pdfium_c.FS_RECTF()
    for at in range(min(text.count_chars(), MOST_LETTERS)):
        code = pdfium_c.FPDFText_GetUnicode(text, at)
        if pdfium_c.FPDFText_IsGenerated(text, at) == 1 or code in (0, 10, 13):
            continue
        pdfium_c.FPDFText_GetCharOrigin(text, at, x, y)
        pdfium_c.FPDFText_GetLooseCharBox(text, at, box)
        sign = "-" if code == 2 else chr(code)  # PDFium's sign for a hyphen at the end of a line
        size = pdfium_c.FPDFText_GetFontSize(text, at)
        yield Letter(sign, min(x.value, box.right), max(box.right, x.value), height - y.value, _size(box, size))
    text.close()


def _size(box: pdfium_c.FS_RECTF, size: float) -> float:
    """The size as set on the page; the font's own where the box says nothing."""
    return float(box.top - box.bottom) / 1.2 if size <= 1.5 else float(size)


def _rules(page: pdfium.PdfPage, height: float) -> Iterator[Rule]:
    count = 0
    for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_PATH], max_depth=PATHS_DEEP):
        for rule in _of_path(item, height):
            count += 1
            if count > MOST_RULES:
                return
            yield rule


def _of_path(item: pdfium.PdfObject, height: float) -> Iterator[Rule]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(item, fill, stroke)
    left, bottom, right, top = item.get_bounds()
    if right - left <= THIN or top - bottom <= THIN:
        if right - left > THIN or top - bottom > THIN:
            yield _straight(left, height - top, right, height - bottom)
    elif stroke.value:
        yield from _sides(item, height)


def _straight(left: float, top: float, right: float, bottom: float) -> Rule:
    """A narrow box as the line through its middle."""
    if right - left > bottom - top:
        return Rule(left, (top + bottom) / 2, right, (top + bottom) / 2)
    return Rule((left + right) / 2, top, (left + right) / 2, bottom)


def _sides(item: pdfium.PdfObject, height: float) -> Iterator[Rule]:
    """The level and upright strokes of a path."""
    matrix = item.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    start = here = (0.0, 0.0)
    for at in range(min(pdfium_c.FPDFPath_CountSegments(item), MOST_RULES)):
        segment = pdfium_c.FPDFPath_GetPathSegment(item, at)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        there = matrix.on_point(x.value, y.value)
        if pdfium_c.FPDFPathSegment_GetType(segment) == pdfium_c.FPDF_SEGMENT_MOVETO:
            start = there
        elif pdfium_c.FPDFPathSegment_GetType(segment) == pdfium_c.FPDF_SEGMENT_LINETO:
            yield from _stroke(here, there, height)
        if pdfium_c.FPDFPathSegment_GetClose(segment):
            yield from _stroke(there, start, height)
        here = there


def _stroke(one: tuple[float, float], two: tuple[float, float], height: float) -> Iterator[Rule]:
    (left, right), (bottom, top) = sorted((one[0], two[0])), sorted((one[1], two[1]))
    if (right - left <= THIN) != (top - bottom <= THIN):
        yield _straight(left, height - top, right, height - bottom)
