"""Judgements on automatic answers: put down on the question's page, shown by month, given out to learn from."""

from aiohttp import web

from admin import judging, queue
from admin import pages_frame as frame
from admin.auth import person_of
from bot.web import SERVICE, read_form
from knowledge.vocabulary import JudgedAs

SHOWN = 50


async def judge(request: web.Request) -> web.StreamResponse:
    """Put down what the signed-in person thinks of an automatic answer."""
    service, form, number = request.app[SERVICE], await read_form(request), int(request.match_info["id"])
    right = form.get("right_entry", "")
    await judging.judge(
        service.database,
        number,
        form.get("verdict", ""),
        right if right in service.current.entries else "",
        form.get("judgement", ""),
        person_of(request).username,
        service.now(),
    )
    return frame.see_other(f"/questions/{number}?done=judged")


async def judgements_page(request: web.Request) -> web.StreamResponse:
    """Precision by month, and the answers that were not right."""
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        found = await judging.judged(session)
        months = await judging.months(session, found)
        names = await queue.names(session)
    lesson = judging.labelled(found, service.current.entries)
    wrong = [one for one in reversed(found) if one.verdict is not JudgedAs.RIGHT][:SHOWN]
    return frame.render(
        request, "library_judgements.html", months=months, wrong=wrong, lesson=lesson, names=names,
        target=service.settings.target_precision,
    )  # fmt: skip


async def judgements_file(request: web.Request) -> web.StreamResponse:
    """The judged answers as labelled questions."""
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        lesson = judging.labelled(await judging.judged(session), service.current.entries)
    headers = {"Content-Disposition": 'attachment; filename="judgements.jsonl"'}
    return web.Response(body=lesson.lines, content_type="application/x-ndjson", headers=headers)
