"""zhengwen learn: learned models are stored, taken up by running services, gone back from; bad files change nothing."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from admin import keep, keep_restore
from admin.__main__ import main
from bot import learned
from bot.answer import kept
from bot.answer.model import Point, shipped
from bot.current import CurrentEngine
from bot.service import Service
from knowledge import importing, settings
from knowledge.base import Base
from knowledge.db import open_database
from knowledge.settings import Settings
from knowledge.tables import LearnedModel
from tests.admin.conftest import rows
from tests.conftest import BACKENDS, NOON, Configure

DAY = "2026-11-23"
ROOT = Path(__file__).parents[2]
both = pytest.mark.parametrize("backend", BACKENDS)
RENT, LOAN, RATE, MOVE = "withdrawal.rent.limit.2026", "loan.limit.2026", "rate.deposit", "transfer.offsite"
ASKED: dict[str, list[str]] = {
    RENT: [
        "在威海租房子每年能提多少公积金", "没房子租房住，公积金一年能拿出来多少", "租房提公积金每年的上限是多少钱",
        "威海无房租房提取额度一年多少", "租房一年提取公积金最高多少元",
    ],
    LOAN: [
        "威海用公积金贷款最多贷多少钱", "夫妻都缴存公积金贷款最高多少万", "一个人缴公积金最高可以贷多少",
        "公积金贷款最高额度现在是多少万", "买房公积金贷款封顶是多少",
    ],
    RATE: [
        "公积金账户里的钱按多少利率算利息", "账户里公积金存款的利息怎么算，利率多少", "公积金存在账户里年利率是多少",
        "缴存的公积金有利息吗，利率是几", "公积金账户存款利率现在是几个点",
    ],
    MOVE: [
        "外地的公积金怎么转到新城市", "公积金从别的城市转过来怎么办理", "换城市工作公积金转移要两头跑吗",
        "异地公积金转到这里来如何办", "公积金转到新的城市在哪里办理",
    ],
}  # fmt: skip
OTHER = [
    "租房的押金公积金给退吗", "租房合同丢了公积金怎么弄", "贷款买车公积金贷多少", "信用卡利率是多少", "社保怎么转到新城市",
    "存款保险赔多少", "房租发票哪里开", "装修贷款最高贷多少", "外地驾照怎么转过来", "房产税利率多少",
]  # fmt: skip


def lessons() -> list[dict[str, Any]]:
    """Thirty made-up questions; half of the right answers by fact, half by key."""
    facts = {RENT: [63], LOAN: [92]}
    found: list[dict[str, Any]] = []
    for key, texts in ASKED.items():
        right: dict[str, Any] = {"facts": facts[key]} if key in facts else {"entries": [key]}
        found += [{"id": text, "text": text, "kind": "answerable", "as_of": DAY, **right} for text in texts]
    return found + [{"id": text, "text": text, "kind": "out-of-scope", "as_of": DAY} for text in OTHER]


def write(path: Path, given: list[Any]) -> Path:
    lines = (one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in given)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


Call = Callable[..., Awaitable[Result]]


@pytest.fixture
async def chosen(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The small base's settings, also for commands."""
    made = configure()
    monkeypatch.setenv("ZHENGWEN_DATA", str(made.data))
    monkeypatch.setenv("ZHENGWEN_REGION", made.region)
    if made.database_url:
        monkeypatch.setenv("ZHENGWEN_DATABASE_URL", made.database_url.get_secret_value())
    return made


@pytest.fixture
def call(chosen: Settings) -> Call:
    """Runs a command in this process, beside a running service."""

    async def run(*words: object) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, main, [str(word) for word in words])

    return run


async def take_up(current: CurrentEngine, wanted: Callable[[], bool]) -> None:
    """Wait as long as looks take; a look that never comes ends the test."""
    async with asyncio.timeout(20):
        while not wanted():  # noqa: ASYNC110 the engine tells nobody that it was renewed
            await asyncio.sleep(0.05)


