"""zhengwen wechat: look an official account over, and its menu."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import aiohttp
import click
import uvloop

from admin.rehearsal.run import Ports, rehearse
from bot.channels import wechat_check
from bot.channels.wechat_accounts import Account, accounts_of
from bot.channels.wechat_api import TIMEOUT, WeChatApi
from bot.channels.wechat_codes import ApiError, UncertainError, UnreachableError
from bot.channels.wechat_menu import read_menu
from knowledge import settings
from knowledge.errors import BadInputError
from knowledge.settings import Settings

Result = TypeVar("Result")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
PORT = click.IntRange(0, 65535)
MARKS = {True: "✓", False: "✗", None: "！"}
of_account = click.option("--account", "name", help="公众号在设置里的 name；只有一个时不用填。")


@click.group()
def wechat() -> None:
    """微信公众号。"""


@wechat.command()
@of_account
def check(name: str | None) -> None:
    """逐步检查一个公众号：加密方式、回调地址、密钥、IP 白名单、额度；哪一步不对，说明怎么办。"""
    chosen = settings.load()
    if not asyncio.run(_check(chosen, _account(chosen, name))):
        sys.exit(1)


@wechat.command()
@click.option("--data", type=FOLDER, help="数据文件夹；不填则用临时文件夹，停止时删除。")
@click.option("--port", type=PORT, default=8090, show_default=True, help="手机页面的端口。")
@click.option("--public-port", type=PORT, default=8080, show_default=True, help="公众网站端口。")
@click.option("--staff-port", type=PORT, default=8081, show_default=True, help="工作人员网站端口。")
def demo(data: Path | None, port: int, public_port: int, staff_port: int) -> None:
    """没有公众号也能演练：装入演示数据启动服务，由本机扮演微信，在像手机的网页上聊天；只对本机开放。"""
    with tempfile.TemporaryDirectory(prefix="zhengwen-demo-") as temporary:
        folder = data or Path(temporary)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(rehearse(folder, Ports(port, public_port, staff_port), click.echo))


@wechat.group()
def menu() -> None:
    """自定义菜单。"""


@menu.command("get")
@of_account
def menu_get(name: str | None) -> None:
    """显示现在的菜单（JSON）。"""
    click.echo(json.dumps(_call(name, lambda api: api.menu()), ensure_ascii=False, indent=2))


@menu.command("create")
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="只检查文件，不改菜单。")
@of_account
def menu_create(file: Path, dry_run: bool, name: str | None) -> None:
    """按文件（JSON，格式见 docs/wechat.md）设定菜单，取代现有的；用户一天之内看到。"""
    wanted = read_menu(file)
    if dry_run:
        click.echo("菜单文件没有问题。没有改动。")
        return
    _call(name, lambda api: api.create_menu(wanted))
    click.echo("菜单已更新。")


@menu.command("delete")
@click.confirmation_option(prompt="删除公众号的全部菜单吗？", help="不再询问，直接删除。")
@of_account
def menu_delete(name: str | None) -> None:
    """删除菜单。"""
    _call(name, lambda api: api.delete_menu())
    click.echo("菜单已删除。")


def _account(chosen: Settings, name: str | None) -> Account:
    accounts = accounts_of(chosen)
    if not accounts:
        raise BadInputError("设置里没有公众号。请在 zhengwen.toml 里写一段 [[wechat]]，见 docs/wechat.md。")
    if name is None and len(accounts) == 1:
        return next(iter(accounts.values()))
    if name not in accounts:
        raise BadInputError(f"请用 --account 指定公众号：{'、'.join(accounts)}。")
    return accounts[name]


async def _check(chosen: Settings, account: Account) -> bool:
    fine = True
    async with aiohttp.ClientSession(trust_env=True) as session:
        async for step in wechat_check.look(account, chosen.public_url, session):
            click.echo(f"{MARKS[step.right]} {step.sentence}")
            fine = fine and step.right is not False
    return fine


def _call(name: str | None, work: Callable[[WeChatApi], Awaitable[Result]]) -> Result:
    account = _account(settings.load(), name)
    if account.settings.secret is None:
        raise BadInputError("没有填 secret（AppSecret），不能调用微信接口。")

    async def run() -> Result:
        async with aiohttp.ClientSession(timeout=TIMEOUT, trust_env=True) as session:
            return await work(WeChatApi(account.settings, session))

    try:
        return asyncio.run(run())
    except ApiError as error:
        raise BadInputError(f"微信拒绝了（{error}）：{error.advice}") from None
    except (UnreachableError, UncertainError) as error:
        raise BadInputError(f"没有得到微信的答复（{error}），不知道是否已经生效。请稍后查看再试。") from None
