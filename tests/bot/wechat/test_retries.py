"""One message is one question, one reply, one count, and the same bytes: in a row, at once, on two processes, after a crash."""

import asyncio
from typing import Any

import pytest
from sqlmodel import delete, func, select

from bot.channels import wechat_work
from bot.service import Service
from knowledge import ledger
from knowledge.tables import LedgerLine, Question, Reply, WeChatPush
from knowledge.vocabulary import LedgerKind
from tests.bot.wechat.conftest import ANSWERABLE, UNANSWERABLE, Connect, FakeWeChat, Start, on_both, xml

pytestmark = on_both
OTHER = "oAnotherUser00000000000000001"


async def counts(service: Service) -> tuple[int, ...]:
    async with service.database.reading() as session:
        tables = (WeChatPush, Question, Reply, LedgerLine)
        return tuple([(await session.exec(select(func.count()).select_from(table))).one() for table in tables])


@pytest.mark.parametrize("words", [ANSWERABLE, UNANSWERABLE])
async def test_three_tries_in_a_row_signed_anew_get_the_same_bytes(
    words: str, wechat: FakeWeChat, service: Service
) -> None:
    message = wechat.message("text", Content=words)
    answers = [await wechat.push(message) for _ in range(3)]
    assert len({answer.raw for answer in answers}) == 1
    assert (await counts(service))[:2] == (1, 1)


async def test_tries_at_once_are_one(wechat: FakeWeChat, service: Service) -> None:
    message = wechat.message("text", Content=ANSWERABLE)
    answers = await asyncio.gather(*(wechat.push(message) for _ in range(12)))
    assert len({answer.raw for answer in answers}) == 1
    assert await counts(service) == (1, 1, 1, 1)
    async with service.database.reader.connect() as connection:
        assert (await ledger.verify(connection)).fault is None


async def test_tries_at_once_on_two_processes_are_one(start: Start, connect: Connect) -> None:
    first, second = await start(), await start()
    wechats = [await connect(first), await connect(second)]
    for words in (ANSWERABLE, UNANSWERABLE, "给我选项"):
        for _ in range(5):
            message = wechats[0].message("text", Content=words)
            answers = await asyncio.gather(*(wechats[turn % 2].push(message) for turn in range(6)))
            assert len({answer.raw for answer in answers}) == 1
    assert await counts(first) == (15, 15, 5, 5)


async def test_a_retry_after_a_restart_gets_the_same_bytes(start: Start, connect: Connect) -> None:
    message: dict[str, Any] = {}
    before = []
    for turn in range(2):
        service = await start()
        wechat = await connect(service)
        message = message or wechat.message("text", Content=UNANSWERABLE)
        wechat.clock.at = wechat.clock.at.replace(second=turn * 7)
        before.append((await wechat.push(message)).raw)
    assert before[0] == before[1]
    assert (await counts(service))[:2] == (1, 1)


async def test_a_crash_while_storing_loses_and_doubles_nothing(
    start: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await start()
    wechat = await connect(service)
    message = wechat.message("text", Content=ANSWERABLE)

    def crash(*_given: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr("bot.conversations.store", crash)
        assert "没有存进系统" in (await wechat.push(message)).text
    assert await counts(service) == (0, 0, 0, 0)
    assert "自动给出" in (await wechat.push(message)).text
    assert await counts(service) == (1, 1, 1, 1)


@pytest.mark.parametrize("content", [ANSWERABLE, UNANSWERABLE])
async def test_a_question_on_record_without_its_push_is_not_asked_again(
    start: Start, connect: Connect, content: str
) -> None:
    service = await start()
    wechat = await connect(service)
    message = wechat.message("text", Content=content)
    first = await wechat.push(message)
    async with service.database.writing() as session:
        await session.exec(delete(WeChatPush))
    before = await counts(service)
    assert (await wechat.push(message)).text == first.text
    assert await counts(service) == (1, *before[1:])


async def test_the_same_msgid_from_two_users_is_two_messages(wechat: FakeWeChat, service: Service) -> None:
    message = wechat.message("text", Content=ANSWERABLE)
    first, second = await wechat.push(message), await wechat.push({**message, "FromUserName": OTHER})
    assert (first.fields["ToUserName"], second.fields["ToUserName"]) != (OTHER, OTHER)
    assert second.fields["ToUserName"] == OTHER
    assert (await counts(service))[:2] == (2, 2)


async def test_two_events_of_one_second_are_two(wechat: FakeWeChat, service: Service) -> None:
    await asyncio.gather(wechat.event("CLICK", EventKey="A"), wechat.event("CLICK", EventKey="B"), wechat.event("VIEW"))
    assert (await counts(service))[0] == 3


async def test_an_event_retried_is_one(wechat: FakeWeChat, service: Service) -> None:
    answers = await asyncio.gather(*(wechat.event("subscribe", EventKey="") for _ in range(5)))
    assert len({answer.text for answer in answers}) == 1
    assert (await counts(service))[0] == 1


async def test_a_message_without_its_id_is_known_by_sender_time_and_words(wechat: FakeWeChat, service: Service) -> None:
    message = wechat.message("text", Content=ANSWERABLE)
    del message["MsgId"]
    for words in (ANSWERABLE, ANSWERABLE, "别的话"):
        await wechat.push({**message, "Content": words})
    assert (await counts(service))[:2] == (2, 2)


async def test_the_same_words_in_a_new_message_are_a_new_question(wechat: FakeWeChat, service: Service) -> None:
    await wechat.say(ANSWERABLE)
    await wechat.say(ANSWERABLE)
    assert await counts(service) == (2, 2, 2, 2)
    async with service.database.reading() as session:
        kinds = (await session.exec(select(LedgerLine.kind))).all()
    assert set(kinds) == {LedgerKind.WECHAT_REPLY.value}


async def test_a_first_try_cut_off_still_counts_and_the_second_gets_the_answer(
    wechat: FakeWeChat, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = service.receiver.decide

    async def slowly(*given: Any) -> Any:
        await asyncio.sleep(0.4)
        return await decide(*given)

    monkeypatch.setattr(service.receiver, "decide", slowly)
    message = wechat.message("text", Content=ANSWERABLE)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(wechat.post(*wechat.packed(xml(message))), 0.1)
    assert "自动给出" in (await wechat.push(message)).text
    assert await counts(service) == (1, 1, 1, 1)


async def test_the_patience_is_shorter_than_wechats(wechat: FakeWeChat) -> None:
    assert wechat_work.PATIENCE_SECONDS < 4.5
