"""HTML, DOCX, XLSX and JSON: the same bytes every time, the official layout, nothing that runs."""

import hashlib
import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Length
from openpyxl import load_workbook

from admin.report.archive import EPOCH
from admin.report.build import Report
from admin.report.form import cells
from admin.report.layout import VALUE, grids
from admin.report.render import FORMATS, render, write
from knowledge.errors import BadInputError
from tests.admin.report.conftest import Records


def parsed(report: Report) -> ElementTree.Element:
    """The page as a tree: it is well-formed, so that any reader of XML can take it too."""
    return ElementTree.fromstring(render(report, "html").decode())  # noqa: S314 our own page


EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "\t=1")


@pytest.mark.parametrize("kind", FORMATS)
async def test_the_same_records_give_the_same_bytes(weihai: Report, records: Records, kind: str) -> None:
    again = await records.report(2023)
    assert hashlib.sha256(render(weihai, kind)).digest() == hashlib.sha256(render(again, kind)).digest()


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_nothing_in_an_archive_tells_when_it_was_made(weihai: Report, kind: str) -> None:
    with zipfile.ZipFile(io.BytesIO(render(weihai, kind))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {EPOCH}
        core = archive.read("docProps/core.xml").decode()
    dates = set(re.findall(r">(\d{4}-\d\d-\d\dT[\d:]+Z)<", core))
    assert dates == {"2023-12-31T04:00:00Z"}
    assert str(datetime.now(UTC).year) not in re.sub(r"https?://[^\"\s]+", "", core)


def test_html_tables_can_be_followed_cell_by_cell(weihai: Report) -> None:
    page = parsed(weihai)
    assert page.get("lang") == "zh-CN"
    assert [heading.text for heading in page.iter("h2")] == [section.title for section in weihai.sections]
    assert len(page.findall(".//table/caption")) == 3
    identifiers = [heading.get("id") for table in page.iter("table") for heading in table.iter("th")]
    assert len(identifiers) == len(set(identifiers))
    values = {cell.get("data-figure"): cell for cell in page.iter("td")}
    assert list(values) == list(cells(weihai.form))
    for cell in values.values():
        assert set(cell.get("headers", "").split()) <= set(identifiers)
    words = {heading.get("id"): "".join(heading.itertext()) for heading in page.iter("th")}
    named = [words[name] for name in values["t3.deny_query_matter.legal"].get("headers", "").split()]
    assert sorted(named) == sorted(
        ["申请人情况", "法人或其他组织", "法律服务机构", "三、本年度办理结果", "（三）不予公开", "8.属于行政查询事项"]
    )
    assert {heading.get("scope") for heading in page.iter("th")} == {"col", "colgroup", "row", "rowgroup"}


def test_html_tables_have_no_hole_and_no_overlap(weihai: Report) -> None:
    for table in parsed(weihai).iter("table"):
        width = len(table.findall(".//col"))
        taken: set[tuple[int, int]] = set()
        for row, line in enumerate(table.iter("tr")):
            column = 0
            for cell in line:
                while (row, column) in taken:
                    column += 1
                area = {
                    (row + down, column + right)
                    for down in range(int(cell.get("rowspan", 1)))
                    for right in range(int(cell.get("colspan", 1)))
                }
                assert not area & taken
                taken |= area
        assert taken == {(row, column) for row in range(row + 1) for column in range(width)}


def test_html_needs_nothing_from_outside(weihai: Report) -> None:
    page = parsed(weihai)
    assert not [node for node in page.iter() if node.get("src") or node.get("href") or node.tag in ("script", "link")]
    style = page.findtext(".//style") or ""
    assert "@media print" in style
    assert "url(" not in style


async def test_words_of_the_office_are_text_in_every_file(records: Records) -> None:
    await records.text("problems", "<script>alert(1)</script>&\x00\x0b{{ office.name }}")
    report = await records.report()
    page = parsed(report)
    assert not list(page.iter("script"))
    assert "<script>alert(1)</script>&{{ office.name }}" in "".join(page.itertext())
    text = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(render(report, "docx"))).paragraphs)
    assert "<script>alert(1)</script>&{{ office.name }}" in text


