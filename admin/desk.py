"""The desk: one question, draft, publish, close, look at the original, put on the board."""

from collections.abc import Awaitable
from dataclasses import replace
from urllib.parse import urlencode

from aiohttp import web

from admin import pages_frame as frame
from admin import pages_question as pages
from admin import queue, writing
from admin.auth import person_of
from admin.pages_question import Editor, number_of
from admin.text_checks import CODES, UntickedError, unresolved
from bot import replies, workflow
from bot.message import clean
from bot.transitions import conflict
from bot.web import SERVICE, read_form
from bot.workflow import Depth
from knowledge import clock
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.vocabulary import Act

FILE_DIGITS = 19


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


async def use(request: web.Request) -> web.StreamResponse:
    """Put an approved or an earlier text into the editor; what stood there is shown beside it, nothing is saved yet."""
    service, editor = request.app[SERVICE], await pages.read_editor(request)
    form = await read_form(request)
    wanted = form.get("use", "")
    kind, _, number = wanted.partition(":")
    if wanted == "phrase":
        kind, number = "phrase", form.get("phrase", "")
    if number.isascii() and number.isdigit() and len(number) < 10:
        async with service.database.reading() as session:
            text, key = await writing.text_of(session, number_of(request), kind, int(number)), editor.entry
        if kind == "phrase":  # a part of a reply: it goes to what is there
            joined = f"{editor.text.rstrip()}\n{text}" if editor.text.strip() else text
            return await pages.show(request, replace(editor, text=joined))
    else:
        entry = pages.entry_of(service, wanted)
        if entry is None:
            return await pages.show(request, editor)
        text, key = entry.answer, wanted
    before = editor.text if clean(editor.text, "text", "答复") not in ("", text) else ""
    return await pages.show(request, replace(editor, text=text, entry=key, replaced=before))


async def save_draft(request: web.Request) -> web.StreamResponse:
    """Keep the draft on the server: for a button with a page, for the page's own script with a line of JSON."""
    if (await read_form(request)).get("auto") == "1":
        return await _save_quietly(request)
    editor = await pages.read_editor(request)

    async def save() -> web.StreamResponse:
        version = await keep(request, editor)
        if editor.note:  # a redirect would lose a note begun below
            return await pages.show(request, replace(editor, text=pages.cleaned(editor), version=version))
        return frame.see_other(_link(_address(number_of(request)), done="saved"))

    return await mended(request, editor, save())


async def _save_quietly(request: web.Request) -> web.StreamResponse:
    try:
        version = await keep(request, await pages.read_editor(request), auto=True)
    except BadInputError as error:
        return web.json_response({"error": str(error)}, status=422)
    except ConflictError as error:
        return web.json_response({"error": str(error)}, status=409)
    at = request.app[SERVICE].now().astimezone(clock.OFFICE_ZONE)
    return web.json_response({"version": version, "saved": at.strftime("%H:%M:%S")})


async def keep(request: web.Request, editor: Editor, *, auto: bool = False) -> int:
    """Save what stands in the editor as a draft; returns the new version."""
    service = request.app[SERVICE]
    key = editor.entry if editor.entry in service.current.entries else ""
    return await replies.save_draft(
        service.database,
        number_of(request),
        pages.cleaned(editor),
        author_of(request),
        version=editor.version,
        at=service.now(),
        entry_key=key,
        public=editor.public,
        auto=auto,
    )


def depth_of(request: web.Request) -> Depth:
    """How many hands a reply needs here."""
    settings = request.app[SERVICE].settings
    return workflow.depth(settings.review_levels, settings.review_risk_levels)


