"""The channel of the office's own apps: signed JSON in, the same journey as board and WeChat, JSON out (docs/app.md)."""

import logging
from dataclasses import replace
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel

from bot import apps, following, wording
from bot.answer.split import follows
from bot.channels import api, citizen, closing
from bot.channels.app_callback import app_question_out
from bot.channels.app_shapes import AppChoiceIn, AppQuestionIn, AppReceiptOut, AppStateIn
from bot.channels.app_signature import BadSignatureError, check, read_headers
from bot.channels.app_work import APPS, Apps, secrets_of
from bot.channels.schemas import reading_out, receipt_out
from bot.limits import Limit
from bot.message import Message, checked
from bot.web import TooOftenError, UnsignedError
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.vocabulary import OPEN_STATES, Channel

USED = "这个随机数（X-Zhengwen-Nonce）已经和另一个请求一起用过，请换一个重新签名。"
log = logging.getLogger(__name__)
Shape = TypeVar("Shape", bound=BaseModel)


async def ask(request: web.Request) -> web.Response:
    """POST /app/{app}: a question of one of the app's users; 201 with answer, choices, or the promise of a person."""
    app, sent = await signed(request, AppQuestionIn)
    closing.refuse_if_closed(request)
    work = request.app[APPS]
    if sent.user:
        _count(work.users, f"{app}{apps.SEPARATOR}{sent.user}")
    topic = await _topic(work, app, sent) if sent.after else ""
    try:
        message = replace(_message(work, app, sent, topic), paused=closing.switch_of(request).paused)
        receipt = await work.service.receiver.receive(message)
    except BadInputError as error:
        raise BadInputError(str(error), "id" if error.field == "idempotency_key" else error.field) from None
    shown = receipt_out(receipt, citizen.promised(request, receipt, message.text))
    return api.as_json(AppReceiptOut(id=sent.id, **dict(shown)), 201)


async def state(request: web.Request) -> web.Response:
    """POST /app/{app}/state: a question of the app's own, with its state and reply."""
    app, sent = await signed(request, AppStateIn)
    service = request.app[APPS].service
    followed = await _follow(request.app[APPS], app, sent.code)
    if followed.question.id and followed.question.state not in OPEN_STATES:
        await apps.fetched(service.database, followed.question.id, service.now())
    return api.as_json(app_question_out(service, followed))


async def choose(request: web.Request) -> web.Response:
    """POST /app/{app}/choice: the user picks one of the choices, or none."""
    app, sent = await signed(request, AppChoiceIn)
    work = request.app[APPS]
    followed = await _follow(work, app, sent.code)
    key = await citizen.pick(request, followed, None if sent.choice is None else str(sent.choice))
    followed = await _follow(work, app, sent.code)
    found = citizen.reading(request, followed, key)
    read = reading_out(found.entry.standard, found.entry.answer, found.basis) if found else None
    return api.as_json(app_question_out(work.service, followed, read))


async def signed(request: web.Request, shape: type[Shape]) -> tuple[str, Shape]:
    """The app's name and what it sent: signature and time first, then the number, then how often, then the content."""
    work = request.app[APPS]
    account = work.accounts.get(request.match_info["app"])
    if account is None:
        raise NotFoundError("没有这个应用，请检查地址。")
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    body, now = await request.read(), work.service.now()
    try:
        signed = read_headers(request.headers)
        check(signed, secrets_of(account), body, now.timestamp())
    except BadSignatureError as error:
        log.warning("request of app %s refused: %s", account.name, error)
        raise UnsignedError(str(error)) from None
    _count(work.requests[account.name], account.name)
    if not await work.numbers.first_with({"app": account.name, "nonce": signed.nonce}, body, now):
        raise ConflictError(USED)
    return account.name, api.parsed(body, shape)


def _count(limit: Limit, key: str) -> None:
    wait = limit.wait(key)
    if wait:
        raise TooOftenError(wording.TOO_OFTEN, wait)
    limit.note(key)


def _message(work: Apps, app: str, sent: AppQuestionIn, topic: str) -> Message:
    return checked(
        text=sent.text,
        channel=Channel.APP,
        max_chars=work.service.settings.max_question_chars,
        kind=sent.kind,
        name=sent.name,
        phone=sent.phone,
        public=sent.public,
        external_id=apps.mark_of(app, sent.id),
        topic=topic,
    )


async def _topic(work: Apps, app: str, sent: AppQuestionIn) -> str:
    """What the question before was about, where this one follows it."""
    if not follows(sent.text):
        return ""
    before = await _follow(work, app, sent.after or "")
    return following.topic_of(before, work.service.current.entries, work.service.now())


async def _follow(work: Apps, app: str, code: str) -> following.Followed:
    async with work.service.database.reading() as session:
        return await following.by_app(session, code, app)
