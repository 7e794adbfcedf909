"""The cross-checks of the statutory form, C1 to C10, each reckoned from both sides; pure functions.

C1 is printed in the form itself (国办公开办函〔2021〕30号, table three); the others follow from its rows and columns, from
last year's report, and from what the form asks of the text. X1 to X3 are ours.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from admin.report.claims import Claim
from admin.report.form import CARRIED_IN, CARRIED_OUT, NEW, TOTAL, Form, cells
from admin.report.values import NOT_RECORDED, Number, Value, as_json, is_number, shown, total

HARD, WARNING = "hard", "warning"
LEVELS = {HARD: "必须成立", WARNING: "提醒"}
TO_FILL = "（待填写"
EMPTY_WORDS = ("", "无", "暂无", "没有", "无内容")
SELF_NAMES = re.compile(  # but not 我办理, 我处理, 我委托
    r"我(?:中心|单位|部门|局|厅|办(?![理事公法证结])|处(?![理置罚])|委(?!托))|本(?:中心|单位|部门)"
)
NAMED = 5  # how many cells or places a label names before it says "and so on"

Side = Value | str
Cells = Mapping[str, Value]


@dataclass(frozen=True)
class CheckResult:
    """One rule at one place: both sides, and whether they agree (None: a side is not on record).

    `reason` is why a warning is accepted as it stands; it belongs to these two sides only.
    """

    id: str
    level: str
    label: str
    left: Side
    right: Side
    holds: bool | None
    reason: str = ""

    @property
    def key(self) -> str:
        """What tells this result, with its two sides, from every other."""
        sides = "\n".join((self.id, self.label, shown(self.left), shown(self.right)))
        return hashlib.sha256(sides.encode()).hexdigest()[:16]

    def as_dict(self) -> dict[str, object]:
        """As it stands in the JSON report."""
        reason = {"reason": self.reason} if self.reason else {}
        return {
            "id": self.id,
            "level": self.level,
            "label": self.label,
            "left": as_json(self.left),
            "right": as_json(self.right),
            "holds": self.holds,
            **reason,
        }


@dataclass(frozen=True)
class Tables:
    """The cells of a year; `declared` are totals entered or printed by somebody else, where they differ in origin."""

    form: Form
    cells: Cells
    declared: Cells = field(default_factory=dict)

    def at(self, key: str) -> Value:
        """A cell, 未统计 where it is not on record."""
        return self.cells.get(key, NOT_RECORDED)

    def stated(self, key: str) -> Value:
        """A total as somebody stated it, else as it stands."""
        return self.declared.get(key, self.at(key))


def arithmetic(tables: Tables) -> Iterator[CheckResult]:
    """C1 to C4: what must add up within the tables."""
    for column in tables.form.table3.columns:
        yield _balance(tables, column.key, column.label)
    for column in tables.form.table3.columns:
        label = f"表三“{column.label}”列：（七）总计＝（一）至（六）各行之和"
        yield _sum("C2", label, tables, f"t3.{TOTAL}.{column.key}")
    for row in tables.form.table3.rows:
        parts = [f"t3.{row.key}.{applicant}" for applicant in tables.form.applicants]
        label = f"表三“{' '.join(row.path)}”行：自然人＋法人或其他组织五列＝总计"
        yield _sum("C3", label, tables, f"t3.{row.key}.{TOTAL}", parts)
    for group in tables.form.table4.groups:
        label = f"表四“{' '.join(group.path)}”：维持＋纠正＋其他＋尚未审结＝总计"
        yield _sum("C4", label, tables, f"t4.{group.key}.{TOTAL}")


def across_years(tables: Tables, before: Tables) -> Iterator[CheckResult]:
    """C5 and C6: this year's tables against last year's."""
    for column in tables.form.table3.columns:
        label = f"表三“{column.label}”列：本年第二项（上年结转）＝上年第四项（结转下年度）"
        left, right = tables.at(f"t3.{CARRIED_IN}.{column.key}"), before.at(f"t3.{CARRIED_OUT}.{column.key}")
        yield compared("C5", WARNING, label, left, right)
    for row in ("regulation", "normative"):
        if f"t2.{row}.valid" in cells(tables.form):
            name = "规章" if row == "regulation" else "行政规范性文件"
            moved = [before.at(f"t2.{row}.valid"), tables.at(f"t2.{row}.made"), _less(tables.at(f"t2.{row}.repealed"))]
            label = f"表二“{name}”：现行有效＝上年现行有效＋本年制发－本年废止"
            yield compared("C6", WARNING, label, tables.at(f"t2.{row}.valid"), total(moved))


def in_prose(tables: Tables, claims: Sequence[Claim]) -> Iterator[CheckResult]:
    """C7: every figure the text gives about applications and disputes, against the tables."""
    if not claims:
        yield CheckResult("C7", WARNING, "正文与表格一致：正文没有可与表格比对的数", NOT_RECORDED, NOT_RECORDED, None)
    for claim in claims:
        sides = [total(tables.at(key) for key in keys) for keys in claim.keys]
        right = next((side for side in sides if side == claim.number), sides[0])
        label = f"正文“{claim.quote}”与{claim.meaning}一致"
        yield compared("C7", WARNING, label, claim.number, right)


def filled(tables: Tables) -> Iterator[CheckResult]:
    """C8: every number of the form is printed, 0 where there is none."""
    for table in ("2", "3", "4"):
        wanted = [cell for key, cell in cells(tables.form).items() if key.startswith(f"t{table}.")]
        missing = [cell.label for cell in wanted if not is_number(tables.stated(cell.key))]
        label = f"表{'二三四'[int(table) - 2]}每一格都填数字，没有的填0"
        if missing:
            label += f"；未填：{_some(missing)}"
        yield compared("C8", WARNING, label, len(wanted) - len(missing), len(wanted))


def sections(form: Form, titles: Sequence[str], problems: str) -> Iterator[CheckResult]:
    """C9: the six parts in their order, and part five says something (条例第五十条)."""
    wanted = [section.title for section in form.sections]
    yield CheckResult(
        "C9", HARD, "六个部分齐全，顺序和标题符合格式", "；".join(titles), "；".join(wanted), list(titles) == wanted
    )
    said = not is_empty(problems)
    label = "第五部分“存在的主要问题及改进情况”有实际内容，不能为空或只写“无”"
    left = f"{len(problems.strip())}字" if said else problems.strip()[:20] or "空"
    yield CheckResult("C9", HARD, label, left, "有实际内容", said)


def columns_of_table_2(form: Form, labels: Sequence[Sequence[str]]) -> CheckResult:
    """C10: table two has the columns of this year's form, not those of an earlier one."""
    wanted = [[column.label for column in block.columns] for block in form.blocks]
    left, right = (_flat(blocks) for blocks in (labels, wanted))
    label = f"表二栏目为{form.name}年格式（{form.document}）"
    holds: bool | None = left == right
    if not form.confirmed:
        label += "；该格式表二的栏目未经原文核对，请人工核对"
        holds = None if holds else False
    return CheckResult("C10", WARNING, label, left, right, holds)


