"""Staff accounts: create, reset, roles, passwords. Used by the staff site and by the command line alike.

A password given out by the system works once, to choose one's own. No password is ever logged or kept readable.
"""

import asyncio
import re
import secrets
import unicodedata
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin import account_events
from admin.account_events import COMMAND, SYSTEM, Acting
from knowledge.db import Database
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.tables import Staff, StaffSession
from knowledge.vocabulary import AccountEventKind, Role

FIRST_USERNAME = "admin"
FIRST_NAME = "管理员"
USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
# In histories and in the ledger these are the machine, the asker, and what was brought in from files.
RESERVED = frozenset({SYSTEM, COMMAND, "citizen", "import", "demo"})
NAME_MAX = 40
PASSWORD_MIN, PASSWORD_MAX = 12, 200
# No 0/O, 1/l/I: a one-time password is read from a screen or a slip of paper. 16 of 32 signs are 80 bits.
ONE_TIME_SIGNS = "23456789abcdefghijkmnpqrstuvwxyz"
ONE_TIME_GROUPS = 4
# 19 MiB a reckoning (OWASP's figure for argon2id) instead of the library's 64: the service has to stay under 250 MB.
HASHER = PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1)


async def ensure_first_administrator(database: Database, now: datetime) -> str | None:
    """Where there is no staff at all, make the first administrator and return the one-time password, this once.

    Two processes may start together: the unique user name lets one of them win, the other gets None.
    """
    async with database.reading() as session:
        if (await session.exec(select(Staff.id).limit(1))).first() is not None:
            return None
    try:
        return await create(database, FIRST_USERNAME, FIRST_NAME, Role.ADMINISTRATOR, Acting(SYSTEM, now))
    except BadInputError:
        return None


async def create(database: Database, username: str, name: str, role: Role, acting: Acting) -> str:
    """Make an account; returns the one-time password. BadInputError names the field that cannot be taken."""
    username, name = username.strip(), name.strip()
    if not USERNAME.fullmatch(username) or username in RESERVED:
        raise BadInputError(
            "用户名用小写字母开头，只含小写字母、数字、点、横线，2 至 32 个字符；system、command、citizen、import、demo 不能用。",
            "username",
        )
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise BadInputError(f"请填写姓名，最多 {NAME_MAX} 个字。", "name")
    password = _one_time_password()
    row = Staff(username=username, name=name, role=role, password_hash=await _hash(password), created_at=acting.at)
    try:
        async with database.writing() as session:
            session.add(row)
            account_events.note(session, AccountEventKind.CREATED, username, acting, role.label)
    except IntegrityError:
        raise BadInputError("这个用户名已经有人用了，请换一个。", "username") from None
    return password


async def reset_password(database: Database, username: str, acting: Acting) -> str:
    """Replace the password by a one-time one, which is returned; every session of the account ends."""
    password = _one_time_password()
    hashed = await _hash(password)
    async with database.writing() as session:
        row = await found(session, username)
        row.password_hash, row.must_change = hashed, True
        await _end_sessions(session, row)
        account_events.note(session, AccountEventKind.PASSWORD_RESET, username, acting)
    return password


async def change_password(database: Database, username: str, current: str, new: str, acting: Acting) -> None:
    """Choose one's own password; every session of the account ends. BadInputError says what is wrong with it."""
    async with database.reading() as session:
        row = await found(session, username)
    if not await password_ok(row.password_hash, current):
        raise BadInputError("现在的密码不对。", "current")
    _check_new(row, normal(current), normal(new))
    hashed = await _hash(new)
    async with database.writing() as session:
        changed = await found(session, username)
        if changed.password_hash != row.password_hash:
            raise ConflictError("您的密码刚刚被重置过，这次修改没有保存。请用新的一次性密码登录。")
        changed.password_hash, changed.must_change = hashed, False
        await _end_sessions(session, changed)
        account_events.note(session, AccountEventKind.PASSWORD_CHANGED, username, acting)


