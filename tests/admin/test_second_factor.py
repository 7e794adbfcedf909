"""The second factor: set up, asked for, good once, throttled, stood in for by recovery codes, and taken off."""

import asyncio
import re
from datetime import timedelta

import pyotp
import pytest
from click.testing import CliRunner
from sqlmodel import select

from admin import auth, second_factor
from admin.__main__ import main
from admin.account_events import Acting
from bot.service import Service
from knowledge.errors import BadInputError, ConflictError
from knowledge.tables import AccountEvent, RecoveryCode, SecondFactor, Staff
from knowledge.vocabulary import AccountEventKind, SecondFactorRule
from tests.admin.conftest import PASSWORD, Ask, Browser, Visitor, hidden, on_both, rows, stored
from tests.conftest import Clock

RECOVERY = re.compile(r"<code>([2-9a-z]{4}(?:-[2-9a-z]{4}){2})</code>")
KEY = re.compile(r'<code class="key">([A-Z2-7 ]+)</code>')


def code_of(secret: str, clock: Clock, steps: int = 0) -> str:
    """What an app shows, or showed `steps` half minutes off."""
    return pyotp.TOTP(secret).at(clock.at, counter_offset=steps)


async def enrol(visitor: Visitor, clock: Clock) -> tuple[str, list[str]]:
    """Set up as a person would; returns the secret and the recovery codes."""
    assert (await visitor.post("/account/factor/start", current=PASSWORD)).headers["Location"] == "/account/factor"
    page = await visitor.page("/account/factor")
    found = KEY.search(page)
    assert found
    assert "<svg" in page
    secret = found.group(1).replace(" ", "")
    response = await visitor.post("/account/factor/confirm", code=code_of(secret, clock))
    assert response.status == 200
    clock.at += timedelta(minutes=1)  # the code that confirmed is used up
    return secret, RECOVERY.findall(await response.text())


async def ticket_of(visitor: Visitor, **more: object) -> str:
    """Give the right password; returns what the second step carries."""
    response = await visitor.post("/sign-in", None, username="clerk", password=PASSWORD, **more)
    assert response.status == 200
    assert auth.COOKIE not in response.cookies
    return hidden(await response.text(), "ticket")


async def give(visitor: Visitor, code: str, **more: object) -> int:
    ticket = await ticket_of(visitor)
    return (await visitor.post("/sign-in/code", None, ticket=ticket, code=code, **more)).status


async def test_with_a_code_the_desk_opens_and_without_one_it_does_not(
    clerk: Visitor, stranger: Visitor, clock: Clock
) -> None:
    secret, _ = await enrol(clerk, clock)
    ticket = await ticket_of(stranger)
    assert (await stranger.get("/")).status == 303
    response = await stranger.post("/sign-in/code", ticket=ticket, code="000000", next="/cases")
    assert response.status == 403
    assert second_factor.WRONG in await response.text()
    response = await stranger.post("/sign-in/code", ticket=ticket, code=code_of(secret, clock), next="/cases")
    assert (response.status, response.headers["Location"]) == (303, "/cases")
    assert (await stranger.get("/")).status == 200


async def test_a_code_is_good_once_and_one_step_around(clerk: Visitor, browser: Browser, clock: Clock) -> None:
    secret, _ = await enrol(clerk, clock)
    clock.at += timedelta(minutes=5)
    code = code_of(secret, clock, -1)
    assert await give(await browser(), code) == 303
    assert await give(await browser(), code) == 403
    assert await give(await browser(), code_of(secret, clock, -2)) == 403
    assert await give(await browser(), code_of(secret, clock, 2)) == 403
    full_width = code_of(secret, clock, 1).translate({ord("0") + n: chr(ord("０") + n) for n in range(10)})
    assert await give(await browser(), full_width) == 303
    assert await give(await browser(), code_of(secret, clock)) == 403  # older than the newest one taken


