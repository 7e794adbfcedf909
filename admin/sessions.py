"""Sessions of the staff: begun at sign-in, found by their token, listed, and ended one by one or together."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin import account_events
from admin.account_events import Acting
from admin.pages_frame import Person
from knowledge.db import Database
from knowledge.settings import Settings
from knowledge.tables import SecondFactor, Staff, StaffSession
from knowledge.vocabulary import AccountEventKind, Role

# That somebody is there is written down once a minute, not with every click.
SEEN_EVERY = timedelta(minutes=1)


async def begin(database: Database, row: Staff, acting: Acting, hours: int, browser: str) -> str:
    """Start a session and return its token; of the token only the digest is kept. Sessions run out are swept away."""
    token = secrets.token_urlsafe(32)
    begun = StaffSession(
        token_sha256=digest(token),
        staff_id=row.id or 0,
        started_at=acting.at,
        expires_at=acting.at + timedelta(hours=hours),
        last_seen_at=acting.at,
        address=acting.address,
        browser=browser,
    )
    async with database.writing() as session:
        await session.exec(delete(StaffSession).where(col(StaffSession.expires_at) <= acting.at))
        session.add(begun)
        account_events.note(session, AccountEventKind.SIGNED_IN, row.username, acting, browser)
    return token


async def end(database: Database, token: str) -> None:
    """The token opens nothing any more."""
    async with database.writing() as session:
        await session.exec(delete(StaffSession).where(col(StaffSession.token_sha256) == digest(token)))


async def sign_out(database: Database, person: Person, acting: Acting) -> None:
    """End one's own session, and say so on record."""
    async with database.writing() as session:
        await session.exec(delete(StaffSession).where(col(StaffSession.token_sha256) == digest(person.token)))
        account_events.note(session, AccountEventKind.SIGNED_OUT, person.username, acting)


async def whose(database: Database, token: str, at: datetime, idle_minutes: int) -> Person | None:
    """The person a token belongs to, while the session lasts, is not idle for too long, and the account is in use."""
    wanted = (
        select(Staff, StaffSession.last_seen_at, SecondFactor.confirmed_at)
        .join(StaffSession, col(StaffSession.staff_id) == Staff.id)
        .outerjoin(SecondFactor, col(SecondFactor.staff_id) == Staff.id)
        .where(StaffSession.token_sha256 == digest(token), col(Staff.active), *_alive(at, idle_minutes))
    )
    async with database.reading() as session:
        found = (await session.exec(wanted)).one_or_none()
    if found is None:
        return None
    row, seen, confirmed = found
    if at - seen >= SEEN_EVERY:
        await _seen(database, token, at)
    role = Role(row.role)
    return Person(row.id or 0, row.username, row.name, role, row.must_change, token, has_factor=confirmed is not None)


async def of(session: AsyncSession, staff_id: int, at: datetime, settings: Settings) -> Sequence[StaffSession]:
    """The sessions of an account that still open something, the one used last first."""
    alive = select(StaffSession).where(StaffSession.staff_id == staff_id, *_alive(at, settings.idle_minutes))
    return (await session.exec(alive.order_by(col(StaffSession.last_seen_at).desc()))).all()


async def end_some(database: Database, staff: tuple[int, str], acting: Acting, *, only: str = "", but: str = "") -> int:
    """End an account's sessions: the one with the digest `only`, or all but the one with the digest `but`.

    `staff` is the account's id and user name: the digest of somebody else's session ends nothing. Returns how many.
    """
    ended = delete(StaffSession).where(col(StaffSession.staff_id) == staff[0])
    ended = ended.where(col(StaffSession.token_sha256) == only) if only else ended
    ended = ended.where(col(StaffSession.token_sha256) != but) if but else ended
    async with database.writing() as session:
        count = int((await session.exec(ended)).rowcount)
        if count:
            account_events.note(session, AccountEventKind.SESSIONS_ENDED, staff[1], acting, f"{count} 处")
    return count


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def _alive(at: datetime, idle_minutes: int) -> list[ColumnElement[bool]]:
    conditions = [col(StaffSession.expires_at) > at]
    if idle_minutes:
        conditions.append(col(StaffSession.last_seen_at) > at - timedelta(minutes=idle_minutes))
    return conditions


async def _seen(database: Database, token: str, at: datetime) -> None:
    stands = update(StaffSession).where(col(StaffSession.token_sha256) == digest(token))
    async with database.writing() as session:
        # Of requests at once the later moment stays.
        await session.exec(stands.where(col(StaffSession.last_seen_at) < at).values(last_seen_at=at))
