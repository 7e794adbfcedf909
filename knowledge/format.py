"""The file format of the knowledge base (docs/knowledge-format.md): reading with line-precise faults, and writing back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from knowledge.errors import in_chinese
from knowledge.format_values import Day, Key, Line, Prose, true_or_false
from knowledge.vocabulary import TOPICS, EntryStatus, Level, OwnDocument

SHORT_MAX = 16
SIMILAR_MIN = 6
DEPTH_MAX = 4  # deeper than any field; ends what refers to itself
POLICIES_NAME = "policies.yaml"
ENTRIES_NAME = "entries"
VOCABULARY_NAME = "vocabulary.txt"
Row = TypeVar("Row", bound=BaseModel)


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


def _own(value: str) -> str:
    if value not in ("", *OwnDocument):
        raise ValueError("要写 regulation（规章）或者 normative（行政规范性文件）；不是本单位制发的，不写这一行")
    return value


class ArticleText(_Strict):
    """The text of one article of a policy."""

    article: Line
    checked: Annotated[bool, BeforeValidator(true_or_false)] = False
    text: Prose


class PolicyText(_Strict):
    """A policy as it stands in `policies.yaml`."""

    key: Key
    title: Line
    number: str = ""
    issuer: str = ""
    issued: Day | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None
    replaces: str = ""
    level: Level
    own: Annotated[str, AfterValidator(_own)] = ""
    source: str = ""
    note: str = ""
    articles: tuple[ArticleText, ...] = ()

    _dates = model_validator(mode="after")(_in_order)

    @model_validator(mode="after")
    def _own_ones_are_dated(self) -> "PolicyText":
        if self.own and self.issued is None:
            raise ValueError("写了 own（本单位制发），就要写发文日期 issued，年度报告表二按它计数")
        return self

    @model_validator(mode="after")
    def _one_text_an_article(self) -> "PolicyText":
        names = [article.article for article in self.articles]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise ValueError(f"条文重复：{'、'.join(sorted(doubled))}")
        return self


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
    valid_from: Day | None = None
    valid_until: Day | None = None
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


Way = tuple[str | int, ...]


@dataclass
class _Reader:
    """Notes the faults of one file, and how many values it may still hold: without references none has more than signs."""

    name: str
    faults: list[str]
    left: int

    def complain(self, line: int, fault: str) -> None:
        self.faults.append(f"{self.name} 第 {line} 行：{fault}")

    def count(self) -> None:
        """One more value; OverflowError where references to references make more of a file than could stand in it."""
        self.left -= 1
        if self.left < 0:
            raise OverflowError


@dataclass(frozen=True)
class Found:
    """One row of a file: its values, and the line each of them stands on, by its way down from the row."""

    file: str
    line: int
    values: dict[str, Any]
    lines: dict[Way, int]


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


def read_text(file: Path, name: str, faults: list[str]) -> str | None:
    """The text of a file; None with a fault noted where it cannot be read."""
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        faults.append(f"{name} 第 {line} 行：不是 UTF-8 编码，请用 UTF-8 另存")
    except OSError as error:
        faults.append(f"{name}：打不开（{error.strerror}）")
    return None


def _rows_of(file: Path, name: str, faults: list[str]) -> Iterator[Found]:
    text = read_text(file, name, faults)
    try:
        root = yaml.compose(text or "", Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.append(f"{name} 第 {mark.line + 1 if mark else 1} 行：不合 YAML 写法（{error.problem}）")
        return
    except yaml.reader.ReaderError as error:
        line = (text or "").count("\n", 0, error.position) + 1
        faults.append(f"{name} 第 {line} 行：有看不见的控制字符，请删除")
        return
    if root is None:
        return
    if not isinstance(root, yaml.SequenceNode):
        faults.append(f"{name} 第 1 行：最外层要是一个列表（每项以 - 开头）")
        return
    reader = _Reader(name, faults, 2 * len(text or ""))
    for node in root.value:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            lines: dict[Way, int] = {}
            try:
                values = _plain(node, (), lines, reader)
            except OverflowError:
                reader.complain(line, "引用（& 和 *）太多，请直接写出内容")
                return
            yield Found(name, line, values, lines)
        else:
            faults.append(f"{name} 第 {line} 行：这一项要由“字段: 值”组成")


def _plain(node: yaml.Node, way: Way, lines: dict[Way, int], reader: _Reader) -> Any:
    """Every scalar as the string that stands there: no YAML guesses about dates, numbers or `no`."""
    reader.count()
    lines.setdefault(way, node.start_mark.line + 1)
    if len(way) > DEPTH_MAX:
        reader.complain(lines[way], "嵌套太深")
    elif isinstance(node, yaml.MappingNode):
        return dict(_fields(node, way, lines, reader))
    elif isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*way, place), lines, reader) for place, item in enumerate(node.value)]
    return node.value


def _fields(node: yaml.MappingNode, way: Way, lines: dict[Way, int], reader: _Reader) -> Iterator[tuple[str, Any]]:
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            reader.complain(line, "字段名只能是一个词")
            continue
        if (*way, key.value) in lines:
            reader.complain(line, f"字段 {key.value} 写了两次")
        lines[(*way, key.value)] = line
        if value.value != "" or value.style:  # a field with nothing behind it is one that was left out
            yield key.value, _plain(value, (*way, key.value), lines, reader)


def _explain(found: Found, fault: Any) -> str:
    way: Way = tuple(fault["loc"])
    known = next(way[:length] for length in range(len(way), -1, -1) if way[:length] in found.lines)
    reason = "没有这个字段，请检查拼写" if fault["type"] == "extra_forbidden" else in_chinese(fault)
    label = ".".join(map(str, way)) or found.values.get("key", "")
    return f"{found.file} 第 {found.lines[known]} 行，{label}：{reason}"
