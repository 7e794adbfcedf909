"""Pages of one's own account: sign in, sign out, choose a password."""

from aiohttp import web

from admin import auth, staff
from admin import pages_frame as frame
from bot.web import SERVICE, TooOftenError, read_form
from knowledge.errors import BadInputError


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
    attempt = request.app[auth.SIGN_INS].admit(
        service.database, username, form.get("password", ""), auth.client_of(request)
    )
    try:
        row = await attempt
    except (BadInputError, TooOftenError) as error:
        return await _sign_in_again(request, form, error)
    await auth.end_session(service.database, request.cookies.get(auth.COOKIE, ""))
    return await _with_kept(request, await _token(request, row.id or 0), auth.local_path(form.get("next", "")))


async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the session on the server, not only in the browser."""
    await auth.end_session(request.app[SERVICE].database, auth.person_of(request).token)
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
            await staff.change_password(service.database, person.username, current, new)
    except BadInputError as error:
        values = {"error": str(error), "field": error.field, "least": staff.PASSWORD_MIN}
        return frame.render(request, "password.html", 422, **values)
    response = frame.see_other("/?done=password")
    auth.set_cookie(response, await _token(request, person.id), secure=service.settings.behind_tls)
    return response


async def _sign_in_again(
    request: web.Request, form: dict[str, str], error: BadInputError | TooOftenError
) -> web.StreamResponse:
    response = frame.render(
        request,
        "sign_in.html",
        429 if isinstance(error, TooOftenError) else 403,
        next=auth.local_path(form.get("next", "")),
        kept=await frame.typed(request),
        username=form.get("username", ""),
        error=str(error),
    )
    if isinstance(error, TooOftenError):
        response.headers["Retry-After"] = str(error.seconds)
    return response


async def _with_kept(request: web.Request, token: str, target: str) -> web.StreamResponse:
    """Go on to where the person wanted to go; text that was kept is shown first, ready to be saved."""
    service, kept = request.app[SERVICE], await frame.typed(request)
    response: web.Response = frame.see_other(target)
    person = await auth.whose(service.database, token, service.now())
    if kept and person:
        auth.remember(request, person)
        question = auth.QUESTION_PATH.fullmatch(target)
        response = frame.render(request, "kept.html", kept=kept, target=target, question=bool(question))
    auth.set_cookie(response, token, secure=service.settings.behind_tls)
    return response


async def _token(request: web.Request, staff_id: int) -> str:
    service = request.app[SERVICE]
    return await auth.begin_session(service.database, staff_id, service.now(), service.settings.session_hours)
