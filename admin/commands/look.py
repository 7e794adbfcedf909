"""zhengwen doctor: is everything as it should be?"""

import asyncio
import sys

import click

from admin import doctor
from admin.doctor import Health
from knowledge import clock, settings

MARKS = {Health.GOOD: "✓", Health.LOOK: "!", Health.BAD: "✗"}


@click.command("doctor")
def doctor_command() -> None:
    """检查安装：设置、磁盘、密钥、数据库、台账、知识库；不改动任何东西。有问题时退出码为 1。"""

    async def run() -> set[Health]:
        seen = set()
        async for found in doctor.examine(settings.load(), clock.now()):
            seen.add(found.health)
            click.echo(f"{MARKS[found.health]} {found.said}")
            if found.advice:
                click.echo(f"    {found.advice}")
        return seen

    seen = asyncio.run(run())
    if Health.BAD in seen:
        click.echo("有问题：请按上面带 ✗ 的各条处理。")
        sys.exit(1)
    click.echo("可以运行，带 ! 的请看一看。" if Health.LOOK in seen else "一切正常。")
