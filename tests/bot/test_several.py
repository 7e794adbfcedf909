"""Several questions in one message, and questions that follow others, through the board and the API."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from bot import wording
from bot.openapi import API
from bot.service import Service
from knowledge.tables import LedgerLine, Question, QuestionEvent, Reply
from tests.bot.conftest import Citizen
from tests.bot.test_api import checked
from tests.conftest import Clock

RENT, RATE = "租房一年能取多少公积金", "公积金账户里的存款利率是多少"
STRANGE = "大厅门口的石狮子是谁捐的"
BOTH, HALF = f"{RENT}？{RATE}？", f"{RENT}？{STRANGE}？"


async def ask(citizen: Citizen, text: str, **more: str) -> tuple[str, dict[str, str]]:
    """Ask on the board; the page, and code and password as the page hands them on."""
    response = await citizen.post("/ask", data={"text": text, **more})
    page = await response.text()
    assert response.status == 200
    found = re.search(r'name="after" value="(\d{12})".*?name="after_password" value="(\d{6})"', page, re.DOTALL)
    assert found
    return page, {"code": found[1], "password": found[2]}


async def stored(service: Service) -> list[Question]:
    async with service.database.reading() as session:
        return list((await session.exec(select(Question).order_by("id"))).all())


async def test_two_questions_answered_are_one_reply_one_count_and_both_are_named(
    citizen: Citizen, service: Service
) -> None:
    page, _ = await ask(citizen, BOTH)
    assert (
        page.index("一、关于“威海无房职工租房提取")
        < page.index("18000")
        < page.index("二、关于“公积金账户里的存款利率")
    )
    async with service.database.reading() as session:
        reply = (await session.exec(select(Reply))).one()
        line = (await session.exec(select(LedgerLine))).one()
    assert reply.entry_key == "withdrawal.rent.limit.2026"
    assert len({basis["title"] for basis in reply.basis}) > 1
    assert line.quantity == 1
    assert line.source == "withdrawal.rent.limit.2026、rate.deposit"
    assert "威海无房职工租房提取住房公积金，一年最多能提多少？；公积金账户里的存款利率是多少？" in line.title


async def test_an_open_question_leaves_all_to_a_person_and_the_sure_one_is_read_at_once(
    citizen: Citizen, service: Service
) -> None:
    page, mine = await ask(citizen, HALF)
    assert "您问了几件事，由工作人员一并答复。工作人员最晚在2026年11月30日前答复您" in page
    assert wording.READ_NOW in page
    assert "18000" not in page
    read = await (await citizen.post("/choose", data={**mine, "choice": "1"})).text()
    assert "18000" in read
    assert "最晚在2026年11月30日前答复您" in read
    async with service.database.reading() as session:
        assert (await session.exec(select(Reply))).all() == []
        assert (await session.exec(select(LedgerLine))).all() == []
        question = (await session.exec(select(Question))).one()
    assert question.state == "waiting"


async def test_a_choice_that_leaves_a_question_open_does_not_end_the_message(
    citizen: Citizen, service: Service
) -> None:
    _, mine = await ask(citizen, "存款利率多少？租房一次提多少？")
    question = (await stored(service))[0]
    assert (question.state, len(question.explanation["parts"])) == ("clarifying", 2)
    page = await (await citizen.post("/choose", data={**mine, "choice": "1"})).text()
    assert wording.REST_TO_STAFF in page
    question = (await stored(service))[0]
    assert (question.state, question.reason) == ("waiting", "several_asked")
    async with service.database.reading() as session:
        assert (await session.exec(select(Reply))).all() == []
        events = (await session.exec(select(QuestionEvent).order_by("id"))).all()
    assert events[-1].note == question.choices[0]["entry"]


async def test_the_api_gives_the_text_to_read_and_keeps_its_promise(citizen: Citizen) -> None:
    response = await citizen.post(f"{API}/questions", json={"text": HALF})
    receipt = await checked(citizen, response, f"{API}/questions", "post")
    assert (receipt["outcome"], receipt["reason"], receipt["due"]) == ("handed_over", "several_asked", "2026-11-30")
    assert receipt["choices"][0]["label"] == "租房提取额度"
    assert receipt["choices"][0]["question"].startswith("威海无房职工租房提取")
    path = f"{API}/questions/{receipt['code']}/choice"
    for _ in range(2):
        response = await citizen.post(path, json={"password": receipt["password"], "choice": 1})
        body = await checked(citizen, response, f"{API}/questions/{{code}}/choice", "post")
        assert "18000" in body["read"]["reply"]
        assert body["read"]["basis"]
        assert (body["state"], "reply" in body) == ("waiting", False)


async def test_what_is_personal_in_a_part_is_masked_for_staff(citizen: Citizen, service: Service) -> None:
    await ask(citizen, f"{RENT}？手机13812345678能收到短信吗？")
    kept = (await stored(service))[0].explanation["parts"]
    assert len(kept) == 2
    assert "12345678" not in str(kept)


async def test_choices_name_what_tells_them_apart(citizen: Citizen) -> None:
    page, _ = await ask(citizen, "租房提取")
    assert re.search("您问的是哪一种情况：租房[^：。]+、租房[^：。]+还是租房[^：。]+？选中后", page)


async def test_a_follow_up_on_the_board_is_read_with_the_question_before(citizen: Citizen, service: Service) -> None:
    _, mine = await ask(citizen, RENT)
    before = {"after": mine["code"], "after_password": mine["password"]}
    await ask(citizen, "那可以按月提吗")
    await ask(citizen, "那可以按月提吗", **before)
    alone, followed = (await stored(service))[1:]
    assert alone.choices == []
    assert "withdrawal.rent.monthly" in [choice["entry"] for choice in followed.choices]
    assert followed.text == "那可以按月提吗"


@pytest.mark.parametrize("wrong", ["password", "late"])
async def test_a_stranger_s_topic_or_an_old_one_is_not_taken(
    wrong: str, citizen: Citizen, service: Service, clock: Clock
) -> None:
    _, mine = await ask(citizen, RENT)
    password = mine["password"]
    if wrong == "late":
        clock.at += timedelta(minutes=31)
    else:
        password = f"{(int(password) + 1) % 10**6:06d}"
    follow_up = {"text": "那可以按月提吗", "after": mine["code"], "after_password": password}
    if wrong == "password":
        response = await citizen.post("/ask", data=follow_up)
        page = await response.text()
        assert (response.status, len(await stored(service))) == (422, 1)
        assert "那可以按月提吗</textarea>" in page
        assert mine["code"] not in page
        del follow_up["after"], follow_up["after_password"]
    await ask(citizen, **follow_up)
    assert (await stored(service))[1].choices == []
