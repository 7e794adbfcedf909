"""What most commands need: the settings, and the migrated database for as long as the command runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from knowledge import migrate, settings
from knowledge.db import Database, open_database, wait_until_reachable
from knowledge.settings import Settings

Result = TypeVar("Result")


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
