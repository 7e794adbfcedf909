"""The one registry of figures: key, official label, counting rule in words, unit, and the rows each figure counts.

Tables, prose, checks, exports and `--trace` all take a figure from here; nothing stores a total.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Protocol

from admin.report import case_figures
from admin.report.behind import Behind
from admin.report.document_figures import CountedDocuments
from admin.report.form import Cell, Form, cells
from admin.report.records import Entered, Records
from admin.report.rows import Row
from admin.report.tallies import BULK, STAFF, SYSTEM, Tally
from admin.report.values import NOT_RECORDED, Value, is_number, number, total
from knowledge.vocabulary import REPLY_KIND, Channel, LedgerKind

PERIOD = "统计期内（北京时间1月1日零时至12月31日24时）"
CORRECTED = "被更正的条目以更正条目为准，撤回的不计"
OTHERWISE = "没有记录又未申报的，为未统计"
READING_LABELS = {"reading.weibo_followers": "官方微博粉丝数", "reading.wechat_followers": "微信公众号关注人数"}
FEES = {
    "fee.applications": ("收取信息处理费的申请件数", "件"),
    "fee.yuan": ("收取信息处理费金额（单位：元）", "元"),
}


@dataclass(frozen=True)
class Figure:
    """One number of the report. `declared` is the total entered by hand beside one that is reckoned here.

    `behind` says which of the many ledger lines or questions are counted, `count` how many rows there are;
    `reckoned`: a cell counted from cases or documents on record, whose rows are all here.
    """

    key: str
    label: str
    rule: str
    unit: str
    value: Value
    rows: Sequence[Row] = ()
    declared: Value | None = None
    behind: Behind | None = None
    count: int = 0
    reckoned: bool = False


class Counted(Protocol):
    """Cells counted from records; for each it counts, the rows behind it and its rule in words."""

    def at(self, key: str) -> Sequence[Row] | None:
        """The rows behind a cell; None for one it does not count."""

    def rule(self, key: str) -> str:
        """How the cell is counted."""


class _Count(Protocol):
    def __call__(self, records: Records) -> tuple[Value, list[Row]]: ...


@dataclass(frozen=True)
class Definition:
    """How a figure outside the three tables is counted; a hand-entered value counts where no record does."""

    key: str
    label: str
    rule: str
    unit: str
    count: _Count
    behind: Behind | None = None


def compute(form: Form, records: Records) -> dict[str, Figure]:
    """Every figure of the year, in the order of the registry."""
    figures = [_figure(definition, records) for definition in registry()]
    found = {figure.key: figure for figure in figures}
    cases = case_figures.count(form, records.year, records.cases)
    documents = CountedDocuments(records.year, records.documents)
    counted: tuple[Counted, ...] = (cases, documents) if cases else (documents,)
    for cell in cells(form).values():
        _cell(cell, form, records.declared, found, counted)
    order = [*(figure.key for figure in figures), *cells(form)]
    return {key: found[key] for key in order}


def registry() -> tuple[Definition, ...]:
    """All figures outside the three tables."""
    return (*_channels(), *_reply_parts(), *_questions(), *_readings(), *_fees())


def _channels() -> Iterator[Definition]:
    for kind in LedgerKind:
        rule = f"{PERIOD}公开台账中“{kind.label}”各条数量之和；{CORRECTED}；{OTHERWISE}"
        if kind in REPLY_KIND.values():
            rule += "；当年该渠道收到过问题而没有答复的，为0"
        behind = Behind("ledger", (kind.value,))
        yield Definition(f"ledger.{kind.value}", kind.label, f"{rule}。", "条", partial(_of_kind, kind), behind)


def _reply_parts() -> Iterator[Definition]:
    parts = (
        (SYSTEM, "系统自动答复", "由系统按政策库自动给出"),
        (STAFF, "工作人员答复", "由工作人员就台账所记的问题作出"),
        (BULK, "按汇总数登记、未逐条区分", "只登记了汇总数量"),
    )
    for part, label, meaning in parts:
        board = LedgerKind.BOARD_REPLY
        rule = f"{PERIOD}“{board.label}”中{meaning}的各条数量之和；{CORRECTED}；只有汇总数的年度，前两项为未统计。"
        count, behind = partial(_of_part, board, part), Behind("ledger", (board.value,), part)
        yield Definition(f"ledger.{board.value}.{part}", f"{board.label}：{label}", rule, "条", count, behind)


def _questions() -> Iterator[Definition]:
    groups = (
        ("questions.received", "收到留言、提问", tuple(Channel)),
        ("questions.board", "网站在线留言收到的问题", _channels_of(LedgerKind.BOARD_REPLY)),
        ("questions.wechat", "微信公众号收到的问题", _channels_of(LedgerKind.WECHAT_REPLY)),
        ("questions.app", "手机APP收到的问题", _channels_of(LedgerKind.APP_REPLY)),
    )
    for key, label, channels in groups:
        rule = f"{PERIOD}收到的问题数，一次提交计一条，不扣除以后撤回或合并的；{OTHERWISE}。"
        behind = Behind("question", tuple(channel.value for channel in channels))
        yield Definition(key, label, rule, "条", partial(_asked, channels), behind)


def _readings() -> Iterator[Definition]:
    for key, label in READING_LABELS.items():
        rule = "统计年度内日期最晚的一次读数，不累加、不推算；当年没有读数又未申报的，为未统计。"
        yield Definition(key, label, rule, "人", partial(_read, key))


def _fees() -> Iterator[Definition]:
    for key, (label, unit) in FEES.items():
        rule = (
            "按《政府信息公开信息处理费管理办法》（国办函〔2020〕109号）在统计年度内实际收取的数量："
            "登记过申请的年度，由申请的缴费登记统计；没有的，由工作人员填报；未填报的，为未统计。"
        )
        yield Definition(key, label, rule, unit, partial(_charged, unit))


def _figure(definition: Definition, records: Records) -> Figure:
    value, rows = definition.count(records)
    behind = definition.behind if is_number(value) else None
    declared = records.declared.get(definition.key)
    if declared and not is_number(value):
        value, rows = declared.value, [Row({**declared.row, "title": definition.label})]
    beside, count = declared.value if declared else None, behind.count(records) if behind else len(rows)
    words = (definition.key, definition.label, definition.rule, definition.unit)
    return Figure(*words, value, tuple(rows), beside, behind, count)


def _cell(
    cell: Cell, form: Form, declared: Mapping[str, Entered], found: dict[str, Figure], counted: Sequence[Counted]
) -> Figure:
    """A cell as counted from records, else as declared; a total is then reckoned from its parts, and taken as declared
    only where a part is missing."""
    if cell.key in found:
        return found[cell.key]
    mine = declared.get(cell.key)
    for one in counted:
        if (behind := one.at(cell.key)) is not None:
            found[cell.key] = _reckoned(cell, behind, one.rule(cell.key), mine)
            return found[cell.key]
    rows: Sequence[Row] = (Row({**mine.row, "title": cell.label}),) if mine else ()
    beside = mine.value if mine else None
    value = beside if beside is not None else NOT_RECORDED
    if cell.parts:
        parts = [_cell(cells(form)[key], form, declared, found, counted) for key in cell.parts]
        reckoned = total(part.value for part in parts)
        if is_number(reckoned) or mine is None:
            value, rows = reckoned, tuple(row for part in parts for row in part.rows)
        rule = f"本表中下列各格之和（{len(parts)}格），不另行填报；各格不全时以填报的合计为准：{_names(parts)}。"
    else:
        rule = "工作人员按《政府信息公开工作年度报告格式》填报，同一格多次填报的以最后一次为准；未填报的，为未统计。"
    figure = found[cell.key] = Figure(cell.key, cell.label, rule, cell.unit, value, rows, beside, None, len(rows))
    return figure


def _reckoned(cell: Cell, behind: Sequence[Row], rule: str, mine: Entered | None) -> Figure:
    count, beside = len(behind), mine.value if mine else None
    return Figure(cell.key, cell.label, rule, cell.unit, count, behind, beside, None, count, reckoned=True)


def _names(parts: list[Figure]) -> str:
    return "、".join(part.key for part in parts)


def _channels_of(kind: LedgerKind) -> tuple[Channel, ...]:
    return tuple(channel for channel, counted in REPLY_KIND.items() if counted is kind)


def _of_kind(kind: LedgerKind, records: Records) -> tuple[Value, list[Row]]:
    tallies = [records.ledger[kind.value, part] for part in (SYSTEM, STAFF, BULK)]
    served = kind in REPLY_KIND.values() and any(records.questions[name].count for name in _channels_of(kind))
    return (_quantity(tallies) if served or any(tally.count for tally in tallies) else NOT_RECORDED), []


def _of_part(kind: LedgerKind, part: str, records: Records) -> tuple[Value, list[Row]]:
    tallies = {name: records.ledger[kind.value, name] for name in (SYSTEM, STAFF, BULK)}
    told_apart = [tallies[SYSTEM], tallies[STAFF]] if part != BULK else list(tallies.values())
    served = any(records.questions[name].count for name in _channels_of(kind))
    known = served or any(tally.count for tally in told_apart)
    return (_quantity([tallies[part]]) if known else NOT_RECORDED), []


def _asked(channels: tuple[Channel, ...], records: Records) -> tuple[Value, list[Row]]:
    return _quantity([records.questions[channel] for channel in channels]) or NOT_RECORDED, []


def _read(key: str, records: Records) -> tuple[Value, list[Row]]:
    reading = records.readings.get(key)
    if reading is None:
        return NOT_RECORDED, []
    return reading.value, [Row({**reading.row, "title": READING_LABELS[key]})]


def _charged(unit: str, records: Records) -> tuple[Value, list[Row]]:
    """Applications charged, or the yuan they paid."""
    paid = case_figures.fees(records.year, records.cases)
    if paid is None:
        return NOT_RECORDED, []
    if unit == "件":
        return len(paid), [row for row, _ in paid]
    return number(sum((yuan for _, yuan in paid), Decimal(0))), [
        Row({**row, "quantity": float(yuan)}) for row, yuan in paid
    ]


def _quantity(tallies: list[Tally]) -> int:
    return sum(tally.quantity for tally in tallies)
