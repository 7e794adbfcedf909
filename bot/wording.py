"""Every sentence the public may read that is not an approved answer."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from knowledge import clock
from knowledge.vocabulary import Reason

AUTOMATIC = "答复由系统根据政策库自动给出"
BY_STAFF = "以下为工作人员答复"
CHOOSE_ONE = "选中后马上给出答复；都不是的话，由工作人员答复您。"
READ_NOW = "其中这几件可以先看一看："
REST_TO_STAFF = "您问的其他事情，由工作人员答复。"
WHICH_MAX = 14
NONE_OF_THESE = "都不是，请工作人员答复"
NOT_PUBLIC = "只有您凭编号和密码能看到这条留言。"
STORAGE_AWAY = "系统暂时无法保存或读取数据，请稍后再试。您刚才提交的内容没有存进系统，请先自行保留。"
FAULT = "系统出了差错，您刚才的操作没有完成。请稍后再试；如果一直这样，请把错误编号 {mark} 告诉我们。"
TOO_OFTEN = "您操作得太快了，请过一会儿再试。"
TOO_MANY_FAILURES = "输错的次数太多，请过一小时再试，或拨打服务热线。"
HTTP_OTHER = "这个请求无法处理。"
HTTP_ERRORS = {
    400: "请求的格式有误，请返回重试。",
    404: "没有找到这个页面。网址可能输错了，或者页面已经移走。",
    405: "这个地址不接受这样的操作，请从网页上进入。",
    408: "等待时间太长，连接已断开，请重新提交。",
    413: "提交的内容太大，请缩短文字后再提交。",
    415: "内容的格式不对。",
}

_DETAILS = {
    Reason.OWN_ACCOUNT: "您的问题要查看个人账户或办理进度。为了您的信息安全，网上不答复个人账户情况；工作人员会告诉您查询办法，您也可以拨打{hotline}。",
    Reason.COMPLAINT: "您反映的事情由工作人员核实办理。",
    Reason.SUGGESTION: "感谢您的意见，我们会转给有关科室。",
    Reason.DISCLOSURE: "如果您是要申请公开政府信息，工作人员会告诉您申请的渠道和办法；这条留言本身不算信息公开申请。",
    Reason.OTHER_AGENCY: "您问的可能是其他部门的业务，工作人员会看一看并告诉您该找哪里。",
    Reason.URGENT: "我们看到您的情况紧急，已经提醒工作人员优先处理。如果您或身边的人有危险，请马上拨打110或120。",
    Reason.GREETING: "请说说您想咨询的具体问题，例如“租房提取一年能提多少”。",
    Reason.SEVERAL_ASKED: "您问了几件事，由工作人员一并答复。",
    Reason.TOO_SHORT: "您的留言很短，如能再写具体一些，会更快得到答复。",
}


def which(labels: Sequence[str]) -> str:
    """The question back to the citizen, naming what tells the choices apart where that is short enough to be read."""
    if any(len(label) > WHICH_MAX for label in labels):
        asked = "您问的是下面哪一种情况？" if len(labels) > 1 else "您问的是不是下面这件事？"
    elif len(labels) == 1:
        asked = f"您问的是不是“{labels[0]}”？"
    else:
        asked = f"您问的是哪一种情况：{'、'.join(labels[:-1])}还是{labels[-1]}？"
    return asked + CHOOSE_ONE


def handed_over(reason: Reason, due: date, *, provisional: bool, hotline: str) -> str:
    """What a citizen is told when a person will answer, and by when."""
    detail = _DETAILS.get(reason, "您的问题需要工作人员看一看再答复。").format(hotline=hotline)
    estimated = "（放假安排公布后可能略有调整）" if provisional else ""
    return f"{detail}工作人员最晚在{clock.in_words(due)}前答复您{estimated}。"


def valid(valid_from: str | None, valid_until: str | None) -> str:
    """The days a policy is in force, in words."""
    start = f"自{clock.in_words(date.fromisoformat(valid_from))}起施行" if valid_from else ""
    end = f"有效期至{clock.in_words(date.fromisoformat(valid_until))}" if valid_until else ""
    return "，".join(part for part in (start, end) if part)


LABELS = ("条件：", "材料：", "办理：", "提示：", "以前：")


def paragraphs(text: str) -> list[tuple[str, list[str]]]:
    """An approved text as (label, lines) paragraphs; the label is empty where the paragraph has none."""
    parts = []
    for block in text.split("\n\n"):
        label = next((known for known in LABELS if block.startswith(known)), "")
        body = block.removeprefix(label).strip()
        parts.append((label.rstrip("："), [line for line in body.split("\n") if line.strip()]))
    return [(label, lines) for label, lines in parts if lines]


QUERY_DIGITS_HERE = "\x1a"  # stands for the query password in stored texts: passwords are derived, never stored
WECHAT_FULL_TEXT = "（内容较长，全文请到 {url}/lookup 凭编号 {code} 和查询密码 {password} 查看）"
WECHAT_CUT = "（内容较长，此处有删节，全文请到 {url}/lookup 凭编号和查询密码查看，或拨打{hotline}）"
WECHAT_PROMISE = (
    "{promise}\n\n答复会在这里告诉您；没有收到时，发送“领取”两个字，也可以到 {url}/lookup 凭编号 {code} 和"
    "查询密码 {password} 查看。"
)
WECHAT_CHOOSE = "回复数字（如 1）选择："
WECHAT_NONE = "以上都不是"
WECHAT_EARLIER = "您此前的问题（编号 {code}）有答复了："
WECHAT_EARLIER_PLAIN = "您此前的问题有答复了："
WECHAT_AGAIN = "您此前的问题有答复了（这条答复先前可能已经发给过您，请以此为准）："
WECHAT_SLOW = "您的问题正在处理，答复马上送到；没有收到时，请发送“领取”两个字。"
WECHAT_FETCH = ("领取", "查收", "领取答复", "“领取”")
WECHAT_ALL_GIVEN = "以上是给您的新答复。"
WECHAT_NOTHING_YET = "目前没有新的答复，有了会在这里告诉您。"
WECHAT_WELCOME = "您好，欢迎关注{office}。直接用文字提问，系统会根据政策库马上答复；答不了的由工作人员答复您。"
WECHAT_HOT = "大家常问："
WECHAT_PRIVACY = "请不要发送身份证号、银行卡号等个人信息。"
WECHAT_MEDIA = "这里看不了图片、视频和文件，请用文字描述您的问题。"
WECHAT_VOICE = "这里听不了语音，请用文字描述您的问题。"
WECHAT_LOCATION = "收到您的位置。要找最近的办理网点，请用文字说明您在哪个区、要办什么业务，或拨打{hotline}。"
WECHAT_LINK = "这里打不开链接，请用文字描述您的问题。"
WECHAT_EMPTY = "没有看到文字，请用文字描述您的问题。"
WECHAT_BUTTON = "请直接用文字提问。"
WECHAT_BY_STAFF = "工作人员答复"
WECHAT_CLOSED = "您的问题已办结：{note}"
WECHAT_BASIS = "依据："


def basis_lines(basis: list[dict[str, Any]]) -> str:
    """The legal basis of an answer in lines: title, number, article."""
    lines = [f"《{line['title'].strip('《》')}》{line['number']}{line['article']}" for line in basis]
    return "\n".join([WECHAT_BASIS, *dict.fromkeys(lines)]) if lines else ""
