"""The engine in use: built from the knowledge base, renewed beside the running one when the base changes."""

import asyncio
import logging
from contextlib import suppress

from sqlalchemy.exc import DBAPIError

from bot.answer.engine import Engine
from bot.learned import Learned, newest, newest_mark
from knowledge import index_store
from knowledge.changes import BaseReader
from knowledge.db import Database
from knowledge.entries import KnownEntry, Snapshot, base_version
from knowledge.index import DENSE_ROWS, Index
from knowledge.settings import Settings
from knowledge.text import Lexicon

LOOK_EVERY_SECONDS = 0.5
log = logging.getLogger(__name__)


def engine_of(
    known: Snapshot,
    settings: Settings,
    learned: Learned | None,
    *,
    index: Index | None = None,
    target_precision: float | None = None,
) -> Engine:
    """The engine as the settings want it, with the learned model or else the shipped one."""
    return Engine(
        known,
        region=settings.region,
        target_precision=target_precision or settings.target_precision,
        provisional=settings.provisional_answers,
        model=learned.model if learned else None,
        index=index,
    )


class CurrentEngine:
    """Holds the engine of the present base version and the newest model; other processes' changes are seen within a second."""

    def __init__(self, database: Database, settings: Settings, dense: int = DENSE_ROWS) -> None:
        self._database = database
        self._settings = settings
        self._dense = dense
        self._reader = BaseReader()
        self._task: asyncio.Task[None] | None = None
        self._settling: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._known: Snapshot
        self._learned: Learned | None = None
        self._mark = ""
        self.engine: Engine
        self.entries: dict[str, KnownEntry] = {}

    async def start(self) -> None:
        """Build the first engine, then keep watching."""
        await self.refresh(first=True)
        self._task = asyncio.create_task(self._watch(), name="base-watch")

    async def stop(self) -> None:
        """End the watch, and let what is being laid out anew come to nothing."""
        for task in (self._task, self._settling):
            if task:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def refresh(self, *, first: bool = False) -> None:
        """Renew if base or model have changed; questions meanwhile are answered by the old engine."""
        async with self._lock:
            async with self._database.reading() as session:
                mark = await newest_mark(session)
                newer = mark != self._mark
                changed = first or await base_version(session) != self.engine.version
                if not changed and not newer:
                    return
                learned = await newest(session) if newer else self._learned
                known = await self._reader.read(session) if changed else self._known
            index = await asyncio.to_thread(self._index, known, first) if changed else self.engine.index
            self._learned = learned
            await self._use(known, index)
            self._mark = mark
            if learned and (note := learned.outdated(known.version)):
                log.warning("%s", note)
        if self.engine.index.unsettled and (self._settling is None or self._settling.done()):
            self._settling = asyncio.create_task(self._settle(), name="base-settle")

    def as_if(self, entries: tuple[KnownEntry, ...]) -> Engine:
        """The engine as it would be with these entries instead, beside the one in use; only unknown questions are analysed.
        Takes its time: not for the event loop."""
        known = Snapshot(self._known.version, entries, self._known.vocabulary)
        return engine_of(known, self._settings, self._learned, index=self.engine.index.renewed(entries))

    async def settled(self) -> None:
        """Wait until nothing is being laid out anew any more."""
        if self._settling:
            await self._settling

    def _index(self, known: Snapshot, first: bool) -> Index:
        """With as little analysing as can be: what is in memory first, then what is on disk."""
        if not first and known.vocabulary == self._known.vocabulary:
            return self.engine.index.renewed(known.entries)
        lexicon = Lexicon.parse(known.vocabulary)
        index = index_store.load(self._settings.data, known.entries, lexicon, known.version, self._dense)
        if index is None:
            index = Index(known.entries, lexicon, dense=self._dense)
            index_store.save(self._settings.data, index, known.version)
        return index

    async def _use(self, known: Snapshot, index: Index) -> None:
        engine = await asyncio.to_thread(engine_of, known, self._settings, self._learned, index=index)
        self._known, self.engine, self.entries = known, engine, {entry.key: entry for entry in known.entries}

    async def _settle(self) -> None:
        """Lay a much changed index out anew; what changes meanwhile is added to the new one."""
        known, index = self._known, self.engine.index
        anew = await asyncio.to_thread(index.settled_anew, known.entries)
        async with self._lock:
            if self._known.vocabulary != known.vocabulary:
                return
            if self._known is known:
                await asyncio.to_thread(index_store.save, self._settings.data, anew, known.version)
            else:
                anew = await asyncio.to_thread(anew.renewed, self._known.entries)
            await self._use(self._known, anew)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                await self.refresh()
            except (DBAPIError, OSError) as error:
                # The old engine goes on answering; storing the answers will say by itself that the database is away.
                log.warning("knowledge base not readable: %s", type(error).__name__)
