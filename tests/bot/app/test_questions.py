"""The journey of an app's message: answer, choices or a person; retries are one; reading back; every answer as described."""

import asyncio
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlmodel import func, select

from admin.report.figures import compute
from admin.report.form import form_for
from admin.report.records import read_year
from bot import switches
from bot.openapi import API
from bot.service import Service
from bot.switches import Switch
from knowledge import ledger
from knowledge.tables import LedgerLine, Question, QuestionOriginal, Reply
from knowledge.vocabulary import Channel, ChannelLevel, LedgerKind
from tests.bot.app.conftest import RENT, SEVERAL, UNKNOWN, Answer, App, Connect, Start, account, on_both

OTHER = {"name": "counter", "secret": "another-secret-of-forty-characters-0000"}


async def counts(service: Service) -> tuple[int, ...]:
    async with service.database.reading() as session:
        tables = (Question, Reply, LedgerLine)
        return tuple([(await session.exec(select(func.count()).select_from(table))).one() for table in tables])


async def described(app: App, answer: Answer, path: str) -> Any:
    """The body, after the OpenAPI document has vouched for status, media type and shape."""
    document = await (await app.http.get(f"{API}/openapi.json")).json()
    content = document["paths"][f"/app/{{app}}{path}"]["post"]["responses"][str(answer.status)]["content"]
    Draft202012Validator({**content[answer.kind]["schema"], "components": document["components"]}).validate(answer.json)
    return answer.json


@on_both
async def test_an_answerable_question_is_answered_with_basis_and_counted_once(app: App, service: Service) -> None:
    answer = await app.ask(RENT)
    body = await described(app, answer, "")
    assert (answer.status, body["outcome"], body["id"]) == (201, "answered", "m-1")
    assert "18000" in body["reply"]
    assert body["basis"][0]["title"]
    assert body["answered_by"] == "答复由系统根据政策库自动给出"
    assert await counts(service) == (1, 1, 1)
    async with service.database.reading() as session:
        question, line = (await session.exec(select(Question))).one(), (await session.exec(select(LedgerLine))).one()
    assert (question.channel, question.external_id) == (Channel.APP, "mobile:m-1")
    assert (line.kind, line.channel) == (LedgerKind.APP_REPLY, Channel.APP)


async def test_what_cannot_be_answered_goes_to_a_person_with_date_code_and_password(app: App) -> None:
    body = await described(app, await app.ask(UNKNOWN), "")
    assert (body["outcome"], body["due"]) == ("handed_over", "2026-11-30")
    assert "2026年11月30日" in body["promise"]
    assert (len(body["code"]), len(body["password"])) == (12, 6)
    page = await app.http.post("/lookup", data={"code": body["code"], "password": body["password"]})
    assert UNKNOWN in await page.text()


async def test_choices_are_numbered_and_one_is_picked(app: App) -> None:
    asked = await described(app, await app.ask(SEVERAL), "")
    assert asked["outcome"] == "clarify"
    assert [choice["choice"] for choice in asked["choices"]] == list(range(1, len(asked["choices"]) + 1))
    picked = await app.send("/choice", code=asked["code"], choice=1)
    body = await described(app, picked, "/choice")
    assert (body["state"], bool(body["reply"]), body["id"]) == ("answered", True, "m-1")
    again = await app.send("/choice", code=asked["code"], choice=None)
    assert again.raw == picked.raw


async def test_none_of_the_choices_goes_to_a_person(app: App) -> None:
    asked = (await app.ask(SEVERAL)).json
    body = (await app.send("/choice", code=asked["code"], choice=None)).json
    assert body["state"] == "waiting"
    assert "工作人员" in body["promise"]


@on_both
@pytest.mark.parametrize("text", [RENT, UNKNOWN, SEVERAL])
async def test_retries_in_a_row_at_once_and_after_a_restart_are_one_with_the_same_bytes(
    text: str, start: Start, connect: Connect
) -> None:
    first, second = await start(), await start()
    apps = [await connect(first), await connect(second)]
    answers = await asyncio.gather(*(apps[turn % 2].ask(text) for turn in range(8)))
    apps[0].clock.at = apps[0].clock.at.replace(minute=20)
    answers.append(await (await connect(await start())).ask(text))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.raw for answer in answers}) == 1
    assert (await counts(first))[0] == 1
    async with first.database.reader.connect() as connection:
        assert (await ledger.verify(connection)).fault is None


