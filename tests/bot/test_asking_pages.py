"""Asking through the pages: answers first, nothing typed ever lost, bots held off, looks counted without a trace."""

import gzip
import json
import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text as sql
from sqlmodel import SQLModel, func, select

from bot import deflection
from bot import service as services
from bot.channels import guard
from bot.service import Service
from bot.site import public_app
from knowledge.tables import Question, SuggestionVisit
from tests.bot.conftest import Citizen
from tests.conftest import Clock, Configure

RENT = "威海无房职工租房提取住房公积金，一年最多能提多少？"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TYPED = {"text": "我想问的话", "name": "王小明", "phone": "13800000000", "kind": "help", "public": "yes"}


def token_of(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]


def keeps(page: str) -> bool:
    kept = ("我想问的话</textarea>", 'value="王小明"', 'value="13800000000"', 'value="help" checked')
    return all(piece in page for piece in kept) and 'name="public" value="yes" checked' in page


async def asked(service: Service) -> int:
    async with service.database.reading() as session:
        return (await session.exec(select(func.count()).select_from(Question))).one()


async def test_the_front_page_shows_answers_before_the_form(citizen: Citizen, service: Service) -> None:
    home = await (await citizen.get("/")).text()
    response = await citizen.post("/find", data={"text": "租房一年提多少", "token": token_of(home)})
    page = await response.text()
    assert "先看看这些答复" in page
    assert "/answers/withdrawal.rent.limit.2026?from=" in page
    assert "租房一年提多少</textarea>" in page
    assert token_of(page) == token_of(home)
    assert await asked(service) == 0


async def test_nothing_alike_leads_straight_to_the_form(citizen: Citizen) -> None:
    page = await (await citizen.post("/find", data={"text": "zzz qqq"})).text()
    assert "没有找到现成的答复" in page
    assert "zzz qqq</textarea>" in page
    response = await citizen.post("/find", data={"text": "  "})
    assert response.status == 422


async def test_suggestions_are_approved_in_force_and_of_here(citizen: Citizen, service: Service) -> None:
    for said in ("租房", "贷款最多", "公积金", "进度怎么查"):
        found = await (await citizen.post("/suggest", data={"text": said})).json()
        for match in found["matches"]:
            entry = service.current.entries[match["url"].split("/")[2].split("?")[0]]
            assert entry.in_force(date(2026, 11, 23))
            assert entry.level.value in "AB"
            assert entry.region in service.current.engine.regions
    assert (await (await citizen.post("/suggest", data={"text": ""})).json()) == {"matches": []}


async def rates(service: Service) -> tuple[int, int, int]:
    async with service.database.reading() as session:
        found = await deflection.rates(session, date(2026, 1, 1), date(2026, 12, 31))
    return found.shown, found.opened, found.spared


async def test_looks_are_counted_once_each_and_hold_nothing_personal(citizen: Citizen, service: Service) -> None:
    token = token_of(await (await citizen.get("/")).text())
    for said in ("租房", "租房提取", "租房提取一年"):
        found = await (await citizen.post("/suggest", data={"text": said, "token": token})).json()
    assert await rates(service) == (1, 0, 0)
    for match in (found["matches"][0], found["matches"][0]):
        assert (await citizen.get(match["url"])).status == 200
    await citizen.get("/answers/withdrawal.rent.limit.2026?from=" + "0" * 32)
    assert await rates(service) == (1, 1, 1)
    await citizen.post("/ask", data={"text": "我是王小明，还想问租房提取", "token": token, "looked": "1"})
    assert await rates(service) == (1, 1, 0)
    async with service.database.reading() as session:
        row = (await session.exec(select(SuggestionVisit))).one()
    assert set(row.model_dump()) == {"mark", "day", "opened", "asked"}
    assert token not in json.dumps(row.model_dump(), default=str)


async def test_a_mark_of_somebody_s_own_making_is_not_counted(citizen: Citizen, service: Service) -> None:
    for token in ("", "x", "0000000000-" + "0" * 16 + "-" + "0" * 16):
        await citizen.post("/suggest", data={"text": "租房提取", "token": token})
        await citizen.post("/find", data={"text": "租房提取", "token": token})
    assert await rates(service) == (0, 0, 0)


