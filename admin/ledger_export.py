"""The ledger as CSV or XLSX, to be opened in a spreadsheet: every text is text, and no cell is ever reckoned."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from tempfile import SpooledTemporaryFile
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from knowledge import clock
from knowledge.disclosing.lines import parts_of
from knowledge.disclosing.words import FIELDS
from knowledge.vocabulary import LedgerKind

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
MOST_XLSX = 200_000  # lines; CSV has no such end
IN_MEMORY = 4 * 1024 * 1024
LONGEST = 32_000
HEADS = ("行号", *FIELDS.values(), "经手", "登记时间", "更正第几行", "更正理由", "是否计数")


def cells(row: Any, stands: bool, names: dict[str, str]) -> list[int | str]:
    """One line of the ledger as cells."""
    source, basis = parts_of(row.source)
    recorded = row.recorded_at.astimezone(clock.OFFICE_ZONE).strftime("%Y-%m-%d %H:%M:%S")
    day = clock.office_day(row.at).isoformat()
    return [
        row.seq,
        LedgerKind(row.kind).label,
        day,
        row.title,
        row.channel,
        row.address,
        row.quantity,
        source,
        basis,
        names.get(row.by, row.by),
        recorded,
        row.corrects or "",
        row.reason,
        "是" if stands else "否",
    ]


def csv_lines(rows: Iterable[Iterable[int | str]]) -> bytes:
    """Lines of CSV; a text that a spreadsheet would reckon is guarded by an apostrophe."""
    paper = io.StringIO()
    csv.writer(paper).writerows([[_guarded(cell) for cell in row] for row in rows])
    return paper.getvalue().encode()


async def xlsx(rows: AsyncIterator[list[int | str]]) -> bytes:
    """A workbook of one sheet, written line by line."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("公开台账")
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFGHIJKLMN", (8, 26, 12, 50, 16, 40, 8, 20, 20, 12, 20, 10, 30, 10), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([_cell(sheet, head) for head in HEADS])
    async for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    with SpooledTemporaryFile(max_size=IN_MEMORY) as paper:
        book.save(paper)
        paper.seek(0)
        return paper.read()


def _guarded(value: int | str) -> int | str:
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value


def _cell(sheet: Any, value: int | str) -> Any:
    if isinstance(value, int):
        return value
    cell = WriteOnlyCell(sheet, value[:LONGEST])
    cell.data_type = "s"
    if value.startswith(DANGEROUS):
        cell.number_format = "@"
        cell.quotePrefix = True
    return cell
