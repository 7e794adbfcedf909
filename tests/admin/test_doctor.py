"""`zhengwen doctor`: says what is wrong and what to do, changes nothing; both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr
from sqlmodel import update

from admin import staff
from admin.__main__ import main
from admin.account_events import Acting
from bot import service as services
from bot.service import Service
from knowledge import ledger, settings
from knowledge.tables import LedgerLine
from knowledge.vocabulary import LedgerKind
from tests.admin.conftest import on_both
from tests.conftest import Clock, Configure

pytestmark = on_both
SET_UP = {
    "public_url": "https://gjj.example.gov.cn", "behind_tls": True, "proxies": 1,
    "office_phone": "0631-1", "office_address": "某路1号",
}  # fmt: skip
Doctor = Callable[..., Awaitable[Result]]


@pytest.fixture
async def installed(configure: Configure, clock: Clock) -> Service:
    """A service that ran and was stopped, with an administrator who changed the password."""
    service = await services.start(configure(**SET_UP), now=clock)
    password = await staff.ensure_first_administrator(service.database, service.now())
    await staff.change_password(
        service.database, "admin", password or "", "a quiet harbour at dawn", Acting("admin", service.now())
    )
    return service


@pytest.fixture
def doctor(configure: Configure, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Runs the command on the test's database; arguments are settings that differ."""
    monkeypatch.setattr("knowledge.clock.now", clock)

    async def run(place: dict[str, object] | None = None, **changes: object) -> Result:
        chosen = configure(**{**SET_UP, **changes}).model_copy(update=place or {})
        monkeypatch.setattr(settings, "load", lambda: chosen)
        return await asyncio.to_thread(CliRunner().invoke, main, ["doctor"])

    return run


async def test_a_good_installation(installed: Service, doctor: Doctor) -> None:
    await installed.stop()
    result = await doctor()
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == "一切正常。"
    assert "台账完好：0 行" in result.output


async def test_what_wants_a_look_is_no_failure(installed: Service, doctor: Doctor) -> None:
    await installed.stop()
    result = await doctor(public_url="http://localhost:8080", behind_tls=False, proxies=0, office_phone="")
    assert result.exit_code == 0
    assert result.output.count("\n! ") == 2
    assert "联系电话（office_phone）" in result.output


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"behind_tls": False}, "behind_tls 没有打开"),
        ({"staff_host": "10.0.0.5", "behind_tls": False, "public_url": "http://a.cn"}, "密码会在网上明文传送"),
    ],
)
async def test_what_is_not_safe_fails(
    installed: Service, doctor: Doctor, changes: dict[str, object], said: str
) -> None:
    await installed.stop()
    result = await doctor(**changes)
    assert result.exit_code == 1
    assert said in result.output


async def test_a_changed_ledger_line_is_named(installed: Service, doctor: Doctor) -> None:
    line = ledger.Line(at=installed.now(), kind=LedgerKind.SITE, title="办事指南更新", by="office")
    async with installed.database.writing_core() as connection:
        await ledger.record(connection, [line], installed.now())
    async with installed.database.writing() as session:
        await session.exec(update(LedgerLine).values(title="改过"))
    await installed.stop()
    result = await doctor()
    assert result.exit_code == 1
    assert "台账不完好：第 1 行的内容在登记后被改动过" in result.output


async def test_a_database_that_does_not_answer(installed: Service, doctor: Doctor) -> None:
    await installed.stop()
    result = await doctor({"database_url": SecretStr("postgresql://nobody@127.0.0.1:1/none")})
    assert result.exit_code == 1
    assert "连不上数据库" in result.output


async def test_a_place_without_a_database_stays_without(doctor: Doctor, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    result = await doctor({"data": folder, "database_url": None})
    assert result.exit_code == 0
    assert "还没有数据库" in result.output
    assert not folder.exists()
