"""Where a year's report stands, and the turn of whoever changes it: one at a time, on record, never once it is signed."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.report.build import Report, as_json
from knowledge.errors import BadInputError, ConflictError
from knowledge.tables import ReportEvent, ReportState
from knowledge.vocabulary import ReportAction, ReportStage

STALE = "打开这个页面以后，别人改动过这份报告，这次操作没有做。请看过现在的内容再决定。"
SIGNED_ALREADY = "{year}年的报告已经签发，不能再改。确需更正的，请在报告首页写明理由，先“开始更正”。"


async def standing(session: AsyncSession, year: int) -> ReportState:
    """Where the report stands; a year nobody has touched is a draft."""
    found = await session.get(ReportState, year)
    return found or ReportState(year=year, state=ReportStage.DRAFT, version=0)


async def events(session: AsyncSession, year: int, limit: int) -> Sequence[ReportEvent]:
    """Who did what, newest first."""
    wanted = select(ReportEvent).where(ReportEvent.year == year).order_by(col(ReportEvent.id).desc())
    return (await session.exec(wanted.limit(limit))).all()


async def turn(session: AsyncSession, year: int, version: int | None = None) -> ReportState:
    """The year's row, held until the caller's transaction ends; ConflictError where it is not the version seen."""
    connection = await session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    empty = ReportState(year=year, state=ReportStage.DRAFT, version=0).model_dump()
    await connection.execute(insert(ReportState).values(**empty).on_conflict_do_nothing())
    wanted = select(ReportState).where(ReportState.year == year).with_for_update()
    row = (await session.exec(wanted.execution_options(populate_existing=True))).one()
    if version is not None and version != row.version:
        raise ConflictError(STALE)
    return row


async def change(session: AsyncSession, year: int, action: ReportAction, who: str, note: str, at: datetime) -> None:
    """Put a change on record within the caller's transaction: the report is a draft again, written last by `who`."""
    row = await turn(session, year)
    if row.state == ReportStage.SIGNED:
        raise BadInputError(SIGNED_ALREADY.format(year=year))
    row.state, row.written_by, row.reviewed_by, row.content_sha256 = ReportStage.DRAFT, who, "", ""
    step(session, row, action, who, note, at)


def step(session: AsyncSession, row: ReportState, action: ReportAction, who: str, note: str, at: datetime) -> None:
    """A step of any kind: the version rises, the event is kept."""
    row.version += 1
    session.add(row)
    session.add(ReportEvent(year=row.year, at=at, actor=who, action=action, note=note))


def digest(report: Report) -> str:
    """What a reviewer has seen: figures, tables, words, checks with their reasons; not the rows, which they count."""
    seen = as_json(report, rows=False)
    for figure in seen["figures"].values():
        del figure["rows"]
    for unseen in ("draft", "version", "correction"):
        seen.pop(unseen, None)
    seen["sections"][0]["preface"] = [words for words in seen["sections"][0]["preface"] if not words.startswith("草稿")]
    return hashlib.sha256(json.dumps(seen, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
