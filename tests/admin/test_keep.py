"""Backup and restore: what comes back is what was there, on either database, whatever was going on meanwhile."""

import asyncio
import errno
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from admin import keep, keep_restore, keep_rows
from admin.keep_archive import Manifest
from bot import following
from bot import service as services
from bot.message import checked
from bot.receiving import Receipt
from bot.service import Service
from knowledge import ledger, migrate, settings
from knowledge.db import open_database
from knowledge.errors import BadInputError, ConflictError, StorageError
from knowledge.settings import Settings
from knowledge.tables import Reading
from knowledge.vocabulary import Channel
from tests.conftest import BACKENDS, Configure, _lent

RENT = "威海无房职工租房提取住房公积金，一年最多能提多少？"
STRANGE = "大厅门口的石狮子\n“谁”捐的？\u2028\\n 𠮷😀"
ODD = datetime(2026, 12, 31, 16, 0, 0, 1, tzinfo=UTC)

both = pytest.mark.parametrize("backend", BACKENDS)
into_both = pytest.mark.parametrize("into", BACKENDS)


def quiet(done: int, total: int) -> None:
    """No progress bar."""


async def make_backup(chosen: Settings, path: Path, *, overwrite: bool = False) -> Manifest:
    return await keep.backup(chosen, path, overwrite=overwrite, progress=quiet)


async def put_back(chosen: Settings, path: Path) -> keep_restore.Restored:
    return await keep_restore.restore(chosen, path, accept_fault=False, progress=quiet)


async def all_rows(chosen: Settings) -> dict[str, list[dict[str, Any]]]:
    """Every row as this version's tables read it, without the code under test."""
    database = open_database(chosen)
    try:
        async with database.reader.connect() as connection:
            return {
                table.name: [
                    dict(row)
                    for row in (await connection.execute(select(table).order_by(*table.primary_key.columns))).mappings()
                ]
                for table in SQLModel.metadata.sorted_tables
            }
    finally:
        await database.close()


async def ask(service: Service, text: str) -> Receipt:
    return await service.receiver.receive(checked(text=text, channel=Channel.BOARD, max_chars=3000))


@asynccontextmanager
async def filled(chosen: Settings) -> AsyncIterator[Service]:
    """A running service with questions, answered and not, and values that are easily lost on the way."""
    async with running_on(chosen) as running:
        await ask(running, STRANGE + "，我的手机13812345678")
        for _ in range(3):
            await ask(running, RENT)
        readings = [Decimal("58"), Decimal("0.1000"), Decimal("-12345678.0625")]
        async with running.database.writing() as session:
            for number, value in enumerate(readings):
                more: dict[str, Any] = {"source": "", "recorded_by": "赵", "recorded_at": ODD}
                session.add(Reading(key=f"k{number}", day=date(2024, 2, 29), value=value, **more))
        yield running


@pytest.fixture
async def service(configure: Configure) -> AsyncIterator[Service]:
    """The filled service of one test."""
    async with filled(configure(questions_per_minute=10_000)) as running:
        yield running


@pytest.fixture
def into() -> str:
    """Which database is restored into."""
    return "sqlite"


@pytest.fixture
def into_server(into: str, request: pytest.FixtureRequest) -> str:
    """Where PostgreSQL is, if it is restored into."""
    return str(request.getfixturevalue("postgresql")) if into == "postgresql" else ""


@pytest.fixture
async def target(into_server: str, tmp_path: Path) -> AsyncIterator[Settings]:
    """An empty place to restore into."""
    async with _lent(into_server, f"target_{tmp_path.name}") as url:
        yield settings.load({}, data=tmp_path / "target", database_url=url, region="威海")


@asynccontextmanager
async def running_on(chosen: Settings) -> AsyncIterator[Service]:
    started = await services.start(chosen)
    try:
        yield started
    finally:
        await started.stop()


@both
@into_both
async def test_every_row_comes_back_and_the_service_goes_on(service: Service, target: Settings, tmp_path: Path) -> None:
    (service.settings.data / "zhengwen.toml").write_text('hotline = "12345"\n', "utf-8")
    receipt = await ask(service, RENT)
    before = await all_rows(service.settings)
    manifest = await make_backup(service.settings, tmp_path / "b.zip")
    assert manifest.rows == sum(len(rows) for rows in before.values())
    await put_back(target, tmp_path / "b.zip")
    assert await all_rows(target) == before
    assert (target.data / "zhengwen.toml").read_text("utf-8") == 'hotline = "12345"\n'
    assert stat.S_IMODE((target.data / "secrets" / "secret_key").stat().st_mode) == 0o600
    async with running_on(target) as restored:
        async with restored.database.reading() as session:
            own = await following.by_code(session, receipt.code, receipt.password, restored.key)
        assert own.reply
        assert own.reply.text == receipt.reply
        await ask(restored, RENT)
        async with restored.database.reader.connect() as connection:
            assert (await ledger.verify(connection)) == ledger.Verdict(manifest.ledger.lines + 1, None)
    after = await all_rows(target)
    for table in ("question", "question_event", "reply", "ledger"):
        assert after[table][:-1] == before[table]


