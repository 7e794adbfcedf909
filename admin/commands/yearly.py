"""zhengwen report · verify: the yearly report and the proof of the ledger."""

import sys
from pathlib import Path

import click

from admin.commands.checking import check_and_show, line, summary
from admin.commands.session import with_database
from admin.report import versions
from admin.report.build import Report, build, with_rows
from admin.report.form import cells, form_for
from admin.report.reading.judge import read_report
from admin.report.reading.published import Published
from admin.report.render import FORMATS, WITH_ROWS, write_all, write_frozen
from admin.report.trace import trace as trace_figure
from admin.report.writing import take_over
from knowledge import clock, ledger
from knowledge.db import Database
from knowledge.errors import BadInputError
from knowledge.settings import Settings

DEFAULT_FORMATS = "html,docx"
BY_COMMAND = "command"  # who a record comes from that was put on file by the command line
FILES = CHECK, TAKE_OVER = "check", "take-over"


@click.command()
@click.argument("what", metavar="YEAR|check|take-over")
@click.argument("files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1)
@click.option("--format", "formats", default=DEFAULT_FORMATS, show_default=True, help=f"可选：{'、'.join(FORMATS)}。")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="写到哪个文件夹。")
@click.option("--trace", metavar="FIGURE", help="列出一个指标的口径和它背后的每一行。")
@click.option("--draft", is_flag=True, help="输出草稿：必须成立的勾稽关系不成立时也能输出，文件上标明“草稿”。")
@click.option("--version", "number", type=click.IntRange(1), help="输出签发的第几版，与签发时一字不差。")
@click.option("--year", type=int, help="check、take-over：文件没有写明年份时，是哪一年的报告。")
@click.option("--json", "as_json", is_flag=True, help="check：结果输出为 JSON。")
def report(
    what: str,
    files: tuple[Path, ...],
    formats: str,
    out: Path | None,
    trace: str | None,
    draft: bool,
    number: int | None,
    year: int | None,
    as_json: bool,
) -> None:
    """由台账生成某一年的政府信息公开工作年度报告；report check FILE... 复核任何单位的报告（HTML、DOCX、PDF、TXT、XLSX、JSON）；report take-over FILE... 取用已公布报告的数字，供下一年比对。"""
    if what in FILES:
        if not files:
            raise click.UsageError(f"请给出报告文件：zhengwen report {what} FILE...。")
        _with_files(what, files, year, as_json=as_json)
        return
    if not what.isascii() or not what.isdigit() or files:
        raise click.UsageError("请给出年份，例如 zhengwen report 2026 --out 报告。")
    if not trace and not out:
        raise click.UsageError("请用 --out 给出写到哪个文件夹，或用 --trace 查一个指标。")
    if trace:
        click.echo(trace_figure(_traced(int(what), trace), trace))
    if out and number:
        _written(_frozen(int(what), number, _kinds(formats), out))
    elif out:
        _export(int(what), _kinds(formats), out, draft=draft)


@click.command()
def verify() -> None:
    """验证公开台账和签发的年度报告：逐行核对散列链、每条回复都在台账里、每份签发的报告与签发时一致。"""

    async def work(chosen: Settings, database: Database) -> tuple[ledger.Verdict, versions.VersionVerdict]:
        async with database.reader.connect() as connection:
            lines = await ledger.verify(connection)
        async with database.reading() as session:
            return lines, await versions.verify(session)

    verdict, reports = with_database(work)
    if verdict.fault:
        click.echo(f"台账有问题：{verdict.fault}。它之前的 {verdict.lines} 行完好。", err=True)
    else:
        click.echo(f"台账完好：{verdict.lines} 行，首尾相接，每条回复都在。")
    if reports.fault:
        click.echo(f"签发的年度报告有问题：{reports.fault}。它之前的 {reports.versions} 份完好。", err=True)
    else:
        click.echo(f"签发的年度报告完好：{reports.versions} 份，与签发时一致。")
    if verdict.fault or reports.fault:
        sys.exit(1)


def _with_files(what: str, files: tuple[Path, ...], year: int | None, *, as_json: bool) -> None:
    """Published reports: held against the rules, or their tables put on record."""
    if what == CHECK:
        check_and_show(files, year, as_json=as_json)
        return
    for file in files:
        _take_over(file, year)


def _export(year: int, kinds: list[str], out: Path, *, draft: bool) -> None:
    """The final form only where the hard rules hold; the checks are shown either way."""

    async def work(chosen: Settings, database: Database) -> tuple[Report, list[Path]]:
        async with database.reading() as session:
            made = await build(session, chosen, year, rows=WITH_ROWS in kinds, draft=draft)
            ready = draft or not (made.broken or made.undecided)
            return made, await write_all(session, made, kinds, out) if ready else []

    made, paths = with_database(work)
    _written(paths)
    _show_broken(made)
    if not paths:
        for check in made.undecided:
            click.echo(line(check))
        raise BadInputError("必须成立的勾稽关系不成立或无法核对（见上），没有输出正式文本。要先看草稿，请加 --draft。")


def _traced(year: int, key: str) -> Report:
    """The report with the rows of one figure."""

    async def work(chosen: Settings, database: Database) -> Report:
        async with database.reading() as session:
            made = await build(session, chosen, year, rows=False)
            if key in made.figures:
                made.figures[key] = await with_rows(session, year, made.figures[key])
            return made

    return with_database(work)


def _frozen(year: int, number: int, kinds: list[str], out: Path) -> list[Path]:
    """Write the files of a signed version as they were signed."""

    async def work(chosen: Settings, database: Database) -> list[Path]:
        async with database.reading() as session:
            version = await versions.version_of(session, year, number)
            return [await write_frozen(session, version, kind, out) for kind in kinds]

    return with_database(work)


def _take_over(file: Path, year: int | None) -> None:
    """A published report's tables as hand-entered figures of its year, with the file as their source."""
    read = _published(file, year)
    known = cells(form_for(read.year))
    found = {key: value for key, value in read.sheet.cells.items() if key in known}

    async def work(chosen: Settings, database: Database) -> int:
        source = f"{read.year}年政府信息公开工作年度报告（文件 {file.name}）"
        return await take_over(database, read.year, found, source, BY_COMMAND, clock.now())

    click.echo(f"{read.year}年的表格数字已取用：新登记 {with_database(work)} 个，其余与已登记的相同，或者没有填写。")
    for note in (*read.sheet.faults, *read.sheet.remarks):
        click.echo(f"注意  {note}。")
    if left := len(read.sheet.cells) - len(found):
        click.echo(f"注意  有 {left} 格不在{read.year}年的格式里，没有取用。")


def _published(file: Path, year: int | None) -> Published:
    """The report in a file; `year` where it names none, and refused where it names another."""
    try:
        read = read_report(file)
    except BadInputError as error:
        if year is None or error.field != "year":
            raise
        return read_report(file, year)
    if year not in (None, read.year):
        raise BadInputError(f"{file} 是 {read.year} 年的报告，不是 {year} 年的。", "year")
    return read


def _written(paths: list[Path]) -> None:
    for path in paths:
        click.echo(f"已写出 {path}")


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
