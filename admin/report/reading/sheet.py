"""XLSX files: the tables of a workbook, as `zhengwen report` or an office writes them; a workbook has no text."""

import re
from collections.abc import Iterator

from lxml import etree

from admin.report.reading.limits import MOST_COLUMNS, MOST_ROWS
from admin.report.reading.raw import Document, Row, Table
from admin.report.reading.words import tidy
from admin.report.reading.zipped import Archive

BOOK = "xl/workbook.xml"
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MOST_SHEETS = 20
SHEET = re.compile(r"xl/worksheets/sheet(\d{1,3})\.xml")
PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def read_workbook(archive: Archive) -> Document:
    """The sheets of a workbook as tables; rows beyond MOST_ROWS are lists and not tables of the form."""
    shared = _shared(archive)
    named = sorted((int(found[1]), member) for member in archive.names() if (found := SHEET.fullmatch(member)))
    tables = [
        Table(tuple(_rows(archive.xml(member), shared)), f"第{number}张工作表")
        for number, member in named[:MOST_SHEETS]
    ]
    return Document(tuple(tables), _title(archive), has_text=False)


def _title(archive: Archive) -> str:
    if "docProps/core.xml" not in archive.names():
        return ""
    return tidy(archive.xml("docProps/core.xml").findtext("{http://purl.org/dc/elements/1.1/}title") or "")


def _shared(archive: Archive) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.names():
        return []
    return [_text(item) for item in archive.xml("xl/sharedStrings.xml").iter(f"{SPACE}si")]


def _rows(sheet: etree._Element, shared: list[str]) -> Iterator[Row]:
    covered = set(_covered(sheet))
    rows = sheet.find(f"{SPACE}sheetData")
    for number, row in enumerate([] if rows is None else rows, start=1):
        if number > MOST_ROWS:
            return
        texts: dict[int, str] = {}
        line = 0
        for cell in row:
            column, line = _place(cell.get("r") or "")
            if 0 < column <= MOST_COLUMNS:
                texts[column] = _value(cell, shared)
        wide = range(1, max(texts, default=0) + 1)
        yield tuple(None if (column, line) in covered else texts.get(column, "") for column in wide)


def _covered(sheet: etree._Element) -> Iterator[tuple[int, int]]:
    """The places that merged cells reach into."""
    for area in sheet.iter(f"{SPACE}mergeCell"):
        first, _, last = (area.get("ref") or "").partition(":")
        (left, top), (right, bottom) = _place(first), _place(last or first)
        for line in range(top, min(bottom, MOST_ROWS) + 1):
            for column in range(left, min(right, MOST_COLUMNS) + 1):
                if (column, line) != (left, top):
                    yield column, line


def _place(name: str) -> tuple[int, int]:
    found = PLACE.fullmatch(name)
    if not found:
        return 0, 0
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column, int(found[2])


def _value(cell: etree._Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return _text(cell)
    text = cell.findtext(f"{SPACE}v") or ""
    if cell.get("t") == "s":
        return shared[int(text)] if text.isdigit() and int(text) < len(shared) else ""
    if cell.get("t", "n") != "n":
        return text
    try:
        return f"{float(text):.15g}" if "." in text else text  # programs write 59237.2449 as 59237.244899999998
    except ValueError:
        return text


def _text(node: etree._Element) -> str:
    return tidy("".join(part.text or "" for part in node.iter(f"{SPACE}t")))
