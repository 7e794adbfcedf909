"""zhengwen import · export · ask: work on the knowledge base."""

import json
import sys
from datetime import date, datetime
from pathlib import Path

import click

from admin.commands.session import live_base, with_database
from bot.answer.draft import Draft
from bot.current import engine_of
from knowledge import clock, importing
from knowledge.base import read_base, write_base
from knowledge.db import Database
from knowledge.entries import base_version, stored_base
from knowledge.errors import BadInputError
from knowledge.settings import Settings

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("import")
@click.argument("folder", type=FOLDER)
@click.option("--dry-run", is_flag=True, help="只看会改什么，不导入。")
@click.option("--yes", is_flag=True, help="不再询问，直接导入。")
def import_base(folder: Path, dry_run: bool, yes: bool) -> None:
    """从文件夹导入知识库：先列出会改什么，确认后一次完成。"""
    base = read_base(folder)

    async def compare(chosen: Settings, database: Database) -> importing.Plan:
        async with database.reading() as session:
            return await importing.plan(session, base)

    async def carry_out(chosen: Settings, database: Database) -> importing.Plan:
        async with database.writing() as session:
            return await importing.carry_out(session, base, "import", clock.now())

    plan = with_database(compare)
    _show_plan(plan)
    if dry_run or not plan.changes_anything:
        click.echo("没有改动。")
    elif yes or (sys.stdin.isatty() and click.confirm("导入吗？")):
        with_database(carry_out)
        click.echo("已导入。")
    else:
        click.echo("没有改动；加 --yes 导入。")


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export_base(folder: Path) -> None:
    """把知识库写成文件夹里的文件；再导入时与现在完全相同。"""

    async def work(chosen: Settings, database: Database) -> int:
        async with database.reading() as session:
            if await base_version(session) == 0:
                raise BadInputError("知识库是空的，没有可导出的内容。")
            return write_base(await stored_base(session), folder)

    click.echo(f"已写出 {with_database(work)} 个文件到 {folder}。")


@click.command()
@click.argument("text")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="按哪一天的政策答，默认今天。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def ask(text: str, as_of: datetime | None, as_json: bool) -> None:
    """试问一句：显示决定、原因、候选和会发出的文字；不留任何记录。"""
    day = as_of.date() if as_of else clock.office_day(clock.now())

    async def work(chosen: Settings, database: Database) -> Draft:
        live = await live_base(database)
        return engine_of(live.known, chosen, live.learned).answer(text, day)

    draft = with_database(work)
    click.echo(_as_json(draft, text, day) if as_json else _as_text(draft, day))


def _show_plan(plan: importing.Plan) -> None:
    for label, counts in (("政策", plan.policies), ("条目", plan.entries)):
        click.echo(
            f"{label}：新增 {len(counts.added)}，修改 {len(counts.changed)}，相同 {len(counts.same)}，"
            f"只在库里（保留不动）{len(counts.kept)}"
        )
        for mark, keys in (("+", counts.added), ("~", counts.changed)):
            if len(keys) <= 20:
                for key in keys:
                    click.echo(f"  {mark} {key}")
    if plan.vocabulary_changed:
        click.echo("词表：有改动")


def _as_json(draft: Draft, text: str, day: date) -> str:
    answer = {
        "question": text,
        "as_of": day.isoformat(),
        "outcome": draft.outcome.value,
        "reason": draft.reason.value,
        "reason_label": draft.reason.label,
        "confidence": round(draft.confidence, 4),
        "entry": draft.entry.key if draft.entry else None,
        "text": draft.text,
        "basis": [line.as_json() for line in draft.basis],
        "choices": [{"entry": entry.key, "question": entry.standard} for entry in draft.choices],
        "candidates": [candidate.as_json() for candidate in draft.candidates],
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _as_text(draft: Draft, day: date) -> str:
    lines = [
        f"决定：{draft.outcome.label}（{draft.outcome.value}），按 {day} 的政策",
        f"原因：{draft.reason.label}（{draft.reason.value}），把握 {draft.confidence:.2f}",
        "候选：" if draft.candidates else "候选：没有",
    ]
    for candidate in draft.candidates:
        vetoes = f"  ✗ {'；'.join(candidate.vetoes)}" if candidate.vetoes else ""
        lines.append(f"  {candidate.score:.3f}  {candidate.entry.key}  {candidate.entry.standard}{vetoes}")
    if draft.choices:
        lines += ["请网友选择：", *(f"  {number}. {entry.standard}" for number, entry in enumerate(draft.choices, 1))]
    if draft.entry:
        lines += ["会发出的文字：", *(f"  {line}" for line in draft.text.split("\n")), "依据："]
        lines += [f"  {line.title} {line.number} {line.article}" for line in draft.basis]
    return "\n".join(lines)