@on_both
async def test_of_two_who_send_the_same_code_at_once_one_gets_in(
    clerk: Visitor, clock: Clock, service: Service
) -> None:
    secret, codes = await enrol(clerk, clock)
    async with service.database.reading() as session:
        row = (await session.exec(select(Staff).where(Staff.username == "clerk"))).one()
    who, acting = (row.id or 0, "clerk"), Acting("clerk", clock.at)
    for code in (code_of(secret, clock), codes[0]):
        tries = (second_factor.check(service.database, service.key, who, code, acting) for _ in range(4))
        done = await asyncio.gather(*tries, return_exceptions=True)
        assert sorted(type(one).__name__ for one in done) == ["BadInputError"] * 3 + ["NoneType"]


async def test_a_recovery_code_stands_in_once(clerk: Visitor, browser: Browser, clock: Clock, service: Service) -> None:
    _, codes = await enrol(clerk, clock)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert await give(await browser(), codes[0].upper().replace("-", " ")) == 303
    assert await give(await browser(), codes[0]) == 403
    kept = await rows(service, RecoveryCode)
    assert len(kept) == second_factor.RECOVERY_CODES - 1
    assert not {code for code in codes for one in kept if code.replace("-", "") in one.digest}
    assert "备用码还剩 7 个" in await clerk.page("/account")


async def test_codes_are_throttled_with_the_passwords(clerk: Visitor, browser: Browser, clock: Clock) -> None:
    secret, _ = await enrol(clerk, clock)
    ticket = await ticket_of(await browser())
    for _ in range(auth.FAILURES_PER_NAME):
        assert (await (await browser()).post("/sign-in/code", ticket=ticket, code="000000")).status == 403
    response = await (await browser()).post("/sign-in/code", ticket=ticket, code=code_of(secret, clock))
    assert response.status == 429
    assert int(response.headers["Retry-After"]) > 60
    assert (await (await browser()).post("/sign-in", username="clerk", password=PASSWORD)).status == 429


BAD_TICKETS = ["", "1.2.3", "1.9999999999." + "0" * 64, "١.٢." + "0" * 64, "9" * 9 + ".9." + "f" * 64]


async def test_a_ticket_cannot_be_made_up_kept_or_used_after_a_reset(
    clerk: Visitor, administrator: Visitor, stranger: Visitor, clock: Clock
) -> None:
    secret, _ = await enrol(clerk, clock)
    ticket = await ticket_of(stranger)
    number, expires, mac = ticket.split(".")
    forged = [f"{int(number) + 1}.{expires}.{mac}", f"{number}.{int(expires) + 60}.{mac}"]
    for bad in [*BAD_TICKETS, *forged]:
        response = await stranger.post("/sign-in/code", ticket=bad, code=code_of(secret, clock))
        assert response.status == 403
        assert "请重新输入用户名和密码" in await response.text()
    await administrator.post("/staff/clerk/reset")
    assert (await stranger.post("/sign-in/code", ticket=ticket, code=code_of(secret, clock))).status == 403


async def test_a_ticket_runs_out(clerk: Visitor, stranger: Visitor, clock: Clock) -> None:
    secret, _ = await enrol(clerk, clock)
    ticket = await ticket_of(stranger)
    clock.at += timedelta(seconds=second_factor.TICKET_SECONDS + 1)
    assert (await stranger.post("/sign-in/code", ticket=ticket, code=code_of(secret, clock))).status == 403


async def test_a_draft_survives_both_steps(clerk: Visitor, clock: Clock, ask: Ask, service: Service) -> None:
    question = await ask()
    secret, _ = await enrol(clerk, clock)
    clock.at += timedelta(hours=9)
    path = f"/questions/{question.id}"
    page = await (await clerk.post(f"{path}/draft", text="写了半天", version=1)).text()
    given = {"next": hidden(page, "next"), "kept": "写了半天", "kept_version": hidden(page, "kept_version")}
    page = await (await clerk.post("/sign-in", None, username="clerk", password=PASSWORD, **given)).text()
    assert "写了半天</textarea>" in page
    given["ticket"] = hidden(page, "ticket")
    assert "写了半天" in await (await clerk.post("/sign-in/code", None, code="1", **given)).text()
    page = await (await clerk.post("/sign-in/code", None, code=code_of(secret, clock), **given)).text()
    clerk.csrf = hidden(page, "csrf")
    assert (await clerk.post(f"{path}/draft", text="写了半天", version=hidden(page, "version"))).status == 303
    assert (await stored(service, question)).version == 2


