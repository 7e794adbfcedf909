"""Bringing a knowledge base in: first the plan (what would change), then the change, in one transaction.

Running it twice changes nothing. What the files do not name stays as it is, and is counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.base import Base
from knowledge.entries import stored_base
from knowledge.format import EntryText, PolicyText
from knowledge.tables import BaseState, Entry, EntryBasis, EntryQuestion, EntryRevision, Policy, PolicyArticle
from knowledge.vocabulary import QuestionRole

# Up to so many entries are looked up by name instead of reading all.
FEW = 500


@dataclass
class Counts:
    """Keys by what an import does with them."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """What an import would do, or did."""

    policies: Counts
    entries: Counts
    vocabulary_changed: bool

    @property
    def changes_anything(self) -> bool:
        """Whether carrying it out would change a row."""
        return self.vocabulary_changed or any(part.added or part.changed for part in (self.policies, self.entries))


async def plan(session: AsyncSession, base: Base) -> Plan:
    """Compare files with the database; nothing is written."""
    stored = await stored_base(session)
    return Plan(
        _compare({row.key: row for row in base.policies}, {row.key: row for row in stored.policies}),
        _compare({row.key: row for row in base.entries}, {row.key: row for row in stored.entries}),
        bool(base.vocabulary) and base.vocabulary != stored.vocabulary,
    )


async def carry_out(session: AsyncSession, base: Base, by: str, at: datetime) -> Plan:
    """Import within the caller's transaction; a changed entry gets its next revision."""
    await lock(session)
    todo = await plan(session, base)
    if todo.changes_anything:
        await write(session, changed_part(base, todo), by, at)
    return todo


def changed_part(base: Base, todo: Plan) -> Base:
    """Of a base what a plan adds or changes."""
    policies = {*todo.policies.added, *todo.policies.changed}
    entries = {*todo.entries.added, *todo.entries.changed}
    return Base(
        tuple(policy for policy in base.policies if policy.key in policies),
        tuple(entry for entry in base.entries if entry.key in entries),
        base.vocabulary if todo.vocabulary_changed else "",
    )


async def lock(session: AsyncSession) -> None:
    """One change of the base at a time, on any number of processes: of two that raise the version at once, one would go
    unseen. SQLite has one writer anyway."""
    await session.get(BaseState, 1, with_for_update=True, populate_existing=True)


async def write(session: AsyncSession, changed: Base, by: str, at: datetime) -> None:
    """Write policies and entries as they are given, entries as their next revision, and raise the version, within the
    caller's transaction, after `lock`."""
    for policy in changed.policies:
        await _store_policy(session, policy)
    policy_ids = {key: identity or 0 for key, identity in (await session.exec(select(Policy.key, Policy.id))).all()}
    await _store_entries(session, changed.entries, policy_ids, by, at)
    await _raise_version(session, changed.vocabulary, at)


async def _raise_version(session: AsyncSession, vocabulary: str, at: datetime) -> None:
    state = await session.get(BaseState, 1) or BaseState(id=1, version=0, vocabulary="", changed_at=at)
    state.version += 1
    state.vocabulary = vocabulary or state.vocabulary
    state.changed_at = at
    session.add(state)


def _compare(
    wanted: dict[str, PolicyText] | dict[str, EntryText], stored: dict[str, PolicyText] | dict[str, EntryText]
) -> Counts:
    counts = Counts(kept=[key for key in stored if key not in wanted])
    for key, row in wanted.items():
        if key not in stored:
            counts.added.append(key)
        elif row != stored[key]:
            counts.changed.append(key)
        else:
            counts.same.append(key)
    return counts


async def _store_policy(session: AsyncSession, policy: PolicyText) -> None:
    row = (await session.exec(select(Policy).where(Policy.key == policy.key))).one_or_none()
    values = policy.model_dump(exclude={"articles"})
    if row is None:
        row = Policy.model_validate(values)
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    await session.flush()
    await session.exec(delete(PolicyArticle).where(col(PolicyArticle.policy_id) == row.id))
    for position, article in enumerate(policy.articles):
        session.add(PolicyArticle(policy_id=row.id or 0, position=position, **article.model_dump()))


async def _store_entries(
    session: AsyncSession, entries: Sequence[EntryText], policy_ids: dict[str, int], by: str, at: datetime
) -> None:
    wanted = select(Entry)
    if len(entries) < FEW:
        wanted = wanted.where(col(Entry.key).in_([entry.key for entry in entries]))
    known = {row.key: row for row in (await session.exec(wanted)).all()}
    rows = [_entry_row(entry, known.get(entry.key), at) for entry in entries]
    session.add_all(rows)
    await session.flush()
    ids = [row.id or 0 for row in rows]
    await session.exec(delete(EntryQuestion).where(col(EntryQuestion.entry_id).in_(ids)))
    await session.exec(delete(EntryBasis).where(col(EntryBasis.entry_id).in_(ids)))
    for row, entry in zip(rows, entries, strict=True):
        session.add_all(_parts(row.id or 0, entry, policy_ids))
        content = entry.model_dump(mode="json")
        session.add(EntryRevision(entry_id=row.id or 0, revision=row.revision, content=content, made_at=at, made_by=by))


def _entry_row(entry: EntryText, row: Entry | None, at: datetime) -> Entry:
    values = entry.model_dump(exclude={"similar", "counter", "basis"}) | {"facts": list(entry.facts), "changed_at": at}
    if row is None:
        return Entry.model_validate(values | {"revision": 1})
    for name, value in values.items():
        setattr(row, name, value)
    row.revision += 1
    return row


def _parts(entry_id: int, entry: EntryText, policy_ids: dict[str, int]) -> Iterator[EntryQuestion | EntryBasis]:
    for role, texts in ((QuestionRole.SIMILAR, entry.similar), (QuestionRole.COUNTER, entry.counter)):
        for position, text in enumerate(texts):
            yield EntryQuestion(entry_id=entry_id, role=role, position=position, text=text)
    for position, line in enumerate(entry.basis):
        yield EntryBasis(
            entry_id=entry_id,
            position=position,
            policy_id=policy_ids[line.policy],
            article=line.article,
            quote=line.quote,
        )
