"""XLSX: the first sheet with anything in it, read row by row; nothing is reckoned, nothing outside is fetched."""

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from admin.ledger_import.limits import (
    HEAD_WITHIN,
    LARGEST_STRINGS,
    LARGEST_TEXT,
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_LINES,
    MOST_MEMBERS,
    Cells,
    Rows,
)
from knowledge.errors import BadInputError

PROLOGUE = 64 * 1024
BROKEN = "XLSX 文件已损坏，或者不是表格。请用表格软件打开后重新另存为 XLSX。"


def read_book(content: bytes) -> Rows:
    """The lines of a workbook; BadInputError where it is too large, broken or unsafe."""
    _looked_through(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions, which do not matter here
            book = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
            try:
                yield from _rows(book)
            finally:
                book.close()
    except BadInputError:
        raise
    except Exception:  # whatever a broken file makes a parser raise, it is a broken file
        raise BadInputError(BROKEN, "file") from None


def _looked_through(content: bytes) -> None:
    """What the file says of its members: a lie shows as a broken member, since no more than said is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > LARGEST_TEXT:
                raise BadInputError("XLSX 文件解开后太大，没有读。请只留要导入的一张表，或分成几个文件。", "file")
            if any(one.file_size > LARGEST_STRINGS for one in members if "sharedStrings" in one.filename):
                raise BadInputError("XLSX 文件里的文字太多，没有读。请另存为 CSV，或分成几个文件。", "file")
            if any(one.flag_bits & 1 for one in members):
                raise BadInputError("XLSX 文件加了密码，读不了。请另存一份不加密的。", "file")
            for one in members:
                with archive.open(one) as member:
                    if b"<!DOCTYPE" in member.read(PROLOGUE):
                        raise BadInputError("XLSX 文件里有文档类型声明，正常的表格不会有，为安全起见没有读。", "file")
    except BadInputError:
        raise
    except Exception:
        raise BadInputError(BROKEN, "file") from None


def _rows(book: Any) -> Iterator[Cells]:
    """Of the first sheet that holds anything; lists of the others would be a guess."""
    for sheet in book.worksheets:
        found = False
        rows = sheet.iter_rows(max_row=MOST_LINES + HEAD_WITHIN + 1, max_col=MOST_COLUMNS)
        for number, row in enumerate(rows, start=1):
            texts = tuple(_text(cell, number) for cell in row)
            if any(texts):
                found = True
                if number > MOST_LINES + HEAD_WITHIN:
                    raise BadInputError(f"表格超过 {MOST_LINES} 行，请分成几个文件导入。", "file")
                formulas = tuple(place for place, cell in enumerate(row) if cell.data_type == "f")
                yield Cells(number, texts, formulas)
        if found:
            return


def _text(cell: Any, number: int) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    if len(text) > LONGEST_CELL:
        raise BadInputError(f"第 {number} 行 {get_column_letter(cell.column)} 列的内容太长，请检查。", "file")
    return text.strip()