async def test_counting_never_stands_in_the_way(
    citizen: Citizen, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    token = token_of(await (await citizen.get("/")).text())
    async with service.database.writing_core() as connection:
        await connection.execute(sql("ALTER TABLE suggestion_visit RENAME TO away"))
    try:
        response = await citizen.post("/suggest", data={"text": "租房提取", "token": token})
        assert (await response.json())["matches"]
        assert (await citizen.get("/answers/withdrawal.rent.limit.2026?from=x")).status == 200
        assert "was not counted" in caplog.text
    finally:
        async with service.database.writing_core() as connection:
            await connection.execute(sql("ALTER TABLE away RENAME TO suggestion_visit"))


async def test_an_answer_past_its_time_is_named_but_not_told(citizen: Citizen, service: Service) -> None:
    assert (await citizen.get("/answers/loan.limit.2026")).status == 200
    response = await citizen.get("/answers/loan.limit.2025")
    page = await response.text()
    assert response.status == 410
    assert "/answers/loan.limit.2026" in page
    assert service.current.entries["loan.limit.2025"].answer[:20] not in page
    assert (await citizen.get("/answers/account.progress")).status == 404  # not verified
    assert (await citizen.get("/answers/no.such")).status == 404


async def test_every_topic_lists_its_answers(citizen: Citizen) -> None:
    assert "/answers/loan.limit.2026" in await (await citizen.get("/answers?topic=贷款")).text()
    assert (await citizen.get("/answers?topic=天气")).status == 404
    assert (await citizen.get("/answers")).status == 404


async def test_a_form_beyond_the_limit_comes_back_with_what_arrived(citizen: Citizen, service: Service) -> None:
    body = b"name=%E7%8E%8B&phone=abc&text=" + b"a" * 3_000_000
    response = await citizen.post("/ask", data=BytesIO(body), headers=FORM)
    page = await response.text()
    assert response.status == 413
    assert 'value="王"' in page
    assert "a" * 100_000 in page
    assert await asked(service) == 0


async def test_too_often_and_storage_away_keep_what_was_typed(
    configure: Configure, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await services.start(configure(questions_per_minute=1, form_seconds_min=0), now=clock)
    try:
        async with TestClient(TestServer(public_app(service))) as client:
            await client.post("/ask", data=TYPED)
            response = await client.post("/ask", data=TYPED)
            assert response.status == 429
            assert response.headers["Retry-After"]
            assert keeps(await response.text())
    finally:
        await service.stop()


async def test_storage_away_keeps_what_was_typed(configure: Configure, clock: Clock) -> None:
    service = await services.start(configure(form_seconds_min=0), now=clock)
    await service.receiver.stop()
    try:
        async with TestClient(TestServer(public_app(service))) as client:
            response = await client.post("/ask", data=TYPED)
            assert response.status == 503
            assert keeps(await response.text())
    finally:
        await service.stop()


@pytest.fixture
async def guarded(configure: Configure, clock: Clock) -> Any:
    service = await services.start(configure(form_seconds_min=3), now=clock)
    async with TestClient[web.Request, web.Application](TestServer(public_app(service))) as client:
        yield client
    await service.stop()


async def test_a_form_sent_at_once_comes_back_and_passes_a_moment_later(guarded: Citizen, clock: Clock) -> None:
    token = token_of(await (await guarded.get("/ask")).text())
    response = await guarded.post("/ask", data={**TYPED, "token": token})
    page = await response.text()
    assert response.status == 422
    assert guard.TOO_FAST in page
    assert keeps(page)
    assert token_of(page) == token
    clock.at += timedelta(seconds=3)
    assert (await guarded.post("/ask", data={**TYPED, "token": token})).status == 200


async def test_the_trap_is_shown_once_it_is_filled(guarded: Citizen, clock: Clock) -> None:
    page = await (await guarded.get("/ask")).text()
    assert 'class="trap" aria-hidden="true"' in page
    response = await guarded.post("/ask", data={**TYPED, guard.TRAP: "http://x"})
    page = await response.text()
    assert response.status == 422
    assert keeps(page)
    assert 'class="trap" data-shown="1"' in page
    assert (await guarded.post("/ask", data={**TYPED, guard.TRAP: ""})).status == 200


@pytest.mark.parametrize("token", ["", "x", "0000000000-" + "0" * 16 + "-" + "0" * 16, "9" * 64])
def test_a_token_that_is_not_ours_tells_no_time(token: str, clock: Clock) -> None:
    assert guard.opened_at(token, b"key") is None
    mine = guard.new_token(b"key", clock.at)
    assert guard.opened_at(mine, b"key") == clock.at
    assert guard.opened_at(mine, b"other") is None


async def test_a_wrong_password_in_a_follow_up_keeps_the_text_also_beyond_the_limit(citizen: Citizen) -> None:
    statuses = []
    for _ in range(22):
        response = await citizen.post("/ask", data={**TYPED, "after": "123456789012", "after_password": "000000"})
        statuses.append(response.status)
        page = await response.text()
        assert keeps(page)
        assert "123456789012" not in page
    assert (statuses[0], statuses[-1]) == (422, 429)


@pytest.mark.parametrize(
    ("back", "leads"),
    [("/board?page=2", "/board?page=2"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil", "/"),
     ("/a\r\nX: 1", "/"), ("", "/")],
)  # fmt: skip
async def test_the_display_is_kept_in_cookies_and_leads_back_only_here(citizen: Citizen, back: str, leads: str) -> None:
    form = {"theme": "dark", "elder": "1", "back": back}
    response = await citizen.post("/display", data=form, allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, leads)
    assert {cookie.key: cookie.value for cookie in response.cookies.values()} == {"theme": "dark", "elder": "1"}
    assert all(cookie["httponly"] and cookie["samesite"] == "Lax" for cookie in response.cookies.values())
    citizen.session.cookie_jar.clear()
    page = await (await citizen.get("/", headers={"Cookie": "theme=dark; elder=1"})).text()
    assert 'data-theme="dark" data-elder' in page
    page = await (await citizen.get("/", headers={"Cookie": 'theme="><script>; elder=9'})).text()
    assert 'data-theme="auto">' in page


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/choose", 405), ("/board?page=x", 422)])
async def test_an_error_says_what_to_do(citizen: Citizen, path: str, status: int) -> None:
    response = await citizen.get(path)
    page = await response.text()
    assert response.status == status
    assert "您可以" in page
    assert "12329" in page


async def test_pages_need_nothing_from_elsewhere_and_weigh_little(citizen: Citizen) -> None:
    page = await (await citizen.get("/")).text()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!www\.)', page.replace("tel:", ""))
    assert "style=" not in page
    assert not re.search(r"\son\w+=", page)
    total = 0
    for address in ("/", *re.findall(r'(?:src|href)="(/static/[^"]+)"', page)):
        response = await citizen.get(address, headers={"Accept-Encoding": "gzip"})
        total += len(gzip.compress(await response.read()))
        if address != "/":
            assert "immutable" in response.headers["Cache-Control"]
    assert total < 60 * 1024


def test_every_table_of_citizens_is_known() -> None:
    assert {"opinion", "earlier_reply", "follow_up", "suggestion_visit"} <= set(SQLModel.metadata.tables)
