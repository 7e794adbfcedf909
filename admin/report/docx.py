"""The report as a Word document: A4, the fonts of official documents, real headings, the three tables as printed.

Page and type follow GB/T 9704 党政机关公文格式 (版心 156 mm × 225 mm, 三号仿宋, 28 磅行距).
"""

from datetime import UTC
from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as Word
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from admin.report.archive import settled
from admin.report.build import Report
from admin.report.layout import SIDE, VALUE, Grid, GridCell, grids
from admin.report.values import shown

TITLE, BODY, HEADING, SUBHEADING, TABLE = "方正小标宋简体", "仿宋", "黑体", "楷体", "宋体"
# What stands in for a font where a machine lacks it: other names of the same, then free ones; and its kind (Panose).
STAND_INS = {
    TITLE: ("方正小标宋_GBK;FZXiaoBiaoSong-B05S;小标宋;华文中宋;Source Han Serif SC;Noto Serif CJK SC;宋体", "roman", "02010601030101010101"),
    BODY: ("仿宋_GB2312;FangSong;FangSong_GB2312;STFangsong;Noto Serif CJK SC;AR PL UMing CN", "modern", "02010609060101010101"),
    HEADING: ("SimHei;STHeiti;Noto Sans CJK SC;WenQuanYi Zen Hei", "modern", "02010609060101010101"),
    SUBHEADING: ("楷体_GB2312;KaiTi;KaiTi_GB2312;STKaiti;AR PL UKai CN;Noto Serif CJK SC", "modern", "02010609060101010101"),
    TABLE: ("SimSun;STSong;Noto Serif CJK SC;AR PL UMing CN", "auto", "02010600030101010101"),
}  # fmt: skip
TITLE_SIZE, BODY_SIZE, TABLE_SIZE, PAGE_NUMBER_SIZE = Pt(22), Pt(16), Pt(9), Pt(14)
FONT_TABLE = "/word/fontTable.xml"
LINE_HEIGHT = Pt(28)
ROW_HEIGHT = Mm(6.2)
BLACK = RGBColor(0, 0, 0)


def docx(report: Report) -> bytes:
    """The whole document."""
    document = Document()
    _page(document, report.page_mark)
    _styles(document)
    _font_table(document)
    _properties(document, report)
    _title(document, report)
    _paragraphs(document, report.preface)
    tables = grids(report.form, report.values)
    for section in report.sections:
        document.add_heading(section.title, level=1)
        for part in section.parts:
            if part.title:
                document.add_heading(part.title, level=2)
            _paragraphs(document, part.paragraphs)
        if section.table:
            _table(document, tables[section.table], section.title)
        _paragraphs(document, section.notes)
    paper = BytesIO()
    document.save(paper)
    return settled(paper.getvalue())


def _title(document: Word, report: Report) -> None:
    """The office on a line of its own, so that no word is broken."""
    paragraph = document.add_paragraph(report.office, style="Title")
    paragraph.add_run().add_break()
    paragraph.add_run(report.title.removeprefix(report.office))


def _page(document: Word, mark: str) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    page.header_distance, page.footer_distance = Mm(15), Mm(25)
    if mark:
        head = page.header.paragraphs[0]
        head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _font(head.add_run(mark), TABLE, PAGE_NUMBER_SIZE)
    line = page.footer.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("", "— "), ("begin", ""), ("code", "PAGE"), ("end", ""), ("", " —")):
        run = line.add_run(text if not kind else "")
        _font(run, TABLE, PAGE_NUMBER_SIZE)
        if kind:
            run._r.append(_field(kind, text))


def _field(kind: str, text: str) -> Any:
    if kind == "code":
        code = OxmlElement("w:instrText")
        code.text = text
        return code
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    return mark


