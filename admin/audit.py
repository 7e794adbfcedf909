"""The audit record: looks at personal data, what happened to accounts, and switches of channels, read as one list.

Three tables that only grow are read side by side; nothing is copied into a fourth.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, Select, String, Subquery, cast, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped
from sqlmodel import col

from knowledge import clock
from knowledge.tables import AccessRecord, AccountEvent, ChannelSwitch
from knowledge.vocabulary import AccountEventKind, ChannelLevel

PAGE_SIZE = 50
EXPORT_MAX = 100_000
LOOKED, SWITCHED = "looked", "switched"
# What can be asked for, in groups a person thinks in.
SIGN_INS = (AccountEventKind.SIGNED_IN, AccountEventKind.SIGN_IN_FAILED, AccountEventKind.SIGNED_OUT)
GROUPS: dict[str, str] = {
    "looked": "查看个人信息",
    "failed": "登录失败",
    "sign_in": "登录和退出",
    "account": "账号变动",
    "switched": "渠道开关",
}
KINDS = {LOOKED: "查看个人信息", SWITCHED: "渠道开关"} | {kind.value: kind.label for kind in AccountEventKind}
HEADER = ("时间", "类别", "谁做的", "对哪个账号或事项", "来自", "说明")
# What a table program takes for the beginning of a formula, in its own signs and in those of a Chinese keyboard.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Filter:
    """What part of the record is wanted; an empty field narrows nothing."""

    person: str = ""
    group: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Line:
    """One line of the record, as it is shown."""

    at: datetime
    kind: str
    by: str
    about: str
    address: str
    note: str


@dataclass(frozen=True)
class Lines:
    """A page of the record; `total` counts all that fit the filter."""

    rows: list[Line]
    number: int
    last: int
    total: int


async def page(connection: AsyncConnection, wanted: Filter, number: int) -> Lines:
    """One page, newest first; a page beyond the last one is the last one."""
    listed = _listed(wanted)
    total = int((await connection.execute(select(func.count()).select_from(listed))).scalar_one())
    last = max(1, -(-total // PAGE_SIZE))
    number = min(max(number, 1), last)
    rows = (await connection.execute(_ordered(listed).offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE))).all()
    return Lines([_line(row) for row in rows], number, last, total)


async def everything(connection: AsyncConnection, wanted: Filter) -> list[Line]:
    """All lines that fit, newest first, at most EXPORT_MAX."""
    rows = (await connection.execute(_ordered(_listed(wanted)).limit(EXPORT_MAX))).all()
    return [_line(row) for row in rows]


def as_csv(lines: Sequence[Line], names: dict[str, str]) -> bytes:
    """A file for a table program: UTF-8 with a mark at the beginning, and no cell that could be a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for line in lines:
        at = line.at.astimezone(clock.OFFICE_ZONE).strftime("%Y-%m-%d %H:%M:%S")
        about = names.get(line.about, line.about)
        by = names.get(line.by, line.by)
        writer.writerow([at, *map(harmless, (KINDS.get(line.kind, line.kind), by, about, line.address, line.note))])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def harmless(cell: str) -> str:
    """The text with an apostrophe before it where a table program would reckon with it."""
    return "'" + cell if cell.lstrip(" \u3000").startswith(FORMULA) or cell.startswith(FORMULA) else cell


def _listed(wanted: Filter) -> Subquery:
    parts = [part for part in (_looks(wanted), _events(wanted), _switches(wanted)) if part is not None]
    return union_all(*parts).subquery("listed")


def _ordered(listed: Subquery) -> Select[tuple[object, ...]]:
    return select(listed).order_by(listed.c.at.desc(), listed.c.source, listed.c.id.desc())


def _looks(wanted: Filter) -> Select[tuple[object, ...]] | None:
    if wanted.group not in ("", LOOKED):
        return None
    asked = cast(AccessRecord.question_id, String)
    case = cast(AccessRecord.application_id, String)
    about = func.coalesce("question:" + asked, "case:" + case, "")
    chosen = _columns(1, AccessRecord, literal(LOOKED), AccessRecord.staff, about, literal(""), AccessRecord.why)
    return _narrowed(chosen, wanted, col(AccessRecord.at), col(AccessRecord.staff))


def _events(wanted: Filter) -> Select[tuple[object, ...]] | None:
    kinds = {
        "": tuple(AccountEventKind),
        "failed": (AccountEventKind.SIGN_IN_FAILED,),
        "sign_in": SIGN_INS,
        "account": tuple(kind for kind in AccountEventKind if kind not in SIGN_INS),
    }.get(wanted.group)
    if kinds is None:
        return None
    event = AccountEvent
    chosen = _columns(2, event, event.kind, event.by, event.staff, event.address, event.note)
    if wanted.group:
        chosen = chosen.where(col(event.kind).in_([kind.value for kind in kinds]))
    return _narrowed(chosen, wanted, col(event.at), col(event.by), col(event.staff))


def _switches(wanted: Filter) -> Select[tuple[object, ...]] | None:
    if wanted.group not in ("", SWITCHED):
        return None
    turn = ChannelSwitch
    about = "channel:" + col(turn.channel)
    chosen = _columns(
        3, turn, literal(SWITCHED), turn.by, about, literal(""), col(turn.level) + "\n" + col(turn.reason)
    )
    return _narrowed(chosen, wanted, col(turn.at), col(turn.by))


def _columns(source: int, table: type, *columns: object) -> Select[tuple[object, ...]]:
    names = ("kind", "by", "about", "address", "note")
    labelled = [cast(one, String).label(name) for one, name in zip(columns, names, strict=True)]
    moments = [table.at.label("at"), literal(source).label("source"), table.id.label("id")]  # type: ignore[attr-defined]
    return select(*moments, *labelled)


def _narrowed(
    chosen: Select[tuple[object, ...]], wanted: Filter, at: Mapped[datetime], *who: Mapped[str]
) -> Select[tuple[object, ...]]:
    if wanted.person:
        fits = who[0] == wanted.person
        for other in who[1:]:
            fits = fits | (other == wanted.person)
        chosen = chosen.where(fits)
    if wanted.first:
        chosen = chosen.where(at >= clock.day_edges(wanted.first)[0])
    if wanted.last:
        chosen = chosen.where(at < clock.day_edges(wanted.last)[1])
    return chosen


def _line(row: Row[tuple[object, ...]]) -> Line:
    note, about = str(row.note), str(row.about)
    kind, _, rest = about.partition(":")
    labels = {"question": f"第 {rest} 号留言", "case": f"第 {rest} 号申请", "channel": f"渠道 {rest}"}
    if row.kind == SWITCHED:
        level, _, reason = note.partition("\n")
        note = f"{ChannelLevel(level).label}：{reason}"
    return Line(row.at, str(row.kind), str(row.by), labels.get(kind, about) if rest else about, str(row.address), note)
