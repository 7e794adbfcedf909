"""The message board 在线留言 as pages: ask, choose, follow, read what was published. Works without JavaScript."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from jinja2 import Environment

from bot import codes, following, replies, wording
from bot.answer.split import follows
from bot.channels import closing, counting
from bot.message import Message, checked, clean
from bot.receiving import Receipt
from bot.web import SERVICE, page, read_form
from knowledge import clock
from knowledge.entries import KnownEntry
from knowledge.errors import BadInputError, NotFoundError
from knowledge.masking import mask
from knowledge.tables import Question
from knowledge.vocabulary import Channel, Kind, Outcome, QuestionState, Reason, ReplyBy

HOME_SHOWS = 5
NO_CHOICE = "none"
FIELDS = ("text", "kind", "name", "phone", "public", "after", "after_password")


@dataclass(frozen=True)
class Reading:
    """An approved text that answers one of several questions, with its basis in force today."""

    entry: KnownEntry
    basis: list[dict[str, Any]]


TEMPLATES = web.AppKey("templates", Environment)


async def home(request: web.Request) -> web.Response:
    """The question form and the newest published replies."""
    return await _form(request, {})


async def ask(request: web.Request) -> web.Response:
    """Take a question; a refused one comes back with everything the citizen typed."""
    counting.count_question(request)
    form = await read_form(request)
    if closing.sentence(request):
        return await _form(request, form)
    try:
        message = _message(request, form, await _topic(request, form))
    except BadInputError as error:
        return await _form(request, form, error)
    receipt = await request.app[SERVICE].receiver.receive(message)
    return _receipt_page(request, receipt, mask(message.text))


async def choose(request: web.Request) -> web.Response:
    """The citizen picks one of the offered questions, or none of them."""
    form = await read_form(request)
    code, password = form.get("code", ""), form.get("password", "")
    followed = await follow(request, code, password)
    choice = form.get("choice", "")
    if not choice:
        return _question_page(request, followed, password, status=422, error="请先选一项，再提交。")
    key = await pick(request, followed, None if choice == NO_CHOICE else choice)
    followed = await follow(request, code, password)
    return _question_page(request, followed, password, reading=reading(request, followed, key))


async def lookup_form(request: web.Request) -> web.Response:
    """Where code and password are typed in."""
    return page(request.app[TEMPLATES], "lookup.html", code="", error="")


async def lookup(request: web.Request) -> web.Response:
    """The citizen's own question with its state and reply."""
    form = await read_form(request)
    code, password = form.get("code", "")[:60], form.get("password", "")[:60]
    try:
        return _question_page(request, await follow(request, code, password), password)
    except NotFoundError as error:
        return page(request.app[TEMPLATES], "lookup.html", 404, code=code, error=str(error))


