"""A file between its trial run and its import, and the mappings offices keep for the lists of their content systems."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.db import Database
from knowledge.disclosing.lines import Hand
from knowledge.disclosing.words import FIELDS, plain
from knowledge.errors import BadInputError, NotFoundError
from knowledge.tables import LedgerMapping, LedgerUpload

KEPT = timedelta(days=1)
NAME_MAX = 40


async def keep(database: Database, name: str, content: bytes, hand: Hand) -> str:
    """Keep a file in place of the one before; those of a day ago go. Its digest, to know it by."""
    async with database.writing() as session:
        old = (col(LedgerUpload.at) < hand.at - KEPT) | (col(LedgerUpload.username) == hand.by)
        await session.exec(delete(LedgerUpload).where(old))
        session.add(LedgerUpload(username=hand.by, at=hand.at, name=name, content=content))
    return hashlib.sha256(content).hexdigest()


async def waiting(database: Database, username: str, sha256: str) -> LedgerUpload:
    """The file somebody tried last; NotFoundError where it is another one by now."""
    async with database.reading() as session:
        found = await session.get(LedgerUpload, username)
    if found is None or hashlib.sha256(found.content).hexdigest() != sha256:
        raise NotFoundError("这个文件已经不在了（只保留一天，或者您又上传了另一个），没有改动。请重新上传。")
    return found


async def drop(database: Database, username: str) -> None:
    """Forget a file that was imported."""
    async with database.writing() as session:
        await session.exec(delete(LedgerUpload).where(col(LedgerUpload.username) == username))


async def mappings(session: AsyncSession) -> dict[str, dict[str, str]]:
    """Named mappings: field to column."""
    rows = (await session.exec(select(LedgerMapping).order_by(col(LedgerMapping.name)))).all()
    return {row.name: {field: str(row.columns.get(field, "")) for field in FIELDS} for row in rows}


async def save_mapping(database: Database, name: str, columns: Mapping[str, str], hand: Hand) -> str:
    """Keep a mapping under a name; the latest of a name counts."""
    try:
        name = plain(name)
    except ValueError as error:
        raise BadInputError(f"名称{error}。", "save_as") from None
    if not name or len(name) > NAME_MAX:
        raise BadInputError(f"请给对应方案起个名称，最多 {NAME_MAX} 个字。", "save_as")
    row = LedgerMapping(name=name, columns=dict(columns), saved_by=hand.by, saved_at=hand.at)
    async with database.writing() as session:
        await session.merge(row)
    return name
