"""The switch of each channel: open, automatic answers off, or off altogether; each turn with a reason, kept for good.

What is in force lies in the database, so that it survives a restart; every process looks twice a second and answers
from memory, so that a message costs no read.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.message import clean
from knowledge import clock
from knowledge.db import Database
from knowledge.errors import BadInputError, ConflictError
from knowledge.tables import ChannelSwitch
from knowledge.vocabulary import ChannelLevel

BOARD = "board"
LOOK_EVERY_SECONDS = 0.5
REASON_MAX = 100
RETRY_SECONDS = 3600
log = logging.getLogger(__name__)


def of_account(name: str) -> str:
    """The channel of an official account."""
    return f"wechat:{name}"


@dataclass(frozen=True)
class Switch:
    """How a channel stands. `number` 0: it was never turned. `keeps`: what comes in is still stored for staff."""

    level: ChannelLevel = ChannelLevel.OPEN
    reason: str = ""
    until: date | None = None
    keeps: bool = True
    number: int = 0
    at: datetime | None = None
    by: str = ""

    @property
    def off(self) -> bool:
        """Whether the channel is closed."""
        return self.level is ChannelLevel.OFF

    @property
    def paused(self) -> bool:
        """Whether nothing may be answered automatically."""
        return self.level is not ChannelLevel.OPEN

    def seconds(self, now: datetime) -> int:
        """When to come again: at the beginning of the day named, if that is to come."""
        begins = clock.day_edges(self.until)[0] if self.until else now
        return max(int((begins - now).total_seconds()), RETRY_SECONDS)


NEVER_TURNED = Switch()


class Switches:
    """What is in force, in memory; other processes' turns are seen within a second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._now: dict[str, Switch] = {}
        self._task: asyncio.Task[None] | None = None

    def of(self, channel: str) -> Switch:
        """How a channel stands."""
        return self._now.get(channel, NEVER_TURNED)

    async def start(self) -> None:
        """Read once, then keep watching."""
        await self.refresh()
        self._task = asyncio.create_task(self._watch(), name="switch-watch")

    async def stop(self) -> None:
        """End the watch."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def refresh(self) -> None:
        """Look now."""
        async with self._database.reading() as session:
            self._now = await in_force(session)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                await self.refresh()
            except (DBAPIError, PoolTimeoutError, OSError) as error:
                log.warning("switches not readable: %s", type(error).__name__)


async def in_force(session: AsyncSession) -> dict[str, Switch]:
    """The last turn of every channel that was ever turned."""
    last = select(ChannelSwitch.channel, func.max(ChannelSwitch.number).label("number"))
    newest = last.group_by(ChannelSwitch.channel).subquery()
    joined = (newest.c.channel == ChannelSwitch.channel) & (newest.c.number == ChannelSwitch.number)
    rows = (await session.exec(select(ChannelSwitch).join(newest, joined))).all()
    return {row.channel: _switch(row) for row in rows}


async def history(session: AsyncSession, channels: Sequence[str], limit: int = 20) -> Sequence[ChannelSwitch]:
    """The turns, newest first."""
    wanted = select(ChannelSwitch).where(col(ChannelSwitch.channel).in_(channels))
    return (await session.exec(wanted.order_by(col(ChannelSwitch.id).desc()).limit(limit))).all()


async def turn(database: Database, channel: str, wanted: Switch, now: datetime) -> None:
    """Put a turn on record. `number` is that of the turn seen before; ConflictError if somebody was faster."""
    reason = clean(wanted.reason, "reason", "原因").replace("\n", " ")
    if not reason or len(reason) > REASON_MAX:
        raise BadInputError(f"请写明原因，最多 {REASON_MAX} 个字；关闭时群众会看到这句话。", "reason")
    if wanted.until and wanted.until <= clock.office_day(now):
        raise BadInputError("预计恢复的日期要晚于今天；说不准就不填。", "until")
    row = ChannelSwitch(
        channel=channel,
        number=wanted.number + 1,
        level=wanted.level,
        reason=reason,
        until=wanted.until if wanted.paused else None,
        keeps=wanted.keeps,
        at=now,
        by=wanted.by,
    )
    try:
        async with database.writing() as session:
            last = select(func.max(ChannelSwitch.number)).where(ChannelSwitch.channel == channel)
            if ((await session.exec(last)).one() or 0) != wanted.number:
                raise _overtaken()
            session.add(row)
    except IntegrityError:
        raise _overtaken() from None
    log.warning("channel %s is now %s, turned by %s: %s", channel, wanted.level.value, wanted.by, reason)


def _overtaken() -> ConflictError:
    return ConflictError("别人刚刚动过这个开关，您的操作没有生效。请看清现在的状态再操作。")


def _switch(row: ChannelSwitch) -> Switch:
    return Switch(ChannelLevel(row.level), row.reason, row.until, row.keeps, row.number, row.at, row.by)
