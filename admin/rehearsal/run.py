"""Start everything for a rehearsal: the stand-in and the phone first, then the service with the demonstration's data."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from admin import demonstration, serving
from admin.rehearsal.phone import STAFF_SITE, phone_app
from admin.rehearsal.standin import NAME, StandIn
from knowledge import settings
from knowledge.errors import SettingsError

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """Where the three sites listen; 0 lets the system choose."""

    phone: int
    public: int
    staff: int


async def rehearse(data: Path, ports: Ports, say: Callable[[str], None], stop: asyncio.Event | None = None) -> None:
    """Serve until a signal or `stop`. The environment is not read: a rehearsal never touches the office's own database."""
    demonstration.write_profile(data)
    own = settings.load({}, data=data)
    if own.wechat or own.database_url:
        raise SettingsError(f"{data} 是正式使用的数据文件夹，演练请换一个文件夹，或者不填 --data。")
    stand_in = StandIn()
    app = phone_app(stand_in, own)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        phone = await _listen(runner, ports.phone)
        chosen = settings.load(
            {},
            data=data,
            public_host=LOOPBACK,
            public_port=ports.public,
            staff_port=ports.staff,
            public_url=f"http://{LOOPBACK}:{ports.public}",
            wechat=[stand_in.account(phone)],
        )

        def listening(public: str, staff: str) -> None:
            stand_in.webhook = f"{public}wechat/{NAME}"
            app[STAFF_SITE].append(staff)
            say(f"微信演练        {phone}/ （像手机一样聊天；Ctrl-C 停止）")

        await serving.serve(chosen, with_demo=True, say=say, stop=stop, listening=listening)
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int) -> str:
    try:
        await web.TCPSite(runner, LOOPBACK, port).start()
    except OSError as error:
        raise SettingsError(
            f"不能在 {LOOPBACK}:{port} 上监听（{error.strerror or error}）。请用 --port 换一个端口。"
        ) from None
    return f"http://{LOOPBACK}:{runner.addresses[0][1]}"
