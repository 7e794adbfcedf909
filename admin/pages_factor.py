"""Pages of one's own account: the second factor with its recovery codes, and the browsers that are signed in."""

import io

import segno
from aiohttp import web
from markupsafe import Markup

from admin import auth, second_factor, sessions, staff
from admin import pages_frame as frame
from bot.web import SERVICE, read_form
from knowledge.errors import BadInputError, NotFoundError
from knowledge.vocabulary import AccountEventKind, SecondFactorRule

OFF = "本单位没有启用动态验证码。"
DEMANDED = "按本单位的规定，您的角色必须使用动态验证码，不能停用。"


async def account_page(request: web.Request) -> web.StreamResponse:
    """One's own account: second factor and sessions."""
    return await _account(request)


async def setup_page(request: web.Request) -> web.StreamResponse:
    """Set up the second factor: first the password, then the QR code and a first code."""
    if auth.person_of(request).has_factor:
        return frame.see_other("/account")
    return await _setup(request)


async def start(request: web.Request) -> web.StreamResponse:
    """Make the secret, for whoever knows the password: an unlocked screen is not enough."""
    service, person = request.app[SERVICE], auth.person_of(request)
    _refuse_when_off(request)
    try:
        await _password(request)
    except BadInputError as error:
        return await _setup(request, 422, error=str(error))
    await second_factor.start(service.database, service.key, person.id, service.now())
    return frame.see_other("/account/factor")


async def confirm(request: web.Request) -> web.StreamResponse:
    """Put it in force with a first code; the recovery codes are shown on this answer and never again."""
    service, person, form = request.app[SERVICE], auth.person_of(request), await read_form(request)
    _refuse_when_off(request)
    who, acting = (person.id, person.username), auth.acting(request)
    try:
        async with request.app[auth.SIGN_INS].counted(person.username, acting.address):
            codes = await second_factor.confirm(service.database, service.key, who, form.get("code", ""), acting)
    except BadInputError as error:
        return await _setup(request, 422, error=str(error))
    await sessions.end_some(service.database, who, acting, but=sessions.digest(person.token))
    return frame.render(request, "recovery_codes.html", codes=codes, first=True)


async def renew_codes(request: web.Request) -> web.StreamResponse:
    """New recovery codes, for whoever has a code of the app."""
    service, person = request.app[SERVICE], auth.person_of(request)
    try:
        await _code(request)
    except BadInputError as error:
        return await _account(request, 422, error=str(error), field="codes")
    who = (person.id, person.username)
    codes = await second_factor.renew_codes(service.database, service.key, who, auth.acting(request))
    return frame.render(request, "recovery_codes.html", codes=codes, first=False)


async def turn_off(request: web.Request) -> web.StreamResponse:
    """Take the second factor off one's own account, where the office leaves that to everybody."""
    service, person = request.app[SERVICE], auth.person_of(request)
    if second_factor.demanded(service.settings, person.role):
        raise BadInputError(DEMANDED)
    try:
        await _code(request)
    except BadInputError as error:
        return await _account(request, 422, error=str(error), field="off")
    acting = auth.acting(request)
    await second_factor.remove(service.database, person.username, acting, AccountEventKind.FACTOR_OFF)
    return frame.see_other("/account?done=factor_off")


async def end_session(request: web.Request) -> web.StreamResponse:
    """End one of one's own sessions, or all but this one."""
    person, form = auth.person_of(request), await read_form(request)
    who, only = (person.id, person.username), form.get("session", "")
    but = "" if only else sessions.digest(person.token)
    ended = await sessions.end_some(request.app[SERVICE].database, who, auth.acting(request), only=only, but=but)
    if only and not ended:
        raise NotFoundError("这个登录已经结束了。")
    return frame.see_other("/account?done=session_ended")


async def _account(request: web.Request, status: int = 200, *, error: str = "", field: str = "") -> web.Response:
    service, person = request.app[SERVICE], auth.person_of(request)
    async with service.database.reading() as session:
        left = await second_factor.codes_left(session, person.id)
        mine = await sessions.of(session, person.id, service.now(), service.settings)
    return frame.render(
        request,
        "account.html",
        status,
        sessions=mine,
        here_now=sessions.digest(person.token),
        left=left,
        offered=service.settings.second_factor is not SecondFactorRule.OFF,
        demanded=second_factor.demanded(service.settings, person.role),
        idle=service.settings.idle_minutes,
        hours=service.settings.session_hours,
        error=error,
        field=field,
    )


async def _setup(request: web.Request, status: int = 200, *, error: str = "") -> web.Response:
    service, person = request.app[SERVICE], auth.person_of(request)
    _refuse_when_off(request)
    async with service.database.reading() as session:
        secret = await second_factor.pending(session, service.key, person.id, service.now())
    code, office = "", service.settings.office_name
    if secret:
        code = _qr(second_factor.provisioning_uri(secret, person.username, office))
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) if secret else ""
    demanded = second_factor.demanded(service.settings, person.role)
    return frame.render(request, "factor.html", status, secret=grouped, code=code, demanded=demanded, error=error)


def _qr(text: str) -> Markup:
    """The code as SVG, made by attributes only, black on white in dark mode too."""
    out = io.BytesIO()
    segno.make(text, error="m").save(
        out, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, xmldecl=False, svgns=False, nl=False
    )
    return Markup(out.getvalue().decode())  # noqa: S704 the drawing of squares, made here; no word of it comes from outside


def _refuse_when_off(request: web.Request) -> None:
    if request.app[SERVICE].settings.second_factor is SecondFactorRule.OFF:
        raise BadInputError(OFF)


async def _password(request: web.Request) -> None:
    """Prove that it is still the account's owner who sits there."""
    person, given = auth.person_of(request), (await read_form(request)).get("current", "")
    async with request.app[SERVICE].database.reading() as session:
        row = await staff.found(session, person.username)
    async with request.app[auth.SIGN_INS].counted(person.username, auth.client_of(request)):
        if not await staff.password_ok(row.password_hash, given):
            raise BadInputError("现在的密码不对。", "current")


async def _code(request: web.Request) -> None:
    service, person, form = request.app[SERVICE], auth.person_of(request), await read_form(request)
    async with service.database.reading() as session:
        row = await staff.found(session, person.username)
    signs = request.app[auth.SIGN_INS]
    await signs.second(service.database, service.key, row, form.get("code", ""), auth.acting(request))
