"""The outbox: a text that has to reach a citizen is written down in the transaction of the reply itself.

What could not be delivered a person may send once more or give up; both with a reason, recorded beside the attempts.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.apps import app_of
from bot.message import clean
from knowledge.db import Database
from knowledge.errors import BadInputError, ConflictError
from knowledge.tables import Conversation, Delivery, DeliveryAttempt, Question, WeChatUser
from knowledge.vocabulary import GIVEN_LATER, Channel, DeliveryState, DeliveryWay

# What a person may turn: nothing that is on its way at this moment, nothing that is settled.
STUCK = (DeliveryState.FAILED, *GIVEN_LATER)
REASON_MAX = 200


async def let_go(session: AsyncSession, question_id: int) -> None:
    """A reply that is taken back sends nothing any more, and leaves the question free for the text that replaces it."""
    mine = col(Delivery.question_id) == question_id
    unsent = col(Delivery.state).in_((DeliveryState.QUEUED, *STUCK))
    await session.exec(update(Delivery).where(mine, unsent).values(state=DeliveryState.EXPIRED, text=""))
    await session.exec(update(Delivery).where(mine).values(question_id=None))


async def queue(session: AsyncSession, question: Question, text: str, at: datetime) -> None:
    """Queue the text for whoever asked, where the channel can still reach them; the caller's transaction commits it."""
    if question.channel == Channel.APP:
        await _put(session, _delivery(question, text, at, app=app_of(question)))
    if question.channel != Channel.WECHAT:
        return
    wanted = select(WeChatUser).join(Conversation).where(Conversation.question_id == question.id)
    user = (await session.exec(wanted)).one_or_none()
    if user:
        await _put(session, _delivery(question, text, at, user_key=user.key, account=user.account))


async def _put(session: AsyncSession, delivery: Delivery) -> None:
    """One delivery to a question: what follows an earlier text takes its row, and its attempts stay on record."""
    new = {name: getattr(delivery, name) for name in ("text", "state", "made_at", "due_at")}
    here = (col(Delivery.question_id) == delivery.question_id, col(Delivery.state) != DeliveryState.SENDING)
    again: CursorResult[Any] = await session.exec(
        update(Delivery).where(*here).values(**new, attempts=0).execution_options(synchronize_session=False)
    )
    if again.rowcount:
        return
    if (await session.exec(select(Delivery.id).where(Delivery.question_id == delivery.question_id))).first():
        raise ConflictError("上一条答复正在送出，请过一分钟再试。")
    session.add(delivery)


def _delivery(question: Question, text: str, at: datetime, **to: Any) -> Delivery:
    return Delivery(question_id=question.id, text=text, state=DeliveryState.QUEUED, made_at=at, due_at=at, **to)


async def send_again(database: Database, delivery_id: int, *, by: str, reason: str, at: datetime) -> None:
    """Queue a stuck delivery once more, with all its attempts before it; ConflictError if it is not stuck any more."""
    wanted = {"state": DeliveryState.QUEUED.value, "due_at": at, "attempts": 0}
    await _by_hand(database, delivery_id, wanted, by=by, reason=reason, at=at)


async def give_up(database: Database, delivery_id: int, *, by: str, reason: str, at: datetime) -> None:
    """Never send it; the text goes here, the reply stands with its question. ConflictError if it is not stuck any more."""
    wanted = {"state": DeliveryState.GIVEN_UP.value, "text": ""}
    await _by_hand(database, delivery_id, wanted, by=by, reason=reason, at=at)


async def _by_hand(
    database: Database, delivery_id: int, wanted: dict[str, Any], *, by: str, reason: str, at: datetime
) -> None:
    reason = clean(reason, "reason", "原因").replace("\n", " ")
    if not reason or len(reason) > REASON_MAX:
        raise BadInputError(f"请写明原因，最多 {REASON_MAX} 个字。", "reason")
    has_receiver = col(Delivery.user_key).is_not(None) | col(Delivery.app).is_not(None)
    stuck = (col(Delivery.id) == delivery_id, col(Delivery.state).in_(STUCK), has_receiver)
    async with database.writing() as session:
        moved: CursorResult[Any] = await session.exec(
            update(Delivery).where(*stuck).values(wanted).execution_options(synchronize_session=False)
        )
        if moved.rowcount != 1:
            raise ConflictError("这条发送已经不在可以处理的状态：可能刚刚送出，或者别人已经处理过。")
        session.add(
            DeliveryAttempt(
                delivery_id=delivery_id,
                at=at,
                way=DeliveryWay.BY_HAND,
                state=wanted["state"],
                note=reason,
                by=by,
            )
        )
