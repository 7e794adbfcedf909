"""What a figure can be: a number, 未统计 or 不适用; three values that never turn into one another."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeGuard

from knowledge.vocabulary import ValueState

Number = int | Decimal
Value = Number | ValueState

NOT_RECORDED = ValueState.NOT_RECORDED
NOT_APPLICABLE = ValueState.NOT_APPLICABLE
WAN = 10_000


def is_number(value: object) -> TypeGuard[Number]:
    """Whether a value can be reckoned with (True and False are no numbers here)."""
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def number(value: Decimal) -> Number:
    """A whole number as int, so that 3.0000 from the database reads 3."""
    return int(value) if value == value.to_integral_value() else value.normalize()


def total(values: Iterable[Value]) -> Value:
    """The sum when every part is a number; 不适用 when every part is; otherwise 未统计."""
    parts = list(values)
    numbers = [part for part in parts if is_number(part)]
    if len(numbers) == len(parts):
        return sum(numbers)
    return NOT_APPLICABLE if all(part is NOT_APPLICABLE for part in parts) else NOT_RECORDED


def shown(value: object) -> str:
    """As people read it: 0, 59237.2449, 未统计, 不适用."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.label if isinstance(value, ValueState) else str(value)


def in_wan(value: object) -> str:
    """245000 as 24.5万; a number that would have to be rounded for it is written out."""
    if is_number(value) and value >= WAN and value % (WAN // 10) == 0:
        return f"{shown(Decimal(value) / WAN)}万"
    return shown(value)


def as_json(value: object) -> int | float | str:
    """A JSON number, or the word for a value that is none."""
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, int) else shown(value)
