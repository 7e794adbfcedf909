"""A line as somebody writes it, field by field: the one check for the form, the file and the interface."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TypeVar
from urllib.parse import urlsplit

from knowledge import clock
from knowledge.disclosing.words import FIELDS, LONGEST, day_of, kind_of, plain, quantity_of
from knowledge.ledger import Line
from knowledge.masking import mask

Read = TypeVar("Read")
BASIS = "依据："
REQUIRED = ("title",)
SPOKEN = ("title", "source", "basis")  # what people write in their own words


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field, in words that say what to do."""

    field: str
    say: str


@dataclass(frozen=True)
class Hand:
    """Who records, when, and which day that is in the office."""

    by: str
    at: datetime

    @property
    def today(self) -> date:
        """The office's day."""
        return clock.office_day(self.at)


def line_of(written: Mapping[str, str], hand: Hand, least: int = 1) -> tuple[Line | None, list[Fault]]:
    """The line that was written, or everything that is wrong with it. `least` is the smallest quantity allowed."""
    faults: list[Fault] = []
    texts = {field: _text(written.get(field, ""), field, faults) for field in FIELDS}
    kind = _read(kind_of, texts["kind"], "kind", faults)
    day = _read(lambda text: day_of(text, hand.today), texts["day"], "day", faults)
    quantity = _read(lambda text: quantity_of(text, least), texts["quantity"], "quantity", faults)
    _read(_sound_address, texts["address"], "address", faults)
    if faults or kind is None or day is None or quantity is None:
        return None, faults
    return Line(
        at=moment_of(day),
        kind=kind,
        title=texts["title"],
        by=hand.by,
        channel=texts["channel"],
        address=texts["address"],
        quantity=quantity,
        source=source_of(texts["source"], texts["basis"]),
    ), []


def moment_of(day: date) -> datetime:
    """Noon of a day in the office's zone: where a line stands of which only the day is known."""
    return datetime.combine(day, time(12), clock.OFFICE_ZONE).astimezone(UTC)


def source_of(source: str, basis: str) -> str:
    """What a line rests on, as it is kept: where it comes from, and on what grounds it is recorded."""
    return "；".join(part for part in (source, BASIS + basis if basis else "") if part)


def parts_of(source: str) -> tuple[str, str]:
    """The other way round."""
    before, found, basis = source.partition(BASIS)
    return (before.removesuffix("；"), basis) if found else (source, "")


def _text(value: str, field: str, faults: list[Fault]) -> str:
    try:
        text = plain(value)
    except ValueError as error:
        faults.append(Fault(field, str(error)))
        return ""
    if len(text) > LONGEST.get(field, 100):
        faults.append(Fault(field, f"太长：最多 {LONGEST.get(field, 100)} 个字，现在有 {len(text)} 个"))
    elif field in SPOKEN and _personal(text):
        faults.append(Fault(field, "里有手机号、证件号等个人信息；台账的行不能删除，请去掉后再登记"))
    elif field in REQUIRED and not text:
        faults.append(Fault(field, f"没有填{FIELDS[field]}"))
    return text


def _personal(text: str) -> bool:
    plain_digits = unicodedata.normalize("NFKC", text)  # which masking does by itself, and is no find
    return mask(plain_digits, office=True) != plain_digits


def _read(reader: Callable[[str], Read], text: str, field: str, faults: list[Fault]) -> Read | None:
    if any(fault.field == field for fault in faults):
        return None
    try:
        return reader(text)
    except ValueError as error:
        faults.append(Fault(field, str(error)))
        return None


def _sound_address(text: str) -> None:
    """An address of the web, complete; nothing at all is allowed, since not everything made public has one."""
    if text and not text.startswith(("http://", "https://")):
        raise ValueError("链接要以 http:// 或 https:// 开头；没有链接就不填")
    if text and (" " in text or not urlsplit(text).hostname):
        raise ValueError("链接不完整或中间有空格，请从浏览器的地址栏复制")
