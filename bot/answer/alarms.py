"""Alarms: what must never be missed, whatever else a message says: distress, threats, orders to the machine, advertising."""

import re

from bot.agencies import silent
from knowledge.vocabulary import Reason

DISTRESS = (
    "不想活|活不下去|活不了了|没法活|活够了|活着没(意思|劲|意义)|自杀|自尽|自焚|自残|寻死|寻短见|轻生|想不开|跳楼(?!价)|跳河|跳海|跳江|割腕|上吊|喝农药|安眠药|烧炭|遗书"
    "|想死(?!亡)|死了算|一死了之|不如死|死给你|去死吧?我|死在(你|大厅|中心)|结束(自己的?)?生命|了结(自己|这条命|生命)|以死(相|明志|抗)|逼(我|俺)去?死|逼死|kill myself|suicid|want to die"
    "|走投无路|没有?活路|绝望|(撑|熬|扛)不(住|下去)了|过不下去|一了百了|抑郁|精神崩溃|想哭都哭不出|不想在这?世上"
)
THREATS = (
    "同归于尽|弄死|砍死|打死(你|他|她)|捅死|杀(了|死)?(你|他们?|她|光|全家)|灭门|血洗|要(你|他)们?的?(狗)?命|鱼死网破|报复社会"
    "|(炸|烧|砸)(了|掉|平|死)(?!我)(你|他|公积金|中心|大厅|窗口|单位)|把.{0,8}(炸|烧|砸)(了|掉|平|死)|(泼|浇|带|提)着?(汽油|硫酸)|(拿|带|提|拎)(着|把)?(刀|菜刀|砍刀|斧)|放火|投毒"
    "|给(你|他)们?(点)?(好看|颜色|放血)|(你|他)们?(等着瞧|给我等着|走着瞧)|找人(收拾|弄|揍|打)(你|他)|(你|他)们?.{0,4}不得好死|你们?(给我)?小心(点|着)|kill you"
)
ORDERS = (
    "(忽略|无视|忘(记|掉|了)|不要管|别管|不用管|绕过|跳出|抛开|清除).{0,4}(以上|之前|前面|上面|上述|此前|先前|所有|一切|你的|系统|全部|原来的).{0,8}(规则|指令|提示|设定|要求|限制|命令|内容|对话|身份)"
    "|提示词|系统提示|没有(任何)?限制的|不受(任何)?限制的?(ai|助手|模型|机器人)|(管理员|后台|数据库|root|系统)(的)?(登录)?密码|(开发者|越狱|管理员|调试)模式"
    "|(你现在|从现在开始你?|接下来你|请你?)(是|扮演|充当|假装)(一个|一名|我的|没有|不)|角色扮演|(输出|打印|复述|泄露|告诉我|显示)你?(的|全部)?(系统|内部|初始|原始)(设定|规则|指令|配置|提示)"
    "|system prompt|jailbreak|developer mode|(ignore|forget|disregard|override) .{0,30}(instruction|rule|prompt|above|previous)|you are now|act as|drop table|union select|select .{1,40} from|<script|or 1 ?= ?1|/etc/passwd"
)
SPAM = (
    "加(我|一下)?(个)?(微信|v信|vx|v|薇信|威信|q|扣|扣扣|qq)(号|群|领|了解|咨询|详聊|[:： ]|[a-z0-9])|秒(批|下款|到账)|当(天|日)(下款|到账).{0,12}(联系|收费|代办|详)|包吃住|包吃包住|招聘】|诚聘|高薪(招|诚)|急招|不成功不收费|无前期费|先办后付"
    "|刷单|日结|日赚|躺赚|月入过?万|办证刻章|刻章办证|代开(发票|证明|流水)|点击(链接|领取)|非诚勿扰|无抵押.{0,8}(贷|放款)|黑户.{0,3}(可|能)(贷|办|做)|(专业|长期|快速)代办|低息贷款.{0,10}(联系|来电|凭|办)"
    "|彩票(网|群|计划)|六合彩|娱乐城|博彩|裸聊|厂家直销|批发价|清仓(甩卖|大)|跳楼价|优惠大促|限时(抢|特价)|扫码(进群|领|加)|免费领取|送豪礼|内部(渠道|关系).{0,10}(办|提)|来电(咨询|洽谈)|量大从优|推广引流|粉丝.{0,4}(出售|代刷)|刷粉"
)
# Somebody who asks about an advertisement, or reports it, is not advertising.
ASKS_ABOUT_SPAM = "举报|投诉|中介说|有人说|听说|说是|真的吗|是真的|真的假的|靠谱|合法|可信|骗|违法|被抓|会不会|能信|诈|怎么办|咋办|不让|吗[?。!]*$"

_ANY = re.compile(silent("|".join((DISTRESS, THREATS, ORDERS, SPAM))))
_EACH = (
    (Reason.URGENT, re.compile(silent(DISTRESS)), None),
    (Reason.THREAT, re.compile(silent(THREATS)), None),
    (Reason.INSTRUCTION, re.compile(silent(ORDERS)), None),
    (Reason.SPAM, re.compile(silent(SPAM)), re.compile(silent(ASKS_ABOUT_SPAM))),
)


def alarm(plain: str) -> Reason | None:
    """The first alarm a normalised text raises, or None."""
    if not _ANY.search(plain):
        return None
    for reason, pattern, unless in _EACH:
        if pattern.search(plain) and not (unless and unless.search(plain)):
            return reason
    return None
