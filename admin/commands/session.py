"""What most commands need: the settings, the migrated database for as long as the command runs, and what it answers from."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from bot.learned import Learned, newest
from knowledge import migrate, settings
from knowledge.db import Database, open_database, wait_until_reachable
from knowledge.entries import Snapshot, snapshot
from knowledge.errors import BadInputError
from knowledge.settings import Settings

Result = TypeVar("Result")


@dataclass(frozen=True)
class Live:
    """What the service would answer from: the base, and the learned model where there is one."""

    known: Snapshot
    learned: Learned | None

    def outdated(self) -> str:
        """A sentence where the model was learned on another version of the base."""
        return self.learned.outdated(self.known.version) if self.learned else ""


@asynccontextmanager
async def opened(chosen: Settings) -> AsyncIterator[Database]:
    """The database, brought to this version's tables."""
    database = open_database(chosen)
    try:
        await wait_until_reachable(database, seconds=10)
        await migrate.upgrade(database)
        yield database
    finally:
        await database.close()


def with_database(work: Callable[[Settings, Database], Awaitable[Result]]) -> Result:
    """Run one piece of work on the configured database."""

    async def run() -> Result:
        chosen = settings.load()
        async with opened(chosen) as database:
            return await work(chosen, database)

    return asyncio.run(run())


async def live_base(database: Database) -> Live:
    """Base and model as they are now; BadInputError where nothing was imported yet."""
    async with database.reading() as session:
        known = await snapshot(session)
        learned = await newest(session)
    if not known.entries:
        raise BadInputError("知识库是空的。请先运行 zhengwen demo，或 zhengwen import 文件夹。")
    return Live(known, learned)
