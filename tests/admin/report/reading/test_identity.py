"""What is rendered reads as what it was made from: every cell, every title, every paragraph, in both forms."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.report.build import Report
from admin.report.form import cells, form_for
from admin.report.values import NOT_APPLICABLE, NOT_RECORDED, Value, number
from tests.admin.report.reading.conftest import FILES, TEXTS, Reread, made_up, shape, shape_read

NUMBERS: st.SearchStrategy[Value] = st.one_of(
    st.integers(0, 30), st.integers(0, 10**9), st.sampled_from([NOT_RECORDED, NOT_APPLICABLE, 2950, 3607])
)
AMOUNTS = st.integers(0, 10**9).map(lambda units: number(Decimal(units).scaleb(-4)))
WORDS = st.text("政府信息公开办理申请答复群众，、；“”（）《》2023年APP条", min_size=1, max_size=120)
SENTENCES = WORDS.map(lambda words: f"其中{words}。")


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Any figures, some of them left out, in a year of either form; paragraphs of any length."""
    year = draw(st.sampled_from([2019, 2020, 2021, 2023, 2026]))
    keys = list(cells(form_for(year)))
    values: dict[str, Value] = draw(st.dictionaries(st.sampled_from(keys), NUMBERS, max_size=60))
    for key, cell in cells(form_for(year)).items():
        if cell.unit == "万元":
            values[key] = draw(AMOUNTS)
    notes = {key: draw(st.lists(SENTENCES, max_size=3)) for key in ("proactive", "requests", "disputes")}
    return made_up(year, values, {**TEXTS, **notes, "other": draw(st.lists(SENTENCES, min_size=1, max_size=4))})


@pytest.mark.parametrize("kind", ["html", "docx"])
@settings(max_examples=15)
@given(report=reports())
def test_reading_what_was_rendered_changes_nothing(reread: Reread, kind: str, report: Report) -> None:
    assert shape_read(reread(report, kind)) == shape(report)


@settings(max_examples=6)
@given(report=reports())
def test_reading_a_rendered_pdf_changes_nothing(reread: Reread, report: Report) -> None:
    assert shape_read(reread(report, "pdf")) == shape(report)


@pytest.mark.parametrize("kind", FILES)
def test_the_first_users_report_reads_as_it_was_made(weihai: Report, reread: Reread, kind: str) -> None:
    assert shape_read(reread(weihai, kind)) == shape(weihai)


def test_a_workbook_reads_as_it_was_made(reread: Reread) -> None:
    report = made_up(2023, {"t2.fee.amount": Decimal("59237.2449"), "t3.open.natural": 12, "t4.direct.total": 7})
    read = reread(report, "xlsx")
    assert read.sheet.cells == {key: report.figures[key].value for key in cells(report.form)}
    assert not read.has_text
    assert read.year == 2023
