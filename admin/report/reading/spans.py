"""Lays cells with spans out on a grid, so that every row has a cell, or a gap a cell reaches into, for each column."""

from collections.abc import Iterator

from admin.report.reading.raw import Row
from knowledge.errors import BadInputError


class Laid:
    """A grid being filled row by row; spans that reach too far are cut, tables that are too large refused."""

    def __init__(self, place: str, most_rows: int, most_columns: int) -> None:
        self.place, self.most_rows, self.most_columns = place, most_rows, most_columns
        self.cells: list[dict[int, str | None]] = []
        self.reaching: dict[int, int] = {}  # by column: how many more rows a cell from above covers
        self.row: dict[int, str | None] = {}
        self._begin()

    def put(self, text: str | None, columns: int = 1, rows: int = 1) -> None:
        """The next cell of the row that is open."""
        at = next(place for place in range(len(self.row) + 1) if place not in self.row)
        if at + columns > self.most_columns:
            columns = max(self.most_columns - at, 0)
        for place in range(at, at + columns):
            self.row[place] = text if place == at else None
            if rows > 1:
                self.reaching[place] = rows - 1

    def end_row(self) -> None:
        """The row is complete."""
        if len(self.cells) >= self.most_rows:
            raise BadInputError(f"{self.place}超过{self.most_rows}行，不像是年度报告的表，没有读。", "file")
        self.cells.append(self.row)
        self._begin()

    def rows(self) -> Iterator[Row]:
        """All rows, each as wide as the widest."""
        width = max((max(row, default=-1) + 1 for row in self.cells), default=0)
        for row in self.cells:
            yield tuple(row.get(place) for place in range(width))

    def _begin(self) -> None:
        self.row = {place: None for place, left in sorted(self.reaching.items()) if left > 0}
        self.reaching = {place: left - 1 for place, left in self.reaching.items() if left > 1}
