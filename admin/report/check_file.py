"""Checks a report that lies in a JSON file of the fixed shape, whoever made it: C1 to C4 and C7 to C10."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from admin.report import checks, claims
from admin.report.checks import CheckResult, Tables
from admin.report.form import Form, cells, form_for
from admin.report.values import NOT_APPLICABLE, NOT_RECORDED, Value, number
from knowledge.errors import BadInputError

LARGEST_FILE = 256 * 1024 * 1024
MOST_DIGITS = 18
BLANK = ("", "/", "／", "-", "—", "——", NOT_RECORDED.label, None)
FAULTS_SHOWN = 5


class _Head(BaseModel):
    key: str
    label: str


class _Row(BaseModel):
    key: str
    cells: dict[str, Any]


class _Block(BaseModel):
    columns: list[_Head]
    rows: list[_Row]


class _Table2(BaseModel):
    blocks: list[_Block]


class _Table(BaseModel):
    rows: list[_Row]


class _Tables(BaseModel):
    two: _Table2 = Field(alias="2")
    three: _Table = Field(alias="3")
    four: _Table = Field(alias="4")


class _Part(BaseModel):
    title: str = ""
    paragraphs: list[str]


class _Section(BaseModel):
    title: str
    parts: list[_Part]
    notes: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join([*(words for part in self.parts for words in part.paragraphs), *self.notes])


class _File(BaseModel):
    year: int
    tables: _Tables
    sections: list[_Section]


def check_file(path: Path) -> list[CheckResult]:
    """Every rule that can be told from the file alone; a file that is no such report is refused with the reason."""
    file = _shaped(_parsed(path), path)
    form = form_for(file.year)
    tables = Tables(form, _cells(file, form))
    titles = [section.title for section in file.sections]
    text = "\n".join(section.text for section in file.sections)
    wanted = next(section.title for section in form.sections if section.key == "problems")
    problems = "\n".join(section.text for section in file.sections if section.title == wanted)
    labels = [[column.label for column in block.columns] for block in file.tables.two.blocks]
    return [
        *checks.arithmetic(tables),
        *checks.in_prose(tables, claims.find(form, text)),
        *checks.filled(tables),
        *checks.sections(form, titles, problems),
        checks.columns_of_table_2(form, labels),
    ]


def cells_of(path: Path) -> tuple[int, dict[str, Value]]:
    """The year of a report that lies in a file, and the cells of its tables by key."""
    file = _shaped(_parsed(path), path)
    return file.year, _cells(file, form_for(file.year))


def _parsed(path: Path) -> object:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadInputError(f"{path} 太大（超过 {LARGEST_FILE // 1024**2} MB），不像是一份年度报告。", "file")
        return json.loads(path.read_text("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse)
    except OSError as error:
        raise BadInputError(f"{path} 读不出来（{error.strerror}）。请检查文件名和权限。", "file") from None
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise BadInputError(f"{path} 不是完好的 JSON 文件：{error}", "file") from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} 不是数字")


def _shaped(content: object, path: Path) -> _File:
    try:
        return _File.model_validate(content)
    except ValidationError as error:
        found = error.errors()
        places = "、".join("/".join(map(str, fault["loc"])) or "最外层" for fault in found[:FAULTS_SHOWN])
        raise BadInputError(
            f"{path} 不是 zhengwen report 输出的年度报告 JSON：{len(found)} 处不对，在 {places}。"
            "需要 year、tables（2、3、4）和 sections，写法见 docs/report.md。",
            "file",
        ) from None


def _cells(file: _File, form: Form) -> dict[str, Value]:
    """The cells of the file by key. Table two may have another form's columns (C10 tells); unknown rows are faults."""
    known, found = cells(form), {}
    rows = [("2", row) for block in file.tables.two.blocks for row in block.rows]
    rows += [("3", row) for row in file.tables.three.rows] + [("4", row) for row in file.tables.four.rows]
    for table, row in rows:
        for column, value in row.cells.items():
            key = f"t{table}.{row.key}.{column}"
            if key in found:
                raise BadInputError(f"表里有两个 {key}，不知道以哪个为准。", key)
            if key not in known and table != "2":
                raise BadInputError(
                    f"{form.name} 年格式的表里没有 {key} 这一格，请检查年份（{file.year}）和写法。", key
                )
            found[key] = _value(key, value)
    return found


def _value(key: str, value: object) -> Value:
    if value in BLANK:
        return NOT_RECORDED
    if value == NOT_APPLICABLE.label:
        return NOT_APPLICABLE
    if isinstance(value, int) and not isinstance(value, bool) and len(str(abs(value))) <= MOST_DIGITS:
        return value
    if isinstance(value, Decimal) and abs(value.adjusted()) <= MOST_DIGITS:
        return number(value)
    raise BadInputError(f"{key} 的值 {str(value)[:40]!r} 不是数字，也不是“未统计”或“不适用”。", key)
