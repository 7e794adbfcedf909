"""What staff do with a case: register it, add a step, correct one, look at who applied, keep attachments."""

from collections.abc import Awaitable

from aiohttp import web

from admin import case_forms, queue
from admin import pages_cases as pages
from admin import pages_frame as frame
from admin.auth import person_of
from admin.pages_case_papers import number_of
from admin.permissions import Permission
from bot import applying, codes
from bot.message import clean
from bot.web import SERVICE, read_files, read_form
from knowledge.cases import files, life, reading
from knowledge.cases.course import Event
from knowledge.cases.life import Actor
from knowledge.cases.words import Step
from knowledge.errors import BadInputError, ConflictError

RECORDING = tuple(step for step in Step if step not in (*case_forms.DECIDING, Step.SUBMITTED))


async def register(request: web.Request) -> web.StreamResponse:
    """Put an application on record that came in person, by post or by fax."""
    service, form = request.app[SERVICE], await read_form(request)
    actor = _actor(request)
    try:
        limits = applying.Limits(service.settings.max_question_chars, complete=False)
        applied, kind = applying.applied(form, limits), applying.applicant_kind(form)
        day = case_forms.day_of(form, "day")
        first = Event(1, Step.RECEIVED, day, kind, form.get("way", ""))
        code = await life.open_case(service.database, applied, first, actor, code=codes.new_code())
    except BadInputError as error:
        return pages.show_new(request, form, error)
    async with service.database.reading() as session:
        made = await reading.by_code(session, code)
    return frame.see_other(f"/cases/{made.application.id if made else ''}?done=case")


async def record(request: web.Request) -> web.StreamResponse:
    """Add a step any member of staff may record."""
    return await _step(request, RECORDING)


async def decide(request: web.Request) -> web.StreamResponse:
    """Add a step that takes a reviewer: an extension, the result, a correction of the register."""
    return await _step(request, case_forms.DECIDING)


async def reveal(request: web.Request) -> web.StreamResponse:
    """Show who applied, once; the look is on record before anything is shown."""
    form = await read_form(request)

    async def look() -> web.StreamResponse:
        number = number_of(request)
        person = await life.reveal(request.app[SERVICE].database, number, _actor(request), _why(form))
        return await pages.show(request, person=person)

    return await _mended(request, form, look())


async def take_file(request: web.Request) -> web.StreamResponse:
    """Hand out an attachment to be saved, never shown in the page; the look is on record first."""
    form = await read_form(request)

    async def take() -> web.StreamResponse:
        number, wanted = number_of(request), int(request.match_info["file"])
        file = await life.take_file(request.app[SERVICE].database, number, wanted, _actor(request), _why(form))
        name = f"case-{number}-{wanted}.{files.EXTENSIONS[file.media]}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(body=file.content, content_type="application/octet-stream", headers=headers)

    return await _mended(request, form, take())


async def attach(request: web.Request) -> web.StreamResponse:
    """Keep scans of what came on paper."""
    form = await read_form(request)

    async def keep() -> web.StreamResponse:
        sent = files.checked(await read_files(request, "files"))
        if not sent:
            raise BadInputError("请先选择文件，再上传。", "files")
        await life.attach(request.app[SERVICE].database, number_of(request), sent, _actor(request))
        return frame.see_other(f"/cases/{number_of(request)}?done=files")

    return await _mended(request, form, keep())


async def _step(request: web.Request, allowed: tuple[Step, ...]) -> web.StreamResponse:
    service, form = request.app[SERVICE], await read_form(request)

    async def add() -> web.StreamResponse:
        actor, number = _actor(request), number_of(request)
        event = case_forms.event_of(form, case_forms.step_of(form, allowed), actor.today)
        version = case_forms.number_of(form, "version", "版本号", 10**8)
        await _refuse_clerks(request, event.step)
        await life.record(service.database, number, event, actor, version=version)
        return frame.see_other(f"/cases/{number}?done=step")

    return await _mended(request, form, add())


async def _refuse_clerks(request: web.Request, step: Step) -> None:
    """The route keeps clerks from deciding; that a receipt is changed, and not recorded first, only the case can tell."""
    if frame.may(request, Permission.DECIDE):
        return
    async with request.app[SERVICE].database.reading() as session:
        course = await life.course(session, number_of(request))
    if pages.takes_a_reviewer(step, course):
        raise BadInputError("收到的情况已经登记过，更正由审核人员办理。", "step")


async def _mended(
    request: web.Request, form: dict[str, str], action: Awaitable[web.StreamResponse]
) -> web.StreamResponse:
    """Do it; where it cannot be done, the page comes back with the reason and with everything that was typed."""
    try:
        return await action
    except BadInputError as error:
        return await pages.show(request, pages.Typed(form, str(error), error.field or ""), 422)
    except ConflictError as error:
        return await pages.show_conflict(request, form, str(error))


def _why(form: dict[str, str]) -> str:
    why = clean(form.get("why", ""), "why", "理由")
    if not why or len(why) > queue.WHY_MAX:
        raise BadInputError(f"请写明查看的理由，最多 {queue.WHY_MAX} 个字。", "why")
    return why


def _actor(request: web.Request) -> Actor:
    return Actor(person_of(request).username, request.app[SERVICE].now())
