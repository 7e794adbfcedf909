"""Entries as the engine and the pages use them: each with its questions, its basis, and the days it is in force."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge.base import Base
from knowledge.format import ArticleText, BasisText, EntryText, PolicyText
from knowledge.tables import BaseState, Entry, EntryBasis, EntryQuestion, Policy, PolicyArticle
from knowledge.vocabulary import EntryStatus, Level, QuestionRole


@dataclass(frozen=True, slots=True)
class Basis:
    """One line of legal basis, complete enough to stand beside an answer for ever."""

    title: str
    number: str
    article: str
    quote: str
    issuer: str = ""
    source: str = ""
    valid_from: date | None = None
    valid_until: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether the policy is in force that day."""
        return (self.valid_from or date.min) <= day <= (self.valid_until or date.max)

    def as_json(self) -> dict[str, Any]:
        """The immutable copy that is kept with a reply."""
        return {
            "title": self.title,
            "number": self.number,
            "article": self.article,
            "quote": self.quote,
            "issuer": self.issuer,
            "source": self.source,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
        }


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """An approved entry, ready to be compared with a question."""

    key: str
    standard: str
    short: str
    topic: str
    region: str
    level: Level
    answer: str
    similar: tuple[str, ...] = ()
    counter: tuple[str, ...] = ()
    basis: tuple[Basis, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    superseded_by: str = ""
    facts: tuple[int, ...] = ()
    revision: int = 1

    def in_force(self, day: date) -> bool:
        """Whether the entry, and at least one policy it rests on, is in force that day."""
        own = (self.valid_from or date.min) <= day <= (self.valid_until or date.max)
        return own and (not self.basis or any(line.in_force(day) for line in self.basis))

    def basis_on(self, day: date) -> tuple[Basis, ...]:
        """The lines of basis in force that day."""
        return tuple(line for line in self.basis if line.in_force(day))


@dataclass(frozen=True)
class Snapshot:
    """The approved part of the knowledge base at one version."""

    version: int
    entries: tuple[KnownEntry, ...]
    vocabulary: str


def known_entries(base: Base, revisions: dict[str, int]) -> tuple[KnownEntry, ...]:
    """The approved entries of a base, with their basis joined in."""
    policies = {policy.key: policy for policy in base.policies}
    return tuple(
        known_entry(entry, policies, revisions.get(entry.key, 1))
        for entry in base.entries
        if entry.status is EntryStatus.APPROVED
    )


async def base_version(session: AsyncSession) -> int:
    """The present version of the knowledge base; 0 before anything was imported."""
    return (await session.exec(select(BaseState.version).where(BaseState.id == 1))).one_or_none() or 0


async def snapshot(session: AsyncSession) -> Snapshot:
    """Everything the engine needs, read in one transaction."""
    version = await base_version(session)
    base = await stored_base(session)
    revisions = dict((await session.exec(select(Entry.key, Entry.revision))).all())
    return Snapshot(version, known_entries(base, revisions), base.vocabulary)


async def stored_base(session: AsyncSession) -> Base:
    """The whole base as stored, in order of keys as first imported; equal to the files it came from."""
    policies = (await session.exec(select(Policy).order_by(col(Policy.id)))).all()
    articles = (await session.exec(select(PolicyArticle).order_by(col(PolicyArticle.position)))).all()
    entries = (await session.exec(select(Entry).order_by(col(Entry.id)))).all()
    questions = (await session.exec(select(EntryQuestion).order_by(col(EntryQuestion.position)))).all()
    basis = (await session.exec(select(EntryBasis).order_by(col(EntryBasis.position)))).all()
    state = await session.get(BaseState, 1)
    policy_keys = {policy.id: policy.key for policy in policies}
    return Base(
        tuple(_policy_text(row, [a for a in articles if a.policy_id == row.id]) for row in policies),
        entry_texts(list(entries), list(questions), list(basis), policy_keys),
        state.vocabulary if state else "",
    )


def entry_texts(
    entries: list[Entry], questions: list[EntryQuestion], basis: list[EntryBasis], policy_keys: dict[int | None, str]
) -> tuple[EntryText, ...]:
    """Rows of entries with those of their questions and basis, as the files have them."""
    asked: dict[tuple[int, str], list[str]] = {}
    for question in questions:
        asked.setdefault((question.entry_id, question.role), []).append(question.text)
    grounds: dict[int, list[BasisText]] = {}
    for row in basis:
        line = BasisText(policy=policy_keys[row.policy_id], article=row.article, quote=row.quote)
        grounds.setdefault(row.entry_id, []).append(line)
    return tuple(
        EntryText.model_validate(
            {
                **{name: getattr(entry, name) for name in EntryText.model_fields if hasattr(entry, name)},
                "similar": tuple(asked.get((entry.id or 0, QuestionRole.SIMILAR), ())),
                "counter": tuple(asked.get((entry.id or 0, QuestionRole.COUNTER), ())),
                "basis": tuple(grounds.get(entry.id or 0, ())),
            }
        )
        for entry in entries
    )


def _policy_text(row: Policy, articles: list[PolicyArticle]) -> PolicyText:
    texts = tuple(ArticleText(article=a.article, checked=a.checked, text=a.text) for a in articles)
    own = {name: getattr(row, name) for name in PolicyText.model_fields if name != "articles"}
    return PolicyText.model_validate({**own, "articles": texts})


def known_entry(entry: EntryText, policies: dict[str, PolicyText], revision: int) -> KnownEntry:
    """An entry with the policies it rests on joined in."""
    return KnownEntry(
        key=entry.key,
        standard=entry.standard,
        short=entry.short,
        topic=entry.topic,
        region=entry.region,
        level=entry.level,
        answer=entry.answer,
        similar=entry.similar,
        counter=entry.counter,
        basis=tuple(_basis(line, policies[line.policy]) for line in entry.basis),
        valid_from=entry.valid_from,
        valid_until=entry.valid_until,
        superseded_by=entry.superseded_by,
        facts=entry.facts,
        revision=revision,
    )


def _basis(line: BasisText, policy: PolicyText) -> Basis:
    return Basis(
        title=policy.title,
        number=policy.number,
        article=line.article,
        quote=line.quote,
        issuer=policy.issuer,
        source=policy.source,
        valid_from=policy.valid_from,
        valid_until=policy.valid_until,
    )


def without_questions(entry: KnownEntry, dropped: frozenset[str]) -> KnownEntry:
    """The entry as if some of its similar questions were not there, for leave-one-out measuring."""
    return replace(entry, similar=tuple(text for text in entry.similar if text not in dropped))
