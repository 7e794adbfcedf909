"""zhengwen serve · demo · migrate."""

import asyncio
from typing import Any

import click
import uvloop

from admin import demonstration, serving
from admin.commands.session import opened, with_database
from knowledge import migrate, settings
from knowledge.db import Database
from knowledge.settings import Settings


@click.command()
@click.option("--demo", "with_demo", is_flag=True, help="数据文件夹为空时，先装入起步知识库和威海 2023 年的数字。")
@click.option("--public-port", type=click.IntRange(0, 65535), help="公众网站端口，默认 8080。")
@click.option("--staff-port", type=click.IntRange(0, 65535), help="工作人员网站端口，默认 8081。")
def serve(with_demo: bool, public_port: int | None, staff_port: int | None) -> None:
    """启动服务：公众网站和工作人员网站。"""
    ports = {"public_port": public_port, "staff_port": staff_port}
    overrides: dict[str, Any] = {name: port for name, port in ports.items() if port is not None}
    if with_demo:
        demonstration.write_profile(settings.load(**overrides).data)
    chosen = settings.load(**overrides)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serving.serve(chosen, with_demo=with_demo, say=click.echo))


@click.command()
def demo() -> None:
    """在空的数据文件夹里装入起步知识库和威海 2023 年的数字。"""
    demonstration.write_profile(settings.load().data)

    async def work(chosen: Settings, database: Database) -> demonstration.Loaded:
        return await demonstration.load(database)

    loaded = with_database(work)
    click.echo(
        f"已装入：政策 {loaded.policies} 件，知识条目 {loaded.entries} 条，威海 2023 年年报的记录 {loaded.records} 条。"
    )


@click.command("migrate")
def migrate_command() -> None:
    """把数据库升级到本版本的表结构。"""

    async def run() -> str | None:
        async with opened(settings.load()) as database, database.reader.connect() as connection:
            return await connection.run_sync(migrate.present_version)

    click.echo(f"数据库已是版本 {asyncio.run(run())}。")
