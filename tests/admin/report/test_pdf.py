"""The PDF file: the page of an official document, its fonts, tables over pages, and lines that break well."""

import io
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.report import breaking, fonts
from admin.report.build import Report
from admin.report.form import form_for
from admin.report.reading import letters
from admin.report.reading.judge import read_report
from admin.report.reading.pdf import laid_out
from admin.report.reading.ruled import in_order
from admin.report.render import render
from knowledge.errors import BadInputError
from tests.admin.report.reading.conftest import TEXTS, made_up

MM = 72 / 25.4


@pytest.fixture(scope="module")
def pages() -> list[letters.Page]:
    texts = {**TEXTS, "overview": tuple(["办理" * 200 + "。"] * 3)}
    return letters.pages(render(made_up(2023, {"t3.open.natural": 12345678, "t4.direct.total": 1}, texts), "pdf"))


def lines(page: letters.Page) -> list[str]:
    return ["".join(letter.sign for letter in line) for line in in_order(page.letters)]


def test_every_page_is_a4_with_the_margins_of_official_documents(pages: list[letters.Page]) -> None:
    for number, page in enumerate(pages, start=1):
        assert page.width / MM == pytest.approx(210, abs=0.1)
        assert page.height / MM == pytest.approx(297, abs=0.1)
        *text, last = in_order(page.letters)
        assert "".join(letter.sign for letter in last) == f"— {number} —"
        inside = [letter for line in text for letter in line]
        assert min(letter.left for letter in inside) >= 28 * MM - 1
        assert max(letter.right for letter in inside if letter.sign not in breaking.CLOSING) <= (210 - 26) * MM + 1
        assert max(letter.base for letter in inside) <= (297 - 35) * MM
        assert min(letter.base for letter in inside) >= 37 * MM


def test_every_page_of_a_draft_says_that_it_is_one_and_reads_as_the_report(tmp_path: Path) -> None:
    final = made_up(2023, {"t3.open.natural": 1}, TEXTS)
    drafted, file = render(replace(final, draft=True), "pdf"), tmp_path / "draft.pdf"
    assert {lines(page)[0] for page in letters.pages(drafted)} == {"草稿"}
    assert "草稿" not in {lines(page)[0] for page in letters.pages(render(final, "pdf"))}
    file.write_bytes(drafted)
    read = read_report(file)
    said = [[words.text for words in section.paragraphs()] for section in read.sections]
    assert said == [[words for words in section.text.split("\n") if words] for section in final.sections]


def test_title_text_and_headings_have_the_sizes_of_official_documents(pages: list[letters.Page]) -> None:
    sizes = {"".join(each.sign for each in line): line[0].size for page in pages for line in in_order(page.letters)}
    assert sizes["2023年政府信息公开工作年度报告"] == 22
    assert sizes["一、总体情况"] == sizes["（一）主动公开情况"] == 16
    assert sizes["— 1 —"] == 14


def test_lines_of_text_stand_28_points_apart(pages: list[letters.Page]) -> None:
    bases = [line[0].base for line in in_order(pages[1].letters)[:-1]]
    assert {round(below - above, 1) for above, below in pairwise(bases)} == {28.0}


def test_a_table_over_two_pages_has_its_heads_on_both(pages: list[letters.Page]) -> None:
    heads = [number for number, page in enumerate(pages) if any("申请人情况" in line for line in lines(page))]
    assert len(heads) == 2
    assert heads[1] == heads[0] + 1


def test_a_heading_never_stands_alone_at_the_foot_of_a_page() -> None:
    headings = {each.title for each in (*form_for(2023).sections, *form_for(2023).overview_parts)}
    for many in (9, 10, 11, 12):  # with one of them a heading comes to the last line, with another to the one before
        report = made_up(2023, {}, {**TEXTS, "overview": ("办理。",) * many})
        for page in letters.pages(render(report, "pdf")):
            *_, last, _ = lines(page)
            assert last not in headings, many


def test_the_file_says_what_it_is(weihai: Report) -> None:
    document = pdfium.PdfDocument(render(weihai, "pdf"))
    said = document.get_metadata_dict()
    assert (said["Title"], said["Author"]) == (weihai.title, weihai.office)
    assert said["CreationDate"].startswith("D:20231231")
    assert [item.get_title() for item in document.get_toc()] == [section.title for section in weihai.sections]
    document.close()


def test_a_letter_no_font_has_is_named_and_no_box_is_printed() -> None:
    with pytest.raises(BadInputError, match="都没有“😀”"):
        render(made_up(2023, {}, {**TEXTS, "other": ("谢谢😀。",)}), "pdf")


def test_without_any_chinese_font_the_sentence_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="apt install fonts-noto-cjk"):
        fonts.find(places=[tmp_path])
    with pytest.raises(BadInputError, match="文件夹 /nowhere 不存在"):
        fonts.find("/nowhere")
    (tmp_path / "simfang.ttc").write_bytes(b"no font")
    with pytest.raises(BadInputError, match="打不开"):
        fonts.find(str(tmp_path))


def test_the_offices_own_fonts_come_before_those_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("FZXBSJW.TTF", "simfang.ttf"):
        (tmp_path / "deep" / name).write_bytes(b"")
    found = fonts.find(str(tmp_path))
    assert found[fonts.TITLE].path.name == "FZXBSJW.TTF"
    assert found[fonts.BODY].path.name == "simfang.ttf"
    assert found[fonts.TABLE].path.parent != tmp_path / "deep"


TEXT = st.text("政府公开，。、（）《》“”2023http:/.a-", min_size=1, max_size=80)


@given(TEXT, st.integers(4, 28), st.integers(0, 2))
def test_lines_lose_nothing_and_fit(text: str, room: int, indent: int) -> None:
    found = breaking.lines(text, lambda words: float(len(words)), float(room), float(indent))
    assert "".join(found) == text
    assert len(found[0]) <= room - indent
    assert all(len(line) <= room for line in found)


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() -> None:
    text = "依照《条例》（国务院令第711号）办理，答复“在线留言”；发布信息58条。" * 6
    for room in range(10, 30):
        found = breaking.lines(text, lambda words: float(len(words)), float(room))
        assert not [line for line in found if line[0] in breaking.CLOSING or line[-1] in breaking.OPENING]
        assert all(re.match(r"711|(?!\d*11)", line) for line in found)


def test_extracted_text_is_the_text(weihai: Report) -> None:
    document = pdfium.PdfDocument(io.BytesIO(render(weihai, "pdf")))
    text = "".join(re.sub(r"\s|— ?\d ?—", "", page.get_textpage().get_text_range()) for page in document)
    document.close()
    for section in weihai.sections:
        for words in section.text.splitlines():
            assert re.sub(r"\s", "", words) in text


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_page_that_lies_turned_in_its_file_is_read_as_it_is_seen(weihai: Report, turns: int) -> None:
    whole = render(weihai, "pdf")
    document = pdfium.PdfDocument(whole)
    for page in document:
        width, height = page.get_size()
        back = {1: (0, 1, -1, 0, height, 0), 2: (-1, 0, 0, -1, width, height), 3: (0, -1, 1, 0, 0, width)}[turns]
        for item in page.get_objects(max_depth=1):
            item.transform(pdfium.PdfMatrix(*back))
        box = (0, 0, height, width) if turns % 2 else (0, 0, width, height)
        page.set_mediabox(*box)
        page.set_rotation(turns * 90)
        page.gen_content()
    paper = io.BytesIO()
    document.save(paper)
    document.close()
    assert laid_out(letters.pages(paper.getvalue())) == laid_out(letters.pages(whole))
