"""Group commit: many writes, few transactions, and each caller hears of his own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, Engine, event, insert, select
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError, IntegrityError

from knowledge.db import Database
from knowledge.errors import StorageError
from knowledge.group import BATCH_MAX, GroupWriter
from knowledge.local import T, Work
from knowledge.tables import Reading
from tests.knowledge.conftest import NOON

READINGS = Reading.__table__  # type: ignore[attr-defined]


class Office:
    """A group writer of readings; the test can hold it, break it, and see what it did."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.batches: list[list[str]] = []
        self.commits = 0
        self.open = asyncio.Event()
        self.open.set()
        self.begun = asyncio.Event()
        self.broken = False
        self.writer: GroupWriter[str, str] = GroupWriter(self, self.write_all)
        event.listen(Engine, "commit", self._committed)

    def _committed(self, _connection: object) -> None:
        self.commits += 1

    async def write_rows(self, work: Work[T]) -> T:
        """The database's own door, with a gate before it."""
        self.begun.set()
        await self.open.wait()
        return await self.database.write_rows(work)

    def write_all(self, connection: Connection, keys: Sequence[str]) -> list[str]:
        self.batches.append(list(keys))
        if self.broken:
            connection.execute(sql("INSERT INTO nowhere VALUES (1)"))
        fixed = {"day": date(2026, 1, 1), "value": Decimal(1), "unit": "", "source": "", "recorded_by": "office"}
        connection.execute(insert(READINGS), [{"key": key, "recorded_at": NOON, **fixed} for key in keys])
        return [f"stored {key}" for key in keys]

    async def stored(self) -> list[str]:
        async with self.database.reader.connect() as connection:
            return list((await connection.execute(select(READINGS.c.key).order_by(READINGS.c.id))).scalars())

    async def hold(self, *keys: str) -> list[asyncio.Task[str]]:
        """Stop the writer within a first batch, then let writes queue up behind it."""
        self.open.clear()
        first = asyncio.create_task(self.writer.write("first"))
        await self.begun.wait()
        waiting = [asyncio.create_task(self.writer.write(key)) for key in keys]
        await asyncio.sleep(0)
        return [first, *waiting]


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    office = Office(database)
    office.writer.start()
    yield office
    office.open.set()
    await office.writer.stop()
    event.remove(Engine, "commit", office._committed)


def names(count: int) -> list[str]:
    return [f"r{number:04d}" for number in range(count)]


async def test_many_writes_share_commits(office: Office) -> None:
    results = await asyncio.gather(*(office.writer.write(key) for key in names(100)))
    assert results == [f"stored {key}" for key in names(100)]
    assert await office.stored() == names(100)
    assert office.commits <= 3


async def test_what_arrives_during_a_commit_is_written_with_the_next(office: Office) -> None:
    tasks = await office.hold("a", "b", "c")
    office.open.set()
    await asyncio.gather(*tasks)
    assert office.batches == [["first"], ["a", "b", "c"]]
    assert office.commits == 2


async def test_batch_never_grows_beyond_its_limit(office: Office) -> None:
    tasks = await office.hold(*names(2 * BATCH_MAX + 1))
    office.open.set()
    await asyncio.gather(*tasks)
    assert [len(batch) for batch in office.batches] == [1, BATCH_MAX, BATCH_MAX, 1]
    assert await office.stored() == ["first", *names(2 * BATCH_MAX + 1)]


async def test_nobody_is_answered_before_his_row_is_on_disk(office: Office) -> None:
    async def write(key: str) -> bool:
        await office.writer.write(key)
        return key in await office.stored()

    assert all(await asyncio.gather(*(write(key) for key in names(10))))


async def test_one_double_among_many_fails_alone(office: Office) -> None:
    await office.writer.write("r0003")
    results = await asyncio.gather(*(office.writer.write(key) for key in names(6)), return_exceptions=True)
    assert isinstance(results[3], IntegrityError)
    assert [result for result in results if isinstance(result, str)] == [
        f"stored {key}" for key in names(6) if key != "r0003"
    ]
    assert sorted(await office.stored()) == names(6)


async def test_of_two_doubles_in_one_batch_the_first_is_stored(office: Office) -> None:
    tasks = await office.hold("a", "same", "same", "b")
    office.open.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [str, str, str, IntegrityError, str]
    assert await office.stored() == ["first", "a", "same", "b"]


async def test_error_of_the_database_reaches_every_waiting_caller_and_the_writer_lives_on(office: Office) -> None:
    tasks = await office.hold("a", "b")
    office.broken = True
    office.open.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, DBAPIError) for result in results)
    assert not any(isinstance(result, IntegrityError) for result in results)
    assert await office.stored() == []
    office.broken = False
    assert await office.writer.write("a") == "stored a"
    assert await office.stored() == ["a"]


async def test_stop_writes_what_is_waiting(office: Office) -> None:
    tasks = await office.hold("a", "b")
    stopping = asyncio.create_task(office.writer.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    office.open.set()
    await stopping
    assert [task.result() for task in tasks] == ["stored first", "stored a", "stored b"]
    assert await office.stored() == ["first", "a", "b"]


async def test_writing_while_stopping_and_after_is_refused(office: Office) -> None:
    tasks = await office.hold()
    stopping = asyncio.create_task(office.writer.stop())
    await asyncio.sleep(0)
    with pytest.raises(StorageError, match="停止"):
        await office.writer.write("late")
    office.open.set()
    await asyncio.gather(stopping, *tasks)
    with pytest.raises(StorageError, match="停止"):
        await office.writer.write("later")
    assert await office.stored() == ["first"]


async def test_stopping_twice_or_before_the_start_does_no_harm(database: Database) -> None:
    office = Office(database)
    await office.writer.stop()
    office.writer.start()
    await office.writer.write("a")
    await office.writer.stop()
    await office.writer.stop()
    assert await office.stored() == ["a"]


async def test_cancelled_waiters_do_no_harm_to_their_neighbours(office: Office) -> None:
    first, a, b, c = await office.hold("a", "b", "c")
    first.cancel()
    b.cancel()
    await asyncio.gather(first, b, return_exceptions=True)
    office.open.set()
    assert [await a, await c] == ["stored a", "stored c"]
    assert (first.cancelled(), b.cancelled()) == (True, True)
    assert await office.writer.write("d") == "stored d"
    assert await office.stored() == ["first", "a", "b", "c", "d"]


async def test_cancelled_waiter_whose_write_fails_does_no_harm(office: Office) -> None:
    first, a, b = await office.hold("a", "b")
    a.cancel()
    office.broken = True
    office.open.set()
    results = await asyncio.gather(first, a, b, return_exceptions=True)
    assert [isinstance(result, DBAPIError) for result in results] == [True, False, True]
    office.broken = False
    assert await office.writer.write("c") == "stored c"
