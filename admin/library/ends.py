"""What stops answering when: entries by their own dates and by the policies they rest on. Derived anew, nothing is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.library.reading import cites
from knowledge.entries import KnownEntry
from knowledge.tables import Entry, EntryBasis, Policy, Proposal, Reply
from knowledge.vocabulary import ProposalState

AHEAD, BACK = timedelta(days=90), timedelta(days=365)
OPEN = (ProposalState.OPEN, ProposalState.RETURNED)


@dataclass(frozen=True)
class EndingEntry:
    """An entry with its last day. `successor` answers from the next day on; `proposal` waits for approval."""

    entry: KnownEntry
    last: date
    by_policy: bool
    successor: KnownEntry | None
    proposal: int | None
    replies: int

    @property
    def done(self) -> bool:
        """Whether somebody who asks the next day gets an answer."""
        return self.successor is not None


@dataclass(frozen=True)
class EndingPolicy:
    """A policy with its last day: entries that stop with it, those that go on without it, and the replies that cite it."""

    policy: Policy
    last: date
    stopping: tuple[EndingEntry, ...]
    going_on: tuple[KnownEntry, ...]
    successor: Policy | None
    replies: int


@dataclass(frozen=True)
class Ends:
    """Everything that ends within the window."""

    policies: tuple[EndingPolicy, ...]
    entries: tuple[EndingEntry, ...]

    @property
    def tasks(self) -> tuple[EndingEntry, ...]:
        """Entries that need a successor or a decision, the nearest end first."""
        return tuple(one for one in self.entries if not one.done)


def last_day(entry: KnownEntry) -> date | None:
    """The last day on which an entry answers; None where no end is known."""
    ends = [line.valid_until or date.max for line in entry.basis]
    last = min(entry.valid_until or date.max, max(ends, default=date.max))
    return None if last == date.max else last


async def ends(session: AsyncSession, entries: dict[str, KnownEntry], today: date) -> Ends:
    """What ended in the last year or ends in the next ninety days."""
    ending = {key: last for key, entry in entries.items() if (last := last_day(entry)) and _near(last, today)}
    waiting = await _waiting(session, list(ending))
    replies = await _replies(session, list(ending))
    found = {key: _ending(entries, key, last, waiting, replies) for key, last in ending.items()}
    rows = (await session.exec(select(Policy).order_by(col(Policy.valid_until), col(Policy.key)))).all()
    near = [row for row in rows if row.valid_until and _near(row.valid_until, today)]
    policies = [await _policy(session, row, rows, entries, found) for row in near]
    ordered = sorted(found.values(), key=lambda one: (one.last < today, abs((one.last - today).days), one.entry.key))
    return Ends(
        tuple(sorted(policies, key=lambda one: (one.last < today, abs((one.last - today).days)))), tuple(ordered)
    )


def _near(day: date, today: date) -> bool:
    return today - BACK <= day <= today + AHEAD


def _ending(
    entries: dict[str, KnownEntry], key: str, last: date, waiting: dict[str, int], replies: dict[str, int]
) -> EndingEntry:
    entry = entries[key]
    heir = entries.get(entry.superseded_by)
    successor = heir if heir and heir.in_force(last + timedelta(days=1)) else None
    by_policy = bool(entry.basis) and last == max(line.valid_until or date.max for line in entry.basis)
    return EndingEntry(entry, last, by_policy, successor, waiting.get(key), replies.get(key, 0))


async def _waiting(session: AsyncSession, keys: list[str]) -> dict[str, int]:
    wanted = select(Proposal.subject, func.max(Proposal.id)).where(
        col(Proposal.subject).in_(keys), col(Proposal.state).in_(OPEN)
    )
    return {key: number or 0 for key, number in (await session.exec(wanted.group_by(col(Proposal.subject)))).all()}


async def _replies(session: AsyncSession, keys: list[str]) -> dict[str, int]:
    wanted = select(Reply.entry_key, func.count()).where(col(Reply.entry_key).in_(keys))
    return dict((await session.exec(wanted.group_by(col(Reply.entry_key)))).all())


async def _policy(
    session: AsyncSession,
    row: Policy,
    rows: Sequence[Policy],
    entries: dict[str, KnownEntry],
    found: dict[str, EndingEntry],
) -> EndingPolicy:
    on_it = select(Entry.key).join(EntryBasis).where(EntryBasis.policy_id == row.id).distinct().order_by(col(Entry.key))
    keys = [key for key in (await session.exec(on_it)).all() if key in entries]
    stopping = tuple(found[key] for key in keys if key in found and found[key].last == row.valid_until)
    stopped = {one.entry.key for one in stopping}
    cited = select(func.count()).select_from(Reply).where(cites(row.title, row.number))
    return EndingPolicy(
        row,
        row.valid_until or date.max,
        stopping,
        tuple(entries[key] for key in keys if key not in stopped),
        next((other for other in rows if other.replaces == row.key), None),
        (await session.exec(cited)).one(),
    )
