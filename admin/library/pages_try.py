"""The try-out box: what the engine would do with a question. By POST, so that no question stands in an address or a log."""

from datetime import date

from aiohttp import web

from admin import pages_frame as frame
from admin.library import proposals, trying
from bot.web import SERVICE, read_form
from knowledge import clock
from knowledge.errors import BadInputError
from knowledge.vocabulary import ProposalState


async def try_page(request: web.Request) -> web.StreamResponse:
    """The empty box."""
    given = {"proposal": request.query.get("proposal", "")}
    return await _show(request, given)


async def try_out(request: web.Request) -> web.StreamResponse:
    """Ask."""
    service, form = request.app[SERVICE], await read_form(request)
    try:
        day = _day(form.get("day", "").strip()) or clock.office_day(service.now())
        number = _proposal(form.get("proposal", ""))
        tried = await trying.ask(service, form.get("q", ""), day, number)
    except BadInputError as error:
        return await _show(request, form, 422, error)
    return await _show(request, form, tried=tried, day=day)


def _proposal(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadInputError("请从列表里选择提案。", "proposal")
    return int(text) if text else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInputError("日期要写成 2026-11-23 这样。", "day") from None


async def _show(
    request: web.Request,
    form: dict[str, str],
    status: int = 200,
    error: BadInputError | None = None,
    tried: trying.Tried | None = None,
    day: date | None = None,
) -> web.Response:
    async with request.app[SERVICE].database.reading() as session:
        waiting = [*await proposals.listed(session, ProposalState.OPEN)]
        waiting += await proposals.listed(session, ProposalState.RETURNED)
    return frame.render(
        request, "library_try.html", status, form=form, error=str(error) if error else "",
        field=(error.field or "") if error else "", tried=tried, day=day, proposals=waiting,
    )  # fmt: skip
