"""zhengwen report · verify: the yearly report and the proof of the ledger."""

import sys
from pathlib import Path

import click

from admin.commands.session import with_database
from admin.report.build import Report, build
from admin.report.check_file import check_file
from admin.report.checks import HARD, LEVELS, CheckResult
from admin.report.render import FORMATS, write
from admin.report.trace import trace as trace_figure
from admin.report.values import shown
from knowledge import ledger
from knowledge.db import Database
from knowledge.errors import BadInputError
from knowledge.settings import Settings

DEFAULT_FORMATS = "html,docx"
WITH_ROWS = {"json", "xlsx"}  # only these print the rows behind the figures, which a large ledger is slow to give


@click.command()
@click.argument("what", metavar="YEAR|check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--format", "formats", default=DEFAULT_FORMATS, show_default=True, help=f"可选：{'、'.join(FORMATS)}。")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="写到哪个文件夹。")
@click.option("--trace", metavar="FIGURE", help="列出一个指标的口径和它背后的每一行。")
def report(what: str, file: Path | None, formats: str, out: Path | None, trace: str | None) -> None:
    """由台账生成某一年的政府信息公开工作年度报告；report check FILE 复核一份报告的勾稽关系。"""
    if what == "check":
        if file is None:
            raise click.UsageError("请给出要复核的报告文件：zhengwen report check FILE。")
        _show_checks(check_file(file), all_of_them=True)
        return
    if not what.isascii() or not what.isdigit() or file:
        raise click.UsageError("请给出年份，例如 zhengwen report 2026 --out 报告。")
    if not trace and not out:
        raise click.UsageError("请用 --out 给出写到哪个文件夹，或用 --trace 查一个指标。")
    kinds = _kinds(formats)
    made = _build(int(what), rows=bool(trace) or bool(WITH_ROWS & set(kinds)))
    if trace:
        click.echo(trace_figure(made, trace))
    if out:
        for path in write(made, kinds, out):
            click.echo(f"已写出 {path}")
        _show_checks(list(made.checks), all_of_them=False)


@click.command()
def verify() -> None:
    """验证公开台账：逐行核对散列链，并核对每条回复都在台账里。"""

    async def work(chosen: Settings, database: Database) -> ledger.Verdict:
        async with database.reader.connect() as connection:
            return await ledger.verify(connection)

    verdict = with_database(work)
    if verdict.fault:
        click.echo(f"台账有问题：{verdict.fault}。它之前的 {verdict.lines} 行完好。", err=True)
        sys.exit(1)
    click.echo(f"台账完好：{verdict.lines} 行，首尾相接，每条回复都在。")


def _build(year: int, *, rows: bool) -> Report:
    async def work(chosen: Settings, database: Database) -> Report:
        async with database.reading() as session:
            return await build(session, chosen, year, rows=rows)

    return with_database(work)


def _kinds(formats: str) -> list[str]:
    kinds = [kind.strip() for kind in formats.split(",") if kind.strip()]
    if not kinds:
        raise BadInputError(f"--format 是空的；可选：{'、'.join(FORMATS)}。")
    return kinds


def _show_checks(results: list[CheckResult], *, all_of_them: bool) -> None:
    """Each rule that does not hold, with both sides; hard ones end with exit code 1 when a file is checked."""
    broken = [result for result in results if result.holds is False]
    for result in results if all_of_them else broken:
        mark = {True: "符合", False: "不符", None: "无法判断（有未统计的数）"}[result.holds]
        click.echo(
            f"{mark}  {result.id}（{LEVELS[result.level]}）{result.label}：{shown(result.left)} | {shown(result.right)}"
        )
    held, unknown = (sum(result.holds is value for result in results) for value in (True, None))
    click.echo(f"勾稽核对：符合 {held}，不符 {len(broken)}，无法判断 {unknown}。")
    if all_of_them and any(result.level == HARD for result in broken):
        sys.exit(1)
