"""Brings the database to this version's tables, one process at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy import text as sql

from knowledge.db import MIGRATION_LOCK, Database
from knowledge.errors import StorageError


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration; there is no ini file to go astray."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


async def upgrade(database: Database) -> tuple[str | None, str | None]:
    """Migrate to the newest version; returns version before and after. Other processes wait their turn."""
    async with database.writer.begin() as connection:
        if not database.is_sqlite:
            await connection.execute(sql("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        return await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> tuple[str | None, str | None]:
    before = present_version(connection)
    known = {script.revision for script in _scripts().walk_revisions()}
    if before is not None and before not in known:
        raise StorageError(
            f"数据库的版本 {before} 比这个程序新。请安装建立它的那个版本或更新的版本，不要用旧程序打开新数据。"
        )
    command.upgrade(configuration(connection), "head")
    return before, present_version(connection)


def newest_version() -> str:
    """The version this program wants."""
    return str(_scripts().get_current_head())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration())


def present_version(connection: Connection) -> str | None:
    """The version stamped in the database."""
    return MigrationContext.configure(connection).get_current_revision()
