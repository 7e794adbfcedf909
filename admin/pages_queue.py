"""The first page: lists by tab, narrowed by what stands in the address; questions given to somebody, one or many."""

from aiohttp import web
from sqlmodel import col, select

from admin import pages_frame as frame
from admin import queue, queue_list
from admin.auth import local_path, person_of
from admin.channels import labels
from admin.queue_list import Filters, Tab
from bot import assigning
from bot.service import Service
from bot.switches import Switch
from bot.web import SERVICE, read_form
from knowledge import clock
from knowledge.errors import BadInputError, NotFoundError
from knowledge.tables import Staff
from knowledge.vocabulary import Channel, Kind, Reason

CHECKBOX = "q-"


async def queue_page(request: web.Request) -> web.StreamResponse:
    """The lists of the desk."""
    if request.query.get("tab", "") not in ("", *Tab):
        raise NotFoundError("没有这种列表。")
    return await _show(request, Filters.read(request.query))


async def _show(request: web.Request, filters: Filters, status: int = 200, error: str = "") -> web.Response:
    service, me = request.app[SERVICE], person_of(request).username
    today = clock.office_day(service.now())
    async with service.database.reading() as session:
        counts = await queue_list.counts(session, today, me)
        stretch = await queue_list.listed(session, filters, request.query.get("after", ""), today, me)
        names = await queue.names(session)
        people = (await session.exec(select(Staff).where(col(Staff.active)).order_by(col(Staff.username)))).all()
    return frame.render(
        request,
        "queue.html",
        status,
        rows=stretch.rows,
        more=filters.link(after=stretch.after) if stretch.after else "",
        first=filters.link() if request.query.get("after") else "",
        filters=filters,
        tabs=Tab,
        counts=counts,
        today=today,
        warn=service.settings.warn_working_days,
        left=clock.working_days_left,
        switched=_switched(service),
        names=names,
        people=people,
        channels=Channel,
        kinds=Kind,
        reasons=Reason,
        nobody=queue_list.NOBODY,
        error=error,
    )


async def assign(request: web.Request) -> web.StreamResponse:
    """Give the ticked questions to somebody; the ticks name whose each was when it was looked at."""
    service, form = request.app[SERVICE], await read_form(request)
    me = person_of(request).username
    back = local_path(form.get("back", "/"))
    try:
        wanted = {_number(name): seen for name, seen in form.items() if name.startswith(CHECKBOX)}
        if not wanted:
            raise BadInputError("请先在左边勾选留言。", "to")
        to = me if form.get("act") == "mine" else form.get("to", "")
        if to == "":
            raise BadInputError("请选择交给谁。", "to")
        to = "" if to == queue_list.NOBODY else to
        note = form.get("note", "")
        given = await assigning.assign(service.database, wanted, to, me, note=note, at=service.now())
    except BadInputError as error:
        return await frame.error_page(request, 422, str(error), "")
    done = "assigned" if len(given) == len(wanted) else "assigned_some"
    return frame.see_other(f"{back}{'&' if '?' in back else '?'}done={done}")


def _number(name: str) -> int:
    number = name.removeprefix(CHECKBOX)
    if not (number.isascii() and number.isdigit() and len(number) <= 15):
        raise BadInputError("页面已经过时，请刷新后再试。", "to")
    return int(number)


async def rank(request: web.Request) -> web.StreamResponse:
    """Put one question before the others, or back."""
    service, form = request.app[SERVICE], await read_form(request)
    number = int(request.match_info["id"])
    urgency = 0 if form.get("urgency") == "0" else 1
    await assigning.rank(service.database, number, urgency, person_of(request).username, at=service.now())
    return frame.see_other(f"/questions/{number}?done=ranked")


def _switched(service: Service) -> list[tuple[str, Switch]]:
    """Every channel that does not stand open, for the banner."""
    standing = ((label, service.switches.of(channel)) for channel, label in labels(service.settings).items())
    return [(label, switch) for label, switch in standing if switch.paused]
