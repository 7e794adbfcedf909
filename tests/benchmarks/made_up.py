"""Made-up entries from a small grammar, so that any size can be had, and questions to ask of them; the same each time."""

import itertools
import random
from collections.abc import Iterable, Sequence
from datetime import date

from knowledge.entries import KnownEntry
from knowledge.vocabulary import Level

DAY = date(2026, 11, 23)
PLACES = [
    "东湖",
    "西山",
    "南港",
    "北桥",
    "柳林",
    "松岭",
    "梅园",
    "竹溪",
    "石塘",
    "沙洲",
    "龙泉",
    "凤台",
    "云溪",
    "白水",
    "青山",
    "金河",
    "玉田",
    "银滩",
    "长岭",
    "平川",
]
THINGS = [
    "停车证",
    "游泳卡",
    "借书证",
    "摊位",
    "路灯",
    "班车",
    "路牌",
    "花坛",
    "球场",
    "水表",
    "门禁",
    "垃圾桶",
    "充电桩",
    "菜园",
    "老年证",
    "公厕",
    "凉亭",
    "信箱",
    "雨棚",
    "围栏",
]
DEEDS = ["申请", "补办", "注销", "更换", "预约", "转让", "修理", "登记", "续期", "退款"]
ASKS = [
    "要带什么材料",
    "多少钱一次",
    "多久能办好",
    "去哪里办理",
    "什么人可以办",
    "网上能不能办",
    "为什么被退回",
    "电话是多少",
    "有没有年龄限制",
    "周末办不办",
    "怎么办理",
    "最多能办几个",
]
TAILS = ("呢", "啊请问", "，麻烦说一下", "吗谢谢")


def base(size: int, *, single: bool = False) -> tuple[KnownEntry, ...]:
    """Entries with two questions each, or a single one; past the grammar's own number, places are numbered."""
    made = []
    for at, (block, thing, deed, ask, place) in enumerate(itertools.product(range(100), THINGS, DEEDS, ASKS, PLACES)):
        if at == size:
            break
        where = f"{place}{block}区" if block else place
        asked = (f"{where}的{thing}{deed}{ask}", f"想在{where}{deed}{thing}，{ask}")
        answer = f"请到{where}窗口办理，编号{at}。"
        similar = () if single else asked[1:]
        made.append(KnownEntry(f"e{at}", asked[0], "", "总则与机构", "全国", Level.A, answer, similar=similar))
    return tuple(made)


def questions(entries: Sequence[KnownEntry], number: int) -> list[tuple[str, str]]:
    """Distinct questions, each with the key of its entry."""
    chance = random.Random(11)
    asked: dict[str, str] = {}
    while len(asked) < number:
        entry = chance.choice(entries)
        asked[f"{entry.similar[0].replace('想在', '', 1)}{chance.choice(TAILS)}{len(asked)}"] = entry.key
    return list(asked.items())


def misspelt(text: str, wrong: int, letters: Sequence[str], chance: random.Random) -> str:
    """A text with some of its Chinese characters replaced by others."""
    written = list(text)
    places = [at for at, letter in enumerate(text) if "\u4e00" <= letter <= "\u9fff"]
    for at in chance.sample(places, min(wrong, len(places))):
        written[at] = chance.choice(letters)
    return "".join(written)


def letters_of(texts: Iterable[str]) -> list[str]:
    """The Chinese characters of some texts, each once."""
    return sorted({letter for text in texts for letter in text if "\u4e00" <= letter <= "\u9fff"})
