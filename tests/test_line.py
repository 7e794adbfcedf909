"""The line, end to end, through real processes and real HTTP on both databases: question → desk → ledger → report."""

import asyncio
import json
import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import psutil
import pytest

from knowledge import clock
from tests.running import Running

RENT = "威海无房职工租房提取住房公积金，一年最多能提多少？"
RENT_BEFORE = "2026年8月11日及以前，威海无房职工租房提取一年最多多少？"
STRANGE = "大厅门口的石狮子是谁捐的呢"
REPLY = "石狮子是1990年代单位自购的。"
PUBLISHED_2023 = {"document": 58, "site": 162, "wechat_post": 73, "app_post": 72, "weibo": 293, "board_reply": 635}
NEW_PASSWORD = "a quiet harbour at dawn"


@pytest.fixture
async def running(tmp_path: Path, empty_url: str | None) -> AsyncIterator[Running]:
    """The service with the demonstration's base and figures, just installed."""
    service = await Running(tmp_path / "var", empty_url, questions_per_minute="100000").start("--demo")
    yield service
    service.kill()
    await service.ended()


def found(page: str, pattern: str) -> str:
    """The first group of a pattern that must stand in the page; the page itself where it does not."""
    match = re.search(pattern, page)
    assert match, f"no {pattern} in:\n{page}"
    return match[1]


def field(page: str, name: str) -> str:
    """The value of a hidden field."""
    return found(page, rf'name="{name}" value="([^"]*)"')


