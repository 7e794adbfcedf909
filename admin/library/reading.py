"""What the library reads: entries and policies by filters, their history, and how often they were used."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, not_, or_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.queue import Page
from bot.replies import CITIZEN
from knowledge.tables import Entry, EntryBasis, EntryRevision, Policy, Question, QuestionEvent, Reply
from knowledge.vocabulary import EntryStatus, QuestionState, ReplyBy

PAGE_SIZE = 30
REPLIES_SHOWN = 20
VALIDITY = {"in_force": "有效", "coming": "尚未生效", "ended": "已失效", "draft": "草稿", "retired": "已停用"}
USE = {"never": "从未用过", "most": "用得最多的在前"}


@dataclass(frozen=True)
class Wanted:
    """Which entries a list shows. `found` are the keys a search found, best first; None without a search."""

    topic: str = ""
    region: str = ""
    level: str = ""
    validity: str = ""
    use: str = ""
    found: tuple[str, ...] | None = None
    text: str = ""


@dataclass(frozen=True)
class Uses:
    """How often an entry was used."""

    automatic: int = 0
    by_staff: int = 0
    picked: int = 0
    last_month: int = 0

    @property
    def answers(self) -> int:
        """Replies that rested on it."""
        return self.automatic + self.by_staff


@dataclass(frozen=True)
class Listed:
    """A line of the list of entries."""

    entry: Entry
    validity: str
    answers: int


@dataclass(frozen=True)
class Rests:
    """Past replies with their questions, and how many there are in all."""

    rows: Sequence[tuple[Reply, Question]] = ()
    total: int = 0


@dataclass(frozen=True)
class Shelf:
    """The words the filters offer."""

    topics: Sequence[str]
    regions: Sequence[str] = field(default_factory=list)


def within(table: Any, day: date) -> ColumnElement[bool]:
    """Whether a row's own dates hold on a day."""
    return and_(
        or_(col(table.valid_from).is_(None), col(table.valid_from) <= day),
        or_(col(table.valid_until).is_(None), col(table.valid_until) >= day),
    )


