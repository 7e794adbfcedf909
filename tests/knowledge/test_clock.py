"""The office's days, year edges and working days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import clock

KNOWN = st.dates(date(2024, 1, 1), date(2026, 9, 1))
COUNTS = st.integers(1, 60)


def test_day_of_a_moment_is_the_day_in_shanghai() -> None:
    assert clock.office_day(datetime(2024, 12, 31, 15, 59, 59, 999_999, UTC)) == date(2024, 12, 31)
    assert clock.office_day(datetime(2024, 12, 31, 16, 0, 0, tzinfo=UTC)) == date(2025, 1, 1)


def test_last_second_of_a_year_and_the_first_of_the_next_fall_apart() -> None:
    last = datetime(2024, 12, 31, 23, 59, 59, tzinfo=clock.OFFICE_ZONE)
    first = datetime(2025, 1, 1, tzinfo=clock.OFFICE_ZONE)
    start, end = clock.year_edges(2024)
    assert start <= last < end
    assert first == end == clock.year_edges(2025)[0]
    assert (start, end) == (datetime(2023, 12, 31, 16, tzinfo=UTC), datetime(2024, 12, 31, 16, tzinfo=UTC))


def test_edges_of_a_day_are_utc_and_half_open() -> None:
    start, end = clock.day_edges(date(2024, 12, 31))
    assert (start.tzinfo, end.tzinfo) == (UTC, UTC)
    assert start == datetime(2024, 12, 30, 16, tzinfo=UTC)
    assert end == datetime(2024, 12, 31, 16, tzinfo=UTC) == clock.day_edges(date(2025, 1, 1))[0]


def test_end_of_a_year_lies_within_its_edges() -> None:
    start, end = clock.year_edges(2023)
    assert start < clock.year_end(2023) < end
    assert clock.office_day(clock.year_end(2023)) == date(2023, 12, 31)


def test_now_is_utc() -> None:
    assert clock.now().tzinfo is UTC


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 hypothesis adds the zone
def test_every_moment_lies_in_the_edges_of_its_day_and_year(moment: datetime) -> None:
    day = clock.office_day(moment)
    start, end = clock.day_edges(day)
    assert start <= moment < end
    assert end - start == timedelta(days=1)
    year_start, year_end = clock.year_edges(day.year)
    assert year_start <= moment < year_end


# 国办发明电〔2024〕12号 (for 2025) and 国办发明电〔2025〕7号 (for 2026)
@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2025, 1, 1), False),
        (date(2025, 1, 26), True),  # Sunday, 春节调休
        (date(2025, 1, 28), False),
        (date(2025, 2, 4), False),
        (date(2025, 2, 8), True),  # Saturday, 春节调休
        (date(2025, 9, 28), True),  # Sunday, 国庆调休
        (date(2025, 10, 1), False),
        (date(2025, 10, 8), False),
        (date(2025, 10, 11), True),  # Saturday, 国庆调休
        (date(2025, 10, 12), False),
        (date(2026, 1, 4), True),  # Sunday, 元旦调休
        (date(2026, 2, 14), True),  # Saturday, 春节调休
        (date(2026, 2, 15), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # Saturday, 春节调休
        (date(2026, 9, 20), True),  # Sunday, 国庆调休
        (date(2026, 9, 25), False),  # Friday, 中秋
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),  # Saturday, 国庆调休
    ],
)
def test_days_off_and_exchanged_days_follow_the_notice(day: date, *, works: bool) -> None:
    assert clock.is_working_day(day) == (works, True)


@pytest.mark.parametrize(
    ("start", "count", "last"),
    [
        (date(2025, 9, 30), 1, date(2025, 10, 9)),  # eight days off follow
        (date(2025, 9, 30), 3, date(2025, 10, 11)),  # 9, 10 and the exchanged Saturday
        (date(2025, 9, 30), 5, date(2025, 10, 14)),
        (date(2025, 9, 26), 1, date(2025, 9, 28)),  # Friday; the exchanged Sunday counts
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # the exchanged Saturday before 春节
        (date(2026, 2, 13), 5, date(2026, 2, 27)),  # 14, 24, 25, 26, 27 February
        (date(2026, 2, 13), 6, date(2026, 2, 28)),
        (date(2026, 2, 18), 1, date(2026, 2, 24)),  # received during 春节
        (date(2026, 9, 30), 3, date(2026, 10, 10)),  # 8, 9 and the exchanged Saturday
        (date(2026, 9, 30), 5, date(2026, 10, 13)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # an ordinary weekend
    ],
)
def test_periods_of_working_days_pass_over_days_off(start: date, count: int, last: date) -> None:
    assert clock.add_working_days(start, count) == clock.WorkingDay(last, provisional=False)


def test_unknown_year_is_reckoned_monday_to_friday_and_marked_provisional() -> None:
    assert clock.is_working_day(date(2099, 10, 1)) == (True, False)  # a Thursday
    assert clock.is_working_day(date(2099, 10, 3)) == (False, False)  # a Saturday
    assert clock.add_working_days(date(2099, 9, 30), 3) == clock.WorkingDay(date(2099, 10, 5), provisional=True)


def test_period_that_reaches_into_an_unknown_year_is_provisional() -> None:
    known = clock.add_working_days(date(2003, 12, 29), 3)  # the package's data begin with 2004
    assert known == clock.WorkingDay(date(2004, 1, 2), provisional=True)


@pytest.mark.parametrize("count", [0, -1])
def test_period_without_a_working_day_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        clock.add_working_days(date(2026, 1, 5), count)


@given(KNOWN, COUNTS)
def test_last_day_of_a_period_is_a_working_day_after_the_first(start: date, count: int) -> None:
    last = clock.add_working_days(start, count).day
    assert last > start
    assert clock.is_working_day(last)[0]


@given(KNOWN, COUNTS)
def test_period_holds_exactly_its_working_days_without_the_first_day(start: date, count: int) -> None:
    last = clock.add_working_days(start, count).day
    days = [start + timedelta(days=more) for more in range(1, (last - start).days + 1)]
    assert sum(clock.is_working_day(day)[0] for day in days) == count


@given(KNOWN, COUNTS)
def test_longer_period_ends_later(start: date, count: int) -> None:
    assert clock.add_working_days(start, count).day < clock.add_working_days(start, count + 1).day


@given(KNOWN, COUNTS)
def test_later_start_never_ends_earlier(start: date, count: int) -> None:
    next_day = start + timedelta(days=1)
    assert clock.add_working_days(start, count).day <= clock.add_working_days(next_day, count).day


def test_day_in_words_has_no_leading_zeros() -> None:
    assert clock.in_words(date(2026, 8, 1)) == "2026年8月1日"
