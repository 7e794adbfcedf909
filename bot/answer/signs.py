"""Signs: what a text asks for and about, as small sets of words that can be set against each other."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# Question types; a text may show several.
ASKS = {
    "how_much": "多少|几成|多大|额度|几个点|百分之几|多高|几倍|金额|标准",
    "how_long": "多久|多长时间|几天|几个?工作日|时限|几年|几个月|多少天|多少年|期限",
    "when": "啥时候|什么时候|何时|哪天|几号|几点|哪年|时间|多会儿|从哪月|哪个月",
    "where": "在哪|哪里|哪儿|地址|什么地方|啥地方|去哪|到哪|哪个网站",
    "papers": "材料|手续|带什么|带啥|证件|资料|证明",
    "who": "谁|哪些人|什么人|哪个部门|啥人|对象|哪家",
    "how": "怎么办理|怎么办|如何|怎样|咋办|咋整|流程|步骤|怎么(申请|提取|取|转|查|交|开|操作|弄|办)|方法|方式|途径|渠道",
    "why": "为什么|为啥|原因|怎么会|为何|咋回事|怎么回事|缘故",
    "may": "能不能|可不可以|可以|能否|是否|行不行|能.*[吗么不]|会不会|[吗么]$",
    "what": "什么是|是什么|啥意思|什么意思|是啥|指的?是|区别|含义|定义",
    "conditions": "条件|要求|资格|需要满足|符合",
    "number": "电话|号码|热线|邮箱|网址|公众号",
    "prevent": "预防|避免|防止|防治",
    "symptom": "症状|表现|征兆|特征|反应",
    "treat": "治疗|怎么治|吃什么药|用什么药|医治|治好|根治|治愈",
    "consequence": "后果|影响|危害|有什么用|好处|处罚|罚",
}
OPPOSITES = (
    "转入/转出", "开户/销户|注销", "开通/注销|关闭|取消", "封存/启封", "提取|支取/缴存|缴纳|补缴", "提高|增加|提升|上调|涨/降低|减少|下调|降",
    "首套|第一套|首次|第一次|头一套/二套|第二套|第二次|两次|再次", "上限|最高|最多|最大/下限|最低|最少|最小", "提前/逾期|延期|推迟", "单位|公司|企业|厂/个人|自己|本人|我",
    "父母|爸|妈|老人/孩子|子女|儿子|女儿|宝宝|婴儿|小孩", "男/女", "新/旧|老|以前|原来", "商转公|转公积金/公转商", "购房|买房/租房|租金|房租",
    "绑定|添加/解绑|解除|删除", "借款|借钱|贷款/还款|还钱|还贷", "成功/失败|不了|不成功", "打开|开启/关闭|停用", "大人|成人/儿童|小孩|宝宝|婴儿",
)  # fmt: skip
NEGATION = "不能|不可以|不让|没有|没|不是|未|无法|不了|不到|不用|不|别|无"
NUMBERS = r"\d+(?:\.\d+)?(?:个月|个工作日|年|月|天|日|套|次|万|元|%|岁|周|号|分钟|小时)?"

_ASKS = [re.compile(pattern) for pattern in ASKS.values()]
_SIDES = [tuple(re.compile(side) for side in pair.split("/")) for pair in OPPOSITES]
_NEGATION = re.compile(NEGATION)
_NUMBERS = re.compile(NUMBERS)
_ASKED_NOT = re.compile("能不能|可不可以|是不是|有没有|会不会|要不要|行不行|[不没][吗呢]?$")
SIGNS = ("type_other", "type_same", "type_missing", "opposite", "negation", "numbers", *ASKS)


@dataclass(frozen=True)
class Signs:
    """Question types, sides taken in each pair of opposites, whether it negates, numbers with units.

    Types and sides are bits of whole numbers: comparing a handful of them so is faster than in arrays.
    """

    types: int
    ones: int
    others: int
    negated: bool
    numbers: frozenset[str]
    shown: NDArray[np.float32]

    def named(self) -> frozenset[str]:
        """The question types by name."""
        return frozenset(name for at, name in enumerate(ASKS) if self.types >> at & 1)


def signs(text: str) -> Signs:
    """What a text asks for and about."""
    types = [pattern.search(text) is not None for pattern in _ASKS]
    ones = _bits(one.search(text) is not None for one, _ in _SIDES)
    others = _bits(other.search(text) is not None for _, other in _SIDES)
    negated = _NEGATION.search(_ASKED_NOT.sub("", text)) is not None
    return Signs(_bits(types), ones, others, negated, frozenset(_NUMBERS.findall(text)), np.array(types, np.float32))


def _bits(flags: Iterable[bool]) -> int:
    return sum(flag << at for at, flag in enumerate(flags))


@lru_cache(maxsize=65_536)
def kept_signs(text: str) -> Signs:
    """Signs of a kept question, remembered: the same few thousand are compared again and again."""
    return signs(text)


def against(asked: Signs, kept: Signs) -> int:
    """The pairs of opposites, as bits, in which both texts take sides and share none."""
    both = (asked.ones | asked.others) & (kept.ones | kept.others)
    return both & ~(asked.ones & kept.ones) & ~(asked.others & kept.others)


def unlike(asked: Signs, kept: Sequence[Signs]) -> NDArray[np.float32]:
    """Where a question and kept questions differ, one row a kept question; the columns are SIGNS."""
    rows = [
        (
            bool(asked.types and one.types and not asked.types & one.types),
            (asked.types & one.types).bit_count(),
            bool(asked.types) != bool(one.types),
            against(asked, one).bit_count(),
            asked.negated != one.negated,
            len(asked.numbers ^ one.numbers),
        )
        for one in kept
    ]
    shown = np.array([one.shown for one in kept])
    return np.concatenate([np.array(rows, np.float32), asked.shown - shown], 1)
