"""WeChat end to end through a real process on both databases: power cuts in a storm of pushes and retries."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlmodel import func, select

from knowledge import settings
from knowledge.db import open_database
from knowledge.tables import Question, WeChatPush
from tests.bot.wechat.conftest import fields_of, unseal
from tests.pushes import PATH, SETTINGS, signed, text
from tests.running import Running
from tests.test_line import RENT, STRANGE

FOLLOWERS, CUTS, BETWEEN_CUTS = 16, 2, 120


@pytest.fixture
async def running(tmp_path: Path, empty_url: str | None) -> AsyncIterator[Running]:
    """The service with the demonstration's base and one account in safe mode."""
    (tmp_path / "zhengwen.toml").write_text(SETTINGS, "utf-8")
    service = await Running(tmp_path, empty_url, questions_per_minute="100000").start("--demo")
    yield service
    service.kill()
    await service.ended()


@dataclass
class Storm:
    """Followers who write one message after the other; WeChat's server tries each until it has an answer."""

    service: Running
    session: aiohttp.ClientSession
    heard: dict[int, tuple[dict[str, Any], bytes]] = field(default_factory=dict)
    over: bool = False
    wanted: int = BETWEEN_CUTS
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def push(self, message: dict[str, Any]) -> bytes | None:
        """One try; None where nobody answered."""
        pushed = signed(message)
        try:
            async with self.session.post(f"{self.service.public}{PATH}?{pushed.query}", data=pushed.body) as response:
                assert response.status == 200
                return await response.read()
        except (aiohttp.ClientError, OSError):
            return None

    async def follower(self, number: int) -> None:
        turn = 0
        while not self.over:
            turn += 1
            content = f"{RENT}，第{number}人第{turn}问" if turn % 2 else f"{STRANGE}{number}之{turn}"
            message = text(content, f"oStorm{number:023}")
            answer = None
            while answer is None:
                answer = await self.push(message)
                await asyncio.sleep(0 if answer else 0.05)
            self.heard[int(message["MsgId"])] = message, answer
            if len(self.heard) >= self.wanted:
                self.enough.set()


async def test_power_cuts_lose_and_double_nothing(running: Running, tmp_path: Path, empty_url: str | None) -> None:
    async with aiohttp.ClientSession() as session:
        storm = Storm(running, session)
        followers = [asyncio.create_task(storm.follower(number)) for number in range(FOLLOWERS)]
        for _ in range(CUTS):
            await asyncio.wait_for(storm.enough.wait(), 120)
            storm.enough.clear()
            storm.wanted += BETWEEN_CUTS
            running.kill()
            await running.ended()
            await running.start()
        storm.over = True
        await asyncio.gather(*followers)
        for message, first in storm.heard.values():
            assert await storm.push(message) == first, "a retry after a restart gets the same bytes"
    said = unseal(fields_of(first)["Encrypt"]).decode()
    assert "<Content>" in said
    database = open_database(settings.load({}, data=tmp_path, **({"database_url": empty_url} if empty_url else {})))
    async with database.reading() as reading:
        stored = [(await reading.exec(select(func.count()).select_from(each))).one() for each in (Question, WeChatPush)]
    await database.close()
    assert stored == [len(storm.heard)] * 2
    exit_code, verified = await running.command("verify")
    assert exit_code == 0, verified
