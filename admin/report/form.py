"""The statutory form as data: its labels (form.yaml), chosen by report year, and the key of every cell.

政府信息公开工作年度报告格式：国办公开办函〔2021〕30号 for reports of 2021 on, 国办公开办函〔2019〕60号（试行） for 2019 and 2020.
A cell's key is `t2.ROW.COLUMN`, `t3.ROW.COLUMN` or `t4.GROUP.COLUMN`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from knowledge.errors import BadInputError

TOTAL = "total"
# Rows of table three above and below the results; every other row but （七）总计 is a result.
NEW, CARRIED_IN, CARRIED_OUT = "new_received", "carried_in", "carried_out"
FIRST_YEAR, LAST_YEAR = 2019, 2100


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Part):
    """A column: its key, its official label, the heading over it and the unit of its numbers."""

    key: str
    label: str
    group: str = ""
    unit: str = "件"


class Labelled(_Part):
    """A row of table two."""

    key: str
    label: str


class Row(_Part):
    """A row of table three or a group of table four, with its headings from the outermost in."""

    key: str
    path: tuple[str, ...]


class Block(_Part):
    """A block of table two: one item of 条例第二十条."""

    label: str
    columns: tuple[Column, ...]
    rows: tuple[Labelled, ...]


class SectionTitle(_Part):
    """A section or part of one: key of the office's own text, official title, the table it carries."""

    key: str
    title: str
    table: str = ""


class Table3(_Part):
    """Table three: 收到和处理政府信息公开申请情况."""

    head: str
    applicants: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


class Table4(_Part):
    """Table four: 政府信息公开行政复议、行政诉讼情况."""

    columns: tuple[Column, ...]
    groups: tuple[Row, ...]


class _Version(_Part):
    name: str
    from_year: int
    document: str
    confirmed: bool
    single_rows: dict[str, str]
    blocks: tuple[Block, ...]


class _File(_Part):
    sections: tuple[SectionTitle, ...]
    overview_parts: tuple[SectionTitle, ...]
    table3: Table3
    table4: Table4
    forms: tuple[_Version, ...]


@dataclass(frozen=True)
class Form:
    """The form of one report year."""

    name: str
    document: str
    confirmed: bool
    sections: tuple[SectionTitle, ...]
    overview_parts: tuple[SectionTitle, ...]
    blocks: tuple[Block, ...]
    table3: Table3
    table4: Table4

    @property
    def results(self) -> tuple[Row, ...]:
        """The rows of table three that （七）总计 adds up."""
        return tuple(row for row in self.table3.rows if row.key not in (NEW, CARRIED_IN, CARRIED_OUT, TOTAL))

    @property
    def applicants(self) -> tuple[str, ...]:
        """Keys of the columns that 总计 adds up in table three."""
        return tuple(column.key for column in self.table3.columns if column.key != TOTAL)


@dataclass(frozen=True)
class Cell:
    """One number of the form: key, label in words, unit; `parts` are the cells a total is the sum of."""

    key: str
    label: str
    unit: str
    parts: tuple[str, ...] = ()


@cache
def form_for(year: int) -> Form:
    """The form of a report year; years without one are refused."""
    file = _read()
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadInputError(
            f"没有 {year} 年的报告格式：统一格式从 {FIRST_YEAR} 年度开始（国办公开办函〔2019〕60号），请填 {FIRST_YEAR} 到 {LAST_YEAR} 之间的年份。",
            "year",
        )
    version = next(version for version in file.forms if version.from_year <= year)
    rows = tuple(_merged(file.table3.rows, version.single_rows))
    return Form(
        version.name,
        version.document,
        version.confirmed,
        file.sections,
        file.overview_parts,
        version.blocks,
        file.table3.model_copy(update={"rows": rows}),
        file.table4,
    )


@cache
def cells(form: Form) -> dict[str, Cell]:
    """Every number of the three tables, in the order of the form."""
    found = (*_cells_2(form), *_cells_3(form), *_cells_4(form))
    return {cell.key: cell for cell in found}


@cache
def _read() -> _File:
    return _File.model_validate(yaml.safe_load((Path(__file__).parent / "form.yaml").read_text("utf-8")))


def _merged(rows: tuple[Row, ...], single: dict[str, str]) -> Iterator[Row]:
    """Where a form has one row for a heading, its first row stands for all of them."""
    done: set[str] = set()
    for row in rows:
        heading = row.path[1] if len(row.path) > 1 else ""
        if heading not in single:
            yield row
        elif heading not in done:
            done.add(heading)
            yield Row(key=single[heading], path=row.path[:2])


def _cells_2(form: Form) -> Iterator[Cell]:
    for block in form.blocks:
        for row in block.rows:
            for column in block.columns:
                yield Cell(f"t2.{row.key}.{column.key}", f"{block.label} {row.label}：{column.label}", column.unit)


def _cells_3(form: Form) -> Iterator[Cell]:
    for row in form.table3.rows:
        for column in form.table3.columns:
            parts: tuple[str, ...] = ()
            if row.key == TOTAL:
                parts = tuple(f"t3.{result.key}.{column.key}" for result in form.results)
            elif column.key == TOTAL:
                parts = tuple(f"t3.{row.key}.{applicant}" for applicant in form.applicants)
            yield Cell(f"t3.{row.key}.{column.key}", f"{' '.join(row.path)}：{column.label}", column.unit, parts)


def _cells_4(form: Form) -> Iterator[Cell]:
    for group in form.table4.groups:
        for column in form.table4.columns:
            others = (f"t4.{group.key}.{other.key}" for other in form.table4.columns if other.key != TOTAL)
            parts = tuple(others) if column.key == TOTAL else ()
            yield Cell(f"t4.{group.key}.{column.key}", f"{' '.join(group.path)}：{column.label}", column.unit, parts)
