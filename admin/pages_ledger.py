"""Pages of the disclosure ledger: its lines with their sums, lists to take away, and the proof that none was changed."""

from collections.abc import AsyncIterator

from aiohttp import web

from admin import ledger_export, ledger_lists, queue
from admin import pages_frame as frame
from admin.ledger_lists import Filter
from bot.web import SERVICE
from knowledge import clock, ledger
from knowledge.disclosing.sent import BY
from knowledge.errors import BadInputError
from knowledge.vocabulary import Channel, LedgerKind

YEARS = 8  # offered in the list; any year can stand in the address
BLOCK = 500
FORMATS = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
CHANNELS = {channel.value: channel.label for channel in Channel}


async def ledger_page(request: web.Request) -> web.StreamResponse:
    """The lines a filter wants, newest first, and what they come to."""
    return await _ledger(request, None)


async def line_page(request: web.Request) -> web.StreamResponse:
    """One line with everything it holds, and the lines that correct it."""
    async with request.app[SERVICE].database.reading() as session:
        line, corrected_by = await queue.ledger_line(session, int(request.match_info["seq"]))
        names = await queue.names(session)
    return frame.render(request, "ledger_line.html", line=line, corrected_by=corrected_by, names=names)


async def verify(request: web.Request) -> web.StreamResponse:
    """Prove the whole chain, now."""
    async with request.app[SERVICE].database.reader.connect() as connection:
        verdict = await ledger.verify(connection)
    return await _ledger(request, verdict)


async def export(request: web.Request) -> web.StreamResponse:
    """The lines a filter wants as CSV or XLSX."""
    service, wanted, form = request.app[SERVICE], Filter.of(request.query), request.query.get("format", "csv")
    if form not in FORMATS:
        raise BadInputError("只能导出 csv 或 xlsx。", "format")
    async with service.database.reading() as session:
        names = await queue.names(session)
    name = f"ledger-{wanted.year or 'all'}-{clock.office_day(service.now())}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": FORMATS[form]}
    async with service.database.reader.connect() as connection:
        if form == "xlsx":
            found = await ledger_lists.sums(connection, wanted)
            if found.lines > ledger_export.MOST_XLSX:
                raise BadInputError(f"超过 {ledger_export.MOST_XLSX} 行，请缩小范围，或导出 CSV。", "format")
            lines = ledger_lists.everything(connection, wanted)
            return web.Response(body=await ledger_export.xlsx(_cells(lines, names)), headers=headers)
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        await response.write(b"\xef\xbb\xbf" + ledger_export.csv_lines([ledger_export.HEADS]))
        block: list[list[int | str]] = []
        async for row in _cells(ledger_lists.everything(connection, wanted), names):
            block.append(row)
            if len(block) == BLOCK:
                await response.write(ledger_export.csv_lines(block))
                block = []
        await response.write(ledger_export.csv_lines(block))
    return response


async def _cells(lines: AsyncIterator[tuple[object, bool]], names: dict[str, str]) -> AsyncIterator[list[int | str]]:
    async for row, stands in lines:
        yield ledger_export.cells(row, stands, names)


async def _ledger(request: web.Request, verdict: ledger.Verdict | None) -> web.Response:
    service, wanted = request.app[SERVICE], Filter.of(request.query)
    async with service.database.reading() as session:
        names = await queue.names(session)
    names |= {BY + app.name: f"应用 {app.name}" for app in service.settings.app}
    async with service.database.reader.connect() as connection:
        rows, more, gone = await ledger_lists.page(connection, wanted)
        # Whoever turns the pages has seen the sums on the first one.
        sums = None if wanted.before else await ledger_lists.sums(connection, wanted)
    this_year = clock.office_day(service.now()).year
    return frame.render(
        request,
        "ledger.html",
        rows=rows,
        more=more,
        gone=gone,
        sums=sums,
        filter=wanted,
        names=names,
        channels=CHANNELS,
        kinds=LedgerKind,
        years=range(this_year, this_year - YEARS, -1),
        verdict=verdict,
    )