async def published_list(request: web.Request) -> web.Response:
    """The board, newest first."""
    number = page_number(request)
    async with request.app[SERVICE].database.reading() as session:
        rows, total = await following.board(session, number)
    pages = max(1, -(-total // following.PAGE_SIZE))
    if number > pages:
        raise NotFoundError("没有这一页。")
    return page(request.app[TEMPLATES], "board.html", rows=rows, total=total, number=number, pages=pages, kinds=Kind)


async def published_question(request: web.Request) -> web.Response:
    """One published question at its permanent address."""
    async with request.app[SERVICE].database.reading() as session:
        followed = await following.published(session, int(request.match_info["id"]))
    return page(request.app[TEMPLATES], "published.html", masked=following.public_reply(followed), **_shown(followed))


async def privacy(request: web.Request) -> web.Response:
    """What happens with personal data (个人信息保护法第十七条)."""
    return page(request.app[TEMPLATES], "privacy.html")


async def follow(request: web.Request, code: str, password: str) -> following.Followed:
    """Find by code and password; wrong ones are counted against client and code, and too many of them refused."""
    service = request.app[SERVICE]

    async def find() -> following.Followed:
        async with service.database.reading() as session:
            return await following.by_code(session, code, password, service.key)

    return await counting.by_code(request, code, find)


async def pick(request: web.Request, followed: following.Followed, choice: str | None) -> str:
    """Carry out a choice by its number (from 1), or hand over to a person (None); returns the key of what was picked."""
    service, question = request.app[SERVICE], followed.question
    entry = None
    if choice is not None:
        if not choice.isascii() or not choice.isdigit() or not 1 <= int(choice) <= len(question.choices):
            raise BadInputError("请从给出的几个选项里选一个。", "choice")
        entry = service.current.entries.get(question.choices[int(choice) - 1]["entry"])
    paused = closing.switch_of(request).paused
    await replies.choose(service.database, question.id or 0, entry, address="", at=service.now(), paused=paused)
    return entry.key if entry else ""


def reading(request: web.Request, followed: following.Followed, key: str) -> Reading | None:
    """What was picked to be read while a person answers the whole message."""
    service = request.app[SERVICE]
    if closing.switch_of(request).paused:
        return None
    today = clock.office_day(service.now())
    entry = following.to_read(followed.question, key, service.current.entries, today)
    return Reading(entry, [line.as_json() for line in entry.basis_on(today)]) if entry else None


def promised(request: web.Request, told: Receipt | Question, asked: str) -> str:
    """What is said where a person will answer: why, what to do meanwhile, and by when."""
    hotline = request.app[SERVICE].settings.hotline
    return wording.handed_over(
        Reason(told.reason), told.due, provisional=told.due_provisional, hotline=hotline, text=asked
    )


def page_number(request: web.Request) -> int:
    """The page asked for, from 1."""
    typed = request.query.get("page", "1")
    if not typed.isascii() or not typed.isdigit() or not 1 <= int(typed) <= 1_000_000:
        raise BadInputError("页码只能是数字。", "page")
    return int(typed)


async def _topic(request: web.Request, form: dict[str, str]) -> str:
    """What the question before was about, where this one names it and knows its password."""
    if not form.get("after") or not follows(form.get("text", "")):
        return ""
    try:
        before = await follow(request, form["after"], form.get("after_password", ""))
    except NotFoundError:
        return ""
    service = request.app[SERVICE]
    return following.topic_of(before, service.current.entries, service.now())


def _message(request: web.Request, form: dict[str, str], topic: str) -> Message:
    settings = request.app[SERVICE].settings
    token = clean(form.get("token", ""), "token", "表单")[:64]
    content = "\x00".join(form.get(name, "") for name in FIELDS)
    mark = hashlib.sha256(f"{token}\x00{content}".encode()).hexdigest() if token else None
    return checked(
        text=form.get("text", ""),
        channel=Channel.BOARD,
        max_chars=settings.max_question_chars,
        kind=form.get("kind", ""),
        name=form.get("name", ""),
        phone=form.get("phone", ""),
        public=form.get("public") == "yes",
        external_id=mark,
        topic=topic,
        paused=closing.switch_of(request).paused,
    )


async def _form(request: web.Request, form: dict[str, str], error: BadInputError | None = None) -> web.Response:
    async with request.app[SERVICE].database.reading() as session:
        rows, total = await following.board(session)
    closed = closing.sentence(request)
    shown = page(
        request.app[TEMPLATES],
        "home.html",
        422 if error else 503 if closed and form else 200,
        closed=closed,
        wording=wording,
        form={name: form.get(name, "") for name in FIELDS},
        error=str(error) if error else "",
        field=error.field if error else "",
        token=form.get("token") or secrets.token_hex(16),
        kinds=Kind,
        rows=rows[:HOME_SHOWS],
        total=total,
    )
    if shown.status == 503:
        shown.headers["Retry-After"] = str(closing.retry_after(request))
    return shown


def _receipt_page(request: web.Request, receipt: Receipt, asked: str) -> web.Response:
    return page(
        request.app[TEMPLATES],
        "receipt.html",
        receipt=receipt,
        asked=asked,
        spoken=codes.spoken(receipt.code),
        promise=promised(request, receipt, asked),
        token=secrets.token_hex(16),
        outcomes=Outcome,
        wording=wording,
    )


def _question_page(
    request: web.Request,
    followed: following.Followed,
    password: str,
    *,
    status: int = 200,
    error: str = "",
    reading: Reading | None = None,
) -> web.Response:
    shown, service = _shown(followed), request.app[SERVICE]
    return page(
        request.app[TEMPLATES],
        "question.html",
        status,
        password=codes.read_digits(password),
        spoken=codes.spoken(followed.question.code),
        state=QuestionState(followed.question.state),
        states=QuestionState,
        error=error,
        promise=promised(request, followed.question, followed.question.text),
        reading=reading,
        can_read=following.can_read(followed.question) and not closing.switch_of(request).paused,
        topic=following.topic_of(followed, service.current.entries, service.now()),
        token=secrets.token_hex(16),
        **shown,
    )


def _shown(followed: following.Followed) -> dict[str, Any]:
    reply = followed.reply
    return {
        "question": followed.question,
        "reply": reply,
        "kind": Kind(followed.question.kind),
        "by_system": reply is not None and reply.by == ReplyBy.SYSTEM,
        "change": followed.change,
        "wording": wording,
    }
