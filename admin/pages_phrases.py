"""The page of set phrases 常用语: what there is, a new one, one put away."""

from aiohttp import web

from admin import pages_frame as frame
from admin import queue, writing
from admin.auth import person_of
from bot.web import SERVICE, read_form
from knowledge.errors import BadInputError


async def phrases_page(request: web.Request) -> web.StreamResponse:
    """All phrases in use."""
    return await _show(request)


async def add(request: web.Request) -> web.StreamResponse:
    """A new phrase; where something is wrong, what was typed stands in the form."""
    service, form = request.app[SERVICE], await read_form(request)
    title, text = form.get("title", ""), form.get("text", "")
    try:
        await writing.add_phrase(service.database, title, text, person_of(request).username, service.now())
    except BadInputError as error:
        return await _show(request, title, text, str(error))
    return frame.see_other("/phrases?done=phrase")


async def put_away(request: web.Request) -> web.StreamResponse:
    """Take one out of use."""
    service, number = request.app[SERVICE], int(request.match_info["id"])
    await writing.put_away(service.database, number, person_of(request).username, service.now())
    return frame.see_other("/phrases?done=phrase_away")


async def _show(request: web.Request, title: str = "", text: str = "", error: str = "") -> web.Response:
    async with request.app[SERVICE].database.reading() as session:
        found, names = await writing.phrases(session), await queue.names(session)
    status = 422 if error else 200
    return frame.render(request, "phrases.html", status, rows=found, names=names, title=title, text=text, error=error)
