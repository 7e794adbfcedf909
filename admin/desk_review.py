"""The desk's second and third pair of eyes: hand in, pass on, return, take back, or send past them with a reason."""

from dataclasses import replace

from aiohttp import web

from admin import desk
from admin import pages_frame as frame
from admin import pages_question as pages
from admin.pages_question import Editor, number_of
from bot import review
from bot.message import clean
from bot.web import SERVICE, read_form
from knowledge.errors import BadInputError
from knowledge.vocabulary import Act

WHY_MAX = 500


async def submit(request: web.Request) -> web.StreamResponse:
    """Save what stands in the editor and hand it in."""
    service, editor = request.app[SERVICE], await pages.read_editor(request)

    async def hand_in() -> web.StreamResponse:
        remark, author = await desk.checked(request, editor), desk.author_of(request)
        version = await desk.keep(request, editor)
        moment, depth = service.now(), desk.depth_of(request)
        number = number_of(request)
        await review.submit(service.database, number, author, version=version, depth=depth, remark=remark, at=moment)
        return frame.see_other(f"/questions/{number}?done=submitted")

    return await desk.mended(request, editor, hand_in())


async def hand_on(request: web.Request) -> web.StreamResponse:
    """Pass the text that was handed in; at the last step it is sent."""
    service, editor = request.app[SERVICE], await pages.read_editor(request)

    async def go_on() -> web.StreamResponse:
        number, author, depth = number_of(request), desk.author_of(request), desk.depth_of(request)
        draft = await review.hand_on(
            service.database, number, author, version=editor.version, depth=depth, at=service.now()
        )
        if draft is None:
            return frame.see_other(f"/questions/{number}?done=passed")
        written = replace(editor, text=draft.text, entry=draft.entry_key, public=draft.public)
        return await desk.send(request, written, Act.PASSED, f"拟稿：{draft.saved_by}")

    return await desk.mended(request, editor, go_on())


async def give_back(request: web.Request) -> web.StreamResponse:
    """Return it to its author with a comment."""
    service, editor = request.app[SERVICE], await pages.read_editor(request)
    comment = (await read_form(request)).get("comment", "")

    async def back() -> web.StreamResponse:
        number, author, depth = number_of(request), desk.author_of(request), desk.depth_of(request)
        await review.give_back(
            service.database, number, author, comment, version=editor.version, depth=depth, at=service.now()
        )
        return frame.see_other(f"/questions/{number}?done=returned")

    return await desk.mended(request, replace(editor, comment=comment), back())


async def recall(request: web.Request) -> web.StreamResponse:
    """The author takes it back."""
    service, editor = request.app[SERVICE], await pages.read_editor(request)

    async def take_back() -> web.StreamResponse:
        number, author, depth = number_of(request), desk.author_of(request), desk.depth_of(request)
        await review.recall(service.database, number, author, version=editor.version, depth=depth, at=service.now())
        return frame.see_other(f"/questions/{number}?done=recalled")

    return await desk.mended(request, editor, take_back())


async def bypass(request: web.Request) -> web.StreamResponse:
    """Send it at once, past the steps that are left; the reason stands in the story."""
    editor = await pages.read_editor(request)
    why = (await read_form(request)).get("bypass", "")

    async def past() -> web.StreamResponse:
        reason = clean(why, "bypass", "理由").replace("\n", " ")
        if not reason or len(reason) > WHY_MAX:
            raise BadInputError(f"请写明为什么不经审核就发出，最多 {WHY_MAX} 个字；理由记录在案。", "bypass")
        written: Editor = await pages.handed_in(request, editor)
        remark = await desk.checked(request, written)
        told = f"理由：{reason}" + (f"。{remark}" if remark else "")
        return await desk.send(request, written, Act.BYPASSED, told)

    return await desk.mended(request, replace(editor, bypass=why), past())
