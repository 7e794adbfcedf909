"""What people put into a year's report: texts, hand-entered figures, readings, last year's figures from a file.

Every row stays; the latest counts. A text names the text it was written against, and the database refuses a second
one, so that two who write at once both keep their words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.report import standing, tokens
from admin.report.figures import READING_LABELS, registry
from admin.report.form import cells, form_for
from admin.report.prose import MORE_TITLE, PLACES, WHOLE
from admin.report.values import Value, is_number, shown
from bot.message import clean
from knowledge.db import Database
from knowledge.errors import BadInputError, ConflictError
from knowledge.tables import DeclaredFigure, Reading, ReportText
from knowledge.vocabulary import ReportAction, ValueState

TEXT_MAX = 20_000
SOURCE_MAX = 200
DIGITS, PLACES_AFTER = 14, 4
PARTS = tuple(key for key in PLACES)
OTHERS_FIGURE = "您打开以后，别人填报过这个数（见下面的填报记录）。您填的还在，请核对后再保存。"
OTHERS_TEXT = "您打开以后，别人保存过这一部分。两边的文字都在下面，请合并后再保存。"


@dataclass(frozen=True)
class Entry:
    """A value somebody enters, as typed."""

    state: str
    value: str
    source: str


def labels(year: int) -> dict[str, str]:
    """Every figure of a year's report by key, with its label."""
    others = {definition.key: definition.label for definition in registry()}
    return others | {key: cell.label for key, cell in cells(form_for(year)).items()}


def part_titles(year: int) -> dict[str, str]:
    """The parts that can be written, with the headings they stand under."""
    form = form_for(year)
    titles = {section.key: section.title for section in form.sections}
    titles |= {part.key: part.title for part in form.overview_parts}
    below = {key: f"{titles[key]}：表格下面的说明" for key in ("proactive", "requests", "disputes")}
    named = titles | below | {"overview": f"{titles['overview']}：开头", "other": f"{titles['other']}：{MORE_TITLE}"}
    return {key: named[key] for key in PARTS}


async def texts(session: AsyncSession, year: int, part: str) -> Sequence[ReportText]:
    """Every saving of a part at the desk, newest first."""
    wanted = select(ReportText).where(ReportText.year == year, ReportText.section == f"{part}{WHOLE}")
    return (await session.exec(wanted.order_by(col(ReportText.id).desc()))).all()


async def save_text(database: Database, year: int, part: str, text: str, follows: int, who: str, at: datetime) -> int:
    """Keep a text written against the saving `follows` (0: none); ConflictError where there is a newer one."""
    text = checked_text(text, year)
    section = f"{part}{WHOLE}"
    row = ReportText(year=year, section=section, text=text, entered_by=who, entered_at=at, follows=follows)
    try:
        async with database.writing() as session:
            await standing.change(session, year, ReportAction.TEXT, who, part_titles(year)[part], at)
            newest = next(iter(await texts(session, year, part)), None)
            if (newest.id if newest else 0) != follows:
                raise ConflictError(OTHERS_TEXT, newest.text if newest else "")
            session.add(row)
    except IntegrityError:
        raise ConflictError(OTHERS_TEXT) from None
    return row.id or 0


def checked_text(text: str, year: int) -> str:
    """A text as it will be kept; BadInputError (field `text`) says what is wrong with it."""
    text = clean(text, "text", "正文")
    if len(text) > TEXT_MAX:
        raise BadInputError(f"这一部分最多 {TEXT_MAX} 个字，现在有 {len(text)} 个。", "text")
    tokens.check(text, labels(year))
    return text


async def enter(database: Database, year: int, key: str, entry: Entry, follows: int, who: str, at: datetime) -> None:
    """Enter a figure by hand after the entry `follows` (0: none); the rows before it stay as its history."""
    label = labels(year).get(key)
    if label is None:
        raise BadInputError("没有这个指标。", "key")
    if entry.state not in tuple(ValueState):
        raise BadInputError("请选择：数值、未统计或不适用。", "state")
    value = parsed(entry.value) if entry.state == ValueState.NUMBER else None
    source = _source(entry.source)
    row = DeclaredFigure(
        year=year, key=key, state=entry.state, value=value, source=source, entered_by=who, entered_at=at
    )
    said = shown(value) if value is not None else ValueState(entry.state).label
    async with database.writing() as session:
        await standing.change(session, year, ReportAction.FIGURE, who, f"{label}：{said}（{source}）", at)
        if (await _newest_entry(session, year, key)) != follows:
            raise ConflictError(OTHERS_FIGURE)
        session.add(row)


