"""Pages of the disclosure ledger: its lines, and the proof that none was changed."""

from aiohttp import web

from admin import pages_frame as frame
from admin import queue
from bot.web import SERVICE
from knowledge import ledger


async def ledger_page(request: web.Request) -> web.StreamResponse:
    """The lines, newest first."""
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


async def _ledger(request: web.Request, verdict: ledger.Verdict | None) -> web.Response:
    async with request.app[SERVICE].database.reading() as session:
        rows = await queue.ledger(session, frame.page_number(request))
        names = await queue.names(session)
    return frame.render(request, "ledger.html", rows=rows, names=names, verdict=verdict, link="/ledger")
