"""Signs: what a text asks for and about, as small sets of words that can be set against each other."""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# What a question may ask for; a text may show several. Fine ones teach, families (below) veto and explain.
ASKS = {
    "price": "多少钱|价格|价钱|费用|收费|贵不贵|贵吗|花多少|几块|几元|几万|要钱",
    "amount": "多少|几成|多大|额度|几个点|百分之几|多高|几倍|金额|标准|几次|几针|几套|几种|上限|最高|最多|比例",
    "how_long": "多久|多长时间|几天|几个?工作日|时限|几年|几个月|多少天|多少年|期限|几小时|几周|长时间",
    "when": "啥时候|什么时候|何时|哪天|几号|几点|哪年|时间|多会儿|从哪月|哪个月|啥时间",
    "where": "在哪|哪里|哪儿|地址|什么地方|啥地方|去哪|到哪|哪个网站|哪有",
    "papers": "材料|手续|带什么|带啥|证件|资料|证明",
    "who": "谁|哪些人|什么人|哪个部门|啥人|对象|哪家|哪个单位",
    "handle": "怎么办|咋办|咋整|(怎么|如何|怎样|该怎么)(处理|解决|弄|搞|应对)|怎办|(解决|处理)(方法|办法)|什么办法|如何是好",
    "process": "怎么办理|流程|步骤|怎么(申请|提取|取|转|查|交|开|操作|办)|如何(申请|办理|操作|查询|提取)|渠道|途径|程序",
    "use": "(怎么|如何|怎样|咋)(用|吃|服用|使用|喝)|用法|用量|服用方法|使用方法|吃法",
    "way": "方法|方式|如何|怎样|怎么样",
    "why": "为什么|为啥|原因|怎么会|为何|咋回事|怎么回事|缘故|导致|引起|引发|造成|由来|怎么了|什么情况",
    "may": "能不能|可不可以|可以|能否|是否可|行不行|行吗|能.*[吗么不]|可否|允许|适合",
    "yes_no": "会不会|是否|是不是|有没有|[吗么]$|要不要|需不需要|算不算",
    "must": "必须|一定要|需要|用不用|要.*吗",
    "what": "什么是|是什么|啥意思|什么意思|是啥|指的?是|含义|定义|什么东西|什么病|哪种病|何谓",
    "differ": "区别|不同|差别|一样|差异|哪个好|哪种好|还是",
    "conditions": "条件|要求|资格|需要满足|符合",
    "number": "电话|号码|热线|邮箱|网址|公众号",
    "prevent": "预防|避免|防止|防治|怎么防",
    "symptom": "症状|表现|征兆|特征|反应|现象|迹象",
    "treat": "治疗|怎么治|医治|如何治|治法|疗法|诊治|怎样治",
    "medicine": "(什么|哪种|哪些|啥|何)药|药物",
    "cure": "治好|根治|治愈|痊愈|好得了|恢复|断根|完全好|能好|会好",
    "eat": "吃什么|吃啥|食物|饮食|食疗|吃哪些|吃点什么|忌口",
    "care": "注意|禁忌|护理|保养|调理|事项",
    "effect": "有用|有效|管用|有帮助|作用|效果|功效|疗效|好使|好吗|好不好|好处",
    "harm": "副作用|危害|影响|不良|坏处|后果|危险|伤害|有害|损害|处罚|罚",
    "serious": "严重|要紧|有事吗|没事|正常|碍事|有问题|大碍",
    "test": "检查|诊断|确诊|化验|怎么查|查什么|判断|鉴别|什么科",
    "spread": "传染|遗传|传播|传给",
    "fail": "失败|不成功|不了|不通过|没通过|不能用|异常|错误|不显示",
    "many": "哪些|有哪几|种类|哪几|包括",
}  # fmt: skip
# Families of what is asked: an answer to one of them is no answer to another.
FAMILIES = {
    "how_much": ("price", "amount"), "how_long": ("how_long",), "when": ("when",), "where": ("where",),
    "papers": ("papers",), "who": ("who",), "how": ("handle", "process", "use", "way"), "why": ("why",),
    "may": ("may", "yes_no"), "what": ("what", "differ"), "conditions": ("conditions",), "number": ("number",),
    "prevent": ("prevent",), "symptom": ("symptom",), "treat": ("treat", "medicine", "cure"), "consequence": ("harm",),
}  # fmt: skip
OPPOSITES = (
    "转入/转出", "开户/销户|注销", "开通/注销|关闭|取消", "封存/启封", "提取|支取/缴存|缴纳|补缴", "提高|增加|提升|上调|涨/降低|减少|下调|降",
    "首套|第一套|首次|第一次|头一套/二套|第二套|第二次|两次|再次", "上限|最高|最多|最大/下限|最低|最少|最小", "提前/逾期|延期|推迟", "单位|公司|企业|厂/个人|自己|本人|我",
    "父母|爸|妈|老人/孩子|子女|儿子|女儿|宝宝|婴儿|小孩", "男/女", "新/旧|老|以前|原来", "商转公|转公积金/公转商", "购房|买房/租房|租金|房租",
    "绑定|添加/解绑|解除|删除", "借款|借钱|贷款/还款|还钱|还贷", "成功/失败|不了|不成功", "打开|开启/关闭|停用", "大人|成人/儿童|小孩|宝宝|婴儿",
)  # fmt: skip
NEGATION = "不能|不可以|不让|没有|没|不是|未|无法|不了|不到|不用|不|别|无"
NUMBERS = r"\d+(?:\.\d+)?(?:个月|个工作日|年|月|天|日|套|次|万|元|%|岁|周|号|分钟|小时)?"

