"""A whole knowledge base in memory: read from a folder and cross-checked, or written to one."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml

from knowledge.errors import BadInputError
from knowledge.format import (
    ENTRIES_NAME,
    POLICIES_NAME,
    VOCABULARY_NAME,
    BasisText,
    EntryText,
    Found,
    PolicyText,
    Rows,
    read_rows,
    read_text,
)
from knowledge.vocabulary import EntryStatus

FAULTS_SHOWN = 20
Row = TypeVar("Row")


@dataclass(frozen=True)
class Base:
    """Policies, entries and the file of words."""

    policies: tuple[PolicyText, ...]
    entries: tuple[EntryText, ...]
    vocabulary: str = ""


def read_base(folder: Path) -> Base:
    """Read and check a folder; BadInputError names every fault of every file at once, with its line."""
    if not (folder / POLICIES_NAME).exists() and not (folder / ENTRIES_NAME).is_dir():
        raise BadInputError(f"{folder} 里没有 {POLICIES_NAME} 也没有 {ENTRIES_NAME}/，不是知识库文件夹。")
    faults: list[str] = []
    rows = read_rows(folder, faults)
    words = folder / VOCABULARY_NAME
    vocabulary = read_text(words, VOCABULARY_NAME, faults) if words.exists() else ""
    if not faults:
        faults = list(_cross_faults(rows))
    if faults:
        more = f"\n……另有 {len(faults) - FAULTS_SHOWN} 处" if len(faults) > FAULTS_SHOWN else ""
        raise BadInputError(
            f"知识库文件有 {len(faults)} 处错误，没有导入：\n" + "\n".join(faults[:FAULTS_SHOWN]) + more
        )
    return Base(tuple(row for _, row in rows.policies), tuple(row for _, row in rows.entries), vocabulary or "")


def write_base(base: Base, folder: Path) -> int:
    """Write a base into an empty or existing folder, in the canonical form; returns the number of files."""
    (folder / ENTRIES_NAME).mkdir(parents=True, exist_ok=True)
    (folder / POLICIES_NAME).write_text(_dump(base.policies), "utf-8")
    by_file: dict[str, list[EntryText]] = defaultdict(list)
    for entry in base.entries:
        by_file[entry.key.partition(".")[0]].append(entry)
    for name, entries in by_file.items():
        (folder / ENTRIES_NAME / f"{name}.yaml").write_text(_dump(tuple(entries)), "utf-8")
    if base.vocabulary:
        (folder / VOCABULARY_NAME).write_text(base.vocabulary, "utf-8")
    return len(by_file) + 1 + bool(base.vocabulary)


class _Dumper(yaml.SafeDumper):
    """Block style throughout, lists indented, long text as `|-`: what a person would write and diff."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their field."""
        super().increase_indent(flow, False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _represent_numbers(dumper: yaml.SafeDumper, numbers: tuple[Any, ...]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", numbers, flow_style=True)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(tuple, _represent_numbers)


def _dump(rows: tuple[PolicyText, ...] | tuple[EntryText, ...]) -> str:
    """One row after the other with an empty line between, as people read and compare them."""
    texts = (
        yaml.dump([_plain(row.model_dump())], Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)
        for row in rows
    )
    return "\n".join(texts)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Fields that say nothing are left out; lists of numbers stay tuples and are written on one line."""
    kept = {name: value for name, value in values.items() if value not in (None, "", ())}
    return {name: _plain_value(value) for name, value in kept.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, tuple) and not isinstance(value[0], int):
        return [_plain(item) if isinstance(item, dict) else item for item in value]
    return value if isinstance(value, (tuple, bool, date)) else str(value)


def _cross_faults(rows: Rows) -> Iterator[str]:
    yield from _doubles(rows.policies, lambda row: row.key)
    yield from _doubles(rows.entries, lambda row: row.key)
    policies = {row.key: row for _, row in rows.policies}
    entry_keys = {row.key for _, row in rows.entries}
    for found, policy in rows.policies:
        if policy.replaces and policy.replaces not in policies:
            yield f"{_place(found, 'replaces')}：replaces 指向的政策 {policy.replaces} 不存在"
    for found, entry in rows.entries:
        if entry.superseded_by and entry.superseded_by not in entry_keys:
            yield f"{_place(found, 'superseded_by')}：superseded_by 指向的条目 {entry.superseded_by} 不存在"
        for position, basis in enumerate(entry.basis):
            fault = basis_fault(basis, policies)
            if fault:
                yield f"{_place(found, 'basis', position)}：{fault}"
    yield from _same_questions(rows.entries)


def _place(found: Found, *way: str | int) -> str:
    return f"{found.file} 第 {found.lines.get(way, found.line)} 行"


def basis_fault(basis: BasisText, policies: dict[str, PolicyText]) -> str | None:
    """A quote must stand in the article it is said to be from: 第二十四条第一款 is part of the stored 第二十四条."""
    policy = policies.get(basis.policy)
    if policy is None:
        return f"依据的政策 {basis.policy} 不存在"
    texts = [row.text for row in policy.articles if not basis.article or basis.article.startswith(row.article)]
    if any(basis.quote in text for text in texts) or not basis.quote:
        return None
    return f"引文在 {basis.policy} {basis.article}的存文里找不到：{basis.quote[:30]}"


def _doubles(rows: list[tuple[Found, Row]], name: Callable[[Row], str]) -> Iterator[str]:
    seen: dict[str, Found] = {}
    for found, row in rows:
        first = seen.setdefault(name(row), found)
        if first is not found:
            yield f"{_place(found)}：key 重复（{name(row)}），前一处在 {_place(first)}"


def _same_questions(entries: list[tuple[Found, EntryText]]) -> Iterator[str]:
    """Two approved entries in force at the same time must not claim the same question."""
    claims: dict[str, list[tuple[Found, EntryText]]] = defaultdict(list)
    for found, entry in entries:
        if entry.status is EntryStatus.APPROVED:
            asked = [(("standard",), entry.standard), *((("similar", n), text) for n, text in enumerate(entry.similar))]
            for way, text in asked:
                for other_found, other in claims[text]:
                    if overlap(entry, other):
                        yield f"{_place(found, *way)}：问法“{text}”与 {_place(other_found)} 的条目同时有效"
                claims[text].append((found, entry))


def overlap(one: EntryText, two: EntryText) -> bool:
    """Whether there is a day on which both may be in force by their own dates."""
    start = max(one.valid_from or date.min, two.valid_from or date.min)
    return start <= min(one.valid_until or date.max, two.valid_until or date.max)
