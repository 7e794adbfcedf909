"""Pages of the figures: the registry, one figure with its rows and its entries by hand, readings."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from aiohttp import web
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin import pages_frame as frame
from admin import pages_year as years
from admin.pages_year import address, mended, who, year_of
from admin.queue import PAGE_SIZE, Page
from admin.report import behind, writing
from admin.report.figures import READING_LABELS, Figure
from admin.report.rows import Row
from admin.report.values import NOT_RECORDED
from admin.report.writing import Entry
from bot.web import SERVICE, read_form
from knowledge.errors import BadInputError, NotFoundError
from knowledge.tables import DeclaredFigure, Policy
from knowledge.vocabulary import ValueState

GROUPS = {
    "channels": ("公开和答复", ("ledger.",)),
    "asked": ("提问、读数、收费", ("questions.", "reading.", "fee.")),
    "t2": ("表二", ("t2.",)),
    "t3": ("表三", ("t3.",)),
    "t4": ("表四", ("t4.",)),
}
MISSING = "missing"
WORD_MAX = 50
ROW_PAGES = {"ledger": "/ledger/{}", "question": "/questions/{}", "application": "/cases/{}"}


async def figures_page(request: web.Request) -> web.StreamResponse:
    """Every figure: label, value, rule; filtered by a word, by table, or by what is missing."""
    word, group = request.query.get("q", "").strip()[:WORD_MAX], request.query.get("group", "")
    async with request.app[SERVICE].database.reading() as session:
        found = (await years.figures(request, session)).values()
        chosen = [figure for figure in found if _wanted(figure, word, group)]
        values: dict[str, Any] = {"figures": chosen, "word": word, "group": group, "groups": GROUPS, "missing": MISSING}
        counts = {name: sum(_wanted(one, "", name) for one in found) for name in (*GROUPS, MISSING)}
        return await years.render(request, session, "report_figures.html", "figures", counts=counts, **values)


async def figure_page(request: web.Request) -> web.StreamResponse:
    """One figure with the rows behind it, and everything that was entered by hand for it."""
    return await _figure(request)


async def enter(request: web.Request) -> web.StreamResponse:
    """Enter the figure by hand."""
    form, service = await read_form(request), request.app[SERVICE]
    year, key = year_of(request), request.match_info["key"]
    entry = Entry(form.get("state", ""), form.get("value", ""), form.get("source", ""))
    follows = form.get("follows", "")

    async def save() -> web.StreamResponse:
        if not (follows.isascii() and follows.isdigit() and len(follows) < 10):
            raise BadInputError("页面上缺少版本号，可能已经过时。请核对后再保存。", "follows")
        await writing.enter(service.database, year, key, entry, int(follows), who(request), service.now())
        return frame.see_other(f"{address(request, 'figures', key)}?done=figure")

    async def again(status: int, sentence: str, field: str) -> web.StreamResponse:
        return await _figure(request, status, sentence, field, entry)

    return await mended(save(), again)


async def readings_page(request: web.Request) -> web.StreamResponse:
    """Dated readings with their source, and the form for a new one."""
    return await _readings(request)


async def read(request: web.Request) -> web.StreamResponse:
    """Put a reading on record."""
    form, service = await read_form(request), request.app[SERVICE]

    async def save() -> web.StreamResponse:
        try:
            day = date.fromisoformat(form.get("day", ""))
        except ValueError:
            raise BadInputError("请填日期，例如 2026-12-31。", "day") from None
        value, source = form.get("value", ""), form.get("source", "")
        year, key = year_of(request), form.get("key", "")
        await writing.read(service.database, year, key, day, value, source, who(request), service.now())
        return frame.see_other(f"{address(request, 'readings')}?done=reading")

    async def again(status: int, sentence: str, field: str) -> web.StreamResponse:
        return await _readings(request, status, sentence, field, form)

    return await mended(save(), again)


async def _figure(
    request: web.Request, status: int = 200, error: str = "", field: str = "", typed: Entry | None = None
) -> web.Response:
    key = request.match_info["key"]
    async with request.app[SERVICE].database.reading() as session:
        figure = (await years.figures(request, session)).get(key)
        if figure is None:
            raise NotFoundError("没有这个指标，编号可能输错了。")
        rows = await _rows(request, session, figure)
        entries = await writing.entered(session, year_of(request), key)
        if typed is None:
            typed = Entry(ValueState.NUMBER, "", "")
        return await years.render(
            request,
            session,
            "report_figure.html",
            "figures",
            status,
            figure=figure,
            rows=rows,
            links=await _links(request, session, rows.rows),
            entries=entries,
            is_reading=key in READING_LABELS,
            typed=typed,
            states=ValueState,
            error=error,
            field=field,
        )


async def _rows(request: web.Request, session: AsyncSession, figure: Figure) -> Page:
    """A page of the rows; those of large tables come from the database a page at a time."""
    last = max(1, -(-figure.count // PAGE_SIZE))
    number = min(max(frame.page_number(request), 1), last)
    start = (number - 1) * PAGE_SIZE
    if figure.behind and figure.count:
        rows = await behind.page(session, year_of(request), figure.behind, start, PAGE_SIZE, figure.count)
    else:
        rows = list(figure.rows[start : start + PAGE_SIZE])
    return Page(rows, number, PAGE_SIZE, figure.count)


async def _links(request: web.Request, session: AsyncSession, rows: Sequence[Row]) -> dict[tuple[str, int], str]:
    """Where each row leads: the question, the ledger line, the figure it was entered for, the reading, the document."""
    keys: dict[tuple[str, int], str] = {}
    for named in (DeclaredFigure, Policy):
        table = str(named.__tablename__)
        ids = [row["id"] for row in rows if row["table"] == table]
        found = (await session.exec(select(named.id, named.key).where(col(named.id).in_(ids)))).all() if ids else ()
        keys |= {(table, number or 0): key for number, key in found}
    return dict(_led(request, rows, keys))


def _led(
    request: web.Request, rows: Sequence[Row], keys: dict[tuple[str, int], str]
) -> Iterator[tuple[tuple[str, int], str]]:
    for row in rows:
        table, number = row["table"], row["id"]
        key = keys.get((table, number), "")
        if table == "declared_figure" and key:
            yield (table, number), f"{address(request, 'figures', key)}#entries"
        elif table == "policy" and key:
            yield (table, number), f"/library/policies/{key}"
        elif table == "reading":
            yield (table, number), f"{address(request, 'readings')}#r{number}"
        elif table in ROW_PAGES:
            yield (table, number), ROW_PAGES[table].format(number)


async def _readings(
    request: web.Request,
    status: int = 200,
    error: str = "",
    field: str = "",
    typed: dict[str, str] | None = None,
) -> web.Response:
    async with request.app[SERVICE].database.reading() as session:
        rows = await writing.readings(session, year_of(request))
        values = {"rows": rows, "labels": READING_LABELS, "typed": typed or {}, "error": error, "field": field}
        return await years.render(request, session, "report_readings.html", "readings", status, **values)


def _wanted(figure: Figure, word: str, group: str) -> bool:
    if word and word.lower() not in figure.key and word not in figure.label:
        return False
    if group == MISSING:
        return figure.value is NOT_RECORDED
    return group not in GROUPS or figure.key.startswith(GROUPS[group][1])
