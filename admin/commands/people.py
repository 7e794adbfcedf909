"""zhengwen staff: accounts of the staff site."""

import click

from admin import second_factor
from admin import staff as accounts
from admin.account_events import COMMAND, Acting
from admin.commands.session import with_database
from knowledge import clock
from knowledge.db import Database
from knowledge.settings import Settings
from knowledge.vocabulary import AccountEventKind, Role


@click.group()
def staff() -> None:
    """工作人员账号。"""


@staff.command("add")
@click.argument("username")
@click.option("--name", required=True, help="姓名。")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.CLERK.value, help="角色。")
def add(username: str, name: str, role: str) -> None:
    """新建账号，显示一次性密码。"""

    async def work(chosen: Settings, database: Database) -> str:
        return await accounts.create(database, username, name, Role(role), _acting())

    click.echo(f"已建账号 {username}，一次性密码：{with_database(work)} （只显示这一次）")


@staff.command("reset")
@click.argument("username")
def reset(username: str) -> None:
    """重设密码，显示新的一次性密码；此人已登录的会话全部结束。"""

    async def work(chosen: Settings, database: Database) -> str:
        return await accounts.reset_password(database, username, _acting())

    click.echo(f"账号 {username} 的一次性密码：{with_database(work)} （只显示这一次）")


@staff.command("reset-factor")
@click.argument("username")
@click.option("--reason", required=True, help="原因，写入审计记录。")
def reset_factor(username: str, reason: str) -> None:
    """取消动态验证码（手机丢失、密钥换过，而没有别的管理员时用）；此人下次只用密码登录。"""

    async def work(chosen: Settings, database: Database) -> None:
        await second_factor.remove(database, username, _acting(), AccountEventKind.FACTOR_RESET, reason)

    with_database(work)
    click.echo(f"账号 {username} 的动态验证码已取消。")


def _acting() -> Acting:
    return Acting(COMMAND, clock.now())