async def test_setting_up_takes_the_password_and_a_right_code(clerk: Visitor, clock: Clock, service: Service) -> None:
    response = await clerk.post("/account/factor/start", current="猜的")
    assert response.status == 422
    assert 'id="current-error"' in await response.text()
    assert await rows(service, SecondFactor) == []
    await clerk.post("/account/factor/start", current=PASSWORD)
    page = await clerk.page("/account/factor")
    for wrong in ("", "000000", "验证码", "١٢٣٤٥٦"):
        response = await clerk.post("/account/factor/confirm", code=wrong)
        assert response.status == 422
        assert KEY.findall(page) == KEY.findall(await response.text())
    assert (await rows(service, SecondFactor))[0].confirmed_at is None
    clock.at += second_factor.SETUP_LASTS + timedelta(seconds=1)
    assert not KEY.search(await clerk.page("/account/factor"))
    assert (await clerk.post("/account/factor/confirm", code="123456")).status == 409


async def test_the_secret_lies_sealed_and_belongs_to_one_account(
    clerk: Visitor, clock: Clock, service: Service
) -> None:
    secret, _ = await enrol(clerk, clock)
    [row] = await rows(service, SecondFactor)
    assert secret.encode() not in row.sealed
    assert second_factor._unseal(service.key, row) == secret
    for key, staff_id in ((b"another key" * 4, row.staff_id), (service.key, row.staff_id + 1)):
        with pytest.raises(ConflictError, match="请找管理员重置"):
            second_factor._unseal(key, SecondFactor(staff_id=staff_id, sealed=row.sealed, made_at=row.made_at))


async def test_opening_it_ends_other_browsers(clerk: Visitor, browser: Browser, clock: Clock) -> None:
    other = await browser()
    assert (await other.post("/sign-in", username="clerk", password=PASSWORD)).status == 303
    await enrol(clerk, clock)
    assert (await other.get("/")).status == 303
    assert (await clerk.get("/")).status == 200
    assert (await clerk.get("/account/factor")).headers["Location"] == "/account"
    assert (await clerk.post("/account/factor/start", current=PASSWORD)).status == 409


async def test_new_codes_and_turning_off_take_a_code(clerk: Visitor, clock: Clock, service: Service) -> None:
    secret, old = await enrol(clerk, clock)
    for path in ("codes", "off"):
        response = await clerk.post(f"/account/factor/{path}", code="000000")
        assert response.status == 422
        assert f'id="{path}-error"' in await response.text()
    response = await clerk.post("/account/factor/codes", code=code_of(secret, clock))
    new = RECOVERY.findall(await response.text())
    assert not set(new) & set(old)
    assert (await clerk.post("/account/factor/off", code=old[0])).status == 422
    assert (await clerk.post("/account/factor/off", code=new[0])).headers["Location"] == "/account?done=factor_off"
    assert await rows(service, SecondFactor) == []
    assert await rows(service, RecoveryCode) == []


async def test_where_it_is_demanded_nothing_else_opens_first(
    clerk: Visitor, reviewer: Visitor, clock: Clock, service: Service
) -> None:
    demanded = {"second_factor": SecondFactorRule.REQUIRED, "second_factor_roles": "clerk, auditor"}
    service.settings = service.settings.model_copy(update=demanded)
    for path in ("/", "/account", "/cases"):
        assert (await clerk.get(path)).headers["Location"] == "/account/factor"
    assert (await clerk.post("/questions/1/publish", text="x", version=1)).headers["Location"] == "/account/factor"
    assert (await reviewer.get("/")).status == 200
    secret, _ = await enrol(clerk, clock)
    assert (await clerk.get("/")).status == 200
    response = await clerk.post("/account/factor/off", code=code_of(secret, clock))
    assert response.status == 422
    assert "不能停用" in await response.text()
    assert "/account/factor/off" not in await clerk.page("/account")


