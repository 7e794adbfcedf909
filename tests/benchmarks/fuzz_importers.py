"""What is fuzzed of the importers: knowledge base, backup files, labelled questions, reports in a file."""

import hashlib
import json
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from admin.keep_archive import (
    DIGEST_LENGTH,
    MANIFEST,
    LedgerEnd,
    Manifest,
    TablePart,
    pack,
    packing,
    table_member,
    unpacking,
)
from admin.keep_rows import Kind, parse_rows
from admin.labelled import FundRow, TrainRow, rows_of
from admin.report.build import tables_as_json
from admin.report.form import cells, form_for
from admin.report.reading.judge import check_file
from admin.report.values import NOT_RECORDED
from knowledge.base import read_base
from knowledge.errors import BadInputError
from knowledge.format import ENTRIES_NAME, POLICIES_NAME, VOCABULARY_NAME
from knowledge.text import Lexicon
from tests.benchmarks.fuzz_targets import VALUES, Target, of_fields

BASE = Path(__file__).parents[1] / "small_base"
_POLICY = b"\n\n".join((BASE / POLICIES_NAME).read_bytes().split(b"\n\n")[:2])
_POLICIES = next(each for each in (BASE / POLICIES_NAME).read_bytes().split(b"\n\n") if b"yinfa-2016-43" in each)
_OTHERS = re.compile(rb"    - policy: tiaoli.*\n      article: .*\n")
_ENTRY = _OTHERS.sub(b"", (BASE / ENTRIES_NAME / "rate.yaml").read_bytes())  # its basis is that one policy
_WORDS = "租房: 租房子、赁房 | 租个房 | 祖房\n# 说明\n公积金: 住房公积金!\n".encode()
_YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.dates() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["key", "standard", "title", "level", "similar", "basis", "x"]), inner, max_size=6
        )
    ),
    max_leaves=12,
).map(lambda found: yaml.safe_dump(found, allow_unicode=True).encode())

COLUMNS = tuple((kind.value, kind) for kind in Kind)
_LINE = json.dumps([True, 1.5, "2.50", 7, "2026-11-23T04:00:00+00:00", "2026-11-23", '{"a": 1}', "YWI=", "字"]).encode()
_MEMBER = _LINE + b"\n"


def importers(folder: Path) -> tuple[Target, ...]:
    """The targets; files are written into the folder."""
    labelled = {"id": "1", "text": "怎么提取", "as_of": "2026-11-23", "kind": "answerable", "facts": [140]}
    trained = {"qid": "1", "text": "怎么提取", "gold": ["k"], "mix": True}
    return (
        Target("knowledge entries", _base(folder / "e", f"{ENTRIES_NAME}/a.yaml"), (BadInputError,), 8, (_ENTRY,), _YAML),
        Target("knowledge policies", _base(folder / "p", POLICIES_NAME), (BadInputError,), 6, (_POLICY,), _YAML),
        Target("knowledge words", _base(folder / "w", VOCABULARY_NAME), (BadInputError,), 2, (_WORDS,)),
        Target("backup file", _backup(folder / "b.zip"), (BadInputError, ValueError), 4, (_zip(),)),
        Target("backup manifest", _forged(folder / "m.zip"), (BadInputError, ValueError), 2, (_manifest(_MEMBER).encode(),)),
        Target("backup rows", _rows, (ValueError,), 4, (_LINE, _LINE + b"\n" + _LINE), VALUES.map(_line)),
        Target(
            "labelled questions", _labelled, (BadInputError,), 2,
            tuple(json.dumps(one).encode() for one in (labelled, trained)), of_fields((*labelled, *trained)),
        ),
        Target(
            "report file", _report(folder / "r.json"), (BadInputError,), 2,
            (_report_of(2023),), of_fields(("year", "tables", "sections")),
        ),
    )  # fmt: skip


def _report_of(year: int) -> bytes:
    """A report with nothing on record, as a file."""
    form = form_for(year)
    sections = [{"title": one.title, "parts": [{"title": "", "paragraphs": ["如上。"]}]} for one in form.sections]
    tables = tables_as_json(form, dict.fromkeys(cells(form), NOT_RECORDED))
    return json.dumps({"year": year, "tables": tables, "sections": sections}).encode()


def _line(value: Any) -> bytes:
    return json.dumps([value] * len(COLUMNS)).encode()


def _base(folder: Path, name: str) -> Callable[[bytes], None]:
    """A base whose other files are sound."""
    (folder / ENTRIES_NAME).mkdir(parents=True)
    (folder / POLICIES_NAME).write_bytes(_POLICIES)
    file = folder / name

    def run(data: bytes) -> None:
        file.write_bytes(data)
        Lexicon.parse(read_base(folder).vocabulary)

    return run


def _labelled(data: bytes) -> None:
    with suppress(BadInputError):
        rows_of(Path("questions.jsonl"), data, TrainRow)
    rows_of(Path("questions.jsonl"), data, FundRow)


def _report(file: Path) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        file.write_bytes(data)
        check_file(file)

    return run


def _rows(data: bytes) -> None:
    parse_rows(data.split(b"\n"), COLUMNS)


def _manifest(member: bytes) -> str:
    part = TablePart(
        name=table_member("staff"), size=len(member), sha256=hashlib.sha256(member).hexdigest(), table="staff", rows=1,
        columns=COLUMNS,
    )  # fmt: skip
    return Manifest(
        format="zhengwen-backup", format_version=1, program="0.1.0", migration="0001", made_at="2026-11-23",
        database="sqlite", ledger=LedgerEnd(lines=0, last_hash=""), tables=(part,), files=(),
    ).model_dump_json()  # fmt: skip


def _zip(manifest: bytes | None = None) -> bytes:
    """A small sound backup, or one with a manifest of somebody's own."""
    with tempfile.TemporaryFile() as file:
        with packing(file) as packed:
            pack(packed, table_member("staff"), _MEMBER)
            pack(packed, MANIFEST, _manifest(_MEMBER).encode() if manifest is None else manifest)
        file.seek(0)
        return file.read()


def _backup(path: Path) -> Callable[[bytes], None]:
    """Forged with care: the seal is put right again after each change, or no case would come past it."""

    def run(data: bytes) -> None:
        body = data[:-DIGEST_LENGTH]
        path.write_bytes(body + hashlib.sha256(body).hexdigest().encode())
        _read(path)

    return run


def _forged(path: Path) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        path.write_bytes(_zip(data))
        _read(path)

    return run


def _read(path: Path) -> None:
    with unpacking(path) as archive:
        for part in archive.manifest.files:
            archive.file(part)
        for part in archive.manifest.tables:
            for lines in archive.batches(part):
                parse_rows(lines, part.columns)
