"""Every sentence the public may read that is not an approved answer."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.agencies import agency_of
from knowledge import clock
from knowledge.text import normalise
from knowledge.vocabulary import AT_ONCE, Changed, Closing, Kind, Reason, Verdict

AUTOMATIC = "答复由系统根据政策库自动给出"
BY_STAFF = "以下为工作人员答复"
CHOOSE_ONE = "选中后马上给出答复；都不是的话，由工作人员答复您。"
READ_NOW = "其中这几件可以先看一看："
REST_TO_STAFF = "您问的其他事情，由工作人员答复。"
WHICH_MAX = 14
NONE_OF_THESE = "都不是，请工作人员答复"
NOT_PUBLIC = "只有您凭编号和密码能看到这条留言。"
NOT_MET_NOTE = "网友反映答非所问"
SUPPLEMENT = "补充："
STORAGE_AWAY = "系统暂时无法保存或读取数据，请稍后再试。您刚才提交的内容没有存进系统，请先自行保留。"
FAULT = "系统出了差错，您刚才的操作没有完成。请稍后再试；如果一直这样，请把错误编号 {mark} 告诉我们。"
TOO_OFTEN = "您操作得太快了，请过一会儿再试。"
TOO_MANY_FAILURES = "输错的次数太多，请过一小时再试，或拨打服务热线。"
NOT_LINKED = "上一条留言的编号或查询密码不对，没有接上。您写的文字还在下面，可以作为一条新留言提交。"
NO_SUCH_ANSWER = "没有这条解答，它可能已经改写。可以在首页重新查找，或者直接提问。"
ATTACHED = "文件已经收到，只有办理的工作人员能下载，每次下载都有记录。"
SUPPLEMENTED = "补充的内容已经收到，工作人员答复时会看到。"
THANKS_FOR = {
    Verdict.USEFUL: "谢谢您的评价。",
    Verdict.USELESS: "谢谢您的评价，我们会据此改进。需要的话，可以在下面接着问。",
    Verdict.NOT_MET: "已经转给工作人员重新答复，编号和密码不变。",
}
# What each kind of message is for, in words a citizen chooses by.
ABOUT_KINDS = {
    Kind.CONSULTATION: "问政策、条件、材料、流程",
    Kind.HELP: "遇到困难，请我们帮忙解决",
    Kind.COMPLAINT: "对我们的服务或办事过程不满意",
    Kind.REPORT: "反映违规提取、单位不缴少缴等违法违规的事",
    Kind.SUGGESTION: "对政策和服务的改进想法",
    Kind.PRAISE: "表扬工作人员或窗口",
}
HTTP_OTHER = "这个请求无法处理。"
HTTP_ERRORS = {
    400: "请求的格式有误，请返回重试。",
    404: "没有找到这个页面。网址可能输错了，或者页面已经移走。",
    405: "这个地址不接受这样的操作，请从网页上进入。",
    408: "等待时间太长，连接已断开，请重新提交。",
    413: "提交的内容太大，请缩短文字后再提交。",
    415: "内容的格式不对。",
}

APPLICATION_WRONG = "编号或查询密码不对，请对照提交申请时给您的编号（12 位数字）和密码（6 位数字）再输一次。"

# What a citizen reads when a person will answer, one sentence or two for each reason. The last clause, by when, is common.
DETAILS = {
    Reason.SEVERAL_FIT: "您的问题可能有几种意思，由工作人员弄清后答复。",
    Reason.NONE_CHOSEN: "列出的几个问题都不是您要问的，由工作人员答复。",
    Reason.NO_MATCH: "政策库里没有找到与您的问题相近的内容，由工作人员答复。",
    Reason.NOT_SURE: "您的问题需要工作人员看一看再答复。",
    Reason.MISMATCH: "政策库里相近的内容与您问的不是同一件事，由工作人员答复。",
    Reason.UNVERIFIED: "与您的问题有关的内容还在核实，由工作人员答复。",
    Reason.NOT_IN_FORCE: "查到的规定目前不在有效期内，由工作人员按现行规定答复。",
    Reason.OTHER_REGION: "查到的是外地的规定，不一定适用于本地，由工作人员答复。",
    Reason.PAUSED: "自动答复暂停使用，由工作人员答复。",
    Reason.OWN_ACCOUNT: "您的问题要查看个人账户、办理进度或具体情况，由工作人员答复。余额和进度也可以自己查：拨打{hotline}，登录住房公积金网上大厅、手机APP，或者本人带身份证到服务窗口。请不要在这里发送身份证号、银行卡号和密码。",
    Reason.COMPLAINT: "您反映的事情由工作人员核实办理。时间、地点和经过写得越清楚，办得越快。",
    Reason.SUGGESTION: "感谢您的建议，我们会转给有关科室。",
    Reason.PRAISE: "感谢您的肯定，我们会转告有关工作人员。",
    Reason.DISCLOSURE: "您的留言可能是要申请公开政府信息。依申请公开是一项单独的法定程序：《政府信息公开条例》第二十九条要求书面提出，写明姓名或者名称、身份证明、联系方式，所申请信息的名称、文号或者其他特征，以及希望取得的方式。请按本单位政府信息公开指南写明的渠道提出，当面提交和邮寄都可以。这条留言本身不算申请，已转给工作人员确认。",
    Reason.URGENT: "您的留言已标为情况紧急，转给工作人员。难受的时候请不要一个人扛着，可以拨打心理援助热线12356；您或身边的人有危险，请马上拨打110或120。业务上的急事请拨打{hotline}。",
    Reason.THREAT: "您的留言已标为紧急，转给工作人员。您的困难和意见可以拨打{hotline}直接说清；请不要伤害自己和他人，有人身危险请马上拨打110或120。",
    Reason.GREETING: "您好，请说说您想咨询的具体问题，例如“租房提取一年能提多少”。",
    Reason.THANKS: "不用客气。如果还有问题，请直接写下来。",
    Reason.PERSON: "您希望由工作人员答复。请把要问的事情写具体一些；也可以拨打{hotline}。",
    Reason.OFF_TOPIC: "这里答复住房公积金方面的问题，您说的事情可能不在这个范围。其他政务事项可以拨打12345政务服务便民热线。",
    Reason.SPAM: "您的留言看起来像广告或推销，由工作人员看过再定。如果您是要咨询住房公积金，请直接写出问题。",
    Reason.INSTRUCTION: "这里只按审定的政策答复住房公积金方面的问题，不执行其他指令。",
    Reason.NOT_POLICY: "您的留言不像是政策咨询，由工作人员看过后答复。如果要咨询政策，请把问题写具体一些。",
    Reason.SEVERAL_ASKED: "您问了几件事，由工作人员一并答复。",
    Reason.NOT_MET: "您反映先前的答复没有答到点子上，由工作人员重新答复。",
    Reason.TOO_SHORT: "您的留言很短，如能再写具体一些，会更快得到答复。",
}
# What the citizen reads when a question ends without a reply; staff see it in the form and may change it before it goes.
CLOSINGS = {
    Closing.TRANSFERRED: "您反映的事项由{agency}负责，我们已把您的留言转给{agency}，由对方答复您。您也可以直接向{agency}询问。",
    Closing.NOT_OURS: "您反映的事项不属于本单位职责，请向{agency}询问，也可以拨打12345政务服务便民热线。",
    Closing.PETITION: "您反映的事项属于信访事项，请按《信访工作条例》规定的渠道向有权处理的机关、单位提出，也可以通过国家信访局网上信访平台反映。",
    Closing.DOUBLED: "您的这条留言与之前的留言内容相同，我们按之前的那一条一并答复，请查看之前留言的答复。",
    Closing.INVALID: "您的留言没有写明要咨询或者反映的具体事情，无法办理。如有需要，请写清具体问题后重新留言。",
    Closing.OTHER: "",
}


def closing(kind: Closing, agency: str) -> str:
    """The wording for an end without a reply; without an agency the one who is in charge is meant."""
    return CLOSINGS[kind].format(agency=agency or "有权办理的部门")


def changed(kind: str, day: date) -> str:
    """What stands over a reply that was corrected or withdrawn, where the public reads it."""
    words = "这条答复已于{day}更正，以下是更正后的内容。" if kind == Changed.CORRECTED else "原来的答复已于{day}撤回。"
    return words.format(day=clock.in_words(day))


def changed_message(kind: str, text: str) -> str:
    """The same as a message of its own, for those who have the first reply already."""
    words = "此前给您的答复有更正，请以下面的内容为准：" if kind == Changed.CORRECTED else "此前给您的答复已撤回："
    return f"{words}\n\n{text}"


_OTHER_AGENCY = "您问的可能是其他部门的业务，可以拨打12345政务服务便民热线，问清由哪个部门办理。"
_THIS_AGENCY = "您问的{matter}，由{name}办理，请向{ask}询问。如果与住房公积金有关，请补充写明。"
_NOT_OURS = "您问的可能是{matter}，与住房公积金不是一回事，请向{ask}询问。如果问的是住房公积金，请补充写明。"


def which(labels: Sequence[str]) -> str:
    """The question back to the citizen, naming what tells the choices apart where that is short enough to be read."""
    if any(len(label) > WHICH_MAX for label in labels):
        asked = "您问的是下面哪一种情况？" if len(labels) > 1 else "您问的是不是下面这件事？"
    elif len(labels) == 1:
        asked = f"您问的是不是“{labels[0]}”？"
    else:
        asked = f"您问的是哪一种情况：{'、'.join(labels[:-1])}还是{labels[-1]}？"
    return asked + CHOOSE_ONE


def handed_over(reason: Reason, due: date, *, provisional: bool, hotline: str, text: str = "") -> str:
    """What a citizen is told when a person will answer, and by when; `text` is what was asked, to name the right agency."""
    if reason is Reason.OTHER_AGENCY:
        detail = _elsewhere(text)
    else:
        detail = DETAILS.get(reason, DETAILS[Reason.NOT_SURE]).format(hotline=hotline)
    estimated = "（放假安排公布后可能略有调整）" if provisional else ""
    soon = "会尽快处理，" if reason in AT_ONCE else ""
    return f"{detail}工作人员{soon}最晚在{clock.in_words(due)}前答复您{estimated}。"


def closed(sentence: str, reason: str, until: date | None, *, hotline: str, now: date) -> str:
    """Why a channel is closed, till when as far as that is known, and where else to turn."""
    again = f"预计{clock.in_words(until)}恢复。" if until and until > now else "恢复时间另行通知。"
    return sentence.format(reason=reason.rstrip("。！!.；; "), until=again, hotline=hotline)


def _elsewhere(text: str) -> str:
    """Which agency, and whom to ask there."""
    agency = agency_of(normalise(text))
    if agency is None:
        return _OTHER_AGENCY
    sentence = _THIS_AGENCY if agency.name else _NOT_OURS
    return sentence.format(matter=agency.matter, name=agency.name, ask=agency.ask)


def valid(valid_from: str | None, valid_until: str | None) -> str:
    """The days a policy is in force, in words."""
    start = f"自{clock.in_words(date.fromisoformat(valid_from))}起施行" if valid_from else ""
    end = f"有效期至{clock.in_words(date.fromisoformat(valid_until))}" if valid_until else ""
    return "，".join(part for part in (start, end) if part)


_LIVE = str.maketrans({"<": "＜", ">": "＞", "&": "＆"})
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def inert(text: str) -> str:
    """A text for feeds: readers of feeds take what is escaped once for markup again, so there is nothing left to take."""
    return _NOT_IN_XML.sub("", text).translate(_LIVE)


def numbered(lines: Sequence[str]) -> list[str] | None:
    """The points of a paragraph whose every line begins with its number, without the numbers; else nothing."""
    points = [line.removeprefix(f"{number}. ") for number, line in enumerate(lines, 1)]
    counted = all(line.startswith(f"{number}. ") for number, line in enumerate(lines, 1))
    return points if counted and len(points) > 1 else None


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
WECHAT_OFF = "本公众号暂停答复：{reason}。{until}急事请拨打{hotline}，或到服务窗口办理。"
WECHAT_OFF_KEPT = "您的留言已经收下，由工作人员答复；编号 {code}，查询密码 {password}，可以到 {url}/lookup 查看。"
WECHAT_OFF_NOT_KEPT = "现在发来的消息没有留存，请恢复以后再发。"
BOARD_OFF = "网上留言暂停受理：{reason}。{until}急事请拨打{hotline}，或到服务窗口办理。"
BOARD_OFF_TYPED = "您刚才写的内容没有提交，请先复制保存："
ANSWERS_HELD = "现成的解答暂停查看，由工作人员答复。请写留言提问。"
BOARD_OFF_STILL = "以前提交的留言，仍然可以凭编号和密码查询答复。"


def basis_lines(basis: list[dict[str, Any]]) -> str:
    """The legal basis of an answer in lines: title, number, article."""
    lines = [f"《{line['title'].strip('《》')}》{line['number']}{line['article']}" for line in basis]
    return "\n".join([WECHAT_BASIS, *dict.fromkeys(lines)]) if lines else ""
