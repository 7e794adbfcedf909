"""A table of the form on paper: cells with their spans, over pages, the heads repeated on each."""

from itertools import accumulate

from admin.report import breaking
from admin.report.fonts import TABLE
from admin.report.layout import SIDE, VALUE, Grid, GridCell
from admin.report.paper import LEFT, MEASURE, MM, Paper, Style
from admin.report.values import shown

SIZE, BETWEEN, PADDING, LEAST, RULE = 9.0, 11.5, 3.0, 6.2 * MM, 0.5
STYLE = Style(TABLE, SIZE, line=BETWEEN)


class TableOnPaper:
    """Draws one grid where the paper stands."""

    def __init__(self, paper: Paper, grid: Grid) -> None:
        self.paper, self.grid = paper, grid
        self.left = LEFT + (MEASURE - sum(grid.widths) * MM) / 2
        self.across = [0.0, *accumulate(width * MM for width in grid.widths)]
        self.texts = {cell: self._lines(cell) for cell in grid.cells}
        self.heights = self._heights()

    def draw(self) -> None:
        """The whole table, broken between rows where it must be."""
        head = list(range(self.grid.head_rows))
        for number, rows in enumerate(self._pages(head)):
            if number:
                self.paper.page()
            self._rows(rows, repeated=head if number else [])
        self.paper.y += SIZE

    def least(self) -> float:
        """How much room it needs to begin: its heads and a first few rows."""
        first = self._together()[: 2 if len(self.grid.bands) == 1 else 1]
        return sum(self.heights[: self.grid.head_rows]) + sum(self.heights[row] for rows in first for row in rows)

    def _pages(self, head: list[int]) -> list[list[int]]:
        """Which rows stand on which page; rows of one band of table two stay together."""
        above = sum(self.heights[row] for row in head)
        pages, room = [list(head)], self.paper.room() - above
        for rows in self._together():
            needed = sum(self.heights[row] for row in rows)
            if needed > room and pages[-1] != head:
                pages.append([])
                room = self.paper.full - above
            pages[-1] += rows
            room -= needed
        return pages

    def _together(self) -> list[list[int]]:
        rows = range(self.grid.head_rows, self.grid.height)
        if len(self.grid.bands) == 1:
            return [[row] for row in rows]
        return [[row for row in rows if self.grid.band(row) == band] for band in self.grid.bands]

    def _rows(self, rows: list[int], repeated: list[int]) -> None:
        """Some rows on this page, below the repeated heads; a cell that reaches beyond them is drawn as far as it goes."""
        shown_rows = repeated + rows
        tops = dict(zip(shown_rows, accumulate((self.heights[row] for row in shown_rows), initial=0.0), strict=False))
        for cell in self.grid.cells:
            here = [row for row in range(cell.row, cell.row + cell.rows) if row in tops]
            if here:
                height = sum(self.heights[row] for row in here)
                self._box(cell, self.paper.y + tops[here[0]], height)
        self.paper.y += sum(self.heights[row] for row in shown_rows)

    def _box(self, cell: GridCell, top: float, height: float) -> None:
        left, width = self.left + self.across[cell.column], self._width(cell)
        self.paper.sheets.set_line_width(RULE)
        self.paper.sheets.rect(left, top, width, height)
        lines = self.texts[cell]
        y = top + (height - len(lines) * BETWEEN) / 2
        item = cell.role == SIDE and self.grid.name == "3" and cell.rows == 1
        for line in lines if len(lines) * BETWEEN <= height else []:
            indent = PADDING if item else (width - self.paper.width(line, STYLE)) / 2
            self.paper.put(line, left + indent, y, STYLE)
            y += BETWEEN

    def _width(self, cell: GridCell) -> float:
        return self.across[cell.column + cell.columns] - self.across[cell.column]

    def _lines(self, cell: GridCell) -> list[str]:
        room = self._width(cell) - 2 * PADDING
        pieces = [shown(cell.value)] if cell.role == VALUE else self.grid.pieces(cell)
        return [
            line
            for piece in pieces
            for line in breaking.lines(piece, lambda words: self.paper.width(words, STYLE), room)
        ]

    def _heights(self) -> list[float]:
        """Of each row: what its own cells need; where a cell over several rows needs more, its last row gives it."""
        heights = [LEAST] * self.grid.height
        for cell in sorted(self.grid.cells, key=lambda cell: cell.rows):
            rows = range(cell.row, cell.row + cell.rows)
            lacking = len(self.texts[cell]) * BETWEEN + 2 * PADDING - sum(heights[row] for row in rows)
            if lacking > 0:
                heights[rows[-1]] += lacking
        return heights
