"""HTML pages: the innermost tables, headings and paragraphs; scripts, styles and what is not shown are left out."""

from collections.abc import Iterator

from lxml import etree, html

from admin.report.reading.limits import MOST_BLOCKS, MOST_COLUMNS, MOST_ROWS
from admin.report.reading.plain import decoded
from admin.report.reading.raw import Document, Paragraph, Row, Table
from admin.report.reading.spans import Laid
from admin.report.reading.words import tidy
from knowledge.errors import BadInputError

SILENT = {"script", "style", "noscript", "template", "head", "svg", "select", "iframe", "caption", "colgroup"}
INLINE = {
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "em",
    "font",
    "i",
    "ins",
    "label",
    "mark",
    "o:p",
    "s",
    "small",
    "span",
    "strong",
}
INLINE |= {"sub", "sup", "u", "wbr", "strike", "tt", "code", "img", "st1:chsdate"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


def read_page(content: bytes, name: str) -> Document:
    """A page as paragraphs and tables."""
    text = decoded(content, name).encode()
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, RecursionError):
        raise BadInputError(f"{name} 不是完好的网页，读不出内容。", "file") from None
    title = tidy(root.findtext(".//title") or "")
    walk = _Walk()
    walk.through(root)
    return Document(tuple(walk.blocks), title)


class _Walk:
    """Gathers text until something begins that is no part of a line."""

    def __init__(self) -> None:
        self.blocks: list[Paragraph | Table] = []
        self.line: list[str] = []
        self.paragraphs = self.tables = 0

    def through(self, root: etree._Element) -> None:
        """In the order of the page, without recursion: a page can be nested as deeply as somebody likes."""
        heading = False
        skipped: etree._Element | None = None
        for event, node in etree.iterwalk(root, events=("start", "end")):
            tag = _tag(node)
            if skipped is not None:
                if event == "end" and node is skipped:
                    skipped = None
                    self.line.append(node.tail or "")
                continue
            if event == "start" and (tag in SILENT or _is_innermost_table(node)):
                skipped = node
                if tag == "table":
                    self.end(heading)
                    self.table(node)
                continue
            if tag not in INLINE:
                self.end(heading)
                heading = tag in HEADINGS and event == "start"
            self.line.append((node.text if event == "start" else node.tail) or "")
        self.end(heading)

    def end(self, heading: bool) -> None:
        """The line is complete."""
        text = tidy("".join(self.line))
        self.line = []
        if text:
            self.paragraphs += 1
            self.add(Paragraph(text, f"第{self.paragraphs}段", heading))

    def table(self, node: etree._Element) -> None:
        """A table with its spans laid out."""
        self.tables += 1
        place = f"第{self.tables}张表"
        self.add(Table(tuple(_rows(node, place)), place))

    def add(self, block: Paragraph | Table) -> None:
        """One more, up to a limit."""
        if len(self.blocks) >= MOST_BLOCKS:
            raise BadInputError("网页的段落太多，不像是一份年度报告，没有读。", "file")
        self.blocks.append(block)


def _rows(table: etree._Element, place: str) -> Iterator[Row]:
    laid = Laid(place, MOST_ROWS, MOST_COLUMNS)
    for row in table.iter("tr"):
        for cell in row.iterchildren("td", "th"):
            laid.put(_text(cell), _span(cell, "colspan"), _span(cell, "rowspan"))
        laid.end_row()
    return laid.rows()


def _text(cell: etree._Element) -> str:
    found: list[str] = []
    for node in cell.iter():
        if _tag(node) not in SILENT:
            found.append(node.text or "")
        if node is not cell:
            found.append(node.tail or "")
    return tidy("".join(found))


def _span(cell: etree._Element, name: str) -> int:
    said = (cell.get(name) or "1").strip()
    return max(int(said), 1) if said.isascii() and said.isdigit() and len(said) < 5 else 1


def _is_innermost_table(node: etree._Element) -> bool:
    return _tag(node) == "table" and next(node.iterdescendants("table"), None) is None


def _tag(node: etree._Element) -> str:
    return node.tag.lower() if isinstance(node.tag, str) else ""
