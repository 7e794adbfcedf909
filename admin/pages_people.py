"""Pages for administrators: the accounts of the staff."""

from aiohttp import web

from admin import auth, staff
from admin import pages_frame as frame
from bot.web import SERVICE, read_form
from knowledge.errors import BadInputError
from knowledge.vocabulary import Role

OWN = "自己的账号不能在这里停用、重置或改角色：请用“修改密码”，或请另一位管理员操作。"


async def people_page(request: web.Request) -> web.StreamResponse:
    """Everybody who has or had an account."""
    return await _people(request)


async def create(request: web.Request) -> web.StreamResponse:
    """Make an account; the one-time password is shown on this answer and never again."""
    form, service = await read_form(request), request.app[SERVICE]
    username, name = form.get("username", ""), form.get("name", "")
    try:
        password = await staff.create(service.database, username, name, _role(form), service.now())
    except BadInputError as error:
        return await _people(request, 422, error=str(error), field=error.field or "", form=form)
    return await _people(request, given=(username.strip(), password))


async def reset(request: web.Request) -> web.StreamResponse:
    """Give a new one-time password."""
    username = _other(request)
    password = await staff.reset_password(request.app[SERVICE].database, username)
    return await _people(request, given=(username, password))


async def set_active(request: web.Request) -> web.StreamResponse:
    """Let an account in again, or keep it out."""
    active = (await read_form(request)).get("active") == "yes"
    await staff.set_active(request.app[SERVICE].database, _other(request), active=active)
    return frame.see_other(f"/staff?done={'activated' if active else 'deactivated'}")


async def set_role(request: web.Request) -> web.StreamResponse:
    """Give an account another role."""
    role = _role(await read_form(request))
    await staff.set_role(request.app[SERVICE].database, _other(request), role)
    return frame.see_other("/staff?done=role")


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
    values = {"given": given, "error": error, "field": field, "form": form or {}}
    return frame.render(request, "people.html", status, rows=rows, roles=Role, **values)


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
