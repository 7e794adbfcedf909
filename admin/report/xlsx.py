"""The report as a workbook: the three tables, every figure with its rule, the rows behind them, the checks.

Every text is written as text: a cell that begins with = + - or @ is never a formula.
"""

from collections.abc import Iterable
from datetime import UTC
from decimal import Decimal
from io import BytesIO
from math import ceil
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from admin.report.archive import settled
from admin.report.build import Report
from admin.report.checks import LEVELS
from admin.report.layout import VALUE, Grid, GridCell, grids
from admin.report.values import is_number, shown

LONGEST = 32_000  # a cell holds 32,767 characters
MOST_ROWS = 200_000  # of the rows behind the figures; JSON has them all
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
ROW_HEADS = ("指标", "表", "编号", "日期", "事项", "数量", "登记人", "来源")
CHECK_HEADS = ("编号", "级别", "规则", "左边", "右边", "是否成立")
LINE = Side(style="thin")
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
CHARACTERS_PER_MM, NARROWEST, LINE_POINTS = 0.6, 9, 15
CORE = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\
<dc:title>{1}</dc:title>\
<dcterms:created xsi:type="dcterms:W3CDTF">{0}</dcterms:created>\
<dcterms:modified xsi:type="dcterms:W3CDTF">{0}</dcterms:modified></cp:coreProperties>"""


def xlsx(report: Report) -> bytes:
    """The whole workbook."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for section in report.sections:
        if section.table:
            grid = grids(report.form, report.values)[section.table]
            _draw(book.create_sheet(f"表{section.title[0]}"), section.title, grid)
    _list(
        book.create_sheet("指标"), ("指标", "名称", "数值", "单位", "统计口径"), _figures(report), (34, 46, 14, 8, 90)
    )
    _list(book.create_sheet("依据的记录"), ROW_HEADS, _rows(report), (34, 18, 10, 12, 50, 12, 14, 50))
    _list(book.create_sheet("校验"), CHECK_HEADS, _checks(report), (8, 8, 80, 24, 24, 12))
    paper = BytesIO()
    book.save(paper)
    moment = report.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return settled(paper.getvalue(), {"docProps/core.xml": CORE.format(moment, escape(report.title)).encode()})


def _draw(sheet: Worksheet, title: str, grid: Grid) -> None:
    _put(sheet.cell(1, 1), title).font = Font(bold=True)
    for cell in grid.cells:
        row, column = cell.row + 2, cell.column + 1
        last_row, last_column = row + cell.rows - 1, column + cell.columns - 1
        _put(sheet.cell(row, column), cell.value if cell.role == VALUE else cell.text)
        for line in sheet.iter_rows(row, last_row, column, last_column):
            for each in line:
                each.border = Border(LINE, LINE, LINE, LINE)
                each.alignment = CENTRED
        if (row, column) != (last_row, last_column):
            sheet.merge_cells(start_row=row, start_column=column, end_row=last_row, end_column=last_column)
    widths = [max(width * CHARACTERS_PER_MM, NARROWEST) for width in grid.widths]
    for number, begun in enumerate(grid.by_row(), start=2):
        lines = [_lines(cell, widths) for cell in begun if cell.rows == 1]
        sheet.row_dimensions[number].height = LINE_POINTS * max(lines, default=1) + 3
    _page(sheet, widths)


def _lines(cell: GridCell, widths: list[float]) -> int:
    """How many lines a text needs: programs do not fit the height of merged cells by themselves."""
    return max(ceil(2 * len(cell.text) / (sum(widths[cell.column : cell.column + cell.columns]) - 1)), 1)


def _page(sheet: Worksheet, widths: Iterable[float]) -> None:
    """Widths of the columns, and all of them on one A4 page across."""
    for index, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _list(
    sheet: Worksheet, heads: tuple[str, ...], lines: Iterable[tuple[object, ...]], widths: tuple[int, ...]
) -> None:
    for row, line in enumerate([heads, *lines], start=1):
        for column, value in enumerate(line, start=1):
            cell = _put(sheet.cell(row, column), value)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if row == 1:
                cell.font = Font(bold=True)
    _page(sheet, widths)
    sheet.freeze_panes = "A2"


def _put(cell: Cell | MergedCell, value: object) -> Cell:
    """A number as a number; everything else as text, whatever it begins with."""
    assert isinstance(cell, Cell), "a cell is written before it is merged"  # noqa: S101
    if is_number(value):
        cell.value = value
        cell.number_format = "General" if not isinstance(value, Decimal) else "0.####"
        return cell
    text = shown(value)[:LONGEST]
    cell.value = text
    cell.data_type = "s"
    if text.startswith(DANGEROUS):
        cell.number_format = "@"
        cell.quotePrefix = True
    return cell


def _figures(report: Report) -> Iterable[tuple[object, ...]]:
    for figure in report.figures.values():
        yield figure.key, figure.label, figure.value, figure.unit, figure.rule


def _rows(report: Report) -> Iterable[tuple[object, ...]]:
    left = MOST_ROWS
    for figure in report.figures.values():
        for row in figure.rows[:left]:
            quantity = Decimal(str(row["quantity"])) if isinstance(row["quantity"], float) else row["quantity"]
            yield figure.key, row["table"], row["id"], row["day"], row["title"], quantity, row["who"], row["source"]
        left -= min(left, len(figure.rows))
    if not left:
        yield ("", "", "", "", f"本表最多列出{MOST_ROWS}行，全部记录见 JSON 文件。", "", "", "")


def _checks(report: Report) -> Iterable[tuple[object, ...]]:
    words = {True: "成立", False: "不成立", None: "无法判断"}
    for check in report.checks:
        yield check.id, LEVELS[check.level], check.label, check.left, check.right, words[check.holds]
