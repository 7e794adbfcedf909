"""The statutory clocks: worked by hand around real holidays, and by properties over made-up lives."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from knowledge import clock
from knowledge.cases import deadlines
from knowledge.cases.course import Course, Event, course_of
from knowledge.cases.deadlines import Nearness, answer_due, periods
from knowledge.cases.words import ApplicantKind, CaseState, Step, Way
from tests.made_up_cases import lives, received

DAYS = st.dates(date(2023, 1, 1), date(2025, 10, 1))


def case(*events: Event) -> Course:
    return course_of(events)


def step(seq: int, kind: Step, day: date, **more: object) -> Event:
    return Event(seq, kind, day, **more)  # type: ignore[arg-type]


def due(*events: Event) -> date:
    found = answer_due(case(*events))
    assert found
    return found.day


def test_twenty_working_days_over_the_national_day_with_working_weekends() -> None:
    # 2024: holiday 1-7 October; 29 September and 12 October, a Sunday and a Saturday, are worked.
    assert due(received(date(2024, 9, 18))) == date(2024, 10, 21)


def test_an_extension_of_twenty_days_doubles_the_period() -> None:
    start = date(2024, 3, 1)
    extended = step(2, Step.EXTENDED, date(2024, 3, 20), days=20)
    assert due(received(start), extended) == clock.add_working_days(start, 40).day


def test_a_correction_stops_the_clock_and_its_receipt_begins_it_anew() -> None:
    asked = step(2, Step.CORRECTION_ASKED, date(2024, 3, 6), until=date(2024, 3, 27))
    assert answer_due(case(received(date(2024, 3, 1)), asked)) is None
    came = step(3, Step.CORRECTION_RECEIVED, date(2024, 3, 20))
    assert due(received(date(2024, 3, 1)), asked, came) == clock.add_working_days(date(2024, 3, 20), 20).day


def test_the_time_a_third_party_is_asked_does_not_count() -> None:
    # Friday 1 March; asked on Monday the 4th, answered on Monday the 11th: five working days do not count.
    asked, came = step(2, Step.OPINION_ASKED, date(2024, 3, 4)), step(3, Step.OPINION_RECEIVED, date(2024, 3, 11))
    assert due(received(date(2024, 3, 1)), asked, came) == clock.add_working_days(date(2024, 3, 1), 25).day


def test_an_opinion_that_never_comes_stops_the_clock_for_fifteen_days_at_most() -> None:
    asked = step(2, Step.OPINION_ASKED, date(2024, 3, 4))
    late = step(3, Step.OPINION_RECEIVED, date(2024, 6, 3))
    expected = clock.add_working_days(date(2024, 3, 1), 35).day
    assert due(received(date(2024, 3, 1)), asked) == due(received(date(2024, 3, 1)), asked, late) == expected


def test_a_period_into_a_year_without_a_published_calendar_is_provisional() -> None:
    found = answer_due(case(received(date(2027, 12, 20))))
    assert found
    assert found.provisional


def test_what_came_over_the_net_is_reckoned_from_the_day_it_was_sent_until_confirmed() -> None:
    sent = Event(1, Step.SUBMITTED, date(2024, 3, 1), ApplicantKind.NATURAL, Way.ONLINE)
    confirmed = Event(2, Step.RECEIVED, date(2024, 3, 4), ApplicantKind.NATURAL, Way.ONLINE)
    assert case(sent).state is CaseState.UNCONFIRMED
    assert due(sent) == clock.add_working_days(date(2024, 3, 1), 20).day
    assert due(sent, confirmed) == clock.add_working_days(date(2024, 3, 4), 20).day
    assert "第三十一条" in periods(case(sent))[0].note


def test_near_and_overdue_begin_on_their_days() -> None:
    period = periods(case(received(date(2024, 3, 1))))[0]
    assert period.last
    last = period.last.day  # Friday 29 March
    assert last == date(2024, 3, 29)
    stages = {day: period.nearness(day) for day in (date(2024, 3, 21), date(2024, 3, 22), last, date(2024, 3, 30))}
    assert list(stages.values()) == [Nearness.AHEAD, Nearness.NEAR, Nearness.NEAR, Nearness.OVERDUE]


def test_late_notices_and_answers_are_said() -> None:
    asked = step(2, Step.CORRECTION_ASKED, date(2024, 3, 13), until=date(2024, 3, 27))
    came = step(3, Step.CORRECTION_RECEIVED, date(2024, 3, 20))
    answered = step(4, Step.ANSWERED, date(2024, 6, 3), choice="open")
    said = deadlines.lateness(case(received(date(2024, 3, 1)), asked, came, answered))
    assert ["第三十三条" in said[0], "第三十条" in said[1], len(said)] == [True, True, 2]


@given(DAYS)
def test_an_undisturbed_case_takes_twenty_working_days(day: date) -> None:
    assert answer_due(case(received(day))) == clock.add_working_days(day, 20)


@given(DAYS, st.integers(0, 40), st.integers(0, 60))
def test_asking_somebody_never_shortens_the_period_nor_gives_more_than_fifteen_days(
    day: date, after: int, took: int
) -> None:
    asked = step(2, Step.OPINION_ASKED, day + timedelta(days=after))
    came = step(3, Step.OPINION_RECEIVED, asked.day + timedelta(days=took))
    plain, with_stop = due(received(day)), due(received(day), asked, came)
    assert plain <= with_stop <= clock.add_working_days(day, 35).day
    counted = deadlines.working_days_between(day, with_stop)
    excluded = deadlines.working_days_between(asked.day, min(came.day, deadlines.opinion_due(asked.day).day, with_stop))
    assert counted - max(excluded, 0) == 20 or asked.day >= plain


@given(lives())
def test_every_running_period_names_its_article_and_ends_on_a_working_day(events: list[Event]) -> None:
    for period in periods(course_of(events)):
        assert "条例第" in period.article
        if period.last and period.name != "申请人补正":  # whose day the office itself chose
            assert clock.is_working_day(period.last.day)[0]


@given(lives())
def test_the_period_to_answer_is_never_longer_than_the_law_allows(events: list[Event]) -> None:
    course = course_of(events)
    found = answer_due(course)
    if found and course.received:
        start = course.last(Step.CORRECTION_RECEIVED) or course.received
        longest = 20 + 20 + deadlines.OPINION_DAYS * len(course.opinions)
        assert clock.add_working_days(start.day, 20).day <= found.day
        assert found.day <= clock.add_working_days(start.day, longest).day


def test_nothing_runs_where_nothing_came_in() -> None:
    course = case(received(date(2024, 3, 1)), step(2, Step.UNDONE, date(2024, 3, 1), about=1))
    assert course.state is CaseState.VOID
    assert periods(course) == []
