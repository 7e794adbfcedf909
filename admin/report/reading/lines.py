"""Rows of a file's tables one by one, each with its place; a row that a page cuts in two is put together again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from admin.report.reading.labels import is_row_of_table_3
from admin.report.reading.raw import Row, Table
from admin.report.reading.words import key, tidy, value

HEADS_3 = {key(name) for name in ("申请人情况", "法人或其他组织", "自然人", "商业企业", "科研机构")}
RECONCILING = "本列数据的勾稽关系"


@dataclass
class Line:
    """A row with where it stands."""

    row: Row
    table: int
    place: str
    exact: bool

    @property
    def texts(self) -> list[str]:
        """What its cells say, without the empty ones."""
        return [tidy(text) for text in self.row if text and text.strip()]

    @property
    def own(self) -> list[int]:
        """The places of cells that begin in this row: programs cut columns finer than anybody sees."""
        return [at for at, text in enumerate(self.row) if text is not None]

    @property
    def heads_table_3(self) -> bool:
        """Whether it is one of the rows above the numbers of table three."""
        return bool(self.keys & HEADS_3) or any(RECONCILING in text for text in self.keys)

    @property
    def keys(self) -> set[str]:
        """The same, comparable."""
        return {key(text) for text in self.texts}


def mended(tables: Iterable[Table]) -> Iterator[Line]:
    """The rows of all tables; one that a page cuts in two is put together again."""
    held: Line | None = None
    for order, table in enumerate(tables, start=1):
        first = True
        for number, row in enumerate(table.rows, start=1):
            line = Line(row, order, f"{table.place}第{number}行", table.exact)
            if held and first and not line.heads_table_3:
                first = False
                joined = _joined(held, line)
                if joined:
                    held = joined
                    continue
            if held:
                yield held
            held = line
    if held:
        yield held


def _joined(above: Line, below: Line) -> Line | None:
    """Two halves as one row, where only both together are a label of the form."""
    if len(above.row) != len(below.row) or not below.texts or not above.texts:
        return None
    row = tuple(
        None if left is None and right is None else f"{left or ''}{right or ''}"
        for left, right in zip(above.row, below.row, strict=True)
    )
    joined = Line(row, above.table, above.place, above.exact)
    halves = [_labels(line) for line in (above, below)]
    whole = [text for text in _labels(joined) if is_row_of_table_3(text)]
    return joined if whole and not any(is_row_of_table_3(text) for half in halves for text in half[-1:]) else None


def _labels(line: Line) -> list[str]:
    return [text for text in line.texts if value(text)[0] is None]
