"""The demonstration: the starter base, the first user's profile and its published figures of 2023."""

from dataclasses import dataclass
from pathlib import Path

import knowledge
from admin.report.weihai_2023 import WEIHAI_PROFILE, load_weihai_2023
from knowledge import clock, importing
from knowledge.base import read_base
from knowledge.db import Database
from knowledge.entries import base_version
from knowledge.errors import BadInputError
from knowledge.settings import CONFIG_NAME

STARTER_BASE = Path(knowledge.__file__).parent / "data"


@dataclass(frozen=True)
class Loaded:
    """What was put in."""

    policies: int
    entries: int
    records: int


def write_profile(data: Path) -> None:
    """Write the first user's name, address and telephone to `zhengwen.toml`, unless there is one already."""
    path = data / CONFIG_NAME
    if path.exists():
        return
    data.mkdir(parents=True, exist_ok=True)
    lines = [f'{name} = "{value}"' for name, value in WEIHAI_PROFILE.items()]
    path.write_text("# 演示用的单位资料；全部设置见 docs/settings.md。\n" + "\n".join(lines) + "\n", "utf-8")


async def is_empty(database: Database) -> bool:
    """Whether nothing was ever imported."""
    async with database.reading() as session:
        return await base_version(session) == 0


async def load(database: Database) -> Loaded:
    """Fill an empty database; BadInputError where it is not empty."""
    if not await is_empty(database):
        raise BadInputError("数据文件夹里已有数据，演示数据只装入空的数据文件夹（ZHENGWEN_DATA）。")
    base = read_base(STARTER_BASE)
    at = clock.now()
    async with database.writing() as session:
        await importing.carry_out(session, base, "demo", at)
        records = await load_weihai_2023(session, at)
    return Loaded(len(base.policies), len(base.entries), records)
