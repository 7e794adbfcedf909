"""The file format of the knowledge base (docs/knowledge-format.md): reading with line-precise faults, and writing back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from knowledge.vocabulary import TOPICS, EntryStatus, Level

KEY = r"^[a-z0-9]+([.\-][a-z0-9]+)*$"
SHORT_MAX = 16
SIMILAR_MIN = 6
POLICIES_NAME = "policies.yaml"
ENTRIES_NAME = "entries"
VOCABULARY_NAME = "vocabulary.txt"
Row = TypeVar("Row", bound=BaseModel)


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _true_or_false(value: object) -> object:
    return {"true": True, "false": False}.get(str(value).lower(), value)


Line = Annotated[str, BeforeValidator(_stripped), Field(min_length=1, pattern=r"^[^\n\r\t]+$")]
Prose = Annotated[str, BeforeValidator(_stripped), Field(min_length=1)]
Key = Annotated[str, Field(pattern=KEY)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _HasDates(Protocol):
    valid_from: date | None
    valid_until: date | None


Dated = TypeVar("Dated", bound=_HasDates)


def _in_order(row: Dated) -> Dated:
    if row.valid_from and row.valid_until and row.valid_until < row.valid_from:
        raise ValueError("valid_until 早于 valid_from")
    return row


class ArticleText(_Strict):
    """The text of one article of a policy."""

    article: Line
    checked: Annotated[bool, BeforeValidator(_true_or_false)] = False
    text: Prose


class PolicyText(_Strict):
    """A policy as it stands in `policies.yaml`."""

    key: Key
    title: Line
    number: str = ""
    issuer: str = ""
    issued: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    replaces: str = ""
    level: Level
    source: str = ""
    note: str = ""
    articles: tuple[ArticleText, ...] = ()

    _dates = model_validator(mode="after")(_in_order)


class BasisText(_Strict):
    """One line of legal basis."""

    policy: Key
    article: str = ""
    quote: str = ""


class EntryText(_Strict):
    """An entry as it stands in `entries/*.yaml`."""

    key: Key
    standard: Line
    short: Annotated[Line, Field(max_length=SHORT_MAX)]
    topic: Line
    region: Line
    status: EntryStatus
    level: Level
    facts: tuple[int, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    superseded_by: str = ""
    similar: Annotated[tuple[Line, ...], Field(min_length=SIMILAR_MIN)]
    counter: tuple[Line, ...] = ()
    answer: Prose
    basis: Annotated[tuple[BasisText, ...], Field(min_length=1)]
    note: str = ""

    _dates = model_validator(mode="after")(_in_order)

    @model_validator(mode="after")
    def _known_topic(self) -> "EntryText":
        if self.topic not in TOPICS:
            raise ValueError(f"topic 只能是：{'、'.join(TOPICS)}")
        asked = [self.standard, *self.similar]
        doubled = {text for text in asked if asked.count(text) > 1} | (set(asked) & set(self.counter))
        if doubled:
            raise ValueError(f"问法重复，或同时是相似问和反例：{'；'.join(sorted(doubled))}")
        return self


@dataclass(frozen=True)
class Found:
    """One row of a file: its values, and the line each field stands on."""

    file: str
    line: int
    values: dict[str, Any]
    lines: dict[str, int]


@dataclass(frozen=True)
class Rows:
    """All rows of a folder with the places they were found at."""

    policies: list[tuple[Found, PolicyText]]
    entries: list[tuple[Found, EntryText]]


def read_rows(folder: Path, faults: list[str]) -> Rows:
    """Read a folder row by row; every fault is added to `faults` with its file and line."""
    policies = _read_rows(folder, [folder / POLICIES_NAME], PolicyText, faults)
    entries = _read_rows(folder, sorted((folder / ENTRIES_NAME).glob("*.yaml")), EntryText, faults)
    return Rows(policies, entries)


def _read_rows(folder: Path, files: list[Path], model: type[Row], faults: list[str]) -> list[tuple[Found, Row]]:
    rows = []
    for file in files:
        for found in _rows_of(file, str(file.relative_to(folder)), faults):
            try:
                rows.append((found, model.model_validate(found.values)))
            except ValidationError as error:
                faults += [_explain(found, fault) for fault in error.errors()]
    return rows


def _rows_of(file: Path, name: str, faults: list[str]) -> Iterator[Found]:
    try:
        root = yaml.compose(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"第 {mark.line + 1} 行" if mark else ""
        faults.append(f"{name} {place}：读不懂（{getattr(error, 'problem', None) or error}）")
        return
    if root is None:
        return
    if not isinstance(root, yaml.SequenceNode):
        faults.append(f"{name} 第 1 行：最外层要是一个列表（每项以 - 开头）")
        return
    for node in root.value:
        if isinstance(node, yaml.MappingNode):
            yield _found(name, node, faults)
        else:
            faults.append(f"{name} 第 {node.start_mark.line + 1} 行：这一项要由“字段: 值”组成")


def _found(name: str, node: yaml.MappingNode, faults: list[str]) -> Found:
    lines: dict[str, int] = {}
    for key, value in node.value:
        if key.value in lines:
            faults.append(f"{name} 第 {key.start_mark.line + 1} 行：字段 {key.value} 写了两次")
        lines[key.value] = value.start_mark.line + 1
    return Found(name, node.start_mark.line + 1, _plain(node), lines)


def _plain(node: yaml.Node) -> Any:
    """Every scalar as the string that stands there: no YAML guesses about dates, numbers or `no`."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value if value.value != "" or value.style}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return node.value


def _explain(found: Found, fault: Any) -> str:
    place = [str(part) for part in fault["loc"]]
    line = found.lines.get(place[0], found.line) if place else found.line
    if len(place) > 1 and place[1].isdigit() and fault["type"] != "extra_forbidden":
        line += int(place[1])
    reason = "没有这个字段" if fault["type"] == "extra_forbidden" else fault["msg"].removeprefix("Value error, ")
    label = ".".join(place) or found.values.get("key", "")
    return f"{found.file} 第 {line} 行，{label}：{reason}"
