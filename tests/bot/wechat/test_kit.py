"""The conformance kit plays WeChat's server against this service: three modes, its fake API, counts and memory.

Collected only where the kit is (see conftest.py). The kit's "slow question" is one a person answers: the promise goes
out at once, the answer by one customer message.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlmodel import func, select

from bot import replies
from bot.service import Service
from knowledge import clock as real_clock
from knowledge.tables import Question, WeChatPush
from knowledge.vocabulary import QuestionState
from tests.bot.wechat.conftest import APPID, KEY, OLD_KEY, TOKEN, Connect, Start, account
from tests.conftest import BACKENDS, KIT
from tests.ports import free_port, until_open

SLOW = "这一条要由工作人员慢慢答复"
SECRET = "0123456789abcdef0123456789abcdef"
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
# Without a reason no scenario may be skipped; these report only, by the kit's own design.
SKIPPED_WITH_REASON = {"A3": "INFO: the kit reports what happens and judges nothing"}


@asynccontextmanager
async def fake_api() -> AsyncIterator[str]:
    """The kit's stand-in for WeChat's servers, as a process of its own."""
    port = free_port()
    command = ["-m", "wechat_kit.fakeapi", "--port", str(port), "--appid", APPID, "--secret", SECRET]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=KIT.parent, env=ENVIRONMENT)
    try:
        await until_open(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def counts(service: Service) -> AsyncIterator[str]:
    """How many pushes are on record, where the kit can read it."""

    async def page(_request: web.Request) -> web.Response:
        async with service.database.reading() as session:
            return web.json_response(
                {"processed": (await session.exec(select(func.count()).select_from(WeChatPush))).one()}
            )

    app = web.Application()
    app.router.add_get("/", page)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


async def answer_the_slow_one(service: Service) -> None:
    """A member of staff who waits for it."""
    while True:
        async with service.database.reading() as session:
            wanted = select(Question).where(Question.text == SLOW, Question.state == QuestionState.WAITING)
            questions = (await session.exec(wanted)).all()
        for question in questions:
            author = replies.Author("wang", "小王")
            await replies.publish(
                service.database, question.id or 0, "这是工作人员的答复。", author,
                version=question.version, at=service.now(), public=False, address="",
            )  # fmt: skip
        await asyncio.sleep(0.3)


async def run_kit(*options: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wechat_kit", *options, cwd=KIT.parent, env=ENVIRONMENT, stdout=PIPE, stderr=STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


CASES = [("safe", backend) for backend in BACKENDS] + [("compatible", "sqlite"), ("plain", "sqlite")]


@pytest.mark.parametrize(("mode", "backend"), CASES)
async def test_the_kit_finds_nothing_wrong(
    mode: str, backend: str, start: Start, connect: Connect, tmp_path: Path
) -> None:
    async with fake_api() as api:
        given: dict[str, Any] = {"mode": mode, "customer_messages": True, "secret": SECRET, "api_url": api}
        service = await start(account(previous_aes_key=OLD_KEY, **given), now=real_clock.now)
        wechat = await connect(service, mode=mode)
        url = str(wechat.http.make_url(wechat.path))
        staff = asyncio.create_task(answer_the_slow_one(service))
        report = tmp_path / "kit.json"
        async with counts(service) as count_url:
            code, said = await run_kit(
                "--url", url, "--token", TOKEN, "--aes-key", KEY, "--prev-aes-key", OLD_KEY, "--appid", APPID,
                "--mode", {"compatible": "compat"}.get(mode, mode), "--count-url", count_url,
                "--pid", str(os.getpid()), "--fake-api", api, "--slow-text", SLOW, "--slow-wait", "10",
                "--load", "500", "--strict", "--json", str(report),
            )  # fmt: skip
        staff.cancel()
        await asyncio.gather(staff, return_exceptions=True)
    rows = json.loads(report.read_text("utf-8"))["rows"]
    report.with_suffix(".txt").write_text(said, "utf-8")
    assert code == 0, said
    skipped = [row["id"] for row in rows if row["status"] == "SKIP" and row["id"].split()[0] not in SKIPPED_WITH_REASON]
    assert not skipped
