"""What became of the questions of a year: received, answered, published, how fast. One definition for all who show it.

A question belongs to the office's year and month in which it was received, and so does its reply, whenever it was
sent: a rate therefore never exceeds the whole. Working days are counted from the day after receipt.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, String, and_, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge import clock
from knowledge.tables import Question, Reply
from knowledge.vocabulary import Channel

QUESTIONS = Question.__table__  # type: ignore[attr-defined]
REPLIES = Reply.__table__  # type: ignore[attr-defined]
MONTHS = range(1, 13)


@dataclass
class Count:
    """Questions received, of them answered, of those published."""

    received: int = 0
    answered: int = 0
    published: int = 0

    @property
    def rate(self) -> float | None:
        """Answered of those received; None where none was received."""
        return self.answered / self.received if self.received else None

    def add(self, received: int, answered: int, published: int) -> None:
        """Take in another group."""
        self.received += received
        self.answered += answered
        self.published += published


@dataclass
class YearCounts:
    """A year's questions: altogether, by kind, by month; `days` says how many were answered after so many working days."""

    year: int
    whole: Count = field(default_factory=Count)
    kinds: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    months: dict[int, Count] = field(default_factory=lambda: {month: Count() for month in MONTHS})
    days: Counter[int] = field(default_factory=Counter)

    @property
    def median_days(self) -> float | None:
        """The median of the working days until the reply; None where none was sent."""
        numbers = sorted(self.days)
        whole = self.days.total()
        if not whole:
            return None
        return (_at(self.days, numbers, (whole - 1) // 2) + _at(self.days, numbers, whole // 2)) / 2

    @property
    def mean_days(self) -> float | None:
        """The mean of the same."""
        whole = self.days.total()
        return sum(days * count for days, count in self.days.items()) / whole if whole else None


async def received(connection: AsyncConnection, year: int) -> dict[str, int]:
    """How many questions came in on each channel in a year."""
    known = QUESTIONS.c.channel.in_(
        [channel.value for channel in Channel]
    )  # told to the index, whose first column it is
    counted = select(QUESTIONS.c.channel, func.count().label("received")).where(known, _within(year))
    found = await connection.execute(counted.group_by(QUESTIONS.c.channel))
    return {row.channel: row.received for row in found}


async def last_received(connection: AsyncConnection, year: int) -> datetime | None:
    """When the last question of a year came in; None where none did."""
    moment: datetime | None = (
        await connection.execute(select(func.max(QUESTIONS.c.received_at)).where(_within(year)))
    ).scalar()
    return moment


async def first_year(connection: AsyncConnection) -> int | None:
    """The office's year of the first question; None where there is none."""
    first = (await connection.execute(select(func.min(QUESTIONS.c.received_at)))).scalar()
    return clock.office_day(first).year if first else None


async def of_year(connection: AsyncConnection, year: int) -> YearCounts:
    """Everything that is shown of a year's questions."""
    made = YearCounts(year)
    answered = REPLIES.c.id.is_not(None)
    groups = (
        select(QUESTIONS.c.kind, _month(year).label("month"), func.count().label("received"))
        .add_columns(func.count(REPLIES.c.id).label("answered"))
        .add_columns(func.count(case((answered, QUESTIONS.c.published_at))).label("published"))
        .select_from(QUESTIONS.outerjoin(REPLIES, REPLIES.c.question_id == QUESTIONS.c.id))
        .where(_within(year))
        .group_by("kind", "month")
    )
    for group in await connection.execute(groups):
        for count in (made.whole, made.kinds[group.kind], made.months[group.month]):
            count.add(group.received, group.answered, group.published)
    asked, sent = _office_day(connection, QUESTIONS.c.received_at), _office_day(connection, REPLIES.c.sent_at)
    pairs = select(asked.label("asked"), sent.label("sent"), func.count().label("replies"))
    pairs = pairs.select_from(QUESTIONS.join(REPLIES, REPLIES.c.question_id == QUESTIONS.c.id)).where(_within(year))
    for pair in await connection.execute(pairs.group_by("asked", "sent")):
        days = clock.working_days_between(date.fromisoformat(pair.asked), date.fromisoformat(pair.sent))
        made.days[days] += pair.replies
    return made


def _office_day(connection: AsyncConnection, column: Any) -> Any:
    """The office's day of a moment, as text, reckoned by the database: Asia/Shanghai has been UTC+8 since 1991."""
    if connection.dialect.name == "postgresql":
        return cast(cast(func.timezone(clock.OFFICE_ZONE.key, column), Date), String)
    return func.date(column, "+8 hours", type_=String)


def _within(year: int) -> Any:
    start, end = clock.year_edges(year)
    return and_(QUESTIONS.c.received_at >= start, QUESTIONS.c.received_at < end)


def _month(year: int) -> Any:
    """The office's month, told by its edges: the databases know nothing of the office's zone."""
    starts = [(clock.day_edges(date(year, month + 1, 1))[0], month) for month in MONTHS[:-1]]
    return case(*((QUESTIONS.c.received_at < start, month) for start, month in starts), else_=12)


def _at(days: Counter[int], numbers: list[int], place: int) -> int:
    for number in numbers:
        place -= days[number]
        if place < 0:
            return number
    raise IndexError(place)
