"""The approved base read again after a change: only entries that changed are read in full."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.entries import KnownEntry, Snapshot, base_version, entry_texts, known_entry, snapshot
from knowledge.format import PolicyText
from knowledge.tables import BaseState, Entry, EntryBasis, EntryQuestion, Policy
from knowledge.vocabulary import EntryStatus

# More changed entries than this are quicker read together with all others.
FEW = 500
_Stamp = tuple[int, int, int, datetime | None]


class BaseReader:
    """Remembers what it read. Unchanged entries stay the same objects from one snapshot to the next."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._known: dict[str, KnownEntry] = {}
        self._policies: dict[int, PolicyText] = {}
        self._stamp: _Stamp = (0, 0, 0, None)

    async def read(self, session: AsyncSession) -> Snapshot:
        """The approved entries as they are now."""
        # First of all: what changes while the rest is read then belongs to a later version, and is read again.
        version = await base_version(session)
        policies = await _policies(session)
        stamp = await _stamp(session)
        changed = await self._changed(session, policies, stamp)
        if changed is None:
            found = await snapshot(session)
        else:
            found = await self._with(session, version, changed, policies)
        self._snapshot, self._policies, self._stamp = found, policies, stamp
        self._known = {entry.key: entry for entry in found.entries}
        return found

    async def _changed(
        self, session: AsyncSession, policies: dict[int, PolicyText], stamp: _Stamp
    ) -> Sequence[Entry] | None:
        """The changed entries in their order, or None if all must be read: a policy changed, or not each change is plain.

        Each change of an entry raises its revision and bears its moment. If those changed since the last moment do not
        account for all entries and revisions there are, something was missed.
        """
        entries, revisions, last, moment = self._stamp
        if self._snapshot is None or moment is None or policies != self._policies:
            return None
        since = select(Entry).where(col(Entry.changed_at) >= moment).order_by(col(Entry.id)).limit(FEW + 1)
        recent = (await session.exec(since)).all()
        if len(recent) > FEW:
            return None
        changed = [row for row in recent if self._revision(row.key) != row.revision]
        old = [row for row in changed if (row.id or 0) <= last]
        if any(row.key not in self._known for row in old):
            return None
        added = len(changed) - len(old)
        raised = sum(row.revision - self._revision(row.key) for row in changed)
        return changed if (entries + added, revisions + raised) == stamp[:2] else None

    def _revision(self, key: str) -> int:
        return self._known[key].revision if key in self._known else 0

    async def _with(
        self, session: AsyncSession, version: int, changed: Sequence[Entry], policies: dict[int, PolicyText]
    ) -> Snapshot:
        """The last snapshot with these entries as they are now; new ones come last, as in a full reading."""
        ids = [row.id or 0 for row in changed]
        asked = select(EntryQuestion).where(col(EntryQuestion.entry_id).in_(ids)).order_by(col(EntryQuestion.position))
        rests = select(EntryBasis).where(col(EntryBasis.entry_id).in_(ids)).order_by(col(EntryBasis.position))
        questions, basis = (await session.exec(asked)).all(), (await session.exec(rests)).all()
        keys: dict[int | None, str] = {identity: policy.key for identity, policy in policies.items()}
        by_key = {policy.key: policy for policy in policies.values()}
        texts = entry_texts(list(changed), list(questions), list(basis), keys)
        known = dict(self._known)
        for row, text in zip(changed, texts, strict=True):
            if text.status is EntryStatus.APPROVED:
                known[text.key] = known_entry(text, by_key, row.revision)
            else:
                known.pop(text.key, None)
        state = (await session.exec(select(BaseState.vocabulary).where(BaseState.id == 1))).one_or_none()
        return Snapshot(version, tuple(known.values()), state or "")


async def _stamp(session: AsyncSession) -> _Stamp:
    """How many entries, the sum of their revisions, the last number, the last moment."""
    sums: Any = select(func.count(), func.sum(Entry.revision), func.max(Entry.id), func.max(Entry.changed_at))
    count, revisions, last, moment = (await session.exec(sums)).one()
    return count, revisions or 0, last or 0, moment


async def _policies(session: AsyncSession) -> dict[int, PolicyText]:
    """All policies by their numbers, without their articles: those stand in no entry."""
    rows = (await session.exec(select(Policy).order_by(col(Policy.id)))).all()
    names = [name for name in PolicyText.model_fields if name != "articles"]
    return {row.id or 0: PolicyText.model_validate({name: getattr(row, name) for name in names}) for row in rows}
