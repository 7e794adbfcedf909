"""Tables three and four from the cases: whole made-up years balance, every number opens to its cases, hands stay apart."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from admin.report import case_figures, checks
from admin.report.build import Report
from admin.report.checks import HARD, Tables
from admin.report.figures import compute
from admin.report.form import form_for
from admin.report.records import Records as YearRecords
from admin.report.trace import trace
from admin.report.values import NOT_RECORDED
from knowledge.cases import life, reading
from knowledge.cases.course import Event, course_of
from knowledge.cases.life import Actor, Applied
from knowledge.cases.reading import Case
from knowledge.cases.words import ApplicantKind, Outcome, Step, Way
from tests.admin.report.conftest import Records
from tests.conftest import BACKENDS
from tests.made_up_cases import lives

YEARS = (2023, 2024, 2025, 2026)
EVENTS = st.lists(lives(), max_size=12)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """What is counted from rows is counted on both."""
    return str(request.param)


def made(all_events: list[list[Event]]) -> list[Case]:
    return [Case(number, str(number), "", course_of(events)) for number, events in enumerate(all_events, 1)]


def tables_of(year: int, cases: list[Case]) -> Tables:
    figures = compute(form_for(year), YearRecords(year, cases=cases))
    return Tables(form_for(year), {key: figure.value for key, figure in figures.items()})


@given(EVENTS)
@hypothesis_settings(max_examples=60)
def test_whole_years_of_cases_keep_every_hard_rule_and_carry_over(all_events: list[list[Event]]) -> None:
    cases = made(all_events)
    before = None
    for year in YEARS:
        tables = tables_of(year, cases)
        if case_figures.count(form_for(year), year, cases) is None:
            assert tables.at("t3.total.total") is NOT_RECORDED
            before = None
            continue
        for check in checks.arithmetic(tables):
            assert (check.level, check.holds) == (HARD, True), (year, check)
        if before:
            assert all(check.holds for check in checks.across_years(tables, before) if check.id == "C5")
        before = tables


@given(EVENTS)
@hypothesis_settings(max_examples=60)
def test_the_cells_are_what_a_tally_sheet_would_show(all_events: list[list[Event]]) -> None:
    """Reckoned a second way: a clerk goes through the standing events of each case, year by year."""
    cases = made(all_events)
    for year in YEARS:
        new, results, waiting = 0, Counter[str](), 0
        for events in all_events:
            undone = {event.about for event in events if event.step is Step.UNDONE}
            standing = [event for event in events if event.seq not in undone and event.step is not Step.UNDONE]
            came = [event.day for event in standing if event.step is Step.RECEIVED][-1:]
            ends = [event for event in standing if event.step is Step.ANSWERED]
            new += sum(day.year == year for day in came)
            results.update(event.choice for event in ends if event.day.year == year)
            waiting += bool(came and came[0] <= date(year, 12, 31) and not [e for e in ends if e.day.year <= year])
        tables = tables_of(year, cases)
        if case_figures.count(form_for(year), year, cases):
            assert tables.at("t3.new_received.total") == new
            assert tables.at("t3.carried_out.total") == waiting
            assert {o.value: tables.at(f"t3.{o.value}.total") for o in Outcome if results[o.value]} == dict(results)


def test_the_words_of_cases_are_the_rows_of_the_form() -> None:
    form = form_for(2024)
    assert [row.key for row in form.results] == [outcome.value for outcome in Outcome]
    assert form.applicants == tuple(kind.value for kind in ApplicantKind)
    for row, outcome in zip(form.results, Outcome, strict=True):
        assert row.path[-1].split(".", 1)[-1].startswith(outcome.label) or outcome.label in row.path[-1]


class Register:
    """Puts cases on record."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.number = 0

    async def case(self, came: date, *later: Event, kind: ApplicantKind = ApplicantKind.NATURAL) -> None:
        self.number += 1
        actor = Actor("zhang", datetime(2026, 1, 5, 2, tzinfo=UTC))
        first = Event(1, Step.RECEIVED, came, kind.value, Way.IN_PERSON.value)
        code, database = f"{self.number:012d}", self.records.database
        await life.open_case(database, Applied("一份文件", "", "张三"), first, actor, code=code)
        async with database.reading() as session:
            case = await reading.by_code(session, code)
        assert case
        for version, event in enumerate(later, 1):
            await life.record(database, case.application.id or 0, event, actor, version=version)


def arithmetic_broken(report: Report) -> list[str]:
    """Of the hard rules, those of the tables; the text of a made-up year is empty."""
    return [check.label for check in report.broken if check.id in ("C1", "C2", "C3", "C4")]


def answer(day: date, outcome: Outcome = Outcome.OPEN) -> Event:
    return Event(0, Step.ANSWERED, day, outcome.value)


