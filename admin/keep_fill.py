"""A backup's rows into an empty database, and the proof that they are all there and unchanged."""

from collections.abc import AsyncIterator

import sqlalchemy as sa
from alembic import command
from sqlalchemy import Table
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from admin.keep import Progress, known_versions, ledger_end
from admin.keep_archive import DAMAGED, Archive, TablePart
from admin.keep_rows import BATCH, VERSION_TABLE, columns_of, count, insertion, parse_rows, reflected, tables_of
from knowledge import ledger, migrate
from knowledge.db import MIGRATION_LOCK
from knowledge.errors import BadInputError, ConflictError

OCCUPIED = "PostgreSQL 数据库里已有数据，没有恢复。请检查 ZHENGWEN_DATABASE_URL，换一个空的数据库。"


async def refuse_rows(connection: AsyncConnection) -> None:
    """ConflictError unless the database is without tables, or holds nothing but our own tables without a row."""
    metadata = await reflected(connection)
    tables = [table for table in metadata.tables.values() if table.name != VERSION_TABLE]
    present = await connection.run_sync(migrate.present_version)
    if tables and present not in known_versions():
        raise ConflictError(OCCUPIED)
    for table in tables:
        if (await connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1))).first():
            raise ConflictError(OCCUPIED)


async def take_over(connection: AsyncConnection) -> None:
    """Make a PostgreSQL database bare within the transaction: nobody else can write to it or migrate it meanwhile."""
    await connection.execute(sa.text("SET LOCAL lock_timeout = '10s'"))
    await connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    metadata = await reflected(connection)
    quote = connection.dialect.identifier_preparer.quote
    for name in metadata.tables:
        await connection.execute(sa.text(f"LOCK TABLE {quote(name)} IN ACCESS EXCLUSIVE MODE"))
    await refuse_rows(connection)
    await connection.run_sync(metadata.drop_all)


async def fill(connection: AsyncConnection, archive: Archive, accept_fault: bool, progress: Progress) -> None:
    """Tables of the backup's version, its rows, then this version's tables; counted and proved."""
    manifest = archive.manifest
    await _migrate(connection, manifest.migration)
    tables = await tables_of(connection)
    parts = {part.table: part for part in manifest.tables}
    if {table.name: columns_of(table) for table in tables} != {name: part.columns for name, part in parts.items()}:
        raise BadInputError(DAMAGED)
    done = 0
    for table in tables:
        async for rows in _filled(connection, table, archive, parts[table.name]):
            done += rows
            progress(done, manifest.rows)
        if await count(connection, table) != parts[table.name].rows:
            raise BadInputError(DAMAGED)
    if await ledger_end(connection, tables) != manifest.ledger:
        raise BadInputError(DAMAGED)
    await _migrate(connection, "head")
    await _prove(connection, accept_fault)


async def set_sequences(connection: AsyncConnection) -> None:
    """Let PostgreSQL number new rows behind those that were loaded."""
    quote = connection.dialect.identifier_preparer.quote
    for table in await tables_of(connection):
        for column in table.columns:
            owned = sa.select(sa.func.pg_get_serial_sequence(quote(table.name), column.name))
            sequence = (await connection.execute(owned)).scalar_one()
            if sequence is not None:
                highest = (await connection.execute(sa.select(sa.func.max(column)))).scalar_one()
                await connection.execute(sa.select(sa.func.setval(sequence, highest or 1, highest is not None)))


async def _migrate(connection: AsyncConnection, revision: str) -> None:
    await connection.run_sync(lambda plain: command.upgrade(migrate.configuration(plain), revision))


async def _filled(connection: AsyncConnection, table: Table, archive: Archive, part: TablePart) -> AsyncIterator[int]:
    statement = insertion(connection, table)
    for lines in archive.batches(part):
        for start in range(0, len(lines), BATCH):
            try:
                rows = parse_rows(lines[start : start + BATCH], part.columns)
                await connection.execute(statement, rows)
            except ValueError as error:
                raise BadInputError(DAMAGED) from error
            except (DataError, IntegrityError) as error:
                raise BadInputError(
                    f"备份里 {table.name} 表的内容放不进数据库，什么都没有恢复（{error.orig}）。"
                ) from error
            yield len(rows)


async def _prove(connection: AsyncConnection, accept_fault: bool) -> None:
    """The chain must hold, unless a person takes it as it is: better a ledger with a known fault than no data."""
    fault = (await ledger.verify(connection)).fault
    if fault and not accept_fault:
        raise BadInputError(
            f"备份里的台账有问题：{fault}。什么都没有恢复，请换一份备份。"
            "没有别的备份时，查清原因后可以加 --accept-ledger-fault 原样恢复。"
        )
