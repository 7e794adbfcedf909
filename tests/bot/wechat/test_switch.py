"""An account switched off says so calmly and loses nothing; with automatic answers off everything goes to staff."""

import asyncio
from datetime import date
from typing import Any

import pytest

from bot import replies, switches, wording
from bot.service import Service
from bot.switches import Switch
from knowledge.tables import Question, QuestionEvent, Reply, WeChatHealth
from knowledge.vocabulary import ChannelLevel, Reason
from tests.bot.wechat.conftest import ANSWERABLE, UNANSWERABLE, Connect, FakeWeChat, Start, account, entry_of, on_both
from tests.bot.wechat.test_deliver import rows

CITY = switches.of_account("city")
SAID = "本公众号暂停答复：系统升级。预计2026年11月30日恢复。急事请拨打12329，或到服务窗口办理。"
UNTIL = date(2026, 11, 30)


async def turn(service: Service, level: ChannelLevel, channel: str = CITY, *, keeps: bool = True) -> None:
    number = service.switches.of(channel).number
    wanted = Switch(level, "系统升级。", UNTIL, keeps, number, by="li")
    await switches.turn(service.database, channel, wanted, service.now())
    await service.switches.refresh()


@on_both
async def test_off_says_one_sentence_and_keeps_the_question_once(wechat: FakeWeChat, service: Service) -> None:
    await turn(service, ChannelLevel.OFF)
    push = wechat.message("text", Content=ANSWERABLE)
    first = await wechat.push(push)
    assert first.text.startswith(SAID + "您的留言已经收下，由工作人员答复；编号 ")
    assert wording.QUERY_DIGITS_HERE not in first.text
    assert (await wechat.push(push)).text == first.text
    (question,) = await rows(service, Question)
    assert (question.text, question.state, question.reason) == (ANSWERABLE, "waiting", Reason.PAUSED)
    assert await rows(service, Reply) == []


async def test_off_without_keeping_stores_no_question(wechat: FakeWeChat, service: Service) -> None:
    await turn(service, ChannelLevel.OFF, keeps=False)
    assert (await wechat.say(ANSWERABLE)).text == SAID + wording.WECHAT_OFF_NOT_KEPT
    assert await rows(service, Question) == []


async def test_who_is_in_danger_reads_first_where_help_is(wechat: FakeWeChat, service: Service) -> None:
    await turn(service, ChannelLevel.OFF)
    text = (await wechat.say("不想活了")).text
    assert "12356" in text.split(SAID)[0]
    assert (await rows(service, Question))[0].reason == Reason.URGENT


async def test_off_stands_before_every_other_invitation_to_ask(wechat: FakeWeChat, service: Service) -> None:
    await turn(service, ChannelLevel.OFF)
    for kind, more in (("image", {"PicUrl": "http://x/", "MediaId": "m"}), ("voice", {"MediaId": "m"})):
        assert (await wechat.push(wechat.message(kind, **more))).text == SAID
    assert SAID in (await wechat.event("subscribe")).text
    assert (await wechat.event("CLICK", EventKey="NOTHING")).text == SAID
    assert (await wechat.event("VIEW", EventKey="https://x/")).acknowledged
    assert (await wechat.event("CLICK", EventKey=entry_of(service, ANSWERABLE).key)).text.startswith(SAID)
    assert len(await rows(service, Question)) == 1


async def test_a_choice_offered_before_goes_to_a_person(wechat: FakeWeChat, service: Service) -> None:
    assert "1. " in (await wechat.say("给我选项")).text
    await turn(service, ChannelLevel.OFF)
    assert (await wechat.say("1")).text.startswith(SAID)
    (question,) = await rows(service, Question)
    assert (question.state, question.reason) == ("waiting", Reason.PAUSED)
    assert [event.note for event in await rows(service, QuestionEvent)] == ["several_fit", "paused"]
    assert await rows(service, Reply) == []


@on_both
async def test_staff_only_promises_and_staff_answers_still_arrive(wechat: FakeWeChat, service: Service) -> None:
    await turn(service, ChannelLevel.STAFF_ONLY)
    assert (await wechat.say(ANSWERABLE)).text.startswith("自动答复暂停使用，由工作人员答复。")
    (question,) = await rows(service, Question)
    author = replies.Author("wang", "小王")
    await replies.publish(
        service.database, question.id or 0, "请到窗口办理。", author,
        version=question.version, at=service.now(), public=False, address="",
    )  # fmt: skip
    for _ in range(50):
        if "请到窗口办理。" in (text := (await wechat.say("领取")).text):
            break
        await asyncio.sleep(0.1)
    assert "请到窗口办理。" in text


