"""The webhook: who gets in, in which mode, and that nobody else does."""

import asyncio
import gzip
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlmodel import func, select

from bot.service import Service
from knowledge.tables import WeChatPush
from tests.bot.wechat.conftest import (
    ANSWERABLE,
    APPID,
    KEY,
    OLD_KEY,
    OPENID,
    TOKEN,
    Connect,
    FakeWeChat,
    Start,
    account,
    seal,
    signature,
    xml,
)
from tests.conftest import Clock

MODES = ("safe", "compatible", "plain")


async def pushes(service: Service) -> int:
    async with service.database.reading() as session:
        return (await session.exec(select(func.count()).select_from(WeChatPush))).one()


@pytest.mark.parametrize("mode", MODES)
async def test_the_echo_comes_back_verbatim_in_every_mode(mode: str, start: Start, connect: Connect) -> None:
    wechat = await connect(await start(account(mode=mode)))
    response = await wechat.http.get(wechat.path, params={**wechat.query(), "echostr": "4375120948345356249"})
    assert (response.status, await response.text()) == (200, "4375120948345356249")
    assert response.content_type == "text/plain"


@pytest.mark.parametrize("wrong", [{"signature": "0" * 40}, {"signature": ""}, {"nonce": "other"}, {"timestamp": "1"}])
async def test_a_wrong_signature_gets_no_echo(wechat: FakeWeChat, wrong: dict[str, str]) -> None:
    response = await wechat.http.get(wechat.path, params={**wechat.query(), "echostr": "4375120948345356249", **wrong})
    assert response.status == 403
    assert "4375120948345356249" not in await response.text()


async def test_an_account_that_is_not_there(wechat: FakeWeChat) -> None:
    response = await wechat.http.get("/wechat/nobody", params={**wechat.query(), "echostr": "1"})
    assert response.status == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(wechat: FakeWeChat, method: str) -> None:
    assert (await wechat.http.request(method, wechat.path, params=wechat.query())).status == 405


@pytest.mark.parametrize("mode", MODES)
async def test_a_question_is_answered_in_every_mode(mode: str, start: Start, connect: Connect) -> None:
    wechat = await connect(await start(account(mode=mode)), mode=mode)
    answer = await wechat.say(ANSWERABLE)
    assert answer.fields["MsgType"] == "text"
    assert (answer.fields["ToUserName"], answer.fields["FromUserName"]) == (OPENID, "gh_c0ffee000001")
    assert "答复由系统根据政策库自动给出" in answer.text
    assert answer.fields["CreateTime"] == str(int(wechat.clock().timestamp()))


@pytest.mark.parametrize("mode", ["safe", "compatible"])
async def test_encryption_cannot_be_talked_away(mode: str, start: Start, connect: Connect) -> None:
    service = await start(account(mode=mode))
    wechat = await connect(service, mode=mode)
    document = xml(wechat.message("text", Content="在吗"))
    for more in ({}, {"encrypt_type": "raw"}, {"encrypt_type": ""}, {"msg_signature": "0" * 40}):
        assert (await wechat.post(wechat.query(**more), document)).status == 403
    assert await pushes(service) == 0


async def test_the_plain_half_of_compatible_mode_counts_for_nothing(start: Start, connect: Connect) -> None:
    service = await start(account(mode="compatible"))
    wechat = await connect(service, mode="compatible")
    real, forged = wechat.message("text", Content="在吗"), wechat.message("text", "oEVIL", Content="在吗")
    query, _ = wechat.packed(xml(real), sealed := seal(xml(real)))
    body = xml(forged)[:-6] + f"<Encrypt>{sealed}</Encrypt></xml>".encode()
    assert (await wechat.post(query, body)).fields["ToUserName"] == OPENID


async def test_a_message_for_another_account_is_refused(start: Start, connect: Connect) -> None:
    service = await start(account(original_id="gh_somebodyelse"))
    assert (await (await connect(service)).say("在吗")).status == 400
    assert await pushes(service) == 0


async def test_another_appid_in_the_frame_is_refused(wechat: FakeWeChat) -> None:
    document = xml(wechat.message("text", Content="在吗"))
    assert (await wechat.post(*wechat.packed(document, seal(document, appid=APPID + "x")))).status == 403


