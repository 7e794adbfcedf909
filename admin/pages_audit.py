"""Pages of the audit record: who looked at what, who signed in, what was done with accounts and switches."""

from datetime import date
from urllib.parse import urlencode

from aiohttp import web

from admin import account_events, audit, auth, queue, staff
from admin import pages_frame as frame
from admin.audit import Filter
from bot.web import SERVICE, read_form
from knowledge import clock
from knowledge.errors import BadInputError
from knowledge.vocabulary import AccountEventKind


async def audit_page(request: web.Request) -> web.StreamResponse:
    """The record, newest first; filters stand in the address."""
    typed = {name: request.query.get(name, "") for name in ("person", "group", "first", "last")}
    try:
        wanted = _filter(typed)
    except BadInputError as error:
        return await _page(request, Filter(), typed, 422, error=str(error), field=error.field or "")
    return await _page(request, wanted, typed)


async def export(request: web.Request) -> web.StreamResponse:
    """The record as a file for a table program; that it was taken is on record before it is handed out."""
    service, form = request.app[SERVICE], await read_form(request)
    wanted, acting = _filter(form), auth.acting(request)
    async with service.database.reader.connect() as connection:
        lines = await audit.everything(connection, wanted)
    async with service.database.reading() as session:
        names = await queue.names(session)
    async with service.database.writing() as session:
        account_events.note(session, AccountEventKind.AUDIT_EXPORTED, acting.by, acting, f"{len(lines)} 行")
    name = f"audit-{clock.office_day(service.now()).isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=audit.as_csv(lines, names), content_type="text/csv", charset="utf-8", headers=headers)


async def _page(
    request: web.Request, wanted: Filter, typed: dict[str, str], status: int = 200, *, error: str = "", field: str = ""
) -> web.Response:
    database = request.app[SERVICE].database
    async with database.reader.connect() as connection:
        rows = await audit.page(connection, wanted, frame.page_number(request))
    async with database.reading() as session:
        names = await queue.names(session)
        people = await staff.everyone(session)
    given = {name: value for name, value in typed.items() if value and not error}
    return frame.render(
        request,
        "audit.html",
        status,
        rows=rows,
        names=names,
        people=people,
        groups=audit.GROUPS,
        kinds=audit.KINDS,
        typed=typed,
        error=error,
        field=field,
        link=f"/audit?{urlencode(given)}" if given else "/audit",
    )


def _filter(form: dict[str, str]) -> Filter:
    person, group = form.get("person", ""), form.get("group", "")
    if group and group not in audit.GROUPS:
        raise BadInputError("请选择列出的类别。", "group")
    if person and not (staff.USERNAME.fullmatch(person)):
        raise BadInputError("请选择列出的人员。", "person")
    first, last = _day(form, "first"), _day(form, "last")
    if first and last and first > last:
        raise BadInputError("开始日期不能晚于结束日期。", "first")
    return Filter(person, group, first, last)


def _day(form: dict[str, str], name: str) -> date | None:
    typed = form.get(name, "").strip()
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise BadInputError("日期要写成 2026-12-31 这样。", name) from None
    if not 2000 <= day.year <= 2200:
        raise BadInputError("日期的年份不对。", name)
    return day
