"""Signing in and out, throttling, one-time passwords, sessions that end."""

import asyncio
from datetime import timedelta
from urllib.parse import quote

import pytest
from aiohttp.test_utils import TestServer
from sqlmodel import select

from admin import auth, sessions, staff
from admin.account_events import Acting
from admin.auth import COOKIE
from bot.limits import Limit
from bot.service import Service
from knowledge.errors import BadInputError
from knowledge.tables import Reply, StaffSession
from knowledge.vocabulary import Role
from tests.admin.conftest import PASSWORD, Ask, Browser, Visitor, hidden
from tests.conftest import Clock

OWN = "一句只有我自己才知道的话呀"


async def sign_in(visitor: Visitor, username: str = "clerk", password: str = PASSWORD, **more: object) -> int:
    response = await visitor.post("/sign-in", None, username=username, password=password, **more)
    return response.status


async def test_the_right_password_opens_the_desk(stranger: Visitor) -> None:
    response = await stranger.get("/questions/7?entry=x")
    assert response.headers["Location"] == "/sign-in?next=" + quote("/questions/7?entry=x", safe="")
    page = await stranger.page(response.headers["Location"])
    response = await stranger.post("/sign-in", username="clerk", password=PASSWORD, next="/questions/7?entry=x")
    assert 'value="/questions/7?entry=x"' in page
    assert (response.status, response.headers["Location"]) == (303, "/questions/7?entry=x")
    assert "小王（经办）" in await stranger.page("/")


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: Visitor, service: Service) -> None:
    response = await stranger.post("/sign-in", username="clerk", password=PASSWORD)
    cookie = response.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "Strict", "/", "")
    async with service.database.reading() as session:
        kept = (await session.exec(select(StaffSession.token_sha256))).all()
    assert len(kept) == 1
    assert cookie.value not in kept


async def test_behind_tls_the_cookie_is_secure(stranger: Visitor, service: Service) -> None:
    service.settings = service.settings.model_copy(update={"behind_tls": True})
    response = await stranger.post("/sign-in", username="clerk", password=PASSWORD)
    assert response.cookies[COOKIE]["secure"] is True


FOREIGN_TARGETS = ["//evil.example", "/\\evil.example", "https://evil.example/", "", "/a\r\nSet-Cookie:x=1"]


async def test_sign_in_leads_to_this_site_only(stranger: Visitor) -> None:
    for target in FOREIGN_TARGETS:
        response = await stranger.post("/sign-in", username="clerk", password=PASSWORD, next=target)
        assert response.headers["Location"] == "/"


WRONG_PAIRS = [
    ("clerk", "wrong"),
    ("nobody", PASSWORD),
    ("", ""),
    ("clerk", ""),
    ("cl\x00erk", PASSWORD),
    ("' OR 1=1 --", "x"),
]


async def test_wrong_name_and_wrong_password_look_the_same(stranger: Visitor) -> None:
    for username, password in WRONG_PAIRS:
        response = await stranger.post("/sign-in", username=username, password=password)
        assert response.status == 403
        assert auth.WRONG in await response.text()
        assert COOKIE not in response.cookies


