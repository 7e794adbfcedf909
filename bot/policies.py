"""The policies that answers rest on, as the public may look them up: what is in force, since when, and what it answers."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from knowledge import clock
from knowledge.errors import NotFoundError
from knowledge.tables import Entry, EntryBasis, Policy, PolicyArticle
from knowledge.vocabulary import EntryStatus, Level

IN_FORCE, ENDED, COMING = "现行有效", "已废止", "尚未施行"
_ORDER = (IN_FORCE, COMING, ENDED)


@dataclass(frozen=True)
class Shown:
    """A policy with how it stands today; `successor` is the policy that replaced it, where there is one."""

    policy: Policy
    state: str
    told: str
    successor: Policy | None = None


def standing(policy: Policy, day: date) -> tuple[str, str]:
    """Whether it is in force that day, and the same in a sentence."""
    start, end = policy.valid_from, policy.valid_until
    if start and start > day:
        return COMING, f"将于{clock.in_words(start)}施行"
    if end and end < day:
        return ENDED, f"施行至{clock.in_words(end)}"
    since = f"自{clock.in_words(start)}起施行" if start else ""
    until = f"有效期至{clock.in_words(end)}" if end else ""
    return IN_FORCE, "，".join(part for part in (since, until) if part)


async def library(session: AsyncSession, day: date, regions: frozenset[str]) -> list[Shown]:
    """The documents that answers of these regions rest on: in force, coming, ended; the newest first in each."""
    stored = await _listed(session, regions)
    shown = [_shown(policy, stored, day) for policy in stored]
    shown.sort(key=lambda one: one.policy.issued or date.min, reverse=True)
    return sorted(shown, key=lambda one: _ORDER.index(one.state))


async def one(
    session: AsyncSession, key: str, day: date, regions: frozenset[str]
) -> tuple[Shown, list[PolicyArticle], list[str]]:
    """A policy, its articles that were checked letter by letter, and the keys of entries that rest on it."""
    stored = await _listed(session, regions)
    policy = next((row for row in stored if row.key == key), None)
    if policy is None:
        raise NotFoundError("政策文件里没有这一份，它可能还没有核对好。")
    checked = select(PolicyArticle).where(PolicyArticle.policy_id == policy.id, col(PolicyArticle.checked).is_(True))
    articles = (await session.exec(checked.order_by(col(PolicyArticle.position)))).all()
    resting = (
        select(Entry.key)
        .join(EntryBasis, col(EntryBasis.entry_id) == Entry.id)
        .where(EntryBasis.policy_id == policy.id, Entry.status == EntryStatus.APPROVED)
        .distinct()
        .order_by(Entry.key)
    )
    return _shown(policy, stored, day), list(articles), list((await session.exec(resting)).all())


async def _listed(session: AsyncSession, regions: frozenset[str]) -> list[Policy]:
    """Verified ones that are documents at all (numbered or dated) and concern the office: rules of elsewhere do not."""
    used = (
        select(EntryBasis.policy_id)
        .join(Entry, col(Entry.id) == EntryBasis.entry_id)
        .where(Entry.status == EntryStatus.APPROVED, col(Entry.region).in_(regions))
    )
    document = (col(Policy.number) != "") | col(Policy.issued).is_not(None)
    wanted = select(Policy).where(Policy.level != Level.C, document, col(Policy.id).in_(used))
    return list((await session.exec(wanted)).all())


def _shown(policy: Policy, stored: list[Policy], day: date) -> Shown:
    state, told = standing(policy, day)
    successor = next((other for other in stored if other.replaces == policy.key), None) if state == ENDED else None
    return Shown(policy, state, told, successor)
