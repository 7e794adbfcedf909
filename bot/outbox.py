"""The outbox: a text that has to reach a citizen is written down in the transaction of the reply itself."""

from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.apps import app_of
from knowledge.tables import Conversation, Delivery, Question
from knowledge.vocabulary import Channel, DeliveryState


async def queue(session: AsyncSession, question: Question, text: str, at: datetime) -> None:
    """Queue the text for whoever asked, where the channel can still reach them; the caller's transaction commits it."""
    if question.channel == Channel.APP:
        session.add(_delivery(question, text, at, app=app_of(question)))
    if question.channel != Channel.WECHAT:
        return
    wanted = select(Conversation.user_key).where(Conversation.question_id == question.id)
    user_key = (await session.exec(wanted)).one_or_none()
    if user_key:
        session.add(_delivery(question, text, at, user_key=user_key))


def _delivery(
    question: Question, text: str, at: datetime, *, user_key: str | None = None, app: str | None = None
) -> Delivery:
    return Delivery(
        question_id=question.id,
        user_key=user_key,
        app=app,
        text=text,
        state=DeliveryState.QUEUED,
        made_at=at,
        due_at=at,
    )
