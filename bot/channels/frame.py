"""What every page of the public site shares: how it wishes to be displayed, and how an error gives typed text back."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from jinja2 import Environment

from bot.channels import closing
from bot.web import FORM, SERVICE, page, read_form

TEMPLATES = web.AppKey("templates", Environment)
# A handler that takes a form puts here what renders it again; the error pages ask for it before anything else.
Again = Callable[[web.Request, int, str, str], Awaitable[web.StreamResponse]]
AGAIN: web.RequestKey[Again] = web.RequestKey("again")
THEMES = {"auto": "跟随系统", "light": "浅色", "dark": "深色", "contrast": "高对比"}
YEAR_SECONDS = 31_536_000
_OWN_PATH = re.compile(r"/(?![/\\])[!-~]{0,500}")


@dataclass(frozen=True)
class Display:
    """How a visitor wants to see the pages; kept in two cookies that say nothing about the visitor."""

    theme: str
    elder: bool


def display_of(request: web.Request) -> Display:
    """From the cookies; what is not known counts for nothing."""
    theme = request.cookies.get("theme", "")
    return Display(theme if theme in THEMES else "auto", request.cookies.get("elder") == "1")


def show(request: web.Request, name: str, status: int = 200, /, **values: Any) -> web.Response:
    """Render a page of the public site."""
    # The result of a form cannot be asked for again by its address: there, the display is changed in place or not at all.
    back = request.path_qs if request.method == "GET" and _OWN_PATH.fullmatch(request.path_qs) else ""
    frame = {"display": display_of(request), "themes": THEMES, "back": back, "here": request.path}
    stand = {"closed": closing.sentence(request), "paused": closing.held(request)}
    return page(request.app[TEMPLATES], name, status, **frame, **stand, **values)


async def change_display(request: web.Request) -> web.Response:
    """Change theme or elder mode, and go back to the page."""
    form = await read_form(request)
    back = form.get("back", "")
    response = web.Response(status=303, headers={"Location": back if _OWN_PATH.fullmatch(back) else "/"})
    secure = request.app[SERVICE].settings.behind_tls
    for name, allowed in (("theme", tuple(THEMES)), ("elder", ("0", "1"))):
        value = form.get(name, "")
        if value in allowed:
            response.set_cookie(
                name, value, max_age=YEAR_SECONDS, httponly=True, samesite="Lax", secure=secure, path="/"
            )
    return response


def typed(request: web.Request) -> dict[str, str]:
    """The form as far as it was read; also when it was too large or came too often."""
    form: dict[str, str] = request.get(FORM, {})
    return form
