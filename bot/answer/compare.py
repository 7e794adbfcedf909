"""Compare: does the candidate ask the same thing? Each comparer says in words why not, or says nothing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from bot.answer.regions import places
from bot.answer.signs import OPPOSITES as PAIRS
from bot.answer.signs import Signs, against, kept_signs

# What is to be done with the fund; a question about one is not answered with another.
ACTIONS = {
    "提取": "提取|支取|取出|取钱|能取|可取|取[不吗公租物暖契多住]|怎么取|往外取|支(?![持付票撑援])|能支|能提|可提|提[公住不物租]|领出",
    "贷款": "贷|借款",
    "缴存": "缴|(?<![成提])交(?![通易付房物取暖契首材款税警])|上公积金|扣公积金|基数",
    "转移": "转移|转[到入出回过来走]|能转|可转",
    "还款": "还款|还贷|月供|提前还|还清|结清|逾期|冲还|等额",
    "查询": "查询|怎么查|咋查|能查|哪查|查[公余一下]|余额|明细|对账",
    "封存": "封存|启封|冻结",
    "开户": "开户|开立|登记",
    "销户": "销户|注销",
    "投诉": "投诉|举报|维权|复议|起诉|申诉",
}
LABELS = {
    "how_much": "多少", "how_long": "多久", "when": "什么时候", "where": "在哪里", "papers": "要什么材料", "who": "是谁",
    "how": "怎么办", "why": "为什么", "may": "能不能", "what": "是什么", "conditions": "什么条件", "number": "联系方式",
    "prevent": "怎么预防", "symptom": "什么表现", "treat": "怎么治", "consequence": "什么后果",
}  # fmt: skip
# What goes without saying where the fund is spoken of.
IMPLIED = frozenset({"缴存", "查询"})
# Question types that are never answered by an answer to another of them.
APART = frozenset({"how_much", "how_long", "where", "papers", "why", "number"})
FAR = re.compile("异地|外地|转|跨|两地|省内|全国")
_ACTIONS = {name: re.compile(pattern) for name, pattern in ACTIONS.items()}


@dataclass(frozen=True, slots=True)
class Side:
    """A question or a kept question with what it shows."""

    text: str
    signs: Signs
    actions: frozenset[str]
    places: frozenset[str]
    asks: frozenset[str]


Comparer = Callable[[Side, Side], str]


def side(text: str, shown: Signs, own: frozenset[str] = frozenset()) -> Side:
    """One side of a comparison; `own` are names that go without saying."""
    for name in own:
        text = text.replace(name, "")
    return Side(text, shown, actions(text), places(text), shown.named())


@lru_cache(maxsize=65_536)
def kept_side(text: str, own: frozenset[str]) -> Side:
    """A kept question's side, remembered: the same few thousand are compared again and again."""
    return side(text, kept_signs(text), own)


@lru_cache(maxsize=65_536)
def actions(text: str) -> frozenset[str]:
    """What a text wants done."""
    return frozenset(name for name, pattern in _ACTIONS.items() if pattern.search(text))


def action(asked: Side, kept: Side) -> str:
    """One wants one thing done, the other another."""
    if asked.actions and kept.actions and not asked.actions & kept.actions:
        return f"问的是“{_listed(asked.actions)}”，条目说的是“{_listed(kept.actions)}”"
    return ""


def unsaid(asked: Side, kept: Side) -> str:
    """The kept question names an action that the question leaves open."""
    if kept.actions and not asked.actions and kept.actions - IMPLIED:
        return f"问题里没有说明是不是“{_listed(kept.actions - IMPLIED)}”"
    return ""


def opposite(asked: Side, kept: Side) -> str:
    """Opposite sides of a pair."""
    found = against(asked.signs, kept.signs)
    if found:
        one, other = PAIRS[(found & -found).bit_length() - 1].replace("|", "、").split("/")
        return f"一边说的是“{one}”，另一边是“{other}”"
    return ""


def question_type(asked: Side, kept: Side) -> str:
    """How much, how long, where, which papers: one is asked, another is told."""
    if asked.asks and kept.asks and not asked.asks & kept.asks and (asked.asks | kept.asks) & APART:
        first, second = ("、".join(LABELS[name] for name in sorted(one.asks)) for one in (asked, kept))
        return f"问的是“{first}”，条目说的是“{second}”"
    return ""


def place(asked: Side, kept: Side) -> str:
    """The question names places the kept question does not."""
    other = asked.places - kept.places
    if other and not FAR.search(kept.text):
        return f"问题里提到“{_listed(other)}”，条目没有"
    return ""


def _listed(names: frozenset[str]) -> str:
    return "、".join(sorted(names))


# Mismatches that forbid an answer, whatever the score.
VETOES: tuple[Comparer, ...] = (action, unsaid, opposite, question_type, place)


def compare(asked: Side, kept: str, own: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """All reasons why a question and a kept question do not ask the same thing; `own` are names that go without saying."""
    other = kept_side(kept, own)
    return tuple(found for comparer in VETOES if (found := comparer(asked, other)))