async def set_active(database: Database, username: str, acting: Acting, *, active: bool) -> None:
    """Let an account in or keep it out; keeping out ends its sessions. One active administrator always stays."""
    async with database.writing() as session:
        administrators = await _administrators(session)
        row = await found(session, username)
        row.active = active
        _keep_one(administrators)
        if not active:
            await _end_sessions(session, row)
        kind = AccountEventKind.ACTIVATED if active else AccountEventKind.DEACTIVATED
        account_events.note(session, kind, username, acting)


async def set_role(database: Database, username: str, role: Role, acting: Acting) -> None:
    """Give an account another role, from its next click on. One active administrator always stays."""
    async with database.writing() as session:
        administrators = await _administrators(session)
        row = await found(session, username)
        change = f"{Role(row.role).label} → {role.label}"
        row.role = role
        _keep_one(administrators)
        account_events.note(session, AccountEventKind.ROLE, username, acting, change)


async def everyone(session: AsyncSession) -> Sequence[Staff]:
    """All accounts, those in use first."""
    return (await session.exec(select(Staff).order_by(col(Staff.active).desc(), Staff.username))).all()


async def found(session: AsyncSession, username: str) -> Staff:
    """The account of a user name; NotFoundError where there is none."""
    row = (await session.exec(select(Staff).where(Staff.username == username))).one_or_none()
    if row is None:
        raise NotFoundError(f"没有用户名为 {username} 的账号。")
    return row


async def password_ok(password_hash: str, password: str) -> bool:
    """Whether the password belongs to the hash; takes its time, in a thread of its own."""
    try:
        return await asyncio.to_thread(HASHER.verify, password_hash, normal(password)[:PASSWORD_MAX])
    except VerificationError:
        return False


def nobodys_hash() -> str:
    """What an unknown name is checked against: as slow as a real hash, fits no password, and costs nothing to make."""
    salt, digest = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}${salt}${digest}"


def normal(password: str) -> str:
    """Full-width signs of a Chinese keyboard count as the plain ones."""
    return unicodedata.normalize("NFKC", password)


def _check_new(row: Staff, current: str, new: str) -> None:
    if len(new) < PASSWORD_MIN:
        raise BadInputError(f"新密码至少 {PASSWORD_MIN} 个字符，现在有 {len(new)} 个。", "new")
    if len(new) > PASSWORD_MAX:
        raise BadInputError(f"新密码最多 {PASSWORD_MAX} 个字符。", "new")
    if new == current:
        raise BadInputError("新密码不能与现在的密码（包括一次性密码）相同。", "new")
    if new.casefold() in (row.username.casefold(), row.name.casefold()):
        raise BadInputError("新密码不能与用户名或姓名相同。", "new")
    if len(set(new)) < PASSWORD_MIN // 3:
        raise BadInputError("新密码太简单：同样的字符重复太多。", "new")


def _one_time_password() -> str:
    groups = ("".join(secrets.choice(ONE_TIME_SIGNS) for _ in range(4)) for _ in range(ONE_TIME_GROUPS))
    return "-".join(groups)


async def _hash(password: str) -> str:
    return await asyncio.to_thread(HASHER.hash, normal(password))


async def _end_sessions(session: AsyncSession, row: Staff) -> None:
    await session.exec(delete(StaffSession).where(col(StaffSession.staff_id) == row.id))


async def _administrators(session: AsyncSession) -> Sequence[Staff]:
    """The administrators in use, locked: two of them putting each other out at the same moment take turns."""
    wanted = select(Staff).where(Staff.role == Role.ADMINISTRATOR, col(Staff.active)).order_by(col(Staff.id))
    return (await session.exec(wanted.with_for_update())).all()


def _keep_one(administrators: Sequence[Staff]) -> None:
    if not any(row.active and row.role == Role.ADMINISTRATOR for row in administrators):
        raise BadInputError("至少要留一个在用的管理员账号。", "username")
