"""zhengwen cases: what is done with disclosure cases from the command line."""

import click

from admin.commands.session import with_database
from knowledge import clock
from knowledge.cases import forgetting
from knowledge.db import Database
from knowledge.settings import Settings


@click.group()
def cases() -> None:
    """依申请公开的案件。"""


@cases.command("forget")
@click.option("--dry-run", is_flag=True, help="只列出，不清除。")
def forget(dry_run: bool) -> None:
    """清除保存期满的申请人信息和附件；申请内容（已隐去个人信息）、办理经过和统计不变。"""

    async def work(chosen: Settings, database: Database) -> list[int]:
        ids = await forgetting.due(database, clock.office_day(clock.now()), chosen.applications_keep_days)
        if not dry_run:
            await forgetting.forget(database, ids)
        return ids

    found = with_database(work)
    numbers = "、".join(str(number) for number in found) or "没有"
    click.echo(f"{'保存期满，尚未清除' if dry_run else '已清除申请人信息和附件'}的申请 {len(found)} 件：{numbers}")
