"""Route: what is no policy question goes its own way: rules first, then what was learned (`route_model.py`).

Distress, threats, orders to the machine and advertising are looked for before this step, in `screen.py`.
"""

import re
from dataclasses import dataclass

from bot.agencies import FUND, agency_of, names_fund, silent
from bot.answer.route_model import RouteModel, shipped
from knowledge.vocabulary import Kind, Reason

BY_KIND = {
    Kind.COMPLAINT: Reason.COMPLAINT,
    Kind.REPORT: Reason.COMPLAINT,
    Kind.SUGGESTION: Reason.SUGGESTION,
    Kind.PRAISE: Reason.PRAISE,
}


@dataclass(frozen=True)
class Rule:
    """A reason to leave the engine, with what it is recognised by, and what stands against it."""

    reason: Reason
    pattern: str
    unless: re.Pattern[str] | None = None


SMALL_TALK = (
    ("person", "人工(客服|服务)?|转人工(客服|服务)?|(我)?(要|想)?找?(人工|真人)(客服)?|叫个?人来|有没有人工"),
    ("thanks", "谢谢(你|您|啦|了|哈)*|多谢|感谢|辛苦(了|您|你)*|再见|拜拜|明白|知道|懂|收到|打扰了?|麻烦(您|你)?了"),
    ("greeting", "你好|您好|在吗|在么|在不在|有人(在)?吗|哈喽|喂|早上好|上午好|中午好|下午好|晚上好|新年好|你是谁|(你|您)?是(不是)?(机器人|真人|人工)吗?|听得(到|见)吗?|能听(到|见)吗?|测试|test"),
    ("filler", "好的?|行|嗯|哦|噢|哈|嘿|啊|呢|吗|了|呀|你|您|ok|请问|客服|[0-9]"),
)  # fmt: skip
_SMALL_TALK = re.compile("(?:" + "|".join(f"(?P<{name}>{words})" for name, words in SMALL_TALK) + ")+")
_SMALL_TALK_MAX = 20
_SAID = {"person": Reason.PERSON, "thanks": Reason.THANKS}
_PROCEDURE = re.compile(
    "怎么|咋|如何|多久|多长时间|几天|流程|渠道|在哪|去哪|到哪|条件|收费|要钱|什么意思|是什么|规定|电话|联系方式|几件|多少|数量|有没有|期限|法定|必须|延期|啥时候|什么时候|区别|吗$|吗[?。]"
)
_APPLIES = re.compile("特此|(现|本人|我|依法|特|兹)(依法)?(向.{0,14})?申请|根据.{0,20}条例|依据.{0,20}条例")
_FOR_OTHERS = re.compile("(老公|老婆|爱人|对象|丈夫|妻子|别人|朋友|同事|他的|她的|欠我|替[他她]).{0,16}")
_NAMES_FUND = re.compile(FUND)
_WHERE_TO_LOOK = re.compile(
    "(怎么|在哪|上哪|去哪|从?哪里|哪儿)能?(看|查|知道)|复议|不服|什么路|诉讼|规定|多长时间|多久之?内|几天之?内|真的假的|真假|是真的|靠谱"
)
_ABOUT_COMPLAINTS = re.compile(
    "证据|材料|咋办|怎么办|流程|要啥|去哪|电话|多久|找谁|找哪|是找|[怎咋]么?处理|结果|不了了之|带什么|提交|需要|还是|证明"
)
# Tried in this order; the first that fits decides. They are kept as one pattern so that a text is walked once.
RULES = (
    Rule(
        Reason.DISCLOSURE,
        "依申请公开|(政府)?信息公开(的)?申请|申请(政府)?信息公开|(申请|要求|请求|请|希望|依法|应当)(依法)?(予以|主动|全部|向.{0,8})?(公开|公布).{0,40}(信息|文件|纪要|预算|决算|名单|合同|明细|数据|报告|收支|账目|台账|材料|档案|批复|记录|统计|经费|费用|情况)"
        "|申请(获取|查阅|复制).{0,30}(文件|纪要|预算|决算|批复|政府信息)",
        _PROCEDURE,
    ),
    Rule(
        Reason.OWN_ACCOUNT,
        "帮(我|忙|俺)?(查|催)|帮(我|忙|俺)(看|问|改|算|办|解|联系|转)|给(我|俺)(查|催|改|补|重置|恢复|解锁)|(我的|我|俺)(余额|账户)(还有|有|是)?多少|你给我看看|叫我看看|受理号|编号|工单号|案号|尾号|我叫[\u4e00-\u9fff]{2,3}$",
        _FOR_OTHERS,
    ),
    Rule(
        Reason.OWN_ACCOUNT,
        "(咋|怎么|为什么|为啥|一直)?还?没(到账|放款|批|审批|消息|下来|收到|人给我|动静)|啥时候放款|什么时候放款|到哪一?步|审批显示|(退回|驳回|不通过|没通过|被拒)了",
        _WHERE_TO_LOOK,
    ),
    Rule(
        Reason.OWN_ACCOUNT,
        "密码(忘|不对|错)|忘(了|记)密码|验证码|登不上|登录不了|登不进|人脸识别|扣重|重复扣|扣了我([2两]次|多)|填错|写错|输错|点错|弄错|打错",
    ),
    Rule(
        Reason.OWN_ACCOUNT,
        "(合同|回执|u盾|证书|密钥)(弄)?(丢|找不到|不见)|短信.{0,4}(说|提示|通知).{0,4}(我|俺)|账上没有|(我|俺)账上(咋|怎么|就|少|没)|(恢复|撤回|改过来|消掉|撤了)(一下|吧|吗|行不|不$)|给(我|俺)们?(重新|单独)?(算算|算一|补办|补上|消)"
        "|(发|寄)(到|给)?我(的)?(邮箱|家)|@[a-z0-9]|名字.{0,8}(错|不对|不符).{0,12}(改|更正)|(怎么|咋|显示).{0,6}[2两]个(个人)?(公积金)?账[号户]|退回来?没|录(串|错)|(卡|手机号?)(换|停|注销)了.{0,16}(改|收不到|登)|多(缴|交|汇)了.{0,24}(退|要回)",
        _WHERE_TO_LOOK,
    ),
    Rule(Reason.COMPLAINT, "^(投诉|举报)", _ABOUT_COMPLAINTS),
    Rule(
        Reason.COMPLAINT,
        "(我|现)要?(投诉|举报)([^公单了过]|$)|实名(举报|反映)|请.{0,6}(查处|立案|领导重视|协调|追究)|(态度|服务).{0,3}(恶劣|太差|很差|不好|横|蛮横)|没有?人(回复|理我|搭理)|推诿|扯皮|不作为|给(我|俺|个)+说法|糊弄(老)?百姓|要求(你们)?(赔礼)?道歉"
        "|不服.{0,6}(请|要求)|辱骂|吼我",
    ),
    Rule(Reason.PRAISE, "表扬|点赞|锦旗|(态度|服务)(真|特别|非常|很|太)?(好|热情|周到|耐心|一流)(?!不)|给.{0,12}(点个赞|五星)"),
    Rule(Reason.SUGGESTION, "^(我?(想)?提?(个|一个|几点|一条|条)?(建议|意见))|希望(中心|你们|贵中心)(能|增|改)|建议(贵中心|你们|中心|大厅)"),
    Rule(Reason.PERSON, "转接?(人工|客服|真人)|(找|换|来|要)个?(真人|活人|人工)|人工(服务|客服|坐席)|(给|打)(我)?回?个?电话(给我|详谈|联系我)|不(想|要)(跟|和)?(机器|自动回复)", _PROCEDURE),
    Rule(
        Reason.OFF_TOPIC,
        "(讲|说|编)个?(笑话|故事|段子)|唱(首|个|支)|写(一|1)?(首诗|篇|封|份|个)(?!.{0,4}(证明|申请|委托))|写.{0,4}辞职信|翻译?成|翻译(一下|下面)|天气|(下|刮)(雨|雪|台风)了?|python|javascript|java怎么|excel|星座|世界杯|兑(换)?.{0,4}(人民币|美元|欧元|日元)|红烧|菜谱|猜谜|陪我聊|你(真笨|是傻|个傻)|神经病|傻[逼子]",
        _NAMES_FUND,
    ),
)  # fmt: skip
_RULES = tuple((rule, re.compile(silent(rule.pattern))) for rule in RULES)
_ANY = re.compile(silent("|".join(rule.pattern for rule in RULES)))
_SPOKEN = re.compile(r"[^\u4e00-\u9fffa-z0-9]")
_LONG = 40


