"""Backup: one file with every row, the secrets and the settings file, made while the service runs.

All tables are read in one transaction that sees one moment; the file holds lines of JSON, the same from SQLite and from
PostgreSQL, and can be restored into either.
"""

import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from admin.keep_archive import (
    FORMAT_VERSION,
    KEY_NAME,
    MANIFEST,
    SECRET_NAME,
    SECRETS,
    SETTINGS_FILE,
    LedgerEnd,
    Manifest,
    Measured,
    TablePart,
    pack,
    packing,
    table_member,
)
from admin.keep_disk import in_chinese, new_file
from admin.keep_rows import columns_of, count, read_rows, tables_of
from knowledge import clock, ledger, migrate, signing
from knowledge.db import Database, open_database, wait_until_reachable
from knowledge.errors import BadInputError, StorageError
from knowledge.settings import CONFIG_NAME, Settings

REACH_SECONDS = 10

Progress = Callable[[int, int], None]  # rows done, rows in all


async def backup(chosen: Settings, target: Path, *, overwrite: bool, progress: Progress) -> Manifest:
    """Write the file and return its manifest; on any error nothing is left behind."""
    if not chosen.database_url and not chosen.database_file.exists():
        raise BadInputError(f"{chosen.database_file} 不存在，没有可备份的数据。请检查 ZHENGWEN_DATA。")
    with in_chinese(), new_file(target, overwrite=overwrite) as file, packing(file) as packed:
        async with _one_moment(chosen) as connection:
            manifest = await _pack_all(connection, packed, chosen, progress)
        pack(packed, MANIFEST, manifest.model_dump_json(indent=1).encode())
    return manifest


def known_versions() -> list[str]:
    """The versions of the tables this program knows, newest first."""
    return [script.revision for script in ScriptDirectory.from_config(migrate.configuration()).walk_revisions()]


@asynccontextmanager
async def _one_moment(chosen: Settings) -> AsyncIterator[AsyncConnection]:
    """A connection that sees the database as it is now, whatever is written meanwhile."""
    database = open_database(chosen)
    try:
        if not database.is_sqlite:
            await wait_until_reachable(database, REACH_SECONDS)
        async with database.reader.connect() as connection:
            if not database.is_sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            await _refuse_unfit(database, connection)
            yield connection
    finally:
        await database.close()


async def _refuse_unfit(database: Database, connection: AsyncConnection) -> None:
    if database.is_sqlite:
        found = (await connection.execute(sa.text("PRAGMA quick_check(1)"))).scalar_one()
        if found != "ok":
            raise StorageError(f"数据库文件已经损坏（{found}），没有做备份。请停止服务，用最近一份完好的备份恢复。")
    present = await connection.run_sync(migrate.present_version)
    if present is None:
        raise BadInputError("数据库是空的，没有可备份的数据。请检查 ZHENGWEN_DATA 和 ZHENGWEN_DATABASE_URL。")
    if present not in known_versions():
        raise StorageError(f"数据库的版本 {present} 比这个程序新，没有做备份。请用建立它的那个版本来备份。")


async def _pack_all(
    connection: AsyncConnection, packed: zipfile.ZipFile, chosen: Settings, progress: Progress
) -> Manifest:
    tables = await tables_of(connection)
    total, done = sum([await count(connection, table) for table in tables]), 0
    parts: list[TablePart] = []
    for table in tables:
        parts.append(await _pack_table(connection, packed, table, partial(_report, progress, done, total)))
        done += parts[-1].rows
    files = [pack(packed, name, content) for name, content in _files(chosen)]
    return Manifest(
        format="zhengwen-backup",
        format_version=FORMAT_VERSION,
        program=version("zhengwen"),
        migration=await connection.run_sync(migrate.present_version) or "",
        made_at=clock.now().isoformat(timespec="seconds"),
        database=connection.dialect.name,
        ledger=await ledger_end(connection, tables),
        tables=tuple(parts),
        files=tuple(files),
    )


def _report(progress: Progress, before: int, total: int, rows: int) -> None:
    progress(before + rows, total)


async def _pack_table(
    connection: AsyncConnection, packed: zipfile.ZipFile, table: Table, progress: Callable[[int], None]
) -> TablePart:
    name, rows = table_member(table.name), 0
    with packed.open(name, "w", force_zip64=True) as member:
        measured = Measured(member)
        async for number, lines in read_rows(connection, table):
            measured.write(lines)
            rows += number
            progress(rows)
    return TablePart(
        name=name, size=measured.size, sha256=measured.sha256, table=table.name, rows=rows, columns=columns_of(table)
    )


async def ledger_end(connection: AsyncConnection, tables: list[Table]) -> LedgerEnd:
    """How many lines the ledger has, and the hash of its last."""
    table = next(table for table in tables if table.name == ledger.TABLE.name)
    last = sa.select(table.c.hash).order_by(table.c.seq.desc()).limit(1)
    return LedgerEnd(
        lines=await count(connection, table), last_hash=(await connection.execute(last)).scalar_one_or_none() or ""
    )


def _files(chosen: Settings) -> Iterator[tuple[str, bytes]]:
    """The key signatures come from, wherever it is set; the other secrets; the settings file of the data folder."""
    folder = chosen.data / SECRETS
    key = chosen.secret_key or (folder / KEY_NAME).exists()
    if key:
        yield SECRETS + KEY_NAME, signing.secret_key(chosen)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name != KEY_NAME and SECRET_NAME.fullmatch(path.name) and not path.name.startswith("new-"):
            yield SECRETS + path.name, path.read_bytes()
    if (chosen.data / CONFIG_NAME).exists():
        yield SETTINGS_FILE, (chosen.data / CONFIG_NAME).read_bytes()
