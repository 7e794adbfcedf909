"""Measuring: predictions in the given formats, learned from the training questions only."""

import json
from pathlib import Path
from typing import Any

import pytest

from admin.evaluate import evaluate_base, evaluate_fund, evaluate_kb
from bot.answer.engine import Engine
from knowledge.entries import Snapshot
from tests.bot.answer.conftest import DAY, ENTRIES

KB = [
    ("bike", "自行车怎么租"),
    ("bike", "租自行车去哪"),
    ("boat", "划船多少钱"),
    ("boat", "划船票价是多少"),
    ("bus", "班车几点发车"),
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("labelled", [False, True])
def test_a_foreign_base_is_measured(tmp_path: Path, labelled: bool) -> None:
    kb = write(tmp_path / "kb.jsonl", [{"kid": kid, "question": text} for kid, text in KB])
    queries: list[dict[str, Any]] = [
        {"qid": "1", "text": "自行车怎么租？", "gold": ["bike"], "kind": "in"},
        {"qid": "2", "text": "划船", "detail": "划船的票价是多少", "gold": ["boat"], "kind": "in"},
        {"qid": "3", "text": "qqq", "gold": [], "kind": "oos_foreign"},
    ]
    asked = write(tmp_path / "q.jsonl", queries)
    seen: list[tuple[int, int]] = []
    summary = evaluate_kb(
        kb, asked, tmp_path / "out.jsonl", [asked] * labelled, progress=lambda done, total: seen.append((done, total))
    )
    first, second, third = read(tmp_path / "out.jsonl")
    assert (first["qid"], first["action"], first["kids"]) == ("1", "answer", ["bike"])

    assert second["kids"][0] == "boat"
    assert (third["action"], third["kids"]) == ("handover", [])
    assert seen[-1] == (3, 3)
    assert "3 条知识" in summary.table()


def test_answers_alone_can_be_searched(tmp_path: Path) -> None:
    kb = write(
        tmp_path / "kb.jsonl",
        [{"kid": "a", "answer": "关于路灯不亮的问题，已安排维修。"}, {"kid": "b", "answer": "公交线路已经调整。"}],
    )
    asked = write(
        tmp_path / "q.jsonl", [{"qid": "1", "text": "路灯坏了", "detail": "我家门口路灯一直不亮", "gold": ["a"]}]
    )
    evaluate_kb(kb, asked, tmp_path / "out.jsonl")
    assert read(tmp_path / "out.jsonl")[0]["kids"][:1] == ["a"]


def test_fund_questions_are_asked_on_their_day(tmp_path: Path) -> None:
    text = "租房提取公积金一年最多多少钱"
    rows: list[dict[str, Any]] = [
        {"id": day, "text": text, "as_of": day, "facts": [], "kind": "answerable"}
        for day in ("2026-08-11", "2026-08-12")
    ]
    asked = write(tmp_path / "f.jsonl", rows)
    table = evaluate_fund(Engine(Snapshot(1, ENTRIES, ""), region="威海"), asked, tmp_path / "out.jsonl").table()
    assert [row["action"] for row in read(tmp_path / "out.jsonl")] == ["answer", "answer"]
    assert "自动答复" in table


def test_a_base_is_measured_by_its_own_questions() -> None:
    summary = evaluate_base(Engine(Snapshot(1, ENTRIES, ""), region="威海"), DAY)
    assert "首选正确" in summary.table()
    assert summary.svg().startswith("<svg")
    assert "没有别的问法、无从自测的条目：1" in summary.table()