async def test_an_unknown_name_costs_as_much_reckoning_as_a_wrong_password(
    stranger: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckoned: list[str] = []
    password_ok = staff.password_ok

    async def counting(password_hash: str, password: str) -> bool:
        reckoned.append(password_hash.rsplit("$", 2)[0])
        return await password_ok(password_hash, password)

    monkeypatch.setattr(staff, "password_ok", counting)
    await sign_in(stranger, "clerk", "wrong")
    await sign_in(stranger, "nobody", "wrong")
    assert len(reckoned) == 2
    assert reckoned[0] == reckoned[1]  # the same parameters, so the same time


async def test_a_name_is_locked_after_ten_failures_whoever_tries(browser: Browser) -> None:
    for _ in range(auth.FAILURES_PER_NAME):
        assert await sign_in(await browser(), "clerk", "wrong") == 403
    visitor = await browser()
    response = await visitor.post("/sign-in", username="CLERK ", password=PASSWORD)
    assert response.status == 429
    assert int(response.headers["Retry-After"]) > 60
    assert auth.TOO_MANY in await response.text()
    assert await sign_in(visitor, "reviewer") == 303


async def test_guesses_sent_at_once_do_not_slip_past_the_count(stranger: Visitor) -> None:
    tries = await asyncio.gather(*(sign_in(stranger, "clerk", f"guess{n}") for n in range(auth.FAILURES_PER_NAME + 5)))
    assert sorted(tries) == [403] * auth.FAILURES_PER_NAME + [429] * 5


async def test_a_client_is_locked_after_thirty_failures_whatever_the_name(
    stranger: Visitor, server_of_staff: TestServer
) -> None:
    gate = server_of_staff.app[auth.SIGN_INS]
    gate._clients = Limit(2, 60)
    assert [await sign_in(stranger, f"name{number}") for number in range(3)] == [403, 403, 429]
    assert await sign_in(stranger) == 429


async def test_right_passwords_do_not_lock_anybody_out(stranger: Visitor) -> None:
    assert {await sign_in(stranger) for _ in range(auth.FAILURES_PER_NAME + 2)} == {303}


async def test_sign_out_ends_the_session_on_the_server(clerk: Visitor) -> None:
    token = clerk.token
    response = await clerk.post("/sign-out")
    assert (response.status, response.headers["Location"]) == (303, "/sign-in")
    clerk.http.session.cookie_jar.update_cookies({COOKIE: token}, clerk.http.make_url("/"))
    assert (await clerk.get("/")).status == 303


async def test_signing_in_again_ends_the_session_before(stranger: Visitor, service: Service) -> None:
    await sign_in(stranger)
    first = stranger.token
    await sign_in(stranger)
    assert stranger.token != first
    assert await sessions.whose(service.database, first, service.now(), 0) is None


async def test_a_session_lasts_as_long_as_the_settings_say(clerk: Visitor, clock: Clock, service: Service) -> None:
    clock.at += timedelta(hours=service.settings.session_hours) - timedelta(seconds=1)
    assert (await clerk.get("/")).status == 200
    clock.at += timedelta(seconds=1)
    assert (await clerk.get("/")).status == 303


async def test_sessions_run_out_are_swept_away(
    clerk: Visitor, stranger: Visitor, clock: Clock, service: Service
) -> None:
    old = clerk.token
    clock.at += timedelta(days=2)
    await sign_in(stranger)
    async with service.database.reading() as session:
        kept = (await session.exec(select(StaffSession))).all()
    assert len(kept) == 1
    assert await sessions.whose(service.database, old, clock.at - timedelta(days=2), 0) is None


async def test_a_draft_survives_an_expired_session(clerk: Visitor, clock: Clock, ask: Ask) -> None:
    question = await ask()
    path = f"/questions/{question.id}"
    clock.at += timedelta(hours=9)
    response = await clerk.post(f"{path}/draft", text="写了\n半天 <b>", version=1)
    page = await response.text()
    assert response.status == 403
    assert "写了\n半天 &lt;b&gt;</textarea>" in page
    again = {"next": hidden(page, "next"), "kept": "写了\n半天 <b>", "kept_version": hidden(page, "kept_version")}

    response = await clerk.post("/sign-in", None, username="clerk", password="wrong", **again)
    assert "写了" in await response.text()

    response = await clerk.post("/sign-in", None, username="clerk", password=PASSWORD, **again)
    page = await response.text()
    assert response.status == 200
    assert f'action="{path}/draft"' in page
    clerk.csrf = hidden(page, "csrf")
    response = await clerk.post(f"{path}/draft", text="写了\n半天 <b>", version=hidden(page, "version"))
    assert response.status == 303
    assert "半天 &lt;b&gt;</textarea>" in await clerk.page(path)


async def test_the_first_administrator_is_made_once(service: Service, browser: Browser) -> None:
    assert await staff.ensure_first_administrator(service.database, service.now()) is None
    assert await sign_in(await browser(), staff.FIRST_USERNAME, PASSWORD) == 403


async def test_a_one_time_password_opens_only_the_page_to_change_it(
    service: Service, stranger: Visitor, ask: Ask
) -> None:
    question = await ask()
    password = await staff.create(
        service.database, "xiaochen", "小陈", Role.ADMINISTRATOR, Acting("system", service.now())
    )
    assert await sign_in(stranger, "xiaochen", password) == 303
    stranger.csrf = auth.csrf_token(stranger.token, service.key)
    for path in ("/", "/staff", f"/questions/{question.id}"):
        response = await stranger.get(path)
        assert (response.status, response.headers["Location"]) == (303, "/password"), path
    response = await stranger.post(f"/questions/{question.id}/publish", text="答复", version=1)
    assert response.headers["Location"] == "/password"
    async with service.database.reading() as session:
        assert (await session.exec(select(Reply))).all() == []

    before = stranger.token
    response = await stranger.post("/password", current=password, new=OWN, again=OWN)
    assert response.headers["Location"] == "/?done=password"
    assert "密码已修改" in await stranger.page("/?done=password")
    assert await sessions.whose(service.database, before, service.now(), 0) is None
    assert await sign_in(stranger, "xiaochen", password) == 403
    assert await sign_in(stranger, "xiaochen", OWN) == 303


BAD_PASSWORDS = [
    ("短", "短", "new", "至少 12 个字符"),
    (OWN, OWN + "！", "again", "不一样"),
    (PASSWORD * 2, PASSWORD * 2, "current", "现在的密码不对"),
    ("a" * 12, "a" * 12, "new", "太简单"),
    ("好" * 201, "好" * 201, "new", "最多 200"),
]


async def test_a_password_that_will_not_do_is_explained_at_its_field(clerk: Visitor, stranger: Visitor) -> None:
    for new, again, field, sentence in BAD_PASSWORDS:
        current = "不是这个" if field == "current" else PASSWORD
        response = await clerk.post("/password", current=current, new=new, again=again)
        page = await response.text()
        assert response.status == 422
        assert sentence in page.split(f'id="{field}-error">')[1].split("</p>")[0]
        assert f'aria-describedby="{field}-error' in page
        assert await sign_in(stranger) == 303


async def test_the_name_and_the_one_time_password_are_no_passwords(service: Service) -> None:
    database = service.database
    given = await staff.create(
        database, "averylongname", "很长很长很长很长的一个人名", Role.CLERK, Acting("system", service.now())
    )
    for new, reason in (
        (given, "不能与现在的密码"),
        ("AVERYLONGNAME", "用户名"),
        ("很长很长很长很长的一个人名", "姓名"),
    ):
        with pytest.raises(BadInputError, match=reason):
            await staff.change_password(database, "averylongname", given, new, Acting("averylongname", service.now()))


async def test_guessing_the_present_password_is_throttled_too(clerk: Visitor) -> None:
    for _ in range(auth.FAILURES_PER_NAME):
        assert (await clerk.post("/password", current="猜", new=OWN, again=OWN)).status == 422
    assert (await clerk.post("/password", current=PASSWORD, new=OWN, again=OWN)).status == 429


async def test_full_width_typing_does_not_matter(service: Service) -> None:
    assert await staff.password_ok(staff.HASHER.hash(staff.normal("ａｂｃ１２３，ｘｙｚ－１２")), "abc123,xyz-12")


async def test_an_account_out_of_use_ends_at_once(clerk: Visitor, stranger: Visitor, service: Service) -> None:
    await staff.set_active(service.database, "clerk", Acting("administrator", service.now()), active=False)
    assert (await clerk.get("/")).status == 303
    assert await sign_in(stranger) == 403


async def test_no_password_reaches_the_log(stranger: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await sign_in(stranger, "clerk", "geheimes-wort")
    await sign_in(stranger)
    assert "geheimes-wort" not in caplog.text
    assert PASSWORD not in caplog.text