@both
async def test_a_running_service_takes_up_what_was_learned_and_goes_back(
    service: Service, call: Call, tmp_path: Path, small_base: Base, caplog: pytest.LogCaptureFixture
) -> None:
    before = service.current.engine
    assert before.model is shipped()
    path = write(tmp_path / "q.jsonl", lessons())
    tried = await call("learn", "--questions", path, "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "没有保存" in tried.output
    assert await rows(service, LearnedModel) == []

    done = await call("learn", "--questions", path)
    assert done.exit_code == 0, done.output
    assert "之前：随程序附带的模型：没有能证明 98% 精确率的门槛" in done.output
    assert "带标注的问题 30 个" in done.output
    (row,) = await rows(service, LearnedModel)
    assert (row.base_version, row.learned_from["questions"], row.proof["proven"]) == (1, 30, False)
    assert [len(file["sha256"]) for file in row.learned_from["files"]] == [64]
    await take_up(service.current, lambda: service.current.engine is not before)
    engine = service.current.engine
    assert engine.model == kept.read(row.content)
    assert engine.index is before.index

    # On a base that has changed since, the model is still used, and staff are told.
    async with service.database.writing() as session:
        await importing.carry_out(session, replace(small_base, vocabulary="提取: 支取\n"), "by", NOON)
    measured = await call("evaluate", "--base")
    assert "模型学自知识库第 1 版，现在是第 2 版，建议重新运行 zhengwen learn。" in measured.output
    assert "首选正确" in measured.output
    await take_up(service.current, lambda: service.current.engine.version == 2)
    assert service.current.engine.model == engine.model
    assert "模型学自知识库第 1 版，现在是第 2 版，建议重新运行 zhengwen learn" in caplog.messages

    undone = await call("learn", "--undo")
    assert "现在用的是随程序附带的模型" in undone.output
    await take_up(service.current, lambda: service.current.engine.model is shipped())
    assert (await call("learn", "--undo")).exit_code == 1


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_trying_a_question_asks_the_model_in_use(service: Service, call: Call) -> None:
    asked = ("ask", ASKED[RATE][0], "--as-of", DAY, "--json")
    before = json.loads((await call(*asked)).output)
    assert before["outcome"] == "clarify"
    proving = replace(shipped(), curve=(Point(0.0, 200, 200, 200, 0.985),))
    async with service.database.writing() as session:
        await learned.store(session, proving, 1, NOON, {}, {})
    after = json.loads((await call(*asked)).output)
    assert (after["outcome"], after["entry"]) == ("answered", RATE)


@both
async def test_a_backup_carries_what_was_learned(service: Service, tmp_path: Path) -> None:
    async with service.database.writing() as session:
        await learned.store(
            session, shipped(), 1, NOON, {"questions": 30, "files": [{"name": "q"}]}, {"bound": 0.93492}
        )
    (before,) = await rows(service, LearnedModel)

    def quiet(done: int, total: int) -> None: ...

    await keep.backup(service.settings, tmp_path / "b.zip", overwrite=False, progress=quiet)
    target = settings.load({}, data=tmp_path / "restored")
    await keep_restore.restore(target, tmp_path / "b.zip", accept_fault=False, progress=quiet)
    current = CurrentEngine(database := open_database(target), target)
    await current.refresh(first=True)
    assert current.engine.model == shipped()
    assert current.engine.model is not shipped()
    async with database.reading() as session:
        assert (await session.exec(select(LearnedModel))).one().model_dump() == before.model_dump()
    await current.stop()
    await database.close()


GOOD = {"id": "1", "text": "租房一年能提多少", "kind": "answerable", "as_of": DAY, "facts": [63]}
FAULTS: list[tuple[list[Any], str]] = [
    ([], "里没有内容"),
    ([GOOD, "{"], "bad.jsonl 第 2 行：不是完整的 JSON"),
    (["", "[1]"], "第 2 行：要写一个 JSON 对象"),
    ([{**GOOD, "text": " "}], "第 1 行：text：不能空着"),
    ([{k: v for k, v in GOOD.items() if k != "as_of"}], "第 1 行：as_of：缺少这一项"),
    ([{**GOOD, "as_of": "2026-02-30"}], "第 1 行：as_of：要写成 2026-11-23 这样的日期"),
    ([{**GOOD, "kind": "maybe"}], "第 1 行：kind：只能填"),
    ([{**GOOD, "facts": ["x"]}], "第 1 行：facts.1：要填整数"),
    ([{**GOOD, "facts": []}], "要写 facts 或 entries"),
    ([{**GOOD, "entries": [RENT]}], "只能写一样"),
    ([{**GOOD, "facts": [], "entries": ["no.such"]}], "知识库里没有正在使用的条目 no.such"),
    ([GOOD, {**GOOD, "id": "2", "facts": [92]}], "第 2 行：与 bad.jsonl 第 1 行 是同一天的同一个问题，标注却不同"),
    (["{"] * 8, "另有 3 行有错"),
    ([GOOD] * 200, "只有 1 个要由模型来判断"),
]


@pytest.mark.parametrize(("given", "told"), FAULTS)
@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_bad_file_is_refused_by_line_and_nothing_is_stored(
    service: Service, call: Call, tmp_path: Path, given: list[Any], told: str
) -> None:
    done = await call("learn", "--questions", write(tmp_path / "bad.jsonl", given))
    assert done.exit_code == 1
    assert told in done.output
    assert await rows(service, LearnedModel) == []


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_without_labelled_questions_it_says_what_is_in_use(call: Call) -> None:
    done = await call("learn")
    assert done.exit_code == 1
    assert "证明不了任何门槛" in done.output
    assert "随程序附带的模型" in done.output


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_question_told_twice_is_no_better_proof(call: Call, tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", lessons())
    second = write(tmp_path / "b.jsonl", [{**row, "text": f"{row['text']}？"} for row in lessons()])
    once = (await call("learn", "--questions", first, "--dry-run")).output
    twice = (await call("learn", "--questions", first, "--questions", second, "--dry-run")).output
    assert "重复的 30 个只算一次" in twice
    assert [line for line in once.splitlines() if line.startswith("之后")] == [
        line for line in twice.splitlines() if line.startswith("之后")
    ]


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_kept_question_letter_by_letter_proves_nothing(call: Call, tmp_path: Path, small_base: Base) -> None:
    own = {text: entry.key for entry in small_base.entries for text in entry.similar}
    given = [
        {"id": text, "text": text, "kind": "answerable", "as_of": DAY, "entries": [key]} for text, key in own.items()
    ]
    done = await call("learn", "--questions", write(tmp_path / "own.jsonl", given))
    assert done.exit_code == 1
    assert "只有 0 个要由模型来判断" in done.output


@pytest.mark.parametrize("start", ["admin.commands.base", "admin.commands.run", "admin.commands.keep", "bot.service"])
def test_the_service_and_asking_do_not_load_what_only_learning_needs(start: str) -> None:
    code = (
        f"import sys, {start}; print(sorted({{name.split('.')[0] for name in sys.modules}} & {{'sklearn', 'scipy'}}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_measuring_does_load_it() -> None:
    """Or the test above could not fail."""
    code = "import sys, admin.commands.measure; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
