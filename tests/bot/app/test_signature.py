"""Who may ask: right signature, right time, a number used once; everything else is a Chinese problem and changes nothing."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import func, select

from bot.channels.app_signature import BadSignatureError, check, read_headers, sign
from bot.deliver import Deliverer
from bot.service import Service
from knowledge.tables import AppNonce, Question
from tests.bot.app.conftest import OLD_SECRET, RENT, SECRET, UNKNOWN, App, Connect, Start, account, on_both, signature

BODY = json.dumps({"id": "m-1", "text": RENT}).encode()


async def stored(service: Service, table: Any = Question) -> int:
    async with service.database.reading() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


def chinese(problem: Any) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in problem["detail"])


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": "0" * 64},
        {"signature": ""},
        {"signature": "签名"},
        {"timestamp": "0"},
        {"timestamp": "9" * 12},
        {"timestamp": "9" * 5000},
        {"timestamp": "-5"},
        {"timestamp": "１２３"},
        {"timestamp": "1e9"},
        {"nonce": "short"},
        {"nonce": "n" * 65},
        {"nonce": "sixteen characters with space"},
        {"direction": "callback"},
        {"direction": ""},
    ],
)
async def test_what_is_not_rightly_signed_is_refused(changed: dict[str, str], app: App, service: Service) -> None:
    refused = await app.post("", BODY, app.signed(BODY, **changed))
    assert (refused.status, refused.kind) == (401, "application/problem+json")
    assert chinese(refused.json)
    assert (await stored(service), await stored(service, AppNonce)) == (0, 0)


async def test_a_missing_header_is_named(app: App) -> None:
    for name in ("X-Zhengwen-Timestamp", "X-Zhengwen-Nonce", "X-Zhengwen-Signature"):
        headers = app.signed(BODY)
        del headers[name]
        refused = await app.post("", BODY, headers)
        assert refused.status == 401
        assert name in refused.json["detail"]


async def test_another_body_under_the_same_signature_is_refused(app: App, service: Service) -> None:
    headers = app.signed(BODY)
    assert (await app.post("", BODY.replace(b"m-1", b"m-2"), headers)).status == 401
    assert await stored(service) == 0


@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-299, 201), (299, 201), (301, 401)])
async def test_the_window_is_five_minutes_both_ways(seconds: int, status: int, app: App) -> None:
    at = str(int((app.clock() + timedelta(seconds=seconds)).timestamp()))
    assert (await app.post("", BODY, app.signed(BODY, timestamp=at))).status == status


@on_both
async def test_a_number_is_bound_to_its_body_on_every_process(start: Start, connect: Connect) -> None:
    first, second = await start(), await start()
    here, there = await connect(first), await connect(second)
    number = "a-number-used-only-once"
    headers = here.signed(BODY, nonce=number)
    sent = await here.post("", BODY, headers)
    repeated = await there.post("", BODY, headers)
    assert (sent.status, repeated.raw) == (201, sent.raw)
    other = json.dumps({"id": "m-2", "text": UNKNOWN}).encode()
    refused = await there.post("", other, there.signed(other, nonce=number))
    assert refused.status == 409
    assert chinese(refused.json)
    assert await stored(first) == 1


@on_both
async def test_used_numbers_go_long_after_the_window(app: App, service: Service) -> None:
    await app.ask()
    loop = Deliverer(service.database, {}, service.now, to_apps=True)
    app.clock.at += timedelta(minutes=11)
    await loop.sweep()
    assert await stored(service, AppNonce) == 1
    app.clock.at += timedelta(hours=1)
    await loop.sweep()
    assert await stored(service, AppNonce) == 0


async def test_the_secret_before_works_while_it_is_being_changed(start: Start, connect: Connect) -> None:
    service = await start(account(previous_secret=OLD_SECRET))
    for number, (secret, status) in enumerate(((SECRET, 201), (OLD_SECRET, 201), ("x" + SECRET[1:], 401))):
        app = await connect(service, secret=secret)
        assert (await app.ask(number=f"m-{number}")).status == status


async def test_an_unknown_app_and_another_media_type(app: App) -> None:
    body = BODY
    assert (await app.post("", body, app.signed(body) | {"Content-Type": "text/plain"})).status == 415
    app.name = "nobody"
    refused = await app.post("", body, app.signed(body))
    assert (refused.status, refused.kind) == (404, "application/problem+json")


async def test_without_an_app_in_the_settings_nobody_is_let_in(start: Start, connect: Connect, configure: Any) -> None:
    service = await start()
    service.settings = configure()
    app = await connect(service)
    assert (await app.ask()).status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 50_000,
        b'{"id": "a", "text": "\xff"}',
        b'{"id": "a", "text": "\\ud800"}',
        b'{"id": "a", "text": "b\\u0000"}',
        b'{"text": "no id"}',
        b'{"id": 5, "text": "a"}',
        b'{"id": "", "text": "a"}',
        b'{"id": "a b", "text": "a"}',
        b'{"id": "\\u0661", "text": "a"}',
        b'{"id": "a", "text": " "}',
        b'{"id": "a", "text": "b", "admin": true}',
        b'{"id": "a", "text": "b", "user": "\\n"}',
        b'{"id": "a", "text": "b", "callback_url": "http://10.0.0.1/"}',
        b'{"code": "1", "choice": 1}',
        b'{"id": 1e999, "text": NaN}',
        b'{"id": ' + b"9" * 6000 + b', "text": "a"}',
    ],
)
async def test_a_bad_body_rightly_signed_is_a_problem_and_changes_nothing(
    body: bytes, app: App, service: Service
) -> None:
    refused = await app.post("", body, app.signed(body))
    assert (refused.status, refused.kind) == (422, "application/problem+json")
    assert chinese(refused.json)
    assert await stored(service) == 0


async def test_each_app_and_each_user_has_a_limit(start: Start, connect: Connect) -> None:
    service = await start(account(requests_per_minute=4), questions_per_minute=2)
    app = await connect(service)
    by_user = [(await app.ask(UNKNOWN, f"m-{number}", user="u-1")).status for number in range(3)]
    assert by_user == [201, 201, 429]
    assert (await app.ask(UNKNOWN, "m-9", user="u-2")).status == 201
    refused = await app.ask(UNKNOWN, "m-10", user="u-3")
    assert (refused.status, chinese(refused.json)) == (429, True)


async def test_strangers_use_up_nobodys_limit(start: Start, connect: Connect) -> None:
    app = await connect(await start(account(requests_per_minute=1)))
    for _ in range(5):
        assert (await app.post("", BODY, app.signed(BODY, signature="0" * 64))).status == 401
    assert (await app.ask()).status == 201


@given(st.binary(max_size=200), st.from_regex(r"[0-9]{1,12}", fullmatch=True), st.integers(min_value=0, max_value=199))
def test_only_the_signed_bytes_pass(body: bytes, timestamp: str, place: int) -> None:
    signed = sign(SECRET, "request", timestamp, "n" * 16, body)
    assert signed.signature == signature("request", timestamp, "n" * 16, body)
    check(signed, (OLD_SECRET, SECRET), body, float(timestamp))
    other = body[:place] + b"+" + body[place:]
    with pytest.raises(BadSignatureError):
        check(signed, (OLD_SECRET, SECRET), other, float(timestamp))


@given(
    st.dictionaries(st.sampled_from(["X-Zhengwen-Timestamp", "X-Zhengwen-Nonce", "X-Zhengwen-Signature"]), st.text())
)
def test_headers_are_read_or_refused(headers: dict[str, str]) -> None:
    try:
        signed = read_headers(headers)
    except BadSignatureError:
        return
    assert signed.headers() == headers
