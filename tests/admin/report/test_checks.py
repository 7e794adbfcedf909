"""Each rule of the form, holding and failing: C1 to C10 and ours."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from admin.report import checks, claims
from admin.report.checks import CheckResult, Tables
from admin.report.form import cells, form_for
from admin.report.values import NOT_APPLICABLE, NOT_RECORDED, Value
from tests.admin.report.conftest import ENTERED, Records

FORM = form_for(2023)
# 宿迁市 2023 and 2024 (facts/report/real_reports.json): row by row, from 自然人 to 总计.
SUQIAN: dict[str, tuple[int, ...]] = {
    "new_received": (3402, 99, 0, 4, 5, 1, 3511),
    "carried_in": (91, 3, 0, 0, 2, 0, 96),
    "open": (1175, 12, 0, 3, 1, 0, 1191),
    "partial": (319, 7, 0, 0, 2, 0, 328),
    "deny_other_law": (27, 0, 0, 0, 0, 0, 27),
    "deny_3safety1stability": (6, 0, 0, 0, 0, 0, 6),
    "deny_third_party": (38, 0, 0, 0, 0, 0, 38),
    "deny_internal_3": (20, 0, 0, 0, 0, 0, 20),
    "deny_process_4": (9, 0, 0, 0, 0, 0, 9),
    "deny_enforcement_file": (21, 0, 0, 0, 0, 0, 21),
    "deny_query_matter": (20, 1, 0, 0, 0, 0, 21),
    "cannot_not_held": (968, 74, 0, 1, 3, 1, 1047),
    "cannot_need_making": (26, 2, 0, 0, 0, 0, 28),
    "cannot_unclear_after_correction": (3, 0, 0, 0, 0, 0, 3),
    "refuse_petition": (305, 0, 0, 0, 0, 0, 305),
    "refuse_repeat": (39, 0, 0, 0, 0, 0, 39),
    "refuse_massive": (58, 0, 0, 0, 0, 0, 58),
    "refuse_reconfirm": (4, 0, 0, 0, 0, 0, 4),
    "other_no_correction": (40, 0, 0, 0, 0, 0, 40),
    "other_no_fee": (10, 0, 0, 0, 0, 0, 10),
    "other_other": (287, 3, 0, 0, 1, 0, 291),
    "total": (3375, 99, 0, 4, 7, 1, 3486),
    "carried_out": (118, 3, 0, 0, 0, 0, 121),
}
SUQIAN_4: dict[str, tuple[int, ...]] = {
    "review": (309, 17, 88, 26, 440),
    "direct": (1, 1, 16, 6, 24),
    "after_review": (13, 0, 67, 9, 89),
}


def suqian(**changed: Value) -> Tables:
    """The real tables; a changed cell is named like `t3__open__natural`."""
    values: dict[str, Value] = dict.fromkeys(cells(FORM), 0)
    for table, rows, columns in (("t3", SUQIAN, FORM.table3.columns), ("t4", SUQIAN_4, FORM.table4.columns)):
        for row, numbers in rows.items():
            for column, number in zip(columns, numbers, strict=True):
                values[f"{table}.{row}.{column.key}"] = number
    return Tables(FORM, values | {key.replace("__", "."): value for key, value in changed.items()})


def broken(results: Iterable[CheckResult]) -> list[tuple[str, str, object, object]]:
    return [(each.id, each.label, each.left, each.right) for each in results if each.holds is False]


def ids(results: Iterable[CheckResult], holds: bool | None = False) -> list[str]:
    return [each.id for each in results if each.holds is holds]


def test_a_real_report_adds_up() -> None:
    results = list(checks.arithmetic(suqian()))
    assert broken(results) == []
    counts = {number: sum(each.id == number for each in results) for number in ("C1", "C2", "C3", "C4")}
    assert counts == {"C1": 7, "C2": 7, "C3": 25, "C4": 3}
    first = results[0]
    assert (first.left, first.right, first.holds, first.level) == (3402 + 91, 3375 + 118, True, "hard")


@pytest.mark.parametrize(
    ("cell", "fired"),
    [
        ("t3__new_received__legal", ["C1", "C3"]),
        ("t3__carried_out__natural", ["C1", "C3"]),
        ("t3__refuse_repeat__natural", ["C2", "C3"]),
        ("t3__partial__total", ["C2", "C3"]),
        ("t3__total__legal", ["C1", "C2", "C3"]),
        ("t3__total__total", ["C1", "C2", "C3"]),
        ("t4__review__pending", ["C4"]),
        ("t4__after_review__total", ["C4"]),
    ],
)
def test_one_wrong_cell_breaks_the_rules_it_is_in(cell: str, fired: list[str]) -> None:
    assert ids(checks.arithmetic(suqian(**{cell: 9999}))) == fired


def test_a_broken_rule_shows_both_sides_and_the_place() -> None:
    found = broken(checks.arithmetic(suqian(t4__review__pending=27)))
    assert found == [("C4", "表四“行政复议”：维持＋纠正＋其他＋尚未审结＝总计", 440, 441)]


def test_nothing_is_decided_about_what_is_not_on_record() -> None:
    results = list(checks.arithmetic(suqian(t3__open__natural=NOT_RECORDED)))
    assert ids(results) == []
    assert ids(results, None) == ["C2", "C3"]


def test_a_declared_total_is_held_against_the_parts() -> None:
    real = suqian()
    stated = Tables(FORM, real.cells, {"t3.open.total": 1192, "t4.direct.total": 24})
    assert broken(checks.arithmetic(stated)) == [
        ("C3", "表三“三、本年度办理结果 （一）予以公开”行：自然人＋法人或其他组织五列＝总计", 1192, 1191)
    ]


def test_carried_in_is_what_was_carried_out_last_year() -> None:
    this = suqian(
        **{
            f"t3__carried_in__{column.key}": n
            for column, n in zip(FORM.table3.columns, (118, 3, 0, 0, 0, 0, 121), strict=True)
        }
    )
    assert ids(checks.across_years(this, suqian())) == []
    changed = suqian(t3__carried_out__natural=117, t3__carried_out__total=120)
    assert ids(checks.across_years(this, changed)) == ["C5", "C5"]
    assert ids(checks.across_years(this, Tables(FORM, {})), None) == ["C5"] * 7 + ["C6"] * 2


def test_documents_in_force_follow_from_last_year() -> None:
    """宿迁市 2024: 规章 11+2-1=12, 行政规范性文件 597+50-227=420."""
    before = suqian(t2__regulation__valid=11, t2__normative__valid=597)
    now = {"t2__regulation__made": 2, "t2__regulation__repealed": 1, "t2__regulation__valid": 12}
    now |= {"t2__normative__made": 50, "t2__normative__repealed": 227, "t2__normative__valid": 420}
    results = [each for each in checks.across_years(suqian(**now), before) if each.id == "C6"]
    assert [each.holds for each in results] == [True, True]
    wrong = checks.across_years(suqian(**{**now, "t2__normative__valid": 421}), before)
    assert ("C6", "表二“行政规范性文件”：现行有效＝上年现行有效＋本年制发－本年废止", 421, 420) in broken(wrong)


PROSE = """2023年，全市共收到政府信息公开申请3607件，上年结转96件。
办结申请3486件，其中予以公开1191件、部分公开328件、不予公开142件、无法提供1078件，不予处理406件，其他处理341件，
结转下年度继续办理121件。行政复议440件，行政诉讼113件。"""


@pytest.mark.parametrize(
    "received", ["收到政府信息公开申请3607件", "收到政府信息公开申请 3511 件", "新收公开申请３５１１件"]
)
def test_prose_agrees_with_the_tables_in_every_real_usage(received: str) -> None:
    text = PROSE.replace("收到政府信息公开申请3607件", received)
    found = claims.find(FORM, text)
    assert len(found) == 12
    assert broken(checks.in_prose(suqian(), found)) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("3607", "3608"),
        ("结转96", "结转97"),
        ("3486", "3487"),
        ("1191", "1192"),
        ("不予公开142", "不予公开143"),
        ("继续办理121", "继续办理120"),
        ("复议440", "复议44"),
        ("诉讼113", "诉讼89"),
    ],
)
def test_a_wrong_figure_in_the_prose_is_found(right: str, wrong: str) -> None:
    found = claims.find(FORM, PROSE.replace(right, wrong))
    assert ids(checks.in_prose(suqian(), found)) == ["C7"]


def test_none_received_means_zero() -> None:
    text = "2023年未收到依申请公开件，未发生因依申请公开而引发行政复议、行政诉讼等情况。"
    found = claims.find(FORM, text)
    assert [claim.number for claim in found] == [0, 0]
    assert ids(checks.in_prose(Tables(FORM, dict.fromkeys(cells(FORM), 0)), found), True) == ["C7", "C7"]
    assert ids(checks.in_prose(suqian(), found)) == ["C7", "C7"]


def test_other_numbers_in_the_prose_are_left_alone() -> None:
    text = "回复群众留言635条，收到网上留言92条，未收到人大代表建议，办结信访12件，收到申请表后7日内办理。"
    assert claims.find(FORM, text) == []
    assert [each.holds for each in checks.in_prose(suqian(), [])] == [None]


def test_every_cell_is_a_number() -> None:
    assert ids(checks.filled(suqian())) == []
    for blank in (NOT_RECORDED, NOT_APPLICABLE):
        found = broken(checks.filled(suqian(t2__permit__decisions=blank)))
        assert found == [
            ("C8", "表二每一格都填数字，没有的填0；未填：第二十条第（五）项 行政许可：本年处理决定数量", 9, 10)
        ]


TITLES = [section.title for section in FORM.sections]


def test_six_parts_in_their_order() -> None:
    assert ids(checks.sections(FORM, TITLES, "解读形式不够丰富。")) == []
    assert ids(checks.sections(FORM, TITLES[:5], "解读形式不够丰富。")) == ["C9"]
    assert ids(checks.sections(FORM, [*TITLES[1:], TITLES[0]], "解读形式不够丰富。")) == ["C9"]


@pytest.mark.parametrize("empty", ["", "无", " 无。", "（无）", "暂无", "\n", "（待填写：存在的主要问题）"])
def test_part_five_must_say_something(empty: str) -> None:
    assert ids(checks.sections(FORM, TITLES, empty)) == ["C9"]


def test_table_two_has_the_columns_of_its_year() -> None:
    new, old = (
        [[column.label for column in block.columns] for block in form_for(year).blocks] for year in (2023, 2020)
    )
    assert checks.columns_of_table_2(FORM, new).holds is True
    assert checks.columns_of_table_2(FORM, old).holds is False
    assert checks.columns_of_table_2(form_for(2020), new).holds is False
    assert checks.columns_of_table_2(form_for(2020), old).holds is None  # its columns are not confirmed


async def test_a_report_whose_entered_total_is_wrong_is_not_ready(records: Records) -> None:
    await records.enter({key: 0 for key, cell in cells(FORM).items() if not cell.parts})
    await records.text("problems", "解读形式不够丰富。")
    assert (await records.report()).broken == []
    await records.enter({"t3.open.total": 1})
    assert [check.id for check in (await records.report()).broken] == ["C3"]


async def test_last_years_records_are_compared(records: Records) -> None:
    await records.enter({key: 0 for key, cell in cells(FORM).items() if not cell.parts}, year=2023)
    await records.enter({"t3.carried_out.natural": 2}, year=2022)
    found = [check for check in (await records.report()).checks if check.id == "C5" and check.holds is False]
    assert [(check.left, check.right) for check in found] == [(0, 2)]


async def test_part_five_of_a_report_without_the_offices_words_fails(records: Records) -> None:
    assert [check.id for check in (await records.report()).broken] == ["C9"]
    await records.text("problems", "无")
    assert [check.id for check in (await records.report()).broken] == ["C9"]


async def test_a_count_beside_a_declared_figure(records: Records) -> None:
    await records.line(quantity=5)
    await records.enter({"ledger.board_reply": 6})
    found = next(check for check in (await records.report()).checks if check.id == "X1")
    assert (found.left, found.right, found.holds) == (5, 6, False)
    await records.enter({"ledger.board_reply": 5}, at=ENTERED + timedelta(hours=1))
    assert next(check for check in (await records.report()).checks if check.id == "X1").holds is True


async def test_what_is_left_to_fill_and_slips_of_the_name(records: Records) -> None:
    def ours(found: Iterable[CheckResult]) -> dict[str, bool | None]:
        return {check.id: check.holds for check in found if check.id in ("X2", "X3")}

    assert ours((await records.report()).checks) == {"X2": False, "X3": True}
    for section in ("overview.management", "overview.assurance", "problems"):
        await records.text(section, "我中心的做法。")
    assert ours((await records.report()).checks) == {"X2": True, "X3": True}
    await records.text("overview", "委托我办理的事项按本办法处理，我委托他人。")
    assert ours((await records.report()).checks)["X3"] is True
    await records.text("other", "2023年我办未收到人大代表建议。")
    slip = next(check for check in (await records.report()).checks if check.id == "X3")
    assert (slip.left, slip.right, slip.holds) == ("我中心、我办", "我中心", False)
