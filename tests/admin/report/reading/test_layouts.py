"""How other offices print their reports: spaces, merged and split cells, full-width figures, remarks, cut pages."""

from pathlib import Path

import pytest

from admin.report.form import cells, form_for
from admin.report.reading.judge import check_files, read_report
from admin.report.reading.published import Published
from admin.report.render import render
from tests.admin.report.reading.conftest import OFFICE, made_up, saved
from tests.admin.report.reading.test_mutation import suqian

REPORT = made_up(2023, suqian())
PAGE = render(REPORT, "html").decode()


def read(folder: Path, page: str) -> Published:
    return read_report(saved(folder, "report.html", page))


def test_spaces_full_width_figures_and_typing_mistakes_make_no_difference(tmp_path: Path) -> None:
    page = (
        PAGE.replace("（三）不予公开", "（ 三 ） 不予公开").replace("内部事务信息", "内容事务信息")
        .replace("不计其他情形", "不计其他情况").replace("1.属于国家秘密", "１．属于国家 秘密")
        .replace("结果维持", "结果<br/> 维持").replace(">1191<", ">１ １９１<").replace(">3402<", "><p><span>3,4</span><b>02</b></p><")
    )  # fmt: skip
    assert page != PAGE
    found = read(tmp_path, page)
    assert not found.sheet.faults
    assert {key: found.sheet.cells[key] for key in cells(REPORT.form)} == REPORT.values


def test_remarks_behind_a_number_are_kept_and_told(tmp_path: Path) -> None:
    page = PAGE.replace('data-figure="t2.normative.made" >0', "").replace(">1808595<", "")
    page = page.replace(">309<", ">309(其中上年结转12件)<")
    found = read(tmp_path, page)
    assert found.sheet.cells["t4.review.upheld"] == 309
    assert len(found.sheet.remarks) == 1
    assert "其中上年结转12件" in found.sheet.remarks[0]


@pytest.mark.parametrize("blank", ["", "/", "／", "—", "-", "　", "&nbsp;", "无"])
def test_blanks_are_blank_and_not_zero(tmp_path: Path, blank: str) -> None:
    path = saved(tmp_path, "report.html", PAGE.replace(">118<", f">{blank}<"))
    (checked,) = check_files([path])
    assert not isinstance(checked, Exception)
    (unfilled,) = [each.result for each in checked.broken]
    assert (unfilled.id, unfilled.left, unfilled.right) == ("C8", 174, 175)
    assert "四、结转下年度继续办理：自然人" in unfilled.label


def test_a_cell_that_is_no_number_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, PAGE.replace(">118<", ">约一百<"))
    assert len(found.sheet.faults) == 1
    assert "“约一百”不是数字" in found.sheet.faults[0]
    assert "四、结转下年度继续办理" in found.sheet.faults[0]


def test_a_table_cut_by_pages_also_within_a_row(tmp_path: Path) -> None:
    before, _, after = PAGE.partition("2.申请人逾期未按收费通知要求")
    row, _, below = after.partition("</tr>")
    group = before.rindex('rowspan="3"')
    before = f'{before[:group]}rowspan="2"{before[group + 11 :]}'.replace('rowspan="22"', 'rowspan="20"')
    blank = "<td></td>" * 7
    page = (
        f"{before}2.申请人逾期未按收费通知要求</th>{row[row.index('<td') :]}</tr></tbody></table><table><tbody>"
        f"<tr><th></th><th></th><th>缴纳费用、行政机关不再处理其政府信息公开申请</th>{blank}</tr>{below}"
    )
    found = read(tmp_path, page)
    assert not found.sheet.faults
    assert found.sheet.cells["t3.other_no_fee.natural"] == 10
    assert found.sheet.cells["t3.carried_out.total"] == 121


def test_a_page_of_a_site_with_its_frame_and_nested_tables(tmp_path: Path) -> None:
    inner = PAGE[PAGE.index("<main>") : PAGE.index("</main>")]
    page = f"""<html><head><title>年报_{OFFICE}</title><script>var a="一、总体情况";</script></head><body>
    <div>首页 &gt; 信息公开年报</div><table><tr><td>导航</td><td><div>发布日期：2024-01-08</div>{inner}</td></tr></table>
    <div>主办：{OFFICE}</div></body></html>"""
    found = read(tmp_path, page)
    assert (found.year, found.office) == (2023, OFFICE)
    assert [section.title for section in found.sections] == [section.title for section in REPORT.sections]
    assert {key: found.sheet.cells[key] for key in cells(REPORT.form)} == REPORT.values


def test_a_list_of_contents_is_no_part(tmp_path: Path) -> None:
    titles = "".join(f"<p>{section.title}</p>" for section in REPORT.sections)
    found = read(tmp_path, PAGE.replace('<p class="preface">', f'{titles}<p class="preface">', 1))
    assert [section.title for section in found.sections] == [section.title for section in REPORT.sections]
    assert len(found.sections[0].parts) == 6
    assert [words.text for words in found.preface] == list(REPORT.preface)


def test_titles_in_other_words_are_a_warning(tmp_path: Path) -> None:
    page = PAGE.replace(
        "四、政府信息公开行政复议、行政诉讼情况</h2>", "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况</h2>"
    )
    (checked,) = check_files([saved(tmp_path, "report.html", page)])
    assert not isinstance(checked, Exception)
    (other,) = checked.broken
    assert (other.result.id, other.result.level) == ("C9", "warning")
    assert checked.passed


