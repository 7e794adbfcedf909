"""The trial run: every line of a file checked, counted by kind and year; every fault with line, column and what to do."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter
from sqlalchemy.ext.asyncio import AsyncConnection

from admin.ledger_import.book import read_book
from admin.ledger_import.columns import Columns, Table, refuse_missing, table_of
from admin.ledger_import.limits import LARGEST_FILE, MOST_LINES, Cells, Rows
from admin.ledger_import.text import read_text
from knowledge import clock
from knowledge.disclosing import doubles, imports
from knowledge.disclosing.imports import Source
from knowledge.disclosing.lines import Hand, line_of
from knowledge.disclosing.words import FIELDS
from knowledge.errors import BadInputError
from knowledge.ledger import Line
from knowledge.vocabulary import LedgerKind

ZIP = b"PK"
OLD_BOOK = b"\xd0\xcf\x11\xe0"
MOST_FAULTS = 500  # named; the rest is counted
EVERY = 500  # lines between two reports of progress


@dataclass(frozen=True)
class Asked:
    """How a file is to be read: the column of each field where somebody said so, and the kind of lines that name none."""

    columns: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""


@dataclass(frozen=True)
class PlaceFault:
    """What is wrong at one place of the file."""

    line: int
    column: str
    say: str

    def __str__(self) -> str:
        return f"第 {self.line} 行“{self.column}”列：{self.say}。"


@dataclass(frozen=True)
class PlaceDouble:
    """A line that looks like another line of the file, or like one of the ledger."""

    line: int
    title: str
    other: int | None
    seq: int | None

    def __str__(self) -> str:
        same = f"文件第 {self.other} 行" if self.seq is None else f"台账第 {self.seq} 行"
        return f"第 {self.line} 行与{same}重复：{self.title}"


@dataclass
class Plan:
    """What an import would do. `places` are the numbers of the lines in the file; `earlier` an import of the same file."""

    source: Source
    columns: Columns
    lines: list[Line] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    faults: list[PlaceFault] = field(default_factory=list)
    fault_count: int = 0
    doubles: list[PlaceDouble] = field(default_factory=list)
    earlier: int | None = None

    @property
    def counts(self) -> list[tuple[LedgerKind, int, int, int]]:
        """Kind, year, how many lines, and what they add up to."""
        lines, sums = Counter[tuple[LedgerKind, int]](), Counter[tuple[LedgerKind, int]]()
        for line in self.lines:
            key = line.kind, clock.office_day(line.at).year
            lines[key] += 1
            sums[key] += line.quantity
        order = list(LedgerKind)
        return [
            (kind, year, lines[kind, year], sums[kind, year])
            for kind, year in sorted(lines, key=lambda key: (key[1], order.index(key[0])))
        ]

    def chosen(self, *, keep_doubles: bool) -> list[Line]:
        """What is to be recorded: all lines, or all that look like no other."""
        if keep_doubles:
            return self.lines
        doubled = {one.line for one in self.doubles}
        return [line for line, place in zip(self.lines, self.places, strict=True) if place not in doubled]


def read_plan(content: bytes, name: str, asked: Asked, hand: Hand, progress: Callable[[int], None]) -> Plan:
    """Read a file and check every line of it; takes seconds for a large one. BadInputError where it is no list at all."""
    table = table_of(_rows(content), asked.columns)
    refuse_missing(table.columns, asked.kind)
    plan = Plan(Source(name[-200:], hashlib.sha256(content).hexdigest()), table.columns)
    for count, row in enumerate(table.rows, start=1):
        if count > MOST_LINES:
            raise BadInputError(f"文件超过 {MOST_LINES} 行，请分成几个文件导入。", "file")
        _check(row, table, asked, hand, plan)
        if count % EVERY == 0:
            progress(EVERY)
    if not plan.lines and not plan.fault_count:
        raise BadInputError("文件里只有列名，没有要登记的行。", "file")
    return plan


async def compare(connection: AsyncConnection, plan: Plan) -> None:
    """Note in the plan what is doubled, in the file or in the ledger, and whether the file was imported before."""
    plan.earlier = await imports.earlier(connection, plan.source.sha256)
    if plan.earlier is not None:
        return  # every line would be doubled
    inside = doubles.among(plan.lines)
    outside = await doubles.on_record(connection, plan.lines)
    found = {one.index: one for one in [*inside, *outside]}
    plan.doubles = [
        PlaceDouble(plan.places[index], one.title, None if one.other is None else plan.places[one.other], one.seq)
        for index, one in sorted(found.items())
    ]


def heads_of(content: bytes) -> tuple[str, ...]:
    """What the columns of a file are called, for somebody to say which is which."""
    return table_of(_rows(content), {}).columns.heads


def _rows(content: bytes) -> Rows:
    if not content:
        raise BadInputError("文件是空的。", "file")
    if len(content) > LARGEST_FILE:
        raise BadInputError(f"文件太大：最多 {LARGEST_FILE // 1024 // 1024} MB。请分成几个文件导入。", "file")
    if content.startswith(OLD_BOOK):
        raise BadInputError("这是旧格式的表格（.xls）或加了密码。请用表格软件另存为不加密的 XLSX 或 CSV。", "file")
    return read_book(content) if content.startswith(ZIP) else read_text(content)


def _check(row: Cells, table: Table, asked: Asked, hand: Hand, plan: Plan) -> None:
    columns = table.columns
    written = {key: row.texts[place] if place < len(row.texts) else "" for key, place in columns.places.items()}
    if not any(text.strip() for text in written.values()):
        return
    if not written.get("kind", "").strip():
        written["kind"] = asked.kind
    reckoned = [place for place in row.formulas if place in columns.places.values()]
    faults = [(_column(columns, place), _formula(place, row.number)) for place in reckoned]
    if not faults:
        line, wrong = line_of(written, hand)
        faults = [(columns.head(one.field) or FIELDS[one.field], one.say) for one in wrong]
        if line:
            plan.lines.append(line)
            plan.places.append(row.number)
    plan.fault_count += len(faults)
    room = max(MOST_FAULTS - len(plan.faults), 0)
    plan.faults.extend(PlaceFault(row.number, column, say) for column, say in faults[:room])


def _column(columns: Columns, place: int) -> str:
    return columns.heads[place] if place < len(columns.heads) else f"第{place + 1}列"


def _formula(place: int, line: int) -> str:
    return f"单元格 {get_column_letter(place + 1)}{line} 是公式，请改为数值（复制后选择性粘贴为数值）"


def shown_doubles(found: Sequence[PlaceDouble], most: int) -> list[str]:
    """The first doubles in words, and how many more there are."""
    more = [f"…… 还有 {len(found) - most} 处重复"] if len(found) > most else []
    return [*(str(one) for one in found[:most]), *more]
