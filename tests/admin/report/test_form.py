"""The form as data: complete, chosen by year, its keys those of facts and database."""

import pytest

from admin.report.form import cells, form_for
from knowledge.errors import BadInputError

ROWS = [
    "new_received",
    "carried_in",
    "open",
    "partial",
    "deny_state_secret",
    "deny_other_law",
    "deny_3safety1stability",
    "deny_third_party",
    "deny_internal_3",
    "deny_process_4",
    "deny_enforcement_file",
    "deny_query_matter",
    "cannot_not_held",
    "cannot_need_making",
    "cannot_unclear_after_correction",
    "refuse_petition",
    "refuse_repeat",
    "refuse_publication",
    "refuse_massive",
    "refuse_reconfirm",
    "other_no_correction",
    "other_no_fee",
    "other_other",
    "total",
    "carried_out",
]


def test_2021_form_has_every_row_and_cell() -> None:
    form = form_for(2021)
    assert [row.key for row in form.table3.rows] == ROWS
    counts = {table: sum(key.startswith(f"t{table}.") for key in cells(form)) for table in "234"}
    assert counts == {"2": 10, "3": 25 * 7, "4": 15}


def test_the_years_of_the_two_forms() -> None:
    assert [form_for(year).name for year in (2019, 2020, 2021, 2026)] == ["2019", "2019", "2021", "2021"]


def test_2019_form_has_one_row_for_other_outcomes() -> None:
    keys = [row.key for row in form_for(2019).table3.rows]
    assert len(keys) == 23
    assert keys[-3:] == ["other", "total", "carried_out"]
    assert form_for(2019).table3.rows[-3].path == ("三、本年度办理结果", "（六）其他处理")


@pytest.mark.parametrize("year", [0, 2018, 2101])
def test_years_without_a_form_are_refused(year: int) -> None:
    with pytest.raises(BadInputError, match=f"没有 {year} 年的报告格式"):
        form_for(year)


def test_labels_are_the_official_words() -> None:
    found = cells(form_for(2023))
    assert found["t2.fee.amount"].label == "第二十条第（八）项 行政事业性收费：本年收费金额（单位：万元）"
    assert found["t3.deny_3safety1stability.welfare"].label == (
        "三、本年度办理结果 （三）不予公开 3.危及“三安全一稳定”：社会公益组织"
    )
    assert found["t4.after_review.pending"].label == "行政诉讼 复议后起诉：尚未审结"


def test_a_total_is_the_sum_of_its_parts() -> None:
    found = cells(form_for(2023))
    assert len(found["t3.total.natural"].parts) == 21
    assert found["t3.open.total"].parts == tuple(
        f"t3.open.{who}" for who in ("natural", "commercial", "research", "welfare", "legal", "other")
    )
    assert found["t4.direct.total"].parts == tuple(
        f"t4.direct.{result}" for result in ("upheld", "corrected", "other", "pending")
    )
    assert not found["t3.open.natural"].parts
