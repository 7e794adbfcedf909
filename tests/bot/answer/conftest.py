"""A small made-up base: two rules of different times, an unverified one, one of another city, and near neighbours."""

from datetime import date

import pytest

from bot.answer.engine import Engine
from knowledge.entries import Basis, KnownEntry, Snapshot
from knowledge.vocabulary import Level

DAY = date(2026, 11, 23)
CHANGE = date(2026, 8, 12)


def basis(start: date | None = None, end: date | None = None) -> tuple[Basis, ...]:
    return (Basis("某某办法", "某发〔2026〕1号", "第一条", "原文", valid_from=start, valid_until=end),)


def entry(key: str, *asked: str, region: str = "威海", level: Level = Level.B, **more: object) -> KnownEntry:
    kept: dict[str, object] = {"basis": basis(), "similar": asked[1:], **more}
    return KnownEntry(key, asked[0], key, "提取", region, level, f"{key}的答复", **kept)  # type: ignore[arg-type]


ENTRIES = (
    entry(
        "rent.new", "租房提取公积金一年最多多少钱", "租房子一年能取多少公积金", "交房租最多能支多少公积金",
        valid_from=CHANGE, counter=("租房提取公积金要带什么材料",),
    ),
    entry(
        "rent.old", "以前租房提取公积金一年最多多少钱", "租房提取公积金一年最多多少钱",
        valid_until=date(2026, 8, 11),
    ),
    entry("rent.papers", "租房提取公积金要带什么材料", "租房取公积金带啥手续", "交房租取公积金准备哪些材料"),
    entry("loan.limit", "公积金贷款最多能贷多少钱", "买房公积金能贷多少万", "公积金贷款额度最高是多少", region="全国"),
    entry("buy.limit", "买房提取公积金最多能取多少钱", "购房提取公积金的额度是多少"),
    entry("unchecked", "公积金贷款逾期会不会上征信", "公贷逾期影响征信吗", level=Level.C),
    entry("qingdao", "青岛租房提取公积金一年最多多少钱", "青岛租房能取多少公积金", region="青岛"),
    entry("expired.basis", "加装电梯可以提取公积金吗", basis=basis(end=date(2026, 1, 1))),
)  # fmt: skip


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine(Snapshot(7, ENTRIES, "住房公积金: 公积金 | gjj | 公鸡金\n提取: 支取 | 取 | 题取\n"), region="威海")