@both
async def test_a_backup_while_questions_are_written_is_of_one_moment(
    service: Service, target: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Questions are acknowledged between the reading of one table and the next; the file knows none of them."""
    before, plain = await all_rows(service.settings), keep_rows.read_rows

    async def read_rows(connection: Any, table: Any) -> AsyncIterator[tuple[int, bytes]]:
        await asyncio.gather(*(ask(service, RENT) for _ in range(5)))
        async for batch in plain(connection, table):
            yield batch

    monkeypatch.setattr(keep, "read_rows", read_rows)
    await make_backup(service.settings, tmp_path / "b.zip")
    now = await all_rows(service.settings)
    assert len(now["reply"]) == len(before["reply"]) + 5 * len(before)
    await put_back(target, tmp_path / "b.zip")
    assert await all_rows(target) == before


@both
async def test_the_file_is_its_owners_only_and_never_over_another(service: Service, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_text("something else")
    with pytest.raises(ConflictError, match="--overwrite"):
        await make_backup(service.settings, path)
    assert path.read_text() == "something else"
    await make_backup(service.settings, path, overwrite=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert await keep_restore.rehearse(service.settings, path, accept_fault=False, progress=quiet)


async def test_a_full_disk_is_said_and_leaves_nothing(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "backups").mkdir()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="磁盘已满"):
        await make_backup(service.settings, tmp_path / "backups" / "b.zip")
    assert not list((tmp_path / "backups").iterdir())


async def test_a_folder_without_data_is_not_backed_up_nor_filled(target: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="没有可备份的数据"):
        await make_backup(target, tmp_path / "b.zip")
    assert not target.data.exists()
    assert not (tmp_path / "b.zip").exists()


async def test_a_corrupt_database_is_refused_with_advice(sqlite_template: Path, tmp_path: Path) -> None:
    chosen = settings.load({}, data=tmp_path / "corrupt")
    corrupt_copy(sqlite_template, chosen.database_file)
    with pytest.raises(StorageError, match="完好"):
        await make_backup(chosen, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def corrupt_copy(source: Path, copy: Path) -> None:
    """A copy whose pages behind the first ten are noise."""
    copy.parent.mkdir()
    content = source.read_bytes()
    copy.write_bytes(content[:40_960] + b"\x5a" * (len(content) - 40_960))


@into_both
async def test_a_backup_of_an_older_version_is_restored_and_upgraded(
    service: Service,
    target: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "b.zip"
    await make_backup(service.settings, path)
    before, newest = await all_rows(service.settings), keep.known_versions()[0]
    scripts = tmp_path / "migrations"
    copy_with_one_more(scripts, newest)
    plain = migrate.configuration

    def configuration(*connection: Any) -> Any:
        config = plain(*connection)
        config.set_main_option("script_location", str(scripts))
        return config

    with monkeypatch.context() as patched:
        patched.setattr(migrate, "configuration", configuration)
        await put_back(target, path)
        newer = tmp_path / "newer.zip"
        assert (await make_backup(target, newer)).migration == "one_more"
        older = await make_backup(service.settings, tmp_path / "older.zip")
        assert older.migration == newest
    assert await all_rows(target) == before
    with pytest.raises(BadInputError, match="更新的程序"):
        await put_back(settings.load({}, data=tmp_path / "third"), newer)
    database = open_database(target)
    async with database.reader.connect() as connection:
        codes = (await connection.exec_driver_sql("SELECT code, added FROM question")).all()
    await database.close()
    assert [tuple(row) for row in codes] == [(row["code"], "later") for row in before["question"]]


def copy_with_one_more(scripts: Path, newest: str) -> None:
    """The migrations with another behind them, as the next version of the program would have."""
    source = Path(migrate.__file__).parent / "migrations"
    (scripts / "versions").mkdir(parents=True)
    for script in (*source.glob("*.py"), *source.glob("versions/*.py")):
        (scripts / script.relative_to(source)).write_text(script.read_text("utf-8"), "utf-8")
    (scripts / "versions" / "one_more.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = 'one_more'\ndown_revision = {newest!r}\nbranch_labels = depends_on = None\n"
        "def upgrade():\n"
        "    op.add_column('question', sa.Column('added', sa.String(), server_default='later', nullable=False))\n",
        "utf-8",
    )
