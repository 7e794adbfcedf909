"""After the reply: opinions once each, 答非所问 in one step and one count, supplements, the story the asker reads."""

import asyncio
import re
from datetime import date, timedelta

import pytest
from sqlmodel import func, select

from admin.report.records import read_year
from bot import afterwards, replies
from bot.service import Service
from knowledge import ledger
from knowledge.tables import (
    Conversation,
    Delivery,
    EarlierReply,
    FollowUp,
    LedgerLine,
    Opinion,
    Question,
    QuestionEvent,
    QuestionOriginal,
    Reply,
    Staff,
    WeChatUser,
)
from knowledge.vocabulary import Channel, LedgerKind, QuestionState
from tests.bot.conftest import Citizen
from tests.conftest import Clock

RENT = "威海无房职工租房提取住房公积金，一年最多能提多少？"
STRANGE = "大厅门口的石狮子是谁捐的"
WANG = replies.Author("wang", "小王")


async def ask(citizen: Citizen, text: str, **more: str) -> dict[str, str]:
    page = await (await citizen.post("/ask", data={"text": text, **more})).text()
    found = re.search(r'name="after" value="(\d{12})".*?name="after_password" value="(\d{6})"', page, re.DOTALL)
    assert found
    return {"code": found[1], "password": found[2]}


async def rate(citizen: Citizen, mine: dict[str, str], verdict: str, note: str = "") -> tuple[int, str]:
    response = await citizen.post("/rate", data={**mine, "verdict": verdict, "note": note})
    return response.status, await response.text()


async def only(service: Service) -> Question:
    async with service.database.reading() as session:
        return (await session.exec(select(Question))).one()


async def publish(service: Service, question: Question, text: str) -> None:
    await replies.publish(
        service.database, question.id or 0, text, WANG,
        version=question.version, at=service.now(), public=False, address="",
    )  # fmt: skip


async def test_useful_is_kept_once(citizen: Citizen, service: Service) -> None:
    mine = await ask(citizen, RENT)
    status, page = await rate(citizen, mine, "useful")
    assert status == 200
    assert "您的评价：有用" in page
    status, page = await rate(citizen, mine, "not_met", "还是想问人")
    assert status == 409
    assert afterwards.OPINION_TWICE in page
    assert (await only(service)).state == QuestionState.ANSWERED
    async with service.database.reading() as session:
        assert (await session.exec(select(func.count()).select_from(Opinion))).one() == 1


async def test_not_met_reopens_in_one_step_and_counts_once(citizen: Citizen, service: Service, clock: Clock) -> None:
    mine = await ask(citizen, RENT)
    clock.at += timedelta(days=8)
    status, page = await rate(citizen, mine, "not_met", "我问的是按月提，电话13812345678")
    assert status == 200
    assert "已经转给工作人员重新答复" in page
    assert "138****5678" in page
    assert "13812345678" not in page
    question = await only(service)
    assert (question.state, question.reason, question.outcome) == ("waiting", "not_met", "answered")
    assert question.due == date(2026, 12, 8)
    await publish(service, question, "按月可以提。")
    _, page = await rate(citizen, mine, "useful")
    assert "按月可以提。" in page
    assert "您的评价：有用" in page
    async with service.database.reading() as session:
        first, second = (await session.exec(select(LedgerLine).order_by("seq"))).all()
        assert (second.corrects, second.question_id) == (first.seq, question.id)
        assert (await session.exec(select(func.count()).select_from(Reply))).one() == 1
        assert (await session.exec(select(EarlierReply.by))).one() == "system"
        original = (await session.exec(select(QuestionOriginal))).one()
        assert "13812345678" in original.text
    async with service.database.reader.connect() as connection:
        assert (await ledger.verify(connection)).fault is None
    async with service.database.reading() as session:
        records = await read_year(session, 2026)
    board = {who: tally.quantity for (kind, who), tally in records.ledger.items() if kind == LedgerKind.BOARD_REPLY}
    assert sum(board.values()) == 1
    assert records.questions["board"].quantity == 1


async def test_reopened_at_once_from_two_windows_is_one_opinion(citizen: Citizen, service: Service) -> None:
    mine = await ask(citizen, RENT)
    results = await asyncio.gather(*(rate(citizen, mine, "not_met") for _ in range(4)))
    assert sorted(status for status, _ in results)[0] == 200
    assert {status for status, _ in results} <= {200, 409, 422}
    async with service.database.reading() as session:
        assert (await session.exec(select(func.count()).select_from(Opinion))).one() == 1
        assert (await session.exec(select(func.count()).select_from(EarlierReply))).one() == 1


async def test_a_repeated_message_gets_the_same_receipt_after_reopening(citizen: Citizen) -> None:
    form = {"text": RENT, "token": "mark"}
    first = await (await citizen.post("/ask", data=form)).text()
    found = re.search(r'name="after" value="(\d{12})".*?name="after_password" value="(\d{6})"', first, re.DOTALL)
    assert found
    await rate(citizen, {"code": found[1], "password": found[2]}, "not_met")
    again = await (await citizen.post("/ask", data=form)).text()
    assert found[1] in again
    assert "18000" in again