async def test_a_number_used_for_another_text_is_refused_by_its_field(app: App, service: Service) -> None:
    await app.ask(RENT)
    refused = await app.ask("别的问题")
    body = await described(app, refused, "")
    assert (refused.status, body["field"]) == (422, "id")
    assert (await counts(service))[0] == 1


async def test_two_apps_may_count_alike_and_see_only_their_own(start: Start, connect: Connect) -> None:
    service = await start(account(), OTHER)
    mobile, counter = await connect(service), await connect(service, **OTHER)
    codes = [(await app.ask(UNKNOWN)).json["code"] for app in (mobile, counter)]
    assert codes[0] != codes[1]
    assert (await mobile.state(codes[0])).json["id"] == "m-1"
    for path in ("/state", "/choice"):
        refused = await mobile.send(path, code=codes[1], **({"choice": 1} if path == "/choice" else {}))
        nobody = await mobile.send(path, code="000000000000", **({"choice": 1} if path == "/choice" else {}))
        assert (refused.status, refused.raw) == (404, nobody.raw)


@on_both
@pytest.mark.parametrize("code", ["", "\u0000", "12345678901\u0000", "٣" * 12, "1" * 3000, "1234"])
async def test_a_code_that_is_none_is_told_like_a_wrong_one(code: str, app: App) -> None:
    assert (await app.state(code)).raw == (await app.state("000000000000")).raw
    assert (await app.send("/choice", code=code, choice=1)).status == 404


async def test_questions_of_the_board_are_not_the_apps(app: App) -> None:
    receipt = await (await app.http.post(f"{API}/questions", json={"text": UNKNOWN})).json()
    assert (await app.state(receipt["code"])).status == 404


async def test_a_follow_up_is_read_with_the_question_before(app: App, service: Service) -> None:
    before = (await app.ask(RENT)).json["code"]
    body = (await app.ask("那需要什么材料", "m-2", after=before)).json
    assert body["id"] == "m-2"
    assert (await app.ask("那需要什么材料", "m-3", after="000000000000")).status == 404
    assert (await counts(service))[0] == 2


async def test_personal_data_is_masked_and_kept_apart(app: App, service: Service) -> None:
    code = (await app.ask("手机13812345678，大厅几点关门呀", name="王小明", user="u-77")).json["code"]
    assert "138****5678" in (await app.state(code)).json["text"]
    async with service.database.reading() as session:
        original = (await session.exec(select(QuestionOriginal))).one()
        question = (await session.exec(select(Question))).one()
    assert (original.name, "13812345678" in original.text) == ("王小明", True)
    assert "u-77" not in repr((original, question))


@on_both
async def test_the_years_figures_count_an_app_apart_from_the_board(app: App, service: Service) -> None:
    await app.ask(RENT)
    await app.ask(UNKNOWN, "m-2")
    async with service.database.reading() as session:
        records = await read_year(session, 2026)
    figures = compute(form_for(2026), records)
    assert figures["ledger.app_reply"].value == 1
    assert (figures["questions.app"].value, figures["questions.received"].value) == (2, 2)
    assert not isinstance(figures["ledger.board_reply"].value, int)
    assert not isinstance(figures["questions.board"].value, int)


@pytest.mark.parametrize("level", [ChannelLevel.OFF, ChannelLevel.STAFF_ONLY])
async def test_the_boards_switch_holds_for_the_apps_too(level: ChannelLevel, app: App, service: Service) -> None:
    turned = Switch(level, "系统升级", by="reviewer")
    await switches.turn(service.database, switches.BOARD, turned, service.now())
    await service.switches.refresh()
    answer = await app.ask(RENT)
    if level is ChannelLevel.OFF:
        assert (answer.status, answer.kind) == (503, "application/problem+json")
        assert "系统升级" in answer.json["detail"]
        assert (await counts(service))[0] == 0
    else:
        assert (answer.status, answer.json["outcome"]) == (201, "handed_over")
