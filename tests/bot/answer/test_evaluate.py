"""Measuring: predictions in the given formats, learned from the training questions only."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from admin.__main__ import main
from admin.evaluate import SHOWN, Summary, evaluate_base, evaluate_fund, evaluate_kb
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
    assert "没有别的问法、无从自测的条目：1" in summary.table()


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, words)])


TRAIN = [
    {"qid": f"{kid} {at}", "text": text, "gold": [kid]}
    for kid, texts in {
        "bike": ["哪里能租到自行车", "自行车去哪儿租", "想租一辆自行车"],
        "boat": ["划船要花多少钱", "划船的票价", "坐船划一次多少钱"],
        "bus": ["班车什么时候发车", "几点有班车", "最早的班车几点发车"],
    }.items()
    for at, text in enumerate(texts)
]


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    return write(tmp_path / "kb.jsonl", [{"kid": kid, "question": text} for kid, text in KB])


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    return write(tmp_path / "q.jsonl", [{"qid": "1", "text": "自行车怎么租？"}])


def test_every_training_file_is_learned_from_and_the_curve_is_drawn(tmp_path: Path, kb: Path, asked: Path) -> None:
    one, two = write(tmp_path / "1.jsonl", TRAIN[::2]), write(tmp_path / "2.jsonl", TRAIN[1::2])
    curve, out = tmp_path / "c.svg", tmp_path / "out.jsonl"
    base = ("--kb", kb, "--queries", asked, "--out", out)
    done = run(*base, "--train", one, "--train", two, "--curve", curve, "--target", 0.75)
    assert done.exit_code == 0, done.output
    # The last line of the curve counts every question that was learned from.
    last = [line.split() for line in done.output.splitlines() if line.endswith("%") and "次" not in line][-1]
    assert int(last[1]) == len(TRAIN)
    assert "没有能证明 75% 精确率的门槛" in done.output  # nine right answers of nine prove 71.7 %
    drawn = ElementTree.parse(curve).getroot()  # noqa: S314 our own picture
    words = "".join(drawn.itertext())
    for told in ("自动答复的覆盖率与精确率", "覆盖率：", "精确率", "目标 75%", "100%", "现在"):
        assert told in words
    assert drawn.find("{*}title") is not None
    assert {path.name for path in tmp_path.iterdir()} == {
        "kb.jsonl",
        "q.jsonl",
        "1.jsonl",
        "2.jsonl",
        "c.svg",
        "out.jsonl",
    }


@pytest.mark.parametrize(
    ("which", "rows", "told"),
    [
        ("kb", [], "里没有内容"),
        ("kb", [{"kid": "a"}], "第 1 行：question 和 answer 至少要有一项"),
        ("kb", [{"question": "问"}], "第 1 行：kid：缺少这一项"),
        ("queries", [], "里没有内容"),
        ("queries", [{"qid": "1"}], "第 1 行：text：缺少这一项"),
        ("queries", [{"qid": "1", "text": "甲"}, {"qid": "1", "text": "乙"}], "qid 1 与 bad.jsonl 第 1 行 重复"),
        ("train", [], "里没有内容"),
        ("train", [{"qid": "1", "text": "甲"}], "第 1 行：gold：缺少这一项"),
        ("train", [{"qid": "1", "text": "甲", "gold": ["bike", "tram"]}], "第 1 行：gold：知识库里没有 tram"),
        ("train", [{"qid": "1", "text": "qqq", "gold": []}], "学不到东西"),
    ],
)
def test_a_bad_file_is_told_by_line_and_an_older_prediction_stays(
    tmp_path: Path, kb: Path, asked: Path, which: str, rows: list[dict[str, Any]], told: str
) -> None:
    out = write(tmp_path / "out.jsonl", [{"older": True}])
    files = {"kb": kb, "queries": asked} | {which: write(tmp_path / "bad.jsonl", rows)}
    done = run("--out", out, *(word for name, path in files.items() for word in (f"--{name}", path)))
    assert done.exit_code == 1
    assert told in done.output
    assert read(out) == [{"older": True}]


def test_predictions_are_whole_or_not_there(tmp_path: Path, kb: Path, asked: Path) -> None:
    out = tmp_path / "out.jsonl"

    def broken(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate_kb(kb, asked, out, progress=broken)
    assert {path.name for path in tmp_path.iterdir()} == {"kb.jsonl", "q.jsonl"}


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--kb", "KB", "--queries", "Q"),
        ("--base", "--out", "o.jsonl"),
        ("--base", "--train", "Q"),
        ("--kb", "KB", "--queries", "Q", "--out", "o.jsonl", "--curve", "c.svg"),
        ("--base", "--target", "1"),
    ],
)
def test_a_wrong_call_is_refused(kb: Path, asked: Path, words: tuple[str, ...]) -> None:
    files = {"KB": kb, "Q": asked}
    assert run(*(files.get(word, word) for word in words)).exit_code == 2


@pytest.mark.parametrize("target", [0.9, 0.999])
def test_the_picture_marks_the_point_in_use(target: float) -> None:
    engine = Engine(Snapshot(1, ENTRIES, ""), region="威海", target_precision=target)
    drawn = evaluate_base(engine, DAY).svg()
    assert ("<circle" in drawn) == (engine.point is not None)
    assert ("现在没有启用门槛" in drawn) == (engine.point is None)


def test_what_is_confused_and_not_found_is_told_in_few_lines() -> None:
    keys = tuple(entry.key for entry in ENTRIES) * 5
    engine = Engine(Snapshot(1, ENTRIES, ""), region="威海")
    confused = tuple((one, two, 2) for one, two in pairwise(keys))
    table = Summary("", (), engine, confused, keys).table()
    assert f"（另有 {len(confused) - SHOWN} 对易混的条目没有列出）" in table
    assert f"（另有 {len(keys) - SHOWN} 条问不到的没有列出）" in table
    assert table.count("\n") < 45
