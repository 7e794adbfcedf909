"""SQLite without a detour: the hot path's reads and writes on connections of this process, statement by statement at once.

The asynchronous driver hands every statement to a thread and back, which costs more than the statement. Here only what
may wait, for another writer or for the disk, happens in a thread: BEGIN IMMEDIATE and COMMIT. What lies between them
touches memory and the page cache and runs in the loop, like the reads, which must be few rows found by an index.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")
Work = Callable[[Connection], T]


class LocalDoor:
    """A reader and a writer on the same file. One writes at a time; whoever waits is served in turn."""

    def __init__(self, reader: Engine, writer: Engine) -> None:
        self.turn = asyncio.Lock()
        self._reader = reader
        self._writer = writer
        self._thread = ThreadPoolExecutor(1, "sqlite-writer")
        self._under_way: set[asyncio.Task[Any]] = set()

    def read(self, work: Work[T]) -> T:
        """Rows found by an index; the transaction ends with the call."""
        with self._reader.connect() as connection:
            return work(connection)

    async def write(self, work: Work[T]) -> T:
        """One transaction, on disk when this returns; whoever stops waiting does not stop it half-way."""
        task = asyncio.create_task(self._write(work), name="sqlite-write")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _write(self, work: Work[T]) -> T:
        loop = asyncio.get_running_loop()
        async with self.turn:
            with self._writer.connect() as connection:  # left with an error, it rolls back
                transaction = await loop.run_in_executor(self._thread, connection.begin)
                result = work(connection)
                await loop.run_in_executor(self._thread, transaction.commit)
                return result

    async def close(self) -> None:
        """Let the last writers finish, then let go of the file."""
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self._thread.shutdown()
        self._reader.dispose()
        self._writer.dispose()
