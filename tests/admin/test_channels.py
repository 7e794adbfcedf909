"""The page of the channels: health of an account, its switch, and what becomes of an answer that did not arrive."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlmodel import select

from bot import service as services
from bot import switches
from bot.channels.wechat_health import Health
from bot.service import Service
from bot.site import public_app
from knowledge.tables import ChannelSwitch, Delivery, DeliveryAttempt, WeChatHealth, WeChatPush, WeChatUser
from knowledge.vocabulary import ChannelLevel, DeliveryState, DeliveryWay
from tests.admin.conftest import Ask, Visitor, on_both, rows
from tests.bot.wechat.conftest import account
from tests.conftest import NOON, Clock, Configure

CITY = "wechat:city"
USER = "u" * 64
pytestmark = on_both


@pytest.fixture
async def service(configure: Configure, clock: Clock) -> AsyncIterator[Service]:
    """A service with one official account."""
    one = account(customer_messages=True, secret="S" * 32)
    running = await services.start(configure(wechat=[one], questions_per_minute=10_000), now=clock)
    yield running
    await running.stop()


async def stuck(service: Service, state: DeliveryState = DeliveryState.FAILED, code: int | None = 40003) -> int:
    """A delivery to a follower that went wrong; returns its number."""
    async with service.database.writing() as session:
        session.add(WeChatUser(key=USER, account="city", openid="oSecretOpenid000001", since=NOON, heard_at=NOON))
        await session.flush()
        row = Delivery(
            user_key=USER, account="city", text="请带身份证370602199001011234到窗口。", state=state, made_at=NOON, due_at=NOON
        )  # fmt: skip
        session.add(row)
        await session.flush()
        session.add(
            DeliveryAttempt(
                delivery_id=row.id or 0, at=NOON, way=DeliveryWay.CUSTOMER_MESSAGE, state=state, code=code, note=""
            )
        )
        return row.id or 0


async def turn(visitor: Visitor, channel: str, level: ChannelLevel, number: int = 0, **more: object) -> int:
    fields = {"level": level.value, "number": number, "reason": "系统升级", "keeps": "1", **more}
    return (await visitor.post(f"/channels/{channel}/switch", None, **fields)).status


async def test_the_switch_is_for_reviewers_and_administrators(
    stranger: Visitor, clerk: Visitor, reviewer: Visitor, service: Service
) -> None:
    for visitor in (stranger, clerk):
        assert await turn(visitor, CITY, ChannelLevel.OFF) == 403
    assert await rows(service, ChannelSwitch) == []
    assert "<form method" not in (await clerk.page("/channels")).split('<main id="main"')[1]
    csrf, reviewer.csrf = reviewer.csrf, "0" * 64
    assert await turn(reviewer, CITY, ChannelLevel.OFF) == 403
    assert await rows(service, ChannelSwitch) == []
    reviewer.csrf = csrf
    assert await turn(reviewer, CITY, ChannelLevel.OFF) == 303
    (row,) = await rows(service, ChannelSwitch)
    assert (row.channel, row.level, row.by, row.reason, row.number) == (CITY, "off", "reviewer", "系统升级", 1)


async def test_a_turn_is_on_the_queue_page_and_in_the_story_and_can_be_undone(
    reviewer: Visitor, administrator: Visitor, clerk: Visitor, service: Service
) -> None:
    assert "系统升级" not in await clerk.page("/")
    await turn(reviewer, CITY, ChannelLevel.OFF, until="2026-11-30")
    queue = await clerk.page("/")
    for told in ("微信公众号 city", "关闭", "系统升级", "老李"):
        assert told in queue
    assert "2026年11月30日" in await clerk.page("/channels")
    assert await turn(administrator, CITY, ChannelLevel.OPEN, 1, reason="升级完成") == 303
    assert "系统升级" not in await clerk.page("/")
    story = (await clerk.page("/channels")).split("开关的经过")[1]
    assert story.index("升级完成") < story.index("系统升级")
    assert not service.switches.of(CITY).paused


async def test_what_is_typed_wrong_comes_back(reviewer: Visitor, service: Service) -> None:
    for wrong in ({"reason": " "}, {"reason": "长" * 101}, {"until": "明天"}, {"until": "2026-11-23"}, {"level": "x"}):
        fields = {"level": "off", "number": 0, "reason": "线路检修", "keeps": "1", **wrong}
        response = await reviewer.post(f"/channels/{CITY}/switch", None, **fields)
        assert response.status == 422
        assert str(fields["reason"]).strip() in await response.text()
    assert (await reviewer.post("/channels/wechat:other/switch", level="off", number=0, reason="x")).status == 404
    assert await rows(service, ChannelSwitch) == []


async def test_of_two_who_turn_at_once_one_is_told(administrator: Visitor, reviewer: Visitor, service: Service) -> None:
    done = await asyncio.gather(*(turn(visitor, CITY, ChannelLevel.OFF) for visitor in (reviewer, administrator) * 3))
    assert sorted(done) == [303, 409, 409, 409, 409, 409]
    assert len(await rows(service, ChannelSwitch)) == 1


async def test_another_process_takes_a_turn_over_and_a_restart_keeps_it(service: Service, reviewer: Visitor) -> None:
    other = switches.Switches(service.database)
    await other.start()
    try:
        assert not other.of(CITY).paused
        await turn(reviewer, CITY, ChannelLevel.STAFF_ONLY)
        for _ in range(100):
            if other.of(CITY).paused:
                break
            await asyncio.sleep(0.1)
        assert other.of(CITY).level is ChannelLevel.STAFF_ONLY
    finally:
        await other.stop()
    fresh = switches.Switches(service.database)
    await fresh.refresh()
    assert fresh.of(CITY) == service.switches.of(CITY)


async def test_the_health_of_an_account(clerk: Visitor, service: Service, clock: Clock) -> None:
    page = await clerk.page("/channels")
    assert "还没有收到过" in page
    assert "还没有取过" in page
    noted = Health(service.database, clock)
    noted.token_fetched("city", 7200)
    noted.push_refused("city")
    noted.push_refused("city")
    await noted.write()
    await noted.write()
    async with service.database.writing() as session:
        for number, name in enumerate((None, "event.hologram", "event.hologram")):
            at = NOON - timedelta(minutes=number)
            session.add(WeChatPush(mark=str(number), account="city", kind="any", stranger=name, at=at))
        session.add(WeChatPush(mark="old", account="city", kind="text", at=NOON - timedelta(days=1)))
        session.add(WeChatPush(mark="other", account="county", kind="text", at=NOON))
    await stuck(service)
    clock.at += timedelta(minutes=9)
    page = await clerk.page("/channels")
    for told in (
        "2026-11-23 12:00",
        '<dd class="number">3 次</dd>',
        '<span class="number">2</span> 次',
        "event.hologram（2 次）",
        "9 分钟前取得，2026-11-23 14:00 到期",
        "返回码 40003：openid 不属于这个公众号",
        '失败 <span class="count">1</span>',
    ):
        assert told in page, told
    clock.at += timedelta(hours=3)
    assert "已到期" in await clerk.page("/channels")


async def test_health_written_by_two_processes_is_put_together(service: Service, clock: Clock) -> None:
    one, two = Health(service.database, clock), Health(service.database, clock)
    one.token_fetched("city", 7200)
    clock.at += timedelta(hours=1)
    two.token_fetched("city", 7200)
    one.push_refused("city")
    two.push_refused("city")
    await two.write()
    await one.write()
    async with service.database.reading() as session:
        row = (await session.exec(select(WeChatHealth))).one()
    assert (row.token_at, row.refused) == (clock.at, 2)


async def test_a_failed_delivery_is_listed_masked_and_sent_again_by_hand(clerk: Visitor, service: Service) -> None:
    number = await stuck(service)
    page = await clerk.page(f"/channels/{CITY}/deliveries")
    assert "370602199001011234" not in page
    assert "oSecretOpenid" not in page
    assert "openid 不属于这个公众号" in page
    assert (await clerk.post(f"/deliveries/{number}/again", reason="")).status == 422
    response = await clerk.post(f"/deliveries/{number}/again", reason="号已改正")
    assert (response.status, response.headers["Location"]) == (303, f"/channels/{CITY}/deliveries?done=again")
    (row,) = await rows(service, Delivery)
    assert (row.state, row.attempts) == (DeliveryState.QUEUED, 0)
    last = (await rows(service, DeliveryAttempt))[-1]
    assert (last.way, last.by, last.note, last.state) == ("by_hand", "clerk", "号已改正", "queued")
    assert "号已改正" in await clerk.page(f"/channels/{CITY}/deliveries?state=queued")
    late = await clerk.post(f"/deliveries/{number}/again", reason="再来一次试试")
    assert late.status == 409
    assert "再来一次试试" in await late.text()


async def test_giving_up_is_recorded_and_final(clerk: Visitor, service: Service) -> None:
    number = await stuck(service, DeliveryState.UNCERTAIN, None)
    page = await clerk.page(f"/channels/{CITY}/deliveries?state=uncertain")
    assert "可能收到两遍" in page
    assert (await clerk.post(f"/deliveries/{number}/give-up", reason="已电话告知")).status == 303
    (row,) = await rows(service, Delivery)
    assert (row.state, row.text) == (DeliveryState.GIVEN_UP, "")
    assert "已电话告知" in await clerk.page(f"/channels/{CITY}/deliveries?state=given_up")
    assert (await clerk.post(f"/deliveries/{number}/again", reason="再来")).status == 409
    assert (await clerk.post("/deliveries/999/give-up", reason="x")).status == 409
    assert (await clerk.get(f"/channels/{CITY}/deliveries?state=nonsense")).status == 404
    assert (await clerk.get("/channels/wechat:other/deliveries")).status == 404


async def test_the_board_closes_and_says_why_and_opens_again(reviewer: Visitor, ask: Ask, service: Service) -> None:
    await ask()
    assert await turn(reviewer, switches.BOARD, ChannelLevel.OFF, until="2026-11-30") == 303
    async with TestClient[web.Request, web.Application](TestServer(public_app(service))) as citizen:
        page = await (await citizen.get("/")).text()
        assert "网上留言暂停受理：系统升级。预计2026年11月30日恢复。" in page
        assert '<form method="post" action="/ask"' not in page
        refused = await citizen.post("/ask", data={"text": "租房能取多少？"})
        assert refused.status == 503
        assert refused.headers["Retry-After"] == str(6 * 86400 + 12 * 3600)
        assert "租房能取多少？" in await refused.text()
        api = await citizen.post("/api/v1/questions", json={"text": "租房能取多少？"})
        assert (api.status, api.content_type) == (503, "application/problem+json")
        assert api.headers["Retry-After"] == refused.headers["Retry-After"]
        assert "12329" in (await api.json())["detail"]
        assert (await citizen.get("/lookup")).status == 200
        await turn(reviewer, switches.BOARD, ChannelLevel.OPEN, 1, reason="完成")
        assert (await citizen.post("/ask", data={"text": "租房能取多少？"})).status == 200


async def test_with_automatic_answers_off_everything_goes_to_staff(reviewer: Visitor, service: Service) -> None:
    standard = next(entry.standard for entry in service.current.entries.values() if entry.level != "C")
    async with TestClient[web.Request, web.Application](TestServer(public_app(service))) as citizen:
        offered = await (await citizen.post("/api/v1/questions", json={"text": "给我选项"})).json()
        assert offered["outcome"] == "clarify"
        await turn(reviewer, switches.BOARD, ChannelLevel.STAFF_ONLY)
        told = await (await citizen.post("/api/v1/questions", json={"text": standard})).json()
        assert (told["outcome"], told["reason"]) == ("handed_over", "paused")
        urgent = await (await citizen.post("/api/v1/questions", json={"text": "我不想活了"})).json()
        assert urgent["reason"] == "urgent"
        choice = {"password": offered["password"], "choice": 1}
        picked = await (await citizen.post(f"/api/v1/questions/{offered['code']}/choice", json=choice)).json()
        assert (picked["state"], picked.get("reply")) == ("waiting", None)
        page = await (await citizen.post("/ask", data={"text": standard})).text()
        assert "自动答复暂停使用，由工作人员答复。" in page
