"""The engine in use: built from the knowledge base, rebuilt beside the running one when the base changes."""

import asyncio
import logging
from contextlib import suppress

from sqlalchemy.exc import DBAPIError

from bot.answer.engine import Engine
from knowledge.db import Database
from knowledge.entries import KnownEntry, base_version, snapshot
from knowledge.settings import Settings

LOOK_EVERY_SECONDS = 0.5
log = logging.getLogger(__name__)


class CurrentEngine:
    """Holds the engine of the present base version; other processes' changes are seen within a second."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._task: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self.engine: Engine
        self.entries: dict[str, KnownEntry] = {}

    async def start(self) -> None:
        """Build the first engine, then keep watching."""
        await self.refresh(first=True)
        self._task = asyncio.create_task(self._watch(), name="base-watch")

    async def stop(self) -> None:
        """End the watch."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def refresh(self, *, first: bool = False) -> None:
        """Rebuild if the base has changed; questions meanwhile are answered by the old engine."""
        async with self._lock:
            async with self._database.reading() as session:
                if not first and await base_version(session) == self.engine.version:
                    return
                known = await snapshot(session)
            settings = self._settings
            engine = await asyncio.to_thread(
                lambda: Engine(
                    known,
                    region=settings.region,
                    target_precision=settings.target_precision,
                    provisional=settings.provisional_answers,
                )
            )
            self.engine, self.entries = engine, {entry.key: entry for entry in known.entries}

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                await self.refresh()
            except (DBAPIError, OSError) as error:
                # The old engine goes on answering; storing the answers will say by itself that the database is away.
                log.warning("knowledge base not readable: %s", type(error).__name__)
