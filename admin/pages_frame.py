"""What every staff page has around it: templates, the menu, the name of who is signed in, the CSRF token, errors."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment

from bot.web import SERVICE, page, read_form, templates
from knowledge.errors import ZhengwenError
from knowledge.vocabulary import (
    Act,
    Changed,
    Channel,
    ChannelLevel,
    Closing,
    DeliveryState,
    DeliveryWay,
    Kind,
    LedgerKind,
    Outcome,
    QuestionState,
    Reason,
    Role,
    Step,
)

HERE = Path(__file__).parent
STATIC = HERE / "static"
TEMPLATES = web.AppKey("templates", Environment)
# What is said after a redirect, by the word in the address; nothing from the address itself is ever shown.
NOTICES = {
    "saved": "拟稿已保存，还没有发给网友。",
    "closed": "已办结，网友凭编号和密码可以看到您写的说明。",
    "board": "已公开到留言板。",
    "assigned": "已分派。",
    "assigned_some": "有的留言刚刚被别人领走或办完，没有改动；其余的已分派。",
    "ranked": "缓急已调整。",
    "submitted": "已送审，还没有发给网友。",
    "passed": "审核通过，已转签发。",
    "returned": "已退回，拟稿人能看到您的意见。",
    "recalled": "已撤回送审，可以接着改。",
    "phrase": "常用语已保存。",
    "phrase_away": "常用语已停用。",
    "reopened": "已重新办理。",
    "corrected": "更正已登记，网友看到的是更正后的答复。",
    "withdrawn": "答复已撤回，网友会看到撤回的说明。",
    "password": "密码已修改。",
    "activated": "账号已启用。",
    "deactivated": "账号已停用，对方的登录已结束。",
    "role": "角色已修改。",
    "switched": "已改好，所有进程一秒之内生效。",
    "again": "已重新排入发送。",
    "given_up": "已记录，不再发送。",
    "case": "申请已登记。",
    "step": "已登记到办理经过。",
    "files": "附件已保存。",
}
EXCERPT_CHARS = 90
ERROR_TITLES = {
    403: "不能这样操作",
    404: "没有找到",
    409: "别人先了一步",
    422: "填写有误",
    429: "请稍后再试",
    500: "系统出错",
    503: "暂时无法使用",
}


@dataclass(frozen=True)
class Person:
    """The member of staff a request comes from."""

    id: int
    username: str
    name: str
    role: Role
    must_change: bool
    token: str


PERSON = web.RequestKey("person", Person)
CSRF = web.RequestKey("csrf", str)


def environment() -> Environment:
    """The templates, with a filter for every word that has a label."""
    made = templates(HERE / "templates")
    labelled = {
        "state": QuestionState,
        "step": Step,
        "act": Act,
        "changed": Changed,
        "closing": Closing,
        "kind": Kind,
        "channel": Channel,
        "level": ChannelLevel,
        "delivery_state": DeliveryState,
        "delivery_way": DeliveryWay,
        "outcome": Outcome,
        "reason": Reason,
        "ledger_kind": LedgerKind,
        "role": Role,
    }
    for name, words in labelled.items():
        made.filters[name] = lambda value, words=words: words(value).label
    made.filters["excerpt"] = excerpt
    made.filters["entry_name"] = entry_name
    made.filters["percent"] = lambda score: f"{round(score * 100)}%"
    return made


def entry_name(shelves: dict[str, list[Any]], key: str) -> str:
    """The standard question of an entry on the shelves, or its key where it is on none."""
    return next((entry.standard for shelf in shelves.values() for entry in shelf if entry.key == key), key)


def excerpt(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_CHARS else line[: EXCERPT_CHARS - 1] + "…"


def render(request: web.Request, name: str, status: int = 200, **values: Any) -> web.Response:
    """A page in the frame. Works without the database, so that an error page always can be shown."""
    return page(
        request.app[TEMPLATES],
        name,
        status,
        person=request.get(PERSON),
        csrf=request.get(CSRF, ""),
        here=request.path,
        notice=NOTICES.get(request.query.get("done", ""), ""),
        office=request.app[SERVICE].settings.office_name,
        **values,
    )


async def error_page(request: web.Request, status: int, sentence: str, field: str) -> web.StreamResponse:
    """What went wrong and what to do; whatever was typed stands on the page, to be copied."""
    del field  # forms that can be mended show their own errors; here there is no control to point at
    title = ERROR_TITLES.get(status, "请求有误")
    return render(request, "error.html", status, title=title, sentence=sentence, kept=await typed(request))


async def typed(request: web.Request) -> dict[str, str]:
    """The text somebody had typed, with the version it was based on; empty where there is none."""
    if request.method != "POST":
        return {}
    try:
        form = await read_form(request)
    except (ZhengwenError, web.HTTPException, OSError):
        return {}  # the page that says what is wrong with the form must not fail over the form
    names = ("text", "asked", "note", "reason", "comment", "bypass", "kept")
    text = next((form[name] for name in names if form.get(name)), "")
    version = form.get("version") or form.get("kept_version") or ""
    return {"text": text, "version": version} if text else {}


def page_number(request: web.Request) -> int:
    """The page of a list asked for; anything that is no number is the first."""
    asked = request.query.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 1


def see_other(address: str) -> web.Response:
    """Send the browser on with a GET."""
    return web.Response(status=303, headers={"Location": address})


async def static_file(request: web.Request) -> web.StreamResponse:
    """A file of the pages' own; the browser asks again each time and mostly hears that it is unchanged."""
    path = STATIC / request.match_info["name"]
    if path.parent != STATIC or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": "no-cache"})
