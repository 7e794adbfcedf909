"""Files of questions, one JSON object a line: read whole and checked, or refused with the file, the line and what is wrong."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from knowledge.errors import BadInputError, in_chinese

SHOWN = 5


def _day(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("要写成 2026-11-23 这样的日期") from None


def _no_more_than_text(value: object) -> object:
    return "" if value is None else value


def _not_blank(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise ValueError("不能空着")
    return value


Text = Annotated[str, BeforeValidator(_not_blank)]
Day = Annotated[date, BeforeValidator(_day)]
MaybeText = Annotated[str, BeforeValidator(_no_more_than_text)]


class Row(BaseModel):
    """One line; what it says beyond the fields named here is left unread."""

    model_config = ConfigDict(frozen=True)


Shape = TypeVar("Shape", bound=Row)


class AskedKind(StrEnum):
    """What ought to become of a labelled question."""

    ANSWERABLE = "answerable"
    NEEDS_STAFF = "needs-staff"
    NEEDS_CLARIFICATION = "needs-clarification"
    OUT_OF_SCOPE = "out-of-scope"


class FundRow(Row):
    """A labelled question to the office; right are the entries that cover one of `facts`, or `entries` by key."""

    id: Text
    text: Text
    as_of: Day
    kind: AskedKind
    facts: tuple[int, ...] = ()
    entries: tuple[Text, ...] = ()


class KnownRow(Row):
    """A line of a foreign base; several may share a `kid`."""

    kid: Text
    question: MaybeText = ""
    answer: MaybeText = ""


class QueryRow(Row):
    """A question to a foreign base, with a story if it has one."""

    qid: Text
    text: Text
    detail: MaybeText = ""


class TrainRow(QueryRow):
    """The same with its answer: `gold` are the right `kid`s, none where it must not be answered."""

    gold: tuple[Text, ...]
    near: MaybeText = ""
    intent: MaybeText = ""
    cat: MaybeText = ""
    mix: bool = True


def read_rows(path: Path, shape: type[Shape], check: Callable[[Shape, str], str] | None = None) -> list[Shape]:
    """The rows of a file, as `rows_of` reads them."""
    return rows_of(path, content_of(path), shape, check)


def content_of(path: Path) -> bytes:
    """What stands in a file; BadInputError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInputError(f"读不了 {path}：{error.strerror or error}。") from error


def rows_of(
    path: Path, content: bytes, shape: type[Shape], check: Callable[[Shape, str], str] | None = None
) -> list[Shape]:
    """Every line of a file's content, blank ones left out; `check` is given each row with the name of its place, and says
    what is wrong with it. BadInputError names the first faults; a file without a line is one."""
    rows: list[Shape] = []
    faults: list[str] = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        place = f"{path.name} 第 {number} 行"
        if not line.strip():
            continue
        found = _row(line, shape)
        fault = (check(found, place) if check else "") if isinstance(found, Row) else found
        if fault:
            faults.append(f"{place}：{fault}")
        elif isinstance(found, Row):
            rows.append(found)
    if faults:
        raise BadInputError(_told(faults))
    if not rows:
        raise BadInputError(f"{path} 里没有内容：每行要有一个 JSON 对象。")
    return rows


def _row(line: bytes, shape: type[Shape]) -> Shape | str:
    try:
        values = json.loads(line.decode())
    except UnicodeDecodeError:
        return "不是 UTF-8 文字"
    except (RecursionError, ValueError):
        return "不是完整的 JSON"
    if not isinstance(values, dict):
        return "要写一个 JSON 对象，即 {…}"
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        return "；".join(f"{_where(fault['loc'])}：{in_chinese(dict(fault))}" for fault in error.errors()[:SHOWN])


def _where(place: Sequence[int | str]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place)


def _told(faults: Sequence[str]) -> str:
    more = f"\n  （另有 {len(faults) - SHOWN} 行有错）" if len(faults) > SHOWN else ""
    return "文件有错，什么都没有做：" + "".join(f"\n  {fault}" for fault in faults[:SHOWN]) + more
