"""Break one cell, and exactly the rules it stands in fire: for every cell of every table, against last year too."""

from decimal import Decimal

import pytest

from admin.report import alarms, checks, claims
from admin.report.checks import CheckResult, Tables
from admin.report.form import cells, form_for
from admin.report.values import NOT_RECORDED, Value, is_number
from tests.admin.report.test_checks import PROSE, TITLES, ids, suqian

FORM = form_for(2023)
RESULT_ROWS = {row.key for row in FORM.results}
WHOLE = suqian()
LABELS = {key: cell.label for key, cell in cells(FORM).items()}


def arithmetic_of(key: str) -> set[str]:
    """Which of C1 to C4 a cell stands in, told by the form's printed rules alone."""
    table, row, _column = key.split(".")
    if table == "t4":
        return {"C4"}
    if table != "t3":
        return set()
    found = {"C3"}
    if row in RESULT_ROWS or row == "total":
        found.add("C2")
    if row in ("new_received", "carried_in", "carried_out", "total"):
        found.add("C1")
    return found


def changed(key: str, value: Value) -> Tables:
    return Tables(FORM, {**WHOLE.cells, key: value})


@pytest.mark.parametrize("key", list(cells(FORM)))
def test_each_cell_breaks_its_own_rules_and_no_other(key: str) -> None:
    value = WHOLE.cells[key]
    assert is_number(value)
    for wrong in (value + 1, value + 1000):
        assert set(ids(checks.arithmetic(changed(key, wrong)))) == arithmetic_of(key)
    assert set(ids(checks.arithmetic(changed(key, NOT_RECORDED)), None)) == arithmetic_of(key)
    assert ids(checks.filled(changed(key, NOT_RECORDED))) == ["C8"]


@pytest.mark.parametrize("column", [column.key for column in FORM.table3.columns])
def test_each_column_carried_over_wrongly_is_found(column: str) -> None:
    carried = {f"t3.carried_in.{each.key}": WHOLE.cells[f"t3.carried_out.{each.key}"] for each in FORM.table3.columns}
    this = Tables(FORM, {**WHOLE.cells, **carried})
    assert ids(checks.across_years(this, WHOLE)) == []
    key = f"t3.carried_in.{column}"
    value = this.cells[key]
    assert is_number(value)
    assert ids(checks.across_years(Tables(FORM, {**this.cells, key: value + 1}), WHOLE)) == ["C5"]


@pytest.mark.parametrize("row", ["regulation", "normative"])
@pytest.mark.parametrize("column", ["made", "repealed", "valid"])
def test_each_cell_of_documents_in_force_is_found(row: str, column: str) -> None:
    before = Tables(FORM, {**WHOLE.cells, "t2.regulation.valid": 11, "t2.normative.valid": 597})
    right = {
        "t2.regulation.made": 2, "t2.regulation.repealed": 1, "t2.regulation.valid": 12,
        "t2.normative.made": 50, "t2.normative.repealed": 227, "t2.normative.valid": 420,
    }  # fmt: skip
    found = checks.across_years(Tables(FORM, {**WHOLE.cells, **right}), before)
    assert [each.holds for each in found if each.id == "C6"] == [True, True]
    key = f"t2.{row}.{column}"
    wrong = Tables(FORM, {**WHOLE.cells, **right, key: right[key] + 1})
    assert [each.id for each in checks.across_years(wrong, before) if each.id == "C6" and each.holds is False] == ["C6"]


@pytest.mark.parametrize("claim", claims.find(FORM, PROSE), ids=lambda claim: claim.meaning)
def test_each_figure_of_the_text_is_held_against_each_table_cell_behind_it(claim: claims.Claim) -> None:
    found = claims.find(FORM, PROSE)
    for key in {key for keys in claim.keys for key in keys}:
        value = WHOLE.cells[key]
        assert is_number(value)
        assert "C7" in ids(checks.in_prose(changed(key, value + 5000), found)), key


@pytest.mark.parametrize("place", range(6))
def test_each_part_missing_renamed_or_out_of_order_is_found(place: int) -> None:
    for wrong in (
        [title for number, title in enumerate(TITLES) if number != place],
        [title + "。" if number == place else title for number, title in enumerate(TITLES)],
        [*TITLES[:place], *TITLES[place + 1 :], TITLES[place]] if place < 5 else [TITLES[5], *TITLES[:5]],
    ):
        assert ids(checks.sections(FORM, wrong, "解读形式不够丰富。")) == ["C9"]


@pytest.mark.parametrize(
    ("block", "place"), [(b, p) for b, each in enumerate(FORM.blocks) for p in range(len(each.columns))]
)
def test_each_column_of_table_two_must_be_the_forms(block: int, place: int) -> None:
    labels = [[column.label for column in each.columns] for each in FORM.blocks]
    labels[block][place] = "采购总金额"
    assert checks.columns_of_table_2(FORM, labels).holds is False


def alarmed(now: Tables, before: Tables) -> list[tuple[str, str]]:
    found = alarms.against_last_year(LABELS, now.cells, before.cells)
    return [(each.id, each.label[:2]) for each in found if each.holds is False]


@pytest.mark.parametrize(("table", "name"), [("t3.", "表三"), ("t4.", "表四")])
def test_a_table_that_repeats_last_years_is_an_alarm_until_one_cell_differs(table: str, name: str) -> None:
    assert ("A1", name) in alarmed(WHOLE, WHOLE)
    for key in [key for key in cells(FORM) if key.startswith(table)]:
        value = WHOLE.cells[key]
        assert is_number(value)
        assert ("A1", name) not in alarmed(changed(key, value + 1), WHOLE)


def test_a_table_of_zeros_may_repeat_itself_and_an_unknown_year_is_undecided() -> None:
    zeros = Tables(FORM, dict.fromkeys(cells(FORM), 0))
    assert alarmed(zeros, zeros) == []
    found = list(alarms.against_last_year(LABELS, WHOLE.cells, {}))
    assert {(each.id, each.holds) for each in found} == {("A1", None), ("A2", None)}


@pytest.mark.parametrize(
    ("new", "old", "out"),
    [
        (60, 20, False), (61, 20, True), (20, 60, False), (20, 61, True), (0, 19, False), (0, 20, True), (19, 0, False),
        (20, 0, True), (Decimal("59237.2449"), Decimal("19000.5"), True), (0, 0, False), (100, 100, False),
    ],
)  # fmt: skip
def test_a_figure_that_leaps_is_an_alarm(new: Value, old: Value, out: bool) -> None:
    assert is_number(new)
    assert is_number(old)
    assert (alarms.OUTLIER_TIMES, alarms.OUTLIER_FROM) == (3, 20)
    assert alarms.stands_out(new, old) is out
    labels = {"ledger.weibo": "官方微博发布、转发"}
    found = [
        each
        for each in alarms.against_last_year(labels, {"ledger.weibo": new}, {"ledger.weibo": old})
        if each.id == "A2"
    ]
    assert [each.holds for each in found] == [not out]
    assert not out or (found[0].left, found[0].right) == (new, old)


def test_a_reason_belongs_to_the_two_sides_it_was_given_for() -> None:
    one = CheckResult("A2", "warning", "“微博”", 61, 20, False)
    assert one.key != CheckResult("A2", "warning", "“微博”", 62, 20, False).key
    assert one.key == CheckResult("A2", "warning", "“微博”", 61, 20, False).key
