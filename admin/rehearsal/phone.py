"""The page that looks like a phone: the chat with the account, and everything a follower can do. For this machine only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler
from jinja2 import Environment

from admin.auth import own_page
from admin.rehearsal.standin import StandIn
from bot.web import page, read_form, security_headers, templates
from knowledge.errors import BadInputError
from knowledge.settings import Settings

HERE = Path(__file__).parent
TEXT_MAX = 4000
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
STAND_IN = web.AppKey("stand_in", StandIn)
TEMPLATES = web.AppKey("templates", Environment)
STAFF_SITE = web.AppKey("staff_site", list[str])
_PARTS = re.compile(
    r'<a href="weixin://bizmsgmenu\?msgmenucontent=(?P<content>[^"&]*)&msgmenuid=(?P<mark>[^"&]*)">(?P<label>[^<]*)</a>'
    r"|(?P<link>https?://[^\s，。；、（）“”<>\"]+)"
)


@dataclass(frozen=True)
class Part:
    """A piece of a text as the phone shows it: words, a link, or a line that can be tapped."""

    text: str
    link: str = ""
    content: str = ""
    mark: str = ""


def parts_of(text: str) -> Iterator[Part]:
    """The pieces of a text; whatever is no link of the two kinds WeChat makes is words."""
    end = 0
    for found in _PARTS.finditer(text):
        if found.start() > end:
            yield Part(text[end : found.start()])
        end = found.end()
        if found["link"]:
            yield Part(found["link"], link=found["link"])
        else:
            yield Part(found["label"], content=found["content"], mark=found["mark"])
    if end < len(text):
        yield Part(text[end:])


async def phone(request: web.Request) -> web.Response:
    """The whole page."""
    stand_in, staff = request.app[STAND_IN], request.app[STAFF_SITE]
    values = {"lines": stand_in.lines, "menu": _buttons(stand_in), "staff": staff[0] if staff else ""}
    return page(request.app[TEMPLATES], "phone.html", follows=stand_in.follower.follows, **values)


async def log(request: web.Request) -> web.Response:
    """The chat alone, for the script that looks for new lines."""
    return page(request.app[TEMPLATES], "log.html", lines=request.app[STAND_IN].lines)


async def say(request: web.Request) -> web.Response:
    """Send a text."""
    return await _sent(request, (await read_form(request)).get("text", ""))


async def tap(request: web.Request) -> web.Response:
    """Tap a line of a menu message: it comes as a text with the mark of the line."""
    form = await read_form(request)
    return await _sent(request, form.get("content", ""), form.get("mark", ""))


async def do(request: web.Request) -> web.Response:
    """Everything else a follower can do, by the name of the button."""
    stand_in, form = request.app[STAND_IN], await read_form(request)
    what, key = form.get("what", ""), form.get("key", "")
    if what == "menu":
        name = next((button["name"] for button in _buttons(stand_in) if button["key"] == key), "")
        stand_in.note("note", f"（点了菜单：{name}）")
        await stand_in.event("CLICK", EventKey=key)
    elif what in _EVENTS:
        stand_in.note("note", f"（{_EVENTS[what]}）")
        await stand_in.event(what, EventKey="qrscene_1" if what == "SCAN" else "")
    elif what in _MESSAGES:
        label, fields = _MESSAGES[what]
        stand_in.note("me", f"［{label}］")
        await stand_in.message(what, **fields)
    elif what == "new":
        stand_in.new_follower()
    return _back()


_EVENTS = {"subscribe": "关注了公众号", "unsubscribe": "取消了关注", "SCAN": "扫了二维码"}
_MESSAGES: dict[str, tuple[str, dict[str, str | int]]] = {
    "voice": ("语音", {"MediaId": "rehearsal", "Format": "amr", "Recognition": ""}),
    "image": ("图片", {"PicUrl": "http://127.0.0.1/none.jpg", "MediaId": "rehearsal"}),
    "location": ("位置", {"Location_X": "37.50", "Location_Y": "122.11", "Scale": 15, "Label": "威海市"}),
    "hologram": ("系统不认识的消息", {}),
}


async def _sent(request: web.Request, text: str, mark: str = "") -> web.Response:
    stand_in = request.app[STAND_IN]
    text = text.strip()[:TEXT_MAX]
    if text:
        stand_in.note("me", text)
        await stand_in.message("text", Content=text, **({"bizmsgmenuid": mark} if mark else {}))
    return _back()


def _buttons(stand_in: StandIn) -> list[dict[str, str]]:
    """The buttons of the menu that can be clicked, those of the second row too."""
    flat = [under for button in stand_in.menu for under in (button.get("sub_button") or [button])]
    return [button for button in flat if button.get("type") == "click"]


def _back() -> web.Response:
    return web.Response(status=303, headers={"Location": "/"})


@web.middleware
async def _this_machine_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Pages of other sites, and names that only seem to be this machine, get nothing done here."""
    host = request.host.rpartition(":")[0] or request.host
    if host not in LOOPBACK or (request.method != "GET" and not own_page(request)):
        return web.Response(status=403, text="forbidden")
    try:
        return await handler(request)
    except BadInputError as error:
        return web.Response(status=422, text=str(error))


def phone_app(stand_in: StandIn, settings: Settings) -> web.Application:
    """The phone and WeChat's API on one address."""
    app = web.Application(middlewares=[security_headers(settings), _this_machine_only])
    app[STAND_IN], app[STAFF_SITE], app[TEMPLATES] = stand_in, [], templates(HERE / "templates")
    app[TEMPLATES].filters["parts"] = parts_of
    app[TEMPLATES].globals["office"] = settings.office_name
    app.add_routes(
        [
            web.get("/", phone),
            web.get("/log", log),
            web.post("/say", say),
            web.post("/tap", tap),
            web.post("/do", do),
            web.route("*", "/cgi-bin/{path:.+}", stand_in.call),
        ]
    )
    app.router.add_static("/static/", HERE / "static")
    return app
