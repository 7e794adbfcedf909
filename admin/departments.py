"""The list of departments 科室, and who belongs to which."""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin import account_events, staff
from admin.account_events import Acting
from bot.message import clean
from knowledge.db import Database
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.tables import Department
from knowledge.vocabulary import AccountEventKind

NAME_MAX = 40
TAKEN = "已经有叫这个名字的科室了。"


async def every(session: AsyncSession) -> Sequence[Department]:
    """All departments, in the order they were made."""
    return (await session.exec(select(Department).order_by(col(Department.id)))).all()


async def add(database: Database, name: str) -> None:
    """Add a department; BadInputError (field `department`) where the name is empty, too long or taken."""
    row = Department(name=_named(name))
    try:
        async with database.writing() as session:
            session.add(row)
    except IntegrityError:
        raise BadInputError(TAKEN, "department") from None


async def rename(database: Database, number: int, name: str) -> None:
    """Give a department another name; whoever belongs to it still does."""
    wanted = _named(name)
    try:
        async with database.writing() as session:
            (await _department(session, number)).name = wanted
    except IntegrityError:
        raise BadInputError(TAKEN, "department") from None


async def remove(database: Database, number: int) -> None:
    """Take an empty department off the list; ConflictError where somebody belongs to it."""
    try:
        async with database.writing() as session:
            await session.delete(await _department(session, number))
    except IntegrityError:
        raise ConflictError("这个科室还有人，请先把他们改到别的科室。") from None


async def assign(database: Database, username: str, number: int | None, acting: Acting) -> None:
    """Put an account into a department, or into none."""
    async with database.writing() as session:
        row = await staff.found(session, username)
        department = await _department(session, number) if number is not None else None
        row.department_id = number
        name = department.name if department else "不分科室"
        account_events.note(session, AccountEventKind.DEPARTMENT, username, acting, name)


async def _department(session: AsyncSession, number: int) -> Department:
    row = await session.get(Department, number)
    if row is None:
        raise NotFoundError("没有这个科室，可能刚被别人删掉了。")
    return row


def _named(name: str) -> str:
    wanted = clean(name, "department", "科室名称")
    if not wanted or len(wanted) > NAME_MAX or "\n" in wanted:
        raise BadInputError(f"请填写科室名称，最多 {NAME_MAX} 个字。", "department")
    return wanted
