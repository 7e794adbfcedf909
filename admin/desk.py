"""The desk: one question, draft, publish, close, look at the original, put on the board."""

from collections.abc import Awaitable
from dataclasses import replace
from urllib.parse import urlencode

from aiohttp import web

from admin import pages_frame as frame
from admin import pages_question as pages
from admin import queue
from admin.auth import person_of
from admin.pages_question import Editor, number_of
from bot import replies
from bot.message import clean
from bot.web import SERVICE, read_form
from knowledge.errors import BadInputError, ConflictError, NotFoundError


async def answered_page(request: web.Request) -> web.StreamResponse:
    """What the engine answered by itself, to be read and put on the board."""
    for_board = request.query.get("show") != "all"
    async with request.app[SERVICE].database.reading() as session:
        rows = await queue.automatic_answers(session, frame.page_number(request), for_board=for_board)
    link = _link("/answered", show="" if for_board else "all")
    return frame.render(request, "answered.html", rows=rows, for_board=for_board, link=link)


async def question_page(request: web.Request) -> web.StreamResponse:
    """One question with the editor."""
    return await pages.show(request)


async def use_entry(request: web.Request) -> web.StreamResponse:
    """Put an entry's answer into the editor; what stood there is shown beside it, nothing is saved yet."""
    service, editor = request.app[SERVICE], await pages.read_editor(request)
    key = (await read_form(request)).get("use", "")
    entry = pages.entry_of(service, key)
    if entry is None:
        return await pages.show(request, editor)
    before = editor.text if clean(editor.text, "text", "答复") not in ("", entry.answer) else ""
    return await pages.show(request, replace(editor, text=entry.answer, entry=key, replaced=before))


async def save_draft(request: web.Request) -> web.StreamResponse:
    """Keep the draft on the server."""
    service, editor = request.app[SERVICE], await pages.read_editor(request)

    async def save() -> web.StreamResponse:
        text, number = pages.cleaned(editor), number_of(request)
        version = await replies.save_draft(
            service.database, number, text, _author(request), version=editor.version, at=service.now()
        )
        if editor.note:  # a redirect would lose a note begun below
            return await pages.show(request, replace(editor, text=text, version=version))
        return frame.see_other(_link(_address(number), done="saved", entry=editor.entry, public="1" * editor.public))

    return await _mended(request, editor, save())


async def publish(request: web.Request) -> web.StreamResponse:
    """Send the reply."""
    service, editor = request.app[SERVICE], await pages.read_editor(request)

    async def send() -> web.StreamResponse:
        number = number_of(request)
        await replies.publish(
            service.database,
            number,
            pages.cleaned(editor),
            _author(request),
            version=editor.version,
            at=service.now(),
            public=editor.public,
            address=service.board_address(number),
            entry=pages.entry_of(service, editor.entry),
        )
        return frame.see_other(f"{_address(number)}/sent")

    return await _mended(request, editor, send())


async def sent_page(request: web.Request) -> web.StreamResponse:
    """What was sent, to whom, and where it is on record."""
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        detail = await queue.detail(session, number_of(request))
        names = await queue.names(session)
    if detail.reply is None:
        raise NotFoundError("这条留言还没有答复。")
    address = service.board_address(number_of(request))
    return frame.render(request, "sent.html", detail=detail, names=names, board_address=address)


async def close(request: web.Request) -> web.StreamResponse:
    """End a question without a reply."""
    service, editor = request.app[SERVICE], await pages.read_editor(request)

    async def end() -> web.StreamResponse:
        note, number = clean(editor.note, "note", "说明"), number_of(request)
        if not note:
            raise BadInputError("请写明为什么不作答复，网友会看到这段话。", "note")
        await replies.close(service.database, number, note, _author(request), version=editor.version, at=service.now())
        return frame.see_other(_link(_address(number), done="closed"))

    return await _mended(request, editor, end())


async def reveal(request: web.Request) -> web.StreamResponse:
    """Show the words as sent, once; the look is on record before anything is shown."""
    service, editor = request.app[SERVICE], await pages.read_editor(request)

    async def look() -> web.StreamResponse:
        who = person_of(request).username
        original = await queue.reveal(service.database, number_of(request), who, editor.why, service.now())
        return await pages.show(request, replace(editor, why=""), original=original)

    return await _mended(request, editor, look())


async def show_on_board(request: web.Request) -> web.StreamResponse:
    """Put an answered question on the board, after reading it."""
    service, form = request.app[SERVICE], await read_form(request)
    await replies.show_on_board(service.database, number_of(request), _author(request), at=service.now())
    back = "/answered" if form.get("back") == "answered" else _address(number_of(request))
    return frame.see_other(_link(back, done="board"))


async def _mended(request: web.Request, editor: Editor, action: Awaitable[web.StreamResponse]) -> web.StreamResponse:
    """Do it; where it cannot be done, the page comes back with the reason and with everything that was typed."""
    try:
        return await action
    except BadInputError as error:
        return await pages.show(request, replace(editor, error=str(error), field=error.field or "text"), 422)
    except ConflictError as error:
        return await pages.show_conflict(request, editor, str(error))


def _author(request: web.Request) -> replies.Author:
    person = person_of(request)
    return replies.Author(person.username, person.name)


def _address(number: int) -> str:
    return f"/questions/{number}"


def _link(path: str, **parameters: str) -> str:
    given = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