async def test_back_again_answers_as_before(wechat: FakeWeChat, service: Service) -> None:
    await turn(service, ChannelLevel.OFF)
    await turn(service, ChannelLevel.OPEN)
    assert wording.AUTOMATIC in (await wechat.say(ANSWERABLE)).text


async def test_one_account_off_leaves_the_other_and_the_board(start: Start, connect: Connect) -> None:
    service = await start(account(), account(name="county"))
    county = await connect(service, path="/wechat/county")
    await turn(service, ChannelLevel.OFF)
    assert wording.AUTOMATIC in (await county.say(ANSWERABLE)).text
    assert (await county.http.post("/ask", data={"text": ANSWERABLE})).status == 200


@on_both
async def test_it_takes_effect_in_every_process_within_a_second(start: Start, connect: Connect) -> None:
    one, two = await start(), await start()
    wechat = await connect(two)
    await turn(one, ChannelLevel.OFF)
    for _ in range(100):
        if SAID in (text := (await wechat.say(UNANSWERABLE)).text):
            break
        await asyncio.sleep(0.1)
    assert SAID in text


@pytest.mark.parametrize(
    ("transfer", "words", "passed"),
    [
        ("never", "转人工", False),
        ("person", "转人工", True),
        ("person", UNANSWERABLE, False),
        ("all", UNANSWERABLE, True),
        ("all", "不想活了", False),
        ("all", ANSWERABLE, False),
    ],
)
async def test_a_hand_over_may_be_passed_to_wechats_own_desk(
    transfer: str, words: str, passed: bool, start: Start, connect: Connect
) -> None:
    service = await start(account(transfer=transfer))
    wechat = await connect(service)
    push = wechat.message("text", Content=words)
    answer = await wechat.push(push)
    assert (answer.fields["MsgType"] == "transfer_customer_service") is passed
    assert ("Content" not in answer.fields) is passed
    assert (await wechat.push(push)).raw == answer.raw
    assert len(await rows(service, Question)) == 1
    notes = [event.note for event in await rows(service, QuestionEvent)]
    assert ("已转微信客服，由客服人员在微信里先接待" in notes) is passed


async def test_an_event_is_never_passed_on(start: Start, connect: Connect) -> None:
    wechat = await connect(await start(account(transfer="all", menu={"ASK": UNANSWERABLE})))
    assert (await wechat.event("CLICK", EventKey="ASK")).fields["MsgType"] == "text"


async def test_nothing_is_passed_on_while_switched_off(start: Start, connect: Connect) -> None:
    service = await start(account(transfer="all"))
    wechat = await connect(service)
    await turn(service, ChannelLevel.OFF)
    assert (await wechat.say(UNANSWERABLE)).text.startswith(SAID)
    await turn(service, ChannelLevel.STAFF_ONLY)
    assert (await wechat.say(UNANSWERABLE)).fields["MsgType"] == "text"


async def test_refused_pushes_are_noted_for_the_operator_in_few_commits(wechat: FakeWeChat, service: Service) -> None:
    query, body = wechat.packed(b"<xml></xml>")
    commits = 0
    write = wechat.runtime.health._put

    async def counted(*given: Any) -> None:
        nonlocal commits
        commits += 1
        await write(*given)

    wechat.runtime.health._put = counted  # type: ignore[method-assign, assignment]
    for _ in range(20):
        assert (await wechat.post({**query, "msg_signature": "0" * 40}, body)).status == 403
    for _ in range(100):
        if found := await rows(service, WeChatHealth):
            break
        await asyncio.sleep(0.1)
    assert found[0].refused >= 1
    await wechat.runtime.health.write()
    (row,) = await rows(service, WeChatHealth)
    assert (row.account, row.refused, row.refused_at) == ("city", 20, service.now())
    assert commits <= 2


def test_the_sentence_without_a_day() -> None:
    said = wording.closed(wording.BOARD_OFF, "停电！", None, hotline="12329", now=UNTIL)
    assert said == "网上留言暂停受理：停电。恢复时间另行通知。急事请拨打12329，或到服务窗口办理。"
    assert "预计" not in wording.closed(wording.BOARD_OFF, "停电", UNTIL, hotline="12329", now=UNTIL)