def route(plain: str, kind: Kind, model: RouteModel | None = None) -> Reason | None:
    """The reason why a normalised question goes to a person, or None if it may be a policy question."""
    if kind in BY_KIND:
        return BY_KIND[kind]
    spoken = spoken_of(plain)
    ruled = by_rule(plain, spoken)
    return ruled or (model or shipped()).reason(spoken, fund=names_fund(plain))


def spoken_of(plain: str) -> str:
    """A normalised text without punctuation, as it would be said."""
    return _SPOKEN.sub("", plain)


def by_rule(plain: str, spoken: str) -> Reason | None:
    """The reason by the rules alone; `spoken` is the text without punctuation."""
    if len(spoken) <= _SMALL_TALK_MAX and (found := _SMALL_TALK.fullmatch(spoken)):
        return next((reason for name, reason in _SAID.items() if found.group(name)), Reason.GREETING)
    if _ANY.search(plain):
        for rule, pattern in _RULES:
            if pattern.search(plain) and not _stands_against(rule, plain):
                return rule.reason
    return Reason.OTHER_AGENCY if agency_of(plain) else None


def _stands_against(rule: Rule, plain: str) -> bool:
    """Whoever asks how it is done does not do it yet; but a long message tells a case, and an application says that it is one."""
    if rule.unless is None or len(plain) > _LONG or not rule.unless.search(plain):
        return False
    return rule.reason is not Reason.DISCLOSURE or not _APPLIES.search(plain)
