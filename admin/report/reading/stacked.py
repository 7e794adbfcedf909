"""Text files in which every cell of a table stands on a line of its own, as word processors write them out."""

from collections.abc import Iterator, Sequence

from admin.report.reading.labels import is_row_of_table_3, row_of_table_2
from admin.report.reading.outline import ENDS, section_of
from admin.report.reading.raw import Paragraph, Row, Table
from admin.report.reading.words import key, value

DISPUTES = "行政复议"
OPENS = ("第二十条第", "本列数据的勾稽关系", DISPUTES)
HEADS = ("第二十条第", "信息内容")
LONGEST_CELL = 60


def unstacked(blocks: Sequence[Paragraph | Table]) -> Iterator[Paragraph | Table]:
    """Runs of lines that are cells become tables; everything else stays."""
    run: list[Paragraph] = []
    for block in blocks:
        if isinstance(block, Paragraph) and (_goes_on(block.text) if run else _opens(block.text)):
            run.append(block)
            continue
        yield from _table(run)
        run = []
        yield block
    yield from _table(run)


def _opens(text: str) -> bool:
    return any(key(text).startswith(opening) for opening in OPENS) and _goes_on(text)


def _goes_on(text: str) -> bool:
    return len(text) <= LONGEST_CELL and text[-1] not in ENDS and section_of(text) is None


def _table(run: list[Paragraph]) -> Iterator[Paragraph | Table]:
    if not any(value(line.text)[0] is not None for line in run):
        yield from run
        return
    cells = [line.text for line in run]
    rows: list[Row]
    if key(cells[0]).startswith(DISPUTES):
        rows = [(cells[0],), tuple(cell for cell in cells if value(cell)[0] is not None)]
    else:
        rows = [row for row in _rows(cells) if _says_something(row)]
    yield Table(tuple(rows), f"{run[0].place}起的表", exact=False)


def _rows(cells: Sequence[str]) -> Iterator[Row]:
    """A row begins at a label of the form, and where a word follows a number."""
    row: list[str] = []
    for cell in cells:
        word = value(cell)[0] is None
        after_number = bool(row) and value(row[-1])[0] is not None
        if row and word and (after_number or _is_label(cell)):
            yield tuple(row)
            row = []
        elif row and not word and not after_number and not _is_label(row[-1]):
            yield tuple(row)  # heads; the numbers below them are a row of their own
            row = []
        row.append(cell)
    yield tuple(row)


def _is_label(cell: str) -> bool:
    return is_row_of_table_3(cell) or bool(row_of_table_2(cell)) or any(key(cell).startswith(head) for head in HEADS)


def _says_something(row: Row) -> bool:
    """Heads of table three alone would be taken for rows: 其他 and 总计 are both."""
    head = key(row[0] or "")
    return any(head.startswith(opening) for opening in (*OPENS, *HEADS)) or value(row[-1])[0] is not None
