"""The life of a reply: every transition, and what happens when two people are at it at once."""

import asyncio
from typing import Any

import pytest
from sqlmodel import func, select

from bot import following, replies
from bot.message import checked
from bot.service import Service
from knowledge import ledger
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.tables import Draft, LedgerLine, Question, QuestionEvent, Reply
from knowledge.vocabulary import Channel, QuestionState

WANG = replies.Author("wang", "小王")
LI = replies.Author("li", "小李")


async def asked(service: Service, text: str = "大厅门口的石狮子是谁捐的呢", *, public: bool = True) -> Question:
    message = checked(text=text, channel=Channel.BOARD, max_chars=3000, public=public)
    receipt = await service.receiver.receive(message)
    async with service.database.reading() as session:
        return (await session.exec(select(Question).where(Question.code == receipt.code))).one()


async def publish(service: Service, question: Question, text: str, author: replies.Author = WANG, **more: Any) -> None:
    values = {"version": question.version, "public": question.public, "at": service.now(), **more}
    await replies.publish(service.database, question.id or 0, text, author, address="http://x/board/1", **values)


async def state_of(service: Service, question: Question) -> Question:
    async with service.database.reading() as session:
        found = await session.get(Question, question.id)
        assert found
        return found


async def test_draft_then_publish_sends_one_reply_with_its_ledger_line(service: Service) -> None:
    question = await asked(service)
    version = await replies.save_draft(
        service.database, question.id or 0, "草稿", WANG, version=question.version, at=service.now()
    )
    assert (await state_of(service, question)).state == QuestionState.DRAFTED
    await publish(service, question, "答复全文", version=version)
    async with service.database.reading() as session:
        reply = (await session.exec(select(Reply))).one()
        line = (await session.exec(select(LedgerLine))).one()
        board, total = await following.board(session)
        states = [event.state for event in (await session.exec(select(QuestionEvent).order_by("id"))).all()]
    assert (reply.text, reply.by, line.question_id, line.by) == ("答复全文", "staff", question.id, "wang")
    assert line.content_sha256 == ledger.content_digest("答复全文")
    assert (total, board[0].question.id) == (1, question.id)
    assert states == ["waiting", "drafted", "answered"]


async def test_two_publish_at_once_and_one_reply_leaves(service: Service) -> None:
    question = await asked(service)
    results = await asyncio.gather(
        publish(service, question, "甲的答复"), publish(service, question, "乙的答复", LI), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, ConflictError)]
    assert len(refused) == 1
    async with service.database.reading() as session:
        reply = (await session.exec(select(Reply))).one()
        assert (await session.exec(select(func.count()).select_from(LedgerLine))).one() == 1
    assert refused[0].theirs in (reply.text, "甲的答复", "乙的答复")


async def test_a_stale_draft_meets_the_other_text(service: Service) -> None:
    question = await asked(service)
    await replies.save_draft(service.database, question.id or 0, "小王写的", WANG, version=1, at=service.now())
    with pytest.raises(ConflictError) as conflict:
        await replies.save_draft(service.database, question.id or 0, "小李写的", LI, version=1, at=service.now())
    assert conflict.value.theirs == "小王写的"
    async with service.database.reading() as session:
        assert [draft.text for draft in (await session.exec(select(Draft))).all()] == ["小王写的"]


async def test_nothing_is_published_without_the_citizens_consent(service: Service) -> None:
    question = await asked(service, public=False)
    with pytest.raises(BadInputError):
        await publish(service, question, "答复", public=True)
    await publish(service, question, "答复", public=False)
    async with service.database.reading() as session:
        assert (await following.board(session))[1] == 0
        with pytest.raises(NotFoundError):
            await following.published(session, question.id or 0)


async def test_an_automatic_answer_reaches_the_board_only_by_a_person(service: Service) -> None:
    question = await asked(service, "威海无房职工租房提取住房公积金，一年最多能提多少？")
    async with service.database.reading() as session:
        assert (await following.board(session))[1] == 0
    await replies.show_on_board(service.database, question.id or 0, WANG, at=service.now())
    async with service.database.reading() as session:
        assert (await following.board(session))[1] == 1
    with pytest.raises(ConflictError):
        await replies.show_on_board(service.database, question.id or 0, WANG, at=service.now())


async def test_closing_needs_a_note_and_ends_the_question(service: Service) -> None:
    question = await asked(service)
    with pytest.raises(BadInputError):
        await replies.close(service.database, question.id or 0, "  ", WANG, version=1, at=service.now())
    await replies.close(service.database, question.id or 0, "属于社保业务", WANG, version=1, at=service.now())
    closed = await state_of(service, question)
    assert (closed.state, closed.closing_note) == (QuestionState.CLOSED, "属于社保业务")
    with pytest.raises(ConflictError):
        await publish(service, question, "晚了", version=closed.version)


@pytest.mark.parametrize("text", ["", "  \n", "长" * 20_001])
async def test_an_empty_or_endless_reply_is_refused(service: Service, text: str) -> None:
    question = await asked(service)
    with pytest.raises(BadInputError):
        await publish(service, question, text)
    assert (await state_of(service, question)).state == QuestionState.WAITING


async def test_a_question_that_is_not_there(service: Service) -> None:
    with pytest.raises(NotFoundError):
        await replies.close(service.database, 999, "x", WANG, version=1, at=service.now())


async def test_personal_data_that_staff_repeat_is_masked_on_the_board_only(service: Service) -> None:
    question = await asked(service)
    await publish(service, question, "请王先生（13812345678）拨打0631-5218885")
    async with service.database.reading() as session:
        followed = await following.published(session, question.id or 0)
    assert following.public_reply(followed) == "请王先生（138****5678）拨打0631-5218885"
    assert followed.reply
    assert "13812345678" in followed.reply.text
