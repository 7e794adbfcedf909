"""Secrets and settings of a backup, put into the data folder: never over what is there."""

import os
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from admin.keep_archive import KEY_NAME, SECRETS, SETTINGS_FILE
from admin.keep_disk import put_on_disk
from knowledge.errors import ConflictError
from knowledge.settings import CONFIG_NAME, Settings

ASIDE = f"{CONFIG_NAME}.from-backup"
# Where the data lies is a matter of the new machine, not of the old one.
OF_THE_MACHINE = {"data", "database_url", "secret_key"}


@dataclass(frozen=True)
class Placement:
    """What is to be written where, and what the person should know about it."""

    path: Path
    content: bytes
    note: str = ""


def plan(chosen: Settings, files: Mapping[str, bytes]) -> list[Placement]:
    """What is to be put in place; ConflictError where something else stands there."""
    placements = []
    for name, content in files.items():
        if name == SETTINGS_FILE:
            placements += _settings(chosen, content)
        elif name == SECRETS + KEY_NAME and chosen.secret_key:
            if chosen.secret_key.get_secret_value().encode() != content.strip():
                raise ConflictError(
                    "设置里的密钥（secret_key）与备份里的不同，恢复后群众的查询密码会全部失效，所以没有恢复。"
                    "请改用原来的密钥，或者不设它，由备份带来。"
                )
        else:
            placements += _secret(chosen.data / name, content)
    return placements


@contextmanager
def placing(chosen: Settings, placements: list[Placement]) -> Iterator[None]:
    """Put them in place; taken away again where what follows fails."""
    placed: list[Path] = []
    try:
        for placement in placements:
            _write_new(placement)
            placed.append(placement.path)
        yield
    except BaseException:
        for path in placed:
            path.unlink(missing_ok=True)
        _remove_if_empty(chosen.data / SECRETS)
        raise


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _secret(path: Path, content: bytes) -> list[Placement]:
    if not path.exists():
        return [Placement(path, content)]
    if path.read_bytes().strip() != content.strip():
        raise ConflictError(f"{path} 已经存在，且与备份里的不同，没有恢复。请换一个空的数据文件夹，或先把它移走。")
    return []


def _settings(chosen: Settings, content: bytes) -> list[Placement]:
    path, aside = chosen.data / CONFIG_NAME, chosen.data / ASIDE
    if path.exists() and path.read_bytes() == content:
        return []
    if not path.exists() and not _names_the_machine(content):
        return [Placement(path, content)]
    if aside.exists():
        return []
    why = f"已有的 {path} 没有改动" if path.exists() else "备份里的设置写着原来机器的数据位置或密钥，没有启用"
    return [Placement(aside, content, f"{why}；备份里的设置放在 {aside}，请核对后合并。")]


def _names_the_machine(content: bytes) -> bool:
    try:
        return bool(OF_THE_MACHINE & set(tomllib.loads(content.decode())))
    except ValueError:
        return True


def _write_new(placement: Placement) -> None:
    """Whole or not at all, readable to the owner only."""
    folder = placement.path.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix="new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(placement.content)
            file.flush()
            os.fsync(file.fileno())
        os.link(name, placement.path)
    finally:
        Path(name).unlink()
    put_on_disk(folder)
