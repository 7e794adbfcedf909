"""What a process notes of its accounts for the operator: when a token was fetched, and which pushes were refused.

Noting costs nothing; news is written down at once, but not more often than every 30 s, one row an account, whatever the
number of processes.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from knowledge.db import Database
from knowledge.tables import WeChatHealth

WRITE_EVERY_SECONDS = 30.0
log = logging.getLogger(__name__)


@dataclass
class _News:
    token_at: datetime | None = None
    token_until: datetime | None = None
    refused: int = 0
    refused_at: datetime | None = None


class Health:
    """One a process; start it before, stop it after."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._news: dict[str, _News] = {}
        self._something = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def token_fetched(self, account: str, seconds: int) -> None:
        """A token came that is good for so long."""
        news, now = self._of(account), self._now()
        news.token_at, news.token_until = now, now + timedelta(seconds=seconds)

    def push_refused(self, account: str) -> None:
        """Something knocked with a wrong signature, time or envelope."""
        news = self._of(account)
        news.refused, news.refused_at = news.refused + 1, self._now()

    def start(self) -> None:
        """Begin to write what is noted."""
        self._task = asyncio.create_task(self._run(), name="wechat-health")

    async def stop(self) -> None:
        """Write the last news, then end."""
        self._stopping.set()
        self._something.set()
        if self._task:
            await self._task

    async def write(self) -> None:
        """Write the news down; where the database is away they wait for the next time."""
        news, self._news = self._news, {}
        for account, each in news.items():
            try:
                await self._put(account, each)
            except (DBAPIError, PoolTimeoutError, OSError) as error:
                log.warning("health of %s not written: %s", account, type(error).__name__)
                self._news[account] = _together(each, self._of(account))

    def _of(self, account: str) -> _News:
        self._something.set()
        return self._news.setdefault(account, _News())

    async def _run(self) -> None:
        while not self._stopping.is_set():
            await self._something.wait()
            self._something.clear()
            await self.write()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), WRITE_EVERY_SECONDS)
        await self.write()

    async def _put(self, account: str, news: _News) -> None:
        async with self._database.writing() as session:
            row = await session.get(WeChatHealth, account, with_for_update=True) or WeChatHealth(account=account)
            if _later(news.token_at, row.token_at):
                row.token_at, row.token_until = news.token_at, news.token_until
            row.refused += news.refused
            if _later(news.refused_at, row.refused_at):
                row.refused_at = news.refused_at
            session.add(row)


def _later(mine: datetime | None, theirs: datetime | None) -> bool:
    return mine is not None and (theirs is None or mine > theirs)


def _together(older: _News, newer: _News) -> _News:
    return _News(
        newer.token_at or older.token_at,
        newer.token_until or older.token_until,
        older.refused + newer.refused,
        newer.refused_at or older.refused_at,
    )