async def checked(request: web.Request, editor: Editor) -> str:
    """Look the text over; returns what is to stand in the story. UntickedError while something is not seen to."""
    service, text = request.app[SERVICE], pages.cleaned(editor)
    if not text:
        return ""  # that nothing is written is said elsewhere
    async with service.database.reading() as session:
        question = (await queue.detail(session, number_of(request))).question
        if question.version != editor.version:  # before anything is asked about a text that cannot leave
            raise await conflict(session, question)
        today = clock.office_day(service.now())
        has_entry = editor.entry in service.current.entries
        found = await writing.check(
            session, question, text, public=editor.public and question.public, has_entry=has_entry, today=today
        )
    if unresolved(found, editor.ticked, editor.because):
        raise UntickedError(found)
    seen = "、".join(dict.fromkeys(CODES[one.code] for one in found))
    because = clean(editor.because, "because", "理由").replace("\n", " ")
    return f"看过提示（{seen}）{'，仍然发出的理由：' + because if because else ''}" if found else ""


async def publish(request: web.Request) -> web.StreamResponse:
    """Send the reply, where one pair of hands is enough."""
    editor = await pages.read_editor(request)

    async def go() -> web.StreamResponse:
        return await send(request, editor, Act.SENT, await checked(request, editor))

    return await mended(request, editor, go())


async def send(request: web.Request, editor: Editor, act: Act, remark: str) -> web.StreamResponse:
    """Let the text out and show what was sent."""
    service, number, author = request.app[SERVICE], number_of(request), author_of(request)
    await replies.publish(
        service.database,
        number,
        pages.cleaned(editor),
        author,
        version=editor.version,
        at=service.now(),
        public=editor.public,
        address=service.board_address(number),
        entry=pages.entry_of(service, editor.entry),
        depth=depth_of(request),
        act=act,
        remark=remark,
    )
    return frame.see_other(f"{_address(number)}/sent")


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


async def reveal(request: web.Request) -> web.StreamResponse:
    """Show the words as sent, once; the look is on record before anything is shown."""
    service, editor = request.app[SERVICE], await pages.read_editor(request)

    async def look() -> web.StreamResponse:
        who = person_of(request).username
        original = await queue.reveal(service.database, number_of(request), who, editor.why, service.now())
        return await pages.show(request, replace(editor, why=""), original=original)

    return await mended(request, editor, look())


async def download(request: web.Request) -> web.StreamResponse:
    """A file a citizen added, to be saved and never shown in the page; recorded."""
    service = request.app[SERVICE]
    editor, form = await pages.read_editor(request), await read_form(request)

    async def take() -> web.StreamResponse:
        number = int(form["file"]) if form.get("file", "").isdecimal() and len(form["file"]) < FILE_DIGITS else 0
        who, question = person_of(request).username, number_of(request)
        found = await queue.download(service.database, question, number, who, editor.why, service.now())
        headers = {"Content-Disposition": f'attachment; filename="{question}-{number}.{found.kind}"'}
        return web.Response(body=found.content, content_type="application/octet-stream", headers=headers)

    return await mended(request, editor, take())


async def show_on_board(request: web.Request) -> web.StreamResponse:
    """Put an answered question on the board, after reading it."""
    service, form = request.app[SERVICE], await read_form(request)
    await replies.show_on_board(service.database, number_of(request), author_of(request), at=service.now())
    back = "/answered" if form.get("back") == "answered" else _address(number_of(request))
    return frame.see_other(_link(back, done="board"))


async def mended(request: web.Request, editor: Editor, action: Awaitable[web.StreamResponse]) -> web.StreamResponse:
    """Do it; where it cannot be done, the page comes back with the reason and with everything that was typed."""
    try:
        return await action
    except UntickedError as error:
        return await pages.show(
            request, replace(editor, error=str(error), field="findings", findings=error.findings), 422
        )
    except BadInputError as error:
        return await pages.show(request, replace(editor, error=str(error), field=error.field or "text"), 422)
    except ConflictError as error:
        return await pages.show_conflict(request, editor, str(error))


def author_of(request: web.Request) -> replies.Author:
    """Who writes."""
    person = person_of(request)
    return replies.Author(person.username, person.name)


def _address(number: int) -> str:
    return f"/questions/{number}"


def _link(path: str, **parameters: str) -> str:
    given = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
