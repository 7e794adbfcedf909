"""How many questions need not be asked because an answer was found first: looks at suggestions, counted without a trace.

A look is a row under a random mark of the page; it holds no words, no address and no time of day. Counting never stands
in the way of a citizen: where the row cannot be written, the page is shown all the same.
"""

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Update, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import case, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge import clock
from knowledge.db import Database
from knowledge.tables import SuggestionVisit

REMEMBERED = 20_000
_VISIT = SuggestionVisit.__table__  # type: ignore[attr-defined]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rates:
    """Of a period: looks at suggestions, those where an answer was opened, and those of them that sent no question."""

    shown: int
    opened: int
    spared: int


def mark_of(token: str) -> str:
    """The mark of a page, from its one-time token; nothing leads back from it."""
    return hashlib.sha256(b"suggestions:" + token.encode("utf-8", "replace")).hexdigest()[:32]


class Looks:
    """Counts looks. One for all handlers of a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[str, None] = OrderedDict()

    async def shown(self, mark: str, at: datetime) -> None:
        """Suggestions stood on the page; typing on is the same look."""
        if mark in self._known:
            return
        with _never_in_the_way():
            row = {"mark": mark, "day": clock.office_day(at), "opened": "", "asked": False}
            async with self._database.writing_core() as connection:
                put = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(_VISIT)
                await connection.execute(put.values(row).on_conflict_do_nothing())
            self._known[mark] = None
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    async def opened(self, mark: str, key: str) -> None:
        """An answer was opened; the first one counts. A mark nobody was given changes nothing."""
        await self._change(update(_VISIT).where(_VISIT.c.mark == mark, _VISIT.c.opened == "").values(opened=key))

    async def asked(self, mark: str) -> None:
        """A question was sent all the same."""
        await self._change(update(_VISIT).where(_VISIT.c.mark == mark).values(asked=True))

    async def _change(self, statement: Update) -> None:
        with _never_in_the_way():
            async with self._database.writing_core() as connection:
                await connection.execute(statement)


async def rates(session: AsyncSession, first: date, last: date) -> Rates:
    """The three numbers for the days from `first` to `last`, both included."""
    opened = col(SuggestionVisit.opened) != ""
    spared = opened & col(SuggestionVisit.asked).is_(False)
    wanted = select(func.count(), func.sum(case((opened, 1), else_=0)), func.sum(case((spared, 1), else_=0)))
    row = (await session.exec(wanted.where(col(SuggestionVisit.day).between(first, last)))).one()
    return Rates(*(int(number or 0) for number in row))


@contextmanager
def _never_in_the_way() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeoutError, OSError) as error:
        log.warning("a look at suggestions was not counted: %s", type(error).__name__)
