"""zhengwen ledger: lines of the disclosure ledger from files, their undoing, and the list of imports."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from admin.commands.session import with_database
from admin.ledger_import.limits import LARGEST_FILE
from admin.ledger_import.plan import Asked, Plan, compare, read_plan, shown_doubles
from knowledge import clock
from knowledge.db import Database
from knowledge.disclosing import imports
from knowledge.disclosing.lines import Hand
from knowledge.disclosing.words import FIELDS, kind_of
from knowledge.errors import BadInputError, ConflictError
from knowledge.settings import Settings

SHOWN = 30  # faults and doubles printed; the web page shows more
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
BY = click.option("--by", default="import", show_default=True, help="登记人的用户名。")
Told = Callable[[int], None]


@click.group()
def ledger() -> None:
    """公开台账：导入文件、撤销导入。"""


@ledger.command("import")
@click.argument("file", type=FILE)
@click.option(
    "--map", "mapped", multiple=True, metavar="COLUMN=FIELD", help=f"哪一列是哪一项；项：{'、'.join(FIELDS)}。"
)
@click.option("--kind", default="", help="没有写类型的行，都作为这一类型。")
@click.option("--doubles", type=click.Choice(["refuse", "skip", "keep"]), default="refuse", show_default=True,
              help="有重复时：refuse 不导入，skip 略过重复的，keep 重复的也登记。")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="只看结果，不登记。")
@BY
def import_file(file: Path, mapped: tuple[str, ...], kind: str, doubles: str, dry_run: bool, by: str) -> None:
    """导入 CSV 或 XLSX：先逐行检查，没有错误才全部登记；列名照常用的写法自动认，也可以用 --map 指定。"""
    asked = Asked(_mapping(mapped), _kind(kind))
    if file.stat().st_size > LARGEST_FILE:
        raise BadInputError(f"文件太大：最多 {LARGEST_FILE // 1024 // 1024} MB。请分成几个文件导入。")
    content = file.read_bytes()
    hand = Hand(by, clock.now())

    async def trial(chosen: Settings, database: Database) -> Plan:
        plan = _with_bar("检查", lambda told: read_plan(content, file.name, asked, hand, told))
        async with database.reader.connect() as connection:
            await compare(connection, plan)
        return plan

    plan = with_database(trial)
    _show(plan)
    _refuse(plan, doubles)
    lines = plan.chosen(keep_doubles=doubles == "keep")
    if dry_run:
        click.echo(f"试运行：会登记 {len(lines)} 行。没有改动。")
        return

    async def carry_out(chosen: Settings, database: Database) -> int:
        with Progress(console=Console(stderr=True)) as progress:
            bar = progress.add_task("登记", total=len(lines))
            told: Told = lambda count: progress.advance(bar, count)  # noqa: E731
            return await imports.carry_out(database, plan.source, lines, hand, told)

    number = with_database(carry_out)
    click.echo(f"已登记 {len(lines)} 行（第 {number} 次导入）。撤销：zhengwen ledger undo {number} --reason 理由")


@ledger.command("undo")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="撤销的理由，记在每一行更正里。")
@BY
def undo(number: int, reason: str, by: str) -> None:
    """撤销一次导入：为它还在计数的每一行登记一行数量为 0 的更正；原来的行不变。"""

    async def work(chosen: Settings, database: Database) -> int:
        return await imports.undo(database, number, Hand(by, clock.now()), reason)

    with_database(work)
    click.echo(f"已撤销第 {number} 次导入。")


@ledger.command("imports")
def show_imports() -> None:
    """列出最近的导入：文件、行号、谁、何时、是否撤销。"""

    async def work(chosen: Settings, database: Database) -> list[str]:
        async with database.reading() as session:
            return [
                f"{one.id}  {clock.office_day(one.made_at)}  {one.made_by}  {one.file_name}  "
                f"第 {one.first_seq} 到 {one.last_seq} 行  {'已撤销' if undone else '有效'}  {one.sha256}"
                for one, undone in await imports.listed(session)
            ]

    click.echo("\n".join(with_database(work)) or "还没有导入过。")


def _mapping(mapped: tuple[str, ...]) -> dict[str, str]:
    """COLUMN=FIELD, as columns by field."""
    columns: dict[str, str] = {}
    for one in mapped:
        head, _, field = one.rpartition("=")
        if field not in FIELDS or not head:
            raise BadInputError(f"--map {one} 看不懂；写成 列名=项，项是 {'、'.join(FIELDS)} 之一。")
        columns[field] = head
    return columns


def _kind(kind: str) -> str:
    try:
        return kind_of(kind).value if kind else ""
    except ValueError as error:
        raise BadInputError(f"--kind：{error}。") from None


def _with_bar(label: str, work: Callable[[Told], Plan]) -> Plan:
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task(label, total=None)
        return work(lambda count: progress.advance(bar, count))


def _show(plan: Plan) -> None:
    used = [f"{plan.columns.head(field)} → {label}" for field, label in FIELDS.items() if field in plan.columns.places]
    click.echo(f"列：{'，'.join(used)}")
    for kind, year, lines, quantity in plan.counts:
        click.echo(f"  {year} 年  {kind.label}  {lines} 行，数量合计 {quantity}")
    for text in [*(str(fault) for fault in plan.faults[:SHOWN]), *shown_doubles(plan.doubles, SHOWN)]:
        click.echo(text, err=True)


def _refuse(plan: Plan, doubles: str) -> None:
    if plan.earlier is not None:
        raise ConflictError(f"这个文件已经导入过（第 {plan.earlier} 次导入）。要重新导入，请先撤销那一次。")
    if plan.fault_count:
        raise BadInputError(f"有 {plan.fault_count} 处错误，全部没有登记。请改好文件再导入。")
    if plan.doubles and doubles == "refuse":
        click.echo("略过重复的：--doubles skip；确实是另外的，重复的也登记：--doubles keep。", err=True)
        sys.exit(f"有 {len(plan.doubles)} 行重复，全部没有登记。")
