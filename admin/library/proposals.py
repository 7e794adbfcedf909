"""The life of a proposed change: made · amended · returned · withdrawn · approved. Each step is one transaction.

Nothing that answers changes before a second person approves; then the revision is written and the version raised.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.library import checks
from admin.library.changeset import ChangeSet
from bot.message import clean
from knowledge import importing
from knowledge.db import Database
from knowledge.entries import stored_base
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.format import EntryText, PolicyText
from knowledge.tables import BaseState, Entry, Proposal, ProposalEvent
from knowledge.vocabulary import ProposalKind, ProposalState

WORDS_MAX = 500
OWN = "自己提出的修改要由另一个人审核，您不能通过自己的提案。"
STALE = "提出以后，这里的内容已经被别的修改改动过，不能直接通过。请提出人对照现在的文字重新提出。"
MOVED = "这份提案刚刚被别人处理或改过，您的操作没有完成。下面是它现在的样子。"
AMENDABLE = (ProposalState.OPEN, ProposalState.RETURNED)


@dataclass(frozen=True)
class Made:
    """What a proposal says beside its change."""

    kind: ProposalKind
    title: str
    subject: str
    why: str
    warnings: Sequence[str] = ()
    reason: str = ""
    question_id: int | None = None


def words(text: str, field: str, label: str, *, needed: bool = True) -> str:
    """Some words a person writes about a change; BadInputError where they are needed and missing, or too many."""
    said = clean(text, field, label)
    if needed and not said:
        raise BadInputError(f"请写明{label}。", field)
    if len(said) > WORDS_MAX:
        raise BadInputError(f"{label}最多 {WORDS_MAX} 个字。", field)
    return said


async def make(database: Database, change: ChangeSet, made: Made, who: str, at: datetime) -> int:
    """Keep a proposal; returns its number. ConflictError where what it rests on has changed since it was read."""
    async with database.writing() as session:
        await _fresh(session, change)
        row = Proposal(
            kind=made.kind,
            subject=made.subject,
            title=made.title,
            change=change.as_json(),
            why=made.why,
            warnings=list(made.warnings),
            reason=made.reason,
            question_id=made.question_id,
            state=ProposalState.OPEN,
            made_by=who,
            made_at=at,
        )
        session.add(row)
        await session.flush()
        _event(session, row.id or 0, at, who, ProposalState.OPEN, made.why)
        return row.id or 0


async def amend(
    database: Database, number: int, version: int, change: ChangeSet, made: Made, who: str, at: datetime
) -> None:
    """Put other words in place of a proposal's, by its author only; it waits for approval again."""
    async with database.writing() as session:
        row = await get(session, number)
        if row.made_by != who:
            raise BadInputError("只有提出人能修改自己的提案；您可以退回并写明意见。")
        await _fresh(session, change)
        values: dict[str, Any] = {
            "change": change.as_json(),
            "why": made.why,
            "warnings": list(made.warnings),
            "reason": made.reason,
        }
        values |= {"title": made.title, "decided_by": "", "decided_at": None}
        await _move(session, number, version, AMENDABLE, ProposalState.OPEN, values)
        _event(session, number, at, who, ProposalState.OPEN, made.why)


async def send_back(database: Database, number: int, version: int, who: str, comment: str, at: datetime) -> None:
    """Return a proposal to its author with words."""
    async with database.writing() as session:
        row = await get(session, number)
        if row.made_by == who:
            raise BadInputError("这是您自己的提案：不需要了请撤回。")
        values = {"decided_by": who, "decided_at": at}
        await _move(session, number, version, (ProposalState.OPEN,), ProposalState.RETURNED, values)
        _event(session, number, at, who, ProposalState.RETURNED, comment)


async def withdraw(database: Database, number: int, version: int, who: str, at: datetime) -> None:
    """Take a proposal back, by its author."""
    async with database.writing() as session:
        row = await get(session, number)
        if row.made_by != who:
            raise BadInputError("只有提出人能撤回自己的提案。")
        await _move(session, number, version, AMENDABLE, ProposalState.WITHDRAWN, {"decided_by": who, "decided_at": at})
        _event(session, number, at, who, ProposalState.WITHDRAWN, "")


