"""A text that follows an earlier one reaches the citizen in the same delivery; what is on its way is not touched."""

import pytest
from sqlmodel import col, select, update

from bot import amending, replies
from bot.message import checked
from bot.service import Service
from knowledge.errors import ConflictError
from knowledge.tables import Delivery, Question, ReplyChange
from knowledge.vocabulary import Channel, DeliveryState

WANG = replies.Author("wang", "小王")


async def answered(service: Service, state: DeliveryState) -> Question:
    """A question from an app, answered, with its delivery in a state."""
    message = checked(
        text="大厅门口的石狮子是谁捐的呢", channel=Channel.APP, max_chars=3000, public=True, external_id="app:1"
    )
    receipt = await service.receiver.receive(message)
    async with service.database.reading() as session:
        question = (await session.exec(select(Question).where(Question.code == receipt.code))).one()
    await replies.publish(
        service.database, question.id or 0, "单位自购。", WANG, version=1, at=service.now(), public=False, address=""
    )
    async with service.database.writing() as session:
        await session.exec(update(Delivery).values(state=state.value, attempts=3, text=""))
    return question


async def correct(service: Service, question: Question) -> None:
    at = service.now()
    await amending.correct(service.database, question.id or 0, "市民捐赠。", WANG, reason="查清了", version=2, at=at)


@pytest.mark.parametrize("state", [state for state in DeliveryState if state is not DeliveryState.SENDING])
async def test_a_correction_is_sent_after_the_first_text(service: Service, state: DeliveryState) -> None:
    await correct(service, await answered(service, state))
    async with service.database.reading() as session:
        [delivery] = (await session.exec(select(Delivery).where(col(Delivery.question_id).is_not(None)))).all()
    assert (delivery.state, delivery.attempts) == (DeliveryState.QUEUED, 0)
    assert delivery.text.endswith("市民捐赠。")
    assert "更正" in delivery.text


async def test_what_is_being_sent_is_not_overtaken(service: Service) -> None:
    question = await answered(service, DeliveryState.SENDING)
    with pytest.raises(ConflictError, match="正在送出"):
        await correct(service, question)
    async with service.database.reading() as session:
        assert (await session.exec(select(ReplyChange))).all() == []
