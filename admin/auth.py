"""Who is at the desk: sessions, CSRF tokens, sign-in attempts, and the guard every staff route passes through."""

import asyncio
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from sqlalchemy import delete
from sqlmodel import col, select

from admin import pages_frame as frame
from admin import staff
from admin.pages_frame import Person
from bot.limits import Limit
from bot.web import SERVICE, TooOftenError, client_address, read_form, read_upload
from knowledge.db import Database
from knowledge.errors import BadInputError
from knowledge.tables import Staff, StaffSession
from knowledge.vocabulary import Role

COOKIE = "zhengwen_staff"
SAFE_METHODS = ("GET", "HEAD")
FAILURES_PER_NAME, FAILURES_PER_CLIENT, FAILURE_SECONDS = 10, 30, 15 * 60
WRONG = "用户名或密码不对，或者账号已停用。忘记密码请找管理员重置。"
TOO_MANY = "输错的次数太多，请过 15 分钟再试；急用请找管理员。"
NOT_YOURS = "您的账号没有使用这个页面的权限。需要的话，请找管理员调整角色。"
FORGED = "这个页面已经过期，或者请求不是从本网站的页面上发出的，什么都没有改动。请返回、刷新页面后再试。"
QUESTION_PATH = re.compile(r"(/questions/\d{1,15})(?:/|$)")
LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@dataclass(frozen=True)
class Route:
    """One line of the site's list. `roles` None: open to strangers. `first`: also before the one-time password is changed.
    `uploads`: takes a file with its form."""

    method: str
    path: str
    handler: Handler
    roles: tuple[Role, ...] | None
    first: bool = False
    uploads: bool = False


def person_of(request: web.Request) -> Person:
    """Who asks; only behind the guard."""
    return request[frame.PERSON]


class SignIns:
    """Checks names and passwords, one at a time, and counts the failures."""

    def __init__(self) -> None:
        self._names = Limit(FAILURES_PER_NAME, FAILURE_SECONDS)
        self._clients = Limit(FAILURES_PER_CLIENT, FAILURE_SECONDS)
        # One at a time: many at once would slip past the count before it is raised, and each takes 19 MiB.
        self._turn = asyncio.Lock()
        self._nobody = staff.nobodys_hash()

    async def admit(self, database: Database, username: str, password: str, client: str) -> Staff:
        """The account, if name and password fit; an unknown name gets the same answer, as late as a wrong password."""
        async with self.counted(username, client):
            async with database.reading() as session:
                known = username if staff.USERNAME.fullmatch(username) else ""  # PostgreSQL chokes on odd bytes
                row = (await session.exec(select(Staff).where(Staff.username == known))).one_or_none()
            right = await staff.password_ok(row.password_hash if row else self._nobody, password)
            if row is None or not right or not row.active:
                raise BadInputError(WRONG, "current")
            return row

    def counted(self, username: str, client: str) -> "_Attempt":
        """A turn to try a password; an error about the password tried (field `current`) counts as a failure."""
        return _Attempt(self._turn, (self._names, username[:100]), (self._clients, client))


class _Attempt:
    def __init__(self, turn: asyncio.Lock, *limits: tuple[Limit, str]) -> None:
        self._turn = turn
        self._limits = limits

    async def __aenter__(self) -> None:
        self._refuse()  # before waiting: those who are out must not lengthen the queue
        await self._turn.acquire()
        try:
            self._refuse()
        except TooOftenError:
            self._turn.release()
            raise

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._turn.release()
        if isinstance(error, BadInputError) and error.field == "current":
            for limit, key in self._limits:
                limit.note(key)

    def _refuse(self) -> None:
        seconds = max(limit.wait(key) for limit, key in self._limits)
        if seconds:
            raise TooOftenError(TOO_MANY, seconds)


SIGN_INS = web.AppKey("sign_ins", SignIns)