def _styles(document: Word) -> None:
    _style(document, "Normal", BODY, BODY_SIZE)
    for language in document.styles.element.iter(qn("w:lang")):
        for name in ("w:val", "w:eastAsia"):  # or the letters of another Chinese are used
            language.set(qn(name), "zh-CN")
    title = _style(document, "Title", TITLE, TITLE_SIZE)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.line_spacing = Pt(34)
    title.paragraph_format.space_after = LINE_HEIGHT
    for border in title.element.findall(".//" + qn("w:pBdr")):
        border.getparent().remove(border)
    for name, font in (("Heading 1", HEADING), ("Heading 2", SUBHEADING)):
        heading = _style(document, name, font, BODY_SIZE)
        _indent(heading.element.get_or_add_pPr())
        heading.paragraph_format.keep_with_next = True


def _style(document: Word, name: str, font: str, size: Pt, *, bold: bool = False) -> ParagraphStyle:
    style: ParagraphStyle = document.styles[name]
    style.font.size, style.font.bold, style.font.color.rgb = size, bold, BLACK
    _east_asian(style.element.get_or_add_rPr(), font)
    shape = style.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, LINE_HEIGHT
    shape.space_before = shape.space_after = Pt(0)
    return style


def _east_asian(properties: Any, font: str) -> None:
    """Name the font for Chinese and for Latin letters, in place of the template's theme fonts."""
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(name), font)
    fonts.set(qn("w:hint"), "eastAsia")


def _font_table(document: Word) -> None:
    """Say for each font what may stand in for it, so that a machine without it takes one of the same kind."""
    part = next(part for part in document.part.package.iter_parts() if part.partname == FONT_TABLE)
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:panose1 w:val="{panose}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{family}"/><w:pitch w:val="variable"/></w:font>'
        for name, (others, family, panose) in STAND_INS.items()
    )
    part._blob = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{fonts}</w:fonts>'.encode()
    )


def _indent(properties: Any) -> None:
    """Two characters before the first line."""
    indent = properties.get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), "640")


def _properties(document: Word, report: Report) -> None:
    moment = report.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    core = document.core_properties
    core.title, core.author, core.last_modified_by = report.title, report.office, report.office
    core.created = core.modified = moment
    core.revision, core.comments, core.language = 1, "", "zh-CN"


def _paragraphs(document: Word, texts: tuple[str, ...]) -> None:
    for text in texts:
        paragraph = document.add_paragraph(text)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        _indent(paragraph._p.get_or_add_pPr())


def _table(document: Word, grid: Grid, title: str) -> None:
    table = document.add_table(grid.height, len(grid.widths), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _describe(table, title)
    boxes = [list(row.cells) for row in table.rows]  # before any merging: reading them afterwards is slow
    for line in boxes:
        for box, width in zip(line, grid.widths, strict=True):
            box.width = Mm(width)
    for column, width in zip(table.columns, grid.widths, strict=True):
        column.width = Mm(width)
    for cell in grid.cells:
        box = boxes[cell.row][cell.column]
        if cell.rows * cell.columns > 1:
            box = box.merge(boxes[cell.row + cell.rows - 1][cell.column + cell.columns - 1])
        _fill(box, cell, grid)
    for number, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        row.height, row.height_rule = ROW_HEIGHT, WD_ROW_HEIGHT_RULE.AT_LEAST
        if number < grid.head_rows:
            properties.append(OxmlElement("w:tblHeader"))
    _gap(document.add_paragraph())


def _describe(table: Table, title: str) -> None:
    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), title)
    table._tbl.tblPr.append(caption)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "40")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    caption.addprevious(margins)


def _fill(box: _Cell, cell: GridCell, grid: Grid) -> None:
    paragraph = box.paragraphs[0]
    pieces = [shown(cell.value)] if cell.role == VALUE else grid.pieces(cell)
    for number, piece in enumerate(pieces):
        run = paragraph.add_run(piece)
        _font(run, TABLE, TABLE_SIZE)
        if number < len(pieces) - 1:
            run.add_break()
    item = cell.role == SIDE and grid.name == "3" and cell.rows == 1
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if item else WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    paragraph.paragraph_format.keep_with_next = cell.row < grid.head_rows
    box.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def _font(run: Run, font: str, size: Pt) -> None:
    run.font.size = size
    _east_asian(run._r.get_or_add_rPr(), font)


def _gap(paragraph: Paragraph) -> None:
    """A little room below a table."""
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(10)
