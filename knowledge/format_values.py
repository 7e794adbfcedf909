"""The values a field of the knowledge files may hold, each with its fault in Chinese."""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints

KEY = re.compile(r"[a-z0-9]+([.\-][a-z0-9]+)*")


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _one_line(value: str) -> str:
    if any(mark in value for mark in "\n\r\t"):
        raise ValueError("要写在一行里，不能有制表符")
    return value


def _key(value: str) -> str:
    if not KEY.fullmatch(value):
        raise ValueError("只能用小写字母、数字和中间的 . -，如 loan.limit.2026")
    return value


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value) if len(value) == len("2026-08-12") else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> date:
    raise ValueError("要写成存在的日期，如 2026-08-12")


def true_or_false(value: object) -> object:
    """YAML is read as text, so that nothing is guessed: the two words stand for themselves."""
    return {"true": True, "false": False}.get(str(value).lower(), value)


Prose = Annotated[str, StringConstraints(min_length=1), BeforeValidator(_stripped)]
Line = Annotated[Prose, AfterValidator(_one_line)]
Key = Annotated[str, AfterValidator(_key)]
Day = Annotated[date, BeforeValidator(_day)]
