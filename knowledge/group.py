"""Group commit: the writes of many requests share one transaction, and each is answered only after the commit.

One transaction per request costs thirty times a bare reply; one per batch does not (docs/decisions.md).
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from knowledge.errors import StorageError
from knowledge.local import T, Work

Item = TypeVar("Item")
Result = TypeVar("Result")
WriteAll = Callable[[Connection, Sequence[Item]], list[Result]]

BATCH_MAX = 500


class Writes(Protocol):
    """Where batches go: the database."""

    async def write_rows(self, work: Work[T]) -> T:
        """One transaction."""


class GroupWriter(Generic[Item, Result]):
    """Collects what arrives while a commit is under way and writes it with the next one."""

    def __init__(self, database: Writes, write_all: WriteAll[Item, Result]) -> None:
        self._database = database
        self._write_all = write_all
        self._queue: asyncio.Queue[tuple[Item, asyncio.Future[Result]]] = asyncio.Queue(maxsize=10_000)
        self._task: asyncio.Task[None] | None = None

    async def write(self, item: Item) -> Result:
        """Return once the item is on disk. Raises what refused it: IntegrityError for a double, OSError and the like."""
        if self._task is None:
            raise StorageError("服务正在停止，请稍后再试。")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        await self._queue.put((item, future))
        return await future

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="group-writer")

    async def stop(self) -> None:
        """Write what is waiting, then end."""
        if self._task is None:
            return
        task, self._task = self._task, None
        await self._queue.join()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH_MAX and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._write_batch(batch)
            finally:
                for _ in batch:
                    self._queue.task_done()

    async def _write_batch(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            await self._commit(batch)
        except IntegrityError as error:
            if len(batch) == 1:
                _fail(batch, error)
                return
            # One double must not spoil its neighbours: each is written alone, and only the double is refused.
            for single in batch:
                await self._write_batch([single])
        except Exception as error:  # the caller of each write gets it; the writer itself must live on
            _fail(batch, error)

    async def _commit(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        items = [item for item, _ in batch]
        results = await self._database.write_rows(lambda connection: self._write_all(connection, items))
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)


def _fail(batch: list[tuple[Item, asyncio.Future[Result]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
