"""One message = one question = one reply = one ledger line, whatever is retried."""

import asyncio

import pytest
from sqlmodel import func, select

from bot.message import Message, checked
from bot.service import Service
from knowledge import ledger
from knowledge.errors import BadInputError
from knowledge.tables import LedgerLine, Question, QuestionEvent, QuestionOriginal, Reply
from knowledge.vocabulary import Channel, Outcome

RENT = "威海无房职工租房提取住房公积金，一年最多能提多少？"


def message(text: str = RENT, **more: object) -> Message:
    return checked(text=text, channel=Channel.BOARD, max_chars=3000, **more)  # type: ignore[arg-type]


async def counts(service: Service) -> tuple[int, ...]:
    async with service.database.reading() as session:
        return tuple(
            [
                (await session.exec(select(func.count()).select_from(table))).one()
                for table in (Question, QuestionEvent, Reply, LedgerLine)
            ]
        )


async def test_an_answered_question_is_one_row_of_each(service: Service) -> None:
    receipt = await service.receiver.receive(message())
    assert receipt.outcome is Outcome.ANSWERED
    assert await counts(service) == (1, 1, 1, 1)
    async with service.database.reader.connect() as connection:
        assert (await ledger.verify(connection)).fault is None


async def test_a_question_handed_over_has_no_reply_and_no_ledger_line(service: Service) -> None:
    await service.receiver.receive(message("大厅门口的石狮子是谁捐的呢"))
    assert await counts(service) == (1, 1, 0, 0)


async def test_a_thousand_at_once_share_commits_and_make_one_chain(service: Service) -> None:
    receipts = await asyncio.gather(*(service.receiver.receive(message()) for _ in range(1000)))
    assert len({receipt.code for receipt in receipts}) == 1000
    assert await counts(service) == (1000, 1000, 1000, 1000)
    async with service.database.reader.connect() as connection:
        assert (await ledger.verify(connection)) == ledger.Verdict(1000, None)


async def test_the_same_mark_at_once_is_one_question_with_one_receipt(service: Service) -> None:
    receipts = await asyncio.gather(
        *(service.receiver.receive(message(external_id="twin")) for _ in range(20)),
        *(service.receiver.receive(message()) for _ in range(20)),
    )
    assert len({receipt.code for receipt in receipts[:20]}) == 1
    assert all(receipt == receipts[0] for receipt in receipts[:20])
    assert (await counts(service))[0] == 21


async def test_the_same_mark_with_other_words_is_refused(service: Service) -> None:
    await service.receiver.receive(message(external_id="twin"))
    with pytest.raises(BadInputError):
        await service.receiver.receive(message("另外的话", external_id="twin"))
    assert (await counts(service))[0] == 1


async def test_personal_data_is_masked_and_the_original_kept_apart(service: Service) -> None:
    await service.receiver.receive(message("我叫王五，手机 138 1234 5678，能取吗", name="王五", phone="13812345678"))
    async with service.database.reading() as session:
        question = (await session.exec(select(Question))).one()
        original = (await session.exec(select(QuestionOriginal))).one()
    assert "138****5678" in question.text
    assert "5678，能取吗" in question.text
    assert "1234" not in question.text
    assert original.text == "我叫王五，手机 138 1234 5678，能取吗"
    assert (original.name, original.phone) == ("王五", "13812345678")


async def test_nothing_is_kept_apart_where_nothing_is_personal(service: Service) -> None:
    await service.receiver.receive(message())
    async with service.database.reading() as session:
        assert (await session.exec(select(QuestionOriginal))).all() == []


async def test_the_ledger_carries_no_word_of_the_citizen(service: Service) -> None:
    await service.receiver.receive(message("我叫王五，" + RENT))
    async with service.database.reading() as session:
        for line in (await session.exec(select(LedgerLine))).all():
            assert "王五" not in line.title