async def test_a_follower_s_question_reopened_gets_its_second_reply_sent(citizen: Citizen, service: Service) -> None:
    """The outbox has one place for each question: the reply taken back leaves it."""
    mine = await ask(citizen, STRANGE)
    async with service.database.writing() as session:
        session.add(WeChatUser(key="u", account="a", openid="o", since=service.now()))
        question = (await session.exec(select(Question))).one()
        question.channel = Channel.WECHAT
        session.add(question)
        await session.flush()
        session.add(Conversation(question_id=question.id or 0, user_key="u"))
    await publish(service, await only(service), "第一次")
    assert (await rate(citizen, mine, "not_met"))[0] == 200
    await publish(service, await only(service), "第二次")
    async with service.database.reading() as session:
        sent = (await session.exec(select(Delivery.text, Delivery.state, Delivery.question_id).order_by("id"))).all()
    assert sent == [("", "expired", None), ("第二次", "queued", 1)]


async def test_a_tampered_earlier_reply_shows(citizen: Citizen, service: Service) -> None:
    await rate(citizen, await ask(citizen, RENT), "not_met")
    async with service.database.writing() as session:
        earlier = (await session.exec(select(EarlierReply))).one()
        earlier.text = "改过的"
        session.add(earlier)
    async with service.database.reader.connect() as connection:
        verdict = await ledger.verify(connection)
    assert verdict.fault == "第 1 行登记的回复，正文与登记时不一致"


@pytest.mark.parametrize(("verdict", "note"), [("best", ""), ("", ""), ("not_met", "长" * 301), ("useful", "a\x00b")])
async def test_a_bad_opinion_changes_nothing_and_keeps_the_note(
    citizen: Citizen, service: Service, verdict: str, note: str
) -> None:
    mine = await ask(citizen, RENT)
    status, page = await rate(citizen, mine, verdict, note)
    assert status == 422
    assert 'role="alert"' in page
    assert note.replace("\x00", "") in page.replace("\x00", "")
    async with service.database.reading() as session:
        assert (await session.exec(select(func.count()).select_from(Opinion))).one() == 0


async def test_a_supplement_joins_the_story_masked(citizen: Citizen, service: Service) -> None:
    mine = await ask(citizen, STRANGE)
    response = await citizen.post("/supplement", data={**mine, "more": "身份证 110105194912310 02X，请看"})
    page = await response.text()
    assert response.status == 200
    assert "您补充了说明" in page
    assert "11*************02X" in page
    async with service.database.reading() as session:
        original = (await session.exec(select(QuestionOriginal))).one()
        events = (await session.exec(select(QuestionEvent.note).where(QuestionEvent.actor == "citizen"))).all()
    assert original.text.startswith(STRANGE)
    assert "110105194912310 02X" in original.text
    assert events == ["补充：身份证 11*************02X，请看"]
    await publish(service, await only(service), "答复")
    response = await citizen.post("/supplement", data={**mine, "more": "还有一句"})
    assert response.status == 409
    assert "还有一句" in await response.text()


async def test_too_many_supplements_are_refused_with_the_text_kept(citizen: Citizen) -> None:
    mine = await ask(citizen, STRANGE)
    for number in range(5):
        assert (await citizen.post("/supplement", data={**mine, "more": f"第{number}句"})).status == 200
    response = await citizen.post("/supplement", data={**mine, "more": "第六句话"})
    assert response.status == 422
    assert "第六句话</textarea>" in await response.text()


async def test_a_wrong_password_loses_no_supplement_and_a_limit_neither(citizen: Citizen) -> None:
    mine = await ask(citizen, STRANGE)
    wrong = {**mine, "password": f"{(int(mine['password']) + 1) % 10**6:06d}", "more": "要补充的话"}
    statuses = []
    for _ in range(22):
        response = await citizen.post("/supplement", data=wrong)
        statuses.append(response.status)
        assert "要补充的话</textarea>" in await response.text()
    assert statuses[0] == 404
    assert statuses[-1] == 429


async def test_the_carried_text_is_in_the_form_once_the_password_is_right(citizen: Citizen) -> None:
    mine = await ask(citizen, STRANGE)
    page = await (await citizen.post("/lookup", data={**mine, "more": "刚才写的"})).text()
    assert "刚才写的</textarea>" in page


async def test_the_story_names_no_staff_and_a_late_one_says_so(
    citizen: Citizen, service: Service, clock: Clock
) -> None:
    mine = await ask(citizen, STRANGE)
    async with service.database.writing() as session:
        session.add(Staff(username="wang", name="王某某", role="clerk", password_hash="x", created_at=service.now()))
    question = await only(service)
    await replies.save_draft(
        service.database, question.id or 0, "内部拟稿", WANG, version=question.version, at=service.now()
    )
    clock.at += timedelta(days=30)
    page = await (await citizen.post("/lookup", data=mine)).text()
    assert "收到您的留言" in page
    assert "工作人员正在办理" in page
    assert "答复晚了，对不起" in page
    assert "内部拟稿" not in page
    assert "wang" not in page
    assert "王某某" not in page


async def test_a_follow_up_is_linked_both_ways(citizen: Citizen, service: Service) -> None:
    mine = await ask(citizen, RENT)
    later = await ask(citizen, "那可以按月提吗", after=mine["code"], after_password=mine["password"])
    async with service.database.reading() as session:
        assert (await session.exec(select(FollowUp.question_id, FollowUp.after_id))).one() == (2, 1)
    assert later["code"] in await (await citizen.post("/lookup", data=mine)).text()
    assert mine["code"] in await (await citizen.post("/lookup", data=later)).text()
