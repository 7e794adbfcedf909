"""Published reports of several offices, in both forms (see conftest.py): read exactly, rendered and read again.

Collected only where the reports are. Those of which only figures are known are laid out by us.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from admin.report.form import cells, form_for
from admin.report.reading.judge import check_files, read_report
from admin.report.render import render
from admin.report.values import NOT_RECORDED, Value, number
from tests.admin.report.reading.conftest import FILES, Reread, made_up, shape, shape_read
from tests.conftest import FACTS

WEIHAI = FACTS / "weihai_2023.txt"
REPORTS: list[dict[str, Any]] = json.loads((FACTS / "real_reports.json").read_text("utf-8"))
ROWS_2 = {"规章": "regulation", "行政规范性文件": "normative"}
SINGLE = {
    "行政许可": "permit.decisions",
    "行政处罚": "penalty.decisions",
    "行政强制": "compulsion.decisions",
    "行政事业性收费_万元": "fee.amount",
}
GROUPS = {"行政复议": "review", "行政诉讼_未经复议直接起诉": "direct", "行政诉讼_复议后起诉": "after_review"}


def values_of(report: dict[str, Any]) -> dict[str, Value]:
    """The cells a report shows, by key; what is not shown or left blank is 未统计."""
    form = form_for(report["year"])
    found: dict[str, object] = {}
    for name, value in report.get("table2", {}).items():
        if name in ROWS_2:
            found |= {f"t2.{ROWS_2[name]}.{column}": number_ for column, number_ in value.items()}
        else:
            found[f"t2.{SINGLE[name]}"] = value
    rows = report.get("table3", report.get("table3_2019", {}))
    for table, columns, lines in (
        ("t3", form.table3.columns, {key: row for key, row in rows.items() if isinstance(row, list)}),
        ("t4", form.table4.columns, {GROUPS[name]: row for name, row in report.get("table4", {}).items()}),
    ):
        for key, row in lines.items():
            found |= {f"{table}.{key}.{column.key}": value for column, value in zip(columns, row, strict=True)}
    return {key: _value(found.get(key)) for key in cells(form)}


def _value(value: object) -> Value:
    return NOT_RECORDED if value is None else number(Decimal(str(value)))


def named(report: dict[str, Any]) -> str:
    return str(report["id"])


def test_the_reports_are_there_in_both_forms() -> None:
    assert {form_for(report["year"]).name for report in REPORTS} == {"2019", "2021"}
    assert len(REPORTS) >= 10


@pytest.mark.parametrize("report", REPORTS, ids=named)
@pytest.mark.parametrize("kind", FILES)
def test_every_real_report_survives_rendering_and_reading(reread: Reread, report: dict[str, Any], kind: str) -> None:
    made = made_up(report["year"], values_of(report))
    assert shape_read(reread(made, kind)) == shape(made)


@pytest.mark.parametrize("report", REPORTS, ids=named)
def test_what_is_known_to_add_up_in_a_real_report_does(tmp_path: Path, report: dict[str, Any]) -> None:
    """ "no arithmetic violation in the cells seen": nothing hard is broken, and what is blank is told."""
    path = tmp_path / "report.html"
    path.write_bytes(render(made_up(report["year"], values_of(report)), "html"))
    (checked,) = check_files([path])
    assert not isinstance(checked, Exception)
    assert checked.passed
    blank = any(value is NOT_RECORDED for value in values_of(report).values())
    assert any(each.result.id == "C8" for each in checked.broken) == blank


def test_the_first_users_report_is_read_to_its_structure() -> None:
    report = read_report(WEIHAI)
    lines = WEIHAI.read_text("utf-8").splitlines()
    assert (report.year, report.office) == (2023, "威海市住房公积金管理中心")
    assert report.sheet.cells == dict.fromkeys(cells(form_for(2023)), 0)
    assert not report.sheet.faults
    assert [words.text[:4] for words in report.preface] == ["根据《中", "本报告内"]
    outline = {section.printed: [part.title for part in section.parts] for section in report.sections}
    assert outline == {
        "一、总体情况": ["", "（一）主动公开情况", "（二）依申请公开情况", "（三）政府信息管理情况", "（四）平台建设情况", "（五）监督保障情况"],
        "二、主动公开政府信息情况": [],
        "三、收到和处理政府信息公开申请情况": [],
        "四、政府信息公开行政复议、行政诉讼情况": [],
        "五、存在的主要问题及改进情况": [""],
        "六、其他需要报告的事项": ["（一）政府信息公开收费情况", "（二）人大代表、政协委员提案办理情况", "（三）政务公开工作创新情况"],
    }  # fmt: skip
    assert [len(part.paragraphs) for section in report.sections for part in section.parts] == [1] * 6 + [2, 1, 1, 1]
    words = "".join(words.text for section in report.sections for words in section.paragraphs())
    assert "进一步扩大公开领域、完善公开制度" in words  # cut by a page in the file
    assert "关注人数达到24.5 万人" in words
    headings = [title for titles in outline.values() for title in titles if title]
    printed = "".join(line for line in lines if "\t" not in line)
    known = [report.office, *outline, *headings, words, *(each.text for each in report.preface)]
    assert sum(len("".join(each.split())) for each in known) + len("2023年政府信息公开工作年度报告") == len(
        "".join(printed.split())
    )


def test_the_first_users_report_breaks_no_rule_but_its_own_name() -> None:
    (checked,) = check_files([WEIHAI])
    assert not isinstance(checked, Exception)
    assert checked.passed
    assert [(each.result.id, each.result.left) for each in checked.broken] == [("X3", "我中心2处、我办1处")]


def test_what_changchun_says_and_prints_differs(tmp_path: Path) -> None:
    """长春 2023: 受理 2 in the text, 本年新收 3 in the table."""
    report = next(each for each in REPORTS if each["id"] == "changchun_veterans_2023")
    path = tmp_path / "report.html"
    made = made_up(
        2023,
        values_of(report),
        {
            "overview": (f"全年共受理政府信息公开申请{report['narrative']['受理申请']}件。",),
            "problems": ("解读不够。",),
        },
    )
    path.write_bytes(render(made, "html"))
    (checked,) = check_files([path])
    assert not isinstance(checked, Exception)
    assert [(each.result.left, each.result.right) for each in checked.broken if each.result.id == "C7"] == [(2, 3)]
