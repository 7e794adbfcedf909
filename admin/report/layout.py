"""The three tables of the form as grids of cells with their spans: one layout for HTML, DOCX and XLSX alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from admin.report.form import Form, Row
from admin.report.values import NOT_RECORDED, Value

HEAD, SIDE, VALUE = "head", "side", "value"
NARROW, FITS = 12.5, 3  # mm, and how many characters of 9 points fit in one


@dataclass(frozen=True)
class GridCell:
    """A cell at its upper left corner. Heads and sides are headings over columns and before rows."""

    row: int
    column: int
    rows: int
    columns: int
    role: str
    text: str = ""
    key: str = ""
    value: Value = NOT_RECORDED


@dataclass(frozen=True)
class Grid:
    """A table: its cells by row, its size, how many of its rows repeat on every page, widths of columns in mm.

    Headings reach only within their band (a block of table two); `bands` are the first rows of each.
    """

    name: str
    cells: tuple[GridCell, ...]
    widths: tuple[float, ...]
    head_rows: int
    bands: tuple[int, ...] = (0,)

    @property
    def height(self) -> int:
        """How many rows there are."""
        return max(cell.row + cell.rows for cell in self.cells)

    def by_row(self) -> list[list[GridCell]]:
        """The cells that begin in each row, from left to right."""
        rows: list[list[GridCell]] = [[] for _ in range(self.height)]
        for cell in sorted(self.cells, key=lambda cell: (cell.row, cell.column)):
            rows[cell.row].append(cell)
        return rows

    def pieces(self, cell: GridCell) -> list[str]:
        """A heading over a narrow column is printed two characters to a line; anything else stays whole."""
        narrow = cell.role == HEAD and cell.columns == 1 and self.widths[cell.column] < NARROW
        if not narrow or len(cell.text) <= FITS:
            return [cell.text]
        return [cell.text[at : at + 2] for at in range(0, len(cell.text), 2)]

    def band(self, row: int) -> int:
        """The first row of the band a row lies in."""
        return max(start for start in self.bands if start <= row)

    def headings(self, value: GridCell) -> list[GridCell]:
        """The headings a value stands under and behind, outermost first."""
        return [cell for cell in self.cells if cell.role != VALUE and self._reaches(cell, value)]

    def _reaches(self, cell: GridCell, value: GridCell) -> bool:
        if cell.role == SIDE:
            return cell.row <= value.row < cell.row + cell.rows
        over = cell.column < value.column + value.columns and value.column < cell.column + cell.columns
        return over and self.band(value.row) <= cell.row < value.row


def grids(form: Form, values: Mapping[str, Value]) -> dict[str, Grid]:
    """The tables of parts two, three and four."""
    return {"2": _table_2(form, values), "3": _table_3(form, values), "4": _table_4(form, values)}


def _table_2(form: Form, values: Mapping[str, Value]) -> Grid:
    width = 1 + max(len(block.columns) for block in form.blocks)
    cells: list[GridCell] = []
    bands: list[int] = []
    at = 0
    for block in form.blocks:
        bands.append(at)
        cells.append(GridCell(at, 0, 1, width, HEAD, block.label))
        cells.append(GridCell(at + 1, 0, 1, 1, HEAD, "信息内容"))
        spans = _spans(len(block.columns), width)
        heads = zip(block.columns, spans, strict=True)
        cells.extend(GridCell(at + 1, start, 1, span, HEAD, column.label) for column, (start, span) in heads)
        for line, row in enumerate(block.rows, start=at + 2):
            cells.append(GridCell(line, 0, 1, 1, SIDE, row.label))
            for column, (start, span) in zip(block.columns, spans, strict=True):
                key = f"t2.{row.key}.{column.key}"
                cells.append(GridCell(line, start, 1, span, VALUE, key=key, value=values[key]))
        at += 2 + len(block.rows)
    return Grid("2", tuple(cells), (45.0,) + (111.0 / (width - 1),) * (width - 1), 0, tuple(bands))


def _spans(count: int, width: int) -> list[tuple[int, int]]:
    """First column and span of each of a block's columns; the last takes what is left."""
    return [(1 + index, 1 if index < count - 1 else width - count) for index in range(count)]


def _table_3(form: Form, values: Mapping[str, Value]) -> Grid:
    table, sides, heads = form.table3, 3, 3
    cells = [
        GridCell(0, 0, heads, sides, HEAD, table.head),
        GridCell(0, sides, 1, len(table.columns), HEAD, table.applicants),
    ]
    groups = [column.group for column in table.columns]
    for place, column in enumerate(table.columns, start=sides):
        if not column.group:
            cells.append(GridCell(1, place, 2, 1, HEAD, column.label))
            continue
        cells.append(GridCell(2, place, 1, 1, HEAD, column.label))
        if place - sides == groups.index(column.group):
            cells.append(GridCell(1, place, 1, groups.count(column.group), HEAD, column.group))
    cells.extend(_side_headings(table.rows, heads, sides))
    for line, row in enumerate(table.rows, start=heads):
        for place, column in enumerate(table.columns, start=sides):
            key = f"t3.{row.key}.{column.key}"
            cells.append(GridCell(line, place, 1, 1, VALUE, key=key, value=values[key]))
    return Grid("3", tuple(cells), (9.0, 19.0, 44.0) + (12.0,) * len(table.columns), heads)


def _side_headings(rows: tuple[Row, ...], first: int, depth: int) -> Iterator[GridCell]:
    """Headings before the rows: one that several rows share spans them, the last of a row fills what is left."""
    paths = [row.path for row in rows]
    for line, path in enumerate(paths):
        for level, text in enumerate(path):
            shared = path[: level + 1]
            if line and paths[line - 1][: level + 1] == shared:
                continue
            height = sum(1 for other in paths if other[: level + 1] == shared)
            width = depth - level if level == len(path) - 1 else 1
            yield GridCell(first + line, level, height, width, SIDE, text)


def _table_4(form: Form, values: Mapping[str, Value]) -> Grid:
    cells: list[GridCell] = []
    columns, groups = form.table4.columns, form.table4.groups
    tops = [group.path[0] for group in groups]
    for index, group in enumerate(groups):
        start, depth = index * len(columns), len(group.path)
        if index == tops.index(group.path[0]):
            cells.append(GridCell(0, start, 1, tops.count(group.path[0]) * len(columns), HEAD, group.path[0]))
        if depth > 1:
            cells.append(GridCell(1, start, 1, len(columns), HEAD, group.path[1]))
        for place, column in enumerate(columns, start=start):
            key = f"t4.{group.key}.{column.key}"
            cells.append(GridCell(depth, place, 3 - depth, 1, HEAD, column.label))
            cells.append(GridCell(3, place, 1, 1, VALUE, key=key, value=values[key]))
    width = len(groups) * len(columns)
    return Grid("4", tuple(cells), (156.0 / width,) * width, 3)
