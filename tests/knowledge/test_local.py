"""The short way to the database: whole or not at all, in turn with the sessions, the same on SQLite and PostgreSQL."""

import asyncio
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
import sqlmodel
from sqlalchemy import Connection, func, insert, select

from knowledge.db import Database
from knowledge.tables import Reading
from tests.knowledge.conftest import NOON

only_sqlite = pytest.mark.parametrize("backend", ["sqlite"])
READINGS = Reading.__table__  # type: ignore[attr-defined]
ROW = {
    "day": date(2026, 1, 1), "value": Decimal(1), "unit": "", "source": "", "recorded_by": "office", "recorded_at": NOON,
}  # fmt: skip


def add(connection: Connection, key: str = "short") -> str:
    connection.execute(insert(READINGS), [{"key": key, **ROW}])
    return key


def count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(READINGS)).scalar_one())


async def test_what_was_written_is_read_at_once(database: Database) -> None:
    assert await database.read_rows(count) == 0
    assert await database.write_rows(add) == "short"
    assert await database.read_rows(count) == 1
    async with database.reading() as session:
        assert len((await session.exec(sqlmodel.select(Reading))).all()) == 1


async def test_an_error_takes_everything_back_and_the_next_write_goes_on(database: Database) -> None:
    def broken(connection: Connection) -> None:
        add(connection)
        raise LookupError("half-way")

    with pytest.raises(LookupError):
        await database.write_rows(broken)
    assert await database.read_rows(count) == 0
    await database.write_rows(add)
    assert await database.read_rows(count) == 1


async def test_sessions_and_the_short_way_take_turns(database: Database) -> None:
    async def by_session(number: int) -> None:
        async with database.writing() as session:
            await session.exec(insert(READINGS).values(key=f"session {number}", **ROW))
            await asyncio.sleep(0.001)

    short = [database.write_rows(partial(add, key=f"short {number}")) for number in range(20)]
    await asyncio.gather(*short, *(by_session(number) for number in range(20)))
    assert await database.read_rows(count) == 40


@only_sqlite  # a caller who goes away ends the transaction of PostgreSQL's driver
async def test_who_stops_waiting_does_not_stop_the_write(database: Database) -> None:
    async with database.writing():
        waiting = asyncio.create_task(database.write_rows(add))
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await database.write_rows(partial(add, key="behind it"))
    assert await database.read_rows(count) == 2


@only_sqlite  # PostgreSQL's pool closes for itself
async def test_closing_waits_for_the_write_under_way(database: Database) -> None:
    writing = asyncio.create_task(database.write_rows(add))
    await asyncio.sleep(0)
    await database.close()
    assert await writing == "short"