_NEGATION = re.compile(NEGATION)
_NUMBERS = re.compile(NUMBERS)
_ASKED_NOT = re.compile("能不能|可不可以|是不是|有没有|会不会|要不要|行不行|[不没][吗呢]?$")
UNLIKE_COUNTS = 6
SIGNS = ("type_other", "type_same", "type_missing", "opposite", "negation", "numbers", *ASKS)


def _said(pattern: str) -> tuple[tuple[str, ...], re.Pattern[str] | None]:
    """Alternatives that are plain words, looked for by themselves (far quicker), and a pattern of the others."""
    parts = re.split(r"\|(?![^(]*\))", pattern)
    plain = tuple(part for part in parts if not re.search(r"[\\.*+?()\[\]$^]", part))
    others = [part for part in parts if part not in plain]
    return plain, re.compile("|".join(others)) if others else None


_ASKS = [_said(pattern) for pattern in ASKS.values()]
_PLACE = {name: at for at, name in enumerate(ASKS)}
_FAMILY_BITS = {name: sum(1 << _PLACE[kind] for kind in kinds) for name, kinds in FAMILIES.items()}


_TYPES, _PAIRS = len(ASKS), len(OPPOSITES)


def _starts() -> dict[str, tuple[tuple[str, int], ...]]:
    """By first character, every plain word with the bits it sets: types, then first sides, then other sides."""
    bits: dict[str, int] = {}
    for at, (plain, _) in enumerate(_ASKS):
        for word in plain:
            bits[word] = bits.get(word, 0) | 1 << at
    for at, pair in enumerate(OPPOSITES):
        for side, words in enumerate(pair.split("/")):
            for word in words.split("|"):
                bits[word] = bits.get(word, 0) | 1 << _TYPES + side * _PAIRS + at
    found: dict[str, list[tuple[str, int]]] = {}
    for word, mask in bits.items():
        found.setdefault(word[0], []).append((word, mask))
    return {first: tuple(words) for first, words in found.items()}


_STARTS = _starts()
_PATTERNS = tuple((other, 1 << at) for at, (_, other) in enumerate(_ASKS) if other is not None)
_EACH_TYPE, _EACH_PAIR = (1 << _TYPES) - 1, (1 << _PAIRS) - 1


@dataclass(frozen=True, slots=True)
class Signs:
    """What is asked for, sides taken in each pair of opposites, whether it negates, numbers with units.

    Types and sides are bits of whole numbers: comparing a handful of them so is faster than in arrays. `shown` has one
    number a type.
    """

    types: int
    ones: int
    others: int
    negated: bool
    numbers: frozenset[str]
    shown: NDArray[np.float32]

    def named(self) -> frozenset[str]:
        """The families of what is asked for, by name."""
        return frozenset(name for name, bits in _FAMILY_BITS.items() if self.types & bits)


def signs(text: str) -> Signs:
    """What a text asks for and about."""
    found = 0
    for at, char in enumerate(text):
        for word, mask in _STARTS.get(char, ()):
            if text.startswith(word, at):
                found |= mask
    for pattern, mask in _PATTERNS:
        if not found & mask and pattern.search(text):
            found |= mask
    types = found & _EACH_TYPE
    negated = _NEGATION.search(_ASKED_NOT.sub("", text)) is not None
    ones, others = found >> _TYPES & _EACH_PAIR, found >> _TYPES + _PAIRS & _EACH_PAIR
    return Signs(types, ones, others, negated, frozenset(_NUMBERS.findall(text)), _shown(types))


@lru_cache(maxsize=4096)
def _shown(types: int) -> NDArray[np.float32]:
    return np.array([*map(int, f"{types:0{_TYPES}b}"[::-1])], np.float32)


@lru_cache(maxsize=65_536)
def kept_signs(text: str) -> Signs:
    """Signs of a kept question, remembered: the same few thousand are compared again and again."""
    return signs(text)


def against(asked: Signs, kept: Signs) -> int:
    """The pairs of opposites, as bits, in which both texts take sides and share none."""
    both = (asked.ones | asked.others) & (kept.ones | kept.others)
    return both & ~(asked.ones & kept.ones) & ~(asked.others & kept.others)


def unlike(asked: Signs, kept: Signs) -> tuple[int, ...]:
    """Where a question and a kept question differ: the first of SIGNS; the others are the differences of `shown`."""
    shared = asked.types & kept.types
    return (
        bool(asked.types and kept.types and not shared),
        shared.bit_count(),
        bool(asked.types) != bool(kept.types),
        against(asked, kept).bit_count(),
        asked.negated != kept.negated,
        len(asked.numbers ^ kept.numbers),
    )


@lru_cache(maxsize=65_536)
def swapped_types(asked: int, kept: int) -> tuple[int, ...]:
    """Each type only one text asks for beside each only the other does, numbered; or beside none."""
    gone, come = asked & ~kept, kept & ~asked
    first = [at for at in range(_TYPES) if gone >> at & 1]
    second = [at for at in range(_TYPES) if come >> at & 1]
    pairs = [(a, b) for a in (*first, _TYPES) for b in (*second, _TYPES)][:-1]
    return tuple(a * (_TYPES + 1) + b for a, b in pairs)
