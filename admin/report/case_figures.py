"""Tables three and four counted from the cases on record; each cell has one definition, and every case behind it.

A year is counted from the cases as soon as any case or dispute on record falls into it; then all its cells are, and a
hand-entered figure only stands beside them (check X1). Totals are counted for themselves, never added up from the
other cells, so that C1 to C4 compare two countings.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import overload

from admin.report.form import CARRIED_IN, CARRIED_OUT, NEW, TOTAL, Form
from admin.report.rows import Row
from knowledge.cases.course import Dispute
from knowledge.cases.reading import Case
from knowledge.cases.words import CaseState, Step

PENDING = "pending"
OTHER = "other"  # the one row for the whole group （六） of a form that does not divide it
_STANDS = "以各件申请有效的登记为准，登记已撤销的不计"
_THREE = {
    NEW: "收到日期在统计年度内的申请件数",
    CARRIED_IN: "统计年度以前收到、到上年12月31日还没有答复的申请件数（按日期推算，不另行保存）",
    TOTAL: "答复日期在统计年度内的申请件数，不论结果，逐件统计，不由上面各行相加",
    CARRIED_OUT: "统计年度末以前收到、到12月31日还没有答复的申请件数（按日期推算，不另行保存）",
}
_RESULT = "答复日期在统计年度内、办理结果为本项的申请件数，一件申请只计一个结果"
_FOUR = {
    PENDING: "统计年度末以前受理、到12月31日还没有审结的件数",
    TOTAL: "统计年度内受理的，加上以前受理、统计年度内审结或者尚未审结的件数（含上年度结转），逐件统计，不由各列相加",
}
_DECIDED = "审结日期在统计年度内、结果为本项的件数（含上年度受理的）"


class CaseRows(Sequence[Row]):
    """The cases behind a cell, each made a row when it is looked at: fifty thousand cases are a third of a million."""

    def __init__(self) -> None:
        self._found: list[tuple[int, str, date]] = []

    def add(self, case: Case, what: str, day: date) -> None:
        """A case, as what it counts, and the day that puts it there."""
        self._found.append((case.id, what, day))

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            return [_row(*found) for found in self._found[at]]
        return _row(*self._found[at])


@dataclass(frozen=True)
class CountedCases:
    """The cells of a year: the rows behind each, none where it is 0."""

    rows: dict[str, CaseRows]

    def at(self, key: str) -> CaseRows | None:
        """The rows of a cell of table three or four; None for every other figure."""
        if not key.startswith(("t3.", "t4.")):
            return None
        return self.rows[key] if key in self.rows else CaseRows()

    def rule(self, key: str) -> str:
        """How a cell is counted, in words."""
        table, line, column = key.split(".")
        words = _THREE.get(line, _RESULT) if table == "t3" else _FOUR.get(column, _DECIDED)
        return f"{words}；{_STANDS}。"


def count(form: Form, year: int, cases: Sequence[Case]) -> CountedCases | None:
    """Count a year; None where no case on record falls into it."""
    if not any(_falls_into(year, case) for case in cases):
        return None
    rows: dict[str, CaseRows] = defaultdict(CaseRows)
    results = frozenset(row.key for row in form.results)
    for case in sorted(cases, key=lambda one: one.id):
        for line, day in _lines(results, year, case):
            kind = case.course.kind
            for column in (kind.value, TOTAL):
                rows[f"t3.{line}.{column}"].add(case, kind.label, day)
        for dispute in case.course.disputes if case.course.received else ():
            for column, day in _columns(year, dispute):
                rows[f"t4.{dispute.kind.value}.{column}"].add(case, dispute.kind.label, day)
    return CountedCases(dict(rows))


def fees(year: int, cases: Sequence[Case]) -> list[tuple[Row, Decimal]] | None:
    """The applications whose fee was paid in the year, each with its amount; None where no case falls into the year."""
    if not any(_falls_into(year, case) for case in cases):
        return None
    found = []
    for case in sorted(cases, key=lambda one: one.id):
        asked, paid = case.course.last(Step.FEE_ASKED), case.course.last(Step.FEE_PAID)
        if asked and paid and paid.day.year == year and asked.amount is not None:
            found.append((_row(case.id, case.course.kind.label, paid.day), asked.amount))
    return found


def _falls_into(year: int, case: Case) -> bool:
    course = case.course
    if course.received is None:
        return False
    answered = course.answered
    running = course.received.day.year <= year and (answered is None or answered.day.year >= year)
    return running or any(True for dispute in course.disputes for _ in _columns(year, dispute))


def _lines(results: frozenset[str], year: int, case: Case) -> Iterator[tuple[str, date]]:
    """The rows of table three a case counts in, with the day that puts it there."""
    course = case.course
    if course.received is None or course.state is CaseState.VOID:
        return
    came, answered = course.received.day, course.answered
    if came.year == year:
        yield NEW, came
    if came.year < year and (answered is None or answered.day.year >= year):
        yield CARRIED_IN, came
    if answered and answered.day.year == year:
        yield answered.choice if answered.choice in results else OTHER, answered.day
        yield TOTAL, answered.day
    if came.year <= year and (answered is None or answered.day.year > year):
        yield CARRIED_OUT, came


def _columns(year: int, dispute: Dispute) -> Iterator[tuple[str, date]]:
    opened, closed = dispute.opened.day, dispute.closed.day if dispute.closed else None
    if opened.year <= year and (closed is None or closed.year >= year):
        yield TOTAL, opened
    if closed and closed.year == year and dispute.result:
        yield dispute.result.value, closed
    if opened.year <= year and (closed is None or closed.year > year):
        yield PENDING, opened


def _row(number: int, what: str, day: date) -> Row:
    """It names the case by its number and no person: the row may be published with the report."""
    title = f"信息公开申请第{number}号（{what}）"
    return Row(table="application", id=number, day=day.isoformat(), title=title, quantity=1, who="", source="申请登记")
