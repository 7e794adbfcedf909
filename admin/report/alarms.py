"""Alarms against last year: a table that repeats it cell by cell (A1), a figure that leapt or fell away (A2).

A published report has been seen to carry the same figures three years running. Neither is a fault by itself; each
wants a written reason before the report is signed.
"""

from collections.abc import Iterator, Mapping

from admin.report.checks import WARNING, CheckResult
from admin.report.form import TOTAL
from admin.report.values import NOT_RECORDED, Number, Value, is_number

OUTLIER_TIMES = 3  # the one threshold: more than so many times last year's figure, or less than its so-manieth part
OUTLIER_FROM = 20  # smaller figures leap by themselves
TABLES = {"t2.": "二", "t3.": "三", "t4.": "四"}


def against_last_year(
    labels: Mapping[str, str], now: Mapping[str, Value], before: Mapping[str, Value]
) -> Iterator[CheckResult]:
    """A1 for each table, A2 for each figure that stands out, or one A2 that says none does."""
    for prefix, name in TABLES.items():
        yield _repeated(prefix, name, now, before)
    compared = [(key, now[key], before.get(key, NOT_RECORDED)) for key in labels if _counts(key)]
    pairs = [(key, new, old) for key, new, old in compared if is_number(new) and is_number(old)]
    rule = f"不超过上年的{OUTLIER_TIMES}倍，也不少于上年的{OUTLIER_TIMES}分之一"
    leaps = [(key, new, old) for key, new, old in pairs if stands_out(new, old)]
    for key, new, old in leaps:
        yield CheckResult("A2", WARNING, f"“{labels[key]}”{rule}（本年｜上年）", new, old, False)
    if not leaps:
        label = f"与上年都有数的指标，两年中有一年达到{OUTLIER_FROM}的，{rule}"
        yield CheckResult("A2", WARNING, label, f"比较了{len(pairs)}个指标", "没有异常", True if pairs else None)


def stands_out(new: Number, old: Number) -> bool:
    """Whether a figure is more than OUTLIER_TIMES last year's or less than that part of it."""
    return max(new, old) >= OUTLIER_FROM and max(new, old) > OUTLIER_TIMES * min(new, old)


def _counts(key: str) -> bool:
    """In tables three and four only the totals: a cell that leaps there takes its total along, or is small."""
    return not key.startswith(("t3.", "t4.")) or key.endswith(f".{TOTAL}")


def _repeated(prefix: str, name: str, now: Mapping[str, Value], before: Mapping[str, Value]) -> CheckResult:
    """Undecided where a year is not on record; a table of zeros may well repeat itself."""
    keys = [key for key in now if key.startswith(prefix)]
    label = f"表{name}与上年不完全相同（全部为0的除外）"
    pairs = [(now[key], before.get(key, NOT_RECORDED)) for key in keys]
    if not pairs or not all(is_number(side) for pair in pairs for side in pair):
        return CheckResult("A1", WARNING, label, NOT_RECORDED, NOT_RECORDED, None)
    differ = sum(new != old for new, old in pairs)
    if not any(new or old for new, old in pairs):
        return CheckResult("A1", WARNING, label, "全部为0", "全部为0", True)
    return CheckResult("A1", WARNING, label, f"有{differ}格不同", "至少1格不同", differ > 0)
