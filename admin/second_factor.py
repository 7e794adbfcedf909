"""The second factor: codes of an authenticator app (TOTP, RFC 6238), recovery codes, and the step between the two.

Secrets lie sealed in the database (AES-GCM, bound to the account, under a key derived from the service's signing key).
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import datetime, timedelta

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin import account_events
from admin.account_events import Acting
from knowledge.db import Database
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.settings import Settings
from knowledge.tables import RecoveryCode, SecondFactor, Staff
from knowledge.vocabulary import AccountEventKind, Role, SecondFactorRule

STEP_SECONDS = 30
# A telephone's clock may be one step off either way.
STEPS_AROUND = (0, -1, 1)
NONCE_BYTES = 12
SETUP_LASTS = timedelta(minutes=15)
TICKET_SECONDS = 5 * 60
RECOVERY_CODES = 8
RECOVERY_SIGNS = "23456789abcdefghijkmnpqrstuvwxyz"
TICKET = re.compile(r"([0-9]{1,9})\.([0-9]{1,12})\.[0-9a-f]{64}")
DIGITS = re.compile(r"[0-9]{6}")
WRONG = "验证码不对。请输入验证码应用里现在显示的 6 位数字，或者一个没有用过的备用码。"
WRONG_FIRST = "验证码不对。请输入应用里现在显示的 6 位数字；一直不对的话，请看看手机的时间准不准。"
USED = "这个验证码已经用过了，请等应用显示下一个再输入。"
UNREADABLE = "您的动态验证码资料读不出来（服务的密钥换过），请找管理员重置动态验证码。"
NOT_SET_UP = "还没有开始设置，或者超过了 15 分钟，请重新开始。"


def demanded(settings: Settings, role: Role) -> bool:
    """Whether somebody of a role must have a second factor before using the desk."""
    named = {word.strip() for word in settings.second_factor_roles.split(",") if word.strip()}
    return settings.second_factor is SecondFactorRule.REQUIRED and (not named or role.value in named)


async def asked_for(database: Database, settings: Settings, staff_id: int) -> bool:
    """Whether an account has to give a code at sign-in."""
    if settings.second_factor is SecondFactorRule.OFF:
        return False
    async with database.reading() as session:
        row = await session.get(SecondFactor, staff_id)
    return row is not None and row.confirmed_at is not None


async def start(database: Database, key: bytes, staff_id: int, at: datetime) -> None:
    """Make a secret, not in force yet; ConflictError where a confirmed one stands."""
    row = SecondFactor(staff_id=staff_id, sealed=_seal(key, staff_id, pyotp.random_base32()), made_at=at)
    try:
        async with database.writing() as session:
            unconfirmed = col(SecondFactor.confirmed_at).is_(None)
            await session.exec(delete(SecondFactor).where(col(SecondFactor.staff_id) == staff_id, unconfirmed))
            session.add(row)
    except IntegrityError:
        raise ConflictError("动态验证码已经开通了，不用再设置。") from None


async def pending(session: AsyncSession, key: bytes, staff_id: int, at: datetime) -> str | None:
    """The secret waiting to be confirmed; None where there is none or it is too old."""
    row = await session.get(SecondFactor, staff_id)
    if row is None or row.confirmed_at is not None or at - row.made_at > SETUP_LASTS:
        return None
    return _unseal(key, row)


def provisioning_uri(secret: str, username: str, office: str) -> str:
    """What the QR code says; colons would part issuer and name."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=office.replace(":", " "))


async def confirm(database: Database, key: bytes, staff: tuple[int, str], code: str, acting: Acting) -> list[str]:
    """Put the secret in force with a first code; returns the recovery codes, which are never shown again."""
    async with database.writing() as session:
        secret = await pending(session, key, staff[0], acting.at)
        if secret is None:
            raise ConflictError(NOT_SET_UP)
        step = _step_of(secret, _plain(code), acting.at)
        if step is None:
            raise BadInputError(WRONG_FIRST, "current")
        confirmed = update(SecondFactor).where(
            col(SecondFactor.staff_id) == staff[0], col(SecondFactor.confirmed_at).is_(None)
        )
        if (await session.exec(confirmed.values(confirmed_at=acting.at, last_step=step))).rowcount != 1:
            raise ConflictError("动态验证码已经开通了，不用再设置。")
        account_events.note(session, AccountEventKind.FACTOR_ON, staff[1], acting)
        return await _new_codes(session, key, staff[0])


async def check(database: Database, key: bytes, staff: tuple[int, str], code: str, acting: Acting) -> None:
    """Take a code, once; BadInputError (field `current`) where it is wrong or was taken before."""
    plain = _plain(code)
    async with database.writing() as session:
        row = await session.get(SecondFactor, staff[0])
        if row is None or row.confirmed_at is None:
            raise NotFoundError("这个账号没有开通动态验证码。")
        if DIGITS.fullmatch(plain):
            await _take_step(session, key, row, plain, acting.at)
            return
        gone = delete(RecoveryCode).where(
            col(RecoveryCode.staff_id) == staff[0], col(RecoveryCode.digest) == _digest(key, staff[0], plain)
        )
        if (await session.exec(gone)).rowcount != 1:
            raise BadInputError(WRONG, "current")
        left = await codes_left(session, staff[0])
        account_events.note(session, AccountEventKind.RECOVERY_USED, staff[1], acting, f"还剩 {left} 个")


