"""zhengwen evaluate · learn: measure the answer engine, and teach it. Only these load what learning needs."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import Progress

from admin import evaluate as evaluation
from admin import judging
from admin.commands.session import Live, live_base, with_database
from admin.curve import promise, proof
from admin.keep_disk import in_chinese, whole_text
from admin.relearn import Lessons, Taught, learn_fund, read_lessons
from bot.answer.engine import Engine
from bot.current import engine_of
from bot.learned import KEPT, Learned, forget_newest, store
from knowledge import clock
from knowledge.db import Database
from knowledge.errors import BadInputError
from knowledge.settings import Settings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
TARGET = click.FloatRange(0.5, 1, min_open=True, max_open=True)


@click.command()
@click.option("--kb", type=FILE, help="一个别处的知识库（kb.jsonl）。")
@click.option("--train", type=FILE, multiple=True, help="配合 --kb：用来学习的带标注问题。")
@click.option("--queries", type=FILE, help="配合 --kb：要预测的问题（queries.jsonl）。")
@click.option("--fund", type=FILE, help="公积金问题集（questions.jsonl），用本机的知识库。")
@click.option("--base", "of_base", is_flag=True, help="用知识库自己的相似问衡量它。")
@click.option("--out", type=NEW_FILE, help="预测写到哪里。")
@click.option("--target", type=TARGET, help="要证明的精确率；默认用设置里的目标，--kb 用 0.95。")
@click.option("--curve", type=NEW_FILE, help="把模型的覆盖率曲线画成图（.svg）。")
def evaluate(
    kb: Path | None,
    train: tuple[Path, ...],
    queries: Path | None,
    fund: Path | None,
    of_base: bool,
    out: Path | None,
    target: float | None,
    curve: Path | None,
) -> None:
    """衡量答复引擎：一个别处的知识库、公积金问题集，或知识库自己。"""
    complete = (
        (kb and queries and out and not fund) or (fund and out and not queries) or (of_base and not out and not queries)
    )
    if not complete or (train and not kb) or sum(map(bool, (kb, fund, of_base))) != 1:
        raise click.UsageError("请给出 --kb 加 --queries 加 --out，或 --fund 加 --out，或 --base。")
    if curve and kb and not train:
        raise click.UsageError("配合 --kb 时，--curve 需要 --train：没有学习就没有曲线。")
    note = ""
    with _progress("评测") as progress, in_chinese():
        if kb and queries and out:
            summary = evaluation.evaluate_kb(kb, queries, out, train, target or evaluation.KB_TARGET, progress)
        else:
            engine, note = _engine(target)
            if fund and out:
                summary = evaluation.evaluate_fund(engine, fund, out, progress)
            else:
                summary = evaluation.evaluate_base(engine, clock.office_day(clock.now()), progress)
        if curve:
            _draw(summary, curve)
    click.echo(summary.table())
    if note:
        click.echo(f"注意：{note}。")


@click.command()
@click.option("--questions", type=FILE, multiple=True, help="带标注的问题（questions.jsonl）。")
@click.option("--from-judgements", is_flag=True, help="也从工作人员对自动答复的评价学习。")
@click.option("--dry-run", is_flag=True, help="只学习、只比较，不保存。")
@click.option("--undo", is_flag=True, help="撤销最近一次学习，改用它之前的模型。")
def learn(questions: tuple[Path, ...], from_judgements: bool, dry_run: bool, undo: bool) -> None:
    """从知识库自己的问法和带标注的问题重新学习，存下模型；正在运行的服务一秒内改用它。"""
    if undo and (questions or from_judgements or dry_run):
        raise click.UsageError("--undo 只能单独使用。")
    if undo:
        click.echo(_undo())
        return
    chosen, live = _live()
    now = engine_of(live.known, chosen, live.learned)
    judged = _judged(live) if from_judgements else b""
    if not questions and not judged:
        raise BadInputError(
            "没有带标注的问题，证明不了任何门槛，所以没有学习。请用 --questions 给出（格式见 docs/engine.md），或用 --from-judgements。\n"
            f"现在用的是{_which(live)}：{promise(now)}。"
        )
    lessons = read_lessons(live.known.entries, questions, judged)
    with _progress("学习") as progress:
        day = clock.office_day(clock.now())
        taught = learn_fund(now.index, lessons.questions, chosen.region, day, progress)
    then = engine_of(live.known, chosen, Learned(taught.model, live.known.version), index=now.index)
    _compare(live, lessons, taught, now, then)
    if dry_run:
        click.echo("只是试学，没有保存。")
        return
    _keep(live, lessons, taught, then)
    click.echo(f"已保存（保留最近 {KEPT} 个）。正在运行的服务一秒内改用新模型，不用重启。")


def _judged(live: Live) -> bytes:
    """What staff judged, in the form of a file of labelled questions; says what was left out."""

    async def work(chosen: Settings, database: Database) -> judging.Lesson:
        async with database.reading() as session:
            return judging.labelled(await judging.judged(session), {entry.key for entry in live.known.entries})

    lesson = with_database(work)
    click.echo(
        f"评价：可用 {lesson.count} 条，意见不一没有采用的 {lesson.differ} 条，条目已不再使用的 {lesson.gone} 条。"
    )
    return lesson.lines


def _compare(live: Live, lessons: Lessons, taught: Taught, now: Engine, then: Engine) -> None:
    repeated = f"（重复的 {lessons.repeated} 个只算一次）" if lessons.repeated else ""
    click.echo(
        f"学自：知识库第 {live.known.version} 版的 {taught.own} 个问法（含反例），带标注的问题 {taught.labelled} 个{repeated}，"
    )
    click.echo(f"      其中 {taught.judged} 个要由模型来判断，只有它们能作证明。")
    click.echo(f"之前：{_which(live)}：{promise(now)}。")
    click.echo(f"之后：{promise(then)}。")
    if now.proven and not then.proven:
        click.echo("注意：现在的模型有已证明的门槛，新模型没有；改用后，由模型判断的问题不再自动答复。")
    if note := live.outdated():
        click.echo(f"注意：现在的{note.removesuffix('，建议重新运行 zhengwen learn')}。")


def _keep(live: Live, lessons: Lessons, taught: Taught, then: Engine) -> None:
    learned_from = {
        "questions": taught.labelled,
        "judged": taught.judged,
        "own": taught.own,
        "files": lessons.files,
    }

    async def work(chosen: Settings, database: Database) -> None:
        async with database.writing() as session:
            await store(session, taught.model, live.known.version, clock.now(), learned_from, proof(then))

    with in_chinese():
        with_database(work)


def _undo() -> str:
    async def work(chosen: Settings, database: Database) -> Live:
        async with database.writing() as session:
            if not await forget_newest(session):
                raise BadInputError("没有学习过的模型，没有可撤销的；用的就是随程序附带的模型。")
        return await live_base(database)

    return f"已撤销，现在用的是{_which(with_database(work))}。"


def _which(live: Live) -> str:
    if live.learned is None:
        return "随程序附带的模型"
    return f"学自知识库第 {live.learned.base_version} 版的模型"


def _engine(target: float | None) -> tuple[Engine, str]:
    chosen, live = _live()
    return engine_of(live.known, chosen, live.learned, target_precision=target), live.outdated()


def _live() -> tuple[Settings, Live]:
    async def work(chosen: Settings, database: Database) -> tuple[Settings, Live]:
        return chosen, await live_base(database)

    return with_database(work)


def _draw(summary: evaluation.Summary, target: Path) -> None:
    with whole_text(target) as file:
        file.write(summary.svg())


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing elsewhere."""
    with Progress(disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
