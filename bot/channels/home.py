"""The front page with its one question box, answers shown before a question is sent, and each answer's own page."""

import asyncio

from aiohttp import web

from bot import following, wording
from bot.answer.engine import Engine
from bot.channels import closing, guard
from bot.channels.asking import ask_again, form_values
from bot.channels.counting import count_search
from bot.channels.frame import AGAIN, show
from bot.channels.home_desk import DESK
from bot.deflection import mark_of
from bot.suggesting import NOTHING, listed, matches, may_be_shown
from bot.web import SERVICE, read_form
from knowledge import clock
from knowledge.entries import KnownEntry
from knowledge.errors import BadInputError, NotFoundError
from knowledge.vocabulary import TOPICS

HOME_SHOWS = 4
LISTED = 60


async def home(request: web.Request) -> web.Response:
    """One question box, hot questions by topic, the newest published replies, how long replies take, other channels."""
    service, desk = request.app[SERVICE], request.app[DESK]
    now = service.now()
    async with service.database.reading() as session:
        rows, total = await following.board(session)
    return show(
        request,
        "home.html",
        token=guard.new_token(service.key, now),
        hot=NOTHING if closing.held(request) else await desk.hot.by_topic(now),
        pace=await desk.pace.now(now),
        rows=rows[:HOME_SHOWS],
        total=total,
        wording=wording,
    )


async def suggest(request: web.Request) -> web.Response:
    """Answers like what is being typed, as JSON; posted, so that a citizen's words stand in no address."""
    form = await read_form(request)
    count_search(request)
    service = request.app[SERVICE]
    found = await _found(request, form.get("text", ""))
    mark = mark_of(form.get("token", ""))
    # Only a page of ours is counted: else anybody could fill the table.
    if found and guard.opened_at(form.get("token", ""), service.key):
        await request.app[DESK].looks.shown(mark, service.now())
    return web.json_response(
        {"matches": [{"url": _address(entry, mark), "text": entry.standard, "topic": entry.topic} for entry in found]}
    )


async def find(request: web.Request) -> web.Response:
    """The same without a script: answers that may help, and below them the form, filled in already."""
    request[AGAIN] = ask_again
    form = await read_form(request)
    count_search(request)
    closing.refuse_if_closed(request)
    service = request.app[SERVICE]
    text = form.get("text", "")
    if not text.strip():
        raise BadInputError("请写下您要咨询的问题。", "text")
    found = await _found(request, text)
    values = form_values(request, form)
    mark = mark_of(values["token"])
    if found and guard.opened_at(form.get("token", ""), service.key):
        values["form"]["looked"] = "1"
        await request.app[DESK].looks.shown(mark, service.now())
    response = show(request, "find.html", found=[(entry, _address(entry, mark)) for entry in found], **values)
    # Kept by the visitor's own browser: who has read an answer goes back to the form without sending it anew.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


async def answer(request: web.Request) -> web.Response:
    """One approved answer at its permanent address; not shown on days when it is not in force."""
    service = request.app[SERVICE]
    entry = service.current.entries.get(request.match_info["key"])
    if entry is None:
        raise NotFoundError(wording.NO_SUCH_ANSWER)
    today, engine = clock.office_day(service.now()), service.current.engine
    if not may_be_shown(entry, engine, today):
        return _not_today(request, entry, engine)
    closing.refuse_if_held(request)
    if mark := request.query.get("from", ""):
        await request.app[DESK].looks.opened(mark[:64], entry.key)
    basis = [line.as_json() for line in entry.basis_on(today)]
    hot = await request.app[DESK].hot.by_topic(service.now())
    return show(
        request,
        "answer.html",
        entry=entry,
        basis=basis,
        wording=wording,
        others=[other for other in hot.of(entry.topic) if other.key != entry.key],
        address=f"{service.settings.public_url}/answers/{entry.key}",
    )


async def answers(request: web.Request) -> web.Response:
    """All answers of a topic that may be read today."""
    service = request.app[SERVICE]
    topic = request.query.get("topic", "")
    if topic not in TOPICS:
        raise NotFoundError(wording.NO_SUCH_ANSWER)
    closing.refuse_if_held(request)
    today, entries = clock.office_day(service.now()), service.current.entries
    found = await asyncio.to_thread(listed, entries, service.current.engine, today, LISTED, topic)
    return show(request, "answers.html", topic=topic, entries=found, full=len(found) == LISTED)


async def privacy(request: web.Request) -> web.Response:
    """What happens with personal data (个人信息保护法第十七条)."""
    return show(request, "privacy.html")


async def accessibility(request: web.Request) -> web.Response:
    """How the site can be used by everybody, and whom to tell where it cannot."""
    return show(request, "accessibility.html")


async def _found(request: web.Request, text: str) -> list[KnownEntry]:
    """Answers like the text; none while nothing may be answered automatically."""
    service = request.app[SERVICE]
    if closing.held(request):
        return []
    return await matches(service.current.engine, text, clock.office_day(service.now()))


def _address(entry: KnownEntry, mark: str) -> str:
    return f"/answers/{entry.key}?from={mark}"


def _not_today(request: web.Request, entry: KnownEntry, engine: Engine) -> web.Response:
    """An answer that was public once or will be is named, with what took its place; its text is not given."""
    service = request.app[SERVICE]
    today = clock.office_day(service.now())
    if entry.region not in engine.regions or entry.in_force(today):
        raise NotFoundError(wording.NO_SUCH_ANSWER)
    coming = bool(entry.valid_from and entry.valid_from > today)
    newer = service.current.entries.get(entry.superseded_by)
    shown = newer if newer and may_be_shown(newer, engine, today) else None
    return show(request, "gone.html", 404 if coming else 410, entry=entry, newer=shown, coming=coming)