async def begin_session(database: Database, staff_id: int, at: datetime, hours: int) -> str:
    """Start a session and return its token; of the token only the digest is kept. Sessions run out are swept away."""
    token = secrets.token_urlsafe(32)
    row = StaffSession(
        token_sha256=_digest(token), staff_id=staff_id, started_at=at, expires_at=at + timedelta(hours=hours)
    )
    async with database.writing() as session:
        await session.exec(delete(StaffSession).where(col(StaffSession.expires_at) <= at))
        session.add(row)
    return token


async def end_session(database: Database, token: str) -> None:
    """Sign out: the token opens nothing any more."""
    async with database.writing() as session:
        await session.exec(delete(StaffSession).where(col(StaffSession.token_sha256) == _digest(token)))


async def whose(database: Database, token: str, at: datetime) -> Person | None:
    """The person a token belongs to, while the session lasts and the account is in use."""
    wanted = (
        select(Staff)
        .join(StaffSession)
        .where(StaffSession.token_sha256 == _digest(token), StaffSession.expires_at > at, col(Staff.active))
    )
    async with database.reading() as session:
        row = (await session.exec(wanted)).one_or_none()
    return Person(row.id or 0, row.username, row.name, Role(row.role), row.must_change, token) if row else None


def set_cookie(response: web.StreamResponse, token: str, *, secure: bool) -> None:
    """Hand the token to the browser: no script reads it, no other site sends it."""
    response.set_cookie(COOKIE, token, path="/", httponly=True, samesite="Strict", secure=secure)


def csrf_token(token: str, key: bytes) -> str:
    """The token every form of a session carries; another site can neither read nor reckon it."""
    return hmac.new(key, b"staff-csrf:" + token.encode(), hashlib.sha256).hexdigest()


def local_path(path: str) -> str:
    """Where to go after sign-in: a path of this site, or the first page."""
    return path if LOCAL_PATH.fullmatch(path) else "/"


@web.middleware
async def load_person(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who asks, before any handler runs."""
    service, token = request.app[SERVICE], request.cookies.get(COOKIE, "")
    person = await whose(service.database, token, service.now()) if token else None
    if person:
        remember(request, person)
    return await handler(request)


def remember(request: web.Request, person: Person) -> None:
    """From here on the request is this person's, and its forms carry the token of the session."""
    request[frame.PERSON] = person
    request[frame.CSRF] = csrf_token(person.token, request.app[SERVICE].key)


def guard(route: Route) -> Handler:
    """The handler of a route, behind everything the route's line demands."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        refusal = await _refusal(request, route)
        return refusal if refusal is not None else await route.handler(request)

    return guarded


async def _refusal(request: web.Request, route: Route) -> web.StreamResponse | None:
    changes = request.method not in SAFE_METHODS
    if changes and not _own_page(request):
        return await frame.error_page(request, 403, FORGED, "")
    if route.roles is None:
        return None
    person = request.get(frame.PERSON)
    if person is None:
        return await _ask_to_sign_in(request, changes=changes)
    form = await (read_upload if route.uploads else read_form)(request) if changes else {}
    if changes and not hmac.compare_digest(form.get("csrf", "").encode(), request[frame.CSRF].encode()):
        return await frame.error_page(request, 403, FORGED, "")
    if person.must_change and not route.first:
        return frame.see_other("/password")
    if person.role not in route.roles:
        return await frame.error_page(request, 403, NOT_YOURS, "")
    return None


async def _ask_to_sign_in(request: web.Request, *, changes: bool) -> web.StreamResponse:
    """Somebody whose session ran out keeps what was typed: it stands on the sign-in page and goes along."""
    if not changes:
        return frame.see_other("/sign-in?" + urlencode({"next": request.path_qs}))
    found = QUESTION_PATH.match(request.path)
    return frame.render(
        request,
        "sign_in.html",
        403,
        next=found.group(1) if found else "/",
        kept=await frame.typed(request),
        username="",
        error="登录已过期或还没有登录，刚才的操作没有完成。请重新登录。",
    )


def _own_page(request: web.Request) -> bool:
    """Whether the browser says that one of our own pages sent this; programs that say nothing need the token anyway."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def client_of(request: web.Request) -> str:
    """The address failures are counted by."""
    return client_address(request, request.app[SERVICE].settings.proxies)
