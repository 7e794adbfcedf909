"""CSV and its like: UTF-8, GB18030 or UTF-16, with any usual separator, found from the first lines."""

import csv
import io

from admin.ledger_import.limits import HEAD_WITHIN, LONGEST_CELL, MOST_COLUMNS, MOST_LINES, Cells, Rows
from knowledge.errors import BadInputError

SEPARATORS = (",", "\t", ";", "|", "，", "；")
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_text(content: bytes) -> Rows:
    """The lines of a text file; BadInputError names the line that cannot be read."""
    text = _decoded(content)
    named = text[:4].casefold() == "sep=" and text[4:5] in SEPARATORS
    separator = text[4] if named else _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begin = 1
    try:
        for row in reader:
            number, begin = begin, reader.line_num + 1
            if number > MOST_LINES + HEAD_WITHIN:
                raise BadInputError(f"文件超过 {MOST_LINES} 行，请分成几个文件导入。", "file")
            if any(len(cell) > LONGEST_CELL for cell in row) or len(row) > MOST_COLUMNS:
                raise BadInputError(
                    f"第 {number} 行有过长的单元格或多于 {MOST_COLUMNS} 列，可能是引号没有成对，请检查。", "file"
                )
            if any(cell.strip() for cell in row) and not (named and number == 1):
                yield Cells(number, tuple(_unguarded(cell) for cell in row))
    except csv.Error:
        raise BadInputError(
            f"第 {begin} 行读不出来：引号没有成对，或者引号后面还有别的字。请用表格软件打开后重新另存为 CSV。", "file"
        ) from None


def _decoded(content: bytes) -> str:
    """The text; a byte that belongs to no encoding is named by its line, not guessed at."""
    names = ("utf-16",) if content.startswith(UTF16) else ("utf-8-sig", "gb18030")
    lines = []
    for name in names:
        try:
            text = content.decode(name)
        except UnicodeDecodeError as error:
            lines.append(content.count(b"\n", 0, error.start) + 1)
            continue
        if "\0" in text:
            raise BadInputError("文件里有空字符，不是文字文件。请另存为 CSV 或 XLSX。", "file")
        return text
    raise BadInputError(f"第 {max(lines)} 行的文字编码认不出来。请用表格软件另存为 CSV（UTF-8）。", "file")


def _separator(text: str) -> str:
    """What splits the first lines into most cells, the same number on the most of them."""
    first = text[:20_000].splitlines()[:HEAD_WITHIN]
    return max(SEPARATORS, key=lambda sign: max((line.count(sign) for line in first), default=0))


def _unguarded(cell: str) -> str:
    """Without the mark that keeps a spreadsheet from reckoning: our own export sets it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell
