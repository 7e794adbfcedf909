"""What helps while a reply is written: earlier replies, set phrases, versions kept, and the checks with all they need."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rapidfuzz import fuzz
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin import text_checks
from admin.text_checks import Finding, Surroundings
from bot.message import clean
from knowledge.db import Database
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.tables import Draft, Phrase, Policy, Question, Reply
from knowledge.vocabulary import ReplyBy

EARLIER_MAX, EARLIER_READ = 4, 200
VERSIONS_MAX = 30
SAME_WITHIN = 20_000  # replies looked at for the very same text, newest first
LIKE_FROM = 45.0
TITLE_MAX, TEXT_MAX = 50, 5000


@dataclass(frozen=True)
class Aids:
    """What stands beside the editor."""

    earlier: Sequence[tuple[Question, Reply]]
    phrases: Sequence[Phrase]
    versions: Sequence[Draft]


async def aids(session: AsyncSession, question: Question, keys: Sequence[str]) -> Aids:
    """For one question; `keys` are the entries nearest to it."""
    return Aids(await _earlier(session, question, keys), await phrases(session), await _versions(session, question))


async def _earlier(session: AsyncSession, question: Question, keys: Sequence[str]) -> list[tuple[Question, Reply]]:
    """Replies people gave to questions that read alike: newest ones on the nearest entries, and newest of all."""
    by_staff = select(Question, Reply).join(Reply).where(Reply.by == ReplyBy.STAFF, Question.id != question.id)
    newest = by_staff.order_by(col(Reply.id).desc()).limit(EARLIER_READ)
    on_entries = by_staff.where(col(Reply.entry_key).in_(keys)).order_by(col(Reply.id).desc()).limit(EARLIER_READ)
    found = [*(await session.exec(on_entries)).all(), *(await session.exec(newest)).all()]
    scored = {reply.id: (fuzz.token_sort_ratio(one.text, question.text), one, reply) for one, reply in found}
    near = sorted((row for row in scored.values() if row[0] >= LIKE_FROM), key=lambda row: -row[0])
    return [(one, reply) for _, one, reply in near[:EARLIER_MAX]]


async def _versions(session: AsyncSession, question: Question) -> Sequence[Draft]:
    kept = select(Draft).where(Draft.question_id == question.id).order_by(col(Draft.version).desc())
    return (await session.exec(kept.limit(VERSIONS_MAX))).all()


async def phrases(session: AsyncSession) -> Sequence[Phrase]:
    """The set phrases in use."""
    wanted = select(Phrase).where(col(Phrase.away_at).is_(None)).order_by(col(Phrase.title), col(Phrase.id))
    return (await session.exec(wanted)).all()


async def text_of(session: AsyncSession, question_id: int, kind: str, number: int) -> str:
    """The text of an earlier reply, a version of this question's draft, or a phrase."""
    found: Reply | Draft | Phrase | None = None
    if kind == "reply":
        found = await session.get(Reply, number)
        found = found if found and found.by == ReplyBy.STAFF else None
    elif kind == "draft":
        found = await session.get(Draft, number)
        found = found if found and found.question_id == question_id else None
    elif kind == "phrase":
        found = await session.get(Phrase, number)
    if found is None:
        raise NotFoundError("要用的文字已经不在了，请刷新后再选。")
    return found.text


async def check(
    session: AsyncSession, question: Question, text: str, *, public: bool, has_entry: bool, today: date
) -> list[Finding]:
    """Everything noticed about a reply before it leaves."""
    last = (await session.exec(select(func.max(Reply.id)))).one() or 0
    recent = select(func.count()).where(col(Reply.id) > last - SAME_WITHIN, Reply.text == text)
    same = (await session.exec(recent.where(Reply.question_id != question.id))).one()
    known = (await session.exec(select(Policy))).all()
    expired = [one for one in known if one.valid_until and one.valid_until < today]
    around = Surroundings(question.text, public, has_entry, same, expired, today)
    return text_checks.look(text, around)


async def add_phrase(database: Database, title: str, text: str, by: str, at: datetime) -> None:
    """A new set phrase."""
    title, text = clean(title, "title", "名称").replace("\n", " "), clean(text, "text", "内容")
    if not title or len(title) > TITLE_MAX:
        raise BadInputError(f"请写一个名称，最多 {TITLE_MAX} 个字。", "title")
    if not text or len(text) > TEXT_MAX:
        raise BadInputError(f"请写内容，最多 {TEXT_MAX} 个字。", "text")
    async with database.writing() as session:
        session.add(Phrase(title=title, text=text, made_at=at, made_by=by))


async def put_away(database: Database, number: int, by: str, at: datetime) -> None:
    """Take a phrase out of use; the row stays."""
    async with database.writing() as session:
        phrase = await session.get(Phrase, number)
        if phrase is None:
            raise NotFoundError("没有这条常用语。")
        if phrase.away_at:
            raise ConflictError("这条常用语已经停用。")
        phrase.away_at, phrase.away_by = at, by
        session.add(phrase)
