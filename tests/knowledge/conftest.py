"""The shipped knowledge base, and folders and lines to test with."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

import knowledge
from knowledge.base import Base, read_base

DATA = Path(knowledge.__file__).parent / "data"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def shipped() -> Base:
    """The starter base that comes with the program."""
    return read_base(DATA)


def policy(**changes: Any) -> dict[str, Any]:
    """A good row of `policies.yaml`; a change to None leaves the field out."""
    row = {
        "key": "p1",
        "title": "住房公积金管理条例",
        "level": "A",
        "articles": [{"article": "第三条", "text": "属于职工个人所有。"}],
        **changes,
    }
    return {name: value for name, value in row.items() if value is not None}


def entry(**changes: Any) -> dict[str, Any]:
    """A good row of `entries/*.yaml`; a change to None leaves the field out."""
    row = {
        "key": "a.one",
        "standard": "公积金归谁？",
        "short": "公积金归谁",
        "topic": "缴存",
        "region": "全国",
        "status": "approved",
        "level": "A",
        "similar": [f"公积金是谁的{number}" for number in range(1, 7)],
        "answer": "归职工个人。",
        "basis": [{"policy": "p1", "article": "第三条", "quote": "属于职工个人所有"}],
        **changes,
    }
    return {name: value for name, value in row.items() if value is not None}


Rows = list[dict[str, Any]]
Lay = Callable[..., Path]


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Lays out a folder with one good policy and one good entry, or the rows or raw text given."""

    def write(entries: Rows | str | bytes | None = None, policies: Rows | str | None = None) -> Path:
        folder = tmp_path / "base"
        (folder / "entries").mkdir(parents=True, exist_ok=True)
        given = {folder / "policies.yaml": policies or [policy()], folder / "entries" / "a.yaml": entries or [entry()]}
        for file, content in given.items():
            if isinstance(content, list):
                content = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return write
