"""Pages of one's own account: sign in, sign out, choose a password."""

from aiohttp import web

from admin import auth, browsers, second_factor, sessions, staff
from admin import pages_frame as frame
from admin.account_events import Acting
from bot.web import SERVICE, TooOftenError, read_form
from knowledge.errors import BadInputError
from knowledge.tables import Staff

TICKET_OVER = "验证码这一步等得太久，或者密码刚改过，请重新输入用户名和密码。"


async def sign_in_page(request: web.Request) -> web.StreamResponse:
    """The form; who is signed in already goes on."""
    target = auth.local_path(request.query.get("next", ""))
    if request.get(frame.PERSON):
        return frame.see_other(target)
    return frame.render(request, "sign_in.html", next=target, kept={}, username="", error="")


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Check name and password, begin a session; text kept from an expired session comes back."""
    form, service = await read_form(request), request.app[SERVICE]
    username = form.get("username", "").strip().lower()
    acting = Acting(username, service.now(), auth.client_of(request))
    try:
        row = await request.app[auth.SIGN_INS].admit(service.database, username, form.get("password", ""), acting)
    except (BadInputError, TooOftenError) as error:
        return await _again(request, "sign_in.html", form, error)
    if await second_factor.asked_for(service.database, service.settings, row.id or 0):
        ticket = second_factor.ticket(service.key, row, service.now())
        return await _form(request, "sign_in_code.html", 200, form, ticket=ticket)
    return await _enter(request, row, form)


async def sign_in_code(request: web.Request) -> web.StreamResponse:
    """The second step: a code of the authenticator app, or a recovery code."""
    form, service = await read_form(request), request.app[SERVICE]
    ticket = form.get("ticket", "")
    row = await second_factor.holder(service.database, service.key, ticket, service.now())
    if row is None:
        return await _again(request, "sign_in.html", form, BadInputError(TICKET_OVER))
    acting = Acting(row.username, service.now(), auth.client_of(request))
    try:
        await request.app[auth.SIGN_INS].second(service.database, service.key, row, form.get("code", ""), acting)
    except (BadInputError, TooOftenError) as error:
        return await _again(request, "sign_in_code.html", form, error, ticket=ticket)
    return await _enter(request, row, form)


async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the session on the server, not only in the browser."""
    await sessions.sign_out(request.app[SERVICE].database, auth.person_of(request), auth.acting(request))
    response = frame.see_other("/sign-in")
    response.del_cookie(auth.COOKIE, path="/")
    return response


async def password_page(request: web.Request) -> web.StreamResponse:
    """The form to choose a password."""
    return frame.render(request, "password.html", error="", field="", least=staff.PASSWORD_MIN)


async def change_password(request: web.Request) -> web.StreamResponse:
    """Change it; every other browser is signed out."""
    form, service, person = await read_form(request), request.app[SERVICE], auth.person_of(request)
    current, new = form.get("current", ""), form.get("new", "")
    try:
        if new != form.get("again", ""):
            raise BadInputError("两次输入的新密码不一样。", "again")
        async with request.app[auth.SIGN_INS].counted(person.username, auth.client_of(request)):
            await staff.change_password(service.database, person.username, current, new, auth.acting(request))
    except BadInputError as error:
        values = {"error": str(error), "field": error.field, "least": staff.PASSWORD_MIN}
        return frame.render(request, "password.html", 422, **values)
    response = frame.see_other("/?done=password")
    async with service.database.reading() as session:
        row = await staff.found(session, person.username)
    auth.set_cookie(response, await _token(request, row), secure=service.settings.behind_tls)
    return response


async def _enter(request: web.Request, row: Staff, form: dict[str, str]) -> web.StreamResponse:
    """Begin the session; the browser's one before ends."""
    await sessions.end(request.app[SERVICE].database, request.cookies.get(auth.COOKIE, ""))
    return await _with_kept(request, await _token(request, row), auth.local_path(form.get("next", "")))


async def _form(request: web.Request, name: str, status: int, form: dict[str, str], **more: str) -> web.Response:
    values = {"next": auth.local_path(form.get("next", "")), "username": form.get("username", ""), "error": "", **more}
    return frame.render(request, name, status, kept=await frame.typed(request), **values)


async def _again(
    request: web.Request, name: str, form: dict[str, str], error: BadInputError | TooOftenError, **more: str
) -> web.StreamResponse:
    status = 429 if isinstance(error, TooOftenError) else 403
    response = await _form(request, name, status, form, error=str(error), **more)
    if isinstance(error, TooOftenError):
        response.headers["Retry-After"] = str(error.seconds)
    return response


async def _with_kept(request: web.Request, token: str, target: str) -> web.StreamResponse:
    """Go on to where the person wanted to go; text that was kept is shown first, ready to be saved."""
    service, kept = request.app[SERVICE], await frame.typed(request)
    response: web.Response = frame.see_other(target)
    person = await sessions.whose(service.database, token, service.now(), 0)
    if kept and person:
        auth.remember(request, person)
        question = auth.QUESTION_PATH.fullmatch(target)
        response = frame.render(request, "kept.html", kept=kept, target=target, question=bool(question))
    auth.set_cookie(response, token, secure=service.settings.behind_tls)
    return response


async def _token(request: web.Request, row: Staff) -> str:
    service = request.app[SERVICE]
    acting = Acting(row.username, service.now(), auth.client_of(request))
    browser = browsers.in_words(request.headers.get("User-Agent", ""))
    return await sessions.begin(service.database, row, acting, service.settings.session_hours, browser)
