"""A record as it is shown behind a figure."""

from datetime import date
from typing import TypedDict

from admin.report.values import Value, as_json


class Row(TypedDict):
    """One record behind a figure."""

    table: str
    id: int
    day: str
    title: str
    quantity: int | float | str
    who: str
    source: str


def plain(text: str) -> str:
    """Text without control characters, which no file format of the report can carry."""
    if text.isprintable():
        return text
    return "".join(sign for sign in text if sign in "\n\t" or sign.isprintable() or sign == "\u3000")


def row_of(table: str, key: int, day: date, title: str, quantity: Value, who: str, source: str) -> Row:
    """A record as it is shown behind a figure."""
    return Row(
        table=table,
        id=key,
        day=day.isoformat(),
        title=plain(title),
        quantity=as_json(quantity),
        who=plain(who),
        source=plain(source),
    )