def test_docx_is_a4_with_real_headings_and_chinese_fonts(weihai: Report) -> None:
    document = Document(io.BytesIO(render(weihai, "docx")))
    page = document.sections[0]
    assert (Length(page.page_width or 0).mm, Length(page.page_height or 0).mm) == (
        pytest.approx(210, abs=0.05),
        pytest.approx(297, abs=0.05),
    )
    named = [(line.style.name if line.style else "", line.text) for line in document.paragraphs]
    headings = [text for style, text in named if style == "Heading 1"]
    assert headings == [section.title for section in weihai.sections]
    assert (named[0][0], named[0][1].replace("\n", "")) == ("Title", weihai.title)
    fonts = {
        name: document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Normal", "Heading 1", "Title")
    }
    assert fonts == {"Normal": "仿宋", "Heading 1": "黑体", "Title": "方正小标宋简体"}
    assert document.core_properties.title == weihai.title
    assert "答复留言635条" in "\n".join(line.text for line in document.paragraphs)


def test_docx_tables_are_laid_out_as_the_form(weihai: Report) -> None:
    document = Document(io.BytesIO(render(weihai, "docx")))
    for table, grid in zip(document.tables, grids(weihai.form, weihai.values).values(), strict=True):
        texts = [[box.text.replace("\n", "") for box in row.cells] for row in table.rows]
        for cell in grid.cells:
            wanted = "0" if cell.role == VALUE else cell.text
            area = {
                texts[cell.row + down][cell.column + right]
                for down in range(cell.rows)
                for right in range(cell.columns)
            }
            assert area == {wanted}
        repeated = [row for row in table.rows if row._tr.trPr.find(qn("w:tblHeader")) is not None]
        assert len(repeated) == grid.head_rows


async def test_xlsx_writes_no_formula(records: Records) -> None:
    for title in EVIL:
        await records.line(title=title, source=title)
    report = await records.report()
    book = load_workbook(io.BytesIO(render(report, "xlsx")))
    every = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert not [cell.coordinate for cell in every if cell.data_type == "f"]
    evil = [cell for cell in every if cell.value in EVIL]
    assert len(evil) >= 2 * len(EVIL)
    assert all(cell.quotePrefix and cell.data_type == "s" and cell.number_format == "@" for cell in evil)
    with zipfile.ZipFile(io.BytesIO(render(report, "xlsx"))) as archive:
        sheets = "".join(archive.read(name).decode() for name in archive.namelist() if "worksheets/" in name)
    assert "<f>" not in sheets


async def test_xlsx_has_numbers_as_numbers_and_words_as_words(records: Records) -> None:
    await records.enter({"t2.fee.amount": "59237.2449", "t2.permit.decisions": 7})
    book = load_workbook(io.BytesIO(render(await records.report(), "xlsx")))
    assert book.sheetnames == ["表二", "表三", "表四", "指标", "依据的记录", "校验"]
    figures = {line[0]: line[2] for line in book["指标"].iter_rows(values_only=True)}
    assert figures["t2.fee.amount"] == pytest.approx(59237.2449, abs=0)
    assert figures["t2.permit.decisions"] == 7
    assert figures["t2.penalty.decisions"] == "未统计"
    rows = [line[:2] for line in book["依据的记录"].iter_rows(min_row=2, values_only=True)]
    assert rows == [("t2.permit.decisions", "declared_figure"), ("t2.fee.amount", "declared_figure")]
    merged = {str(area) for area in book["表三"].merged_cells.ranges}
    assert "A7:A28" in merged  # 三、本年度办理结果 spans 22 rows


async def test_writing_files(weihai: Report, tmp_path: Path) -> None:
    made = write(weihai, FORMATS, tmp_path / "new" / "folder")
    assert [path.name for path in made] == [f"report-2023.{kind}" for kind in ("html", "docx", "pdf", "xlsx", "json")]
    assert all(path.stat().st_size for path in made)


def test_an_unknown_format_is_refused_before_anything_is_written(weihai: Report, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="不能输出 odt 格式；可用的格式有：html、docx、pdf、xlsx、json"):
        write(weihai, ["json", "odt"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named(weihai: Report, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInputError, match="写不进文件夹"):
        write(weihai, ["json"], tmp_path / "file")
