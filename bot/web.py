"""What both sites share: templates, forms, headers, and the one place where errors become pages."""

import logging
from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot import wording
from bot.service import Service
from bot.watch import request_id
from knowledge import clock
from knowledge.errors import BadInputError, ConflictError, NotFoundError, StorageError, ZhengwenError
from knowledge.settings import Settings

SERVICE = web.AppKey("service", Service)
FORM: web.RequestKey[dict[str, str]] = web.RequestKey("form")
BODY = web.RequestKey("body", bytes)
BODY_MAX = 2 * 1024 * 1024
FORM_FIELDS_MAX = 80
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
Render = Callable[[web.Request, int, str, str], Awaitable[web.StreamResponse]]
log = logging.getLogger(__name__)


class UnsignedError(ZhengwenError):
    """A request that has to be signed is not, or not rightly."""


class TooOftenError(ZhengwenError):
    """A client asks faster than the settings allow. `seconds` is when it may come again."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class ClosedError(ZhengwenError):
    """The channel is switched off. `seconds` is when it may be worth coming again."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


STATUS_OF = {BadInputError: 422, NotFoundError: 404, ConflictError: 409, StorageError: 503, UnsignedError: 401}


def templates(*folders: Path) -> Environment:
    """An environment that escapes everything and fails on a name that is not there."""
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = clock.in_words
    environment.filters["moment"] = lambda at: at.astimezone(clock.OFFICE_ZONE).strftime("%Y-%m-%d %H:%M")
    environment.filters["day_of"] = clock.office_day
    environment.filters["office_day"] = lambda at: clock.in_words(clock.office_day(at))
    environment.filters["paragraphs"] = wording.paragraphs
    environment.filters["numbered"] = wording.numbered
    environment.filters["inert"] = wording.inert
    environment.filters["rfc822"] = format_datetime
    return environment


def page(environment: Environment, name: str, code: int = 200, /, **values: Any) -> web.Response:
    """Render a page."""
    text = environment.get_template(name).render(**values)
    return web.Response(text=text, status=code, content_type="text/html", charset="utf-8")


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields of a posted form, each once; broken UTF-8 is refused, not guessed at.

    What could be read stands in `request[FORM]`, so that an error page can give it back.
    """
    if request.content_type == "multipart/form-data":
        fields = {name: value for name, value in await _parts(request) if isinstance(value, str)}
        request[FORM] = fields
        return dict(fields)
    if request.content_type != "application/x-www-form-urlencoded":
        raise BadInputError("表单的格式不对，请从网页上提交。")
    body = await _body(request)
    try:
        fields = form_fields(body)
    except BadInputError:
        request[FORM] = _as_far_as_read(body)
        raise
    request[FORM] = fields
    return dict(fields)


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of a form's body; BadInputError where it is none."""
    try:
        fields = body.decode("utf-8")
        pairs = parse_qsl(fields, keep_blank_values=True, errors="strict", max_num_fields=FORM_FIELDS_MAX)
    except UnicodeDecodeError:
        raise BadInputError("提交的文字编码有误（不是 UTF-8），请重新输入后提交。") from None
    except ValueError:
        raise BadInputError("表单的字段太多。") from None
    return dict(pairs)


async def _body(request: web.Request) -> bytes:
    """The body, read once however often it is asked for; of one that is too large, what came is still of use."""
    if BODY not in request:
        read = bytearray()
        async for chunk in request.content.iter_any():
            read += chunk
            if len(read) > BODY_MAX:
                request[FORM] = _as_far_as_read(bytes(read))
                raise web.HTTPRequestEntityTooLarge(max_size=BODY_MAX, actual_size=len(read))
        request[BODY] = bytes(read)
    return request[BODY]


def _as_far_as_read(body: bytes) -> dict[str, str]:
    text = body.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True)[:FORM_FIELDS_MAX])


async def read_files(request: web.Request, name: str) -> list[bytes]:
    """The files of a posted form under one name, in memory: the body as a whole is small. To be asked for once."""
    if request.content_type != "multipart/form-data":
        return []
    found = [part for key, part in await _parts(request) if key == name and isinstance(part, web.FileField)]
    contents = []
    for part in found:
        with part.file as file:
            contents.append(file.read())
    return [content for content in contents if content]  # an empty file control sends an empty file


async def read_upload(request: web.Request, name: str) -> tuple[str, bytes]:
    """One file of a posted form with the name it had, without folders; empty where none was chosen."""
    if request.content_type == "multipart/form-data":
        for key, part in await _parts(request):
            if key == name and isinstance(part, web.FileField):
                with part.file as file:
                    name = part.filename.encode("utf-8", "replace").decode().replace("\\", "/")
                    return "".join(sign for sign in PurePosixPath(name).name if sign.isprintable()), file.read()
    return "", b""


async def _parts(request: web.Request) -> list[tuple[str, object]]:
    try:
        parts: list[tuple[str, object]] = list((await request.post()).items())
    except (ValueError, LookupError, AssertionError, HttpProcessingError):
        raise BadInputError("表单的内容读不出来，请返回重新提交。") from None
    if len(parts) > FORM_FIELDS_MAX:
        raise BadInputError("表单的字段太多。")
    return parts


def client_address(request: web.Request, proxies: int) -> str:
    """Who asks: the peer, or what the nearest trusted proxy saw, counted from the right."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if proxies and len(hops) >= proxies:
        return hops[-proxies]
    return request.remote or ""


def security_headers(settings: Settings) -> Middleware:
    """Headers every answer carries; pages are never stored unless the handler says otherwise."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        headers.setdefault("Cache-Control", "no-store")
        if settings.behind_tls:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response

    return middleware


def error_pages(render: Render) -> Middleware:
    """Turn every error into an answer a person can use: `render(request, status, sentence, field)` makes it."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except (TooOftenError, ClosedError) as error:
            response = await render(request, 429 if isinstance(error, TooOftenError) else 503, str(error), "")
            response.headers["Retry-After"] = str(error.seconds)
            return response
        except ZhengwenError as error:
            status = next((code for kind, code in STATUS_OF.items() if isinstance(error, kind)), 400)
            response = await render(request, status, str(error), getattr(error, "field", None) or "")
            if status == 503:
                response.headers["Retry-After"] = "10"
            return response
        except web.HTTPException as error:
            return await _http_error(request, error, render)
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            log.error("storage failed on %s: %s", request.path, type(error).__name__)
            response = await render(request, 503, wording.STORAGE_AWAY, "")
            response.headers["Retry-After"] = "10"
            return response
        except Exception:
            mark = request_id.get()
            log.exception("error %s on %s", mark, request.path)
            return await render(request, 500, wording.FAULT.format(mark=mark), "")

    return middleware


async def _http_error(request: web.Request, error: web.HTTPException, render: Render) -> web.StreamResponse:
    if error.status < 400:
        raise error
    response = await render(request, error.status, wording.HTTP_ERRORS.get(error.status, wording.HTTP_OTHER), "")
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response
