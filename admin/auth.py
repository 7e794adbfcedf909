"""Who is at the desk: sign-in attempts, the cookie and its CSRF token, and the guard every staff route passes through."""

import asyncio
import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from sqlmodel import select

from admin import account_events, second_factor, sessions, staff
from admin import pages_frame as frame
from admin.account_events import Acting
from admin.pages_frame import Person
from admin.permissions import Permission
from bot.limits import Limit
from bot.web import SERVICE, TooOftenError, client_address, read_form
from knowledge.db import Database
from knowledge.errors import BadInputError
from knowledge.tables import Staff
from knowledge.vocabulary import AccountEventKind

COOKIE = "zhengwen_staff"
SAFE_METHODS = ("GET", "HEAD")
FAILURES_PER_NAME, FAILURES_PER_CLIENT, FAILURE_SECONDS = 10, 30, 15 * 60
ADDRESS_MAX = 100
WRONG = "用户名或密码不对，或者账号已停用。忘记密码请找管理员重置。"
TOO_MANY = "输错的次数太多，请过 15 分钟再试；急用请找管理员。"
NOT_YOURS = "您的账号没有使用这个页面的权限。需要的话，请找管理员调整角色。"
FORGED = "这个页面已经过期，或者请求不是从本网站的页面上发出的，什么都没有改动。请返回、刷新页面后再试。"
QUESTION_PATH = re.compile(r"(/questions/\d{1,15})(?:/|$)")
REPORT_PATH = re.compile(r"(/report/\d{4}(?:/text/[a-z.]+)?)(?:/|$)")
CASE_PATH = re.compile(r"(/cases/(?:\d{1,15}|new))(?:/|$)")
LEDGER_PATH = re.compile(r"(/ledger/(?:new|import|lines/\d{1,15}/correct))(?:/|$)")
# A form of theirs is shown again after signing in.
KEPT_PATHS = (QUESTION_PATH, REPORT_PATH, CASE_PATH, LEDGER_PATH)
LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@dataclass(frozen=True)
class Route:
    """One line of the site's list. `needs` None: open to strangers. `first`: also before the account is set up.

    Set up means that the one-time password is changed and, where it is demanded, the second factor is there.
    `body_max`: how many bytes those who are signed in may send, where files are taken in.
    """

    method: str
    path: str
    handler: Handler
    needs: Permission | None
    first: bool = False
    body_max: int | None = None


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

    async def admit(self, database: Database, username: str, password: str, acting: Acting) -> Staff:
        """The account, if name and password fit; an unknown name gets the same answer, as late as a wrong password."""
        async with self.counted(username, acting.address):
            async with database.reading() as session:
                known = username if staff.USERNAME.fullmatch(username) else ""  # PostgreSQL chokes on odd bytes
                row = (await session.exec(select(Staff).where(Staff.username == known))).one_or_none()
            right = await staff.password_ok(row.password_hash if row else self._nobody, password)
            if row is None or not right or not row.active:
                why = "没有这个用户名" if row is None else "账号已停用" if right else "密码不对"
                await failed(database, row.username if row else "", acting, why)
                raise BadInputError(WRONG, "current")
            return row

    async def second(self, database: Database, key: bytes, row: Staff, code: str, acting: Acting) -> None:
        """Take the code of the second factor; a wrong one counts like a wrong password."""
        async with self.counted(row.username, acting.address):
            try:
                await second_factor.check(database, key, (row.id or 0, row.username), code, acting)
            except BadInputError:
                await failed(database, row.username, acting, "动态验证码不对")
                raise

    def counted(self, username: str, client: str) -> "_Attempt":
        """A turn to try a password; an error about the password tried (field `current`) counts as a failure."""
        return _Attempt(self._turn, (self._names, username[:100]), (self._clients, client))


async def failed(database: Database, username: str, acting: Acting, why: str) -> None:
    """Put a failed attempt on record; of a name that is no account, only that there was one."""
    async with database.writing() as session:
        account_events.note(session, AccountEventKind.SIGN_IN_FAILED, username, replace(acting, by=username), why)


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
    idle = service.settings.idle_minutes
    person = await sessions.whose(service.database, token, service.now(), idle) if token else None
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
        if route.body_max and frame.PERSON in request:
            request = request.clone(client_max_size=route.body_max)
        refusal = await _refusal(request, route)
        return refusal if refusal is not None else await route.handler(request)

    return guarded


async def _refusal(request: web.Request, route: Route) -> web.StreamResponse | None:
    changes = request.method not in SAFE_METHODS
    if changes and not own_page(request):
        return await frame.error_page(request, 403, FORGED, "")
    if route.needs is None:
        return None
    person = request.get(frame.PERSON)
    if person is None:
        return await _ask_to_sign_in(request, changes=changes)
    form = await read_form(request) if changes else {}
    if changes and not hmac.compare_digest(form.get("csrf", "").encode(), request[frame.CSRF].encode()):
        return await frame.error_page(request, 403, FORGED, "")
    if person.must_change and not route.first:
        return frame.see_other("/password")
    demanded = second_factor.demanded(request.app[SERVICE].settings, person.role)
    if demanded and not person.has_factor and not route.first:
        return frame.see_other("/account/factor")
    if not frame.may(request, route.needs):
        return await frame.error_page(request, 403, NOT_YOURS, "")
    return None


async def _ask_to_sign_in(request: web.Request, *, changes: bool) -> web.StreamResponse:
    """Somebody whose session ran out keeps what was typed: it stands on the sign-in page and goes along."""
    if not changes:
        return frame.see_other("/sign-in?" + urlencode({"next": request.path_qs}))
    found = next((match for match in (path.match(request.path) for path in KEPT_PATHS) if match), None)
    return frame.render(
        request,
        "sign_in.html",
        403,
        next=found.group(1) if found else "/",
        kept=await frame.typed(request),
        username="",
        error="登录已过期或还没有登录，刚才的操作没有完成。请重新登录。",
    )


def own_page(request: web.Request) -> bool:
    """Whether the browser says that one of our own pages sent this; programs that say nothing need the token anyway."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def client_of(request: web.Request) -> str:
    """The address failures are counted by and records name; a proxy may have passed on anything, so plain signs only."""
    address = client_address(request, request.app[SERVICE].settings.proxies)
    return "".join(sign for sign in address if sign.isascii() and sign.isprintable())[:ADDRESS_MAX]


def acting(request: web.Request) -> Acting:
    """Who asks, when and from where, for the record of what happens to accounts."""
    return Acting(person_of(request).username, request.app[SERVICE].now(), client_of(request))
