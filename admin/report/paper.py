"""Sheets of A4 as official documents have them (GB/T 9704), written from top to bottom; lengths in points.

版心 156 mm × 225 mm, 22 lines of 28 points to a page, page number below between dashes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from fontTools.ttLib import TTLibError
from fpdf import FPDF
from fpdf.errors import FPDFException
from fpdf.fonts import TTFFont

from admin.report import breaking
from admin.report.fonts import BODY, TABLE, Font
from knowledge.errors import BadInputError

MM = 72 / 25.4
TOP, BOTTOM, LEFT, RIGHT = 37 * MM, 35 * MM, 28 * MM, 26 * MM
WIDTH, HEIGHT = 210 * MM, 297 * MM
MEASURE, END = WIDTH - LEFT - RIGHT, HEIGHT - BOTTOM
LINE, ASCENT = 28.0, 0.86  # how far below the top of a letter's box its baseline lies
MARK_BASE = 22 * MM
NUMBER_SIZE, NUMBER_BELOW = 14.0, 12 * MM  # a page number stands 7 mm below the text, measured to its baseline here
SPREAD = 0.09  # a line is stretched to the margin where no gap grows by more than this part of a letter
PLAIN = {ord(sign): " " for sign in "\t\u00a0\u2002\u2003"}


class _Sheets(FPDF):
    """The page number is drawn when a page is finished."""

    numbers = ""  # the font's family
    mark = ""  # stands at the head of every page

    def header(self) -> None:
        if self.mark:
            self.set_font(self.numbers, size=NUMBER_SIZE)
            self.text((WIDTH - self.get_string_width(self.mark)) / 2, MARK_BASE, self.mark)

    def footer(self) -> None:
        self.set_font(self.numbers, size=NUMBER_SIZE)
        text = f"— {self.page_no()} —"
        self.text((WIDTH - self.get_string_width(text)) / 2, END + NUMBER_BELOW, text)


@dataclass(frozen=True)
class Style:
    """A font's role, its size, where the first line begins, and how far apart lines are."""

    role: str
    size: float
    indent: float = 0.0
    line: float = LINE
    centred: bool = False


class Paper:
    """What has been written so far; `y` is where the next line goes."""

    def __init__(self, fonts: Mapping[str, Font], title: str, author: str, moment: datetime, mark: str = "") -> None:
        self.sheets = _Sheets(unit="pt", format=(WIDTH, HEIGHT))
        self.sheets.set_auto_page_break(False)
        kinds = list(dict.fromkeys(fonts.values()))  # where one font serves for several, it is embedded once
        self.families = {role: f"f{kinds.index(font)}" for role, font in fonts.items()}
        for number, font in enumerate(kinds):
            self._add(f"f{number}", font)
        self._letters = {
            family: set(getattr(self.sheets.fonts[family], "cmap", ())) for family in self.families.values()
        }
        self.sheets.numbers, self.sheets.mark = self.families[TABLE], mark
        self.sheets.set_title(title)
        self.sheets.set_author(author)
        self.sheets.set_creation_date(moment)
        self.sheets.set_lang("zh-CN")
        self.y = TOP
        self._widths: dict[tuple[str, float, str], float] = {}
        self.page()

    def page(self) -> None:
        """Begin a new page."""
        self.sheets.add_page()
        self.y = TOP

    @property
    def full(self) -> float:
        """How much a page holds."""
        return END - TOP

    def room(self) -> float:
        """How much is left of this page."""
        return END - self.y

    def paragraph(self, text: str, style: Style, follow: float = 0.0) -> None:
        """Lines over as many pages as they need; `follow` keeps that much room below the first line on its page."""
        text = text.translate(PLAIN)
        found = breaking.lines(text, lambda words: self.width(words, style), MEASURE, style.indent)
        for number, line in enumerate(found):
            if self.room() < style.line + (0 if number else follow):
                self.page()
            left = LEFT + (style.indent if not number else 0)
            room = MEASURE - (left - LEFT)
            spare = room - self.width(line, style)
            if style.centred:
                self.put(line, left + spare / 2, self.y, style)
            else:
                last = number == len(found) - 1
                self.put(line, left, self.y, style, 0 if last else self._stretch(line, spare, style))
            self.y += style.line

    def width(self, text: str, style: Style) -> float:
        """How wide a text is set."""
        return sum(self._letter(sign, style) for sign in text)

    def put(self, text: str, x: float, y: float, style: Style, gap: float = 0.0) -> None:
        """One line, its upper left corner at x, y; `gap` is added after every letter."""
        base = y + (style.line - style.size) / 2 + style.size * ASCENT
        for family, run in groupby(text, lambda sign: self._family(sign, style)):
            words = "".join(run)
            self.sheets.set_font(family, size=style.size)
            self.sheets.set_char_spacing(gap)
            self.sheets.text(x, base, words)
            self.sheets.set_char_spacing(0)
            x += self.width(words, style) + gap * len(words)

    def bookmark(self, title: str) -> None:
        """A part of the report in the reader's list of contents."""
        self.sheets.start_section(title)

    def finished(self) -> bytes:
        """The whole file."""
        return bytes(self.sheets.output())

    def __enter__(self) -> "Paper":
        return self

    def __exit__(self, *error: object) -> None:
        """Close the font files."""
        for font in self.sheets.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def _add(self, family: str, font: Font) -> None:
        try:
            self.sheets.add_font(family, fname=font.path, collection_font_number=font.face)
        except (TTLibError, OSError, FPDFException) as error:
            raise BadInputError(
                f"字体文件 {font.path} 用不了（{error}）。请换一个字体文件。", "report_font_dir"
            ) from None

    def _letter(self, sign: str, style: Style) -> float:
        key = (style.role, style.size, sign)
        if key not in self._widths:
            self.sheets.set_font(self._family(sign, style), size=style.size)
            self._widths[key] = self.sheets.get_string_width(sign, normalized=True)
        return self._widths[key]

    def _stretch(self, line: str, spare: float, style: Style) -> float:
        gap = spare / max(len(line) - 1, 1)
        return round(gap, 2) if gap <= style.size * SPREAD else 0.0

    def _family(self, sign: str, style: Style) -> str:
        """The font of the role, or another that has the letter; better no file than an empty box in its place."""
        for family in (self.families[style.role], *self.families.values()):
            if ord(sign) in self._letters[family]:
                return family
        raise BadInputError(
            f"PDF 用的字体里都没有“{sign}”（U+{ord(sign):04X}）这个字。请换一个字，或安装字更全的字体（如 fonts-noto-cjk）。",
            "format",
        )


TEXT = Style(BODY, 16.0, indent=32.0)
