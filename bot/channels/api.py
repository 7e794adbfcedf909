"""API v1: the same as the board, as JSON. Errors are problem documents (RFC 9457)."""

import json
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot import following
from bot.channels import citizen, closing, counting
from bot.channels.schemas import (
    BoardOut,
    ChoiceIn,
    Problem,
    QuestionIn,
    ReadingOut,
    published_out,
    question_out,
    reading_out,
    receipt_out,
)
from bot.message import checked
from bot.openapi import document
from bot.web import SERVICE
from knowledge.errors import BadInputError, NotFoundError
from knowledge.vocabulary import Channel

Shape = TypeVar("Shape", bound=BaseModel)
TITLES = {
    400: "请求有误",
    401: "签名不对",
    404: "没有找到",
    409: "有冲突",
    413: "内容太大",
    422: "内容有误",
    429: "太频繁",
    503: "暂时不可用",
}
REASONS = {
    "missing": "缺少这个字段",
    "extra_forbidden": "没有这个字段",
    "string_type": "要是字符串",
    "bool_type": "要是 true 或 false",
    "int_type": "要是整数",
    "too_short": "不能是空的",
    "too_long": "太多，最多 1000 条",
}


async def ask(request: web.Request) -> web.Response:
    """POST /questions: 201 with the receipt; the header Idempotency-Key makes repeating safe."""
    counting.count_question(request)
    closing.refuse_if_closed(request)
    sent = await _read(request, QuestionIn)
    service = request.app[SERVICE]
    message = checked(
        **sent.model_dump(),
        channel=Channel.API,
        max_chars=service.settings.max_question_chars,
        external_id=request.headers.get("Idempotency-Key"),
        paused=closing.switch_of(request).paused,
    )
    receipt = await service.receiver.receive(message)
    return as_json(receipt_out(receipt, citizen.promised(request, receipt, message.text)), 201)


async def follow(request: web.Request) -> web.Response:
    """GET /questions/{code}: the sender's own question; the password by header or query."""
    password = request.headers.get("X-Question-Password") or request.query.get("password", "")
    return _followed(request, await citizen.follow(request, request.match_info["code"], password))


async def choose(request: web.Request) -> web.Response:
    """POST /questions/{code}/choice: pick one of the choices, or none."""
    sent = await _read(request, ChoiceIn)
    code = request.match_info["code"]
    followed = await citizen.follow(request, code, sent.password)
    key = await citizen.pick(request, followed, None if sent.choice is None else str(sent.choice))
    followed = await citizen.follow(request, code, sent.password)
    found = citizen.reading(request, followed, key)
    return _followed(
        request, followed, reading_out(found.entry.standard, found.entry.answer, found.basis) if found else None
    )


async def published_list(request: web.Request) -> web.Response:
    """GET /board: a page of published questions."""
    number = citizen.page_number(request)
    async with request.app[SERVICE].database.reading() as session:
        rows, total = await following.board(session, number)
    pages = max(1, -(-total // following.PAGE_SIZE))
    return as_json(BoardOut(total=total, page=number, pages=pages, questions=[published_out(row) for row in rows]))


async def published_question(request: web.Request) -> web.Response:
    """GET /board/{id}: one published question."""
    typed = request.match_info["id"]
    if not typed.isascii() or not typed.isdigit() or len(typed) > 18:
        raise NotFoundError("留言板上没有这条留言，它可能没有公开。")
    async with request.app[SERVICE].database.reading() as session:
        return as_json(published_out(await following.published(session, int(typed))))


async def description(request: web.Request) -> web.Response:
    """GET /openapi.json: this API, described."""
    return web.json_response(document(request.app[SERVICE].settings))


def problem(request: web.Request, status: int, sentence: str, field: str) -> web.Response:
    """An error as a problem document."""
    body = Problem(
        type="about:blank", title=TITLES.get(status, "出错了"), status=status, detail=sentence, field=field or None
    )
    return web.Response(
        text=body.model_dump_json(exclude_none=True), status=status, content_type="application/problem+json"
    )


async def _read(request: web.Request, shape: type[Shape]) -> Shape:
    """The body as the shape it must have; otherwise BadInputError with the name of the field."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    return parsed(await request.read(), shape)


def parsed(body: bytes, shape: type[Shape]) -> Shape:
    """Bytes as the shape they must have; BadInputError says what is wrong, and in which field."""
    try:
        values = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadInputError("内容不是 UTF-8 编码。") from None
    except (ValueError, RecursionError):
        raise BadInputError("内容不是正确的 JSON。") from None
    try:
        return shape.model_validate(values, strict=True)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(str(part) for part in fault["loc"])
        reason = REASONS.get(fault["type"], "取值不对")
        raise BadInputError(f"字段 {field} {reason}。" if field else "最外层要是一个 JSON 对象。", field) from None


def _followed(request: web.Request, followed: following.Followed, read: ReadingOut | None = None) -> web.Response:
    question = followed.question
    return as_json(question_out(followed, citizen.promised(request, question, question.text), read))


def as_json(shape: BaseModel, status: int = 200) -> web.Response:
    """A shape as the body of an answer; the same shape gives the same bytes."""
    return web.Response(
        text=shape.model_dump_json(exclude_none=True), status=status, content_type="application/json", charset="utf-8"
    )
