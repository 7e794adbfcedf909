"""A restore that is refused, fails or is killed: nothing is there afterwards, and repeating works."""

import asyncio
import errno
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from admin import keep_restore
from bot.service import Service
from knowledge import migrate, settings, signing
from knowledge.db import open_database
from knowledge.errors import ConflictError, StorageError
from knowledge.settings import Settings
from knowledge.tables import BaseState
from tests.admin import test_keep
from tests.admin.test_keep import ODD, all_rows, into_both, make_backup, put_back, quiet

service, into, into_server, target = test_keep.service, test_keep.into, test_keep.into_server, test_keep.target


async def is_bare(chosen: Settings) -> bool:
    """Nothing of a restore is there: no key, no settings, no database, no temporary file, no table."""
    if chosen.data.exists() and any(chosen.data.iterdir()):
        return False
    if not chosen.database_url:
        return True
    database = open_database(chosen)
    async with database.reader.connect() as connection:
        version = await connection.run_sync(migrate.present_version)
    await database.close()
    chosen.data.rmdir() if chosen.data.exists() else None
    return version is None


@into_both
async def test_a_place_with_data_is_refused_and_keeps_it(service: Service, target: Settings, tmp_path: Path) -> None:
    await make_backup(service.settings, tmp_path / "b.zip")
    database = open_database(target)
    await migrate.upgrade(database)
    async with database.writing() as session:
        session.add(BaseState(version=1, vocabulary="", changed_at=ODD))
    await database.close()
    before = await all_rows(target)
    with pytest.raises(ConflictError, match="已有数据"):
        await put_back(target, tmp_path / "b.zip")
    assert await all_rows(target) == before
    assert not (target.data / "secrets").exists()
    rehearsed = await keep_restore.rehearse(target, tmp_path / "b.zip", accept_fault=False, progress=quiet)
    assert "已有数据" in rehearsed.refusal


@pytest.mark.parametrize("into", ["postgresql"])
async def test_tables_without_a_row_are_taken_over(service: Service, target: Settings, tmp_path: Path) -> None:
    await make_backup(service.settings, tmp_path / "b.zip")
    database = open_database(target)
    await migrate.upgrade(database)
    await database.close()
    await put_back(target, tmp_path / "b.zip")
    assert await all_rows(target) == await all_rows(service.settings)


async def test_another_key_is_never_overwritten_nor_put_beside(
    service: Service, target: Settings, tmp_path: Path
) -> None:
    await make_backup(service.settings, tmp_path / "b.zip")
    with pytest.raises(ConflictError, match="密钥"):
        await put_back(settings.load({}, data=target.data, secret_key="k" * 32), tmp_path / "b.zip")
    assert await is_bare(target)
    signing.secret_key(target)
    kept = (target.data / "secrets" / "secret_key").read_bytes()
    with pytest.raises(ConflictError, match="secret_key"):
        await put_back(target, tmp_path / "b.zip")
    assert (target.data / "secrets" / "secret_key").read_bytes() == kept
    assert not target.database_file.exists()


async def test_settings_that_name_the_old_machines_database_are_put_aside(
    service: Service, target: Settings, tmp_path: Path
) -> None:
    (service.settings.data / "zhengwen.toml").write_text('database_url = "postgresql://old/db"\n', "utf-8")
    await make_backup(service.settings, tmp_path / "b.zip")
    restored = await put_back(target, tmp_path / "b.zip")
    assert not (target.data / "zhengwen.toml").exists()
    assert (target.data / "zhengwen.toml.from-backup").exists()
    assert "zhengwen.toml.from-backup" in restored.notes[0]


@into_both
@pytest.mark.parametrize("call", [1, 2, 3])
async def test_a_failure_anywhere_leaves_nothing_and_repeating_works(
    call: int, into: str, service: Service, target: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails: the key's link, the settings', the database's (PostgreSQL: the last step before the commit)."""
    (service.settings.data / "zhengwen.toml").write_text('hotline = "12345"\n', "utf-8")
    await make_backup(service.settings, tmp_path / "b.zip")
    calls, plain = 0, os.link

    def link(source: Any, destination: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise OSError(errno.ENOSPC, "No space left on device")
        plain(source, destination)

    async def full(_connection: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", link)
        if into == "postgresql" and call == 3:
            patched.setattr(keep_restore, "set_sequences", full)
        with pytest.raises(StorageError, match="磁盘已满"):
            await put_back(target, tmp_path / "b.zip")
    assert await is_bare(target)
    await put_back(target, tmp_path / "b.zip")
    assert await all_rows(target) == await all_rows(service.settings)


KILLED = """
import sys, time
from admin import keep_fill, keep_files, keep_restore
from admin.__main__ import main

def hang(*_, **__):
    print("here", flush=True)
    time.sleep(600)

{module}.{name} = hang
sys.argv = ["zhengwen", "restore", sys.argv[1]]
main()
"""


@into_both
@pytest.mark.parametrize(
    "point", [("keep_fill", "count"), ("keep_fill.ledger", "verify"), ("keep_files", "put_on_disk")]
)
async def test_a_killed_restore_leaves_no_data_and_repeating_works(
    point: tuple[str, str], service: Service, target: Settings, tmp_path: Path
) -> None:
    await make_backup(service.settings, tmp_path / "b.zip")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ZHENGWEN_")}
    environment["ZHENGWEN_DATA"] = str(target.data)
    if target.database_url:
        environment["ZHENGWEN_DATABASE_URL"] = target.database_url.get_secret_value()
    script = KILLED.format(module=point[0], name=point[1])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(tmp_path / "b.zip"), env=environment, stdout=PIPE
    )
    assert process.stdout
    assert await process.stdout.readline() == b"here\n"
    with pytest.raises(ConflictError, match="另一个恢复"):
        await put_back(target, tmp_path / "b.zip")
    process.kill()
    await process.communicate()
    assert not target.database_file.exists()
    await put_back(target, tmp_path / "b.zip")
    assert await all_rows(target) == await all_rows(service.settings)
    assert not (target.data / keep_restore.STAGING).exists()
