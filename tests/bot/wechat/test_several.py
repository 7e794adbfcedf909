"""Several questions and follow-ups in WeChat, with the engine itself."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel import select

from bot import service as services
from bot import wording
from bot.service import Service
from knowledge.tables import Question, Reply
from tests.bot.wechat.conftest import FakeWeChat, account
from tests.conftest import Clock, Configure

RENT = "租房一年能取多少公积金"


@pytest.fixture
async def service(configure: Configure, clock: Clock) -> AsyncIterator[Service]:
    """A service with one account and the real engine."""
    chosen = configure(wechat=[account()], questions_per_minute=10_000, public_url="https://gjj.example")
    running = await services.start(chosen, now=clock)
    yield running
    await running.stop()


async def stored(service: Service) -> list[Question]:
    async with service.database.reading() as session:
        return list((await session.exec(select(Question).order_by("id"))).all())


async def test_the_sure_one_of_several_is_read_by_number_as_often_as_wanted(
    wechat: FakeWeChat, service: Service
) -> None:
    text = (await wechat.say(f"{RENT}？大厅门口的石狮子是谁捐的？")).text
    assert "您问了几件事，由工作人员一并答复。" in text
    assert f"{wording.READ_NOW}{wording.WECHAT_CHOOSE}\n1. 租房提取额度" in text
    for pick in ("1", "租房提取额度"):
        read = (await wechat.say(pick)).text
        assert "18000" in read
        assert read.endswith(wording.REST_TO_STAFF)
    question = (await stored(service))[0]
    assert (len(await stored(service)), question.state) == (1, "waiting")
    async with service.database.reading() as session:
        assert (await session.exec(select(Reply))).all() == []


async def test_several_answered_are_one_reply(wechat: FakeWeChat, service: Service) -> None:
    text = (await wechat.say(f"1、{RENT}\n2、公积金账户里的存款利率是多少")).text
    assert text.startswith("一、关于“威海无房职工租房提取")
    assert "二、关于“公积金账户里的存款利率是多少？”" in text
    assert len(await stored(service)) == 1


@pytest.mark.parametrize(("minutes", "taken"), [(29, True), (31, False)])
async def test_a_follow_up_is_read_with_the_last_topic_for_half_an_hour(
    minutes: int, taken: bool, wechat: FakeWeChat, service: Service, clock: Clock
) -> None:
    await wechat.say(RENT)
    clock.at += timedelta(minutes=minutes)
    await wechat.say("那可以按月提吗")
    followed = (await stored(service))[1]
    assert bool(followed.choices) is taken


async def test_another_follower_s_topic_is_not_taken(wechat: FakeWeChat, service: Service) -> None:
    await wechat.say(RENT)
    await wechat.say("那可以按月提吗", openid="oSomebodyElse0000000000000001")
    assert (await stored(service))[1].choices == []


async def test_thanks_after_an_answer_are_not_read_as_a_question(wechat: FakeWeChat, service: Service) -> None:
    await wechat.say(RENT)
    await wechat.say("好的谢谢")
    assert (await stored(service))[1].reason == "thanks"
