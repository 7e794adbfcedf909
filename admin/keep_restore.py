"""Restore: a backup into an empty data folder or an empty PostgreSQL database, wholly or not at all.

What makes the data count comes last: on SQLite a finished file gets its name, on PostgreSQL one transaction is
committed. Before that everything is checked, the ledger's chain too. Whatever interrupts it, repeating works.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from admin.keep import REACH_SECONDS, Progress, known_versions
from admin.keep_archive import NEWER, Archive, Manifest, unpacking
from admin.keep_disk import in_chinese, put_on_disk
from admin.keep_files import Placement, placing, plan
from admin.keep_fill import fill, refuse_rows, set_sequences, take_over
from knowledge.db import open_database, wait_until_reachable
from knowledge.errors import BadInputError, ConflictError, StorageError
from knowledge.settings import Settings

STAGING = "restoring"
# A database file is larger than its rows as text (indexes), and is written twice (write-ahead log).
ROOM = 3


@dataclass(frozen=True)
class Restored:
    """What was restored, what the person should know, and what would have stopped it (trial runs only)."""

    manifest: Manifest
    notes: tuple[str, ...] = ()
    refusal: str = ""


async def restore(chosen: Settings, path: Path, *, accept_fault: bool, progress: Progress) -> Restored:
    """Check the file, load it, prove it, put it in place."""
    with in_chinese(), unpacking(path) as archive:
        _refuse_newer(archive.manifest)
        files = {part.name: archive.file(part) for part in archive.manifest.files}
        with _alone_in(chosen.data):
            await _refuse_occupied(chosen)
            placements = plan(chosen, files)
            into = _into_postgresql if chosen.database_url else _into_sqlite
            await into(chosen, archive, placements, accept_fault, progress)
    return Restored(archive.manifest, tuple(one.note for one in placements if one.note))


async def rehearse(chosen: Settings, path: Path, *, accept_fault: bool, progress: Progress) -> Restored:
    """The same into a temporary database that is thrown away; the real place is only looked at."""
    with in_chinese(), unpacking(path) as archive:
        _refuse_newer(archive.manifest)
        files = {part.name: archive.file(part) for part in archive.manifest.files}
        with tempfile.TemporaryDirectory(prefix="zhengwen-") as folder:
            await _stage(chosen, Path(folder), archive, accept_fault, progress)
        try:
            await _refuse_occupied(chosen)
            placements = plan(chosen, files)
        except ConflictError as error:
            return Restored(archive.manifest, refusal=str(error))
    return Restored(archive.manifest, tuple(one.note for one in placements if one.note))


def _refuse_newer(manifest: Manifest) -> None:
    if manifest.migration not in known_versions():
        raise BadInputError(NEWER)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One restore at a time in a data folder, which is made where it is missing; the lock ends with the process."""
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder / STAGING, ignore_errors=True)
        yield
    except BlockingIOError:
        raise ConflictError(f"另一个恢复正在 {folder} 里进行，请等它结束。") from None
    except BaseException:
        shutil.rmtree(folder / STAGING, ignore_errors=True)
        if made and not any(folder.iterdir()):
            folder.rmdir()
        raise
    finally:
        os.close(descriptor)


async def _refuse_occupied(chosen: Settings) -> None:
    if not chosen.database_url:
        stem = chosen.database_file
        found = [
            path for path in (stem, *(Path(f"{stem}{end}") for end in ("-wal", "-shm", "-journal"))) if path.exists()
        ]
        if found:
            raise ConflictError(f"已有数据库文件 {found[0]}，没有恢复。请换一个空的数据文件夹，或停止服务后把它移走。")
        return
    database = open_database(chosen)
    try:
        await wait_until_reachable(database, REACH_SECONDS)
        async with database.reader.connect() as connection:
            await refuse_rows(connection)
    finally:
        await database.close()


async def _into_sqlite(
    chosen: Settings, archive: Archive, placements: list[Placement], accept_fault: bool, progress: Progress
) -> None:
    staging = chosen.data / STAGING
    staging.mkdir(mode=0o700)
    finished = await _stage(chosen, staging, archive, accept_fault, progress)
    with placing(chosen, placements):
        os.link(finished, chosen.database_file)
    put_on_disk(chosen.data)
    shutil.rmtree(staging, ignore_errors=True)


async def _stage(chosen: Settings, folder: Path, archive: Archive, accept_fault: bool, progress: Progress) -> Path:
    """A whole and proved SQLite database in a folder of its own, on the disk."""
    if shutil.disk_usage(folder).free < ROOM * archive.manifest.size:
        raise StorageError(f"{folder} 所在的磁盘空间不够，什么都没有恢复。请腾出空间再试。")
    staged = chosen.model_copy(update={"data": folder, "database_url": None})
    database = open_database(staged)
    try:
        async with database.writing_core() as connection:
            await fill(connection, archive, accept_fault, progress)
    finally:
        await database.close()
    with staged.database_file.open("rb") as file:
        os.fsync(file.fileno())
    return staged.database_file


async def _into_postgresql(
    chosen: Settings, archive: Archive, placements: list[Placement], accept_fault: bool, progress: Progress
) -> None:
    database = open_database(chosen)
    try:
        async with database.writing_core() as connection:
            await take_over(connection)
            await fill(connection, archive, accept_fault, progress)
            await set_sequences(connection)
            with placing(chosen, placements):
                pass
            # Should the commit that follows fail, the secrets stay: whether it took place may be unknown, and data
            # without its key would be worse than a key without data.
    finally:
        await database.close()
