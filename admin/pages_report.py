"""Pages of a year's report: where it stands, its checks, review, sign-off and correction, its files."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

from aiohttp import web

from admin import pages_frame as frame
from admin import pages_year as years
from admin.pages_year import address, mended, signing, who, year_of
from admin.report import standing, versions
from admin.report.build import Report, with_rows
from admin.report.checks import LEVELS
from admin.report.figures import Figure
from admin.report.form import FIRST_YEAR
from admin.report.json_file import json_pieces
from admin.report.render import FORMATS, WITH_ROWS, render
from admin.report.values import NOT_RECORDED, Value
from bot.web import SERVICE, read_form
from knowledge import clock
from knowledge.errors import BadInputError, NotFoundError
from knowledge.tables import ReportVersion

EVENTS_SHOWN = 50
YEARS_SHOWN = 8
XLSX_ROWS = 20_000  # a workbook is made in memory; larger ones are for the command line
TYPES = {
    "html": "text/html",
    "json": "application/json",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def years_page(request: web.Request) -> web.StreamResponse:
    """The years there can be a report for, newest first."""
    service = request.app[SERVICE]
    this = clock.office_day(service.now()).year
    listed = range(this, max(FIRST_YEAR, this - YEARS_SHOWN) - 1, -1)
    async with service.database.reading() as session:
        rows = [(await standing.standing(session, year), await versions.versions(session, year)) for year in listed]
    return frame.render(request, "report_years.html", rows=rows, this=this)


async def overview_page(request: web.Request) -> web.StreamResponse:
    """Where the report stands, what is missing, who did what."""
    return await _overview(request)


async def checks_page(request: web.Request) -> web.StreamResponse:
    """Every rule with its formula and both sides."""
    return await _checks(request)


async def explain(request: web.Request) -> web.StreamResponse:
    """Give the reason why a warning is accepted."""
    form = await read_form(request)
    key, text, now = form.get("key", ""), form.get("text", ""), request.app[SERVICE].now()

    async def give() -> web.StreamResponse:
        await signing(request).explain(year_of(request), key, text, who(request), now)
        return frame.see_other(f"{address(request, 'checks')}?done=reason#c-{key}")

    async def again(status: int, sentence: str, field: str) -> web.StreamResponse:
        return await _checks(request, status, sentence, key, text)

    return await mended(give(), again)


async def review(request: web.Request) -> web.StreamResponse:
    """Pass the report; by another person than wrote last."""
    version, _ = await _step(request)
    return await _done(
        request,
        signing(request).review(year_of(request), version, who(request), request.app[SERVICE].now()),
        "reviewed",
    )


async def send_back(request: web.Request) -> web.StreamResponse:
    """Return the report to those who write."""
    version, note = await _step(request)
    step = signing(request).send_back(year_of(request), version, note, who(request), request.app[SERVICE].now())
    return await _done(request, step, "report_returned", note)


async def sign(request: web.Request) -> web.StreamResponse:
    """Sign off: figures, rows, words and files are frozen."""
    version, _ = await _step(request)
    step = signing(request).sign(year_of(request), version, who(request), request.app[SERVICE].now())
    return await _done(request, step, "signed")


async def correct(request: web.Request) -> web.StreamResponse:
    """Open a signed report for a correction, with the reason."""
    version, note = await _step(request)
    step = signing(request).correct(year_of(request), version, note, who(request), request.app[SERVICE].now())
    return await _done(request, step, "correction", note)


async def draft_file(request: web.Request) -> web.StreamResponse:
    """The report as it stands, as a file that says that it is a draft."""
    kind = _kind(request)
    async with request.app[SERVICE].database.reading() as session:
        report = await years.made(request, session, draft=True)
        if kind == "json":
            response = _download(f"{report.stem}.json", kind)
            await response.prepare(request)
            async for piece in json_pieces(session, report):
                await response.write(piece)
            return response
        if kind == WITH_ROWS:
            if sum(figure.count for figure in report.figures.values()) > XLSX_ROWS:
                raise BadInputError("数字背后的记录太多，请下载 JSON，或者在命令行用 --format xlsx 输出。")
            figures = {key: await with_rows(session, report.year, one) for key, one in report.figures.items()}
            report = replace(report, figures=figures)
    content = await asyncio.to_thread(render, report, kind)
    return web.Response(body=content, headers=_download(f"{report.stem}.{kind}", kind).headers)


async def version_file(request: web.Request) -> web.StreamResponse:
    """A file of a signed version, byte for byte."""
    number, kind = int(request.match_info["number"]), _kind(request)
    async with request.app[SERVICE].database.reading() as session:
        version = await versions.version_of(session, year_of(request), number)
        if kind not in version.files:
            raise NotFoundError(f"签发的版本里没有 {kind} 文件。")
        response = _download(f"report-{version.year}-v{version.number}.{kind}", kind)
        response.content_length = version.files[kind]["size"]
        await response.prepare(request)
        async for piece in versions.content(session, version, kind):
            await response.write(piece)
    return response


async def _overview(
    request: web.Request, status: int = 200, error: str = "", note: str = "", field: str = ""
) -> web.Response:
    async with request.app[SERVICE].database.reading() as session:
        report = await years.made(request, session)
        signed = await versions.versions(session, report.year)
        return await years.render(
            request,
            session,
            "report.html",
            "overview",
            status,
            report=report,
            missing=_not_recorded(report),
            versions=signed,
            moved=_moved(report, signed[-1]) if signed else [],
            events=await standing.events(session, report.year, EVENTS_SHOWN),
            kinds=list(FORMATS),
            error=error,
            field=field,
            note=note,
        )


async def _checks(
    request: web.Request, status: int = 200, error: str = "", key: str = "", text: str = ""
) -> web.Response:
    async with request.app[SERVICE].database.reading() as session:
        report = await years.made(request, session)
        order = {False: 0, None: 1, True: 2}
        found = sorted(report.checks, key=lambda check: order[check.holds])
        values = {"checks": found, "levels": LEVELS, "error": error, "key": key, "text": text}
        return await years.render(request, session, "report_checks.html", "checks", status, **values)


async def _done(request: web.Request, step: Awaitable[object], word: str, note: str = "") -> web.StreamResponse:
    async def take() -> web.StreamResponse:
        await step
        return frame.see_other(f"{address(request)}?done={word}")

    async def again(status: int, sentence: str, field: str) -> web.StreamResponse:
        return await _overview(request, status, sentence, note, field)

    return await mended(take(), again)


async def _step(request: web.Request) -> tuple[int, str]:
    """The version of the report the page showed, and the remark."""
    form = await read_form(request)
    version = form.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise BadInputError("页面上缺少版本号，可能已经过时。请重新打开报告首页。", "version")
    return int(version), form.get("note", "")


def _not_recorded(report: Report) -> int:
    return sum(figure.value is NOT_RECORDED for figure in report.figures.values())


def _moved(report: Report, signed: ReportVersion) -> list[tuple[Figure, Value]]:
    """The figures that the records give otherwise than they were signed."""
    then = versions.from_text(signed.figures)
    pairs = [(figure, then.get(key, NOT_RECORDED)) for key, figure in report.figures.items()]
    return [(figure, value) for figure, value in pairs if figure.value != value]


def _kind(request: web.Request) -> str:
    kind = request.match_info["kind"]
    if kind not in FORMATS:
        raise NotFoundError(f"没有 {kind} 格式的文件。")
    return kind


def _download(name: str, kind: str) -> web.StreamResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    headers["Content-Type"] = TYPES.get(kind, "application/octet-stream")
    return web.StreamResponse(headers=headers)
