"""The loop that empties the outbox: claim one delivery, send it, record what came of it.

A claim is committed before anything leaves the house, so that two processes never send the same; what was claimed by a
process that died is uncertain, and uncertain things are never sent again by themselves: the citizen gets the text with
the next message, marked as perhaps known.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.apps import APP_WAY
from bot.sending import Outcome, Refused, Sender, Sent, Uncertain, WhatToDo
from knowledge.db import Database
from knowledge.tables import AppNonce, Delivery, DeliveryAttempt, Question, WeChatNonce, WeChatPush, WeChatUser
from knowledge.vocabulary import GIVEN_LATER, DeliveryState, DeliveryWay

# 客服消息: five messages within 48 hours of the user's last one; the minutes off are for clocks that differ.
WINDOW = timedelta(hours=47, minutes=55)
PUSHES_MAX = 5
ATTEMPTS_MAX = 8
LEASE = timedelta(minutes=2)
KEEP_WAITING = timedelta(days=30)
KEEP_REPLIES = timedelta(hours=1)
SOON, SOON_MAX = timedelta(seconds=5), timedelta(minutes=15)
LATER, LATER_MAX = timedelta(minutes=10), timedelta(hours=6)
POLL_SECONDS, SWEEP_SECONDS = 1.0, 30.0
_DELIVERY, _ATTEMPT = Delivery.__table__, DeliveryAttempt.__table__  # type: ignore[attr-defined]
_USER, _PUSH = WeChatUser.__table__, WeChatPush.__table__  # type: ignore[attr-defined]
_NONCE, _QUESTION = WeChatNonce.__table__, Question.__table__  # type: ignore[attr-defined]
_APP_NONCE = AppNonce.__table__  # type: ignore[attr-defined]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Claimed:
    """A delivery taken to be sent by this process alone."""

    delivery_id: int
    sender: str
    way: DeliveryWay
    to: str
    text: str
    code: str
    attempts: int


class Deliverer:
    """One a process; any number of processes."""

    def __init__(
        self,
        database: Database,
        senders: Mapping[str, Sender],
        now: Callable[[], datetime],
        *,
        to_apps: bool = False,
    ) -> None:
        self._database = database
        # Apps have a loop of their own: one whose server hangs must not keep the followers waiting.
        self._mine = _DELIVERY.c.app.is_not(None) if to_apps else _DELIVERY.c.app.is_(None)
        self._senders = senders
        self._now = now
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._swept_at: datetime | None = None

    def start(self) -> None:
        """Begin to deliver."""
        self._task = asyncio.create_task(self._run(), name="deliver")

    async def stop(self) -> None:
        """Finish the delivery under way, then end."""
        self._stopping.set()
        if self._task:
            await self._task

    async def deliver_one(self) -> bool:
        """Send the delivery that is due longest; False if none is due."""
        if not await self._any_due():
            return False
        async with self._database.writing_core() as connection:
            claimed = await self._claim(connection)
        if claimed:
            outcome = await self._senders[claimed.sender].send(claimed.to, claimed.text, claimed.code)
            async with self._database.writing_core() as connection:
                await self._record(connection, claimed, outcome)
        return True

    async def sweep(self) -> None:
        """What a dead process left half-done becomes uncertain; what nobody fetched in a month, and old bytes, go."""
        now = self._now()
        async with self._database.writing_core() as connection:
            await _leave_uncertain(connection, now)
            waiting = _DELIVERY.c.state.in_(GIVEN_LATER)
            gone = {"state": DeliveryState.EXPIRED.value, "text": ""}
            await connection.execute(
                update(_DELIVERY).where(waiting, _DELIVERY.c.made_at < now - KEEP_WAITING).values(gone)
            )
            # Retries of WeChat's come within seconds: after that, who was told what stands with the question alone.
            old = [_PUSH.c.at < now - KEEP_REPLIES, _PUSH.c.reply != ""]
            if self._swept_at:
                old.append(_PUSH.c.at >= self._swept_at - KEEP_REPLIES)
            await connection.execute(update(_PUSH).where(*old).values(reply=""))
            await connection.execute(delete(_NONCE).where(_NONCE.c.at < now - KEEP_REPLIES))
            await connection.execute(delete(_APP_NONCE).where(_APP_NONCE.c.at < now - KEEP_REPLIES))
        self._swept_at = now

    async def _run(self) -> None:
        next_sweep = 0.0
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            try:
                if loop.time() >= next_sweep:
                    next_sweep = loop.time() + SWEEP_SECONDS
                    await self.sweep()
                if await self.deliver_one():
                    continue
            except (DBAPIError, PoolTimeoutError, OSError) as error:
                log.warning("outbox not readable: %s", type(error).__name__)
            except Exception:  # one delivery gone wrong must not end all the others
                log.exception("a delivery went wrong; it will be marked uncertain")
            try:
                await asyncio.wait_for(self._stopping.wait(), POLL_SECONDS)
            except TimeoutError:
                continue

    async def _any_due(self) -> bool:
        """A look without a lock: mostly there is nothing to do."""
        async with self._database.reader.connect() as connection:
            due = select(_DELIVERY.c.id).where(*self._due()).limit(1)
            return (await connection.execute(due)).first() is not None

    def _due(self) -> tuple[Any, ...]:
        return _DELIVERY.c.state == DeliveryState.QUEUED.value, _DELIVERY.c.due_at <= self._now(), self._mine

    async def _claim(self, connection: AsyncConnection) -> _Claimed | None:
        """Take one; None if another process took it, or if it cannot be pushed and waits for the user instead."""
        wanted = (
            select(_DELIVERY, _USER.c.account, _USER.c.openid, _USER.c.heard_at, _USER.c.pushed, _QUESTION.c.code)
            .select_from(
                _DELIVERY.outerjoin(_USER, _USER.c.key == _DELIVERY.c.user_key).outerjoin(
                    _QUESTION, _QUESTION.c.id == _DELIVERY.c.question_id
                )
            )
            .where(*self._due())
            .order_by(_DELIVERY.c.due_at, _DELIVERY.c.id)
            .limit(1)
            .with_for_update(skip_locked=True, of=_DELIVERY)
        )
        row = (await connection.execute(wanted)).first()
        if row is None:
            return None
        this = and_(_DELIVERY.c.id == row.id, _DELIVERY.c.state == DeliveryState.QUEUED.value)
        if not self._can_push(row):
            state = DeliveryState.WAITING if row.account or row.app else DeliveryState.EXPIRED
            await connection.execute(update(_DELIVERY).where(this).values(state=state.value))
            return None
        taken = {"state": DeliveryState.SENDING.value, "claimed_at": self._now(), "attempts": row.attempts + 1}
        await connection.execute(update(_DELIVERY).where(this).values(taken))
        if row.app:
            sender, way, to = APP_WAY + row.app, DeliveryWay.CALLBACK, row.app
        else:
            sender, way, to = row.account, DeliveryWay.CUSTOMER_MESSAGE, row.openid
            more = update(_USER).where(_USER.c.key == row.user_key).values(pushed=_USER.c.pushed + 1)
            await connection.execute(more)
        return _Claimed(row.id, sender, way, to, row.text, row.code or "", row.attempts + 1)

    def _can_push(self, row: Any) -> bool:
        if row.app:
            return APP_WAY + row.app in self._senders
        if row.account not in self._senders or row.heard_at is None:
            return False
        return bool(self._now() - row.heard_at < WINDOW and row.pushed < PUSHES_MAX)

    async def _record(self, connection: AsyncConnection, claimed: _Claimed, outcome: Outcome) -> None:
        now = self._now()
        state, wait = _next(outcome, claimed.attempts)
        values: dict[str, Any] = {"state": state.value, "claimed_at": None, "due_at": now + wait}
        if state is DeliveryState.SENT:
            values["text"] = ""
        mine = and_(_DELIVERY.c.id == claimed.delivery_id, _DELIVERY.c.state == DeliveryState.SENDING.value)
        await connection.execute(update(_DELIVERY).where(mine).values(values))
        await connection.execute(
            insert(_ATTEMPT).values(
                delivery_id=claimed.delivery_id,
                at=now,
                way=claimed.way.value,
                state=state.value,
                code=outcome.code if isinstance(outcome, Refused) else None,
                note=outcome.note,
            )
        )
        if state is not DeliveryState.SENT:
            log.warning("delivery %s on %s: %s %s", claimed.delivery_id, claimed.sender, state.value, outcome.note)


def _next(outcome: Outcome, attempts: int) -> tuple[DeliveryState, timedelta]:
    """The state after an attempt, and how long to wait where it is tried again."""
    if isinstance(outcome, Sent):
        return DeliveryState.SENT, timedelta()
    if isinstance(outcome, Uncertain):
        return DeliveryState.UNCERTAIN, timedelta()
    what = outcome.what_to_do if isinstance(outcome, Refused) else WhatToDo.RETRY_SOON
    if what is WhatToDo.GIVE_UP:
        return DeliveryState.FAILED, timedelta()
    if what is WhatToDo.WAIT_FOR_USER or attempts >= ATTEMPTS_MAX:
        return DeliveryState.WAITING, timedelta()
    first, longest = (SOON, SOON_MAX) if what is WhatToDo.RETRY_SOON else (LATER, LATER_MAX)
    return DeliveryState.QUEUED, min(first * 2 ** (attempts - 1), longest)


async def _leave_uncertain(connection: AsyncConnection, now: datetime) -> None:
    stale = (_DELIVERY.c.state == DeliveryState.SENDING.value, _DELIVERY.c.claimed_at < now - LEASE)
    found = select(_DELIVERY.c.id, _DELIVERY.c.app).where(*stale).with_for_update(skip_locked=True)
    for row in (await connection.execute(found)).all():
        uncertain = {"state": DeliveryState.UNCERTAIN.value, "claimed_at": None}
        await connection.execute(update(_DELIVERY).where(_DELIVERY.c.id == row.id).values(uncertain))
        way = DeliveryWay.CALLBACK if row.app else DeliveryWay.CUSTOMER_MESSAGE
        attempt = {"delivery_id": row.id, "at": now, "way": way.value}
        lost = {"state": DeliveryState.UNCERTAIN.value, "note": "发送中途进程退出，不知道是否送到"}
        await connection.execute(insert(_ATTEMPT).values(attempt | lost))
