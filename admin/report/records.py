"""What one year's report rests on, read from the database: ledger, questions, cases, readings, hand-entered figures, texts.

Sums are made by the database; the rows behind them are `behind`'s to read, so that a large ledger stays a small report.
A correction line stands in place of the line it corrects: with its own day, kind and quantity (0 withdraws).
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.report.document_figures import OwnPolicy
from admin.report.document_figures import read as read_documents
from admin.report.rows import Row, plain, row_of
from admin.report.tallies import Tally, add_up, take_off, within
from admin.report.values import NOT_RECORDED, Value, number
from knowledge import clock, counts
from knowledge.cases.reading import Case, all_cases
from knowledge.tables import ApplicationEvent, DeclaredFigure, LedgerLine, Question, Reading, ReportText
from knowledge.vocabulary import ValueState

EVENTS = ApplicationEvent.__table__  # type: ignore[attr-defined]
LEDGER = LedgerLine.__table__  # type: ignore[attr-defined]
QUESTIONS = Question.__table__  # type: ignore[attr-defined]
READINGS = Reading.__table__  # type: ignore[attr-defined]
DECLARED = DeclaredFigure.__table__  # type: ignore[attr-defined]
TEXTS = ReportText.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Entered:
    """A value somebody put on record, with the row that shows it."""

    value: Value
    day: date
    row: Row


@dataclass
class KeptSums:
    """Sums of the ledger up to a line, by year, and the cases: since both only grow, a service reads nothing twice."""

    years: dict[int, tuple[int, dict[tuple[str, str], Tally], datetime | None]] = field(default_factory=dict)
    cases: tuple[int, list[Case]] = field(
        default=(0, [])
    )  # the cases as of so many events, which are only ever added to


@dataclass
class Records:
    """Everything one year's figures are reckoned from; `ledger` is keyed by kind and by who replied."""

    year: int
    ledger: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    questions: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    readings: dict[str, Entered] = field(default_factory=dict)
    declared: dict[str, Entered] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    documents: list[OwnPolicy] = field(default_factory=list)
    last_moment: datetime | None = None

    def saw(self, moment: datetime | None) -> None:
        """Keep the last moment at which something counted here happened."""
        if moment and (self.last_moment is None or moment > self.last_moment):
            self.last_moment = moment


async def read_year(
    session: AsyncSession, year: int, kept: KeptSums | None = None, cases: list[Case] | None = None
) -> Records:
    """Read what a year's figures are reckoned from (统计期 1月1日–12月31日, Asia/Shanghai).

    The cases are of no one year; whoever has read them for another year hands them over.
    """
    connection = await session.connection()
    records = Records(year)
    kept = kept or KeptSums()
    await _read_ledger(connection, records, kept)
    await _read_questions(connection, records)
    await _read_readings(connection, records)
    records.declared = await read_declared(session, year)
    records.documents = await read_documents(connection)
    records.cases = await _cases(session, kept) if cases is None else cases
    for event in (event for one in records.cases for event in one.course.events if event.day.year == year):
        records.saw(clock.day_edges(event.day)[0])
    texts = await connection.execute(select(TEXTS).where(TEXTS.c.year == year).order_by(TEXTS.c.entered_at, TEXTS.c.id))
    records.texts = {row.section: plain(row.text) for row in texts}
    return records


async def _cases(session: AsyncSession, kept: KeptSums) -> list[Case]:
    events = (await (await session.connection()).execute(select(func.count()).select_from(EVENTS))).scalar() or 0
    if kept.cases[0] != events:
        kept.cases = events, await all_cases(session)
    return kept.cases[1]


async def read_declared(session: AsyncSession, year: int) -> dict[str, Entered]:
    """The hand-entered figures of a year; of several rows for one key the latest counts."""
    connection = await session.connection()
    found = await connection.execute(
        select(DECLARED).where(DECLARED.c.year == year).order_by(DECLARED.c.entered_at, DECLARED.c.id)
    )
    return {row.key: _entered(row) for row in found}


def _entered(row: Any) -> Entered:
    state = ValueState(row.state)
    value: Value = state
    if state is ValueState.NUMBER:
        value = NOT_RECORDED if row.value is None else number(row.value)
    day = clock.office_day(row.entered_at)
    return Entered(value, day, row_of("declared_figure", row.id, day, row.key, value, row.entered_by, row.source))


async def _read_ledger(connection: AsyncConnection, records: Records, kept: KeptSums) -> None:
    upto = (await connection.execute(select(func.max(LEDGER.c.seq)))).scalar() or 0
    known, sums, last = kept.years.get(records.year, (0, {}, None))
    if known > upto:  # another database than the one these sums are of
        known, sums, last = 0, {}, None
    sums = {key: replace(tally) for key, tally in sums.items()}
    records.saw(last)
    this_year = within(LEDGER.c.at, records.year)
    if upto > known:
        records.saw(await add_up(connection, sums, [this_year, LEDGER.c.seq > known] if known else [this_year]))
    kept.years[records.year] = (upto, sums, records.last_moment)
    records.ledger.update({key: replace(tally) for key, tally in sums.items()})
    await take_off(connection, records.ledger, [this_year])


async def _read_questions(connection: AsyncConnection, records: Records) -> None:
    for channel, received in (await counts.received(connection, records.year)).items():
        records.questions[channel] = Tally(received, received)
    records.saw(await counts.last_received(connection, records.year))


async def _read_readings(connection: AsyncConnection, records: Records) -> None:
    days = READINGS.c.day.between(date(records.year, 1, 1), date(records.year, 12, 31))
    found = await connection.execute(select(READINGS).where(days).order_by(READINGS.c.day))
    for reading in found:
        value = number(reading.value)
        row = row_of("reading", reading.id, reading.day, reading.key, value, reading.recorded_by, reading.source)
        records.readings[reading.key] = Entered(value, reading.day, row)
