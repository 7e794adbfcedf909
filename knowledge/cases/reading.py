"""The register of cases and one case, read from the database; states and days are reckoned, never stored."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import select as sql_select
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.cases.course import Course, Event, course_of
from knowledge.cases.deadlines import Nearness, Period, periods
from knowledge.cases.life import GONE, event_of
from knowledge.cases.words import CLOSED_STATES, ApplicantKind, CaseState, Step
from knowledge.errors import NotFoundError
from knowledge.tables import Application, ApplicationEvent, ApplicationFile, ApplicationPerson

BATCH = 500
# Plain rows: ten thousand cases are forty thousand events, and objects of the mapper take ten times as long.
_EVENTS = sql_select(ApplicationEvent.__table__)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Case:
    """One line of the register."""

    id: int
    code: str
    asked: str
    course: Course

    @cached_property
    def is_open(self) -> bool:
        """Whether it still has to be answered."""
        return self.course.state not in CLOSED_STATES

    @cached_property
    def period(self) -> Period | None:
        """The clock that ends first among those that run; None when the case is closed."""
        running = [period for period in periods(self.course)[:1] if period.last]
        return running[0] if running else None

    def nearness(self, today: date) -> Nearness | None:
        """How near the end of its period is; None when it is closed."""
        if not self.is_open:
            return None
        return self.period.nearness(today) if self.period else Nearness.STOPPED

    @property
    def due(self) -> date:
        """Its last day; the far end of time where no clock runs."""
        return self.period.last.day if self.period and self.period.last else date.max

    @property
    def received(self) -> date | None:
        """The day it came in, as far as known."""
        event = self.course.received or self.course.last(Step.SUBMITTED)
        return event.day if event else None


@dataclass(frozen=True)
class CaseFile:
    """An attachment without its content."""

    id: int
    media: str
    size: int


@dataclass(frozen=True)
class CaseDetail:
    """Everything the page of a case shows; `person` holds masked data only."""

    application: Application
    rows: Sequence[ApplicationEvent]
    course: Course
    files: Sequence[CaseFile]
    has_person: bool

    @property
    def undone(self) -> set[int]:
        """Numbers of events that no longer stand."""
        return {row.about or 0 for row in self.rows if row.step == Step.UNDONE}


async def all_cases(session: AsyncSession, *, only_open: bool = False) -> list[Case]:
    """Every case, newest first; `only_open`: those that still wait for an answer."""
    wanted = select(Application.id, Application.code, Application.asked).order_by(col(Application.id).desc())
    if only_open:  # a wide net first: no answer on record, or something undone since
        answers = select(ApplicationEvent.application_id).where(ApplicationEvent.step == Step.ANSWERED.value)
        undone = select(ApplicationEvent.application_id).where(ApplicationEvent.step == Step.UNDONE.value)
        wanted = wanted.where(or_(col(Application.id).not_in(answers), col(Application.id).in_(undone)))
    found = [(number or 0, code, asked) for number, code, asked in (await session.exec(wanted)).all()]
    events = await _events(session, [number for number, _, _ in found] if only_open else None)
    cases = [Case(number, code, asked, course_of(events[number])) for number, code, asked in found]
    return [case for case in cases if case.is_open] if only_open else cases


async def detail(session: AsyncSession, application_id: int) -> CaseDetail:
    """One case with its story."""
    application = await session.get(Application, application_id)
    if application is None:
        raise NotFoundError(GONE)
    wanted = select(ApplicationEvent).where(ApplicationEvent.application_id == application_id)
    rows = (await session.exec(wanted.order_by(col(ApplicationEvent.seq)))).all()
    person = select(ApplicationPerson.application_id).where(ApplicationPerson.application_id == application_id)
    return CaseDetail(
        application,
        rows,
        course_of(event_of(row) for row in rows),
        await _files(session, application_id),
        (await session.exec(person)).first() is not None,
    )


async def by_code(session: AsyncSession, code: str) -> CaseDetail | None:
    """One case by its code; whoever asks has proved to know the password."""
    number = (await session.exec(select(Application.id).where(Application.code == code))).one_or_none()
    return await detail(session, number) if number else None


def counts(cases: Sequence[Case], today: date) -> dict[str, int]:
    """How many are open, near their last day, and past it."""
    near = [case.nearness(today) for case in cases]
    return {
        "open": sum(case.is_open for case in cases),
        "near": near.count(Nearness.NEAR),
        "overdue": near.count(Nearness.OVERDUE),
        "unconfirmed": sum(case.course.state is CaseState.UNCONFIRMED for case in cases),
    }


def chosen(cases: Sequence[Case], *, year: int | None, kind: ApplicantKind | None, words: str) -> list[Case]:
    """Cases of a year of receipt, of a kind of applicant, with these words in what was asked or in the code."""
    plain = words.casefold()
    digits = "".join(sign for sign in words if sign.isdigit())
    return [
        case
        for case in cases
        if (year is None or (case.received and case.received.year == year))
        and (kind is None or case.course.kind is kind)
        and (not plain or plain in case.asked.casefold() or (digits and digits in (case.code, str(case.id))))
    ]


async def _files(session: AsyncSession, application_id: int) -> list[CaseFile]:
    wanted = select(ApplicationFile.id, ApplicationFile.media, ApplicationFile.size)
    wanted = wanted.where(ApplicationFile.application_id == application_id).order_by(col(ApplicationFile.id))
    return [CaseFile(number or 0, media, size) for number, media, size in (await session.exec(wanted)).all()]


async def _events(session: AsyncSession, ids: Sequence[int] | None) -> dict[int, list[Event]]:
    """The events of these cases, or of all of them; some at a time, since databases take only so many names at once."""
    found: dict[int, list[Event]] = defaultdict(list)
    batches = [None] if ids is None else [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    connection = await session.connection()
    for batch in batches:
        wanted = _EVENTS if batch is None else _EVENTS.where(ApplicationEvent.__table__.c.application_id.in_(batch))  # type: ignore[attr-defined]
        for row in await connection.execute(wanted):
            found[row.application_id].append(event_of(row))
    return found
