"""zhengwen report · verify: the yearly report and the proof of the ledger."""

import sys
from pathlib import Path

import click

from admin.commands.checking import check_and_show, line, summary
from admin.commands.session import with_database
from admin.report.build import Report, build
from admin.report.render import FORMATS, write
from admin.report.trace import trace as trace_figure
from knowledge import ledger
from knowledge.db import Database
from knowledge.errors import BadInputError
from knowledge.settings import Settings

DEFAULT_FORMATS = "html,docx"
WITH_ROWS = {"json", "xlsx"}  # only these print the rows behind the figures, which a large ledger is slow to give


@click.command()
@click.argument("what", metavar="YEAR|check")
@click.argument("files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1)
@click.option("--format", "formats", default=DEFAULT_FORMATS, show_default=True, help=f"可选：{'、'.join(FORMATS)}。")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="写到哪个文件夹。")
@click.option("--trace", metavar="FIGURE", help="列出一个指标的口径和它背后的每一行。")
@click.option("--year", type=int, help="check：文件没有写明年份时，是哪一年的报告。")
@click.option("--json", "as_json", is_flag=True, help="check：结果输出为 JSON。")
def report(
    what: str,
    files: tuple[Path, ...],
    formats: str,
    out: Path | None,
    trace: str | None,
    year: int | None,
    as_json: bool,
) -> None:
    """由台账生成某一年的政府信息公开工作年度报告；report check FILE... 复核任何单位的报告（HTML、DOCX、PDF、TXT、XLSX、JSON）。"""
    if what == "check":
        if not files:
            raise click.UsageError("请给出要复核的报告文件：zhengwen report check FILE...。")
        check_and_show(files, year, as_json=as_json)
        return
    if not what.isascii() or not what.isdigit() or files:
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
        _show_broken(made)


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


def _show_broken(made: Report) -> None:
    """Each rule that does not hold, with both sides."""
    for result in made.checks:
        if result.holds is False:
            click.echo(line(result))
    click.echo(summary(made.checks))
