"""The journey of a question in WeChat: answered, offered choices, handed over, and answered later by a person."""

import asyncio
from typing import Any

import pytest
from sqlmodel import select

from bot import codes, replies, wording
from bot.service import Service
from knowledge.tables import Conversation, Delivery, DeliveryAttempt, Question, Reply
from knowledge.vocabulary import Channel, DeliveryState, DeliveryWay, QuestionState, Reason
from tests.bot.wechat.conftest import ANSWERABLE, UNANSWERABLE, Connect, FakeWeChat, Start, account, on_both

WANG = replies.Author("wang", "小王")
CHOOSE = "给我选项"
PUSHING = {"customer_messages": True, "secret": "s" * 32, "api_url": "http://127.0.0.1:9"}


async def rows(service: Service, table: Any) -> list[Any]:
    async with service.database.reading() as session:
        return list((await session.exec(select(table))).all())


async def question(service: Service) -> Question:
    found: list[Question] = await rows(service, Question)
    return found[-1]


async def publish(service: Service, text: str = "钥匙请到物业领取。", asked: Question | None = None) -> None:
    asked = asked or await question(service)
    await replies.publish(
        service.database, asked.id or 0, text, WANG, version=asked.version, at=service.now(), public=False, address=""
    )


async def test_an_answer_names_its_basis_and_who_speaks(wechat: FakeWeChat, service: Service) -> None:
    text = (await wechat.say(ANSWERABLE)).text
    reply: Reply = (await rows(service, Reply))[0]
    assert text.startswith(reply.text)
    assert f"依据：\n《{reply.basis[0]['title']}》" in text
    assert text.endswith(f"（{wording.AUTOMATIC}）")
    asked = await question(service)
    assert (asked.channel, asked.state) == (Channel.WECHAT, QuestionState.ANSWERED)


@pytest.mark.parametrize("pick", ["2", "２", "二", "第2个", "2.", " 2、", "LABEL"])
async def test_a_choice_by_number_or_label(pick: str, wechat: FakeWeChat, service: Service) -> None:
    text = (await wechat.say(CHOOSE)).text
    asked = await question(service)
    labels = [choice["label"] for choice in asked.choices]
    assert f"1. {labels[0]}\n2. {labels[1]}\n3. {wording.WECHAT_NONE}" in text
    answer = await wechat.say(labels[1] if pick == "LABEL" else pick)
    assert wording.AUTOMATIC in answer.text
    asked = await question(service)
    reply = (await rows(service, Reply))[0]
    assert (asked.state, asked.reason) == (QuestionState.ANSWERED, Reason.CHOSEN)
    assert reply.entry_key == asked.choices[1]["entry"]
    assert len(await rows(service, Question)) == 1


@pytest.mark.parametrize("pick", ["3", "0", wording.WECHAT_NONE])
async def test_none_of_the_choices_goes_to_a_person(pick: str, wechat: FakeWeChat, service: Service) -> None:
    await wechat.say(CHOOSE)
    assert "工作人员最晚在" in (await wechat.say(pick)).text
    assert (await question(service)).reason == Reason.NONE_CHOSEN


async def test_a_pick_retried_gets_the_same_bytes_and_is_no_new_question(wechat: FakeWeChat, service: Service) -> None:
    await wechat.say(CHOOSE)
    message = wechat.message("text", Content="1")
    assert len({(await wechat.push(message)).raw for _ in range(3)}) == 1
    assert len(await rows(service, Question)) == 1


@pytest.mark.parametrize("words", ["7", "2024年", "第二次提取怎么办", "好"])
async def test_other_words_after_choices_are_a_new_question(words: str, wechat: FakeWeChat, service: Service) -> None:
    await wechat.say(CHOOSE)
    await wechat.say(words)
    assert len(await rows(service, Question)) == 2


async def test_a_number_without_choices_is_a_question(wechat: FakeWeChat, service: Service) -> None:
    await wechat.say("2")
    assert (await question(service)).text == "2"


async def test_choices_can_be_tapped_where_menu_messages_are_allowed(start: Start, connect: Connect) -> None:
    service = await start(account(**PUSHING))
    wechat = await connect(service)
    text = (await wechat.say(CHOOSE)).text
    asked = await question(service)
    assert f'&msgmenuid={asked.code}-2">' in text
    # The mark of a tap is not dependable (it may come as 0); the label alone has to do.
    answer = await wechat.say(asked.choices[1]["label"], bizmsgmenuid=0)
    assert wording.AUTOMATIC in answer.text
    assert len(await rows(service, Question)) == 1


async def test_none_tapped_in_an_old_list_asks_nothing(wechat: FakeWeChat, service: Service) -> None:
    assert (await wechat.say(wording.WECHAT_NONE)).text == wording.WECHAT_BUTTON
    assert not await rows(service, Question)


async def test_a_promise_has_date_and_code_and_the_password_is_not_stored(wechat: FakeWeChat, service: Service) -> None:
    text = (await wechat.say(UNANSWERABLE)).text
    asked = await question(service)
    password = codes.password_for(asked.code, service.key)
    assert "工作人员最晚在2026年11月30日前答复您" in text
    assert f"https://gjj.example/lookup 凭编号 {codes.spoken(asked.code)} 和查询密码 {password}" in text
    async with service.database.reader.connect() as connection:
        stored = (await connection.exec_driver_sql("SELECT reply FROM wechat_push")).scalar_one()
    assert password not in stored


