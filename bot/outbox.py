"""The outbox: a text that has to reach a citizen is written down in the transaction of the reply itself."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.tables import Conversation, Delivery, Question
from knowledge.vocabulary import Channel, DeliveryState


async def let_go(session: AsyncSession, question_id: int) -> None:
    """A reply that is taken back sends nothing any more, and leaves the question free for the text that replaces it."""
    mine = col(Delivery.question_id) == question_id
    waiting = col(Delivery.state).in_([DeliveryState.QUEUED, DeliveryState.WAITING, DeliveryState.FAILED])
    await session.exec(update(Delivery).where(mine, waiting).values(state=DeliveryState.EXPIRED))
    await session.exec(update(Delivery).where(mine).values(question_id=None))


async def queue(session: AsyncSession, question: Question, text: str, at: datetime) -> None:
    """Queue the text for whoever asked, where the channel can still reach them; the caller's transaction commits it."""
    if question.channel != Channel.WECHAT:
        return
    wanted = select(Conversation.user_key).where(Conversation.question_id == question.id)
    user_key = (await session.exec(wanted)).one_or_none()
    if user_key:
        session.add(
            Delivery(
                question_id=question.id,
                user_key=user_key,
                text=text,
                state=DeliveryState.QUEUED,
                made_at=at,
                due_at=at,
            )
        )
