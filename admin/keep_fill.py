"""A backup's rows into an empty database, and the proof that they are all there and unchanged."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import command
from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from admin.keep import LEDGER, Progress, known_versions, ledger_end
from admin.keep_archive import DAMAGED, Archive, Manifest, TablePart
from admin.keep_rows import VERSION_TABLE, columns_of, count, insertion, parse_rows, reflected, tables_of
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
        for rows in await_batches(archive, parts[table.name]):
            await _insert(connection, table, rows, parts[table.name])
            done += len(rows)
            progress(done, manifest.rows)
        if await count(connection, table) != parts[table.name].rows:
            raise BadInputError(DAMAGED)
        if table.name == LEDGER and await ledger_end(connection, table) != manifest.ledger.model_copy(
            update={"fault": None}
        ):
            raise BadInputError(DAMAGED)
    await _migrate(connection, "head")
    await _prove(connection, manifest, accept_fault)
