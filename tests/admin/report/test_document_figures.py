"""Table two from the office's own documents: made, ended and valid by their dates, against a second way of counting."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.report.document_figures import MADE, REPEALED, VALID, CountedDocuments, OwnPolicy
from admin.report.figures import Figure
from admin.report.values import NOT_RECORDED
from knowledge.tables import Policy
from knowledge.vocabulary import OwnDocument
from tests.admin.report.conftest import Records

YEARS = range(2020, 2027)
NORMATIVE = {"own": OwnDocument.NORMATIVE, "level": "A", "issuer": "威海市住房公积金管理中心"}


@st.composite
def documents(draw: st.DrawFn) -> OwnPolicy:
    """A document of the years around."""
    issued = draw(st.dates(date(2019, 1, 1), date(2026, 12, 31)))
    until = draw(st.none() | st.dates(issued, date(2027, 12, 31)))
    return OwnPolicy(draw(st.integers(1, 99)), "文件", draw(st.sampled_from(OwnDocument)), issued, until, "中心", "")


def alive(one: OwnPolicy, end_of: int) -> bool:
    """Counted the slow way: on the day after the year, has it begun and not ended?"""
    after = date(end_of, 12, 31) + timedelta(days=1)
    return one.issued < after and not (one.until and one.until < after)


@given(st.lists(documents(), max_size=12), st.sampled_from(OwnDocument))
def test_last_years_documents_and_this_years_changes_make_this_years(found: list[OwnPolicy], kind: OwnDocument) -> None:
    before: int | None = None
    for year in YEARS:
        counted = CountedDocuments(year, found)
        rows = {column: counted.at(f"t2.{kind.value}.{column}") for column in (MADE, REPEALED, VALID)}
        mine = [one for one in found if one.kind is kind]
        if not any(one.issued.year <= year for one in mine):
            assert set(rows.values()) == {None}
            continue
        sizes = {column: len(behind or ()) for column, behind in rows.items()}
        assert sizes[VALID] == sum(alive(one, year) for one in mine)
        if before is not None:
            assert sizes[VALID] == before + sizes[MADE] - sizes[REPEALED]
        before = sizes[VALID]


def test_other_cells_are_not_counted_from_documents() -> None:
    counted = CountedDocuments(2023, [OwnPolicy(1, "文件", OwnDocument.NORMATIVE, date(2023, 5, 1), None, "", "")])
    for key in ("t2.permit.decisions", "t2.fee.amount", "t2.regulation.made", "t3.total.total", "t2.normative.public"):
        assert counted.at(key) is None, key


async def put(records: Records, *rows: dict[str, Any]) -> None:
    async with records.database.writing() as session:
        for number, row in enumerate(rows):
            session.add(Policy(key=f"own-{number}", title=f"文件{number}", **(NORMATIVE | row)))


async def figures(records: Records, year: int = 2023) -> dict[str, Figure]:
    return dict((await records.report(year)).figures)


async def test_a_report_counts_the_documents_on_record_and_opens_to_them(records: Records) -> None:
    await put(
        records,
        {"issued": date(2021, 3, 1), "valid_until": date(2023, 12, 31), "number": "威公积金〔2021〕1号"},
        {"issued": date(2023, 8, 12)},
        {"issued": date(2024, 1, 2)},
        {"issued": date(2023, 2, 1), "own": "", "issuer": "国务院"},
    )
    found = await figures(records)
    sizes = {column: found[f"t2.normative.{column}"].value for column in (MADE, REPEALED, VALID)}
    assert sizes == {MADE: 1, REPEALED: 1, VALID: 1}
    (ended,) = found["t2.normative.repealed"].rows
    assert (ended["table"], ended["day"], ended["title"]) == ("policy", "2023-12-31", "文件0（威公积金〔2021〕1号）")
    assert "12月31日24时" in found["t2.normative.valid"].rule
    assert found["t2.regulation.made"].value is NOT_RECORDED  # no such document on record: to be entered by hand


async def test_a_figure_entered_by_hand_stands_beside_the_counted_one(records: Records) -> None:
    await put(records, {"issued": date(2023, 8, 12)})
    await records.enter({"t2.normative.made": 3, "t2.regulation.made": 2})
    report = await records.report(2023)
    assert (report.figures["t2.normative.made"].value, report.figures["t2.normative.made"].declared) == (1, 3)
    assert report.figures["t2.regulation.made"].value == 2
    (check,) = [one for one in report.checks if one.id == "X1" and "制发" in one.label]
    assert (check.holds, check.left, check.right) == (False, 1, 3)


@pytest.mark.parametrize("year", [2021, 2022])
async def test_a_year_before_the_first_document_is_left_to_the_hand(records: Records, year: int) -> None:
    await put(records, {"issued": date(2022, 1, 1)})
    value = (await figures(records, year))["t2.normative.made"].value
    assert value == (1 if year == 2022 else NOT_RECORDED)
