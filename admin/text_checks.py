"""What is looked at in a reply before it leaves: each finding says in words what and where; a few stop it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from knowledge.errors import BadInputError
from knowledge.masking import mask
from knowledge.tables import Policy
from knowledge.text import normalise
from knowledge.words import cut

SLIPS = Path(__file__).parent / "data" / "slips.txt"
PLACE_MAX = 40
SENTENCE = re.compile(r"[^。！？!?；;\n]+")
PROMISE = re.compile(
    r"尽快|近期|近日|马上|稍后|随后|届时|[会将]与您联系|将(?:会|予以|给予)?(?:答复|回复|办理|处理|解决|联系|核实)"
)
DAY = re.compile(
    r"[\d一二三四五六七八九十两]+\s*个?(?:工作日|日|天|小时|分钟|月|周|星期)|\d{4}年|今天|明天|当[天日]|本[周月]"
)
CHINESE = re.compile("[\u4e00-\u9fff]+")
# Words nearly every question and every reply here have.
COMMON = frozenset(
    [
        "公积金",
        "住房",
        "您好",
        "你好",
        "问题",
        "请问",
        "可以",
        "什么",
        "怎么",
        "我们",
        "你们",
        "一个",
        "答复",
        "留言",
        "咨询",
        "中心",
        "办理",
        "没有",
        "需要",
    ]
)


@dataclass(frozen=True)
class Finding:
    """One thing noticed; `blocks`: the reply cannot go like this, else somebody has to tick that it was seen."""

    code: str
    sentence: str
    place: str = ""
    blocks: bool = False


# Every code, with the words for it in the story.
CODES = {
    "promise": "承诺没有时间",
    "basis": "没有依据",
    "same": "与别的答复相同",
    "topic": "没有关键词",
    "personal": "有个人信息",
    "expired": "提到失效文件",
    "slip": "用词",
}


class UntickedError(BadInputError):
    """Something was noticed that nobody has ticked yet."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        blocked = next((one for one in findings if one.blocks), None)
        sentence = blocked.sentence if blocked else "请看一看下面的提示，逐条打勾或者写明理由，再点一次。"
        super().__init__(sentence, "findings")
        self.findings = tuple(findings)


@dataclass(frozen=True)
class Surroundings:
    """What the text is held against. `same`: replies to other questions with this very text."""

    asked: str
    public: bool
    has_entry: bool
    same: int
    expired: Sequence[Policy]
    today: date


def look(text: str, around: Surroundings) -> list[Finding]:
    """All findings, those that stop the reply first."""
    found = [*_personal(text, around.public), *_promises(text), *_basis(text, around), *_slips(text)]
    if around.same:
        found.append(Finding("same", f"这段文字和另外 {around.same} 条留言的答复一字不差，请核对是不是答到了这一条。"))
    if _off_topic(text, around.asked):
        found.append(Finding("topic", "答复里没有出现留言里的关键词，请核对有没有答非所问。"))
    for policy in around.expired:
        if policy.title.strip("《》") in text or (policy.number and policy.number in text):
            until = f"（有效期至 {policy.valid_until}）" if policy.valid_until else ""
            found.append(Finding("expired", f"提到的文件已经失效{until}，请核对。", policy.title))
    return sorted(found, key=lambda one: not one.blocks)


def unresolved(findings: Sequence[Finding], ticked: Sequence[str], because: str) -> bool:
    """Whether something still has to be seen to: what blocks, or what has neither a tick nor a reason."""
    return any(one.blocks or (one.code not in ticked and not because.strip()) for one in findings)


def _personal(text: str, public: bool) -> list[Finding]:
    lines = [line for line in SENTENCE.findall(text) if mask(line, office=True).count("*") > line.count("*")]
    if not lines:
        return []
    if public:
        return [
            Finding(
                "personal", "要公开的答复里有像身份证号、手机号、账号的数字，请删去再公开。", _short(lines[0]), True
            )
        ]
    return [Finding("personal", "答复里有像身份证号、手机号、账号的数字，请核对是不是必须写。", _short(lines[0]))]


def _promises(text: str) -> list[Finding]:
    said = [one for one in SENTENCE.findall(text) if PROMISE.search(one) and not DAY.search(one)]
    return [Finding("promise", "作了承诺，但没有写明时间，请补上日期或者几个工作日。", _short(said[0]))] if said else []


def _basis(text: str, around: Surroundings) -> list[Finding]:
    if around.has_entry or "《" in text:
        return []
    return [Finding("basis", "没有选依据条目，正文里也没有写文件名称。")]


def _slips(text: str) -> list[Finding]:
    return [Finding("slip", f"“{word}”：{hint}。", _near(text, word)) for word, hint in _list() if word in text]


def _off_topic(text: str, asked: str) -> bool:
    wanted = _key_words(asked)
    return bool(wanted) and not wanted & _key_words(text) and not any(word in text for word in wanted)


def _key_words(text: str) -> set[str]:
    runs = CHINESE.findall(normalise(text))
    return {word for run in runs for word in cut(run) if len(word) > 1} - COMMON


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= PLACE_MAX else text[: PLACE_MAX - 1] + "…"


def _near(text: str, word: str) -> str:
    place = text.index(word)
    return _short(text[max(0, place - 10) : place + len(word) + 10])


@cache
def _list() -> tuple[tuple[str, str], ...]:
    lines = [line.rsplit(" ", 1) for line in SLIPS.read_text("utf-8").splitlines() if line and line[0] != "#"]
    return tuple((word, hint) for word, hint in lines)