@on_both
async def test_without_customer_messages_the_answer_comes_with_the_next_message(
    wechat: FakeWeChat, service: Service, start: Start
) -> None:
    await wechat.say(UNANSWERABLE)
    await publish(service)
    await until(service, DeliveryState.WAITING)
    text = (await wechat.say(ANSWERABLE)).text
    assert text.startswith(
        f"您此前的问题（编号 {codes.spoken((await rows(service, Question))[0].code)}）有答复了：\n钥匙请到物业领取。"
    )
    assert text.endswith(f"（{wording.AUTOMATIC}）")
    assert [row.state for row in await rows(service, Delivery)] == [DeliveryState.SENT]
    assert [row.way for row in await rows(service, DeliveryAttempt)] == [DeliveryWay.PASSIVE]
    assert "钥匙" not in (await wechat.say(ANSWERABLE)).text


@on_both
async def test_what_was_given_is_given_again_to_a_retry_only(wechat: FakeWeChat, service: Service) -> None:
    await wechat.say(UNANSWERABLE)
    await publish(service)
    await until(service, DeliveryState.WAITING)
    message = wechat.message("image", MediaId="x")
    first = await wechat.push(message)
    assert "钥匙请到物业领取" in first.text
    assert (await wechat.push(message)).raw == first.raw
    assert len(await rows(service, DeliveryAttempt)) == 1


async def test_fetching_is_no_question(wechat: FakeWeChat, service: Service) -> None:
    await wechat.say(UNANSWERABLE)
    assert (await wechat.say("领取")).text == wording.WECHAT_NOTHING_YET
    await publish(service)
    await until(service, DeliveryState.WAITING)
    text = (await wechat.say("领取。")).text
    assert "钥匙请到物业领取" in text
    assert text.endswith(wording.WECHAT_ALL_GIVEN)
    assert len(await rows(service, Question)) == 1


async def test_a_closing_note_reaches_the_citizen_too(wechat: FakeWeChat, service: Service) -> None:
    await wechat.say(UNANSWERABLE)
    asked = await question(service)
    await replies.close(
        service.database, asked.id or 0, "这是社保业务，请拨打12333。", WANG, version=asked.version, at=service.now()
    )
    await until(service, DeliveryState.WAITING)
    assert "请拨打12333" in (await wechat.say("有答复了吗")).text


async def test_long_answers_are_cut_at_a_sentence_and_say_where_the_rest_is(
    wechat: FakeWeChat, service: Service
) -> None:
    await wechat.say(UNANSWERABLE)
    await publish(service, "这是一句不短的话，后面还有。" * 200)
    await until(service, DeliveryState.WAITING)
    text = (await wechat.say(ANSWERABLE)).text
    assert len(text.encode()) <= 2048
    assert "后面还有。…" in text
    assert "https://gjj.example" in text
    assert wording.AUTOMATIC in text


async def test_many_answers_that_wait_come_with_several_messages(wechat: FakeWeChat, service: Service) -> None:
    for number in range(3):
        await wechat.say(f"{UNANSWERABLE}{number}")
    for number, asked in enumerate(await rows(service, Question)):
        await publish(service, f"第{number}条答复，" + "很长的话。" * 150, asked)
    await until(service, DeliveryState.WAITING, 3)
    first, second = (await wechat.say("好")).text, (await wechat.say("好的")).text
    assert ("第0条" in first, "第1条" in first, "第2条" in first) == (True, True, False)
    assert "第2条" in second
    assert max(len(text.encode()) for text in (first, second)) <= 2048


async def test_after_unsubscribing_nothing_is_on_its_way(wechat: FakeWeChat, service: Service) -> None:
    await wechat.say(UNANSWERABLE)
    await publish(service)
    await until(service, DeliveryState.WAITING)
    await wechat.event("unsubscribe")
    delivery = (await rows(service, Delivery))[0]
    assert (delivery.state, delivery.text, delivery.user_key) == (DeliveryState.EXPIRED, "", None)
    assert not await rows(service, Conversation)
    assert "钥匙" not in (await wechat.say("我回来了")).text


async def test_a_follower_who_sends_too_fast_is_asked_to_wait(start: Start, connect: Connect) -> None:
    service = await start(questions_per_minute=2)
    wechat = await connect(service)
    texts = [(await wechat.say(ANSWERABLE)).text for _ in range(3)]
    assert texts[2] == wording.TOO_OFTEN
    assert len(await rows(service, Question)) == 2


async def test_an_answer_that_comes_too_late_for_wechat_is_sent_on(
    start: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await start()
    wechat = await connect(service)
    monkeypatch.setattr(wechat.runtime, "_patience", 0.1)
    decide = service.receiver.decide

    async def slowly(*given: Any) -> Any:
        await asyncio.sleep(0.5)
        return await decide(*given)

    with monkeypatch.context() as slow:
        slow.setattr(service.receiver, "decide", slowly)
        message = wechat.message("text", Content=ANSWERABLE)
        answers = await asyncio.gather(wechat.push(message), wechat.push(message))
        assert {answer.text for answer in answers} == {wording.WECHAT_SLOW}
        await until(service, DeliveryState.WAITING)
    assert len(await rows(service, Delivery)) == 1
    monkeypatch.setattr(wechat.runtime, "_patience", 4)
    assert (await wechat.say("领取")).text.startswith(wording.WECHAT_EARLIER_PLAIN)


async def test_two_accounts_are_two_worlds(start: Start, connect: Connect) -> None:
    service = await start(account(), account(name="branch"))
    city, branch = await connect(service), await connect(service, path="/wechat/branch")
    await city.say(CHOOSE)
    await branch.say("1")
    assert len(await rows(service, Question)) == 2


async def until(service: Service, state: DeliveryState, count: int = 1) -> None:
    for _ in range(100):
        if len([row for row in await rows(service, Delivery) if row.state == state]) >= count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError([row.model_dump() for row in await rows(service, Delivery)])