async def approve(database: Database, number: int, version: int, who: str, comment: str, at: datetime) -> None:
    """Write what was proposed: the revision, the version and the decision in one transaction.

    BadInputError where it is one's own or an error stands against it by now; ConflictError where somebody was faster.
    """
    try:
        async with database.writing() as session:
            await importing.lock(session)
            row = await get(session, number)
            if row.made_by == who:
                raise BadInputError(OWN)
            change = ChangeSet.of_json(row.change)
            values = {"decided_by": who, "decided_at": at}
            await _move(session, number, version, (ProposalState.OPEN,), ProposalState.APPROVED, values)
            await _fresh(session, change)
            faults = checks.errors(checks.of_base(change, await stored_base(session)))
            if faults:
                raise BadInputError("现在不能通过：" + " ".join(faults[:3]))
            await importing.write(session, change.part, row.made_by, at)
            _event(session, number, at, who, ProposalState.APPROVED, comment)
    except IntegrityError:
        raise ConflictError(STALE) from None


async def get(session: AsyncSession, number: int) -> Proposal:
    """One proposal."""
    row = await session.get(Proposal, number)
    if row is None:
        raise NotFoundError("没有这份提案。")
    return row


async def events(session: AsyncSession, number: int) -> Sequence[ProposalEvent]:
    """The life of a proposal."""
    wanted = select(ProposalEvent).where(ProposalEvent.proposal_id == number).order_by(col(ProposalEvent.id))
    return (await session.exec(wanted)).all()


async def listed(session: AsyncSession, state: ProposalState) -> Sequence[Proposal]:
    """Proposals in a state: those that wait by age, the others newest first."""
    wanted = select(Proposal).where(Proposal.state == state)
    order = col(Proposal.id) if state in AMENDABLE else col(Proposal.id).desc()
    return (await session.exec(wanted.order_by(order).limit(200))).all()


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many proposals there are by state."""
    return dict((await session.exec(select(Proposal.state, func.count()).group_by(Proposal.state))).all())


async def about(session: AsyncSession, subject: str) -> Sequence[Proposal]:
    """The proposals about one entry or policy, newest first."""
    wanted = select(Proposal).where(Proposal.subject == subject).order_by(col(Proposal.id).desc())
    return (await session.exec(wanted.limit(50))).all()


async def stale(session: AsyncSession, change: ChangeSet) -> bool:
    """Whether something the change rests on stands otherwise than its author saw it."""
    keys = list(change.revisions)
    found = dict((await session.exec(select(Entry.key, Entry.revision).where(col(Entry.key).in_(keys)))).all())
    if any(found.get(key, 0) != revision for key, revision in change.revisions.items()):
        return True
    if change.vocabulary:
        words = (await session.exec(select(BaseState.vocabulary).where(BaseState.id == 1))).one_or_none()
        if (words or "") != change.vocabulary_before:
            return True
    if not change.policies:
        return False
    stands = {row.key: row for row in (await stored_base(session)).policies}
    before = {row.key: row for row in change.policies_before}
    return any(stands.get(row.key) != before.get(row.key) for row in change.policies)


async def _fresh(session: AsyncSession, change: ChangeSet) -> None:
    if await stale(session, change):
        raise ConflictError(STALE)


async def _move(
    session: AsyncSession,
    number: int,
    version: int,
    allowed: Sequence[ProposalState],
    state: ProposalState,
    values: dict[str, Any],
) -> None:
    statement = (
        update(Proposal)
        .where(
            col(Proposal.id) == number,
            col(Proposal.version) == version,
            col(Proposal.state).in_([one.value for one in allowed]),
        )
        .values(state=state.value, version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    result: CursorResult[Any] = await session.exec(statement)
    if result.rowcount != 1:
        raise ConflictError(MOVED)


def _event(session: AsyncSession, number: int, at: datetime, who: str, state: ProposalState, note: str) -> None:
    session.add(ProposalEvent(proposal_id=number, at=at, actor=who, state=state, note=note))


def of_entry(entry: EntryText, revision: int) -> ChangeSet:
    """A change of one entry."""
    return ChangeSet(entries=(entry,), revisions={entry.key: revision})


def of_policies(before: Sequence[PolicyText], after: Sequence[PolicyText]) -> ChangeSet:
    """A change of some policies."""
    return ChangeSet(policies=tuple(after), policies_before=tuple(before))
