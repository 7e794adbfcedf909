"""Compare: does the candidate ask the same thing? Each comparer answers with a reason in words, or with nothing."""

import re
from collections.abc import Callable

from knowledge.text import Terms

OPPOSITES = (
    ("转入", "转出"),
    ("开户", "销户"),
    ("开通", "注销"),
    ("封存", "启封"),
    ("提取", "缴存"),
    ("单位缴存", "个人缴存"),
    ("首套", "二套"),
    ("上限", "下限"),
    ("最高", "最低"),
    ("最多", "最少"),
    ("提前", "逾期"),
)
ASKS = {
    "多少": "多少|几成|多大|额度|上限|下限|几个点|百分之几",
    "多久": "多久|多长时间|几天|几个工作日|时限|啥时候|什么时候|何时|哪天|几号|几个月",
    "材料": "材料|手续|带什么|带啥|证件|资料",
    "地点": "在哪|哪里|哪儿|地址|什么地方|啥地方",
}
_ASKS = {name: re.compile(pattern) for name, pattern in ASKS.items()}
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:个月|年|月|天|套|次|万|%|岁)")
Comparer = Callable[[str, str], str]


def opposite(question: str, kept: str) -> str:
    """One names an action, the other its opposite."""
    for one, two in OPPOSITES:
        for this, that in ((one, two), (two, one)):
            if this in question and that in kept and that not in question and this not in kept:
                return f"问的是“{this}”，条目说的是“{that}”"
    return ""


def question_type(question: str, kept: str) -> str:
    """One asks how much, the other how long, where, or with which papers."""
    asked = {name for name, pattern in _ASKS.items() if pattern.search(question)}
    told = {name for name, pattern in _ASKS.items() if pattern.search(kept)}
    if asked and told and not asked & told:
        return f"问的是“{'、'.join(sorted(asked))}”，条目说的是“{'、'.join(sorted(told))}”"
    return ""


COMPARERS: tuple[Comparer, ...] = (opposite, question_type)


def compare(question: Terms, kept: Terms) -> tuple[str, ...]:
    """All reasons why the two do not ask the same thing."""
    return tuple(found for comparer in COMPARERS if (found := comparer(question.text, kept.text)))
