"""The door to WeChat's servers: one token for all, fetched again once, and every outcome told apart."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.channels import wechat_api
from bot.channels.wechat_api import WeChatApi
from bot.channels.wechat_codes import CODES, ApiError, UncertainError, UnreachableError
from bot.sending import Refused, Sent, Uncertain, Unreachable, WhatToDo
from knowledge.channel_settings import WeChatAccount
from tests.bot.wechat.conftest import APPID, OPENID, FakeServer, account

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def door(api: FakeServer, session: aiohttp.ClientSession) -> WeChatApi:
    given = account(customer_messages=True, secret=SECRET, api_url=api.url)
    return WeChatApi(WeChatAccount.model_validate(given), session)


async def test_many_calls_at_once_fetch_one_token(door: WeChatApi, api: FakeServer) -> None:
    await asyncio.gather(*(door.send_text(OPENID, f"第{number}条") for number in range(20)))
    assert api.to("stable_token") == [
        {"grant_type": "client_credential", "appid": APPID, "secret": SECRET, "force_refresh": False}
    ]
    assert len(api.to("custom/send")) == 20
    assert api.to("custom/send")[0]["touser"] == OPENID


async def test_a_refused_token_is_fetched_again_once_and_the_call_repeated(door: WeChatApi, api: FakeServer) -> None:
    assert await door.send_text(OPENID, "一") == Sent()
    api.valid = "TOKEN-2"
    results = await asyncio.gather(*(door.send_text(OPENID, "二") for _ in range(10)))
    assert set(results) == {Sent()}
    assert len(api.to("stable_token")) == 2


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_token_that_stays_bad_makes_no_storm(code: int, door: WeChatApi, api: FakeServer) -> None:
    api.plan["send"] = [{"errcode": code, "errmsg": "no"}] * 100
    outcomes = [await door.send_text(OPENID, "一") for _ in range(5)]
    assert all(isinstance(outcome, Refused) and outcome.what_to_do is WhatToDo.RETRY_LATER for outcome in outcomes)
    assert len(api.to("custom/send")) == 10
    forced = [call for call in api.to("stable_token") if call["force_refresh"]]
    assert len(api.to("stable_token")) <= 8
    assert len(forced) == 1


async def test_a_token_is_renewed_before_it_ends(api: FakeServer, session: aiohttp.ClientSession) -> None:
    moment = [1000.0]
    given = account(secret=SECRET, api_url=api.url)
    door = WeChatApi(WeChatAccount.model_validate(given), session, lambda: moment[0])
    await door.token()
    moment[0] += 7200 - 241
    await door.token()
    assert len(api.to("stable_token")) == 1
    moment[0] += 2
    await door.token()
    assert len(api.to("stable_token")) == 2


@pytest.mark.parametrize("code", [*sorted(set(CODES) - {40001, 40014, 42001}), 99999])
async def test_every_code_says_what_to_do(code: int, door: WeChatApi, api: FakeServer) -> None:
    api.plan["send"] = [{"errcode": code, "errmsg": "no rid: 67-ab"}]
    outcome = await door.send_text(OPENID, "一")
    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert outcome.note.endswith("。")
    assert len(api.to("custom/send")) == 1


async def test_no_token_means_nothing_was_sent(door: WeChatApi, api: FakeServer) -> None:
    api.plan["stable_token"] = [{"errcode": 40164, "errmsg": "invalid ip, not in whitelist"}]
    outcome = await door.send_text(OPENID, "一")
    assert isinstance(outcome, Refused)
    assert "白名单" in outcome.note
    assert not api.to("custom/send")


async def test_a_server_that_is_not_there_was_not_reached(session: aiohttp.ClientSession) -> None:
    given = account(customer_messages=True, secret=SECRET, api_url="http://127.0.0.1:9")
    outcome = await WeChatApi(WeChatAccount.model_validate(given), session).send_text(OPENID, "一")
    assert isinstance(outcome, Unreachable)


async def silent(_request: web.Request) -> web.Response:
    await asyncio.sleep(5)
    return web.json_response({"errcode": 0})


async def dropping(request: web.Request) -> web.Response:
    assert request.transport
    request.transport.close()
    return web.Response()


async def busy(_request: web.Request) -> web.Response:
    return web.Response(status=503, text="<html>busy</html>")


async def not_json(_request: web.Request) -> web.Response:
    return web.Response(text="<html>")


@pytest.mark.parametrize("answer", [silent, dropping, busy, not_json])
async def test_where_nobody_knows_it_is_uncertain_and_tried_once(
    answer: Any, door: WeChatApi, api: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wechat_api, "TIMEOUT", aiohttp.ClientTimeout(total=0.3))
    api.plan["send"] = [answer]
    assert isinstance(await door.send_text(OPENID, "一"), Uncertain)
    assert len(api.to("custom/send")) == 1


async def test_menu_and_addresses(door: WeChatApi, api: FakeServer) -> None:
    menu = {"button": [{"type": "click", "name": "公积金", "key": "K"}]}
    api.plan |= {"get": [{"menu": menu}], "getcallbackip": [{"ip_list": ["127.0.0.1"]}]}
    await door.create_menu(menu)
    await door.delete_menu()
    assert await door.menu() == {"menu": menu}
    assert await door.callback_addresses() == ["127.0.0.1"]
    assert api.to("menu/create") == [menu]


async def test_errors_carry_the_number_support_asks_for(door: WeChatApi, api: FakeServer) -> None:
    api.plan["get"] = [{"errcode": 46003, "errmsg": "menu no exist rid: 65-1-a"}]
    with pytest.raises(ApiError, match="46003 rid: 65-1-a"):
        await door.menu()
    api.plan["get"] = [not_json]
    with pytest.raises(UncertainError):
        await door.menu()
    api.plan["stable_token"] = [busy]
    with pytest.raises(UnreachableError):
        await door.token(instead_of="TOKEN-1")
