"""Questions a second of the pure engine on one core, beside rapidfuzz on the same questions: python -m tests.benchmarks.engine_speed

Made-up entries from a small grammar, so that any size can be had. Each size is timed on distinct questions with the memory of
repeated ones empty, then on the same questions again. Processor time, best of several rounds: other work on the machine only slows.
"""

import itertools
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date

from rapidfuzz import fuzz, process

from bot.answer.engine import Engine
from knowledge.entries import KnownEntry, Snapshot
from knowledge.vocabulary import Level

DAY = date(2026, 11, 23)
SIZES = (200, 4_000, 100_000)
ROUNDS = 3
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


def rate(work: Callable[[str], object], texts: Sequence[str]) -> float:
    """Texts a second."""
    start = time.process_time()
    for text in texts:
        work(text)
    return len(texts) / (time.process_time() - start)


def measure(size: int) -> str:
    """One line of the table."""
    entries = base(size)
    start = time.process_time()
    engine = Engine(Snapshot(1, entries, ""))
    built = time.process_time() - start
    pairs = questions(entries, 1_000 if size < 10_000 else 200)
    texts = [text for text, _ in pairs]
    distinct, repeated = [], []
    for _ in range(ROUNDS):
        engine.forget()
        distinct.append(rate(lambda text: engine.answer(text, DAY), texts))
        repeated.append(rate(lambda text: engine.answer(text, DAY), texts))
    kept = [text for entry in entries for text in (entry.standard, *entry.similar)]
    few = texts[: max(20, 2_000_000 // len(kept) // 10)]
    plain = rate(lambda text: process.extractOne(text, kept, scorer=fuzz.ratio), few)
    right = sum(bool(c) and c[0].entry.key == key for text, key in pairs for c in [engine.answer(text, DAY).candidates])
    return f"{size:9,d} {built:9.2f} {max(distinct):12,.0f} {max(repeated):12,.0f} {100 * right / len(pairs):9.1f} {plain:14,.0f}"


def main() -> None:
    """Print the table."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    Engine(Snapshot(0, (), ""))
    sys.stdout.write("  entries   build s   distinct/s   repeated/s   acc@1 %   rapidfuzz/s\n")
    for size in sizes:
        sys.stdout.write(measure(size) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