def test_the_rows_of_the_older_form_in_a_later_year_are_found(tmp_path: Path) -> None:
    page = render(made_up(2020, suqian(2020)), "html").decode().replace("2020年", "2022年")
    (checked,) = check_files([saved(tmp_path, "report.html", page)])
    assert not isinstance(checked, Exception)
    wrong = [each.result for each in checked.broken]
    assert [each.id for each in wrong] == ["C8", "C10", "C10"]
    assert "本年新公开数量" in str(wrong[1].left)
    assert (wrong[2].left, wrong[2].right) == ("2019年格式", "2021年格式")


def test_a_missing_table_breaks_a_hard_rule(tmp_path: Path) -> None:
    start = PAGE.index("<table", PAGE.index('id="s-disputes"'))
    page = PAGE[:start] + PAGE[PAGE.index("</table>", start) + 8 :]
    (checked,) = check_files([saved(tmp_path, "report.html", page)])
    assert not isinstance(checked, Exception)
    assert not checked.passed
    assert "缺表四" in [each.result.left for each in checked.broken]


def test_the_office_calling_itself_by_two_names_is_found(tmp_path: Path) -> None:
    page = PAGE.replace("部分栏目更新较少。", "部分栏目更新较少，我办已有安排。")
    (checked,) = check_files([saved(tmp_path, "report.html", page)])
    assert not isinstance(checked, Exception)
    (names,) = checked.broken
    assert (names.result.id, names.result.right) == ("X3", "本中心")
    assert "五、存在的主要问题及改进情况" in names.place


def text_of(report: Published, separator: str) -> str:
    """The same report as somebody would paste it into a text file."""
    tables = {"二": _lines_2(report), "三": _lines_3(report), "四": _lines_4(report)}
    lines = [f"{report.office}{report.year}年政府信息公开工作年度报告", *(words.text for words in report.preface)]
    for section in report.sections:
        lines.append(section.title)
        for part in section.parts:
            lines += [part.title, *(words.text for words in part.paragraphs)]
        lines += [separator.join(row) for row in tables.get(section.title[0], [])]
    return "\n".join(line for line in lines if line)


def _lines_2(report: Published) -> list[list[str]]:
    lines = []
    for block in form_for(report.year).blocks:
        lines += [[block.label, "", ""], ["信息内容", *(column.label for column in block.columns)]]
        for row in block.rows:
            values = (report.sheet.cells[f"t2.{row.key}.{column.key}"] for column in block.columns)
            lines.append([row.label, *(str(value) for value in values)])
    return lines


def _lines_3(report: Published) -> list[list[str]]:
    table = form_for(report.year).table3
    lines = [
        [table.head, "申请人情况", "总计"],
        ["", "自然人", "法人或其他组织"],
        [column.label for column in table.columns[1:]],
    ]
    for row in table.rows:
        values = (report.sheet.cells[f"t3.{row.key}.{column.key}"] for column in table.columns)
        lines.append([*row.path, *(str(value) for value in values)])
    return lines


def _lines_4(report: Published) -> list[list[str]]:
    table = form_for(report.year).table4
    keys = [f"t4.{group.key}.{column.key}" for group in table.groups for column in table.columns]
    heads = [column.label for column in table.columns]
    return [
        ["行政复议", "行政诉讼"],
        [*heads, "未经复议直接起诉", "复议后起诉"],
        [*heads, *heads],
        [str(report.sheet.cells[key]) for key in keys],
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_files_in_the_encodings_offices_use(tmp_path: Path, encoding: str) -> None:
    text = text_of(read(tmp_path, PAGE), "\t")
    found = read_report(saved(tmp_path, "report.txt", text.encode(encoding)))
    assert not found.sheet.faults
    assert found.sheet.cells == REPORT.values
    assert [len(section.parts) for section in found.sections] == [6, 0, 0, 0, 1, 1]


def test_text_with_each_cell_on_a_line_of_its_own(tmp_path: Path) -> None:
    text = text_of(read(tmp_path, PAGE), "\n")
    found = read_report(saved(tmp_path, "report.txt", text))
    assert not found.sheet.faults
    assert found.sheet.cells == REPORT.values


def test_a_page_in_gb18030_that_says_so_or_not(tmp_path: Path) -> None:
    for page in (PAGE.replace('charset="utf-8"', 'charset="gb2312"'), PAGE.replace('<meta charset="utf-8"/>', "")):
        found = read_report(saved(tmp_path, "report.html", page.encode("gb18030")))
        assert (found.office, found.sheet.cells) == (OFFICE, REPORT.values)


def test_a_paragraph_cut_by_a_page_is_one(tmp_path: Path) -> None:
    text = text_of(read(tmp_path, PAGE), "\t").replace("及时回应群众关切", "及时回应群\n\n众关切")
    found = read_report(saved(tmp_path, "report.txt", text))
    assert [words.text for words in found.sections[0].parts[0].paragraphs] == [
        "本中心依照条例开展政府信息公开工作，健全制度，完善流程，及时回应群众关切，现将有关情况报告如下。"
    ]