async def codes_left(session: AsyncSession, staff_id: int) -> int:
    """How many recovery codes have not been used."""
    counted = select(func.count()).select_from(RecoveryCode).where(col(RecoveryCode.staff_id) == staff_id)
    return int((await session.exec(counted)).one())


async def holders(session: AsyncSession) -> frozenset[int]:
    """The ids of all accounts with a second factor in force."""
    confirmed = select(SecondFactor.staff_id).where(col(SecondFactor.confirmed_at).is_not(None))
    return frozenset((await session.exec(confirmed)).all())


async def renew_codes(database: Database, key: bytes, staff: tuple[int, str], acting: Acting) -> list[str]:
    """New recovery codes; the old ones open nothing any more."""
    async with database.writing() as session:
        account_events.note(session, AccountEventKind.RECOVERY_RENEWED, staff[1], acting)
        return await _new_codes(session, key, staff[0])


async def remove(database: Database, username: str, acting: Acting, kind: AccountEventKind, reason: str = "") -> None:
    """Take the second factor off an account, with its recovery codes; NotFoundError where there is none."""
    async with database.writing() as session:
        staff_id = (await session.exec(select(Staff.id).where(Staff.username == username))).one_or_none()
        if staff_id is None:
            raise NotFoundError(f"没有用户名为 {username} 的账号。")
        gone = await session.exec(delete(SecondFactor).where(col(SecondFactor.staff_id) == staff_id))
        if gone.rowcount != 1:
            raise NotFoundError("这个账号没有开通动态验证码。")
        await session.exec(delete(RecoveryCode).where(col(RecoveryCode.staff_id) == staff_id))
        account_events.note(session, kind, username, acting, reason)


def ticket(key: bytes, row: Staff, at: datetime) -> str:
    """Proof that the password was right, good for a few minutes and until the password changes."""
    expires = int(at.timestamp()) + TICKET_SECONDS
    return f"{row.id}.{expires}.{_ticket_mac(key, row, expires)}"


async def holder(database: Database, key: bytes, given: str, at: datetime) -> Staff | None:
    """The account a ticket was made for; None where it is forged or too old, or the account is out of use."""
    found = TICKET.fullmatch(given)
    if found is None or int(found.group(2)) < at.timestamp():
        return None
    async with database.reading() as session:
        row = await session.get(Staff, int(found.group(1)))
    if row is None or not row.active:
        return None
    right = f"{row.id}.{found.group(2)}.{_ticket_mac(key, row, int(found.group(2)))}"
    return row if hmac.compare_digest(right, given) else None


async def _take_step(session: AsyncSession, key: bytes, row: SecondFactor, code: str, at: datetime) -> None:
    step = _step_of(_unseal(key, row), code, at)
    if step is None:
        raise BadInputError(WRONG, "current")
    newer = update(SecondFactor).where(col(SecondFactor.staff_id) == row.staff_id, col(SecondFactor.last_step) < step)
    if (await session.exec(newer.values(last_step=step))).rowcount != 1:
        raise BadInputError(USED, "current")


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    if not DIGITS.fullmatch(code):
        return None
    now = int(at.timestamp()) // STEP_SECONDS
    codes = pyotp.HOTP(secret)
    return next((now + off for off in STEPS_AROUND if hmac.compare_digest(codes.at(now + off), code)), None)


async def _new_codes(session: AsyncSession, key: bytes, staff_id: int) -> list[str]:
    await session.exec(delete(RecoveryCode).where(col(RecoveryCode.staff_id) == staff_id))
    codes = ["-".join(_group() for _ in range(3)) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(digest=_digest(key, staff_id, _plain(code)), staff_id=staff_id) for code in codes)
    return codes


def _group() -> str:
    return "".join(secrets.choice(RECOVERY_SIGNS) for _ in range(4))


def _plain(code: str) -> str:
    """A code as typed: full-width digits, spaces and dashes do not matter."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code[:100])).lower()


def _digest(key: bytes, staff_id: int, plain: str) -> str:
    return hmac.new(key, f"staff-recovery:{staff_id}:{plain}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _ticket_mac(key: bytes, row: Staff, expires: int) -> str:
    return hmac.new(key, f"staff-ticket:{row.id}:{expires}:{row.password_hash}".encode(), hashlib.sha256).hexdigest()


def _sealing_key(key: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), length=32, salt=None, info=b"zhengwen second factor").derive(key))


def _seal(key: bytes, staff_id: int, secret: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _sealing_key(key).encrypt(nonce, secret.encode(), str(staff_id).encode())


def _unseal(key: bytes, row: SecondFactor) -> str:
    nonce, sealed = row.sealed[:NONCE_BYTES], row.sealed[NONCE_BYTES:]
    try:
        return _sealing_key(key).decrypt(nonce, sealed, str(row.staff_id).encode()).decode()
    except InvalidTag:
        raise ConflictError(UNREADABLE) from None
