"""What became of a year's questions: months and years of the office, rates, working days; on both databases."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import clock, counts
from knowledge.counts import YearCounts
from knowledge.db import Database
from knowledge.tables import Question, Reply
from tests.conftest import BACKENDS

# 31 December 2025, 23:59:59 and 1 January 2026, 00:00:00, in Shanghai
LAST_SECOND, MIDNIGHT = datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC), datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
MARCH = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in the office


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Days of the office are reckoned by the database."""
    return str(request.param)


async def ask(database: Database, at: datetime, reply: datetime | None = None, **more: object) -> None:
    given: dict[str, Any] = {"channel": "board", "kind": "consultation", "published_at": None, **more}
    async with database.writing() as session:
        question = Question(
            code=f"{at.timestamp()}-{given}", received_at=at, text="问", public=True, state="answered", outcome="answered",
            reason="exact", base_version=1, due=date(2026, 12, 31), **given,
        )  # fmt: skip
        session.add(question)
        await session.flush()
        if reply:
            session.add(Reply(question_id=question.id or 0, text="答", by="staff", author="wang", sent_at=reply))


async def counted(database: Database, year: int = 2026) -> YearCounts:
    async with database.reader.connect() as connection:
        return await counts.of_year(connection, year)


async def test_a_question_belongs_to_the_offices_year_and_month(database: Database) -> None:
    await ask(database, LAST_SECOND, MIDNIGHT)
    await ask(database, MIDNIGHT)
    before, after = await counted(database, 2025), await counted(database)
    assert (before.whole.received, before.whole.answered, before.months[12].answered) == (1, 1, 1)
    assert (after.whole.received, after.whole.answered, after.months[1].received) == (1, 0, 1)
    async with database.reader.connect() as connection:
        assert await counts.first_year(connection) == 2025
        assert await counts.received(connection, 2025) == {"board": 1}
        assert await counts.last_received(connection, 2025) == LAST_SECOND
        assert await counts.last_received(connection, 2024) is None


async def test_every_month_begins_at_the_offices_midnight(database: Database) -> None:
    for month in counts.MONTHS:
        start = clock.day_edges(date(2026, month, 1))[0]
        await ask(database, start)
        await ask(database, start - timedelta(seconds=1), kind="complaint")
    found = await counted(database)
    assert [count.received for count in found.months.values()] == [2] * 11 + [1]


async def test_kinds_rate_and_what_is_published(database: Database) -> None:
    await ask(database, MARCH, MARCH, published_at=MARCH)
    await ask(database, MARCH + timedelta(hours=1), MARCH + timedelta(days=1), kind="complaint")
    await ask(database, MARCH + timedelta(hours=2), kind="complaint")
    await ask(database, MARCH + timedelta(hours=3), published_at=MARCH)  # published without a reply is not "answered"
    found = await counted(database)
    assert (found.whole.received, found.whole.answered, found.whole.published, found.whole.rate) == (4, 2, 1, 0.5)
    assert (found.kinds["complaint"].received, found.kinds["complaint"].answered) == (2, 1)
    assert sum(count.received for count in found.kinds.values()) == found.whole.received
    assert sum(count.answered for count in found.months.values()) == found.whole.answered


async def test_the_median_is_of_working_days(database: Database) -> None:
    for days in (0, 1, 4, 7):  # Monday, Tuesday, Friday, the next Monday
        await ask(database, MARCH + timedelta(seconds=days), MARCH + timedelta(days=days))
    found = await counted(database)
    assert found.days == {0: 1, 1: 1, 4: 1, 5: 1}
    assert (found.median_days, found.mean_days) == (2.5, 2.5)
    assert (await counted(database, 2024)).median_days is None


async def test_late_in_the_evening_is_the_next_day_in_the_office(database: Database) -> None:
    evening = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # Monday, 23:30
    await ask(database, evening, evening + timedelta(hours=1))
    assert (await counted(database)).days == {1: 1}


def median(numbers: Sequence[int]) -> float:
    ordered = sorted(numbers)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60))
def test_the_median_of_counted_days_is_the_median(days: list[int]) -> None:
    found = YearCounts(2026)
    found.days.update(days)
    assert found.median_days == median(days)


@given(st.dates(date(2024, 1, 1), date(2026, 6, 1)), st.integers(1, 40))
def test_working_days_between_is_the_other_way_round(start: date, count: int) -> None:
    assert clock.working_days_between(start, clock.add_working_days(start, count).day) == count
    assert clock.working_days_between(start, start) == 0
