"""Looks an installation over: each check gives one line, and where something is wrong, what to do. Changes nothing."""

import shutil
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from admin import queue_list
from bot.learned import newest
from knowledge import clock, ledger, migrate
from knowledge.db import Database, open_database, wait_until_reachable
from knowledge.entries import snapshot
from knowledge.errors import ZhengwenError
from knowledge.settings import Settings
from knowledge.tables import Staff
from knowledge.vocabulary import Labelled, Level

ROOM_NEEDED, ROOM_WANTED = 200_000_000, 2_000_000_000
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Health(Labelled):
    """How a check came out."""

    GOOD = "good", "正常"
    LOOK = "look", "注意"
    BAD = "bad", "有问题"


@dataclass(frozen=True)
class Found:
    """One line; `advice` says what to do where it is not good; `last`: what comes after it cannot be looked at."""

    health: Health
    said: str
    advice: str = ""
    last: bool = False


def good(said: str) -> Found:
    """Nothing to do."""
    return Found(Health.GOOD, said)


def look(said: str, advice: str) -> Found:
    """It works, and somebody should think about it."""
    return Found(Health.LOOK, said, advice)


def bad(said: str, advice: str) -> Found:
    """It does not work, or not safely."""
    return Found(Health.BAD, said, advice)


async def examine(settings: Settings, now: datetime) -> AsyncIterator[Found]:
    """Every check, the cheap ones first; a database that cannot be reached ends it."""
    for check in (_folder, _secrets, _room, _addresses, _office, lambda _: _calendar(now)):
        for found in check(settings):
            yield found
    if not settings.database_url and not settings.database_file.exists():
        yield look("还没有数据库。", "第一次启动服务时会建立。")
        return
    database = open_database(settings)
    try:
        await wait_until_reachable(database, seconds=5)
        for ask in _ASKED:
            found = await ask(database, now)
            yield found
            if found.last:
                return
    except ZhengwenError as error:
        yield bad(str(error), "数据库好了再运行一次 zhengwen doctor。")
    except DBAPIError as error:
        yield bad(
            f"数据库读不出来（{type(error.orig).__name__}：{error.orig}）。",
            "先不要启动服务；用备份恢复，或请数据库管理员看。",
        )
    finally:
        await database.close()


def _folder(settings: Settings) -> Iterator[Found]:
    data = settings.data
    if not data.is_dir():
        yield look(
            f"数据文件夹 {data.absolute()} 还没有。", "第一次启动时会建立；如果应该已经有数据，请检查 ZHENGWEN_DATA。"
        )
        return
    trial = data / ".doctor"
    try:
        trial.write_bytes(b"")
        trial.unlink()
    except OSError as error:
        yield bad(
            f"数据文件夹 {data.absolute()} 写不进去（{error.strerror}）。", "检查文件夹的属主，以及磁盘是否只读。"
        )
    else:
        yield good(f"数据文件夹 {data.absolute()} 可以写入。")


