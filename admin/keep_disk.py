"""Files that are whole or not there, and what the disk or the database refuses as a sentence."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy.exc import DBAPIError

from knowledge.errors import ConflictError, StorageError

_FULL = "磁盘已满。请腾出空间再试；没有留下不完整的文件。"
_FULL_ERRORS = (errno.ENOSPC, errno.EDQUOT)
_FULL_WORDS = ("disk is full", "DiskFullError")


@contextmanager
def in_chinese() -> Iterator[None]:
    """What the disk or the database refuses, as a sentence."""
    try:
        yield
    except DBAPIError as error:
        if any(words in str(error) for words in _FULL_WORDS):
            raise StorageError(_FULL) from error
        raise StorageError(f"数据库出错，没有完成（{error.orig}）。请检查数据库是否完好、能否连上。") from error
    except OSError as error:
        if error.errno in _FULL_ERRORS:
            raise StorageError(_FULL) from error
        raise StorageError(f"没有完成：{error.filename or '数据库'} {error.strerror or error}。") from error


def put_on_disk(folder: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def new_file(target: Path, *, overwrite: bool) -> Iterator[IO[bytes]]:
    """A file readable to the owner only, under another name until it is whole."""
    exists = ConflictError(f"{target} 已经存在，没有改动它。请换一个文件名，或加 --overwrite。")
    if target.exists() and not overwrite:
        raise exists
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".partial")
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
        if overwrite:
            Path(name).replace(target)
        else:
            try:
                os.link(name, target)
            except FileExistsError:
                raise exists from None
        put_on_disk(target.parent)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def whole_text(target: Path) -> Iterator[IO[str]]:
    """A text file that takes its name, and the place of an older one, when it is whole; a device is written to as it is."""
    if target.exists() and not target.is_file():
        with target.open("w", encoding="utf-8") as file:
            yield file
        return
    real = target.resolve()
    making = real.with_name(f".{real.name}.{os.getpid()}.partial")
    try:
        with making.open("w", encoding="utf-8") as file:
            yield file
        making.replace(real)
    finally:
        making.unlink(missing_ok=True)
