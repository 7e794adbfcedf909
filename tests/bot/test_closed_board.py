"""The board's switch on the public pages: closed, and with automatic answers off; nothing typed lost, nothing answered."""

import re
from datetime import date

import pytest

from bot import switches
from bot.service import Service
from bot.switches import Switch
from knowledge.vocabulary import ChannelLevel
from tests.bot.conftest import Citizen

RENT = "威海无房职工租房提取住房公积金，一年最多能提多少？"
ANSWER = "/answers/withdrawal.rent.limit.2026"
SAID = "网上留言暂停受理：系统升级。预计2026年11月30日恢复。"
OFF = Switch(ChannelLevel.OFF, "系统升级", date(2026, 11, 30), by="reviewer")
HELD = Switch(ChannelLevel.STAFF_ONLY, "条目有误", by="reviewer")


async def turn(service: Service, switch: Switch) -> None:
    await switches.turn(service.database, switches.BOARD, switch, service.now())
    await service.switches.refresh()


async def sent(citizen: Citizen, text: str) -> dict[str, str]:
    page = await (await citizen.post("/ask", data={"text": text})).text()
    fields = {name: re.search(rf'name="{name}" value="(\d+)"', page) for name in ("code", "password")}
    return {name: found[1] for name, found in fields.items() if found}


@pytest.mark.parametrize("path", ["/", "/ask"])
async def test_where_questions_are_asked_the_reason_stands_instead(
    citizen: Citizen, service: Service, path: str
) -> None:
    await turn(service, OFF)
    response = await citizen.get(path)
    page = await response.text()
    assert response.status == 200
    assert SAID in page
    assert "<title>暂停受理" in page
    assert 'name="text"' not in page
    assert '<a href="/lookup">查询答复</a>' in page


@pytest.mark.parametrize("path", ["/ask", "/find"])
async def test_what_is_typed_into_a_closed_board_comes_back(citizen: Citizen, service: Service, path: str) -> None:
    await turn(service, OFF)
    response = await citizen.post(path, data={"text": RENT, "name": "王小明"})
    page = await response.text()
    assert response.status == 503
    assert int(response.headers["Retry-After"]) > 86400
    assert SAID in page
    assert f"{RENT}</textarea>" in page
    assert "/answers/" not in page


@pytest.mark.parametrize("switch", [OFF, HELD])
async def test_no_approved_answer_is_shown_by_itself(citizen: Citizen, service: Service, switch: Switch) -> None:
    assert (await (await citizen.post("/suggest", data={"text": RENT})).json())["matches"]
    assert ANSWER in await (await citizen.get("/")).text()
    await turn(service, switch)
    assert (await (await citizen.post("/suggest", data={"text": RENT})).json())["matches"] == []
    assert "/answers/" not in await (await citizen.get("/")).text()
    for path in (ANSWER, "/answers?topic=提取"):
        response = await citizen.get(path)
        assert response.status == 503
        assert "Retry-After" in response.headers
    assert (await citizen.get("/answers/never.was")).status == 404


async def test_with_automatic_answers_off_a_question_goes_straight_to_the_form(
    citizen: Citizen, service: Service
) -> None:
    await turn(service, HELD)
    page = await (await citizen.post("/find", data={"text": RENT})).text()
    assert "<h1>提交您的问题</h1>" in page
    assert "没有找到" not in page
    assert "自动答复暂停使用，由工作人员答复。" in page
    assert f"{RENT}</textarea>" in page
    assert "马上" not in await (await citizen.get("/ask")).text()


async def test_one_s_own_question_is_still_there_but_nothing_can_follow_it(citizen: Citizen, service: Service) -> None:
    own = await sent(citizen, RENT)
    await turn(service, OFF)
    page = await (await citizen.post("/lookup", data=own)).text()
    assert SAID in page
    assert 'action="/ask"' not in page
    after = {"text": "那要什么材料？", "after": own["code"], "after_password": own["password"]}
    refused = await citizen.post("/ask", data=after)
    assert refused.status == 503
    assert "那要什么材料？</textarea>" in await refused.text()
    assert (await citizen.post("/rate", data=own | {"verdict": "not_met", "note": "没答到"})).status == 200
    assert (await citizen.post("/supplement", data=own | {"more": "还有一点"})).status == 200


async def test_what_is_public_can_be_read_while_the_board_is_closed(citizen: Citizen, service: Service) -> None:
    await turn(service, OFF)
    for path in ("/board", "/board/feed.xml", "/policies", "/lookup", "/privacy", "/applications/new", "/sitemap.xml"):
        assert (await citizen.get(path)).status == 200, path