async def test_a_year_with_cases_is_counted_and_opens_to_them(records: Records) -> None:
    register = Register(records)
    await register.case(date(2022, 12, 30), answer(date(2023, 1, 9)))
    await register.case(date(2023, 12, 28), kind=ApplicantKind.LEGAL)
    await register.case(date(2023, 12, 31), answer(date(2024, 1, 2), Outcome.DENY_PROCESS_4))
    report = await records.report(2023)
    assert report.figures["t3.carried_in.natural"].value == 1
    assert report.figures["t3.new_received.total"].value == 2
    assert report.figures["t3.open.natural"].value == 1
    assert report.figures["t3.carried_out.total"].value == 2
    assert report.figures["t4.review.total"].value == 0
    for figure in report.figures.values():
        if figure.reckoned:
            assert figure.value == len(figure.rows)
    told = trace(report, "t3.carried_out.legal")
    assert "application" in told
    assert "张三" not in told
    assert arithmetic_broken(report) == []
    assert [c.holds for c in (await records.report(2024)).checks if c.id == "C5"] == [True] * 7


async def test_years_without_cases_keep_what_was_entered_by_hand(records: Records) -> None:
    await Register(records).case(date(2024, 5, 6), answer(date(2024, 5, 20)))
    await records.enter({"t3.new_received.natural": 7, "t3.carried_out.natural": 1}, 2023)
    report = await records.report(2023)
    assert report.figures["t3.new_received.natural"].value == 7
    assert not report.figures["t3.new_received.natural"].reckoned
    # last year's hand-entered carry-over against this year's, by date
    assert next(c.holds for c in (await records.report(2024)).checks if c.id == "C5") is False


async def test_where_both_exist_the_cases_count_and_the_check_compares(records: Records) -> None:
    await Register(records).case(date(2023, 5, 8), answer(date(2023, 5, 22)))
    await records.enter({"t3.new_received.natural": 2, "t3.open.natural": 1, "t3.total.total": 9})
    report = await records.report(2023)
    assert report.figures["t3.new_received.natural"].value == 1
    compared = {check.label: check.holds for check in report.checks if check.id == "X1"}
    assert sorted(map(str, compared.values())) == ["False", "False", "True"]
    assert arithmetic_broken(report) == []


async def test_disputes_count_until_they_are_closed(records: Records) -> None:
    opened = Event(0, Step.DISPUTE_OPENED, date(2023, 7, 3), "review")
    closed = Event(0, Step.DISPUTE_CLOSED, date(2024, 2, 5), "corrected", about=3)
    await Register(records).case(date(2023, 5, 8), answer(date(2023, 5, 22), Outcome.DENY_PROCESS_4), opened, closed)
    figures, later = (await records.report(2023)).figures, (await records.report(2024)).figures
    assert [figures[f"t4.review.{column}"].value for column in ("pending", "corrected", "total")] == [1, 0, 1]
    assert [later[f"t4.review.{column}"].value for column in ("pending", "corrected", "total")] == [0, 1, 1]


async def test_the_form_of_2019_has_one_row_for_the_sixth_group(records: Records) -> None:
    await Register(records).case(date(2020, 5, 8), answer(date(2020, 5, 22), Outcome.OTHER_OTHER))
    report = await records.report(2020)
    assert report.figures["t3.other.natural"].value == 1
    assert arithmetic_broken(report) == []


async def test_fees_are_counted_when_they_were_paid(records: Records) -> None:
    assert (await records.report(2023)).figures["fee.yuan"].value is NOT_RECORDED
    asked = Event(0, Step.FEE_ASKED, date(2023, 12, 20), amount=Decimal("700.50"), text="按量")
    paid = Event(0, Step.FEE_PAID, date(2024, 1, 4))
    register = Register(records)
    await register.case(date(2023, 12, 18), asked, paid, answer(date(2024, 1, 8)))
    await register.case(date(2024, 2, 1), Event(0, Step.FEE_ASKED, date(2024, 2, 2), amount=Decimal(10), text="按量"))
    before, report = await records.report(2023), await records.report(2024)
    assert (before.figures["fee.yuan"].value, before.figures["fee.applications"].value) == (0, 0)
    assert (report.figures["fee.yuan"].value, report.figures["fee.applications"].value) == (Decimal("700.5"), 1)
    assert [row["quantity"] for row in report.figures["fee.yuan"].rows] == [700.5]


@given(EVENTS)
@hypothesis_settings(max_examples=60)
def test_a_year_is_counted_exactly_when_a_case_falls_into_it(all_events: list[list[Event]]) -> None:
    cases = made(all_events)
    for year in (2022, *YEARS, 2027):
        counted = case_figures.count(form_for(year), year, cases)
        assert counted is None or any(counted.rows.values())
        assert (counted is None) == (case_figures.fees(year, cases) is None)
