"""A running service with the demonstration's base, some published replies, and the system's Chromium."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser
from sqlmodel import select

from bot import replies
from knowledge import clock, settings
from knowledge.db import open_database
from knowledge.tables import Question
from tests.chromium import chromium
from tests.running import Running

SENT = ("大厅门口的石狮子是谁捐的呢，我的手机13812345678", "石凳坏了三天了，请修一修")
REPLY = "石狮子是单位自购的。\n\n条件：\n1. 本人到场\n2. 工作日\n\n提示：电话13912345678。"


@pytest.fixture(scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    data = tmp_path_factory.mktemp("browser") / "var"
    service = await Running(
        data,
        office_wechat="威海公积金",
        office_hours="工作日 8:30—17:00",
        questions_per_minute="1000",
        applications_online="true",
    ).start("--demo")
    await _publish(service, data)
    yield service
    await service.stop()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def _publish(service: Running, data: Path) -> None:
    async with aiohttp.ClientSession() as session:
        for text in SENT:
            async with session.post(f"{service.public}/ask", data={"text": text, "public": "yes"}) as response:
                assert response.status == 200
    database = open_database(settings.load({}, data=data))
    async with database.reading() as reading:
        questions = (await reading.exec(select(Question))).all()
    for question in questions:
        await replies.publish(
            database, question.id or 0, REPLY, replies.Author("li", "小李"),
            version=question.version, at=clock.now(), public=True, address="x",
        )  # fmt: skip
    await database.close()
