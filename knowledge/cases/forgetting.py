"""Removes who applied, and the attachments, when a case has long been over (个人信息保护法第十九条、第四十七条).

What was asked stays in its masked form, with the events: the figures of past years are counted from them.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import delete
from sqlmodel import col, select, union

from knowledge.cases.course import open_disputes
from knowledge.cases.reading import BATCH, Case, all_cases
from knowledge.db import Database
from knowledge.tables import ApplicationFile, ApplicationPerson


async def due(database: Database, today: date, keep_days: int) -> list[int]:
    """The cases over for longer than so many days, without an open dispute, that still hold personal data."""
    async with database.reading() as session:
        over = {case.id for case in await all_cases(session) if is_over(case, today - timedelta(days=keep_days))}
        kept = union(select(ApplicationPerson.application_id), select(ApplicationFile.application_id))
        held = {row[0] for row in (await (await session.connection()).execute(kept)).all()}
    return sorted(over & held)


async def forget(database: Database, ids: Sequence[int]) -> None:
    """Remove the personal data of these cases, in one transaction."""
    async with database.writing() as session:
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            await session.exec(delete(ApplicationPerson).where(col(ApplicationPerson.application_id).in_(batch)))
            await session.exec(delete(ApplicationFile).where(col(ApplicationFile.application_id).in_(batch)))


def is_over(case: Case, day: date) -> bool:
    """Whether the case was answered (or withdrawn from the register) and nothing happened in it since that day."""
    last = max((event.day for event in case.course.events), default=day)
    return not case.is_open and not open_disputes(case.course) and last <= day