async def test_where_it_is_off_nobody_is_asked_and_nobody_sets_it_up(
    clerk: Visitor, reviewer: Visitor, stranger: Visitor, clock: Clock, service: Service
) -> None:
    await enrol(clerk, clock)
    service.settings = service.settings.model_copy(update={"second_factor": SecondFactorRule.OFF})
    assert (await stranger.post("/sign-in", username="clerk", password=PASSWORD)).status == 303
    assert (await reviewer.post("/account/factor/start", current=PASSWORD)).status == 422
    assert "没有启用" in await reviewer.page("/account")


async def test_an_administrator_resets_it_with_a_reason(
    clerk: Visitor, administrator: Visitor, stranger: Visitor, clock: Clock, service: Service
) -> None:
    await enrol(clerk, clock)
    for reason in ("", "  ", "长" * 101):
        response = await administrator.post("/staff/clerk/factor", reason=reason)
        assert response.status == 422
        assert 'id="reason-error"' in await response.text()
    assert len(await rows(service, SecondFactor)) == 1
    await administrator.post("/staff/clerk/factor", reason="手机丢失，已当面核实")
    assert (await stranger.post("/sign-in", username="clerk", password=PASSWORD)).status == 303
    assert (await administrator.post("/staff/clerk/factor", reason="再来一次")).status == 404
    assert (await administrator.post("/staff/administrator/factor", reason="自己")).status == 422
    [event] = [one for one in await rows(service, AccountEvent) if one.kind == AccountEventKind.FACTOR_RESET]
    assert (event.staff, event.by, event.note) == ("clerk", "administrator", "手机丢失，已当面核实")


@on_both
async def test_of_two_set_ups_at_once_one_secret_stands(clerk: Visitor, clock: Clock, service: Service) -> None:
    async with service.database.reading() as session:
        staff_id = (await session.exec(select(Staff.id).where(Staff.username == "clerk"))).one() or 0
    starts = (second_factor.start(service.database, service.key, staff_id, clock.at) for _ in range(3))
    done = await asyncio.gather(*starts, return_exceptions=True)
    assert {type(one) for one in done} <= {type(None), ConflictError}
    assert len(await rows(service, SecondFactor)) == 1


async def test_a_wrong_code_is_no_bad_request_of_another_kind(clerk: Visitor, clock: Clock, service: Service) -> None:
    await enrol(clerk, clock)
    async with service.database.reading() as session:
        staff_id = (await session.exec(select(Staff.id).where(Staff.username == "clerk"))).one() or 0
    acting = Acting("clerk", clock.at)
    for code in ("\x00", "\ud800", "9" * 5000, "', --", "１２３"):
        with pytest.raises(BadInputError) as caught:
            await second_factor.check(service.database, service.key, (staff_id, "clerk"), code, acting)
        assert caught.value.field == "current"


def test_what_the_qr_code_says_is_read_by_an_app_as_meant() -> None:
    secret = pyotp.random_base32()
    read = pyotp.parse_uri(second_factor.provisioning_uri(secret, "wangxm", "某市:住房公积金 & 中心"))
    assert (read.secret, read.name, read.issuer) == (secret, "wangxm", "某市 住房公积金 & 中心")


async def test_the_command_line_takes_it_off_when_nobody_can_get_in(
    clerk: Visitor, stranger: Visitor, clock: Clock, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await enrol(clerk, clock)
    monkeypatch.setenv("ZHENGWEN_DATA", str(service.settings.data))
    asked = ["staff", "reset-factor", "clerk", "--reason", "手机丢失"]
    done = await asyncio.to_thread(CliRunner().invoke, main, asked)
    assert done.exit_code == 0, done.output
    assert (await stranger.post("/sign-in", username="clerk", password=PASSWORD)).status == 303
    [event] = [one for one in await rows(service, AccountEvent) if one.kind == AccountEventKind.FACTOR_RESET]
    assert (event.staff, event.by, event.note) == ("clerk", "command", "手机丢失")
    assert (await asyncio.to_thread(CliRunner().invoke, main, asked)).exit_code == 1
