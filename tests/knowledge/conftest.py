"""Databases that share their tables, the shipped knowledge base, and folders to test with."""

import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text
from sqlmodel import SQLModel

import knowledge
from knowledge import migrate, settings
from knowledge.base import Base, read_base
from knowledge.db import Database, open_database
from knowledge.settings import Settings

DATA = Path(knowledge.__file__).parent / "data"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


async def _migrate(chosen: Settings) -> Settings:
    opened = open_database(chosen)
    await migrate.upgrade(opened)
    await opened.close()
    return chosen


@pytest.fixture(scope="session")
async def tables_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A database file with all tables and no row, to be copied."""
    return await _migrate(settings.load({}, data=tmp_path_factory.mktemp("tables")))


@pytest.fixture(scope="session")
async def tables_postgresql(postgresql: str) -> Settings:
    """One PostgreSQL database for the whole folder, emptied before each test: making one takes a second."""
    server = open_database(settings.load({}, database_url=postgresql.format(name="postgres")))
    async with server.writer.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("CREATE DATABASE knowledge_tables"))
    await server.close()
    return await _migrate(settings.load({}, database_url=postgresql.format(name="knowledge_tables")))


@pytest.fixture
def shared(backend: str, request: pytest.FixtureRequest) -> Settings:
    """Settings of the backend's tables; only the backend asked for is started."""
    found: Settings = request.getfixturevalue(f"tables_{backend}")
    return found


@pytest.fixture
async def chosen(shared: Settings, tmp_path: Path) -> Settings:
    """Settings of a database with all tables and no row, on either backend."""
    if not shared.database_url:
        shutil.copy(shared.database_file, tmp_path / shared.database_file.name)
        return settings.load({}, data=tmp_path)
    opened = open_database(shared)
    async with opened.writing_core() as connection:
        for table in reversed(SQLModel.metadata.sorted_tables):
            await connection.execute(table.delete())
    await opened.close()
    return shared


@pytest.fixture
async def database(chosen: Settings) -> AsyncIterator[Database]:
    """That database, opened."""
    opened = open_database(chosen)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def shipped() -> Base:
    """The starter base that comes with the program."""
    return read_base(DATA)


def policy(**changes: Any) -> dict[str, Any]:
    """A good row of `policies.yaml`; a change to None leaves the field out."""
    row = {
        "key": "p1",
        "title": "住房公积金管理条例",
        "level": "A",
        "articles": [{"article": "第三条", "text": "属于职工个人所有。"}],
        **changes,
    }
    return {name: value for name, value in row.items() if value is not None}


def entry(**changes: Any) -> dict[str, Any]:
    """A good row of `entries/*.yaml`; a change to None leaves the field out."""
    row = {
        "key": "a.one",
        "standard": "公积金归谁？",
        "short": "公积金归谁",
        "topic": "缴存",
        "region": "全国",
        "status": "approved",
        "level": "A",
        "similar": [f"公积金是谁的{number}" for number in range(1, 7)],
        "answer": "归职工个人。",
        "basis": [{"policy": "p1", "article": "第三条", "quote": "属于职工个人所有"}],
        **changes,
    }
    return {name: value for name, value in row.items() if value is not None}


Rows = list[dict[str, Any]]
Lay = Callable[..., Path]


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Lays out a folder with one good policy and one good entry, or the rows or raw text given."""

    def write(entries: Rows | str | bytes | None = None, policies: Rows | str | None = None) -> Path:
        folder = tmp_path / "base"
        (folder / "entries").mkdir(parents=True, exist_ok=True)
        given = {folder / "policies.yaml": policies or [policy()], folder / "entries" / "a.yaml": entries or [entry()]}
        for file, content in given.items():
            if isinstance(content, list):
                content = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return write
