"""Starting and stopping the service: both sites in one process, until a signal says stop."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable

from aiohttp import web

from admin import demonstration, logs, staff
from admin.site import staff_app
from bot import service as services
from bot.site import public_app
from knowledge.errors import SettingsError
from knowledge.settings import Settings

# Long enough for a request in progress, short enough for an impatient init system.
DRAIN_SECONDS = 20
log = logging.getLogger(__name__)


async def serve(
    settings: Settings,
    *,
    with_demo: bool,
    say: Callable[[str], None],
    stop: asyncio.Event | None = None,
    listening: Callable[[str, str], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT (or `stop`); requests under way are finished first.

    `listening` is told the addresses of the public and of the staff site once both answer.
    """
    logs.begin(settings.log_format)
    stop = stop or asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    service = await services.start(settings)
    runners: list[web.AppRunner] = []
    try:
        if with_demo and await demonstration.is_empty(service.database):
            await demonstration.load(service.database)
            await service.current.refresh()
        password = await staff.ensure_first_administrator(service.database, service.now())
        public = await _listen(public_app(service), settings.public_host, settings.public_port, runners)
        office = await _listen(staff_app(service), settings.staff_host, settings.staff_port, runners)
        _announce(say, public, office, password, len(service.current.entries))
        if listening:
            listening(public, office)
        await stop.wait()
        say("正在停止：先做完手上的请求……")
    finally:
        for runner in runners:
            await runner.cleanup()
        await service.stop()
    say("已停止。")


async def _listen(app: web.Application, host: str, port: int, runners: list[web.AppRunner]) -> str:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_SECONDS)
    await runner.setup()
    runners.append(runner)
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise SettingsError(
            f"不能在 {host}:{port} 上监听（{error.strerror or error}）。端口可能被别的程序占用，请换一个端口。"
        ) from None
    bound: int = runner.addresses[0][1]
    return f"http://{'localhost' if host in ('0.0.0.0', '127.0.0.1') else host}:{bound}/"  # noqa: S104


def _announce(say: Callable[[str], None], public: str, office: str, password: str | None, entries: int) -> None:
    say(f"公众网站      {public}")
    say(f"工作人员网站  {office}")
    if password:
        say(f"首位管理员：用户名 admin，一次性密码 {password} （只显示这一次，登录后请马上修改）")
    if not entries:
        say("知识库是空的，所有留言都会转人工。用 zhengwen import 文件夹 导入知识库，或用 --demo 装入演示数据。")
