"""The desk after the reply, and ends without one: correct, withdraw, take up again, close with the wording, print."""

from dataclasses import replace

from aiohttp import web

from admin import desk, queue
from admin import pages_frame as frame
from admin import pages_question as pages
from admin.pages_question import Editor, number_of
from bot import amending, following, replies, wording
from bot.message import clean
from bot.web import SERVICE, read_form
from knowledge.errors import BadInputError
from knowledge.vocabulary import Closing

AGENCY_MAX = 50


async def close(request: web.Request) -> web.StreamResponse:
    """End a question without a reply; where no words are given yet, the wording is put in to be read first."""
    service, editor = request.app[SERVICE], await pages.read_editor(request)
    form = await read_form(request)
    kind = Closing(form["closing"]) if form.get("closing") in tuple(Closing) else Closing.OTHER
    agency = form.get("agency", "")[:AGENCY_MAX]
    editor = replace(editor, closing=kind.value, agency=agency)
    if not editor.note.strip() or "wording" in form:
        told = wording.closing(kind, clean(agency, "agency", "部门").replace("\n", " ")) or editor.note
        editor = replace(editor, note=told)
        if told.strip():
            return await pages.show(
                request,
                replace(editor, error="请先看一看下面的说明，需要时修改，再点“办结不答复”。", field="note"),
                422,
            )

    async def end() -> web.StreamResponse:
        note, number = clean(editor.note, "note", "说明"), number_of(request)
        if not note:
            raise BadInputError("请写明为什么不作答复，网友会看到这段话。", "note")
        author = desk.author_of(request)
        await replies.close(service.database, number, note, author, version=editor.version, at=service.now(), kind=kind)
        return frame.see_other(f"/questions/{number}?done=closed")

    return await desk.mended(request, editor, end())


async def reopen(request: web.Request) -> web.StreamResponse:
    """Take up a closed question again."""
    service, editor = request.app[SERVICE], await _amended(request)

    async def again() -> web.StreamResponse:
        number, days = number_of(request), service.settings.reply_working_days
        await amending.reopen(
            service.database,
            number,
            desk.author_of(request),
            reason=editor.reason,
            version=editor.version,
            days=days,
            at=service.now(),
        )
        return frame.see_other(f"/questions/{number}?done=reopened")

    return await desk.mended(request, editor, again())


async def correct(request: web.Request) -> web.StreamResponse:
    """Put a corrected text in the place of the reply."""
    service, editor = request.app[SERVICE], await _amended(request)

    async def put_right() -> web.StreamResponse:
        number = number_of(request)
        async with service.database.reading() as session:
            on_board = (await queue.detail(session, number)).question.published_at is not None
        await desk.checked(request, replace(editor, public=on_board))
        await amending.correct(
            service.database,
            number,
            pages.cleaned(editor),
            desk.author_of(request),
            reason=editor.reason,
            version=editor.version,
            at=service.now(),
            entry=pages.entry_of(service, editor.entry),
        )
        return frame.see_other(f"/questions/{number}?done=corrected")

    return await desk.mended(request, editor, put_right())


async def withdraw(request: web.Request) -> web.StreamResponse:
    """Take the reply back; the citizen reads the note in its place."""
    service, editor = request.app[SERVICE], await _amended(request)

    async def take_back() -> web.StreamResponse:
        number, told = number_of(request), clean(editor.note, "note", "说明")
        if not told:
            raise BadInputError("请写明给网友看的说明。", "note")
        await amending.withdraw(
            service.database,
            number,
            told,
            desk.author_of(request),
            reason=editor.reason,
            version=editor.version,
            at=service.now(),
        )
        return frame.see_other(f"/questions/{number}?done=withdrawn")

    return await desk.mended(request, editor, take_back())


async def print_page(request: web.Request) -> web.StreamResponse:
    """One question with its reply and its story, to be printed."""
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        detail = await queue.detail(session, number_of(request))
        names = await queue.names(session)
        changes = await following.last_changes(session, [number_of(request)])
    story = pages.story_of(service, detail, names)
    return frame.render(request, "question_print.html", detail=detail, question=detail.question, names=names,
                        story=story, change=changes.get(number_of(request)), at=service.now())  # fmt: skip


async def _amended(request: web.Request) -> Editor:
    editor = await pages.read_editor(request)
    return replace(editor, reason=(await read_form(request)).get("reason", ""))
