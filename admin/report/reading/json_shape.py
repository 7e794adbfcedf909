"""A report in a JSON file of the fixed shape (docs/report.md), whoever made it."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from admin.report.form import Form, cells, form_for
from admin.report.reading.published import Part, Published, Section, Sheet, Words
from admin.report.values import NOT_APPLICABLE, NOT_RECORDED, Value, number
from knowledge.errors import BadInputError

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
    preface: list[str] = []


class _File(BaseModel):
    year: int
    office: str = ""
    tables: _Tables
    sections: list[_Section]


def read_json(content: bytes, path: Path) -> Published:
    """The report; a file that is no such report is refused with the reason."""
    file = _shaped(_parsed(content, path), path)
    form = form_for(file.year)
    labels = [[column.label for column in block.columns] for block in file.tables.two.blocks]
    preface = tuple(Words(text, "sections/0/preface") for section in file.sections for text in section.preface)
    sections = tuple(_section(section, f"sections/{number}") for number, section in enumerate(file.sections))
    return Published(file.year, file.office, preface, sections, Sheet(_cells(file, form), {}, labels, form.name))


def _section(section: _Section, place: str) -> Section:
    parts = tuple(
        Part(part.title, tuple(Words(text, f"{place}/parts/{number}") for text in part.paragraphs))
        for number, part in enumerate(section.parts)
    )
    return Section(section.title, section.title, parts, tuple(Words(text, f"{place}/notes") for text in section.notes))


def _parsed(content: bytes, path: Path) -> object:
    try:
        return json.loads(content.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse)
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