def _rests_on(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether an entry has a line of basis, under conditions on its policy."""
    held = (col(EntryBasis.entry_id) == col(Entry.id), col(Policy.id) == col(EntryBasis.policy_id))
    return exists().where(*held, *conditions)


def in_force(day: date) -> ColumnElement[bool]:
    """The same as `KnownEntry.in_force`, told by the database."""
    return and_(within(Entry, day), or_(_rests_on(within(Policy, day)), not_(_rests_on())))


def _validity(word: str, day: date) -> ColumnElement[bool]:
    if word in (EntryStatus.DRAFT, EntryStatus.RETIRED):
        return col(Entry.status) == word
    approved = col(Entry.status) == EntryStatus.APPROVED
    if word == "in_force":
        return and_(approved, in_force(day))
    later = or_(
        col(Entry.valid_from) > day, and_(not_(_rests_on(within(Policy, day))), _rests_on(col(Policy.valid_from) > day))
    )
    coming = and_(later, or_(col(Entry.valid_until).is_(None), col(Entry.valid_until) >= day))
    return and_(approved, not_(in_force(day)), coming if word == "coming" else not_(func.coalesce(coming, False)))


async def entries(session: AsyncSession, wanted: Wanted, number: int, day: date) -> Page:
    """One page of the entries that fit."""
    used = (
        select(col(Reply.entry_key).label("key"), func.count().label("times")).group_by(col(Reply.entry_key)).subquery()
    )
    times = func.coalesce(used.c.times, 0)
    chosen: Any = select(Entry, times).outerjoin(used, used.c.key == col(Entry.key))
    for condition in _conditions(wanted, day, times):
        chosen = chosen.where(condition)
    total = (await session.exec(select(func.count()).select_from(chosen.order_by(None).subquery()))).one()
    page = Page([], 1, PAGE_SIZE, total)
    number = min(max(number, 1), page.last)
    order = [times.desc()] if wanted.use == "most" else []
    if wanted.found:
        rows = (await session.exec(chosen)).all()  # few: what a search found
        rank = {key: at for at, key in enumerate(wanted.found)}
        rows = sorted(rows, key=lambda row: (-row[1] if order else 0, rank.get(row[0].key, len(rank)), row[0].key))
        rows = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    else:
        ordered = chosen.order_by(*order, col(Entry.topic), col(Entry.key))
        rows = (await session.exec(ordered.offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE))).all()
    states = await validities(session, [entry for entry, _ in rows], day)
    return Page([Listed(entry, states[entry.key], count) for entry, count in rows], number, PAGE_SIZE, total)


def _conditions(wanted: Wanted, day: date, times: Any) -> list[ColumnElement[bool]]:
    given = [
        col(Entry.topic) == wanted.topic if wanted.topic else None,
        col(Entry.region) == wanted.region if wanted.region else None,
        col(Entry.level) == wanted.level if wanted.level else None,
        _validity(wanted.validity, day) if wanted.validity else None,
        times == 0 if wanted.use == "never" else None,
    ]
    if wanted.found is not None:
        said = [col(part).contains(wanted.text, autoescape=True) for part in (Entry.key, Entry.standard)]
        given.append(or_(col(Entry.key).in_(wanted.found), *said))
    return [one for one in given if one is not None]


async def validities(session: AsyncSession, rows: Sequence[Entry], day: date) -> dict[str, str]:
    """How each of some entries stands on a day, in the words of VALIDITY."""
    found: dict[str, str] = {}
    ids = [entry.id for entry in rows]
    for word in VALIDITY:
        keys = (await session.exec(select(Entry.key).where(col(Entry.id).in_(ids), _validity(word, day)))).all()
        found |= dict.fromkeys(keys, word)
    return found


async def shelf(session: AsyncSession) -> Shelf:
    """Topics and regions there are."""
    topics = (await session.exec(select(Entry.topic).distinct().order_by(col(Entry.topic)))).all()
    regions = (await session.exec(select(Entry.region).distinct().order_by(col(Entry.region)))).all()
    return Shelf(topics, regions)


async def uses(session: AsyncSession, key: str, since: Any) -> Uses:
    """How often an entry was used; `since` begins what counts as lately."""
    by = dict(
        (await session.exec(select(Reply.by, func.count()).where(Reply.entry_key == key).group_by(Reply.by))).all()
    )
    picked = select(func.count()).select_from(QuestionEvent).where(
        QuestionEvent.actor == CITIZEN, QuestionEvent.note == key,
        col(QuestionEvent.state).in_((QuestionState.ANSWERED, QuestionState.WAITING)),
    )  # fmt: skip
    lately = select(func.count()).select_from(Reply).where(Reply.entry_key == key, Reply.sent_at >= since)
    return Uses(
        by.get(ReplyBy.SYSTEM, 0),
        by.get(ReplyBy.STAFF, 0),
        (await session.exec(picked)).one(),
        (await session.exec(lately)).one(),
    )


async def resting_on_entry(session: AsyncSession, key: str) -> Rests:
    """Past replies that rested on an entry, newest first."""
    return await _replies(session, col(Reply.entry_key) == key)


async def resting_on_policy(session: AsyncSession, policy: Policy) -> Rests:
    """Past replies that cite a policy: by the immutable copy of the basis that is kept with each."""
    return await _replies(session, cites(policy.title, policy.number))


def cites(title: str, number: str) -> ColumnElement[bool]:
    """Whether a reply's kept basis names a document; told by the text of the stored JSON, the same on both databases."""
    kept = ", ".join(f'"{name}": {_quoted(value)}' for name, value in (("title", title), ("number", number)))
    return cast(Reply.basis, String).contains(kept, autoescape=True)


def _quoted(value: str) -> str:
    plain = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(_escaped(one) for one in plain) + '"'


def _escaped(one: str) -> str:
    if ord(one) < 128:
        return one
    units = one.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


async def _replies(session: AsyncSession, condition: ColumnElement[bool]) -> Rests:
    total = (await session.exec(select(func.count()).select_from(Reply).where(condition))).one()
    wanted = select(Reply, Question).join(Question).where(condition).order_by(col(Reply.id).desc()).limit(REPLIES_SHOWN)
    return Rests((await session.exec(wanted)).all(), total)


async def revisions(session: AsyncSession, entry_id: int) -> Sequence[EntryRevision]:
    """All revisions of an entry, newest first."""
    wanted = (
        select(EntryRevision).where(EntryRevision.entry_id == entry_id).order_by(col(EntryRevision.revision).desc())
    )
    return (await session.exec(wanted)).all()


async def entries_on(session: AsyncSession, policy_id: int, day: date) -> list[Listed]:
    """The entries that rest on a policy."""
    on_it = select(EntryBasis.entry_id).where(EntryBasis.policy_id == policy_id)
    rows = (await session.exec(select(Entry).where(col(Entry.id).in_(on_it)).order_by(col(Entry.key)))).all()
    states = await validities(session, rows, day)
    return [Listed(entry, states.get(entry.key, ""), 0) for entry in rows]


async def policies(session: AsyncSession, text: str, number: int) -> Page:
    """One page of the policies, the newest first; `text` is looked for in title, number, issuer and key."""
    chosen = select(Policy)
    if text:
        parts = (Policy.title, Policy.number, Policy.issuer, Policy.key)
        chosen = chosen.where(or_(*(col(part).contains(text, autoescape=True) for part in parts)))
    total = (await session.exec(select(func.count()).select_from(chosen.subquery()))).one()
    page = Page([], 1, PAGE_SIZE, total)
    number = min(max(number, 1), page.last)
    ordered = chosen.order_by(col(Policy.valid_until).is_not(None), col(Policy.valid_from).desc(), col(Policy.key))
    rows = (await session.exec(ordered.offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE))).all()
    counts = dict(
        (
            await session.exec(
                select(EntryBasis.policy_id, func.count(func.distinct(EntryBasis.entry_id))).group_by(
                    col(EntryBasis.policy_id)
                )
            )
        ).all()
    )
    return Page([(row, counts.get(row.id or 0, 0)) for row in rows], number, PAGE_SIZE, total)
