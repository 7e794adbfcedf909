"""Finds the three tables of the form among a file's tables: cut by pages, with merged cells, blanks and remarks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from admin.report.form import Column, form_for
from admin.report.reading.labels import (
    NEW_FORM,
    OLD_FORM,
    columns_of_table_2,
    is_row_of_table_3,
    row_of_table_2,
    row_of_table_3,
    rows_of_table_3,
)
from admin.report.reading.lines import Line, mended
from admin.report.reading.published import Sheet
from admin.report.reading.raw import Row, Table
from admin.report.reading.words import key, tidy, value
from admin.report.values import NOT_RECORDED, Value

COLUMNS = form_for(NEW_FORM).table3.columns
COLUMN_KEYS = {key(column.label): column.key for column in COLUMNS}
HEADS_4 = {key(name) for name in ("行政复议", "行政诉讼", "未经复议直接起诉", "复议后起诉", "结果维持", "结果纠正")}
CELLS_4 = [
    (group.key, column.key)
    for group in form_for(NEW_FORM).table4.groups
    for column in form_for(NEW_FORM).table4.columns
]
NAMES = {"2": "表二", "3": "表三", "4": "表四"}
SHOWN = 20  # how much of a text that was not understood is repeated


@dataclass
class _Found:
    """What was read so far."""

    cells: dict[str, Value] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)

    def put(self, table: str, name: str, text: str | None, line: Line, at: int) -> None:
        """One cell; what is no number there is a fault and counts as not filled in."""
        place = f"{line.place}第{at + 1}格"
        read, remark = value(text)
        where = f"{NAMES[table]}{line.texts[0] if line.texts else ''}（{place}）"
        if read is None:
            self.faults.append(f"{where}的“{(text or '').strip()[:SHOWN]}”不是数字，按没有填处理")
        elif remark:
            self.remarks.append(f"{where}另有说明“{remark[:SHOWN]}”，按前面的数字计")
        self.cells[f"t{table}.{name}"] = NOT_RECORDED if read is None else read
        self.places[f"t{table}.{name}"] = place
        self.tables.add(table)


def read_tables(tables: Sequence[Table]) -> Sheet:
    """The cells of the form that these tables hold."""
    found = _Found()
    two, three, four = _Two(found), _Three(found), _Four(found)
    reader: _Two | _Three | _Four | None = None
    for line in mended(tables):
        for candidate in (two, three, four):
            if candidate.begins(line):
                reader = candidate
        if three.knows(line) and reader is not two:
            reader = three
        if reader:
            reader.take(line)
    return Sheet(
        found.cells, found.places, two.blocks, three.form, frozenset(found.tables), found.remarks, found.faults
    )


class _Two:
    """Table two: blocks, each with its own columns."""

    def __init__(self, found: _Found) -> None:
        self.found = found
        self.blocks: list[list[str]] = []
        self.heads: list[tuple[int, str]] = []
        self.own: list[int] = []
        self.columns: list[Column | None] = []

    def begins(self, line: Line) -> bool:
        return any(text.startswith("第二十条第") for text in line.keys) or "信息内容" in line.keys

    def take(self, line: Line) -> None:
        if "信息内容" in line.keys:
            self.heads = [(at, tidy(text)) for at, text in enumerate(line.row) if text and key(text) != "信息内容"]
            self.columns, self.own = [], line.own
            self.blocks.append([text for _, text in self.heads])
            return
        row = row_of_table_2(line.texts[0]) if line.texts else ""
        if row and self.heads:
            self._row(row, line)

    def _row(self, row: str, line: Line) -> None:
        if not self.columns:
            self.columns = columns_of_table_2([row], [text for _, text in self.heads])
            named = zip(self.columns, self.heads, strict=True)
            self.blocks[-1] = [_as_in_form(column, text) for column, (_, text) in named]
        own = line.own if len(line.own) == len(self.own) else []
        for column, (at, text) in zip(self.columns, self.heads, strict=True):
            place = own[self.own.index(at)] if own else at
            cell = line.row[place] if place < len(line.row) else None
            if column:
                self.found.put("2", f"{row}.{column.key}", cell, line, place)
            else:
                self.found.tables.add("2")
                self.found.faults.append(f"表二的栏目“{text[:SHOWN]}”格式里没有，没有核对（{line.place}）")


class _Three:
    """Table three: rows known by their labels, in the order of the form."""

    def __init__(self, found: _Found) -> None:
        self.found = found
        self.last = -1
        self.places: list[int] = []
        self.width = self.table = 0

    @property
    def form(self) -> str:
        """The form whose rows were found; empty where nothing tells."""
        read = [row for row in rows_of_table_3() if f"t3.{row.key}.natural" in self.found.cells]
        return str(NEW_FORM) if any(row.new for row in read) else str(OLD_FORM) if any(row.old for row in read) else ""

    def begins(self, line: Line) -> bool:
        return line.heads_table_3

    def knows(self, line: Line) -> bool:
        """Whether the line is a row of this table by its very label."""
        label, cells = self._parts(line)
        return bool(cells) and is_row_of_table_3(label) and row_of_table_3(label, self.last) is not None

    def take(self, line: Line) -> None:
        if self.begins(line):
            self._heads(line)
            return
        label, cells = self._parts(line)
        at = row_of_table_3(label, self.last)
        if at is None:
            if any(text and text.strip() for _, text in cells):
                self.found.faults.append(f"表三有一行认不出是哪一项：“{label[:SHOWN]}”（{line.place}）")
            return
        self.last = at
        if len(cells) != len(COLUMNS):
            self.found.faults.append(
                f"表三“{label[:SHOWN]}”一行有{len(cells)}格，应为{len(COLUMNS)}格，没有读（{line.place}）"
            )
            cells = [(0, None)] * len(COLUMNS)
        for column, (place, text) in zip(COLUMNS, cells, strict=True):
            self.found.put("3", f"{rows_of_table_3()[at].key}.{column.key}", text, line, place)

    def _heads(self, line: Line) -> None:
        """Remember where the columns stand."""
        if not line.exact:
            return
        if line.table != self.table:  # heads repeated on another page stand there as they stand there
            self.places, self.table, self.width = [], line.table, len(line.row)
        for at, text in enumerate(line.row):
            if text and key(text) in COLUMN_KEYS and at not in self.places:
                self.places.append(at)

    def _parts(self, line: Line) -> tuple[str, list[tuple[int, str | None]]]:
        """A row's last heading and its cells with their places."""
        places = self._columns(line)
        before = [tidy(text) for text in line.row[: places[0] if places else len(line.row)] if text and text.strip()]
        return (before[-1] if before else ""), [(at, line.row[at]) for at in places]

    def _columns(self, line: Line) -> list[int]:
        """Where the row's cells stand; empty for a row too narrow to have them."""
        if not line.exact:
            return _window(line.row)
        own = line.own
        if len(self.places) == len(COLUMNS) and len(line.row) == self.width and set(self.places) <= set(own):
            return sorted(self.places)
        return own[-len(COLUMNS) :] if len(own) > len(COLUMNS) else []


