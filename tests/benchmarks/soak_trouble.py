"""What goes wrong in the soak, over and over: processes killed or ended, the database server away or cut off."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlmodel import func, select

from knowledge import settings
from knowledge.db import open_database
from knowledge.tables import Question, WeChatPush
from tests.benchmarks.soak_senders import Seen
from tests.postgres import Postgres
from tests.running import Running

EVERY_SECONDS = 25
AWAY_SECONDS = 4


@dataclass
class Town:
    """The processes of one run and what they share."""

    name: str
    services: list[Running]
    server: Postgres | None
    plan: Sequence[str]
    url: str | None
    data: Path

    def address(self, number: int) -> str:
        """One of the processes, in turn."""
        return self.services[number % len(self.services)].public

    async def trouble(self, end: float, seen: Seen) -> None:
        """Measure memory, then let the next thing of the plan go wrong, over and over."""
        turn = 0
        while time.monotonic() + EVERY_SECONDS < end:
            await asyncio.sleep(EVERY_SECONDS * random.uniform(0.5, 1))
            seen.memory.append(sum(_memory(service) for service in self.services) / len(self.services))
            kind = self.plan[turn % len(self.plan)]
            seen.troubles[kind] += 1
            await _TROUBLES[kind](self, self.services[turn % len(self.services)])
            turn += 1

    async def counts(self) -> tuple[int, int]:
        """Questions and pushes on record."""
        database = open_database(settings.load({}, data=self.data, **({"database_url": self.url} if self.url else {})))
        async with database.reading() as session:
            questions = (await session.exec(select(func.count()).select_from(Question))).one()
            pushes = (await session.exec(select(func.count()).select_from(WeChatPush))).one()
        await database.close()
        return questions, pushes


def _memory(service: Running) -> float:
    return float(psutil.Process(service.process.pid).memory_info().rss / 2**20)


async def _kill(town: Town, service: Running) -> None:
    """A power cut for one process."""
    service.kill()
    await service.ended()
    await service.start()


async def _restart(town: Town, service: Running) -> None:
    """An update: SIGTERM under load must drain, and end with 0."""
    code = await service.stop()
    if code:
        raise AssertionError(f"SIGTERM ended with {code}:\n" + "".join(service.said[-20:]))
    await service.start()


async def _cut_database(town: Town, service: Running) -> None:
    """The database server dies at once and comes back after some seconds."""
    server = town.server
    assert server
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(AWAY_SECONDS)
    await asyncio.to_thread(server.again)


_TROUBLES: dict[str, Callable[[Town, Running], Awaitable[None]]] = {
    "kill -9": _kill,
    "SIGTERM and start": _restart,
    "database cut off": _cut_database,
}
PLANS = {False: ("kill -9", "SIGTERM and start"), True: ("kill -9", "database cut off", "SIGTERM and start")}