class Desk:
    """A clerk's browser, without the browser."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self.session = session
        self.address = address

    async def get(self, path: str) -> str:
        async with self.session.get(self.address + path) as response:
            assert response.status == 200, await response.text()
            return await response.text()

    async def post(self, path: str, **form: str) -> str:
        headers = {"Origin": self.address}
        async with self.session.post(self.address + path, data=form, headers=headers) as response:
            assert response.status == 200, await response.text()
            return await response.text()

    async def sign_in(self, password: str) -> None:
        """As the first administrator: the one-time password must be changed before anything else."""
        page = await self.post("/sign-in", username="admin", password=password, next="/")
        csrf = field(page, "csrf")
        await self.post("/password", csrf=csrf, current=password, new=NEW_PASSWORD, again=NEW_PASSWORD)


async def ask_by_form(citizen: aiohttp.ClientSession, public: str) -> tuple[str, str]:
    """A citizen asks what only a person can answer; returns code and password."""
    asked = {"text": STRANGE + "，我的手机13812345678", "name": "王小明", "public": "yes"}
    async with citizen.post(f"{public}/ask", data=asked) as response:
        receipt = await response.text()
    code = found(receipt, r"<dt>编号</dt><dd>([\d ]+)").replace(" ", "")
    return code, found(receipt, r"<dt>查询密码</dt><dd>(\d+)")


async def reply_to_the_one_waiting(desk: Desk) -> str:
    """A clerk finds the question, drafts, publishes; returns its number."""
    queue = await desk.get("/")
    assert "138****5678" in queue
    assert "13812345678" not in queue
    number = found(queue, r'href="/questions/(\d+)')
    page = await desk.get(f"/questions/{number}")
    form = {"csrf": field(page, "csrf"), "version": field(page, "version")}
    await desk.post(f"/questions/{number}/draft", text=REPLY, **form)
    form["version"] = field(await desk.get(f"/questions/{number}"), "version")
    await desk.post(f"/questions/{number}/publish", text=REPLY, public="1", because="已核对", **form)
    return number


async def check_report_of_this_year(running: Running, out: Path) -> None:
    """The figure is counted from the ledger, with its rows."""
    year = str(clock.office_day(clock.now()).year)
    exit_code, said = await running.command("report", year, "--out", str(out))
    assert (exit_code, "--draft" in said, "已写出" in said) == (1, True, False), said
    exit_code, said = await running.command("report", year, "--out", str(out), "--format", "html,docx,json", "--draft")
    assert exit_code == 0, said
    assert "草稿" in (out / f"report-{year}-draft.html").read_text("utf-8")
    report = json.loads((out / f"report-{year}-draft.json").read_text("utf-8"))
    figure = report["figures"]["ledger.board_reply"]
    assert figure["value"] == 2
    assert sum(row["quantity"] for row in figure["rows"]) == 2
    assert report["sections"][0]["title"] == "一、总体情况"
    assert "在线留言" in (out / f"report-{year}-draft.html").read_text("utf-8")
    assert zipfile.is_zipfile(out / f"report-{year}-draft.docx")
    _, said = await running.command("report", year, "--trace", "ledger.board_reply")
    assert "数值：2条" in said


async def check_report_of_2023(running: Running, out: Path) -> None:
    """The published report of 2023 comes out of its records."""
    await running.command("report", "2023", "--out", str(out), "--format", "json")
    figures = json.loads((out / "report-2023.json").read_text("utf-8"))["figures"]
    assert {key: figures[f"ledger.{key}"]["value"] for key in PUBLISHED_2023} == PUBLISHED_2023


async def test_from_question_to_yearly_figure(running: Running, tmp_path: Path) -> None:
    async with (
        aiohttp.ClientSession() as citizen,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session,
    ):
        async with citizen.post(f"{running.public}/api/v1/questions", json={"text": RENT}) as response:
            answered = await response.json()
        assert answered["outcome"] == "answered"
        assert "18000" in answered["reply"]
        code, password = await ask_by_form(citizen, running.public)
        desk = Desk(session, running.office)
        await desk.sign_in(running.password)
        number = await reply_to_the_one_waiting(desk)
        async with citizen.post(f"{running.public}/lookup", data={"code": code, "password": password}) as response:
            assert REPLY in await response.text()
        async with citizen.get(f"{running.public}/board/{number}") as response:
            board = await response.text()
    assert "138****5678" in board
    assert "13812345678" not in board
    assert "王小明" not in board
    exit_code, said = await running.command("verify")
    assert (exit_code, "台账完好：8 行" in said) == (0, True), said
    await check_report_of_this_year(running, tmp_path)
    await check_report_of_2023(running, tmp_path)
    exit_code, said = await running.command("ask", RENT_BEFORE, "--as-of", "2026-08-01", "--json")
    assert "14400" in json.loads(said)["text"]
    assert await running.stop() == 0


async def test_nothing_acknowledged_is_lost_by_kill_9(running: Running) -> None:
    acknowledged: list[tuple[str, str]] = []
    enough = asyncio.Event()

    async def storm(session: aiohttp.ClientSession, client: int) -> None:
        for number in range(10_000):
            body = {"text": f"{RENT}，第{client}人第{number}问" if number % 2 else f"{STRANGE}{client}之{number}"}
            try:
                async with session.post(f"{running.public}/api/v1/questions", json=body) as response:
                    receipt = await response.json()
            except (aiohttp.ClientError, ConnectionError):
                return
            acknowledged.append((receipt["code"], receipt["password"]))
            if len(acknowledged) == 300:
                enough.set()

    async with aiohttp.ClientSession() as session:
        clients = [asyncio.create_task(storm(session, client)) for client in range(20)]
        await asyncio.wait_for(enough.wait(), 60)
        running.kill()
        await asyncio.gather(*clients)
    await running.ended()
    await running.start()
    async with aiohttp.ClientSession() as session:
        for code, password in acknowledged:
            address = f"{running.public}/api/v1/questions/{code}"
            async with session.get(address, params={"password": password}) as response:
                assert response.status == 200
                found = await response.json()
                assert found["state"] in ("answered", "waiting", "clarifying")
    exit_code, said = await running.command("verify")
    assert exit_code == 0, said


async def test_the_running_service_needs_less_than_250_megabytes(running: Running) -> None:
    async with aiohttp.ClientSession() as session:
        for number in range(300):
            body = {"text": f"{RENT}，第{number}问"}
            async with session.post(f"{running.public}/api/v1/questions", json=body) as response:
                assert response.status == 201
    used = psutil.Process(running.process.pid).memory_info().rss / 1024 / 1024
    assert used < 250, f"{used:.0f} MB"


async def test_a_port_in_use_is_said_in_one_sentence(running: Running, tmp_path: Path) -> None:
    port = running.public.rsplit(":", 1)[1]
    exit_code, said = await running.command("serve", "--public-port", port, "--staff-port", "0")
    assert exit_code == 1
    assert "端口可能被别的程序占用" in said
    assert "Traceback" not in said
