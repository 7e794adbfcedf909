"""The page of gaps: clusters of what the base could not answer; ignoring one with the reason."""

from aiohttp import web

from admin import pages_frame as frame
from admin.auth import person_of
from admin.library import gaps
from admin.queue import Page
from bot.web import SERVICE, read_form
from knowledge.errors import BadInputError

PAGE_SIZE = 20


async def gaps_page(request: web.Request) -> web.StreamResponse:
    """The gaps."""
    return await _show(request)


async def ignore(request: web.Request) -> web.StreamResponse:
    """Take a gap out of the list."""
    service, form = request.app[SERVICE], await read_form(request)
    ids = [int(word) for word in form.get("ids", "").split() if word.isascii() and word.isdigit() and len(word) < 16]
    try:
        await gaps.ignore(service.database, ids, form.get("why", ""), person_of(request).username, service.now())
    except BadInputError as error:
        return await _show(request, error)
    return frame.see_other("/library/gaps?done=ignored")


async def _show(request: web.Request, error: BadInputError | None = None) -> web.Response:
    form = await read_form(request) if error else {}
    closed = request.query.get("show") == "all"
    found = await gaps.gaps(request.app[SERVICE], filled=closed)
    whole = Page([], 1, PAGE_SIZE, len(found))
    number = min(frame.page_number(request), whole.last) or 1
    rows = Page(found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], number, PAGE_SIZE, len(found))
    return frame.render(
        request, "library_gaps.html", 422 if error else 200, rows=rows, closed=closed, error=str(error) if error else "",
        form=form, link="/library/gaps?show=all" if closed else "/library/gaps",
        waiting=sum(gap.waiting for gap in found), messages=sum(len(gap.messages) for gap in found),
    )  # fmt: skip
