"""The outbox: queued with the reply, claimed by one, sent once, and never again where nobody knows."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select, update

from bot import deliver, replies
from bot.deliver import Deliverer
from bot.sending import Outcome, Refused, Sent, Uncertain, Unreachable, WhatToDo
from bot.service import Service
from knowledge.errors import ConflictError
from knowledge.tables import Delivery, DeliveryAttempt, Question, WeChatNonce, WeChatPush, WeChatUser
from knowledge.vocabulary import DeliveryState
from tests.bot.wechat.conftest import (
    OPENID,
    UNANSWERABLE,
    Connect,
    FakeServer,
    FakeWeChat,
    Start,
    account,
    on_both,
)
from tests.conftest import Clock

pytestmark = on_both
WANG = replies.Author("wang", "小王")
ANSWER = "钥匙请到物业领取。"


@dataclass
class Post:
    """A way to reach citizens that does what a test wants; the last outcome repeats."""

    outcomes: list[Outcome] = field(default_factory=lambda: [Sent()])
    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, to: str, text: str, code: str) -> Outcome:
        self.sent.append((to, text))
        await asyncio.sleep(0)
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


async def rows(service: Service, table: Any) -> list[Any]:
    async with service.database.reading() as session:
        return list((await session.exec(select(table))).all())


async def answered(wechat: FakeWeChat, service: Service, count: int = 1, openid: str = OPENID) -> None:
    """A follower asks, a person answers."""
    for _ in range(count):
        await wechat.say(UNANSWERABLE, openid)
    for asked in await rows(service, Question):
        if asked.state == "waiting":
            await replies.publish(
                service.database, asked.id or 0, ANSWER, WANG,
                version=asked.version, at=service.now(), public=False, address="",
            )  # fmt: skip


async def states(service: Service) -> list[str]:
    return [row.state for row in await rows(service, Delivery)]


@pytest.fixture
async def wechat(service: Service, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> FakeWeChat:
    """WeChat before a service whose own loop stands still: these tests turn it by hand."""
    monkeypatch.setattr(Deliverer, "start", lambda self: None)
    return await connect(service)


async def test_a_published_answer_is_sent_once_and_recorded(wechat: FakeWeChat, service: Service) -> None:
    await answered(wechat, service)
    assert await states(service) == [DeliveryState.QUEUED]
    post = Post()
    loop = Deliverer(service.database, {"city": post}, service.now)
    assert await loop.deliver_one()
    assert not await loop.deliver_one()
    assert post.sent == [(OPENID, ANSWER)]
    delivery, attempt = (await rows(service, Delivery))[0], (await rows(service, DeliveryAttempt))[0]
    assert (delivery.state, delivery.text, attempt.state, attempt.code) == (DeliveryState.SENT, "", "sent", None)


async def test_reply_and_delivery_are_one_transaction(wechat: FakeWeChat, service: Service) -> None:
    await wechat.say(UNANSWERABLE)
    asked = (await rows(service, Question))[0]
    publish = [
        replies.publish(
            service.database, asked.id, f"{ANSWER}{number}", WANG,
            version=asked.version, at=service.now(), public=False, address="",
        )
        for number in range(2)
    ]  # fmt: skip
    results = await asyncio.gather(*publish, return_exceptions=True)
    assert len([result for result in results if isinstance(result, ConflictError)]) == 1
    assert len(await rows(service, Delivery)) == 1


async def test_many_loops_send_each_delivery_once(wechat: FakeWeChat, service: Service) -> None:
    for number in range(12):
        await answered(wechat, service, 1, f"oFollower{number:020d}")
    post = Post()
    loops = [Deliverer(service.database, {"city": post}, service.now) for _ in range(4)]

    async def empty(loop: Deliverer) -> None:
        while await loop.deliver_one():
            pass

    await asyncio.gather(*(empty(loop) for loop in loops))
    assert len(post.sent) == len(set(post.sent)) == 12
    assert set(await states(service)) == {DeliveryState.SENT}


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Refused(WhatToDo.WAIT_FOR_USER, 45015, "过期。"), DeliveryState.WAITING),
        (Refused(WhatToDo.GIVE_UP, 40003, "不对。"), DeliveryState.FAILED),
        (Refused(WhatToDo.RETRY_SOON, -1, "忙。"), DeliveryState.QUEUED),
        (Refused(WhatToDo.RETRY_LATER, 45009, "用完。"), DeliveryState.QUEUED),
        (Unreachable("ClientConnectorError"), DeliveryState.QUEUED),
        (Uncertain("TimeoutError"), DeliveryState.UNCERTAIN),
    ],
)
async def test_what_follows_from_each_outcome(
    outcome: Outcome, state: DeliveryState, wechat: FakeWeChat, service: Service
) -> None:
    await answered(wechat, service)
    loop = Deliverer(service.database, {"city": Post([outcome])}, service.now)
    assert await loop.deliver_one()
    assert not await loop.deliver_one()  # what is tried again is tried later
    assert await states(service) == [state]
    attempt = (await rows(service, DeliveryAttempt))[0]
    assert (attempt.state, attempt.note) == (state, outcome.note)
    assert attempt.code == (outcome.code if isinstance(outcome, Refused) else None)


async def test_retries_wait_longer_each_time_and_end_with_waiting_for_the_user(
    wechat: FakeWeChat, service: Service, clock: Clock
) -> None:
    await answered(wechat, service)
    post = Post([Refused(WhatToDo.RETRY_SOON, -1, "忙。")])
    loop = Deliverer(service.database, {"city": post}, service.now)
    waits = []
    async with service.database.writing() as session:
        await session.exec(update(WeChatUser).values(pushed=-20))
    while (await states(service)) == [DeliveryState.QUEUED]:
        due = (await rows(service, Delivery))[0].due_at
        waits.append((due - clock.at).total_seconds())
        clock.at = max(clock.at, due)
        await loop.deliver_one()
    assert waits == [0, 5, 10, 20, 40, 80, 160, 320]
    assert await states(service) == [DeliveryState.WAITING]
    assert len(post.sent) == deliver.ATTEMPTS_MAX


async def test_an_uncertain_answer_comes_again_with_a_mark_only(wechat: FakeWeChat, service: Service) -> None:
    await answered(wechat, service)
    post = Post([Uncertain("TimeoutError")])
    loop = Deliverer(service.database, {"city": post}, service.now)
    await loop.deliver_one()
    for _ in range(3):
        assert not await loop.deliver_one()
    assert len(post.sent) == 1
    text = (await wechat.say("有答复了吗")).text
    assert "先前可能已经发给过您" in text
    assert ANSWER in text


async def test_what_a_dead_process_was_sending_is_uncertain(wechat: FakeWeChat, service: Service, clock: Clock) -> None:
    await answered(wechat, service)

    class PowerCut(BaseException):
        """Ends a process in the middle."""

    class Dying:
        async def send(self, to: str, text: str, code: str) -> Outcome:
            raise PowerCut

    with pytest.raises(PowerCut):
        await Deliverer(service.database, {"city": Dying()}, service.now).deliver_one()
    assert await states(service) == [DeliveryState.SENDING]
    after = Deliverer(service.database, {"city": Post()}, service.now)
    await after.sweep()
    assert await states(service) == [DeliveryState.SENDING]  # another process may be at it
    clock.at += timedelta(minutes=3)
    await after.sweep()
    assert await states(service) == [DeliveryState.UNCERTAIN]
    assert not await after.deliver_one()


async def test_outside_the_48_hours_nothing_is_tried(wechat: FakeWeChat, service: Service, clock: Clock) -> None:
    await wechat.say(UNANSWERABLE)
    clock.at += timedelta(hours=48)
    asked = (await rows(service, Question))[0]
    await replies.publish(
        service.database, asked.id, ANSWER, WANG, version=1, at=service.now(), public=False, address=""
    )
    post = Post()
    await Deliverer(service.database, {"city": post}, service.now).deliver_one()
    assert not post.sent
    assert await states(service) == [DeliveryState.WAITING]


async def test_the_sixth_answer_to_one_message_waits(wechat: FakeWeChat, service: Service) -> None:
    await answered(wechat, service, 6)
    post = Post()
    loop = Deliverer(service.database, {"city": post}, service.now)
    while await loop.deliver_one():
        pass
    assert len(post.sent) == 5
    assert sorted(await states(service)) == [*[DeliveryState.SENT] * 5, DeliveryState.WAITING]
    assert ANSWER in (await wechat.say("好")).text
    assert (await rows(service, WeChatUser))[0].pushed == 0


async def test_what_nobody_fetches_expires_and_bytes_kept_for_retries_go(
    wechat: FakeWeChat, service: Service, clock: Clock
) -> None:
    await answered(wechat, service)
    loop = Deliverer(service.database, {}, service.now)
    await loop.deliver_one()
    async with service.database.writing() as session:
        session.add(WeChatNonce(key="k", at=clock.at, body_sha256="0"))
    await loop.sweep()
    assert (await rows(service, WeChatPush))[0].reply
    clock.at += timedelta(days=31)
    await loop.sweep()
    assert await states(service) == [DeliveryState.EXPIRED]
    assert [push.reply for push in await rows(service, WeChatPush)] == [""]
    assert not await rows(service, WeChatNonce)


async def test_from_the_desk_to_wechats_server(start: Start, connect: Connect, api: FakeServer, clock: Clock) -> None:
    """The whole way, with the service's own loop."""
    service = await start(account(customer_messages=True, secret="s" * 32, api_url=api.url))
    wechat = await connect(service)
    await answered(wechat, service)
    for _ in range(100):
        if await states(service) == [DeliveryState.SENT]:
            break
        await asyncio.sleep(0.05)
    sent = api.to("custom/send")
    assert len(sent) == 1
    assert sent[0]["touser"] == OPENID
    assert ANSWER in sent[0]["text"]["content"]
    assert "（工作人员答复）" in sent[0]["text"]["content"]
