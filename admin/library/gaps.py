"""Gaps: messages the base could not answer, in clusters, and the way from a person's reply to a drafted entry."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.library.form import Typed
from admin.library.proposals import words
from bot.answer.engine import Engine
from bot.answer.learn import chance_of
from bot.answer.model import Ranker
from bot.answer.rank import rank
from bot.service import Service
from knowledge import clock, masking
from knowledge.db import Database
from knowledge.entries import KnownEntry
from knowledge.errors import BadInputError, NotFoundError
from knowledge.format import SHORT_MAX
from knowledge.index import Index
from knowledge.tables import MessageDecision, Proposal, Question, Reply
from knowledge.text import bare
from knowledge.vocabulary import (
    OPEN_STATES,
    EntryStatus,
    Level,
    MessageUse,
    Outcome,
    ProposalState,
    Reason,
    ReplyBy,
)

# Own accounts, complaints, greetings and the like go to a person whatever the base knows: they are no gaps of it.
GAP_REASONS = (
    Reason.NO_MATCH, Reason.NOT_SURE, Reason.MISMATCH, Reason.UNVERIFIED, Reason.NOT_IN_FORCE, Reason.OTHER_REGION,
    Reason.NONE_CHOSEN, Reason.SEVERAL_FIT, Reason.SEVERAL_ASKED,
)  # fmt: skip
# The newest so many are clustered: a page is to come within a second or two.
CLUSTERED_MAX = 600
# Words in common to be looked at, and the engine's chance that the other asks the same: lower than for an answer, for here
# a person reads what was put together, and only what was torn apart is tedious.
LIKENESS, CHANCE, COMPARED = 0.25, 0.08, 10
# With the questions of the base beside them even a few messages tell which words are rare; a large base costs too much.
WITH_BASE_MAX = 8000
# Longer messages tell a case of their own; as a similar question they would teach nothing.
SIMILAR_MAX = 60
PROPOSED_MAX = 12
GREETING = re.compile(r"(?:尊敬的|您好|你好|亲爱的).{0,40}[：:！!。，,]?")
OPEN = tuple(state.value for state in OPEN_STATES)


@dataclass(frozen=True)
class Missed:
    """One message of a gap, and the reply it got from a person, if any."""

    question: Question
    reply: Reply | None

    @property
    def waits(self) -> bool:
        """Whether its sender still waits."""
        return self.question.state in OPEN


@dataclass(frozen=True)
class Gap:
    """Messages that ask the same; the first one sent stands for them."""

    messages: tuple[Missed, ...]
    proposals: tuple[Proposal, ...] = ()
    answered_now: str = ""
    ids: tuple[int, ...] = ()

    @property
    def head(self) -> Question:
        """The message that stands for all."""
        return self.messages[0].question

    @property
    def waiting(self) -> int:
        """How many still wait."""
        return sum(one.waits for one in self.messages)

    @property
    def answered(self) -> int:
        """How many got a reply of a person."""
        return sum(one.reply is not None for one in self.messages)

    @property
    def filled(self) -> bool:
        """Whether an entry drafted from it was approved, or the base answers it by now."""
        return bool(self.answered_now) or any(one.state == ProposalState.APPROVED for one in self.proposals)


@lru_cache(maxsize=1)  # asked for anew by every page and every filter, while the messages are the same
def clusters(texts: tuple[str, ...], engine: Engine) -> tuple[tuple[int, ...], ...]:
    """The places of texts that ask the same, as the engine would find an entry with the one by the other: the same texts in
    the same order give the same clusters. Each joins the earlier one it most likely asks the same as."""
    index = engine.index
    kept = index.entries if len(index.asked) <= WITH_BASE_MAX else []
    asked = [KnownEntry(f"message.{at}", text, "", "", "", Level.C, "") for at, text in enumerate(texts)]
    both = Index([*kept, *asked], index.lexicon, index)
    ranker, before, rows = Ranker(engine.model, both), len(kept), len(both.asked) - len(asked)
    leader: list[int] = []
    for at, text in enumerate(texts):
        query = both.query(index.lexicon.terms(text))
        hits = both.search(query, before + len(texts), rows + at)
        earlier = [hit for hit in hits if before <= hit.entry < before + at and hit.likeness >= LIKENESS][:COMPARED]
        ranked = rank(both, ranker, query, earlier) if earlier else None
        joins = ranked is not None and chance_of(ranked.values[ranked.order[0]]) >= CHANCE
        leader.append(leader[earlier[ranked.order[0]].entry - before] if ranked and joins else at)
    return tuple(tuple(at for at, one in enumerate(leader) if one == first) for first in dict.fromkeys(leader))


async def gaps(service: Service, *, filled: bool = False) -> list[Gap]:
    """The gaps, those with most messages waiting first; `filled`: also those that an entry has closed since."""
    async with service.database.reading() as session:
        missed = await _missed(session)
        made = await _proposals(session, [one.question.id or 0 for one in missed])
    engine, day = service.current.engine, clock.office_day(service.now())
    found = await asyncio.to_thread(_gathered, missed, made, engine, day)
    shown = [gap for gap in found if filled or not gap.filled]
    return sorted(shown, key=lambda gap: (-gap.waiting, -len(gap.messages), gap.head.id or 0))


def _gathered(missed: Sequence[Missed], made: Sequence[Proposal], engine: Engine, day: date) -> list[Gap]:
    groups = clusters(tuple(one.question.text for one in missed), engine)
    found = []
    for places in groups:
        messages = tuple(missed[at] for at in places)
        ids = tuple(one.question.id or 0 for one in messages)
        draft = engine.answer(messages[0].question.text, day)
        now = draft.entry.key if draft.outcome is Outcome.ANSWERED and draft.entry else ""
        found.append(Gap(messages, tuple(one for one in made if one.question_id in ids), now, ids))
    return found


async def _missed(session: AsyncSession) -> list[Missed]:
    ignored = select(MessageDecision.question_id).where(MessageDecision.decision == MessageUse.IGNORED)
    wanted = (
        select(Question, Reply)
        .outerjoin(Reply)
        .where(col(Question.reason).in_(GAP_REASONS), col(Question.id).not_in(ignored))
        .order_by(col(Question.id).desc())
        .limit(CLUSTERED_MAX)
    )
    rows = (await session.exec(wanted)).all()
    return [Missed(question, reply) for question, reply in reversed(rows)]


async def _proposals(session: AsyncSession, ids: list[int]) -> Sequence[Proposal]:
    return (
        await session.exec(select(Proposal).where(col(Proposal.question_id).in_(ids)).order_by(col(Proposal.id)))
    ).all()


async def ignore(database: Database, ids: Sequence[int], why: str, who: str, at: datetime) -> None:
    """Take messages out of the list of gaps, with the reason."""
    why = words(why, "why", "移出的理由")
    async with database.writing() as session:
        known = set((await session.exec(select(Question.id).where(col(Question.id).in_(ids)))).all())
        if not known:
            raise NotFoundError("没有这些留言。")
        session.add_all(
            MessageDecision(question_id=one, decision=MessageUse.IGNORED, why=why, by=who, at=at)
            for one in sorted(number for number in known if number)
        )


async def drafted(service: Service, number: int) -> Typed:
    """The form of a new entry from what a person answered: text and questions masked, the basis left to be chosen."""
    async with service.database.reading() as session:
        question = await session.get(Question, number)
        reply = (await session.exec(select(Reply).where(Reply.question_id == number))).one_or_none()
    if question is None:
        raise NotFoundError("没有这条留言。")
    if reply is None or reply.by != ReplyBy.STAFF:
        raise BadInputError("只能从工作人员写的答复起草条目；这条留言还没有这样的答复。")
    asked = await _asked_alike(service, question)
    near = service.current.engine.similar(question.text, clock.office_day(service.now()), 1)
    standard = asked[0] if asked else ""
    values = {
        "standard": standard,
        "short": bare(standard)[:SHORT_MAX],
        "topic": near[0].entry.topic if near else "",
        "region": service.settings.region or "全国",
        "status": EntryStatus.APPROVED.value,
        "level": Level.B.value,
        "similar": "\n".join(asked[1:]),
        "answer": ungreeted(masking.mask(reply.text, office=True)),
        "note": f"由第 {number} 号留言的人工答复起草。",
    }
    return Typed(values, question=str(number), why=f"补知识缺口（第 {number} 号留言）")


def ungreeted(text: str) -> str:
    """A reply without the line that greets one person: an entry speaks to everybody."""
    first, _, rest = text.lstrip().partition("\n")
    return rest.strip() if rest.strip() and GREETING.fullmatch(first.strip()) else text.strip()


async def _asked_alike(service: Service, question: Question) -> list[str]:
    """Short messages of the same gap, each once, that bear no mark of personal data; the question itself first."""
    found = await gaps(service, filled=True)
    own = next((gap for gap in found if (question.id or 0) in gap.ids), None)
    texts = [question.text, *(one.question.text for one in own.messages)] if own else [question.text]
    return list({bare(text): text.strip() for text in reversed(texts) if usable(text)}.values())[::-1][:PROPOSED_MAX]


def usable(text: str) -> bool:
    """Whether a message may stand among the questions of an entry: one short line without a mask or anything to be masked."""
    line = text.strip()
    return (
        0 < len(line) <= SIMILAR_MAX
        and "\n" not in line
        and "*" not in line
        and masking.mask(line) == line
        and bool(bare(line))
    )
