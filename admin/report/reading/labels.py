"""Which row or column of the form a printed label is, also where it is misspelt, numbered otherwise or run together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz

from admin.report.form import Block, Column, Row, form_for
from admin.report.reading.words import key

NEW_FORM, OLD_FORM = 2021, 2019
NEAR = 80.0  # of 100: 三类内容事务信息 for 三类内部事务信息 has 87
NUMBERED = re.compile(r"(?:（[一二三四五六七八九十]+）|\d+\.|[一二三四]、)")
SHORT = 4  # below this only the very label counts


@dataclass(frozen=True)
class KnownRow:
    """A row of table three in either form, and the ways its last heading may be printed."""

    key: str
    ways: tuple[str, ...]
    old: bool = False
    new: bool = False


@cache
def rows_of_table_3() -> tuple[KnownRow, ...]:
    """The rows of both forms in the order they are printed in; （六） of the older form before its rows in the newer."""
    new, old = form_for(NEW_FORM).table3.rows, form_for(OLD_FORM).table3.rows
    only_old = [row for row in old if row.key not in {each.key for each in new}]
    found: list[KnownRow] = []
    for row in new:
        found += [_known(each, old=True) for each in only_old if each.path == row.path[:-1]]
        only_old = [each for each in only_old if each.path != row.path[:-1]]
        found.append(_known(row, new=row.key not in {each.key for each in old}))
    return tuple(found)


def row_of_table_3(label: str, after: int) -> int | None:
    """The place of the row with this label, among those that come after a place."""
    wanted = key(label)
    if not wanted:
        return None
    rows = rows_of_table_3()
    later = range(after + 1, len(rows))
    exact = next((at for at in later if wanted in rows[at].ways), None)
    if exact is not None or len(wanted) < SHORT:
        return exact
    scores = [(max(_likeness(wanted, way) for way in rows[at].ways), -at) for at in later]
    best, place = max(scores, default=(0.0, 0))
    return -place if best >= NEAR else None


def is_row_of_table_3(label: str) -> bool:
    """Whether this is the very label of a row."""
    return any(key(label) in row.ways for row in rows_of_table_3())


def row_of_table_2(label: str) -> str:
    """The key of the row, empty where there is none."""
    return _rows_of_table_2().get(key(label), "")


def columns_of_table_2(row_keys: Sequence[str], printed: Sequence[str]) -> list[Column | None]:
    """The columns these headings name, in the form whose block has most of them."""
    blocks = [block for block in _blocks() if any(row.key in row_keys for row in block.rows)]
    named = [[_column(block, heading) for heading in printed] for block in blocks]
    return max(named, key=lambda columns: sum(column is not None for column in columns), default=[None] * len(printed))


@cache
def _blocks() -> tuple[Block, ...]:
    return (*form_for(NEW_FORM).blocks, *form_for(OLD_FORM).blocks)


@cache
def _rows_of_table_2() -> dict[str, str]:
    return {key(row.label): row.key for block in _blocks() for row in block.rows}


def _column(block: Block, heading: str) -> Column | None:
    wanted = key(heading)
    return next((column for column in block.columns if _likeness(wanted, key(column.label)) >= NEAR), None)


def _known(row: Row, *, old: bool = False, new: bool = False) -> KnownRow:
    whole, bare = key(row.path[-1]), key(NUMBERED.sub("", row.path[-1], count=1))
    return KnownRow(row.key, (whole, bare, key("".join(row.path[-2:]))), old, new)


def _likeness(left: str, right: str) -> float:
    if len(right) >= SHORT and left.endswith(right):
        return 100.0
    return float(fuzz.ratio(left, right)) if len(right) >= SHORT else 0.0
