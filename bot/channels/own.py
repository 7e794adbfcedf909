"""One's own question by code and password: how it stands, the reply, choosing, adding to it, saying what one thinks."""

from typing import Any

from aiohttp import web
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot import afterwards, attachments, codes, following, story, wording
from bot.channels import closing, guard
from bot.channels.citizen import Reading, follow, pick, promised, reading
from bot.channels.counting import count_question
from bot.channels.frame import AGAIN, show, typed
from bot.channels.upload import read_upload
from bot.following import Followed
from bot.web import SERVICE, read_form
from knowledge import clock
from knowledge.errors import BadInputError, ZhengwenError
from knowledge.vocabulary import OPEN_STATES, Kind, QuestionState, ReplyBy, Verdict

NO_CHOICE = "none"
# Code and password were right: an error may be told on the page of the question itself.
KNOWN = web.RequestKey("known", bool)
# Texts somebody may have typed before it turned out that the code, or the password, is wrong.
CARRIED = ("more", "note")
_FAILURES = (ZhengwenError, DBAPIError, PoolTimeoutError, OSError)


async def lookup_form(request: web.Request) -> web.Response:
    """Where code and password are typed in."""
    return _lookup_page(request)


async def lookup(request: web.Request) -> web.Response:
    """The citizen's own question with its state and reply."""
    followed = await _own(request)
    return await _question_page(request, followed)


async def choose(request: web.Request) -> web.Response:
    """The citizen picks one of the offered questions, or none of them."""
    followed = await _own(request)
    choice = typed(request).get("choice", "")
    if not choice:
        raise BadInputError("请先选一项，再提交。", "choice")
    key = await pick(request, followed, None if choice == NO_CHOICE else choice)
    followed = await _again_own(request)
    return await _question_page(request, followed, read=reading(request, followed, key))


async def rate(request: web.Request) -> web.Response:
    """The citizen says whether the reply helped; 答非所问 gives the question to a person in one step."""
    followed = await _own(request)
    service, form = request.app[SERVICE], typed(request)
    if followed.reply is None:
        raise BadInputError("这条留言还没有答复，有了答复再评价。", "verdict")
    verdict = await afterwards.rate(
        service.database,
        followed.question,
        followed.reply,
        form.get("verdict", ""),
        form.get("note", ""),
        at=service.now(),
        working_days=service.settings.reply_working_days,
    )
    form["note"] = ""
    return await _question_page(request, await _again_own(request), notice=wording.THANKS_FOR[verdict])


async def supplement(request: web.Request) -> web.Response:
    """The citizen adds to a question that still waits for a person."""
    count_question(request)
    followed = await _own(request)
    service, form = request.app[SERVICE], typed(request)
    await afterwards.supplement(service.database, followed.question.id or 0, form.get("more", ""), at=service.now())
    form["more"] = ""
    return await _question_page(request, await _again_own(request), notice=wording.SUPPLEMENTED)


async def attach(request: web.Request) -> web.Response:
    """The citizen adds a picture or a PDF to a question that still waits for a person."""
    request[AGAIN] = _own_again
    body = await read_upload(request, attachments.BYTES_MAX)
    count_question(request)
    followed = await _found(request)
    service = request.app[SERVICE]
    await attachments.attach(service.database, followed.question.id or 0, body, at=service.now())
    return await _question_page(request, await _again_own(request), notice=wording.ATTACHED)


async def _own(request: web.Request) -> Followed:
    request[AGAIN] = _own_again
    await read_form(request)
    return await _found(request)


async def _found(request: web.Request) -> Followed:
    form = typed(request)
    followed = await follow(request, form.get("code", "")[:60], form.get("password", "")[:60])
    request[KNOWN] = True
    return followed


async def _again_own(request: web.Request) -> Followed:
    form = typed(request)
    return await follow(request, form.get("code", ""), form.get("password", ""))


async def _own_again(request: web.Request, status: int, sentence: str, field: str) -> web.Response:
    """What was typed, on the question's own page where it can be shown, else beside the fields for code and password."""
    if request.get(KNOWN):
        try:
            followed = await _again_own(request)
            return await _question_page(request, followed, status=status, error=sentence, field=field)
        except _FAILURES:
            pass
    return _lookup_page(request, status, sentence)


def _lookup_page(request: web.Request, status: int = 200, error: str = "") -> web.Response:
    form = typed(request)
    carried = {name: form[name] for name in CARRIED if form.get(name)}
    return show(request, "lookup.html", status, code=form.get("code", "")[:60], error=error, carried=carried)


async def _question_page(
    request: web.Request,
    followed: Followed,
    *,
    status: int = 200,
    error: str = "",
    field: str = "",
    notice: str = "",
    read: Reading | None = None,
) -> web.Response:
    service, question, form = request.app[SERVICE], followed.question, typed(request)
    now, entries = service.now(), service.current.entries
    state = QuestionState(question.state)
    return show(
        request,
        "question.html",
        status,
        **shown(followed),
        **await _surroundings(request, followed),
        password=codes.read_digits(form.get("password", "")),
        spoken=codes.spoken(question.code),
        state=state,
        states=QuestionState,
        is_open=state in OPEN_STATES,
        late=state in OPEN_STATES and question.due < clock.office_day(now),
        promise=promised(request, question, question.text),
        error=error,
        field=field,
        notice=notice,
        form={name: form.get(name, "") for name in CARRIED},
        reading=read,
        file_mb=attachments.BYTES_MAX // 1024 // 1024,
        files_max=attachments.FILES_MAX,
        can_read=following.can_read(question) and not closing.switch_of(request).paused,
        topic=following.topic_of(followed, entries, now),
        entry=entries.get(followed.reply.entry_key) if followed.reply else None,
        token=guard.new_token(service.key, now),
    )


async def _surroundings(request: web.Request, followed: Followed) -> dict[str, Any]:
    question = followed.question
    async with request.app[SERVICE].database.reading() as session:
        before, after = await story.linked(session, question)
        return {
            "steps": await story.steps_of(session, question),
            "before": before,
            "after": after,
            "opinion": await afterwards.opinion_of(session, followed.reply),
            "files": await attachments.kept_with(session, question.id or 0),
            "earlier": await afterwards.earlier_of(session, question.id or 0),
            "verdicts": Verdict,
        }


def shown(followed: Followed) -> dict[str, Any]:
    """A question and its reply as the templates name them."""
    reply = followed.reply
    return {
        "question": followed.question,
        "reply": reply,
        "kind": Kind(followed.question.kind),
        "by_system": reply is not None and reply.by == ReplyBy.SYSTEM,
        "change": followed.change,
        "wording": wording,
    }
