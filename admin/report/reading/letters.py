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
LEAST_SIZE, BOX_HEIGHT = 1.5, 1.2  # a font of size 1 is made larger on the page; then the letter's box tells


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


@dataclass(frozen=True)
class _View:
    """A page as it is looked at: turned by `turns` quarters, y growing downwards from its upper edge."""

    turns: int
    left: float
    bottom: float
    right: float
    top: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as seen."""
        across, down = self.right - self.left, self.top - self.bottom
        return (down, across) if self.turns % 2 else (across, down)

    def seen(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the file is seen."""
        turned = (
            (x - self.left, self.top - y),
            (y - self.bottom, x - self.left),
            (self.right - x, y - self.bottom),
            (self.top - y, self.right - x),
        )
        return turned[self.turns % 4]

    def box(self, left: float, bottom: float, right: float, top: float) -> Rule:
        """A box of the file as it is seen."""
        (x, y), (u, v) = self.seen(left, bottom), self.seen(right, top)
        return Rule(min(x, u), min(y, v), max(x, u), max(y, v))


def _page(page: pdfium.PdfPage) -> Page:
    view = _view(page)
    found = Page(*view.size, tuple(_letters(page, view)), tuple(_rules(page, view)))
    page.close()
    return found


def _view(page: pdfium.PdfPage) -> _View:
    """The size tells also where the file says it for all pages at once; the box itself only where it is the page's own."""
    turns = page.get_rotation() // 90
    across, down = page.get_size()[:: -1 if turns % 2 else 1]
    left, bottom, *_ = page.get_cropbox(fallback_ok=False) or page.get_mediabox(fallback_ok=False) or (0.0, 0.0)
    return _View(turns, left, bottom, left + across, bottom + down)


def _letters(page: pdfium.PdfPage, view: _View) -> Iterator[Letter]:
    text = page.get_textpage()
    x, y, box = ctypes.c_double(), ctypes.c_double(), pdfium_c.FS_RECTF()
    for at in range(min(text.count_chars(), MOST_LETTERS)):
        code = pdfium_c.FPDFText_GetUnicode(text, at)
        if pdfium_c.FPDFText_IsGenerated(text, at) == 1 or code in (0, 10, 13):
            continue
        pdfium_c.FPDFText_GetCharOrigin(text, at, x, y)
        pdfium_c.FPDFText_GetLooseCharBox(text, at, box)
        sign = "-" if code == 2 else chr(code)  # PDFium's sign for a hyphen at the end of a line
        seen = view.box(box.left, box.bottom, box.right, box.top)
        left, base = view.seen(x.value, y.value)
        size = pdfium_c.FPDFText_GetFontSize(text, at)
        size = size if size > LEAST_SIZE else (seen.bottom - seen.top) / BOX_HEIGHT
        yield Letter(sign, min(left, seen.right), max(seen.right, left), base, size)
    text.close()


def _rules(page: pdfium.PdfPage, view: _View) -> Iterator[Rule]:
    count = 0
    for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_PATH], max_depth=PATHS_DEEP):
        for rule in _of_path(item, view):
            count += 1
            if count > MOST_RULES:
                return
            yield rule


def _of_path(item: pdfium.PdfObject, view: _View) -> Iterator[Rule]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(item, fill, stroke)
    seen = view.box(*item.get_bounds())
    wide, high = seen.right - seen.left, seen.bottom - seen.top
    if min(wide, high) <= THIN:
        if max(wide, high) > THIN:
            yield _straight(seen)
    elif stroke.value:
        yield from _sides(item, view)


def _straight(box: Rule) -> Rule:
    """A narrow box as the line through its middle."""
    if box.right - box.left > box.bottom - box.top:
        middle = (box.top + box.bottom) / 2
        return Rule(box.left, middle, box.right, middle)
    middle = (box.left + box.right) / 2
    return Rule(middle, box.top, middle, box.bottom)


def _sides(item: pdfium.PdfObject, view: _View) -> Iterator[Rule]:
    """The level and upright strokes of a path."""
    matrix = item.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    start = here = (0.0, 0.0)
    for at in range(min(pdfium_c.FPDFPath_CountSegments(item), MOST_RULES)):
        segment = pdfium_c.FPDFPath_GetPathSegment(item, at)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        there: tuple[float, float] = matrix.on_point(x.value, y.value)
        if pdfium_c.FPDFPathSegment_GetType(segment) == pdfium_c.FPDF_SEGMENT_MOVETO:
            start = there
        elif pdfium_c.FPDFPathSegment_GetType(segment) == pdfium_c.FPDF_SEGMENT_LINETO:
            yield from _stroke(view.box(here[0], here[1], there[0], there[1]))
        if pdfium_c.FPDFPathSegment_GetClose(segment):
            yield from _stroke(view.box(there[0], there[1], start[0], start[1]))
        here = there


def _stroke(box: Rule) -> Iterator[Rule]:
    if (box.right - box.left <= THIN) != (box.bottom - box.top <= THIN):
        yield _straight(box)
