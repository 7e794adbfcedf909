"""The OpenAPI 3.1 document of API v1, built from the shapes the handlers use; the tests check it against the routes."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.channels import app_signature
from bot.channels.app_shapes import (
    AppChoiceIn,
    AppQuestionIn,
    AppQuestionOut,
    AppReceiptOut,
    AppStateIn,
    LedgerLinesIn,
    LedgerLinesOut,
)
from bot.channels.schemas import BoardOut, ChoiceIn, Problem, PublishedOut, QuestionIn, QuestionOut, ReceiptOut
from knowledge.settings import Settings

API = "/api/v1"
REF = "#/components/schemas/{model}"
SHAPES: tuple[type[BaseModel], ...] = (
    AppChoiceIn,
    AppQuestionIn,
    AppQuestionOut,
    AppReceiptOut,
    AppStateIn,
    BoardOut,
    ChoiceIn,
    LedgerLinesIn,
    LedgerLinesOut,
    Problem,
    PublishedOut,
    QuestionIn,
    QuestionOut,
    ReceiptOut,
)
PROBLEMS = {
    400: "请求的格式有误",
    401: "没有签名，或签名、时间不对",
    404: "没有找到，或编号、密码不对",
    409: "与别人的操作冲突",
    413: "内容太大",
    415: "内容类型不是 application/json",
    422: "内容有误，field 说明是哪一项",
    429: "太频繁，Retry-After 说明多少秒后再试",
    503: "暂时无法保存或读取，或者留言暂停受理；detail 说明原因，Retry-After 说明多少秒后再试",
}


def document(settings: Settings) -> dict[str, Any]:
    """The whole document."""
    _, schemas = models_json_schema([(shape, "serialization") for shape in SHAPES], ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{settings.office_name}在线留言接口", "version": "1", "license": {"name": "Apache-2.0"}},
        "servers": [{"url": settings.public_url}],
        "paths": {**_paths(), **_app_paths()},
        "webhooks": {"answered": {"post": _callback()}},
        "components": {"schemas": schemas["$defs"]},
    }


def _paths() -> dict[str, Any]:
    code = _parameter("code", "path", "留言编号，12 位数字。", {"type": "string"})
    password = _parameter(
        "password", "query", "六位查询密码；也可以放在请求头 X-Question-Password 里。", {"type": "string"}
    )
    header = _parameter("X-Question-Password", "header", "六位查询密码。", {"type": "string"})
    key = _parameter("Idempotency-Key", "header", "发送方自己的标识；同一标识重复发送只算一条。", {"type": "string"})
    page = _parameter("page", "query", "页码，从 1 起。", {"type": "integer", "minimum": 1})
    identity = _parameter("id", "path", "公开留言的号码。", {"type": "integer"})
    return {
        f"{API}/questions": {
            "post": _operation(
                "ask",
                "提交一条留言，马上得到答复、选项或答复期限",
                ReceiptOut,
                201,
                (413, 415, 422, 429, 503),
                [key],
                QuestionIn,
            )
        },
        f"{API}/questions/{{code}}": {
            "get": _operation("follow", "凭编号和密码查询", QuestionOut, 200, (404, 429, 503), [code, password, header])
        },
        f"{API}/questions/{{code}}/choice": {
            "post": _operation(
                "choose", "从选项里选一个", QuestionOut, 200, (404, 413, 415, 422, 429, 503), [code], ChoiceIn
            )
        },
        f"{API}/board": {"get": _operation("board", "公开的留言和答复", BoardOut, 200, (422, 503), [page])},
        f"{API}/board/{{id}}": {
            "get": _operation("published", "一条公开的留言", PublishedOut, 200, (404, 503), [identity])
        },
        f"{API}/openapi.json": {
            "get": {
                "operationId": "description",
                "summary": "本接口的说明",
                "responses": {
                    "200": {
                        "description": "OpenAPI 3.1",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    }
                },
            }
        },
    }


def _app_paths() -> dict[str, Any]:
    """The channel of the office's own apps (docs/app.md)."""
    given = [_parameter("app", "path", "应用在设置里的名称。", {"type": "string"}), *_signature()]
    problems = (401, 404, 409, 413, 415, 422, 429, 503)
    operations = (
        ("", "ask_by_app", "提交一条留言，马上得到答复、选项或答复期限", AppReceiptOut, 201, AppQuestionIn),
        ("/state", "state_by_app", "查询本应用提交的一条留言", AppQuestionOut, 200, AppStateIn),
        ("/choice", "choose_by_app", "从选项里选一个", AppQuestionOut, 200, AppChoiceIn),
        ("/ledger", "record_by_app", "登记公开台账，全部登记或全部不登记", LedgerLinesOut, 201, LedgerLinesIn),
    )
    return {
        f"/app/{{app}}{path}": {"post": _operation(name, summary, answer, status, problems, given, body)}
        for path, name, summary, answer, status, body in operations
    }


def _callback() -> dict[str, Any]:
    """What an app is sent at the address in the settings."""
    return {
        "operationId": "answered",
        "summary": "工作人员答复或办结后通知应用，签名的方法相同，方向写 callback",
        "parameters": _signature(),
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(AppQuestionOut)}}},
        "responses": {"200": {"description": "收到；2xx 都算收到"}},
    }


def _signature() -> list[dict[str, Any]]:
    texts = {
        app_signature.TIMESTAMP: "Unix 时间，秒。",
        app_signature.NONCE: "随机数，16 到 64 个字母、数字、- 或 _，每个请求换一个。",
        app_signature.SIGNATURE: "HMAC-SHA256（方向、时间、随机数、正文，各一行）的十六进制小写，见 docs/app.md。",
    }
    return [{**_parameter(name, "header", text, {"type": "string"}), "required": True} for name, text in texts.items()]


def _operation(
    name: str,
    summary: str,
    answer: type[BaseModel],
    status: int,
    problems: tuple[int, ...],
    parameters: list[dict[str, Any]],
    body: type[BaseModel] | None = None,
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": {
            str(status): {"description": summary, "content": {"application/json": {"schema": _ref(answer)}}},
            **{
                str(code): {
                    "description": PROBLEMS[code],
                    "content": {"application/problem+json": {"schema": _ref(Problem)}},
                }
                for code in problems
            },
        },
    }
    if body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    return operation


def _ref(shape: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=shape.__name__)}


def _parameter(name: str, place: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "description": text, "schema": schema}
