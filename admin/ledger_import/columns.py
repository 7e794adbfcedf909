"""Which column holds which field: by the names offices give them, or as somebody says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from admin.ledger_import.limits import HEAD_WITHIN, Cells, Rows
from knowledge.disclosing.words import FIELDS, name
from knowledge.errors import BadInputError

# What the columns of lists exported from content systems are called; the first is ours.
NAMES = {
    "kind": "类型 类别 台账类型 公开类型 信息类型 发布平台 平台 kind",
    "day": "发布日期 发布时间 日期 公开日期 公开时间 推送时间 推送日期 时间 登记日期 day date",
    "title": "标题 信息标题 文章标题 名称 信息名称 内容标题 题目 title",
    "channel": "栏目 所属栏目 栏目名称 发布栏目 频道 渠道 channel",
    "address": "链接 网址 地址 文章链接 链接地址 信息链接 url address",
    "quantity": "数量 条数 篇数 件数 quantity",
    "source": "来源 信息来源 发布机构 发布单位 发布科室 责任科室 科室 source",
    "basis": "登记依据 依据 备注 basis",
}
MUST = ("day", "title")
BY_NAME = {name(written): field for field, names in NAMES.items() for written in names.split()}


@dataclass(frozen=True)
class Columns:
    """The heads of a file, and in which place each field stands."""

    heads: tuple[str, ...]
    places: Mapping[str, int]
    line: int

    def head(self, wanted: str) -> str:
        """What the column of a field is called in the file; empty where it has none."""
        place = self.places.get(wanted)
        return "" if place is None else self.heads[place] or f"第{place + 1}列"


@dataclass
class Table:
    """A file with its columns known: what is left of its lines, still to be read."""

    columns: Columns
    rows: Rows
    skipped: list[int] = field(default_factory=list)


def table_of(rows: Rows, given: Mapping[str, str]) -> Table:
    """Find the line of heads: the first with all columns named by hand, else the one with most known names."""
    first = [row for _, row in zip(range(HEAD_WITHIN), rows, strict=False)]
    if not first:
        raise BadInputError("文件里没有内容。", "file")
    if given:
        best = next((row for row in first if _named(row, given)), None)
        if best is None:
            raise BadInputError(_unknown(first, given), "map")
        places = dict(_recognised(best)) | {key: _place(best, head) for key, head in given.items() if head}
        places = {key: place for key, place in places.items() if given.get(key) != ""}
    else:
        best = max(first, key=lambda row: len(dict(_recognised(row))))
        places = dict(_recognised(best))
    columns = Columns(tuple(text.strip() for text in best.texts), places, best.number)
    after = first[first.index(best) + 1 :]
    return Table(columns, _after(after, rows))


def refuse_missing(columns: Columns, kind: str) -> None:
    """BadInputError where a field every line must have has no column."""
    must = (*MUST, "kind") if not kind else MUST
    missing = [FIELDS[key] for key in must if key not in columns.places]
    if missing:
        seen = "、".join(head for head in columns.heads if head)[:300] or "没有"
        raise BadInputError(
            f"没有找到这些列：{'、'.join(missing)}。文件第 {columns.line} 行的列是：{seen}。请指定哪一列是哪一项。",
            "map",
        )


def _recognised(row: Cells) -> Iterable[tuple[str, int]]:
    """Fields by the names of the columns; where two columns fit one field, the earlier name of the list is meant."""
    best: dict[str, tuple[int, int]] = {}
    for place, text in enumerate(row.texts):
        known = BY_NAME.get(name(text))
        if known:
            rank = [name(one) for one in NAMES[known].split()].index(name(text))
            best[known] = min(best.get(known, (rank, place)), (rank, place))
    return [(key, place) for key, (_, place) in best.items()]


def _named(row: Cells, given: Mapping[str, str]) -> bool:
    heads = {name(text) for text in row.texts}
    return all(name(head) in heads for head in given.values() if head)


def _place(row: Cells, head: str) -> int:
    return [name(text) for text in row.texts].index(name(head))


def _unknown(first: list[Cells], given: Mapping[str, str]) -> str:
    seen = {name(text) for row in first for text in row.texts}
    lacking = [head for head in given.values() if head and name(head) not in seen]
    return f"文件里没有这些列：{'、'.join(lacking) or '、'.join(given.values())}。请看文件第一行，照它的写法指定。"


def _after(first: list[Cells], rows: Rows) -> Rows:
    yield from first
    yield from rows
