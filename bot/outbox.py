"""The outbox: a text that has to reach a citizen is written down in the transaction of the reply itself."""

from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.tables import Conversation, Delivery, Question
from knowledge.vocabulary import Channel, DeliveryState


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