def _secrets(settings: Settings) -> Iterator[Found]:
    folder = settings.data / "secrets"
    if sys.platform == "win32" or not folder.is_dir():
        return
    loose = [path.name for path in folder.iterdir() if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    if loose:
        yield bad(f"别的用户读得到密钥文件：{'、'.join(sorted(loose))}。", f"运行 chmod 600 {folder}/*")
    else:
        yield good("密钥文件只有本用户读得到。")


def _room(settings: Settings) -> Iterator[Found]:
    place = settings.data if settings.data.is_dir() else settings.data.absolute().parent
    if not place.is_dir():
        return
    free = shutil.disk_usage(place).free
    said = f"磁盘还剩 {free / 1e9:.1f} GB。"
    if free < ROOM_NEEDED:
        yield bad(said, "磁盘满了就存不进留言：请马上清理或扩容。")
    elif free < ROOM_WANTED:
        yield look(said, "备份和恢复需要地方，建议至少留 2 GB。")
    else:
        yield good(said)


def _addresses(settings: Settings) -> Iterator[Found]:
    if "localhost" in settings.public_url or "127.0.0.1" in settings.public_url:
        yield look(
            f"公众网址是 {settings.public_url}。", "把 public_url 设成群众用的网址：答复、台账和微信里的链接都用它。"
        )
    elif settings.public_url.startswith("https://") and not settings.behind_tls:
        yield bad("公众网址是 https，但 behind_tls 没有打开。", "设 behind_tls = true，Cookie 才会加 Secure。")
    else:
        yield good(f"公众网址 {settings.public_url}。")
    if settings.staff_host not in LOOPBACK and not settings.behind_tls:
        yield bad(
            f"工作人员网站监听 {settings.staff_host}，没有 HTTPS：密码会在网上明文传送。",
            "让它只监听 127.0.0.1，由带 HTTPS 的反向代理转发，并设 behind_tls = true。",
        )
    if settings.behind_tls and not settings.proxies:
        yield look(
            "有 HTTPS 代理，但 proxies = 0：所有人看起来都来自代理。", "把 proxies 设成代理的层数，限速才分得清人。"
        )


def _office(settings: Settings) -> Iterator[Found]:
    wanted = {"office_name": "单位全称", "office_phone": "联系电话", "office_address": "地址", "region": "本地地名"}
    default = {name: field.default for name, field in Settings.model_fields.items()}
    missing = [f"{label}（{name}）" for name, label in wanted.items() if getattr(settings, name) == default[name]]
    if missing:
        yield look(f"还没有填：{'、'.join(missing)}。", "写在数据文件夹的 zhengwen.toml 里；年度报告和页面要用。")
    else:
        yield good(f"单位资料齐全：{settings.office_name}。")


def _calendar(now: datetime) -> Iterator[Found]:
    today = clock.office_day(now)
    known = clock.is_working_day(today)[1]
    if not known:
        yield look(
            f"{today.year} 年的放假安排，程序还不知道：期限按周一到周五暂算。",
            "更新程序（chinesecalendar 每年年底更新）。",
        )
    elif today.month == 12 and not clock.is_working_day(today.replace(year=today.year + 1, month=1, day=1))[1]:
        yield look(f"{today.year + 1} 年的放假安排，程序还不知道：跨年的期限是暂定的。", "国务院公布后更新程序。")
    else:
        yield good(f"{today.year} 年的工作日和调休已知。")


async def _tables(database: Database, _now: datetime) -> Found:
    async with database.reader.connect() as connection:
        present = await connection.run_sync(migrate.present_version)
        broken = await _broken_pages(database) if database.is_sqlite else ""
    if broken:
        return replace(
            bad(f"数据库文件损坏：{broken}", "不要再写入：停下服务，复制一份文件，再用最近的备份恢复。"), last=True
        )
    newest_known = migrate.newest_version()
    if present is None:
        return replace(look("数据库是空的。", "启动服务，或运行 zhengwen migrate。"), last=True)
    if present != newest_known:
        said = f"数据库是版本 {present}，程序是 {newest_known}。"
        return replace(look(said, "启动服务时会自动升级；升级前先备份。"), last=True)
    return good(f"数据库完好，版本 {present}。")


async def _broken_pages(database: Database) -> str:
    async with database.reader.connect() as connection:
        said = (await connection.execute(sql("PRAGMA quick_check(1)"))).scalar_one()
    return "" if said == "ok" else str(said)


async def _ledger(database: Database, _now: datetime) -> Found:
    async with database.reader.connect() as connection:
        verdict = await ledger.verify(connection)
    if verdict.fault:
        return bad(f"台账不完好：{verdict.fault}。", "不要再改动；保留现场，用备份对照，见 docs/operations.md。")
    return good(f"台账完好：{verdict.lines} 行。")


async def _base(database: Database, now: datetime) -> Found:
    async with database.reading() as session:
        known = await snapshot(session)
        learned = await newest(session)
    today = clock.office_day(now)
    can = sum(entry.in_force(today) and entry.level is not Level.C for entry in known.entries)
    if not known.entries:
        return look("知识库是空的：所有留言都会转人工。", "运行 zhengwen import 文件夹。")
    outdated = learned.outdated(known.version) if learned else ""
    if outdated:
        return look(outdated, "运行 zhengwen learn。")
    return good(f"知识库 {len(known.entries)} 条，今天能自动答复 {can} 条。")


async def _people(database: Database, _now: datetime) -> Found:
    async with database.reading() as session:
        active = (await session.exec(select(Staff).where(Staff.active))).all()
    waiting = [person.username for person in active if person.must_change]
    if not active:
        return look("还没有工作人员账号。", "第一次启动时会给出首位管理员的一次性密码。")
    if waiting:
        return look(f"还没有改掉一次性密码：{'、'.join(waiting)}。", "请本人登录修改；不用的账号请停用。")
    return good(f"工作人员账号 {len(active)} 个。")


async def _overdue(database: Database, now: datetime) -> Found:
    async with database.reading() as session:
        count = await queue_list.overdue(session, clock.office_day(now))
    if count:
        return look(f"有 {count} 条留言超过了答复期限。", "请到工作人员网站的待办处理。")
    return good("没有超期的留言。")


_ASKED: tuple[Callable[[Database, datetime], Awaitable[Found]], ...] = (_tables, _ledger, _base, _people, _overdue)
