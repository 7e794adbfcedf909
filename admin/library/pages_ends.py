"""The page of what stops answering when."""

from aiohttp import web

from admin import pages_frame as frame
from admin.library.ends import ends
from bot.web import SERVICE
from knowledge import clock


async def ends_page(request: web.Request) -> web.StreamResponse:
    """Policies and entries that end soon or ended lately, and what is to be done about them."""
    service = request.app[SERVICE]
    today = clock.office_day(service.now())
    async with service.database.reading() as session:
        found = await ends(session, service.current.entries, today)
    return frame.render(request, "library_ends.html", ends=found, today=today)
