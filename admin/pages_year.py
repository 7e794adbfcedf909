"""What the pages of one year's report share: the year, sums kept between requests, forms that lose nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from jinja2 import Environment
from sqlmodel.ext.asyncio.session import AsyncSession

from admin import pages_frame as frame
from admin import queue
from admin.auth import person_of
from admin.report import standing
from admin.report.build import Report, build
from admin.report.figures import Figure, compute
from admin.report.form import form_for
from admin.report.records import KeptSums, read_year
from admin.report.signing import Signing
from admin.report.values import number, shown
from bot.web import SERVICE
from knowledge.errors import BadInputError, ConflictError
from knowledge.vocabulary import ReportStage

KEPT = web.AppKey("report_sums", KeptSums)
Show = Callable[[int, str, str], Awaitable[web.StreamResponse]]


def with_numbers(environment: Environment) -> Environment:
    """The templates' filters for values of figures."""
    environment.filters["shown"] = shown
    environment.filters["as_number"] = lambda value: shown(number(value))
    return environment


def year_of(request: web.Request) -> int:
    """The year a path speaks of; years without a form are refused."""
    year = int(request.match_info["year"])
    form_for(year)
    return year


def address(request: web.Request, *parts: str) -> str:
    """A page of the same year."""
    return "/".join(("/report", request.match_info["year"], *parts))


def signing(request: web.Request) -> Signing:
    """The steps from draft to signed."""
    service = request.app[SERVICE]
    return Signing(service.database, service.settings, request.app[KEPT])


def who(request: web.Request) -> str:
    """The user name of whoever asks."""
    return person_of(request).username


async def made(request: web.Request, session: AsyncSession, **more: Any) -> Report:
    """The year's report as it stands, without the rows."""
    settings, kept = request.app[SERVICE].settings, request.app[KEPT]
    return await build(session, settings, year_of(request), rows=False, kept=kept, **more)


async def figures(request: web.Request, session: AsyncSession) -> dict[str, Figure]:
    """The year's figures alone: without text, checks and the year before."""
    year = year_of(request)
    return compute(form_for(year), await read_year(session, year, request.app[KEPT]))


async def render(
    request: web.Request, session: AsyncSession, name: str, tab: str, status: int = 200, **values: Any
) -> web.Response:
    """A page with the year's heading, its state and the way to the other pages of the year."""
    year = year_of(request)
    row = await standing.standing(session, year)
    names = {"command": "命令行", **await queue.names(session)}
    return frame.render(
        request,
        name,
        status,
        year=year,
        tab=tab,
        row=row,
        stage=ReportStage(row.state),
        names=names,
        base=address(request),
        **values,
    )


async def mended(action: Awaitable[web.StreamResponse], show: Show) -> web.StreamResponse:
    """Do it; where it cannot be done, `show(status, sentence, field)` gives the page with everything that was typed."""
    try:
        return await action
    except BadInputError as error:
        return await show(422, str(error), error.field or "")
    except ConflictError as error:
        return await show(409, str(error), "")
