"""Pages for administrators: the accounts of the staff, their sessions and second factors, the departments."""

from aiohttp import web

from admin import auth, departments, permissions, second_factor, sessions, staff
from admin import pages_frame as frame
from admin.permissions import Permission
from bot.message import clean
from bot.web import SERVICE, read_form
from knowledge.errors import BadInputError
from knowledge.vocabulary import AccountEventKind, Role

REASON_MAX = 100
OWN = "自己的账号不能在这里停用、重置或改角色：请用“修改密码”，或请另一位管理员操作。"


async def people_page(request: web.Request) -> web.StreamResponse:
    """Everybody who has or had an account."""
    return await _people(request)


async def create(request: web.Request) -> web.StreamResponse:
    """Make an account; the one-time password is shown on this answer and never again."""
    form, service = await read_form(request), request.app[SERVICE]
    username, name = form.get("username", ""), form.get("name", "")
    try:
        password = await staff.create(service.database, username, name, _role(form), auth.acting(request))
    except BadInputError as error:
        return await _people(request, 422, error=str(error), field=error.field or "", form=form)
    return await _people(request, given=(username.strip(), password))


async def reset(request: web.Request) -> web.StreamResponse:
    """Give a new one-time password."""
    username = _other(request)
    password = await staff.reset_password(request.app[SERVICE].database, username, auth.acting(request))
    return await _people(request, given=(username, password))


async def set_active(request: web.Request) -> web.StreamResponse:
    """Let an account in again, or keep it out."""
    active = (await read_form(request)).get("active") == "yes"
    await staff.set_active(request.app[SERVICE].database, _other(request), auth.acting(request), active=active)
    return frame.see_other(f"/staff?done={'activated' if active else 'deactivated'}")


async def set_role(request: web.Request) -> web.StreamResponse:
    """Give an account another role."""
    role = _role(await read_form(request))
    await staff.set_role(request.app[SERVICE].database, _other(request), role, auth.acting(request))
    return frame.see_other("/staff?done=role")


async def set_department(request: web.Request) -> web.StreamResponse:
    """Put an account into a department; one's own, too."""
    word = (await read_form(request)).get("department", "")
    if word and not (word.isascii() and word.isdigit() and len(word) < 10):
        raise BadInputError("请选择列出的科室。")
    number, username = int(word) if word else None, request.match_info["username"]
    await departments.assign(request.app[SERVICE].database, username, number, auth.acting(request))
    return frame.see_other("/staff?done=department")


async def reset_factor(request: web.Request) -> web.StreamResponse:
    """Take the second factor off an account whose telephone is lost; why is put on record."""
    username, typed = _other(request), (await read_form(request)).get("reason", "")
    try:
        reason = clean(typed, "reason", "原因")
        if not reason or len(reason) > REASON_MAX:
            raise BadInputError(f"请写明重置的原因，最多 {REASON_MAX} 个字。", "reason")
    except BadInputError as error:
        return await _account(request, 422, error=str(error), typed=typed)
    database, kind = request.app[SERVICE].database, AccountEventKind.FACTOR_RESET
    await second_factor.remove(database, username, auth.acting(request), kind, reason)
    return frame.see_other(f"/staff/{username}/sessions?done=factor_reset")


async def sessions_page(request: web.Request) -> web.StreamResponse:
    """The browsers an account is signed in with, and its second factor."""
    return await _account(request)


async def end_sessions(request: web.Request) -> web.StreamResponse:
    """End one session of an account, or all of them."""
    service, username = request.app[SERVICE], _other(request)
    async with service.database.reading() as session:
        row = await staff.found(session, username)
    only = (await read_form(request)).get("session", "")
    await sessions.end_some(service.database, (row.id or 0, username), auth.acting(request), only=only)
    return frame.see_other(f"/staff/{username}/sessions?done=session_ended")


async def add_department(request: web.Request) -> web.StreamResponse:
    """Add a department to the list."""
    form = await read_form(request)
    try:
        await departments.add(request.app[SERVICE].database, form.get("department", ""))
    except BadInputError as error:
        return await _people(request, 422, error=str(error), field="department", form=form)
    return frame.see_other("/staff?done=departments#departments")


async def change_department(request: web.Request) -> web.StreamResponse:
    """Rename a department, or remove it where nobody belongs to it."""
    form, database = await read_form(request), request.app[SERVICE].database
    number = int(request.match_info["id"])
    try:
        if form.get("remove"):
            await departments.remove(database, number)
        else:
            await departments.rename(database, number, form.get("department", ""))
    except BadInputError as error:
        return await _people(request, 422, error=str(error), field=f"department-{number}", form=form)
    return frame.see_other("/staff?done=departments#departments")


async def _account(request: web.Request, status: int = 200, *, error: str = "", typed: str = "") -> web.Response:
    service = request.app[SERVICE]
    async with service.database.reading() as session:
        row = await staff.found(session, request.match_info["username"])
        theirs = await sessions.of(session, row.id or 0, service.now(), service.settings)
        factors = await second_factor.holders(session)
    here_now = sessions.digest(auth.person_of(request).token)
    values = {"row": row, "sessions": theirs, "has_factor": row.id in factors, "here_now": here_now}
    return frame.render(request, "staff_sessions.html", status, error=error, typed=typed, **values)


async def _people(
    request: web.Request,
    status: int = 200,
    *,
    given: tuple[str, str] | None = None,
    error: str = "",
    field: str = "",
    form: dict[str, str] | None = None,
) -> web.Response:
    async with request.app[SERVICE].database.reading() as session:
        rows = await staff.everyone(session)
        known = await departments.every(session)
        factors = await second_factor.holders(session)
    values = {"given": given, "error": error, "field": field, "form": form or {}, "duties": _duties(request)}
    return frame.render(
        request, "people.html", status, rows=rows, roles=Role, departments=known, factors=factors, **values
    )


def _duties(request: web.Request) -> dict[Role, list[str]]:
    """What each role may do here, in words, without what everybody may."""
    publishing = request.app[SERVICE].settings.publishing
    held = {role: [one for one in Permission if permissions.may(role, one, publishing)] for role in Role}
    return {role: [one.label for one in held[role] if one is not Permission.OWN_ACCOUNT] for role in Role}


def _role(form: dict[str, str]) -> Role:
    word = form.get("role", "")
    if word not in tuple(Role):
        raise BadInputError("请选择角色。", "role")
    return Role(word)


def _other(request: web.Request) -> str:
    username = request.match_info["username"]
    if username == auth.person_of(request).username:
        raise BadInputError(OWN)
    return username
