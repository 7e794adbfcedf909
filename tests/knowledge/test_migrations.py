"""Migrations make exactly the tables of this version, from nothing, on both databases."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy import text as sql
from sqlmodel import SQLModel

import knowledge.tables  # noqa: F401 fills SQLModel.metadata
from knowledge import migrate, settings
from knowledge.db import Database, open_database
from knowledge.errors import StorageError
from knowledge.settings import Settings

FOLDER = Path(migrate.__file__).parent / "migrations" / "versions"
HEAD = ScriptDirectory.from_config(migrate.configuration()).get_current_head()


@pytest.fixture
def empty(empty_url: str | None, tmp_path: Path) -> Settings:
    """Settings of a database without a table."""
    return settings.load({}, data=tmp_path / "empty", database_url=empty_url)


@pytest.fixture
async def own(empty: Settings) -> AsyncIterator[Database]:
    """A migrated database that a test may spoil."""
    opened = open_database(empty)
    await migrate.upgrade(opened)
    yield opened
    await opened.close()


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def difference(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, SQLModel.metadata))


async def test_migrations_equal_the_tables(database: Database) -> None:
    async with database.writer.connect() as connection:
        assert await connection.run_sync(difference) == []
        assert await connection.run_sync(tables) == {*SQLModel.metadata.tables, "alembic_version"}


async def test_a_table_changed_by_hand_would_be_seen(database: Database) -> None:
    async with database.writer.connect() as connection:
        await connection.execute(sql("DROP TABLE reading"))
        await connection.execute(sql("ALTER TABLE staff ADD COLUMN extra VARCHAR"))
        assert len(await connection.run_sync(difference)) == 2
        await connection.rollback()


def test_migrations_are_numbered_one_after_the_other() -> None:
    files = sorted(file.name for file in FOLDER.glob("*.py") if file.name != "__init__.py")
    assert files
    for number, name in enumerate(files, 1):
        assert re.fullmatch(rf"{number:04d}_[a-z0-9_]+\.py", name)
    scripts = list(ScriptDirectory.from_config(migrate.configuration()).walk_revisions())
    assert sorted(script.revision for script in scripts) == [name[:4] for name in files]
    assert len(files) == int(HEAD or 0)


async def test_upgrade_tells_the_version_before_and_after(empty: Settings) -> None:
    opened = open_database(empty)
    try:
        assert await migrate.upgrade(opened) == (None, HEAD)
        assert await migrate.upgrade(opened) == (HEAD, HEAD)
    finally:
        await opened.close()


async def test_second_upgrade_keeps_what_is_stored(database: Database) -> None:
    async with database.writing_core() as connection:
        await connection.execute(sql("INSERT INTO base_state VALUES (1, 7, 'words', '2026-01-01 00:00:00+00:00')"))
    await migrate.upgrade(database)
    async with database.reader.connect() as connection:
        assert (await connection.execute(sql("SELECT version FROM base_state"))).scalar_one() == 7


BEFORE_ACCOUNTS = """
INSERT INTO wechat_user (key, account, openid, since, pushed, choosing)
VALUES ('k', 'city', 'o', '2026-01-01 00:00:00+00:00', 0, '');
INSERT INTO delivery (id, user_key, text, state, made_at, due_at, attempts)
VALUES (1, 'k', 'text', 'sent', '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 1);
INSERT INTO delivery (id, user_key, text, state, made_at, due_at, attempts)
VALUES (2, NULL, '', 'sent', '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 1);
INSERT INTO delivery_attempt VALUES (1, 1, '2026-01-01 00:00:00+00:00', 'customer_message', 'sent', NULL, '')
"""


async def test_deliveries_of_before_learn_their_account(own: Database) -> None:
    scripts = ScriptDirectory.from_config(migrate.configuration()).walk_revisions()
    before = next(script.down_revision for script in scripts if script.path.endswith("_channel_switches.py"))

    def back(connection: Connection) -> None:
        command.downgrade(migrate.configuration(connection), str(before))

    async with own.writer.begin() as connection:
        await connection.run_sync(back)
        for statement in BEFORE_ACCOUNTS.split(";"):
            await connection.execute(sql(statement))
    await migrate.upgrade(own)
    async with own.reader.connect() as connection:
        found = await connection.execute(sql("SELECT account FROM delivery ORDER BY id"))
        assert list(found.scalars()) == ["city", None]
        assert (await connection.execute(sql("SELECT count(*) FROM delivery_attempt"))).scalar_one() == 1


async def test_upgrades_at_once_make_the_tables_once(empty: Settings) -> None:
    """As when several processes start together: one migrates, the others wait and find it done."""
    opened = [open_database(empty) for _ in range(4)]
    try:
        versions = await asyncio.gather(*(migrate.upgrade(one) for one in opened))
        async with opened[0].reader.connect() as connection:
            assert await connection.run_sync(difference) == []
    finally:
        for one in opened:
            await one.close()
    assert sorted(versions, key=str) == [(HEAD, HEAD), (HEAD, HEAD), (HEAD, HEAD), (None, HEAD)]


async def test_database_of_a_newer_version_is_refused_and_left_alone(own: Database) -> None:
    async with own.writing_core() as connection:
        await connection.execute(sql("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match=r"数据库的版本 9999 比这个程序新。请安装"):
        await migrate.upgrade(own)
    async with own.writer.connect() as connection:
        assert await connection.run_sync(migrate.present_version) == "9999"
        assert await connection.run_sync(difference) == []


async def test_going_back_before_the_first_migration_leaves_nothing(own: Database) -> None:
    def back(connection: Connection) -> None:
        command.downgrade(migrate.configuration(connection), "base")

    async with own.writer.begin() as connection:
        await connection.run_sync(back)
    async with own.writer.connect() as connection:
        assert await connection.run_sync(tables) == {"alembic_version"}
        assert await connection.run_sync(migrate.present_version) is None
    assert await migrate.upgrade(own) == (None, HEAD)


async def test_failed_migration_leaves_the_database_as_it_was(empty: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = command.upgrade

    def broken(*given: Any) -> None:
        upgrade(*given)
        raise RuntimeError("power cut")

    monkeypatch.setattr(command, "upgrade", broken)
    opened = open_database(empty)
    try:
        with pytest.raises(RuntimeError, match="power cut"):
            await migrate.upgrade(opened)
        async with opened.writer.connect() as connection:
            assert await connection.run_sync(tables) == set()
    finally:
        await opened.close()


BEFORE_PEOPLE = """
INSERT INTO staff VALUES (1, 'li', '老李', 'reviewer', 'hash', false, true, '2026-01-01 00:00:00+00:00');
INSERT INTO staff_session VALUES ('d', 1, '2026-01-01 00:00:00+00:00', '2026-01-01 08:00:00+00:00')
"""


async def test_accounts_of_before_stay_and_sign_in_again(own: Database) -> None:
    scripts = ScriptDirectory.from_config(migrate.configuration()).walk_revisions()
    before = next(script.down_revision for script in scripts if script.path.endswith("_people.py"))

    def back(connection: Connection) -> None:
        command.downgrade(migrate.configuration(connection), str(before))

    async with own.writer.begin() as connection:
        await connection.run_sync(back)
        for statement in BEFORE_PEOPLE.split(";"):
            await connection.execute(sql(statement))
    await migrate.upgrade(own)
    async with own.writer.begin() as connection:
        assert (await connection.execute(sql("SELECT username, department_id FROM staff"))).all() == [("li", None)]
        assert (await connection.execute(sql("SELECT count(*) FROM staff_session"))).scalar_one() == 0
        await connection.execute(sql("INSERT INTO recovery_code VALUES ('d', 1)"))
        await connection.run_sync(back)
        assert (await connection.execute(sql("SELECT username FROM staff"))).scalar_one() == "li"
