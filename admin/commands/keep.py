"""zhengwen backup · restore: everything on record in one file, and back."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from admin import keep, keep_restore
from knowledge import clock, settings

GUARD = "文件里有群众留言原文和密钥，等同于整个系统：请像保管公章一样保管，存放到另一台机器或介质上，不要外传。"


@contextmanager
def _bar(label: str) -> Iterator[keep.Progress]:
    """A progress bar on a terminal, nothing elsewhere."""
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(label, total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield progress


def _in_office(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(clock.OFFICE_ZONE):%Y-%m-%d %H:%M}"


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--overwrite", is_flag=True, help="文件已存在时覆盖它。")
def backup(file: Path, overwrite: bool) -> None:
    """把全部数据、密钥和设置备份成一个文件；服务不用停。"""
    with _bar("备份") as progress:
        made = asyncio.run(keep.backup(settings.load(), file, overwrite=overwrite, progress=progress))
    click.echo(
        f"已备份到 {file}：{len(made.tables)} 张表 {made.rows} 行，台账 {made.ledger.lines} 行，"
        f"{len(made.files)} 个密钥和设置文件，共 {file.stat().st_size / 1_000_000:.1f} MB。"
    )
    click.echo(GUARD)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只检查：在临时数据库里完整恢复一遍再丢弃，现有数据不动。")
@click.option("--accept-ledger-fault", is_flag=True, help="备份里的台账有问题时，仍然原样恢复。")
def restore(file: Path, dry_run: bool, accept_ledger_fault: bool) -> None:
    """从备份文件恢复到空的数据文件夹或空的 PostgreSQL 数据库；先核对，再一次完成。"""
    work = keep_restore.rehearse if dry_run else keep_restore.restore
    with _bar("恢复") as progress:
        done = asyncio.run(work(settings.load(), file, accept_fault=accept_ledger_fault, progress=progress))
    found = done.manifest
    click.echo(
        f"{'备份完好，可以恢复' if dry_run else '已恢复'}：{_in_office(found.made_at)} 的备份（{found.program} 版），"
        f"{found.rows} 行，台账 {found.ledger.lines} 行。"
    )
    for note in done.notes:
        click.echo(note)
    if done.refusal:
        click.echo(f"但不能恢复到现在的位置：{done.refusal}")
    elif dry_run:
        click.echo("没有改动。")
