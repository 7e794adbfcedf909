"""DOCX files: the paragraphs and tables of word/document.xml, read here and not by a library that trusts its file."""

from collections.abc import Iterator

from lxml import etree

from admin.report.reading.limits import MOST_BLOCKS, MOST_COLUMNS, MOST_ROWS
from admin.report.reading.raw import Document, Paragraph, Table
from admin.report.reading.words import tidy
from admin.report.reading.zipped import Archive
from knowledge.errors import BadInputError

MAIN = "word/document.xml"
SPACE = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PARAGRAPH, TABLE, ROW, CELL, RUN_TEXT = (f"{SPACE}{name}" for name in ("p", "tbl", "tr", "tc", "t"))
BREAKS = {f"{SPACE}{name}" for name in ("br", "cr", "tab")}
CONTAINERS = {f"{SPACE}{name}" for name in ("sdt", "sdtContent", "ins", "smartTag", "customXml", "body")}
VALUE = f"{SPACE}val"


def read_word(archive: Archive) -> Document:
    """A document as paragraphs and tables."""
    body = archive.xml(MAIN).find(f"{SPACE}body")
    if body is None:
        raise BadInputError(f"{archive.name} 里没有正文。", "file")
    blocks: list[Paragraph | Table] = []
    paragraphs = tables = 0
    for node in _blocks(body):
        if len(blocks) >= MOST_BLOCKS:
            raise BadInputError(f"{archive.name} 的段落太多，不像是一份年度报告，没有读。", "file")
        if node.tag == TABLE:
            tables += 1
            blocks.append(_table(node, f"第{tables}张表"))
        elif text := tidy(_text(node)):
            paragraphs += 1
            blocks.append(Paragraph(text, f"第{paragraphs}段", _is_heading(node)))
    return Document(tuple(blocks))


def _blocks(body: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs and tables of the text itself, also within boxes that programs put around them."""
    waiting = list(reversed(body))
    while waiting:
        node = waiting.pop()
        if node.tag in (PARAGRAPH, TABLE):
            yield node
        elif node.tag in CONTAINERS:
            waiting += reversed(node)


def _text(node: etree._Element) -> str:
    parts = (part.text or "" if part.tag == RUN_TEXT else " " for part in node.iter(RUN_TEXT, *BREAKS))
    return "".join(parts)


def _is_heading(paragraph: etree._Element) -> bool:
    style = paragraph.find(f"{SPACE}pPr/{SPACE}pStyle")
    outline = paragraph.find(f"{SPACE}pPr/{SPACE}outlineLvl")
    named = (style.get(VALUE) or "") if style is not None else ""
    return outline is not None or named.lower().startswith("heading") or named in {"1", "2", "3", "4"}


def _table(table: etree._Element, place: str) -> Table:
    """Cells by their columns: gridSpan says how many a cell takes, vMerge that it goes on from above."""
    rows: list[tuple[str | None, ...]] = []
    for row in _inner(table, ROW):
        if len(rows) >= MOST_ROWS:
            raise BadInputError(f"{place}超过{MOST_ROWS}行，不像是年度报告的表，没有读。", "file")
        cells: list[str | None] = []
        for cell in _inner(row, CELL):
            wide = _span(cell)
            text = None if _goes_on(cell) else tidy("".join(_text(each) for each in cell.iter(PARAGRAPH)))
            cells += [text, *[None] * (wide - 1)]
        rows.append(tuple(cells[:MOST_COLUMNS]))
    width = max((len(row) for row in rows), default=0)
    return Table(tuple(row + (None,) * (width - len(row)) for row in rows), place)


def _inner(node: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Rows of a table or cells of a row, also within boxes around them."""
    waiting = list(reversed(node))
    while waiting:
        child = waiting.pop()
        if child.tag == tag:
            yield child
        elif child.tag in CONTAINERS:
            waiting += reversed(child)


def _span(cell: etree._Element) -> int:
    span = cell.find(f"{SPACE}tcPr/{SPACE}gridSpan")
    said = (span.get(VALUE) or "") if span is not None else ""
    return min(max(int(said), 1), MOST_COLUMNS) if said.isascii() and said.isdigit() and len(said) < 5 else 1


def _goes_on(cell: etree._Element) -> bool:
    merge = cell.find(f"{SPACE}tcPr/{SPACE}vMerge")
    return merge is not None and merge.get(VALUE, "continue") == "continue"
