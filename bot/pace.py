"""How long replies take, from the records: the median of a person's replies in working days, counted now and then."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge import clock
from knowledge.db import Database
from knowledge.tables import Question, Reply
from knowledge.vocabulary import ReplyBy

LOOKS_BACK = timedelta(days=365)
COUNTED_MOST = 2000
KEPT_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Pace:
    """Of the last year: the median in working days (None: nobody has replied yet), and how many of each kind."""

    days: float | None
    by_staff: int
    by_system: int

    @property
    def in_words(self) -> str:
        """The median as people say it; 暂无 where there is none."""
        if self.days is None:
            return "暂无"
        return "当天" if self.days == 0 else f"{self.days:g} 个工作日"


class PaceKeeper:
    """Counts now and then, not for every visitor."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pace = Pace(None, 0, 0)
        self._counted_at: datetime | None = None

    async def now(self, at: datetime) -> Pace:
        """The pace as counted within the last ten minutes."""
        if self._counted_at is None or not timedelta(0) <= at - self._counted_at <= KEPT_FOR:
            async with self._database.reading() as session:
                self._pace = await pace(session, at)
            self._counted_at = at
        return self._pace


async def pace(session: AsyncSession, at: datetime) -> Pace:
    """Count anew; the median is of the newest replies where there are very many."""
    since = Reply.sent_at > at - LOOKS_BACK
    numbers = dict((await session.exec(select(Reply.by, func.count()).where(since).group_by(Reply.by))).all())
    wanted = (
        select(Question.received_at, Reply.sent_at)
        .join(Reply)
        .where(since, Reply.by == ReplyBy.STAFF)
        .order_by(col(Reply.sent_at).desc())
        .limit(COUNTED_MOST)
    )
    taken = [
        clock.working_days_between(clock.office_day(received), clock.office_day(sent))
        for received, sent in (await session.exec(wanted)).all()
    ]
    days = float(median(taken)) if taken else None
    return Pace(days, numbers.get(ReplyBy.STAFF, 0), numbers.get(ReplyBy.SYSTEM, 0))
