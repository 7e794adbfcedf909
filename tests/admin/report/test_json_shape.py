"""Checking a report that lies in a file: what holds, what real reports get wrong, and what is no report at all."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from admin.report.build import Report, as_json, tables_as_json
from admin.report.checks import CheckResult
from admin.report.form import cells, form_for
from admin.report.reading.judge import check_file
from admin.report.render import write
from admin.report.values import NOT_RECORDED
from knowledge.errors import BadInputError
from tests.admin.report.test_checks import SUQIAN, SUQIAN_4

Content = dict[str, Any]
Check = Callable[[Content], list[CheckResult]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    def checked(content: Content) -> list[CheckResult]:
        path = tmp_path / "report.json"
        path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        return check_file(path)

    return checked


def published(
    year: int, table3: Mapping[str, tuple[int | None, ...]], prose: str = "总体情况。", **table4: Any
) -> Content:
    """A published report in the fixed shape; what the source does not show is null."""
    form = form_for(year)
    tables = tables_as_json(form, dict.fromkeys(cells(form), NOT_RECORDED))
    for table, known in (("3", table3), ("4", table4)):
        for row in tables[table]["rows"]:
            row["cells"] = dict(zip(row["cells"], known.get(row["key"], [None] * len(row["cells"])), strict=True))
    sections = [
        {"title": section.title, "parts": [{"title": "", "paragraphs": [prose if not number else "如上。"]}]}
        for number, section in enumerate(form.sections)
    ]
    return {"year": year, "office": "某单位", "tables": tables, "sections": sections, "figures": {}, "checks": []}


def ids(results: list[CheckResult], holds: bool | None = False) -> set[str]:
    return {each.id for each in results if each.holds is holds}


def full(table: Mapping[str, tuple[int, ...]]) -> Mapping[str, tuple[int, ...]]:
    return {row.key: table.get(row.key, (0,) * 7) for row in form_for(2023).table3.rows}


def test_our_own_report_holds(weihai: Report, tmp_path: Path) -> None:
    results = check_file(write(weihai, ["json"], tmp_path)[0])
    assert ids(results) == set()
    assert ids(results, None) == set()
    assert ids(results, True) == {"C1", "C2", "C3", "C4", "C7", "C8", "C9", "C10", "X3"}


def test_suqian_2023_adds_up(check: Check) -> None:
    results = check(published(2023, full(SUQIAN), "收到政府信息公开申请3607件。", **SUQIAN_4))
    assert ids(results) == {"C8"}  # table two is not given here
    assert sum(each.id == "C3" and each.holds is True for each in results) == 25


def test_one_cell_changed_is_found(weihai: Report, check: Check) -> None:
    content = as_json(weihai)
    content["tables"]["3"]["rows"][2]["cells"]["natural"] = 1
    broken = [each for each in check(content) if each.holds is False]
    assert [(each.id, each.left, each.right) for each in broken] == [("C2", 0, 1), ("C3", 0, 1)]
    assert "（一）予以公开" in broken[1].label


def test_shanghai_2019_left_totals_blank(check: Check) -> None:
    """上海市政府办公厅 2019: row totals blank, blanks for zero (real_reports.json, shanghai_gov_office_2019)."""
    table = {
        "new_received": (821, 35, None, None, 2, 1, 859),
        "carried_in": (18, None, None, None, None, None, 18),
        "total": (767, 35, None, None, 2, 1, 805),
        "carried_out": (72, None, None, None, None, None, 72),
        "open": (258, 12, None, None, 1, 1, None),
    }
    results = check(published(2019, table, review=(5, None, None, 2, 7)))
    assert [each.holds for each in results if each.id == "C8"] == [False] * 3
    balance = [each for each in results if each.id == "C1"]
    assert [(each.left, each.right, each.holds) for each in balance if each.holds] == [
        (839, 839, True),
        (877, 877, True),
    ]
    assert ids(results) == {"C8"}


def test_changchun_2023_says_two_and_prints_three(check: Check) -> None:
    """长春市 退役军人事务局 2023: 受理 2 in the text, 本年新收 3 in table three (changchun_veterans_2023)."""
    rows: dict[str, tuple[int | None, ...]] = {"new_received": (3, 0, 0, 0, 0, 0, 3), "carried_in": (0,) * 7}
    results = check(published(2023, rows, "受理政府信息公开申请2件。"))
    broken = [(each.left, each.right) for each in results if each.id == "C7" and each.holds is False]
    assert broken == [(2, 3)]


def test_erdao_2022_left_a_total_blank(check: Check) -> None:
    """长春市二道区 2022: 18 made public, 总计 blank (erdao_levy_2022)."""
    results = check(published(2022, {"open": (18, None, None, None, None, None, None)}))
    label = next(each.label for each in results if each.id == "C8" and "表三" in each.label)
    assert "未填" in label


def test_jinxi_2023_has_the_columns_of_2019(check: Check) -> None:
    """金溪县民政局 2023 cites 〔2021〕30号 with the table of 2019 (jinxi_civil_2023)."""
    content = published(2023, {})
    content["tables"]["2"] = tables_as_json(form_for(2020), dict.fromkeys(cells(form_for(2020)), 0))["2"]
    found = next(each for each in check(content) if each.id == "C10")
    assert found.holds is False
    assert "本年新公开数量" in str(found.left)
    assert "本年废止件数" in str(found.right)


@pytest.mark.parametrize("words", [[], ["无"], ["（待填写：存在的主要问题及改进情况）"]])
def test_an_empty_part_five_is_found(weihai: Report, check: Check, words: list[str]) -> None:
    content = as_json(weihai)
    content["sections"][4]["parts"] = [{"title": "", "paragraphs": words}]
    assert ids(check(content)) == {"C9"}


def test_a_missing_part_is_found(weihai: Report, check: Check) -> None:
    content = as_json(weihai)
    del content["sections"][3]
    assert ids(check(content)) == {"C9"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "不是完好的 JSON"),
        ("{", "不是完好的 JSON"),
        ("[" * 100_000, "不是完好的 JSON"),
        ('{"year": NaN}', "不是完好的 JSON"),
        ('{"year": ' + "9" * 5000 + "}", "不是完好的 JSON"),
        ("[]", "不是 zhengwen report 输出的年度报告"),
        ('{"year": 2023}', "tables、sections"),
        ('{"year": "今年", "tables": {"2": {}, "3": {}, "4": {}}, "sections": []}', "year、tables/2/blocks"),
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(BadInputError, match=reason):
        check_file(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="读不出来"):
        check_file(tmp_path / "nowhere.json")
    with pytest.raises(BadInputError, match="读不出来"):
        check_file(tmp_path)
    (tmp_path / "gbk.json").write_bytes("年报".encode("gbk"))
    with pytest.raises(BadInputError, match="不是完好的 JSON"):
        check_file(tmp_path / "gbk.json")


@pytest.mark.parametrize("value", ["二", True, [1], {}, "1", 10**30, 1.5e300])
def test_a_cell_that_is_no_number_is_refused(weihai: Report, check: Check, value: object) -> None:
    content = as_json(weihai)
    content["tables"]["4"]["rows"][0]["cells"]["upheld"] = value
    with pytest.raises(BadInputError, match=r"t4\.review\.upheld"):
        check(content)


@pytest.mark.parametrize("blank", [None, "", "/", "—", "未统计", "不适用"])
def test_a_blank_cell_is_blank_and_not_zero(weihai: Report, check: Check, blank: object) -> None:
    content = as_json(weihai)
    content["tables"]["4"]["rows"][0]["cells"]["upheld"] = blank
    results = check(content)
    assert ids(results) == {"C8"}
    assert {each.id for each in results if each.holds is None} == {"C4"}


def test_a_cell_the_form_does_not_have_is_refused(weihai: Report, check: Check) -> None:
    content = as_json(weihai)
    content["year"] = 2020  # its form has one row （六）
    with pytest.raises(BadInputError, match=r"2019 年格式的表里没有 t3\.other_no_correction"):
        check(content)


def test_a_year_without_a_form_is_refused(weihai: Report, check: Check) -> None:
    with pytest.raises(BadInputError, match="没有 2017 年的报告格式"):
        check({**as_json(weihai), "year": 2017})