def _window(row: Row) -> list[int]:
    """The cells behind a label where only their order is sure: as many as there are columns, blanks around left out.

    More or fewer than that where it cannot be told which columns they are.
    """
    first = next((at + 1 for at in range(len(row) - 1, -1, -1) if value(row[at])[0] is None), 0)
    filled = [at for at in range(first, len(row)) if (row[at] or "").strip()] or [first]
    starts = range(max(filled[-1] - len(COLUMNS) + 1, first), min(filled[0], len(row) - len(COLUMNS)) + 1)
    return [*range(starts[0], starts[0] + len(COLUMNS))] if len(starts) == 1 else [*range(first, len(row))]


class _Four:
    """Table four: one row of fifteen numbers below its heads."""

    def __init__(self, found: _Found) -> None:
        self.found = found

    def begins(self, line: Line) -> bool:
        return bool(line.keys & HEADS_4)

    def take(self, line: Line) -> None:
        if "4" in self.found.tables or self.begins(line) or any(value(text)[0] is None for text in line.row):
            return
        own = line.own
        if len(own) != len(CELLS_4):
            self.found.faults.append(f"表四的数据行有{len(own)}格，应为{len(CELLS_4)}格，没有读（{line.place}）")
            return
        for at, (group, column) in zip(own, CELLS_4, strict=True):
            self.found.put("4", f"{group}.{column}", line.row[at], line, at)


def _as_in_form(column: Column | None, printed: str) -> str:
    return column.label if column and key(column.label) == key(printed) else printed