async def read(
    database: Database, year: int, key: str, day: date, value: str, source: str, who: str, at: datetime
) -> None:
    """Put a dated reading on record; one to a day, since a reading is never changed."""
    if key not in READING_LABELS:
        raise BadInputError("请选择读数的种类。", "key")
    if day.year != year:
        raise BadInputError(f"日期要在 {year} 年以内。", "day")
    row = Reading(
        key=key, day=day, value=parsed(value), unit="人", source=_source(source), recorded_by=who, recorded_at=at
    )
    try:
        async with database.writing() as session:
            note = f"{READING_LABELS[key]}：{day.isoformat()}，{shown(row.value)}"
            await standing.change(session, year, ReportAction.READING, who, note, at)
            session.add(row)
    except IntegrityError:
        raise BadInputError("这一天已经有读数了，登记过的不改；请填另一天的读数。", "day") from None


async def readings(session: AsyncSession, year: int) -> Sequence[Reading]:
    """The readings of a year, newest day first."""
    wanted = select(Reading).where(col(Reading.day).between(date(year, 1, 1), date(year, 12, 31)))
    return (await session.exec(wanted.order_by(col(Reading.day).desc(), Reading.key))).all()


async def entered(session: AsyncSession, year: int, key: str) -> Sequence[DeclaredFigure]:
    """Every entry of a figure, the one that counts first."""
    wanted = select(DeclaredFigure).where(DeclaredFigure.year == year, DeclaredFigure.key == key)
    order = (col(DeclaredFigure.entered_at).desc(), col(DeclaredFigure.id).desc())
    return (await session.exec(wanted.order_by(*order))).all()


async def _newest_entry(session: AsyncSession, year: int, key: str) -> int:
    newest = next(iter(await entered(session, year, key)), None)
    return (newest.id or 0) if newest else 0


async def take_over(
    database: Database, year: int, found: Mapping[str, Value], source: str, who: str, at: datetime
) -> int:
    """Put a published report's cells on record as hand-entered figures of its year; returns how many were new."""
    source, known = _source(source), labels(year)
    common = {"year": year, "source": source, "entered_by": who, "entered_at": at}
    async with database.writing() as session:
        await standing.change(session, year, ReportAction.TAKEN_OVER, who, source, at)
        added = 0
        for key, value in found.items():
            newest = next(iter(await entered(session, year, key)), None)
            if key not in known or value is ValueState.NOT_RECORDED or (newest and _same(newest, value)):
                continue
            number = Decimal(shown(value)) if is_number(value) else None
            state = ValueState.NUMBER if is_number(value) else ValueState.NOT_APPLICABLE
            session.add(DeclaredFigure(key=key, state=state, value=number, **common))  # type: ignore[arg-type]
            added += 1
    return added


def parsed(text: str) -> Decimal:
    """A number as typed, also in full-width digits; no sign, at most four places. BadInputError (field `value`)."""
    plain = text.strip().translate(str.maketrans("０１２３４５６７８９．，", "0123456789.,")).replace(",", "")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise BadInputError("请填数字，例如 0、12、59237.2449。", "value") from None
    if not value.is_finite() or value < 0 or int(value.as_tuple().exponent) < -PLACES_AFTER:
        raise BadInputError(f"请填不小于 0 的数字，小数最多 {PLACES_AFTER} 位。", "value")
    if value >= 10**DIGITS:
        raise BadInputError(f"数字太大，最多 {DIGITS} 位。", "value")
    return value


def _same(row: DeclaredFigure, value: Value) -> bool:
    if is_number(value):
        return row.state == ValueState.NUMBER and row.value == value
    return row.state == value


def _source(text: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > SOURCE_MAX or not text.isprintable():
        raise BadInputError(f"请写明数字从哪里来，最多 {SOURCE_MAX} 个字。", "source")
    return text