def counted_against_declared(figures: Sequence[tuple[str, Value, Value | None]]) -> Iterator[CheckResult]:
    """X1: a figure counted from records, beside one that was also entered by hand."""
    for label, value, declared in figures:
        if declared is not None:
            yield compared("X1", WARNING, f"“{label}”由记录统计的数＝人工填报的数", value, declared)


def nothing_left_to_fill(text: str) -> CheckResult:
    """X2: no reminder to fill something in is left in the text."""
    left = [line for line in text.splitlines() if TO_FILL in line]
    return CheckResult("X2", WARNING, "正文没有待填写的部分", "；".join(left) or "没有", "没有", not left)


def own_words(name: str, texts: Mapping[str, str]) -> Iterator[CheckResult]:
    """X3: the office calls itself by one name throughout (a published report had 我办 among 我中心)."""
    used = sorted({found for text in texts.values() for found in SELF_NAMES.findall(text)} - {name})
    label = "单位自称前后一致"
    yield CheckResult("X3", WARNING, label, "、".join([name, *used]), name, not used)


def compared(number: str, level: str, label: str, left: Value, right: Value) -> CheckResult:
    """Two values side by side; undecided as soon as one of them is no number."""
    holds = left == right if is_number(left) and is_number(right) else None
    return CheckResult(number, level, label, left, right, holds)


def is_empty(text: str) -> bool:
    """Whether a text says nothing: empty, “无”, or our own reminder to fill it in."""
    bare = "".join(sign for sign in text if sign.isalnum())
    return bare in EMPTY_WORDS or text.strip().startswith(TO_FILL)


def _balance(tables: Tables, column: str, label: str) -> CheckResult:
    left = total([tables.at(f"t3.{NEW}.{column}"), tables.at(f"t3.{CARRIED_IN}.{column}")])
    right = total([tables.at(f"t3.{TOTAL}.{column}"), tables.at(f"t3.{CARRIED_OUT}.{column}")])
    return compared("C1", HARD, f"表三“{label}”列：第一项＋第二项＝第三项（七）总计＋第四项", left, right)


def _sum(number: str, label: str, tables: Tables, key: str, parts: Sequence[str] = ()) -> CheckResult:
    summed = total(tables.at(part) for part in parts or cells(tables.form)[key].parts)
    return compared(number, HARD, label, tables.stated(key), summed)


def _less(value: Value) -> Value:
    negative: Number = -value if is_number(value) else 0
    return negative if is_number(value) else value


def _flat(blocks: Sequence[Sequence[str]]) -> str:
    return "｜".join("、".join(block) for block in blocks)


def _some(names: Sequence[str]) -> str:
    more = f"等{len(names)}格" if len(names) > NAMED else ""
    return "、".join(names[:NAMED]) + more
