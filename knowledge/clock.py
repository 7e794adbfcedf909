"""The one clock: UTC in the database, the office's days, working days and year edges from here only.

Working days follow the State Council's yearly notice (法定节假日 and 调休, 全国年节及纪念日放假办法) as the package
`chinesecalendar` carries it; a year it does not know yet is reckoned Monday to Friday and marked provisional.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def office_day(moment: datetime) -> date:
    """The calendar day of a moment in the office's zone."""
    return moment.astimezone(OFFICE_ZONE).date()


def day_edges(day: date) -> tuple[datetime, datetime]:
    """First moment of the day and first moment of the next, both UTC; the interval is half-open."""
    return _midnight(day), _midnight(day + timedelta(days=1))


def year_edges(year: int) -> tuple[datetime, datetime]:
    """First moment of the office's year and first of the next, both UTC (统计期 1月1日–12月31日); half-open."""
    return _midnight(date(year, 1, 1)), _midnight(date(year + 1, 1, 1))


def month_edges(year: int, month: int) -> tuple[datetime, datetime]:
    """First moment of the office's month and first of the next, both UTC; half-open."""
    return _midnight(date(year, month, 1)), _midnight(date(year + month // 12, month % 12 + 1, 1))


def year_end(year: int) -> datetime:
    """Noon of 31 December in the office's zone, in UTC: where a figure known only for the whole year is put."""
    return datetime.combine(date(year, 12, 31), time(12), OFFICE_ZONE).astimezone(UTC)


@dataclass(frozen=True)
class WorkingDay:
    """A day reckoned in working days; provisional where a year's 放假安排 is not yet known."""

    day: date
    provisional: bool


@lru_cache(maxsize=1024)  # asked for every message, and the same all day; the calendar is fixed once imported
def add_working_days(start: date, count: int) -> WorkingDay:
    """The last day of a period of `count` working days; the day of receipt itself is not counted (民法典第二百零一条)."""
    if count < 1:
        raise ValueError("a period has at least one working day")
    day, left, provisional = start, count, False
    while left:
        day += timedelta(days=1)
        working, known = is_working_day(day)
        provisional = provisional or not known
        left -= working
    return WorkingDay(day, provisional)


@lru_cache(maxsize=4096)  # questions share few pairs of days
def working_days_between(start: date, end: date) -> int:
    """How many working days lie after one day up to and with another; 0 on the same day, or where it lies before."""
    return sum(is_working_day(start + timedelta(days=n))[0] for n in range(1, (end - start).days + 1))


def working_days_left(today: date, due: date) -> int:
    """Working days after `today` up to and with `due`: 0 on the day itself; negative by the working days it is late."""
    return working_days_between(today, due) - working_days_between(due, today)


@lru_cache(maxsize=8192)
def is_working_day(day: date) -> tuple[bool, bool]:
    """Whether the office works that day, and whether the year's notice is known (else Monday–Friday, provisional)."""
    try:
        return bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:
        return day.weekday() < 5, False


def in_words(day: date) -> str:
    """A day as the public reads it: 2026年8月12日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), OFFICE_ZONE).astimezone(UTC)
