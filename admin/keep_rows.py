"""Rows of any table as JSON lines and back with their types kept, the same from SQLite and from PostgreSQL.

The tables are read from the database itself, not from this version's code: a database of an older version is kept too.
"""

import base64
import json
import math
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, MetaData, Table
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from knowledge.errors import StorageError

BATCH = 1000
VERSION_TABLE = "alembic_version"
WIDEST = 2**63


class Kind(StrEnum):
    """How a column's values are written into a line."""

    BOOLEAN = "boolean"
    REAL = "real"
    NUMBER = "number"
    INTEGER = "integer"
    MOMENT = "moment"
    DAY = "day"
    JSON = "json"
    BYTES = "bytes"
    TEXT = "text"


Columns = tuple[tuple[str, Kind], ...]

# The first that fits counts: some of SQLAlchemy's types are special cases of others.
_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (sa.Boolean, Kind.BOOLEAN),
    (sa.Float, Kind.REAL),
    (sa.Numeric, Kind.NUMBER),
    (sa.Integer, Kind.INTEGER),
    (sa.DateTime, Kind.MOMENT),
    (sa.Date, Kind.DAY),
    (sa.JSON, Kind.JSON),
    (sa.LargeBinary, Kind.BYTES),
    (sa.String, Kind.TEXT),
)
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


async def tables_of(connection: AsyncConnection) -> list[Table]:
    """Every table of the database as it is, those others refer to first; without the one that holds the version."""
    return [table for table in (await reflected(connection)).sorted_tables if table.name != VERSION_TABLE]


async def reflected(connection: AsyncConnection) -> MetaData:
    """What the database says about its tables."""

    def reflect(plain: Connection) -> MetaData:
        metadata = MetaData()
        metadata.reflect(plain)
        return metadata

    return await connection.run_sync(reflect)


def columns_of(table: Table) -> Columns:
    """Name and kind of each column."""
    return tuple((column.name, kind_of(column.type, f"{table.name}.{column.name}")) for column in table.columns)


def kind_of(column_type: TypeEngine[Any], where: str) -> Kind:
    """How values of a type are written; a type nobody thought of is refused, not guessed."""
    for known, kind in _KINDS:
        if isinstance(column_type, known):
            return kind
    raise StorageError(f"数据库的 {where} 是备份不认识的类型 {column_type!r}。请向开发者报告，数据没有改动。")


async def count(connection: AsyncConnection, table: Table) -> int:
    """How many rows a table has."""
    return int((await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())


async def read_rows(connection: AsyncConnection, table: Table) -> AsyncIterator[tuple[int, bytes]]:
    """The table's rows in the order of its key, as JSON lines, some at a time with their number."""
    kinds = [kind for _, kind in columns_of(table)]
    special = [(place, _WRITE[kind]) for place, kind in enumerate(kinds) if kind in _WRITE]
    asked = [
        _as_text(connection, column) if kind is Kind.JSON else column
        for column, kind in zip(table.columns, kinds, strict=True)
    ]
    query = sa.select(*asked).order_by(*table.primary_key.columns)
    async with connection.stream(query, execution_options={"yield_per": BATCH}) as result:
        async for rows in result.partitions(BATCH):
            lines = [_encode(_plain(list(row), special)) for row in rows]
            yield len(lines), ("\n".join(lines) + "\n").encode()


def _plain(values: list[Any], special: Sequence[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    for place, write in special:
        if values[place] is not None:
            values[place] = write(values[place])
    return values


def _as_text(connection: AsyncConnection, column: sa.Column[Any]) -> sa.ColumnElement[str]:
    """JSON goes in and out as the text that is stored: exact, and not parsed twice."""
    if connection.dialect.name == "postgresql":
        return sa.cast(column, sa.Text)
    return sa.type_coerce(column, sa.Text)


def insertion(connection: AsyncConnection, table: Table) -> sa.Insert:
    """The statement that takes rows as `parse_rows` gives them."""
    values: dict[str, Any] = {}
    for place, column in enumerate(table.columns):
        is_json = kind_of(column.type, column.name) is Kind.JSON
        value: Any = sa.bindparam(f"v{place}", type_=sa.Text() if is_json else column.type)
        if is_json and connection.dialect.name == "postgresql":
            value = sa.cast(value, column.type)
        values[column.name] = value
    return sa.insert(table).values(values)


def parse_rows(lines: Sequence[bytes], columns: Columns) -> list[dict[str, Any]]:
    """Values for `insertion`; ValueError where a line is not what its columns say."""
    reading = [(f"v{place}", _READ[kind]) for place, (_, kind) in enumerate(columns)]
    rows = []
    for line in lines:
        try:
            values = json.loads(line)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        if not isinstance(values, list) or len(values) != len(reading):
            raise ValueError("not a list with one value to each column")
        rows.append(
            {name: None if value is None else read(value) for (name, read), value in zip(reading, values, strict=True)}
        )
    return rows


def _is_exactly(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(f"not of type {kind.__name__}")
        return value

    return read


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not text")
    value.encode()  # half a surrogate pair cannot be stored; UnicodeEncodeError is a ValueError
    return value


def _integer(value: Any) -> int:
    if type(value) is not int or not -WIDEST <= value < WIDEST:
        raise ValueError("not a whole number a database can hold")
    return value


def _real(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("not a number")
    return float(value)


def _number(value: Any) -> Decimal:
    try:
        number = Decimal(_text(value))
    except ArithmeticError:
        raise ValueError("not a decimal number") from None
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC)


def _json(value: Any) -> str:
    try:
        json.loads(_text(value))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return str(value)


def _utc(moment: datetime) -> str:
    """SQLite gives moments back without their zone, which is UTC."""
    if moment.tzinfo is None:
        return moment.isoformat(timespec="microseconds") + "+00:00"
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


_WRITE: dict[Kind, Callable[[Any], Any]] = {
    Kind.MOMENT: _utc,
    Kind.DAY: date.isoformat,
    Kind.NUMBER: str,
    Kind.BYTES: lambda value: base64.b64encode(value).decode(),
}
_READ: dict[Kind, Callable[[Any], Any]] = {
    Kind.BOOLEAN: _is_exactly(bool),
    Kind.REAL: _real,
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.MOMENT: _moment,
    Kind.DAY: lambda value: date.fromisoformat(_text(value)),
    Kind.JSON: _json,
    Kind.BYTES: lambda value: base64.b64decode(_text(value), validate=True),
    Kind.TEXT: _text,
}
