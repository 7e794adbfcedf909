"""How offices write a kind, a day and a quantity; read strictly, and refused with a sentence that says what to write."""

import re
import unicodedata
from datetime import date

from knowledge.vocabulary import LedgerKind

QUANTITY_MAX = 1_000_000
FIRST_DAY = date(2000, 1, 1)
FIELDS = {
    "kind": "类型",
    "day": "发布日期",
    "title": "标题",
    "channel": "栏目",
    "address": "链接",
    "quantity": "数量",
    "source": "来源",
    "basis": "登记依据",
}
LONGEST = {"title": 300, "channel": 60, "address": 500, "source": 200, "basis": 200}
# Only names that can mean one kind and no other; whoever writes 微信 alone must say whether posts or replies are meant.
_KINDS = {
    LedgerKind.DOCUMENT: "公文法规 政策解读 工作动态 公文 法规 公文法规、政策解读、工作动态 门户网站 政府门户网站",
    LedgerKind.SITE: "网站信息 官网信息 官方网站 官网 网站 部门网站",
    LedgerKind.WECHAT_POST: "微信推送 微信公众号 公众号推送 微信文章",
    LedgerKind.APP_POST: "APP推送 手机APP",
    LedgerKind.WEIBO: "微博 官方微博 微博发布",
    LedgerKind.BOARD_REPLY: "留言回复 网站留言回复",
    LedgerKind.WECHAT_REPLY: "微信回复 公众号留言回复",
    LedgerKind.APP_REPLY: "APP留言回复 APP回复",
    LedgerKind.HOTLINE: "热线 12329热线 12345热线",
    LedgerKind.PRESS: "发布会",
    LedgerKind.INTERVIEW: "访谈",
}
_DAY = re.compile(r"(\d{4})(?:(?P<mark>[-/.])(\d{1,2})(?P=mark)(\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d{2})(\d{2}))")
_TIME = re.compile(r"[ T]\d{1,2}[:：]\d{2}(?:[:：]\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?$")
_QUANTITY = re.compile(r"\d{1,3}(?:[,，]\d{3})+|\d{1,9}")
_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """One line of text in one form: no invisible marks, runs of space made one. Control characters are a ValueError."""
    kept = []
    for sign in unicodedata.normalize("NFC", text):
        category = unicodedata.category(sign)
        if category in ("Cc", "Cs") and not sign.isspace():
            raise ValueError("有无法识别的控制字符，请删除")
        if category != "Cf" or sign == "\u200d":
            kept.append(sign)
    return _SPACES.sub(" ", "".join(kept)).strip()


def name(text: str) -> str:
    """A word to compare by: width, case and spaces do not count."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text)).casefold().strip("*:：")


def kind_of(text: str) -> LedgerKind:
    """The kind meant; ValueError says what may be written."""
    found = _BY_NAME.get(name(text))
    if found is None:
        raise ValueError(f"“{text[:30]}”不是台账的类型，请写成下列之一：{'、'.join(_SHORT)}" if text else "没有填类型")
    return found


def day_of(text: str, today: date) -> date:
    """The day meant, not after today; ValueError says what is wrong."""
    if not text:
        raise ValueError("没有填日期")
    short = unicodedata.normalize("NFKC", text).strip()
    found = _DAY.fullmatch(_TIME.sub("", short))
    if not found:
        raise ValueError(f"“{text[:30]}”读不成日期，请写成 2026-08-12 的样子")
    year, month, day = (int(part) for part in found.groups() if part and part not in "-/.")
    try:
        read = date(year, month, day)
    except ValueError:
        raise ValueError(f"“{text[:30]}”不是日历上的一天，请核对") from None
    if read > today:
        raise ValueError(f"{read} 还没有到；台账只登记已经公开的")
    if read < FIRST_DAY:
        raise ValueError(f"{read} 太早，请核对年份（台账从 {FIRST_DAY.year} 年起）")
    return read


def quantity_of(text: str, least: int = 1) -> int:
    """How many items; nothing written is one. ValueError says what is wrong."""
    if not text:
        return 1
    short = unicodedata.normalize("NFKC", text).strip()
    short = short.removesuffix(".0")
    if not _QUANTITY.fullmatch(short) or not short.replace(",", "").isascii():
        raise ValueError(f"“{text[:30]}”不是数量，请只写整数，如 12")
    number = int(short.replace(",", ""))
    if not least <= number <= QUANTITY_MAX:
        raise ValueError(f"数量要在 {least} 到 {QUANTITY_MAX} 之间，现在是 {number}")
    return number


_SHORT = [names.split()[0] for names in _KINDS.values()]
_BY_NAME = {
    name(written): kind
    for kind, names in _KINDS.items()
    for written in (kind.value, kind.label, *kind.label.split("、"), *names.split())
}
