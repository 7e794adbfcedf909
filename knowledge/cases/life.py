"""The life of a case in the database: opened once, then only ever added to; two at once never both win."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CursorResult, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge import clock
from knowledge.cases import rules
from knowledge.cases.course import Course, Event, course_of
from knowledge.cases.files import File
from knowledge.cases.words import Step
from knowledge.db import Database
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.masking import mask
from knowledge.tables import (
    AccessRecord,
    Application,
    ApplicationEvent,
    ApplicationFile,
    ApplicationPerson,
)

COLLISION = "别人刚刚在这件申请上登记了新的情况，您填的没有保存。请对照最新的办理经过，再决定是否登记。"
GONE = "没有这件申请，编号可能输错了。"


@dataclass(frozen=True)
class Applied:
    """What an application says: what is wanted, in which form, and who asks (already checked and cleaned)."""

    asked: str
    wanted: str
    name: str
    identity: str = ""
    phone: str = ""
    address: str = ""
    email: str = ""


@dataclass(frozen=True)
class Actor:
    """Who puts something on record, and when."""

    username: str
    at: datetime

    @property
    def today(self) -> date:
        """The office's day."""
        return clock.office_day(self.at)


async def open_case(
    database: Database,
    applied: Applied,
    first: Event,
    actor: Actor,
    *,
    code: str,
    external_id: str | None = None,
    files: Sequence[File] = (),
) -> str:
    """Put a new application on record with its first event; returns its code.

    The same `external_id` again is the same application: the code of the first is returned, nothing is written.
    """
    rules.check(Course(()), first, actor.today) if first.step is not Step.SUBMITTED else rules.check_fields(first)
    try:
        async with database.writing() as session:
            row = Application(
                code=code,
                external_id=external_id,
                made_at=actor.at,
                made_by=actor.username,
                asked=mask(applied.asked),
                wanted=applied.wanted,
                version=1,
            )
            session.add(row)
            await session.flush()
            number = row.id or 0
            session.add(_person(number, applied))
            session.add(_row(number, 1, first, actor))
            for file in files:
                session.add(_file(number, file, actor))
    except IntegrityError:
        async with database.reading() as session:
            known = select(Application.code).where(Application.external_id == external_id)
            found = (await session.exec(known)).one_or_none() if external_id else None
        if found is None:
            raise
        return found
    return code


async def record(database: Database, application_id: int, event: Event, actor: Actor, *, version: int) -> None:
    """Add one step. ConflictError where somebody else was faster or the case is past it; BadInputError names a field."""
    async with database.writing() as session:
        row = await session.get(Application, application_id, with_for_update=True)
        if row is None:
            raise NotFoundError(GONE)
        if row.version != version:
            raise ConflictError(COLLISION)
        rules.check(await course(session, application_id), event, actor.today)
        moved: CursorResult[Any] = await session.exec(
            update(Application)
            .where(col(Application.id) == application_id, col(Application.version) == version)
            .values(version=version + 1)
            .execution_options(synchronize_session=False)
        )
        if moved.rowcount != 1:
            raise ConflictError(COLLISION)
        session.add(_row(application_id, version + 1, event, actor))


async def attach(
    database: Database, application_id: int, files: Sequence[File], actor: Actor, most: int | None = None
) -> None:
    """Keep further attachments of a case; `most`: how many the same hand may send in all."""
    async with database.writing() as session:
        if await session.get(Application, application_id, with_for_update=True) is None:
            raise NotFoundError(GONE)
        mine = select(func.count()).where(
            ApplicationFile.application_id == application_id, ApplicationFile.by == actor.username
        )
        if most is not None and (await session.exec(mine)).one() + len(files) > most:
            raise BadInputError(f"附件合起来最多 {most} 个，其余的请当面或者邮寄提交。", "files")
        for file in files:
            session.add(_file(application_id, file, actor))


async def reveal(database: Database, application_id: int, actor: Actor, why: str) -> ApplicationPerson:
    """Who applied, in full; that somebody looked, and why, is recorded in the same transaction."""
    async with database.writing() as session:
        person = await session.get(ApplicationPerson, application_id)
        if person is None:
            raise NotFoundError("这件申请的个人信息已按规定清除，或者没有这件申请。")
        _looked(session, application_id, actor, why)
        return person


async def take_file(database: Database, application_id: int, file_id: int, actor: Actor, why: str) -> ApplicationFile:
    """An attachment in full; the look is recorded as for personal data."""
    async with database.writing() as session:
        file = await session.get(ApplicationFile, file_id)
        if file is None or file.application_id != application_id:
            raise NotFoundError("没有这个附件，或者已按规定清除。")
        _looked(session, application_id, actor, f"{why}（附件 {file_id}）")
        return file


async def course(session: AsyncSession, application_id: int) -> Course:
    """The course of one case."""
    wanted = select(ApplicationEvent).where(ApplicationEvent.application_id == application_id)
    return course_of(event_of(row) for row in (await session.exec(wanted)).all())


def event_of(row: Any) -> Event:
    """A stored event, an object or a plain row, as the pure functions read it."""
    return Event(
        seq=row.seq,
        step=Step(row.step),
        day=row.day,
        choice=row.choice,
        way=row.way,
        until=row.until,
        days=row.days,
        about=row.about,
        amount=row.amount,
        approved_by=row.approved_by,
        text=row.text,
    )


def _looked(session: AsyncSession, application_id: int, actor: Actor, why: str) -> None:
    session.add(AccessRecord(application_id=application_id, staff=actor.username, at=actor.at, why=why))


def _row(application_id: int, seq: int, event: Event, actor: Actor) -> ApplicationEvent:
    return ApplicationEvent(
        application_id=application_id,
        seq=seq,
        at=actor.at,
        actor=actor.username,
        step=event.step.value,
        day=event.day,
        until=event.until,
        days=event.days,
        choice=event.choice,
        way=event.way,
        approved_by=event.approved_by,
        amount=event.amount,
        about=event.about,
        text=event.text,
    )


def _person(application_id: int, applied: Applied) -> ApplicationPerson:
    return ApplicationPerson(
        application_id=application_id,
        name=applied.name,
        identity=applied.identity,
        phone=applied.phone,
        address=applied.address,
        email=applied.email,
        asked=applied.asked,
    )


def _file(application_id: int, file: File, actor: Actor) -> ApplicationFile:
    return ApplicationFile(
        application_id=application_id,
        at=actor.at,
        by=actor.username,
        media=file.media,
        size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        content=file.content,
    )
