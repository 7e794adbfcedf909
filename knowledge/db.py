"""The door to the database: SQLite (WAL, synchronous=FULL) in the data folder, or PostgreSQL by one setting.

Readers and writers have engines of their own: on SQLite a writer says BEGIN IMMEDIATE and there is one at a time, so
no transaction ever fails half-way because another began to write first.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.errors import StorageError
from knowledge.local import LocalDoor, T, Work
from knowledge.settings import Settings

BUSY_TIMEOUT_MS = 15_000
SQLITE_READERS = 5
READS, WRITES = "BEGIN", "BEGIN IMMEDIATE"
ANY_THREAD = {"check_same_thread": False}  # never two at once: see knowledge/local.py
# Any number will do, as long as nothing else in the same PostgreSQL uses it.
LEDGER_LOCK = 7_203_001
MIGRATION_LOCK = 7_203_002


class Database:
    """Two engines and the sessions on them, and a shorter way for the hot path. Close it when done."""

    def __init__(self, reader: AsyncEngine, writer: AsyncEngine, local: LocalDoor | None = None) -> None:
        self.reader = reader
        self.writer = writer
        self._local = local
        self.is_sqlite = local is not None

    def _turn(self) -> AbstractAsyncContextManager[None]:
        """On SQLite the writers of this process queue here, in order, instead of knocking at the file in a race."""
        return self._local.turn if self._local else nullcontext()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads; its transaction is rolled back at the end."""
        async with AsyncSession(self.reader, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction: committed at the end, rolled back on any error."""
        async with self._turn(), AsyncSession(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

    @asynccontextmanager
    async def writing_core(self) -> AsyncIterator[AsyncConnection]:
        """A bare connection in one transaction (no ORM)."""
        async with self._turn(), self.writer.begin() as connection:
            yield connection

    async def read_rows(self, work: Work[T]) -> T:
        """The hot path's read: a few rows found by an index; `work` only executes statements on what it is given."""
        if self._local:
            return self._local.read(work)
        async with self.reader.connect() as connection:
            return await connection.run_sync(work)

    async def write_rows(self, work: Work[T]) -> T:
        """The hot path's write: one transaction, on disk when this returns."""
        if self._local:
            return await self._local.write(work)
        async with self.writer.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """Give all connections back."""
        if self._local:
            await self._local.close()
        await self.reader.dispose()
        if self.writer is not self.reader:
            await self.writer.dispose()


def open_database(settings: Settings) -> Database:
    """Connect as the settings say; nothing is read or written yet."""
    if settings.database_url:
        engine = _postgresql(settings.database_url.get_secret_value())
        return Database(engine, engine)
    settings.data.mkdir(parents=True, exist_ok=True)
    url = f"sqlite+aiosqlite:///{settings.database_file}"
    reader = create_async_engine(url, pool_size=SQLITE_READERS, max_overflow=0, pool_timeout=60)
    writer = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=60)
    near_reader, near_writer = (
        create_engine(f"sqlite:///{settings.database_file}", poolclass=StaticPool, connect_args=ANY_THREAD)
        for _ in (READS, WRITES)
    )
    engines = (reader.sync_engine, writer.sync_engine, near_reader, near_writer)
    for each, begin in zip(engines, (READS, WRITES) * 2, strict=True):
        _as_sqlite_should_be(each, begin)
    return Database(reader, writer, LocalDoor(near_reader, near_writer))


def _postgresql(url: str) -> AsyncEngine:
    scheme, rest = url.split("://", 1)
    del scheme
    return create_async_engine(f"postgresql+asyncpg://{rest}", pool_size=10, max_overflow=10, pool_pre_ping=True)


def _as_sqlite_should_be(engine: Engine, begin_with: str) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver's guess
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin_with)


def lock_ledger(connection: Connection) -> None:
    """Let one transaction at a time append to the ledger, on any number of processes; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sql("SELECT pg_advisory_xact_lock(:key)"), {"key": LEDGER_LOCK})


async def wait_until_reachable(database: Database, seconds: float = 30) -> None:
    """A PostgreSQL that is just starting gets some time; then a sentence that says what to look at."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            async with database.reader.connect() as connection:
                await connection.execute(sql("SELECT 1"))
                return
        except (OSError, DBAPIError) as error:
            if asyncio.get_running_loop().time() > deadline:
                raise StorageError(
                    f"连不上数据库（{type(error).__name__}）。请检查 ZHENGWEN_DATABASE_URL、数据库是否启动、磁盘是否已满。"
                ) from error
        await asyncio.sleep(0.5)
