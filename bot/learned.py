"""Learned models in the database: the newest that can be read is in use, the last few are kept, none is ever changed."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.answer import kept
from bot.answer.model import Model
from knowledge.tables import LearnedModel

KEPT = 5
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Learned:
    """A stored model and the version of the base it was learned on."""

    model: Model
    base_version: int

    def outdated(self, version: int) -> str:
        """A sentence for staff where the base has changed since; empty where it has not."""
        if self.base_version == version:
            return ""
        return f"模型学自知识库第 {self.base_version} 版，现在是第 {version} 版，建议重新运行 zhengwen learn"


async def newest_mark(session: AsyncSession) -> str:
    """What changes when another model is the newest; empty where none is stored."""
    query = select(LearnedModel.id, LearnedModel.sha256).order_by(col(LearnedModel.id).desc()).limit(1)
    row = (await session.exec(query)).first()
    return f"{row[0]} {row[1]}" if row else ""


async def newest(session: AsyncSession) -> Learned | None:
    """The newest model that this program can read; each newer one that it cannot is told to the log."""
    # Only these columns: whatever else may be damaged in a row, the service starts and answers.
    query = select(LearnedModel.id, LearnedModel.base_version, LearnedModel.sha256, LearnedModel.content)
    for number, version, digest, content in (await session.exec(query.order_by(col(LearnedModel.id).desc()))).all():
        try:
            return Learned(await asyncio.to_thread(_read, content, digest), version)
        except kept.UnreadableModelError as error:
            log.warning("learned model %s is not used: %s", number, error)
    return None


async def store(
    session: AsyncSession,
    model: Model,
    base_version: int,
    made_at: datetime,
    learned_from: Mapping[str, Any],
    proof: Mapping[str, Any],
) -> None:
    """Add a model, and let go of those before the last KEPT."""
    content = kept.written(model)
    row = LearnedModel(
        base_version=base_version,
        made_at=made_at,
        learned_from=dict(learned_from),
        proof=dict(proof),
        sha256=_digest(content),
        content=content,
    )
    session.add(row)
    await session.flush()
    ids = (await session.exec(select(LearnedModel.id).order_by(col(LearnedModel.id).desc()))).all()
    await session.exec(delete(LearnedModel).where(col(LearnedModel.id).in_(ids[KEPT:])))


async def forget_newest(session: AsyncSession) -> bool:
    """Go back to the model before the newest, or to the shipped one; False where none is stored."""
    newest_id = (await session.exec(select(LearnedModel.id).order_by(col(LearnedModel.id).desc()).limit(1))).first()
    await session.exec(delete(LearnedModel).where(col(LearnedModel.id) == newest_id))
    return newest_id is not None


def _read(content: str, digest: str) -> Model:
    if not isinstance(content, str) or _digest(content) != digest:
        raise kept.UnreadableModelError("changed since it was stored")
    return kept.read(content)


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()
