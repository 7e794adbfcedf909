"""What every staff page has around it: templates, the menu, the name of who is signed in, the CSRF token, errors."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment

from admin import permissions
from admin.permissions import Permission
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
    EntryStatus,
    JudgedAs,
    Kind,
    LedgerKind,
    Level,
    Outcome,
    OwnDocument,
    ProposalKind,
    ProposalState,
    QuestionState,
    Reason,
    ReportAction,
    ReportStage,
    Role,
    Step,
    ValueState,
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
    "text": "正文已保存；报告为草稿，要重新审核。",
    "figure": "已填报；报告为草稿，要重新审核。",
    "reading": "读数已登记。",
    "reason": "理由已记下，随报告保存。",
    "reviewed": "已审核通过，可以签发了。",
    "report_returned": "已退回修改。",
    "signed": "已签发：数字、记录和文字从此不变。",
    "correction": "已开始更正；改好以后要重新审核、签发，成为新的一版。",
    "department": "科室已修改。",
    "departments": "科室名单已修改。",
    "factor_off": "动态验证码已停用，下次登录只用密码。",
    "factor_reset": "动态验证码已重置，对方下次只用密码登录，之后请本人重新开通。",
    "session_ended": "登录已结束。",
    "switched": "已改好，所有进程一秒之内生效。",
    "again": "已重新排入发送。",
    "given_up": "已记录，不再发送。",
    "case": "申请已登记。",
    "step": "已登记到办理经过。",
    "files": "附件已保存。",
    "line": "已登记到台账。",
    "line_corrected": "已登记更正，原来的行保留在台账里，不再计数。",
    "imported": "已全部登记。要反悔，可以撤销这次导入。",
    "undone": "已撤销：每一行都登记了数量为 0 的更正。",
    "mapping": "对应方案已保存，下次上传时可以选用。",
    "proposed": "已提出，等另一个人审核；审核通过以前，正在使用的内容不变。",
    "approved": "已通过，新内容已经写入知识库，自动答复马上按它办理。",
    "sent_back": "已退回给提出人。",
    "proposal_withdrawn": "已撤回。",
    "ignored": "已从缺口清单中移出。",
    "declined": "已记录：不采用。",
    "judged": "您的评价已记录。",
}
LINE_FIELDS = ("day", "title", "channel", "address", "quantity", "source", "basis", "reason")
# The fields of an entry that somebody spent time on.
ENTRY_FIELDS = ("standard", "similar", "counter", "answer", "note", "why", "reason")
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
    has_factor: bool = False


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
        "report_stage": ReportStage,
        "report_action": ReportAction,
        "value_state": ValueState,
        "certainty": Level,
        "own_document": OwnDocument,
        "entry_status": EntryStatus,
        "proposal_kind": ProposalKind,
        "proposal_state": ProposalState,
        "judged_as": JudgedAs,
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


def may(request: web.Request, permission: Permission) -> bool:
    """Whether the person at the desk holds a permission."""
    person = request.get(PERSON)
    publishing = request.app[SERVICE].settings.publishing
    return person is not None and permissions.may(person.role, permission, publishing)


def render(request: web.Request, name: str, status: int = 200, **values: Any) -> web.Response:
    """A page in the frame. Works without the database, so that an error page always can be shown."""
    return page(
        request.app[TEMPLATES],
        name,
        status,
        person=request.get(PERSON),
        csrf=request.get(CSRF, ""),
        may=lambda word: may(request, Permission(word)),
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
    if "answer" in form:  # an entry
        text = "\n\n".join(form[name] for name in ENTRY_FIELDS if form.get(name))
    elif form.get("title"):  # a line of the ledger: what its fields held, each on a line
        text = "\n".join(form[name] for name in LINE_FIELDS if form.get(name))
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
