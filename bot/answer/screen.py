"""Screen: what cannot be a question at all stops here."""

import re

from knowledge.text import bare
from knowledge.vocabulary import Reason

SHORTEST = 2
_HAN = re.compile(r"[\u3400-\u9fff]")
_SPAM = re.compile(r"加(微信|q|v|扣)|秒批|包吃住|招聘】|不成功不收费|刷单|办证刻章|点击链接领")
_MACHINE = re.compile(
    r"(忽略|无视).{0,8}(规则|指令|提示)|提示词|system prompt|没有限制的助手|管理员密码|ignore .{0,20}instructions"
)


def screen(plain: str) -> Reason | None:
    """Why a normalised message goes no further, or None."""
    said = bare(plain)
    if len(said) < SHORTEST or not (_HAN.search(said) or "gjj" in said or said.startswith("gong")):
        return Reason.TOO_SHORT
    if _SPAM.search(plain) or _MACHINE.search(plain):
        return Reason.NO_MATCH
    return None
