"""Route: what is not a policy question is recognised by rules, each with its own reason."""

import re
from dataclasses import dataclass

from knowledge.vocabulary import Kind, Reason

BY_KIND = {
    Kind.COMPLAINT: Reason.COMPLAINT,
    Kind.REPORT: Reason.COMPLAINT,
    Kind.SUGGESTION: Reason.SUGGESTION,
    Kind.PRAISE: Reason.SUGGESTION,
}


@dataclass(frozen=True)
class Rule:
    """A reason to leave the engine, with what it is recognised by."""

    reason: Reason
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None


def _rule(reason: Reason, pattern: str, unless: str = "") -> Rule:
    return Rule(reason, re.compile(pattern), re.compile(unless) if unless else None)


FUND = "公积金|公基金|公贷|gjj|公鸡金|工积金|12329"
# Tried in this order; the first that fits decides.
RULES = (
    _rule(Reason.URGENT, "不想活|活不下去|自杀|跳楼|轻生|同归于尽|割腕|弄死|砍死|杀了你|炸了|活着没意思"),
    _rule(
        Reason.GREETING,
        "^(你好|您好|在吗|在么|在不在|有人吗|有人在吗|谢谢|多谢|感谢|辛苦了|好的|嗯|哦|再见|拜拜|哈+|喂+|早上好|下午好|晚上好|ok|收到|知道了|你是谁|你是机器人吗|人工|转人工|听得到吗|啊|呢|吗|了|你|您)+$",
    ),
    _rule(
        Reason.OWN_ACCOUNT,
        "帮(我|忙)(查|看|催|问|改|算|办|解|联系)|给我?(查|催|改一下|重置|恢复|解锁)|(我的|我)(余额|账户)(还有|有|是)?多少|你给我看看|叫我看看|受理号|编号|工单号|案号|尾号|我叫[\u4e00-\u9fff]{2,3}$",
    ),
    _rule(
        Reason.OWN_ACCOUNT,
        "(咋|怎么|为什么|为啥|一直)?还?没(到账|放款|批|审批|消息|下来|收到|人给我|动静)|啥时候放款|什么时候放款|到哪一?步|审批显示|(退回|驳回|不通过|没通过|被拒)了",
    ),
    _rule(
        Reason.OWN_ACCOUNT,
        "密码(忘|不对|错)|忘(了|记)密码|验证码|登不上|登录不了|登不进|人脸识别|扣重|重复扣|扣了我|填错|写错|输错|点错|弄错|打错",
    ),
    _rule(
        Reason.COMPLAINT,
        "^(投诉|举报)",
        "证据|材料|咋办|怎么办|流程|要啥|去哪|电话|多久",
    ),
    _rule(
        Reason.COMPLAINT,
        "(我|现)要?(投诉|举报)[^公单]|实名举报|请(查处|立案|领导重视)|(态度|服务)(恶劣|太差|很差|不好)|没有人?回复",
    ),
    _rule(Reason.SUGGESTION, "^(我?(想)?提?(个|一个)?建议)|希望(中心|你们|贵中心)(能|增|改)|表扬|点赞|锦旗"),
)
OTHER_AGENCY = re.compile(
    "社保|医保|养老(保险|金)|失业(金|保险)|工伤|生育(津贴|保险)|居住证|护照|驾照|驾驶证|身份证(办|换|丢)|结婚登记|户口(迁|怎么|本)"
    "|学区|入学|低保(怎么|标准|一个月)|残疾人|公租房(怎么|申请)|不动产证|房产证(怎么|办)|水费|电费|燃气|暖气不热|违建|拆迁|车位"
    "|公交|个税|所得税|专项附加|企业年金|税率|购房补贴|人才补贴|lpr"
)
_FUND = re.compile(FUND)


def route(plain: str, kind: Kind) -> Reason | None:
    """The reason why a normalised question goes to a person, or None if it may be a policy question."""
    if kind in BY_KIND:
        return BY_KIND[kind]
    spoken = re.sub(r"[^\u4e00-\u9fffa-z0-9]", "", plain)
    for rule in RULES:
        subject = spoken if rule.reason is Reason.GREETING else plain
        if rule.pattern.search(subject) and not (rule.unless and rule.unless.search(plain)):
            return rule.reason
    if OTHER_AGENCY.search(plain) and not _FUND.search(plain):
        return Reason.OTHER_AGENCY
    return None