async def test_keys_can_be_changed_without_losing_a_message(start: Start, connect: Connect) -> None:
    service = await start(account(previous_aes_key=OLD_KEY))
    old, new = await connect(service, key=OLD_KEY), await connect(service, key=KEY)
    assert (await old.say(ANSWERABLE)).text
    assert (await new.say(ANSWERABLE)).text


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("off", [timedelta(minutes=11), timedelta(minutes=-11)])
async def test_old_and_future_queries_are_refused(
    mode: str, off: timedelta, start: Start, connect: Connect, clock: Clock
) -> None:
    wechat = await connect(await start(account(mode=mode)), mode=mode)
    query, body = wechat.packed(xml(wechat.message("text", Content="在吗")))
    clock.at += off
    assert (await wechat.post(query, body)).status == 403


@pytest.mark.parametrize("stamp", ["now", "", "9" * 30, "１７", "-5", "1.5"])
async def test_a_timestamp_that_is_none(stamp: str, wechat: FakeWeChat) -> None:
    document = xml(wechat.message("text", Content="在吗"))
    query, body = wechat.packed(document, sealed := seal(document))
    query |= {"timestamp": stamp, "msg_signature": signature(TOKEN, stamp, query["nonce"], sealed)}
    assert (await wechat.post(query, body)).status == 403


async def test_in_plain_mode_a_signed_query_is_good_for_one_body_only(start: Start, connect: Connect) -> None:
    service = await start(account(mode="plain"))
    wechat = await connect(service, mode="plain")
    query, body = wechat.packed(xml(wechat.message("text", Content="在吗")))
    first = await wechat.post(query, body)
    assert (await wechat.post(query, body)).raw == first.raw
    assert (await wechat.post(query, xml(wechat.message("text", Content="换一句")))).status == 403
    assert await pushes(service) == 1


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"{}", b"<xml/>", b"<xml><ToUserName>x</ToUserName></xml>", b"\xff\xfe", b"<xml>" * 9]
)
async def test_a_body_that_is_none_is_refused(body: bytes, wechat: FakeWeChat) -> None:
    assert (await wechat.post(wechat.query(msg_signature="0" * 40), body)).status in (400, 403)


@pytest.mark.parametrize("name", ["MsgType", "FromUserName", "ToUserName", "CreateTime"])
@pytest.mark.parametrize("value", ["", None, {"a": "b"}, "x\ny"])
async def test_a_push_without_what_every_push_has(name: str, value: object, wechat: FakeWeChat) -> None:
    fields = {**wechat.message("text", Content="在吗"), name: value}
    if value is None:
        del fields[name]
    assert (await wechat.push(fields)).status == 400


async def test_a_body_too_large_is_not_read_to_its_end(wechat: FakeWeChat) -> None:
    assert (await wechat.post(wechat.query(), b"<xml>" + b"A" * 300_000)).status == 413
    bomb = gzip.compress(b"<xml><a>" + b"A" * (8 << 20))
    response = await wechat.http.post(
        wechat.path, params=wechat.query(), data=bomb, headers={"Content-Encoding": "gzip"}
    )
    assert response.status == 413


async def test_half_a_body_leaves_the_service_in_good_health(
    wechat: FakeWeChat, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        _, writer = await asyncio.open_connection("127.0.0.1", wechat.http.port)
        head = f"POST {wechat.path}?{urlencode(wechat.query())} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n<xml>"
        writer.write(head.encode())
        await writer.drain()
        writer.close()
    await asyncio.sleep(0.1)
    assert (await wechat.say(ANSWERABLE)).text
    assert "Traceback" not in caplog.text


async def test_nothing_secret_is_logged(start: Start, connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    wechat = await connect(await start(account(secret="0123456789abcdef" * 2)))
    await wechat.say(ANSWERABLE)
    await wechat.push({**wechat.message("hologram"), "Foo": "bar"})
    await wechat.post(wechat.query(msg_signature="0" * 40), b"<xml><Encrypt>AAAA</Encrypt></xml>")
    said = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(("aiosqlite", "asyncio"))
    )
    assert "refused" in said
    assert not [secret for secret in (TOKEN, KEY, "0123456789abcdef", OPENID) if secret in said]
